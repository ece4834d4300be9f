//! `NAME.baseline.json`: what each task reaches alone, and whether that still belongs to a configuration.
//!
//! Owns the file's form and what must match. It must not train.

use super::alone::{first_difference, lines};
use super::delta::{Spread, convention};
use super::error::StudyError;
use super::record::Figures;
use crate::config::Config;
use crate::protocol::{Better, Real};
use crate::run::{safe_name, write_file_atomically};
use crate::text::sanitise;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Version of the file's form.
const SCHEMA: u32 = 1;

/// The largest file that is read.
const LARGEST: u64 = 4 << 20;

/// What a task alone does not depend on: names, seeds, how tasks are weighed, what is kept and how fast it is shown.
const IRRELEVANT: &[&str] = &[
    "name",
    "seed",
    "balance",
    "sampling",
    "task.*.weight",
    "train.tasks_per_step",
    "train.gradient_every",
    "train.checkpoint_every",
    "train.keep_checkpoints",
    "train.pace",
    "train.device",
];

/// One metric of a task trained alone, on the test part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricBaseline {
    /// Its name.
    pub name: String,
    /// Its direction.
    pub better: Better,
    /// A value a seed, in the seeds' order.
    pub values: Vec<Real>,
    /// Their mean and spread; absent where one is not finite.
    pub spread: Option<Spread>,
}

/// A task trained alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskBaseline {
    /// Its name.
    pub name: String,
    /// Its metrics in the configuration's order.
    pub metrics: Vec<MetricBaseline>,
}

/// What each task reaches alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Version of the file's form.
    pub schema: u32,
    /// Program and version that measured it.
    pub program: String,
    /// The configuration's name.
    pub name: String,
    /// Seeds of the runs.
    pub seeds: Vec<u64>,
    /// How Δm is taken against it.
    pub convention: String,
    /// SHA-256 of `configuration` and `data`.
    pub fingerprint: String,
    /// What must be the same for the figures to compare: a key and its value a line.
    pub configuration: String,
    /// Fingerprint of the data, as in `run.json`.
    pub data: String,
    /// In the configuration's order.
    pub tasks: Vec<TaskBaseline>,
}

/// What is known of a configuration's tasks alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A file that belongs to it.
    Fits(Box<Baseline>),
    /// A file of its name that does not belong to it.
    Stale {
        /// The file.
        path: PathBuf,
        /// Why it does not count.
        why: String,
    },
}

impl Found {
    /// What fits; nothing where there is nothing.
    ///
    /// # Errors
    /// A sentence for people, fit for a terminal, where there is a file that does not belong to the configuration.
    pub fn or_note(self) -> Result<Option<Baseline>, String> {
        match self {
            Self::Nothing => Ok(None),
            Self::Fits(baseline) => Ok(Some(*baseline)),
            Self::Stale { path, why } => {
                let path = sanitise(&path.display().to_string());
                Err(format!("{path} is not used: {why}; `trimtab baseline` measures it again"))
            }
        }
    }
}

/// `DIR/NAME.baseline.json`.
pub fn file(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{}.baseline.json", safe_name(name)))
}

/// The fingerprint of what a baseline depends on. `data` is the data's fingerprint, as in `run.json`.
pub fn fingerprint(config: &Config, data: &str) -> String {
    digest(&lines(config, IRRELEVANT), data)
}

/// What is known of this configuration's tasks alone: the file of its name in a folder, else any other baseline there that
/// belongs to it (a copy under another name). `data` is the data's fingerprint, as in `run.json`.
pub fn find(directory: &Path, config: &Config, data: &str) -> Found {
    let named = file(directory, &config.name);
    let stale = match look(&named, config, data) {
        Some(Ok(baseline)) => return Found::Fits(Box::new(baseline)),
        Some(Err(why)) => Found::Stale { path: named, why },
        None => Found::Nothing,
    };
    let mut others: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".baseline.json")))
        .collect();
    others.sort();
    let fits = others.iter().find_map(|path| look(path, config, data)?.ok());
    fits.map_or(stale, |baseline| Found::Fits(Box::new(baseline)))
}

/// A file that may belong to a configuration; `None` where there is none.
fn look(path: &Path, config: &Config, data: &str) -> Option<Result<Baseline, String>> {
    let size = fs::metadata(path).ok()?.len();
    if size > LARGEST {
        return Some(Err(format!("it is larger than {LARGEST} bytes")));
    }
    let read = fs::read(path).map_err(|error| error.to_string()).and_then(|bytes| {
        serde_json::from_slice::<Baseline>(&bytes).map_err(|error| format!("it cannot be read: {error}"))
    });
    Some(read.and_then(|baseline| {
        let here = lines(config, IRRELEVANT);
        if let Some(difference) = first_difference(&baseline.configuration, &here) {
            return Err(format!("it was measured with another configuration: {difference}"));
        }
        if baseline.fingerprint != digest(&here, data) {
            return Err("it was measured on other data".to_owned());
        }
        Ok(baseline)
    }))
}

fn digest(lines: &str, data: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(lines);
    hash.update("\n");
    hash.update(data);
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Baseline {
    /// From finished runs of each task alone: for each task a run a seed, in the seeds' order.
    pub fn of(config: &Config, data: &str, seeds: &[u64], runs: &[Vec<Figures>]) -> Self {
        let task = |(task, runs): (&crate::config::TaskConfig, &Vec<Figures>)| {
            let infos = runs.first().and_then(|run| run.tasks.first()).map(|task| task.metrics.as_slice());
            let metric = |info: &crate::protocol::MetricInfo| {
                let values: Vec<f64> =
                    runs.iter().map(|run| run.value(&task.name, &info.name).unwrap_or(f64::NAN)).collect();
                MetricBaseline {
                    name: info.name.clone(),
                    better: info.better,
                    spread: Spread::of(&values),
                    values: values.into_iter().map(Real).collect(),
                }
            };
            TaskBaseline { name: task.name.clone(), metrics: infos.unwrap_or_default().iter().map(metric).collect() }
        };
        Self {
            schema: SCHEMA,
            program: concat!("trimtab ", env!("CARGO_PKG_VERSION")).to_owned(),
            name: config.name.clone(),
            seeds: seeds.to_vec(),
            convention: convention(),
            fingerprint: fingerprint(config, data),
            configuration: lines(config, IRRELEVANT),
            data: data.to_owned(),
            tasks: config.tasks.iter().zip(runs).map(task).collect(),
        }
    }

    /// Mean test metrics of a task, by name: what stands in the run's first event.
    pub fn of_task(&self, name: &str) -> BTreeMap<String, Real> {
        let metrics = self.tasks.iter().filter(|task| task.name == name).flat_map(|task| &task.metrics);
        metrics.filter_map(|metric| Some((metric.name.clone(), Real(metric.spread?.mean)))).collect()
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`StudyError`] with the path.
    pub fn write(&self, path: &Path) -> Result<(), StudyError> {
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| StudyError::Content { path: path.to_owned(), message: error.to_string() })?;
        text.push('\n');
        Ok(write_file_atomically(path, text.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Places, load_builtin};

    fn config(sets: &[&str]) -> Config {
        let places = Places { here: "/nowhere".into(), data: None, user_data: None };
        load_builtin("digits", &sets.iter().map(|set| (*set).to_owned()).collect::<Vec<_>>(), &places).unwrap()
    }

    fn baseline(config: &Config) -> Baseline {
        let tasks = config.tasks.iter().map(|task| TaskBaseline {
            name: task.name.clone(),
            metrics: vec![MetricBaseline {
                name: "accuracy".to_owned(),
                better: Better::Higher,
                values: vec![Real(0.5), Real(0.7)],
                spread: Spread::of(&[0.5, 0.7]),
            }],
        });
        Baseline { tasks: tasks.collect(), ..Baseline::of(config, "data", &[7, 8], &[]) }
    }

    #[test]
    fn a_baseline_is_found_again_unless_something_else_was_trained() {
        let folder = tempfile::tempdir().unwrap();
        let measured = config(&[]);
        assert_eq!(find(folder.path(), &measured, "data"), Found::Nothing);
        let written = baseline(&measured);
        written.write(&file(folder.path(), "digits")).unwrap();
        // Other seeds, weights and ways to look compare; so does a copy under another name.
        let like = ["seed=9", "task.ink.weight=3", "train.pace=9", "train.gradient_every=1"];
        for sets in [&like[..], &["name=dwa-seed7"], &["train.tasks_per_step=one", "sampling.kind=uniform"]] {
            assert_eq!(find(folder.path(), &config(sets), "data"), Found::Fits(Box::new(written.clone())), "{sets:?}");
        }
        assert_eq!(written.of_task("ink"), BTreeMap::from([("accuracy".to_owned(), Real(0.6))]));
        assert!(written.of_task("other").is_empty());

        let note = |sets: &[&str], data| find(folder.path(), &config(sets), data).or_note().unwrap_err();
        assert!(note(&["train.steps=9"], "data").contains("train.steps is 3000 there and 9 here"));
        assert!(note(&[], "other").contains("on other data"));
        assert_eq!(find(folder.path(), &config(&["train.steps=9", "name=b"]), "data"), Found::Nothing);
        fs::write(file(folder.path(), "digits"), "{").unwrap();
        assert!(note(&[], "data").contains("cannot be read"));
    }
}
