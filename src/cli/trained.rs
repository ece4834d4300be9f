//! Opening the trained network of a run, for the subcommands that ask it.

use super::exit::Failure;
use super::{ModelArguments, log, train};
use crate::config::Config;
use crate::run::{RunDirectory, resolve};
use crate::train::{TrainedModel, open_device};
use anyhow::anyhow;

/// A run and one of its networks.
pub struct Trained {
    /// The run.
    pub run: RunDirectory,
    /// What it was started with.
    pub config: Config,
    /// The network.
    pub model: TrainedModel,
    /// `best` or `final`.
    pub which: &'static str,
}

/// Reads `best/`, or `final/` where asked for or where nothing else is there.
pub fn open(arguments: &ModelArguments) -> Result<Trained, Failure> {
    let run = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    let (best, last) = (run.best(), run.final_model());
    let (which, directory) = match (arguments.last, best.is_dir(), last.is_dir()) {
        (false, true, _) => ("best", best),
        (true, _, true) => ("final", last),
        (false, false, true) => {
            log::message("note: ", &format!("{} has no best/, so final/ answers", run.name()));
            ("final", last)
        }
        (true, _, false) => {
            let when = "it is written when training ends";
            return Err(Failure::usage(anyhow!("{} has no final/: {when}", run.name())));
        }
        (false, false, false) => {
            let when = "the first is written with the first checkpoint";
            return Err(Failure::usage(anyhow!("{} has no trained network yet: {when}", run.name())));
        }
    };
    let config = train::config_of(&run)?;
    let device = open_device(&config.train.device).map_err(Failure::usage)?;
    let model = TrainedModel::read(&directory, &config, &device)?;
    Ok(Trained { run, config, model, which })
}
