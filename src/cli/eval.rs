//! `trimtab eval`: a trained network on a part of its run's data.

use super::exit::{Exit, Failure};
use super::trained::Trained;
use super::{EvalArguments, log, train, trained};
use crate::config::TaskConfig;
use crate::data::{Part, Source};
use crate::headless::evaluation_table;
use crate::protocol::{Eval, MetricInfo};
use crate::train::{eval_event, metric_infos};
use anyhow::{Context, anyhow};
use serde_json::{Map, Value, json};

/// Loads the run's data, evaluates, prints the table or JSON.
pub fn run(arguments: &EvalArguments) -> Result<Exit, Failure> {
    let part = Part::parse(&arguments.part).ok_or_else(|| Failure::usage(anyhow!("no part '{}'", arguments.part)))?;
    let Trained { run, config, model, which } = trained::open(&arguments.model)?;
    let forbids = "figures on it would not compare";
    let sources = train::sources_of(&run, &run.read_json()?, &config, forbids)?;
    if sources.iter().map(Source::preprocessing).ne(model.sources()) {
        let problem = "its data is read in another way than when it was trained, by another version of this program";
        return Err(Failure::usage(anyhow!("{}: {problem}", run.name())));
    }
    let rows: usize = sources.iter().map(|source| source.part(part).len()).sum();
    if rows == 0 {
        return Err(Failure::usage(anyhow!("the data of {} has no {} part", run.name(), part.name())));
    }
    if part == Part::Test {
        let note = "the test part is meant to be read once: figures that were used to choose are too good";
        log::message("note: ", note);
    }
    let found = model.evaluate(&sources, part);
    let eval = eval_event(model.step(), part.name(), &found, None, false);
    let text = if arguments.json {
        let tasks = by_task(model.tasks(), &eval)?;
        let json = json!({ "run": run.name(), "model": which, "step": eval.step, "split": eval.split, "rows": rows,
            "tasks": tasks });
        serde_json::to_string_pretty(&json).context("cannot write the figures as JSON")? + "\n"
    } else {
        let tasks: Vec<(String, Vec<MetricInfo>)> =
            model.tasks().iter().map(|task| (task.name.clone(), metric_infos(task))).collect();
        evaluation_table(&tasks, &eval)
    };
    let _ = log::result(&text);
    Ok(Exit::Done)
}

/// Figures under the names of their tasks.
fn by_task(tasks: &[TaskConfig], eval: &Eval) -> Result<Map<String, Value>, serde_json::Error> {
    let figures = tasks.iter().zip(eval.loss.iter().zip(&eval.metric));
    figures
        .map(|(task, (loss, metric))| {
            let (loss, metric) = (serde_json::to_value(loss)?, serde_json::to_value(metric)?);
            Ok((task.name.clone(), json!({ "loss": loss, "metric": metric })))
        })
        .collect()
}
