//! Checkpoints: one versioned state of everything that the next step depends on.
//!
//! `state.json` holds what is small, `model.safetensors` and `optimizer.safetensors` the arrays by path name. Writing
//! is aside, synced, renamed; reading checks versions, names and lengths before anything is used.

use super::evidence::EvidenceState;
use super::optimizer::Moments;
use crate::balance;
use crate::model::{ParameterTable, values};
use crate::run::{RunError, write_directory_atomically};
use crate::steer::SteerState;
use crate::text::sanitise;
use burn::module::Module;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Version of a checkpoint's form.
pub const CHECKPOINT_VERSION: u32 = 2;

/// Name of the file that holds a network's parameters.
pub const MODEL_FILE: &str = "model.safetensors";
/// Name of the file that holds the best parameters up to a checkpoint's step.
const BEST_FILE: &str = "best.safetensors";
const OPTIMIZER_FILE: &str = "optimizer.safetensors";
const STATE_FILE: &str = "state.json";
/// Name of the file with the digests of all others, as `sha256sum -c` reads it.
const SUMS_FILE: &str = "SHA256SUMS";
/// Name of the empty file that keeps a checkpoint from being removed.
pub(super) const KEEP_FILE: &str = "keep";

/// A checkpoint that cannot be used.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold what it must.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The run directory refused.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl CheckpointError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    pub(super) fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content { path: path.to_owned(), problem: problem.into() }
    }
}

/// How well the run has done so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The best value so far of what `train.best` goes by: the score or a metric.
    #[serde(alias = "best_score")]
    pub best_value: Option<f64>,
    /// The step it was reached at.
    pub best_step: u64,
    /// Evaluations since then.
    pub evaluations_without_better: u64,
}

/// The small part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// [`CHECKPOINT_VERSION`].
    pub version: u32,
    /// Updates made.
    pub step: u64,
    /// Seconds trained.
    pub time: f64,
    /// Batches drawn from each source.
    pub draws: BTreeMap<String, u64>,
    /// λ, mutes, ramps, frozen parts, open requests, answered ids, measured norms.
    pub steer: SteerState,
    /// Patience and best.
    pub progress: Progress,
    /// The balancing methods and all they remember.
    pub balance: balance::State,
    /// What later evidence is held against.
    pub evidence: EvidenceState,
    /// Updates that each parameter has had, by path.
    pub updates: BTreeMap<String, u64>,
}

/// A checkpoint in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The small part.
    pub state: State,
    /// Parameters by path.
    pub parameters: BTreeMap<String, Vec<f32>>,
    /// The optimizer's moments in the order of the parameter table.
    pub moments: Vec<Moments>,
}

/// An array as a file holds it, row-major.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Writes the parameters of a network to `directory`.
///
/// # Errors
/// [`CheckpointError`].
pub fn write_model<M: Module>(model: &M, directory: &Path) -> Result<(), CheckpointError> {
    write_arrays(&values(model), &directory.join(MODEL_FILE))
}

/// Reads parameters by path from `directory`.
///
/// # Errors
/// [`CheckpointError`].
pub fn read_model(directory: &Path) -> Result<BTreeMap<String, Vec<f32>>, CheckpointError> {
    Ok(read_model_arrays(directory)?.into_iter().map(|(path, array)| (path, array.values)).collect())
}

/// The same with shapes.
pub(super) fn read_model_arrays(directory: &Path) -> Result<BTreeMap<String, Array>, CheckpointError> {
    read_arrays(&directory.join(MODEL_FILE))
}

/// The best parameters up to a checkpoint's step; `None` where there were none, or they were not kept.
///
/// # Errors
/// [`CheckpointError`].
pub fn read_best(checkpoint: &Path) -> Result<Option<BTreeMap<String, Vec<f32>>>, CheckpointError> {
    let path = checkpoint.join(BEST_FILE);
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(read_arrays(&path)?.into_iter().map(|(path, array)| (path, array.values)).collect()))
}

/// Whether a checkpoint is as it was written; one without digests is taken as it is.
///
/// # Errors
/// [`CheckpointError`] names the first file that is missing or changed.
pub fn verify_checkpoint(directory: &Path) -> Result<(), CheckpointError> {
    let path = directory.join(SUMS_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && directory.join(STATE_FILE).is_file() => return Ok(()),
        Err(error) => return Err(CheckpointError::io("read", &path)(error)),
    };
    let mut named = 0;
    for line in text.lines() {
        let fields = line
            .split_once("  ")
            .filter(|(_, name)| [STATE_FILE, MODEL_FILE, OPTIMIZER_FILE, BEST_FILE].contains(name));
        let (digest, name) =
            fields.ok_or_else(|| CheckpointError::content(&path, format!("unreadable: '{}'", sanitise(line))))?;
        let file = directory.join(name);
        let found = digest_of(&fs::read(&file).map_err(CheckpointError::io("read", &file))?);
        if found != digest {
            return Err(CheckpointError::content(&file, "it was changed or damaged since it was written"));
        }
        named += 1;
    }
    if named < 3 {
        return Err(CheckpointError::content(&path, "it does not name all files"));
    }
    Ok(())
}

fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Writes a whole checkpoint, or nothing. `best` is the directory of the best parameters so far; its file is linked, not
/// copied, where the file system can do that.
///
/// # Errors
/// [`CheckpointError`].
pub fn write_checkpoint<M: Module>(
    target: &Path,
    state: &State,
    model: &M,
    table: &ParameterTable,
    moments: &[Moments],
    best: Option<&Path>,
    keep: bool,
) -> Result<(), CheckpointError> {
    write_directory_atomically(target, |directory| {
        write_model(model, directory)?;
        if let Some(best) = best.map(|best| best.join(MODEL_FILE)).filter(|best| best.is_file()) {
            let link = directory.join(BEST_FILE);
            fs::hard_link(&best, &link)
                .or_else(|_| fs::copy(&best, &link).map(|_| ()))
                .map_err(CheckpointError::io("copy", &best))?;
        }
        let arrays: Vec<_> = table
            .iter()
            .zip(moments)
            .flat_map(|(parameter, moments)| {
                [("first", &moments.first), ("second", &moments.second)]
                    .map(|(kind, values)| (format!("{}:{kind}", parameter.path), vec![values.len()], values.clone()))
            })
            .filter(|(_, _, values)| !values.is_empty())
            .collect();
        write_arrays(&arrays, &directory.join(OPTIMIZER_FILE))?;
        let path = directory.join(STATE_FILE);
        let text = serde_json::to_vec(state).map_err(|error| CheckpointError::content(&path, error.to_string()))?;
        fs::write(&path, text).map_err(CheckpointError::io("write", &path))?;
        if keep {
            let path = directory.join(KEEP_FILE);
            fs::write(&path, "").map_err(CheckpointError::io("write", &path))?;
        }
        let mut sums = Vec::new();
        for name in [STATE_FILE, MODEL_FILE, OPTIMIZER_FILE, BEST_FILE] {
            let file = directory.join(name);
            if file.is_file() {
                let bytes = fs::read(&file).map_err(CheckpointError::io("read", &file))?;
                sums.push(format!("{}  {name}\n", digest_of(&bytes)));
            }
        }
        let path = directory.join(SUMS_FILE);
        fs::write(&path, sums.concat()).map_err(CheckpointError::io("write", &path))
    })
}

/// Reads a whole checkpoint of a network with these parameters.
///
/// # Errors
/// [`CheckpointError`]: a file is missing or damaged, the version is another, or it is of another network.
pub fn read_checkpoint(directory: &Path, table: &ParameterTable) -> Result<Checkpoint, CheckpointError> {
    verify_checkpoint(directory)?;
    let path = directory.join(STATE_FILE);
    let text = fs::read(&path).map_err(CheckpointError::io("read", &path))?;
    let plain: Value =
        serde_json::from_slice(&text).map_err(|error| CheckpointError::content(&path, error.to_string()))?;
    if plain["version"] != CHECKPOINT_VERSION {
        let problem = format!("version {}, this program reads version {CHECKPOINT_VERSION}", plain["version"]);
        return Err(CheckpointError::content(&path, problem));
    }
    // From the text again: a value that went through `Value` keeps its floats, but its errors have no line.
    let state: State =
        serde_json::from_slice(&text).map_err(|error| CheckpointError::content(&path, error.to_string()))?;
    let parameters = read_model(directory)?;
    let path = directory.join(OPTIMIZER_FILE);
    let mut arrays = read_arrays(&path)?;
    let moments = table
        .iter()
        .map(|parameter| {
            let mut take = |kind: &str| match arrays.remove(&format!("{}:{kind}", parameter.path)) {
                Some(Array { values, .. }) if values.len() != parameter.len() => {
                    let problem = format!("'{}' has {} values", parameter.path, values.len());
                    Err(CheckpointError::content(&path, problem))
                }
                array => Ok(array.map_or_else(Vec::new, |array| array.values)),
            };
            let updates = state.updates.get(&parameter.path).copied().unwrap_or(0);
            Ok(Moments { updates, first: take("first")?, second: take("second")? })
        })
        .collect::<Result<_, CheckpointError>>()?;
    Ok(Checkpoint { state, parameters, moments })
}

fn write_arrays(arrays: &[(String, Vec<usize>, Vec<f32>)], path: &Path) -> Result<(), CheckpointError> {
    let bytes: Vec<Vec<u8>> =
        arrays.iter().map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = arrays
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| CheckpointError::content(path, error.to_string()))?;
    let bytes = serialize(views, None::<HashMap<String, String>>)
        .map_err(|error| CheckpointError::content(path, error.to_string()))?;
    // The library's own writer leaves a file that only its owner may read.
    fs::write(path, bytes).map_err(CheckpointError::io("write", path))
}

fn read_arrays(path: &Path) -> Result<BTreeMap<String, Array>, CheckpointError> {
    let bytes = fs::read(path).map_err(CheckpointError::io("read", path))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| CheckpointError::content(path, error.to_string()))?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(CheckpointError::content(path, format!("'{name}' is not of 32-bit floats")));
            }
            let (words, _) = view.data().as_chunks::<4>();
            let values = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
            Ok((name, Array { shape: view.shape().to_vec(), values }))
        })
        .collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn arrays_may_be_read_by_whoever_may_read_other_files() {
        let base = tempfile::tempdir().unwrap();
        let (arrays, plain) = (base.path().join(MODEL_FILE), base.path().join("plain"));
        write_arrays(&[("a".to_owned(), vec![2], vec![1.0, 2.0])], &arrays).unwrap();
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&arrays), mode(&plain));
        assert_eq!(read_arrays(&arrays).unwrap()["a"].values, [1.0, 2.0]);
    }
}
