//! Losses and metrics of a network on a part that it is not trained on.
//!
//! Works on inner tensors, so that nothing is tracked and no random number is drawn.

use crate::config::TaskConfig;
use crate::data::{Part, Source, TargetColumn};
use crate::model::MultiTaskModel;
use crate::objective::metrics::{Predictions, measure};
use crate::protocol::Real;
use burn::prelude::*;
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
    use crate::config::{Places, load_text};
    use crate::model::{values, with_values};
    use crate::train::{network, open_device, references};
    use burn::module::Module;

    /// Two tasks that learn distributions, the second with a validation row without a label.
    const TASKS: &str = "
        [data]
        path = 't.csv'
        split = 'part'
        [task.level]
        target = 'y'
        loss = 'gaussian_nll'
        metrics = ['mae']
        [task.count]
        target = 'n'
        loss = 'poisson_nll'
        metrics = ['mae', 'pearson']";
    const TABLE: &str = "x,y,n,part\n1,10,2,train\n2,20,4,train\n3,25,1,valid\n4,20,5,valid\n5,15,,valid\n";

    #[test]
    fn likelihoods_are_measured_in_the_users_units_and_against_their_constant_answers() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("t.csv"), TABLE).unwrap();
        let places = Places { here: folder.path().into(), ..Places::default() };
        let config = load_text("x.toml", TASKS, folder.path(), &[], &places).unwrap();
        let sources = [Source::load(0, &config.sources[0], &config.tasks).unwrap()];
        let shape = network(&config, &sources).unwrap();
        let device = open_device("flex").unwrap();
        let model = shape.init(1, &device);
        // Answers that do not depend on the row: half a deviation above the mean with variance e, and a rate of 3.
        let constant = |(path, _, old): (String, Vec<usize>, Vec<f32>)| {
            let new = match path.as_str() {
                "heads.0.output.bias" => vec![0.5, 1.0],
                "heads.1.output.bias" => vec![3.0_f32.ln()],
                _ => vec![0.0; old.len()],
            };
            (path, new)
        };
        let new = values(&model).into_iter().map(constant).collect();
        let model = with_values(model, &new).unwrap().valid();
        let device = device.without_autodiff();
        let found = evaluate(&model, &sources, &config.tasks, Part::Valid, &device);

        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-5, "{got} instead of {want}");
        // The mean 15 and deviation 5 of training: 17.5 is predicted.
        near(found.metric[0]["mae"].get(), 12.5 / 3.0);
        let level = 0.5 * (1.0 + (2.25 + 0.25 + 0.25) / 3.0 * (-1.0_f64).exp());
        near(found.loss[0].unwrap(), level);
        near(found.metric[1]["mae"].get(), 2.0);
        assert!(!found.metric[1].contains_key("pearson"));
        near(found.loss[1].unwrap(), 3.0 - 3.0 * 3.0_f64.ln());

        let references = references(&sources, &shape.losses, &device);
        // Rate 3 is the constant answer itself; mean 0 and variance 1 lose half of the mean square.
        near(references[1].unwrap().relative(found.loss[1].unwrap()), 1.0);
        near(references[0].unwrap().relative(level), level / (0.5 * 5.0 / 3.0));
        let perfect = f64::midpoint(1.0, 5.0 - 5.0 * 5.0_f64.ln());
        near(references[1].unwrap().relative(perfect), 0.0);
    }
}
