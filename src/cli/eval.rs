//! `trimtab eval`: a trained network on a part of its run's data, or on another labelled file.

use super::exit::{Exit, Failure};
use super::trained::Trained;
use super::{EvalArguments, log, predict, train, trained};
use crate::config::TaskConfig;
use crate::data::{InputForm, Part, Source};
use crate::headless::evaluation_table;
use crate::protocol::{Eval, MetricInfo};
use crate::train::{eval_event, metric_infos};
use anyhow::{Context, anyhow};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Rows to measure on.
struct Measured {
    sources: Vec<Source>,
    part: Part,
    /// What they are called in the table.
    title: String,
}

/// Loads the rows, evaluates, prints the table or JSON.
pub fn run(arguments: &EvalArguments) -> Result<Exit, Failure> {
    let trained = trained::open(&arguments.model)?;
    let Measured { sources, part, title } = match &arguments.input {
        Some(file) => of_file(&trained, file, arguments.source.as_deref())?,
        None => of_run(&trained, &arguments.part)?,
    };
    let Trained { run, model, which, .. } = trained;
    let rows: usize = sources.iter().map(|source| source.part(part).len()).sum();
    let found = model.evaluate(&sources, part);
    let all = eval_event(model.step(), &title, &found, None, false);
    // Tasks of sources that were not measured have no place in the table.
    let is_measured = |task: &usize| sources.iter().any(|source| source.target(*task).is_some());
    let places: Vec<usize> = (0..model.tasks().len()).filter(is_measured).collect();
    let tasks: Vec<&TaskConfig> = places.iter().filter_map(|task| model.tasks().get(*task)).collect();
    let eval = Eval {
        loss: places.iter().map(|task| all.loss.get(*task).copied().flatten()).collect(),
        metric: places.iter().map(|task| all.metric.get(*task).cloned().unwrap_or_default()).collect(),
        ..all
    };
    let text = if arguments.json {
        let rows_of = if arguments.input.is_some() { "input" } else { "split" };
        let json = json!({ "run": run.name(), "model": which, "step": eval.step, rows_of: eval.split, "rows": rows,
            "tasks": by_task(&tasks, &eval)? });
        serde_json::to_string_pretty(&json).context("cannot write the figures as JSON")? + "\n"
    } else {
        let tasks: Vec<(String, Vec<MetricInfo>)> =
            tasks.iter().map(|task| (task.name.clone(), metric_infos(task))).collect();
        evaluation_table(&tasks, &eval)
    };
    let _ = log::result(&text);
    Ok(Exit::Done)
}

/// A part of the data that the run was started with.
fn of_run(trained: &Trained, part: &str) -> Result<Measured, Failure> {
    let Trained { run, config, model, .. } = trained;
    let part = Part::parse(part).ok_or_else(|| Failure::usage(anyhow!("no part '{part}'")))?;
    let forbids = "figures on it would not compare";
    let sources = train::sources_of(run, &run.read_json()?, config, forbids)?;
    if sources.iter().map(Source::preprocessing).ne(model.sources()) {
        let problem = "its data is read in another way than when it was trained, by another version of this program";
        return Err(Failure::usage(anyhow!("{}: {problem}", run.name())));
    }
    if sources.iter().all(|source| source.part(part).is_empty()) {
        return Err(Failure::usage(anyhow!("the data of {} has no {} part", run.name(), part.name())));
    }
    if part == Part::Test {
        let note = "the test part is meant to be read once: figures that were used to choose are too good";
        log::message("note: ", note);
    }
    Ok(Measured { sources, part, title: part.name().to_owned() })
}

/// The rows of another file, through what the run learned of one of its sources.
fn of_file(trained: &Trained, file: &Path, source: Option<&str>) -> Result<Measured, Failure> {
    let Trained { config, model, .. } = trained;
    let form = InputForm::of(file);
    if !matches!(form, InputForm::Table { .. }) {
        let problem = "expected a table, .csv or .tsv, whose columns hold inputs and labels";
        return Err(Failure::usage(anyhow!("{}: {problem}", file.display())));
    }
    let place = predict::source(&config.sources, source, form).map_err(Failure::usage)?;
    let (Some(options), Some(preprocessing)) = (config.sources.get(place), model.sources().get(place)) else {
        return Err(Failure::usage(anyhow!("the run has no source")));
    };
    let separator = predict::separator(options, form);
    let source = Source::of_file(file, separator, place, options, model.tasks(), preprocessing);
    let source = source.map_err(Failure::usage)?;
    for note in source.notes() {
        log::message("note: ", note);
    }
    let title = file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok(Measured { sources: vec![source], part: Part::Test, title })
}

/// Figures under the names of their tasks.
fn by_task(tasks: &[&TaskConfig], eval: &Eval) -> Result<Map<String, Value>, serde_json::Error> {
    let figures = tasks.iter().zip(eval.loss.iter().zip(&eval.metric));
    figures
        .map(|(task, (loss, metric))| {
            let (loss, metric) = (serde_json::to_value(loss)?, serde_json::to_value(metric)?);
            Ok((task.name.clone(), json!({ "loss": loss, "metric": metric })))
        })
        .collect()
}
