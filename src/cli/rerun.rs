//! `trimtab rerun`: the same run again, hand movements included, and whether it came out the same.

use super::exit::{Exit, Failure};
use super::session::Plan;
use super::{RerunArguments, log, session, train};
use crate::config::Config;
use crate::protocol::{Command, EndReason, Event, Request};
use crate::run::{
    Exactness, Lineage, LockState, RunDirectory, RunJson, RunStatus, Verdict, read_events, resolve, verify,
};
use crate::train::{MODEL_FILE, Start};
use anyhow::{anyhow, bail};
use std::collections::BTreeMap;

/// Share of a loss by which runs on different machines may differ.
const TOLERANCE: f64 = 1e-4;

/// Trains it again in a directory of its own; compares where that was asked for.
pub fn run(arguments: &RerunArguments) -> Result<Exit, Failure> {
    let preferences = session::preferences(&arguments.watch)?;
    let original = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    if let LockState::Held { .. } = original.lock_state() {
        return Err(Failure::usage(anyhow!("{} is still being trained; stop it first", original.name())));
    }
    let json = original.read_json()?;
    let config = train::config_of(&original)?;
    let sources = train::sources_of(&original, &json, &config, "it cannot be repeated")?;
    let fault = session::fault(&config)?;
    let (parent, forked_at) = origin(&original)?;
    let lineage = Lineage::read(&original.events())?;
    let requests = requests(&lineage, &json, &config)?;
    let start = match (&parent, forked_at) {
        (Some(parent), Some(step)) => Start::Fork { checkpoint: original.checkpoint(step), parent: parent.clone() },
        _ => Start::New(train::initial(&config, &sources)?),
    };
    let home = train::make_home(&arguments.out, &config, &sources, parent.as_deref())?;
    let again = home.directory.clone();
    let now = home.json.clone();
    log::message("", &format!("run directory: {}", again.path().display()));
    let run = again.name();
    let (home, baseline) = (Some(home), BTreeMap::new());
    let plan = Plan { run, config, sources, home, start, requests, fault, baseline, preferences };
    let exit = session::run(plan, &arguments.watch)?;
    if !arguments.verify || matches!(exit, Exit::Signal(_) | Exit::Internal) {
        return Ok(exit);
    }
    let (exit, verdict) = report(&original, &again, &differences(&json, &now), arguments.tolerance)?;
    if arguments.watch.json {
        log::message("", &verdict);
    } else {
        let _ = log::result(&(verdict + "\n"));
    }
    Ok(exit)
}

/// The run that it was forked from, or began with the values of, and where it was forked.
fn origin(run: &RunDirectory) -> Result<(Option<String>, Option<u64>), Failure> {
    let mut found = (None, None);
    read_events(&run.events(), |event| {
        if let Event::Run(started) = event {
            found = (started.parent.clone(), started.forked_at);
        }
    })?;
    Ok(found)
}

/// What was done by hand, each at the step it acted at first, and the stop where the run did not go on to its end.
fn requests(lineage: &Lineage, json: &RunJson, config: &Config) -> anyhow::Result<Vec<Request>> {
    let mut requests = asked(lineage, "rerun")?;
    let cut =
        !matches!(json.status, RunStatus::Ended(EndReason::Finished | EndReason::EarlyStopped | EndReason::Diverged));
    if cut && lineage.last_step < config.train.steps {
        requests.push(Request {
            id: "rerun-stop".to_owned(),
            from: "rerun".to_owned(),
            at_step: Some(lineage.last_step + 1),
            command: Command::Stop {},
        });
    }
    Ok(requests)
}

/// Requests that act as the recorded ones did. What only says when the trainer waited is left out.
pub fn asked(lineage: &Lineage, from: &str) -> anyhow::Result<Vec<Request>> {
    let mut requests = Vec::new();
    for applied in &lineage.applied {
        let command = match applied.command() {
            None => bail!("this version does not know the command of request '{}'", crate::text::sanitise(&applied.id)),
            Some(
                Command::Pause {}
                | Command::Resume {}
                | Command::Advance { .. }
                | Command::SetPace { .. }
                | Command::Stop {}
                | Command::Restore { .. },
            ) => continue,
            Some(command) => command,
        };
        let (id, at_step) = (applied.id.clone(), Some(applied.step));
        requests.push(Request { id, from: from.to_owned(), at_step, command });
    }
    Ok(requests)
}

/// What is not as it was then, in words.
fn differences(then: &RunJson, now: &RunJson) -> Vec<String> {
    let pairs = [("machine", &then.host, &now.host), ("program", &then.program, &now.program)];
    let different = pairs.into_iter().filter(|(_, then, now)| then != now);
    different.map(|(what, then, now)| format!("{what}: {} then, {now} now", crate::text::sanitise(then))).collect()
}

fn report(
    original: &RunDirectory,
    again: &RunDirectory,
    differences: &[String],
    tolerance: Option<f64>,
) -> Result<(Exit, String), Failure> {
    for difference in differences {
        log::message("note: ", difference);
    }
    let exactness = match tolerance {
        Some(share) => Exactness::Relative(share),
        None if differences.is_empty() => Exactness::Bit,
        None => Exactness::Relative(TOLERANCE),
    };
    let Verdict { steps, evaluations, difference, largest } = verify(&original.events(), &again.events(), exactness)?;
    let what = format!("{steps} steps and {evaluations} evaluations of {}", original.name());
    if let Some(difference) = difference {
        return Ok((Exit::Failed, format!("not the same: at step {}, {}", difference.step, difference.what)));
    }
    let parameters = |run: &RunDirectory| std::fs::read(run.final_model().join(MODEL_FILE)).ok();
    let same_parameters = parameters(original) == parameters(again);
    if exactness == Exactness::Bit && !same_parameters {
        return Ok((Exit::Failed, format!("not the same: the last parameters differ, though {what} do not")));
    }
    let verdict = match exactness {
        Exactness::Bit => format!("the same to the bit: {what}, and the last parameters"),
        Exactness::Relative(share) => {
            let parameters = if same_parameters { "the same" } else { "others" };
            format!(
                "the same within {share:e}: {what}; the largest difference of a loss is {largest:.1e}, \
                 the last parameters are {parameters}"
            )
        }
    };
    Ok((Exit::Done, verdict))
}
