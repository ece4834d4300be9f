//! Losses and metrics of a network on a part that it is not trained on.
//!
//! Works on inner tensors, so that nothing is tracked and no random number is drawn.

use crate::config::TaskConfig;
use crate::data::{Part, Source, TargetColumn, Targets};
use crate::model::MultiTaskModel;
use crate::objective::Loss;
use crate::objective::metrics::{Predictions, measure};
use crate::protocol::Real;
use burn::prelude::*;
use burn::tensor::TensorData;
use std::collections::BTreeMap;

/// Rows that go through the network at once.
const CHUNK: usize = 4096;

/// What an evaluation found, in task order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Mean loss over labelled rows; `None` without a label.
    pub loss: Vec<Option<f64>>,
    /// Metrics in the user's units; undefined ones are absent.
    pub metric: Vec<BTreeMap<String, Real>>,
}

impl Evaluation {
    /// Mean over tasks of loss / reference; `None` where no task has both, or where it is not finite.
    pub fn score(&self, reference: &[Option<f64>]) -> Option<f64> {
        let ratios: Vec<f64> = self
            .loss
            .iter()
            .zip(reference)
            .filter_map(|(loss, reference)| Some((*loss)? / reference.filter(|reference| *reference > 0.0)?))
            .collect();
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        mean.is_finite().then_some(mean)
    }
}

/// Evaluates `model`, which must be [`Module::valid`], on one part of every source.
pub fn evaluate<M: MultiTaskModel>(
    model: &M,
    sources: &[Source],
    tasks: &[TaskConfig],
    part: Part,
    device: &Device,
) -> Evaluation {
    let mut loss = vec![Sum::default(); tasks.len()];
    let mut outputs: Vec<Vec<f32>> = vec![Vec::new(); tasks.len()];
    for (place, source) in sources.iter().enumerate() {
        for rows in source.part(part).chunks(CHUNK) {
            let batch = source.batch(rows);
            let z = model.encode(place, &batch.inputs, device);
            for (task, (z, targets)) in z.iter().zip(&batch.targets).enumerate() {
                let (Some(z), Some(targets)) = (z, targets) else { continue };
                let output = model.loss(task, z, targets);
                if let Some(value) = output.loss {
                    loss[task].add(f64::from(value.value.into_scalar::<f32>()), value.labelled);
                }
                outputs[task].extend(output.predictions.into_data().try_into_vec::<f32>().unwrap_or_default());
            }
        }
    }
    let metric = tasks
        .iter()
        .zip(outputs)
        .enumerate()
        .map(|(task, (config, output))| {
            let source = sources.iter().find(|source| source.target(task).is_some());
            source.map(|source| metrics(source, task, config, output, part)).unwrap_or_default()
        })
        .collect();
    Evaluation { loss: loss.iter().map(Sum::mean).collect(), metric }
}

fn metrics(source: &Source, task: usize, config: &TaskConfig, output: Vec<f32>, part: Part) -> BTreeMap<String, Real> {
    let rows = source.part(part);
    let (Some(target), Some(truth)) = (source.target(task), source.truth(task, rows)) else {
        return BTreeMap::new();
    };
    let predictions = match target {
        TargetColumn::Number(number) => {
            Predictions::Numbers(output.into_iter().map(|value| number.in_units(f64::from(value)) as f32).collect())
        }
        TargetColumn::Classes(_) => {
            let classes = output.len() / rows.len().max(1);
            Predictions::Scores { values: output, classes }
        }
    };
    let known = config.metrics.iter().filter_map(|kind| {
        let value = measure(*kind, &predictions, &truth)?;
        Some((kind.name().to_owned(), Real(value)))
    });
    known.collect()
}

/// Loss a task of the best constant answer, known from the training part, on the validation part.
pub fn reference_losses(sources: &[Source], losses: &[Loss], device: &Device) -> Vec<Option<f64>> {
    losses
        .iter()
        .enumerate()
        .map(|(task, loss)| {
            let source = sources.iter().find(|source| source.target(task).is_some())?;
            let rows = source.part(Part::Valid);
            let answer = constant_answer(source, task, loss)?;
            let targets = source.batch(rows).targets.into_iter().nth(task)??;
            let width = answer.len();
            let data = TensorData::new(answer.repeat(rows.len()), [rows.len(), width]);
            let value = loss.value(Tensor::from_data(data, device), &targets)?;
            Some(f64::from(value.value.into_scalar::<f32>())).filter(|loss| loss.is_finite() && *loss > 0.0)
        })
        .collect()
}

/// The constant output that fits the training part best: the mean or median, or the frequencies of the classes.
fn constant_answer(source: &Source, task: usize, loss: &Loss) -> Option<Vec<f32>> {
    match source.target(task)? {
        TargetColumn::Number(_) if *loss == Loss::L1 => {
            let batch = source.batch(source.part(Part::Train));
            let Targets::Numbers(numbers) = batch.targets.into_iter().nth(task)?? else { return None };
            let mut numbers: Vec<f32> = numbers.into_iter().flatten().collect();
            numbers.sort_by(f32::total_cmp);
            Some(vec![*numbers.get(numbers.len() / 2)?])
        }
        // Targets are standardised on the training part, so its mean is 0.
        TargetColumn::Number(_) => Some(vec![0.0]),
        TargetColumn::Classes(classes) => {
            // One row more a class, so that a class without a row has a finite loss.
            let counts: Vec<f32> = classes.counts.iter().map(|count| *count as f32 + 1.0).collect();
            let all: f32 = counts.iter().sum();
            match (loss, counts.as_slice()) {
                (Loss::Bce { .. }, [negative, positive]) => Some(vec![(positive / negative).ln()]),
                _ => Some(counts.iter().map(|count| (count / all).ln()).collect()),
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    weighted: f64,
    labelled: usize,
}

impl Sum {
    fn add(&mut self, mean: f64, labelled: usize) {
        self.weighted += mean * labelled as f64;
        self.labelled += labelled;
    }

    fn mean(&self) -> Option<f64> {
        (self.labelled > 0).then(|| self.weighted / self.labelled as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_relative_and_leaves_out_what_is_not_there() {
        let evaluation = Evaluation { loss: vec![Some(1.0), None, Some(0.1)], metric: Vec::new() };
        assert_eq!(evaluation.score(&[Some(2.0), Some(1.0), Some(1.0)]), Some(0.3));
        assert_eq!(evaluation.score(&[None, None, None]), None);
        let broken = Evaluation { loss: vec![Some(f64::NAN)], metric: Vec::new() };
        assert_eq!(broken.score(&[Some(1.0)]), None);
    }
}
