//! `trimtab compare`: runs side by side.

use super::exit::{Exit, Failure};
use super::{CompareArguments, log};
use crate::config::{Places, load_text};
use crate::headless::{comparison_csv, comparison_json, comparison_table};
use crate::run::{RunDirectory, resolve};
use crate::study::{Figures, baseline};
use anyhow::Context;
use std::path::Path;

/// Prints the metrics of all runs, and what each gained over its tasks trained alone.
pub fn run(arguments: &CompareArguments) -> Result<Exit, Failure> {
    let runs = arguments.runs.iter().map(|word| {
        let run = resolve(word, &arguments.out).map_err(Failure::usage)?;
        let mut figures = Figures::read(&run)?;
        if figures.tasks.iter().all(|task| task.baseline.is_empty()) {
            add_baseline(&run, &mut figures)?;
        }
        Ok(figures)
    });
    let runs = runs.collect::<Result<Vec<Figures>, Failure>>()?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&comparison_json(&runs)).context("cannot write the comparison as JSON")? + "\n"
    } else if arguments.csv {
        comparison_csv(&runs)
    } else {
        let hint = "no Δm: `trimtab baseline CONFIG`, in the folder of the runs, measures each task alone";
        comparison_table(&runs, hint)
    };
    let _ = log::result(&text);
    Ok(Exit::Done)
}

/// The baseline file beside a run whose record states none, where it belongs to the run's configuration and data.
fn add_baseline(run: &RunDirectory, figures: &mut Figures) -> Result<(), Failure> {
    // Another trainer's run has no configuration of this program.
    let Ok(text) = run.read_config() else { return Ok(()) };
    let places = Places::from_environment().context("cannot tell the working directory")?;
    let Ok(config) = load_text(&run.config().display().to_string(), &text, run.path(), &[], &places) else {
        return Ok(());
    };
    let path = run.path().canonicalize().unwrap_or_else(|_| run.path().to_owned());
    let beside = path.parent().unwrap_or(Path::new("."));
    match baseline::find(beside, &config, &figures.json.data).or_note() {
        Ok(Some(baseline)) => figures.set_baselines(|task| baseline.of_task(task)),
        Ok(None) => {}
        Err(note) => log::message("note: ", &note),
    }
    Ok(())
}
