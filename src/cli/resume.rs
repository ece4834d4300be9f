//! `trimtab resume`.

use super::exit::{Exit, Failure};
use super::session::{Home, Plan};
use super::{ResumeArguments, log, session, train};
use crate::run::{Lineage, RunDirectory, resolve};
use crate::train::{Start, verify_checkpoint};
use anyhow::anyhow;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Goes on with a run from its newest checkpoint.
pub fn run(arguments: &ResumeArguments) -> Result<Exit, Failure> {
    let preferences = session::preferences(&arguments.watch)?;
    let directory = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    let lock = directory.acquire()?;
    let json = directory.read_json()?;
    let config = train::config_of(&directory)?;
    let sources = train::sources_of(&directory, &json, &config, "it cannot be gone on with exactly")?;
    let lineage = Lineage::read(&directory.events())?;
    let (step, checkpoint, damaged) = newest_sound(&directory)?;
    if step >= config.train.steps {
        return Err(Failure::usage(anyhow!(
            "{} has made all its {} steps; nothing is left to train",
            directory.name(),
            config.train.steps
        )));
    }
    let fault = session::fault(&config)?;
    for problem in &damaged {
        log::message("warning: ", &format!("passed over: {problem}"));
    }
    let json = json.continued();
    directory.write_json(&json)?;
    let run = directory.name();
    let home = Home { directory, json, lock };
    let start = Start::Resume { checkpoint, lineage, damaged };
    let requests = Vec::new();
    let baseline = BTreeMap::new();
    let plan = Plan { run, config, sources, home: Some(home), start, requests, fault, baseline, preferences };
    session::run(plan, &arguments.watch)
}

/// Step and path of the newest checkpoint that is as it was written, and what is wrong with the newer ones.
fn newest_sound(directory: &RunDirectory) -> Result<(u64, PathBuf, Vec<String>), Failure> {
    let mut damaged = Vec::new();
    for (step, path) in directory.checkpoints()?.into_iter().rev() {
        match verify_checkpoint(&path) {
            Ok(()) => return Ok((step, path, damaged)),
            Err(error) => damaged.push(error.to_string()),
        }
    }
    let name = directory.name();
    Err(match damaged.first() {
        None => Failure::usage(anyhow!("{name} has no checkpoint to go on from")),
        Some(first) => anyhow!("{name} has no checkpoint to go on from that is whole: {first}").into(),
    })
}
