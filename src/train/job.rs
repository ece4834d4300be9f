//! What a training run is given, and what comes of it.

use super::build::BuildError;
use super::checkpoint::CheckpointError;
use super::device::UnknownDevice;
use super::evaluate::Evaluation;
use super::inbox::Inbox;
use super::transfer::Transfer;
use crate::balance::BalanceError;
use crate::config::Config;
use crate::data::Source;
use crate::model::ParameterError;
use crate::protocol::{EndReason, Real, Request};
use crate::run::{Lineage, RecorderHandle, RunDirectory, RunError};
use crate::steer::SteerError;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use thiserror::Error;

/// What a run trains, and how it begins.
pub struct Job {
    /// The run's name, as its first event states it.
    pub run: String,
    /// What to do.
    pub config: Config,
    /// The data, in the configuration's order.
    pub sources: Vec<Source>,
    /// Where to save; `None` saves nothing.
    pub directory: Option<RunDirectory>,
    /// What it begins with.
    pub start: Start,
    /// Requests that wait from the start, each for its step.
    pub requests: Vec<Request>,
    /// Whether the configured pace holds (there is a screen).
    pub paced: bool,
    /// A fault to provoke.
    pub fault: Option<Fault>,
    /// Test metrics of each task trained alone, by task and metric, where they are known; the run states them.
    pub baseline: BTreeMap<String, BTreeMap<String, Real>>,
}

/// What a run begins with.
#[derive(Debug)]
pub enum Start {
    /// A new network, maybe with another run's trained values.
    New(Option<Transfer>),
    /// A checkpoint of this run, with the record up to now.
    Resume {
        /// The checkpoint.
        checkpoint: PathBuf,
        /// What of the record still holds.
        lineage: Lineage,
        /// What was wrong with newer checkpoints.
        damaged: Vec<String>,
    },
    /// A checkpoint of another run; what was asked for there later is not inherited.
    Fork {
        /// The checkpoint.
        checkpoint: PathBuf,
        /// The other run's name.
        parent: String,
    },
}

/// The trainer's connections.
pub struct Connections {
    /// Where events go.
    pub recorder: RecorderHandle,
    /// Where requests come from.
    pub inbox: Inbox,
    /// Set by a signal: save and end.
    pub interrupt: Arc<AtomicBool>,
}

/// A fault provoked on purpose, to see what then happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The trainer panics before this update.
    Panic {
        /// The update.
        step: u64,
    },
    /// A task's loss is NaN in this update.
    NonFinite {
        /// The update.
        step: u64,
        /// The task's name.
        task: String,
    },
}

/// How a run went.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Updates made.
    pub step: u64,
    /// Why it ended.
    pub reason: EndReason,
    /// The last evaluation of the validation part, with its step.
    pub valid: Option<(u64, Evaluation)>,
    /// The evaluation of the test part by `best/`, with the step that `best/` is of.
    pub test: Option<(u64, Evaluation)>,
}

/// An error that ends a run.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The run cannot be recorded or its directory used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A checkpoint cannot be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The data does not serve the configuration.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No such device.
    #[error(transparent)]
    Device(#[from] UnknownDevice),
    /// No such method, or a state that does not fit it.
    #[error(transparent)]
    Balance(#[from] BalanceError),
    /// Saved parameters do not fit the network.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// A saved steering state does not fit.
    #[error(transparent)]
    Steer(#[from] SteerError),
    /// There is nothing left to train.
    #[error("{run} has made all its {steps} steps; nothing is left to train")]
    Complete {
        /// The run.
        run: String,
        /// The configured steps.
        steps: u64,
    },
}
