//! `trimtab baseline`: each task alone, which is what Δm is measured against.

use super::children::{Outcome, Work, carry_out, default_jobs, train_arguments};
use super::exit::{Exit, Failure};
use super::signals::Signals;
use super::studied::{Studied, interrupted, open, reread, studied};
use super::{BaselineArguments, log};
use crate::headless::baseline_table;
use crate::run::safe_name;
use crate::study::{Baseline, Cell, Figures, Plan, alone, baseline, row_name};
use crate::text::sanitise;
use anyhow::{Context, anyhow};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Trains each task alone with each seed, and writes `NAME.baseline.json`.
pub fn run(arguments: &BaselineArguments) -> Result<Exit, Failure> {
    let arguments = &arguments.study;
    let Studied { config, data, seeds, untested } = studied(arguments)?;
    if !untested.is_empty() {
        let tasks = untested.iter().map(|task| sanitise(task)).collect::<Vec<_>>().join(", ");
        let problem = format!("a baseline is measured on the test part, and there is none for: {tasks}");
        return Err(Failure::usage(anyhow!(problem)));
    }
    // A folder for each configuration: what was measured for another one stays, and is there when it comes back.
    let fingerprint = baseline::fingerprint(&config, &data);
    let short: String = fingerprint.chars().take(8).collect();
    let path = arguments.out.join(format!("{}.baseline", safe_name(&config.name))).join(short);
    let rows: Vec<String> = config.tasks.iter().map(|task| task.name.clone()).collect();
    // Runs of seeds that are not asked for now stay as well.
    let plan = Plan::new(format!("fingerprint = {fingerprint}"), &data, rows.clone(), Vec::new());
    let study = open(&path, plan)?;

    let mut work = Vec::new();
    for (row, task) in rows.iter().enumerate() {
        let text = alone::alone(&config, row).context("a task that is not there")?;
        reread(task, &text, &[]).map_err(Failure::usage)?;
        let file = study.write_config(&row_name(task), &text)?;
        for seed in &seeds {
            let cell = Cell::new(row, task, *seed);
            let train = train_arguments(&study, &file, &cell, &[]);
            work.push(Work { cell, steps: config.train.steps, train });
        }
    }
    let signals = Signals::listen().context("cannot listen for signals")?;
    let outcomes = carry_out(&study, &work, arguments.jobs.unwrap_or_else(default_jobs), &signals)?;

    let mut runs: BTreeMap<usize, Vec<Figures>> = BTreeMap::new();
    let mut lacking = Vec::new();
    for (work, outcome) in work.iter().zip(outcomes) {
        match outcome {
            Outcome::Done(figures) => runs.entry(work.cell.row).or_default().push(*figures),
            Outcome::Diverged => lacking.push(format!("{} diverged", work.cell.label)),
            Outcome::Failed => lacking.push(format!("{} failed", work.cell.label)),
            Outcome::Open => lacking.push(format!("{} is not made", work.cell.label)),
        }
    }
    if signals.interrupt.load(Ordering::SeqCst) {
        log::message("", &interrupted(&study, work.len() - lacking.len(), work.len()));
        return Ok(Exit::Signal(signals.number()));
    }
    if !lacking.is_empty() {
        return Err(anyhow!("no baseline: {}", lacking.join(", ")).into());
    }
    let runs: Vec<Vec<Figures>> = runs.into_values().collect();
    let baseline = Baseline::of(&config, &data, &seeds, &runs);
    let file = baseline::file(&arguments.out, &config.name);
    baseline.write(&file)?;
    let _ = log::result(&baseline_table(&baseline));
    log::message("", &format!("written to {}", file.display()));
    Ok(Exit::Done)
}
