//! What a run leaves on the disk besides its record: checkpoints, `best/`, `final/`.
//!
//! `best/` is written with the next checkpoint, not at each better evaluation: a run that is resumed from a checkpoint
//! finds later bests again, and the disk is not synced at every evaluation.

use super::checkpoint::{CheckpointError, KEEP_FILE, State, read_model, write_checkpoint, write_model};
use super::step::Learner;
use crate::data::Source;
use crate::model::{Network, values, with_values};
use crate::run::{RunDirectory, write_directory_atomically};
use burn::module::Module;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Name of the file that holds scalings, label maps and the like.
pub const PREPROCESSING_FILE: &str = "preprocessing.json";
/// Name of the file that says which step it was.
pub(super) const INFO_FILE: &str = "info.json";

/// The best parameters so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Updates made then.
    pub step: u64,
    /// Values by path.
    pub parameters: BTreeMap<String, Vec<f32>>,
}

impl Best {
    /// The parameters of `model` after `step` updates.
    pub fn of<M: Module>(model: &M, step: u64) -> Self {
        Self { step, parameters: values(model).into_iter().map(|(path, _, values)| (path, values)).collect() }
    }
}

/// Writes a run's files, or nothing where it has no directory.
pub struct Saver {
    directory: Option<RunDirectory>,
    keep: usize,
    best: Option<Best>,
    best_is_written: bool,
}

impl Saver {
    /// A saver that keeps the last `keep` checkpoints.
    pub fn new(directory: Option<RunDirectory>, keep: usize) -> Self {
        Self { directory, keep: keep.max(1), best: None, best_is_written: true }
    }

    /// Notes parameters that scored better than all before.
    pub fn keep_best(&mut self, best: Best) {
        self.best = Some(best);
        self.best_is_written = false;
    }

    /// The directory of the checkpoint of a step.
    ///
    /// # Errors
    /// Why there is none, with the steps that there are.
    pub fn checkpoint_at(&self, step: u64) -> Result<PathBuf, String> {
        let Some(directory) = &self.directory else { return Err("this run keeps no checkpoints".to_owned()) };
        let kept = directory.checkpoints().map_err(|error| error.to_string())?;
        match kept.iter().find(|(kept, _)| *kept == step) {
            Some((_, path)) => Ok(path.clone()),
            None if kept.is_empty() => Err("there is no checkpoint yet".to_owned()),
            None => {
                let steps: Vec<String> = kept.iter().map(|(step, _)| step.to_string()).collect();
                Err(format!("no checkpoint of step {step} (there are: {})", steps.join(", ")))
            }
        }
    }

    /// Sets the checkpoints after a step aside, as states of a stretch that was left; of those that nobody asked for, the
    /// last ones are kept.
    pub fn leave_after(&self, step: u64) -> Result<(), CheckpointError> {
        let Some(directory) = &self.directory else { return Ok(()) };
        for (left, path) in directory.checkpoints()?.into_iter().filter(|(saved, _)| *saved > step) {
            let aside = directory.left_checkpoint(left);
            let moved = match fs::remove_dir_all(&aside) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => fs::rename(&path, &aside),
            };
            moved.map_err(|source| CheckpointError::Io { action: "set aside", path, source })?;
        }
        let mut aside = directory.left_checkpoints()?;
        aside.retain(|(_, path)| !path.join(KEEP_FILE).exists());
        let excess = aside.len().saturating_sub(self.keep);
        for (_, path) in aside.drain(..excess) {
            fs::remove_dir_all(&path).map_err(|source| CheckpointError::Io { action: "remove", path, source })?;
        }
        Ok(())
    }

    /// Goes back to the best parameters of a checkpoint; `None` where there were none then.
    pub fn restore_best(&mut self, best: Option<Best>) -> Result<(), CheckpointError> {
        self.best_is_written = best.is_none();
        if let (None, Some(directory)) = (&best, &self.directory) {
            // What is there was found after the checkpoint.
            let path = directory.best();
            if path.is_dir() {
                fs::remove_dir_all(&path).map_err(|source| CheckpointError::Io { action: "remove", path, source })?;
            }
        }
        self.best = best;
        Ok(())
    }

    /// The best parameters: those noted in this process, else those of an earlier one.
    pub fn best(&self) -> Result<Option<Best>, CheckpointError> {
        if let (None, Some(directory)) = (&self.best, &self.directory) {
            let path = directory.best();
            if !path.is_dir() {
                return Ok(None);
            }
            let info = fs::read(path.join(INFO_FILE)).ok().and_then(|text| serde_json::from_slice(&text).ok());
            let info: serde_json::Value = info.unwrap_or_default();
            return Ok(Some(Best { step: info["step"].as_u64().unwrap_or(0), parameters: read_model(&path)? }));
        }
        Ok(self.best.clone())
    }

    /// Writes a checkpoint, and `best/` where it changed, and removes the oldest beyond those that are kept; one that a
    /// person asked for, or that holds a file named `keep`, stays for good. Returns the path of the checkpoint relative to the run directory.
    pub(super) fn checkpoint(
        &mut self,
        state: &State,
        learner: &Learner<Network>,
        sources: &[Source],
        asked: bool,
    ) -> Result<Option<String>, CheckpointError> {
        let Some(directory) = &self.directory else { return Ok(None) };
        if !self.best_is_written
            && let Some(best) = &self.best
        {
            let model = with_values(learner.model.valid(), &best.parameters)
                .map_err(|error| CheckpointError::Content { path: directory.best(), problem: error.to_string() })?;
            write_model_directory(&directory.best(), &model, sources, best.step)?;
            self.best_is_written = true;
        }
        let target = directory.checkpoint(state.step);
        let keep = asked || target.join(KEEP_FILE).exists();
        let best = state.progress.best_value.map(|_| directory.best());
        write_checkpoint(
            &target,
            state,
            &learner.model,
            &learner.table,
            learner.optimizer.moments(),
            best.as_deref(),
            keep,
        )?;
        let mut checkpoints = directory.checkpoints()?;
        checkpoints.retain(|(_, path)| !path.join(KEEP_FILE).exists());
        checkpoints.sort_by_key(|(step, _)| *step);
        let excess = checkpoints.len().saturating_sub(self.keep);
        for (_, path) in checkpoints.drain(..excess).filter(|(step, _)| *step != state.step) {
            fs::remove_dir_all(&path).map_err(|source| CheckpointError::Io { action: "remove", path, source })?;
        }
        Ok(Some(RunDirectory::checkpoint_name(state.step)))
    }

    /// Writes the last parameters.
    pub(super) fn write_final(
        &self,
        learner: &Learner<Network>,
        sources: &[Source],
        step: u64,
    ) -> Result<(), CheckpointError> {
        match &self.directory {
            Some(directory) => write_model_directory(&directory.final_model(), &learner.model.valid(), sources, step),
            None => Ok(()),
        }
    }
}

/// A network with what turns rows into its inputs and its outputs into answers.
fn write_model_directory(target: &Path, model: &Network, sources: &[Source], step: u64) -> Result<(), CheckpointError> {
    write_directory_atomically(target, |directory| {
        write_model(model, directory)?;
        let preprocessing: BTreeMap<&str, _> =
            sources.iter().map(|source| (source.name(), source.preprocessing())).collect();
        write_json(&directory.join(PREPROCESSING_FILE), &json!({ "version": 1, "sources": preprocessing }))?;
        write_json(&directory.join(INFO_FILE), &json!({ "version": 1, "step": step }))
    })
}

fn write_json(path: &Path, value: &serde_json::Value) -> Result<(), CheckpointError> {
    let text = serde_json::to_vec_pretty(value)
        .map_err(|error| CheckpointError::Content { path: path.to_owned(), problem: error.to_string() })?;
    fs::write(path, text).map_err(|source| CheckpointError::Io { action: "write", path: path.to_owned(), source })
}
