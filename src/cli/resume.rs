//! `trimtab resume`.

use super::exit::{Exit, Failure};
use super::session::{Home, Plan};
use super::{ResumeArguments, session, train};
use crate::run::{Lineage, resolve};
use anyhow::anyhow;
use std::collections::BTreeMap;

/// Goes on with a run from its newest checkpoint.
pub fn run(arguments: &ResumeArguments) -> Result<Exit, Failure> {
    let preferences = session::preferences(&arguments.watch)?;
    let directory = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    let lock = directory.acquire()?;
    let json = directory.read_json()?;
    let config = train::config_of(&directory)?;
    let sources = train::sources_of(&directory, &json, &config, "it cannot be gone on with exactly")?;
    let (step, checkpoint) = directory
        .newest_checkpoint()?
        .ok_or_else(|| Failure::usage(anyhow!("{} has no checkpoint to go on from", directory.name())))?;
    if step >= config.train.steps {
        return Err(Failure::usage(anyhow!(
            "{} has made all its {} steps; nothing is left to train",
            directory.name(),
            config.train.steps
        )));
    }
    let fault = session::fault(&config)?;
    let lineage = Lineage::read(&directory.events())?;
    let json = json.continued();
    directory.write_json(&json)?;
    let run = directory.name();
    let home = Home { directory, json, lock };
    let resume = Some((checkpoint, lineage));
    let plan = Plan {
        run,
        config,
        sources,
        home: Some(home),
        initial: None,
        resume,
        fault,
        baseline: BTreeMap::new(),
        preferences,
    };
    session::run(plan, &arguments.watch)
}
