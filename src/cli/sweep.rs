//! `trimtab sweep`: the same experiment with many methods and seeds, and a table of what came out.

use super::children::{Outcome, Work, carry_out, default_jobs, train_arguments};
use super::exit::{Exit, Failure};
use super::signals::Signals;
use super::studied::{Studied, interrupted, open, reread, studied};
use super::{SweepArguments, log};
use crate::config::Config;
use crate::headless::{sweep_csv, sweep_json, sweep_table};
use crate::run::safe_name;
use crate::study::{
    Baseline, Cell, Figures, MethodSpec, Plan, StudyDirectory, SweepResult, alone, baseline, default_methods,
};
use crate::text::sanitise;
use anyhow::{Context, anyhow};
use std::sync::atomic::Ordering;

/// What calls of one sweep may differ in: what the rows and seeds set themselves, and what changes no figure.
const VARIED: &[&str] = &[
    "seed",
    "balance.weighting",
    "balance.aggregation",
    "train.pace",
    "train.checkpoint_every",
    "train.keep_checkpoints",
];

/// A method and what it changes in the configuration.
type Row = (MethodSpec, Vec<String>);

/// Makes the runs that are not there yet, and prints the table.
pub fn run(arguments: &SweepArguments) -> Result<Exit, Failure> {
    let given = &arguments.study;
    let Studied { config, data, seeds, .. } = studied(given)?;
    let methods = methods(arguments.methods.as_deref(), &config)?;
    let path = given.out.join(format!("{}.sweep", safe_name(&config.name)));
    let names = methods.iter().map(|(method, _)| method.to_string()).collect();
    let plan = Plan::new(alone::lines(&config, VARIED), &data, names, seeds.clone());
    let study = open(&path, plan)?;
    let baseline = known_baseline(&config, &data, given, &study)?;

    let file = study.write_config(&safe_name(&config.name), &config.to_toml())?;
    let mut work = Vec::new();
    // Seeds outside: after the first round every method has a run.
    for seed in &seeds {
        for (row, (method, sets)) in methods.iter().enumerate() {
            let cell = Cell::new(row, &method.to_string(), *seed);
            let train = train_arguments(&study, &file, &cell, sets);
            work.push(Work { cell, steps: config.train.steps, train });
        }
    }
    let signals = Signals::listen().context("cannot listen for signals")?;
    let outcomes = carry_out(&study, &work, given.jobs.unwrap_or_else(default_jobs), &signals)?;

    let mut rows: Vec<(String, Vec<Figures>, usize, usize)> =
        methods.iter().map(|(method, _)| (method.to_string(), Vec::new(), 0, 0)).collect();
    let (mut settled, mut failed) = (0, false);
    for (work, outcome) in work.iter().zip(outcomes) {
        let Some((_, runs, diverged, missing)) = rows.get_mut(work.cell.row) else { continue };
        settled += usize::from(matches!(outcome, Outcome::Done(_) | Outcome::Diverged));
        failed |= matches!(outcome, Outcome::Failed);
        match outcome {
            Outcome::Done(mut figures) => {
                if let Some(baseline) = &baseline {
                    figures.set_baselines(|task| baseline.of_task(task));
                }
                runs.push(*figures);
            }
            Outcome::Diverged => *diverged += 1,
            Outcome::Failed | Outcome::Open => *missing += 1,
        }
    }
    if signals.interrupt.load(Ordering::SeqCst) {
        log::message("", &interrupted(&study, settled, work.len()));
        return Ok(Exit::Signal(signals.number()));
    }
    let result = SweepResult::of(rows);
    let text = if arguments.json {
        serde_json::to_string_pretty(&sweep_json(&result)).context("cannot write the table as JSON")? + "\n"
    } else if arguments.csv {
        sweep_csv(&result)
    } else {
        let hint = format!("Δm needs each task alone: trimtab baseline {}", sanitise(&given.config));
        sweep_table(&result, &hint)
    };
    let _ = log::result(&text);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// The methods to try, each checked against the configuration. Of those that nobody named, the ones that cannot be are
/// left out with a note.
fn methods(given: Option<&str>, config: &Config) -> Result<Vec<Row>, Failure> {
    let tasks: Vec<String> = config.tasks.iter().map(|task| task.name.clone()).collect();
    let toml = config.to_toml();
    let check = |method: MethodSpec| -> Result<Row, Failure> {
        let sets = method.sets(&tasks).map_err(Failure::usage)?;
        // Places in a text that nobody wrote help nobody.
        reread("method", &toml, &sets).map_err(|errors| {
            let problems: Vec<String> = errors.errors.into_iter().map(|error| error.message).collect();
            Failure::usage(anyhow!("method '{method}': {}", problems.join("; ")))
        })?;
        Ok((method, sets))
    };
    if let Some(text) = given {
        return MethodSpec::parse_list(text).map_err(Failure::usage)?.into_iter().map(check).collect();
    }
    let fit = default_methods().into_iter().filter_map(|method| {
        let name = method.to_string();
        check(method).map_err(|_| log::message("note: ", &format!("{name} cannot be used here and is left out"))).ok()
    });
    Ok(fit.collect())
}

/// The baseline that belongs to the configuration, where there is one; it is put beside the runs too, so that they state
/// it themselves.
fn known_baseline(
    config: &Config,
    data: &str,
    given: &super::StudyArguments,
    study: &StudyDirectory,
) -> Result<Option<Baseline>, Failure> {
    match baseline::find(&given.out, config, data).or_note() {
        Ok(Some(baseline)) => {
            baseline.write(&baseline::file(&study.runs(), &config.name))?;
            Ok(Some(baseline))
        }
        Ok(None) => Ok(None),
        Err(note) => {
            log::message("note: ", &note);
            Ok(None)
        }
    }
}
