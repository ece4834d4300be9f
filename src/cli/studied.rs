//! What `trimtab baseline` and `trimtab sweep` have in common: the experiment, its seeds, its checks.

use super::exit::Failure;
use super::{StudyArguments, log, train};
use crate::config::{Config, ConfigErrors, Places, load_text};
use crate::data::Source;
use crate::study::{Plan, StudyDirectory, StudyError};
use anyhow::anyhow;
use std::path::{Path, PathBuf};

/// An experiment that was read and fits its data.
pub struct Studied {
    /// The configuration.
    pub config: Config,
    /// Fingerprint of the data, as in `run.json`.
    pub data: String,
    /// A run each, from the configuration's seed on.
    pub seeds: Vec<u64>,
    /// Names of tasks that have no row in the test part.
    pub untested: Vec<String>,
}

/// Reads and checks the experiment.
pub fn studied(arguments: &StudyArguments) -> Result<Studied, Failure> {
    let (config, sources) = train::prepare(&arguments.config, &arguments.set)?;
    if arguments.seeds == 0 {
        return Err(Failure::usage(anyhow!("--seeds 0: expected at least 1")));
    }
    let seeds: Option<Vec<u64>> = (0..arguments.seeds).map(|more| config.seed.checked_add(more)).collect();
    let seeds = seeds.ok_or_else(|| Failure::usage(anyhow!("seed {}: too large to count on from it", config.seed)))?;
    let has_test = |name: &str| sources.iter().any(|source: &Source| source.name() == name && source.rows().test > 0);
    let untested = config.tasks.iter().filter(|task| !has_test(&task.source)).map(|task| task.name.clone()).collect();
    Ok(Studied { data: crate::data::fingerprint(&sources), config, seeds, untested })
}

/// A configuration that was written by this program, with some values changed. All paths in it are absolute.
pub fn reread(origin: &str, toml: &str, sets: &[String]) -> Result<Config, ConfigErrors> {
    let places = Places { here: PathBuf::new(), data: None, user_data: None };
    load_text(origin, toml, Path::new(""), sets, &places)
}

/// Takes the directory of a study; that it holds another one is the caller's to set right.
pub fn open(path: &Path, plan: Plan) -> Result<StudyDirectory, Failure> {
    let study = StudyDirectory::open(path, plan).map_err(|error| match error {
        StudyError::OtherPlan { .. } => Failure::usage(error),
        error => error.into(),
    })?;
    log::message("", &format!("study directory: {}", path.display()));
    Ok(study)
}

/// What to say after a signal.
pub fn interrupted(study: &StudyDirectory, settled: usize, all: usize) -> String {
    format!("stopped with {settled} of {all} runs in {}; the same command goes on", study.path().display())
}
