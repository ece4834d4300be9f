//! A trained network as a run left it: read from `best/` or `final/`, asked for answers.
//!
//! Owns reading such a directory and checking that its parts fit each other. It needs no data, and it trains nothing.

use super::answers::Answers;
use super::build::network_for;
use super::checkpoint::{CheckpointError, read_model};
use super::evaluate::{Evaluation, evaluate};
use super::save::{INFO_FILE, PREPROCESSING_FILE};
use crate::config::{Config, LossKind, TaskConfig};
use crate::data::{Inputs, Part, Preprocessing, Source, TargetColumn};
use crate::model::{Choice, MultiTaskModel, Network, ParameterTable, with_values};
use burn::module::Module;
use burn::prelude::Device;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Version of `preprocessing.json` and `info.json`.
const VERSION: u32 = 1;

/// A network that is not trained any more, with what turns rows into its inputs and its outputs into answers.
pub struct TrainedModel {
    network: Network,
    /// In the order of the configuration.
    sources: Vec<Preprocessing>,
    tasks: Vec<TaskConfig>,
    step: u64,
    device: Device,
}

#[derive(Deserialize)]
struct StoredPreprocessing {
    version: u32,
    sources: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct StoredInfo {
    version: u32,
    step: u64,
}

impl TrainedModel {
    /// Reads a model directory of the run with this configuration.
    ///
    /// # Errors
    /// A file is missing, damaged or of another version, or does not fit the configuration.
    pub fn read(directory: &Path, config: &Config, device: &Device) -> Result<Self, CheckpointError> {
        let sources = read_preprocessing(&directory.join(PREPROCESSING_FILE), config)?;
        let fault = |problem: String| CheckpointError::content(directory, problem);
        let shape =
            network_for(config, &sources.iter().collect::<Vec<_>>()).map_err(|error| fault(error.to_string()))?;
        let parameters = read_model(directory)?;
        let network = shape.init(config.seed, device).valid();
        let expected = ParameterTable::of(&network).len();
        if parameters.len() != expected {
            return Err(fault(format!("{} parameters, but the configuration has {expected}", parameters.len())));
        }
        let network = with_values(network, &parameters).map_err(|error| fault(error.to_string()))?;
        let path = directory.join(INFO_FILE);
        let StoredInfo { version, step } = read_json(&path)?;
        check_version(&path, version)?;
        Ok(Self { network, sources, tasks: config.tasks.clone(), step, device: device.clone().without_autodiff() })
    }

    /// Updates made.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// What was learned of each source, in the order of the configuration.
    pub fn sources(&self) -> &[Preprocessing] {
        &self.sources
    }

    /// The run's tasks, in order.
    pub fn tasks(&self) -> &[TaskConfig] {
        &self.tasks
    }

    /// The answers for some rows of a source, an entry a task of the run; `None` where the task has another source.
    pub fn predict(&self, source: usize, inputs: &Inputs) -> Vec<Option<Answers<'_>>> {
        self.predict_with(source, inputs, &mut Choice::Greedy)
    }

    /// The same where `choice` picks the tokens of texts that are written, task after task.
    pub fn predict_with(&self, source: usize, inputs: &Inputs, choice: &mut Choice) -> Vec<Option<Answers<'_>>> {
        let z = self.network.encode(source, inputs, &self.device);
        z.iter()
            .enumerate()
            .map(|(task, z)| {
                let target = self.sources.get(source)?.target(task)?;
                Some(Answers::read(target, self.network.predict_with(task, z.as_ref()?, choice), inputs.rows()))
            })
            .collect()
    }

    /// Losses and metrics on one part of sources, which are the run's own or have its preprocessing.
    pub fn evaluate(&self, sources: &[Source], part: Part) -> Evaluation {
        evaluate(&self.network, sources, &self.tasks, part, &self.device)
    }
}

fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, CheckpointError> {
    let text = fs::read(path).map_err(CheckpointError::io("read", path))?;
    serde_json::from_slice(&text).map_err(|error| CheckpointError::content(path, error.to_string()))
}

fn check_version(path: &Path, version: u32) -> Result<(), CheckpointError> {
    if version == VERSION {
        return Ok(());
    }
    Err(CheckpointError::content(path, format!("version {version}, this program reads version {VERSION}")))
}

/// What was learned of each source, by its name.
pub(super) fn stored_preprocessing(path: &Path) -> Result<BTreeMap<String, Preprocessing>, CheckpointError> {
    let stored: StoredPreprocessing = read_json(path)?;
    check_version(path, stored.version)?;
    let read = |(name, text): (String, serde_json::Value)| {
        let source = Preprocessing::from_json(&text.to_string());
        Ok((name, source.map_err(|error| CheckpointError::content(path, error.to_string()))?))
    };
    stored.sources.into_iter().map(read).collect()
}

/// What was learned of each source of the configuration, checked against its tasks.
fn read_preprocessing(path: &Path, config: &Config) -> Result<Vec<Preprocessing>, CheckpointError> {
    let fault = |problem: String| CheckpointError::content(path, problem);
    let mut stored = stored_preprocessing(path)?;
    let sources = config
        .sources
        .iter()
        .map(|source| stored.remove(&source.name).ok_or_else(|| fault(format!("no source '{}'", source.name))))
        .collect::<Result<Vec<_>, _>>()?;
    for (place, task) in config.tasks.iter().enumerate() {
        let source = config.sources.iter().position(|source| source.name == task.source);
        let target = source.and_then(|source| sources.get(source)?.target(place));
        if !target.is_some_and(|target| fits(task, target)) {
            return Err(fault(format!("does not fit the configuration of task '{}'", task.name)));
        }
    }
    Ok(sources)
}

fn fits(task: &TaskConfig, target: &TargetColumn) -> bool {
    target.column() == task.target.trim()
        && match target {
            TargetColumn::Number(_) => task.loss.is_of_numbers(),
            TargetColumn::Transcript(_) => task.loss == LossKind::Ctc,
            TargetColumn::Text(_) => task.loss == LossKind::NextToken,
            TargetColumn::Classes(classes) => {
                task.loss.is_classification()
                    && classes.labels.len() >= 2
                    && classes.labels.len() == classes.counts.len()
                    && (task.loss != LossKind::Bce || classes.labels.len() == 2)
            }
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Places, load_builtin};
    use crate::train::{network, open_device, write_model};
    use serde_json::json;

    /// The built-in `medical` before any training, as a model directory.
    fn saved() -> (tempfile::TempDir, Config, Vec<Source>, Device) {
        let config = load_builtin("medical", &[], &Places::default()).unwrap();
        let sources = vec![Source::load(0, &config.sources[0], &config.tasks).unwrap()];
        let device = open_device("flex").unwrap();
        let directory = tempfile::tempdir().unwrap();
        let model = network(&config, &sources).unwrap().init(config.seed, &device).valid();
        write_model(&model, directory.path()).unwrap();
        let preprocessing = json!({"version": 1, "sources": {"data": sources[0].preprocessing()}});
        fs::write(directory.path().join(PREPROCESSING_FILE), preprocessing.to_string()).unwrap();
        fs::write(directory.path().join(INFO_FILE), r#"{"version":1,"step":9}"#).unwrap();
        (directory, config, sources, device)
    }

    #[test]
    fn what_was_written_answers_as_it_is_evaluated() {
        let (directory, config, sources, device) = saved();
        let model = TrainedModel::read(directory.path(), &config, &device).unwrap();
        assert_eq!(model.step(), 9);
        let rows = sources[0].part(Part::Test);
        let answers = model.predict(0, &sources[0].batch(rows).inputs);
        let Some(Answers::Labels(labels)) = &answers[0] else { panic!("{answers:?}") };
        let Some(crate::data::Truth::Classes(truth)) = sources[0].truth(0, rows) else { panic!("no truth") };
        let names = sources[0].target(0).unwrap().labels();
        let right = labels.iter().zip(&truth).filter(|(label, class)| {
            label.is_some_and(|label| class.is_some_and(|class| names[class as usize] == label.text))
        });
        let accuracy = right.count() as f64 / rows.len() as f64;
        let found = model.evaluate(&sources, Part::Test);
        assert_eq!(found.metric[0]["accuracy"].get(), accuracy);
        assert!(matches!(&answers[2], Some(Answers::Numbers(numbers)) if numbers.len() == rows.len()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (directory, mut config, _, device) = saved();
        let message = |config: &Config| {
            TrainedModel::read(directory.path(), config, &device).err().map(|error| error.to_string()).unwrap()
        };
        config.encoder.hidden = vec![31];
        assert!(message(&config).contains("values, got"));
        config.encoder.hidden = Vec::new();
        assert!(message(&config).contains("parameters, but the configuration has"));
        config.encoder.hidden = vec![32];
        config.tasks[0].target = "other".to_owned();
        assert!(message(&config).contains("does not fit the configuration of task 'diagnosis'"));
        for (file, text) in [(INFO_FILE, r#"{"version":2,"step":9}"#), (PREPROCESSING_FILE, "{")] {
            let path = directory.path().join(file);
            config.tasks[0].target = "heart_disease".to_owned();
            fs::write(&path, text).unwrap();
            assert!(message(&config).contains(file), "{}", message(&config));
        }
    }
}
