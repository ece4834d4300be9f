//! `trimtab fork`: a new run from a checkpoint of another.

use super::exit::{Exit, Failure};
use super::rerun::asked;
use super::session::Plan;
use super::{ForkArguments, log, session, train};
use crate::config::Config;
use crate::protocol::{Command, Request, parse_command};
use crate::run::{Lineage, RunDirectory, resolve};
use crate::train::{Start, read_checkpoint, verify_checkpoint};
use anyhow::anyhow;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Makes the new run and trains it.
pub fn run(arguments: &ForkArguments) -> Result<Exit, Failure> {
    let preferences = session::preferences(&arguments.watch)?;
    let parent = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    let json = parent.read_json()?;
    let before = train::config_of(&parent)?;
    let mut sets = arguments.set.clone();
    sets.extend(arguments.name.as_ref().map(|name| format!("name={}", toml::Value::String(name.clone()))));
    let config = train::config_with(&parent, &sets)?;
    let sources = train::sources_of(&parent, &json, &config, "it cannot be branched")?;
    let fault = session::fault(&config)?;
    let lineage = Lineage::read(&parent.events())?;
    let (step, checkpoint) = checkpoint(&parent, arguments.at)?;
    let table = train::parameter_table(&config, &sources)?;
    read_checkpoint(&checkpoint, &table).map_err(Failure::usage)?;
    let mut requests = changes(&before, &config, step + 1)?;
    if arguments.keep_requests {
        requests.extend(asked(&lineage, "fork")?.into_iter().filter(|request| request.at_step > Some(step)));
    }
    let home = train::make_home(&arguments.out, &config, &sources, Some(&parent.name()))?;
    log::message("", &format!("run directory: {}", home.directory.path().display()));
    log::message("", &format!("branches off {} after step {step}", parent.name()));
    let run = home.directory.name();
    let start = Start::Fork { checkpoint, parent: parent.name() };
    let (home, baseline) = (Some(home), BTreeMap::new());
    let plan = Plan { run, config, sources, home, start, requests, fault, baseline, preferences };
    session::run(plan, &arguments.watch)
}

/// The checkpoint of a step, or the newest that holds.
fn checkpoint(run: &RunDirectory, at: Option<u64>) -> Result<(u64, PathBuf), Failure> {
    let kept = run.checkpoints()?;
    let wanted = |(step, _): &&(u64, PathBuf)| at.is_none_or(|at| at == *step);
    let Some((step, path)) = kept.iter().rev().find(wanted) else {
        let steps: Vec<String> = kept.iter().map(|(step, _)| step.to_string()).collect();
        let there =
            if steps.is_empty() { "there is none".to_owned() } else { format!("there are: {}", steps.join(", ")) };
        let wanted = at.map_or("no checkpoint".to_owned(), |at| format!("no checkpoint of step {at}"));
        return Err(Failure::usage(anyhow!("{} has {wanted} ({there})", run.name())));
    };
    verify_checkpoint(path).map_err(Failure::usage)?;
    Ok((*step, path.clone()))
}

/// What a checkpoint holds goes before the configuration; what the new configuration has otherwise is asked for at the first step.
fn changes(before: &Config, after: &Config, step: u64) -> Result<Vec<Request>, Failure> {
    let mut commands = Vec::new();
    for (old, new) in before.tasks.iter().zip(&after.tasks) {
        if old.weight != new.weight {
            commands.push(Command::SetWeight { task: new.name.clone(), value: new.weight, over_steps: None });
        }
    }
    if before.train.clip != after.train.clip {
        commands.push(Command::SetClip { value: after.train.clip });
    }
    if let (true, Some(steps)) = (before.train.gradient_every != after.train.gradient_every, after.train.gradient_every)
    {
        commands.push(Command::SetGradientEvery { steps });
    }
    let parts = |from: &Config, not_in: &Config| -> Vec<String> {
        from.train.freeze.iter().filter(|part| !not_in.train.freeze.contains(part)).cloned().collect()
    };
    commands.extend(parts(after, before).into_iter().map(|part| Command::Freeze { part }));
    commands.extend(parts(before, after).into_iter().map(|part| Command::Unfreeze { part }));
    let methods = [
        ("weighting", &before.balance.weighting, &after.balance.weighting),
        ("aggregation", &before.balance.aggregation, &after.balance.aggregation),
    ];
    for (verb, old, new) in methods {
        if old != new {
            let text = format!("{verb} {new}");
            commands.push(parse_command(&text.split(' ').collect::<Vec<_>>()).map_err(Failure::usage)?);
        }
    }
    for (old, (name, value)) in before.balance.settings.all().into_iter().zip(after.balance.settings.all()) {
        if old.1 != value {
            commands.push(Command::Set { parameter: name.to_owned(), value });
        }
    }
    Ok(commands
        .into_iter()
        .enumerate()
        .map(|(place, command)| Request {
            id: format!("fork-{}", place + 1),
            from: "fork".to_owned(),
            at_step: Some(step),
            command,
        })
        .collect())
}
