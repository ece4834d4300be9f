//! Losses, metrics and samples of a network on a part that it is not trained on.
//!
//! Works on inner tensors, so that nothing is tracked and no random number is drawn.

use super::answers::Answers;
use super::samples::{Shown, chosen};
use crate::config::{MetricKind, TaskConfig};
use crate::data::{Inputs, Part, Source, TargetColumn};
use crate::model::{MultiTaskModel, Prediction};
use crate::objective::metrics::{Predictions, measure, perplexity};
use crate::protocol::Real;
use burn::prelude::*;
use std::collections::BTreeMap;

/// Rows of numbers that go through the network at once.
const CHUNK: usize = 4096;
/// Recordings, texts or pictures that go through the network at once.
const SEQUENCES: usize = 128;

/// What an evaluation found, in task order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Mean loss over labelled rows, or over the tokens of a text; `None` without a label.
    pub loss: Vec<Option<f64>>,
    /// Metrics in the user's units; undefined ones are absent.
    pub metric: Vec<BTreeMap<String, Real>>,
    /// A few rows of each task with what was wanted and given.
    pub samples: Vec<Shown>,
}

/// Evaluates `model`, which must be [`Module::valid`], on one part of every source given.
pub fn evaluate<M: MultiTaskModel>(
    model: &M,
    sources: &[Source],
    tasks: &[TaskConfig],
    part: Part,
    device: &Device,
) -> Evaluation {
    let mut loss = vec![Sum::default(); tasks.len()];
    let mut collected: Vec<Collected> = (0..tasks.len()).map(|_| Collected::Nothing).collect();
    for source in sources {
        let chunk = match source.batch(source.part(part).get(..1).unwrap_or(&[])).inputs {
            Inputs::Vectors { .. } => CHUNK,
            _ => SEQUENCES,
        };
        for rows in source.part(part).chunks(chunk) {
            let batch = source.batch(rows);
            let z = model.encode(batch.source, &batch.inputs, device);
            for (task, (z, targets)) in z.iter().zip(&batch.targets).enumerate() {
                let (Some(z), Some(targets), Some(target)) = (z, targets, source.target(task)) else { continue };
                if let Some(value) = model.loss(task, z, targets) {
                    loss[task].add(f64::from(value.value.into_scalar::<f32>()), value.weight);
                }
                collected[task].take(target, model.predict(task, z), rows.len());
            }
        }
    }
    let loss: Vec<Option<f64>> = loss.iter().map(Sum::mean).collect();
    let (mut metric, mut samples) = (Vec::with_capacity(tasks.len()), Vec::new());
    for (task, (config, collected)) in tasks.iter().zip(collected).enumerate() {
        let source = sources.iter().find(|source| source.target(task).is_some());
        let Some((source, target)) = source.and_then(|source| Some((source, source.target(task)?))) else {
            metric.push(BTreeMap::new());
            continue;
        };
        let rows = source.part(part);
        let predictions = collected.in_units(target, rows.len());
        samples.extend(chosen(source, task, target, part, &predictions));
        metric.push(metrics(source, task, config, &predictions, loss[task], part));
    }
    Evaluation { loss, metric, samples }
}

/// What a head said of the rows so far.
enum Collected {
    Nothing,
    Outputs(Vec<f32>),
    Texts { values: Vec<String>, limited: Vec<String> },
}

impl Collected {
    fn take(&mut self, target: &TargetColumn, prediction: Prediction, rows: usize) {
        match (&mut *self, prediction) {
            (Self::Nothing, Prediction::Rows(outputs)) => {
                *self = Self::Outputs(outputs.into_data().try_into_vec().unwrap_or_default());
            }
            (Self::Outputs(all), Prediction::Rows(outputs)) => {
                all.extend(outputs.into_data().try_into_vec::<f32>().unwrap_or_default());
            }
            (_, prediction) => {
                let Answers::Texts { values, limited } = Answers::read(target, prediction, rows) else { return };
                if let Self::Texts { values: all, limited: all_limited } = self {
                    all.extend(values);
                    all_limited.extend(limited);
                } else {
                    *self = Self::Texts { values, limited };
                }
            }
        }
    }

    fn in_units(self, target: &TargetColumn, rows: usize) -> Predictions {
        match (self, target) {
            (Self::Texts { values, limited }, _) => Predictions::Texts { values, limited },
            (Self::Outputs(outputs), TargetColumn::Number(number)) => {
                let in_units = |value: f32| number.in_units(f64::from(value)) as f32;
                Predictions::Numbers(outputs.into_iter().map(in_units).collect())
            }
            (Self::Outputs(values), _) => {
                let classes = values.len() / rows.max(1);
                Predictions::Scores { values, classes }
            }
            (Self::Nothing, _) => Predictions::Numbers(Vec::new()),
        }
    }
}

fn metrics(
    source: &Source,
    task: usize,
    config: &TaskConfig,
    predictions: &Predictions,
    loss: Option<f64>,
    part: Part,
) -> BTreeMap<String, Real> {
    let Some(truth) = source.truth(task, source.part(part)) else { return BTreeMap::new() };
    let known = config.metrics.iter().filter_map(|kind| {
        let value = match kind {
            MetricKind::Perplexity => perplexity(loss?)?,
            kind => measure(*kind, predictions, &truth)?,
        };
        Some((kind.name().to_owned(), Real(value)))
    });
    known.collect()
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    weighted: f64,
    weight: f64,
}

impl Sum {
    fn add(&mut self, mean: f64, weight: f64) {
        self.weighted += mean * weight;
        self.weight += weight;
    }

    fn mean(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.weighted / self.weight)
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
