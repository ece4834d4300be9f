//! `[balance]`: the two methods and their settings.
//!
//! Owns the way from their text form to checked choices, and which of them go together in a run.

use super::reader::Reader;
use super::types::{BalanceConfig, TaskConfig, TasksPerStep, TrainConfig};
use crate::balance::{
    AGGREGATIONS, Choice, Circumstances, Kind, Method, Normalise, Place, Settings, WEIGHTINGS, check,
};

/// Reads the table; what is found wrong reads as the plain sum.
pub(super) fn read(reader: &mut Reader<'_, '_>, tasks: &[TaskConfig], train: &TrainConfig) -> BalanceConfig {
    let weighting = choice(reader, Kind::Weighting, WEIGHTINGS);
    let aggregation = choice(reader, Kind::Aggregation, AGGREGATIONS);
    let settings = Settings {
        normalise: reader.choice(&["balance", "normalise"], Normalise::parse, Normalise::None),
        at: reader.choice(&["balance", "at"], Place::parse, Place::Shared),
        every: reader.whole(&["balance", "every"]),
        match_norm: reader.flag(&["balance", "match_norm"]),
        reset_moments: reader.flag(&["balance", "reset_moments"]),
    };
    let run = circumstances(tasks, train);
    if let Err(error) = check(&weighting, &aggregation, settings, run) {
        reader.fault(&["balance"], error.to_string());
    }
    BalanceConfig { weighting, aggregation, settings }
}

/// What of a run decides which methods can work in it.
pub fn circumstances(tasks: &[TaskConfig], train: &TrainConfig) -> Circumstances {
    let mut sources = tasks.iter().map(|task| task.source.as_str());
    let first = sources.next();
    Circumstances {
        one_task_a_step: matches!(train.tasks_per_step, TasksPerStep::One(_)),
        one_source: sources.all(|source| Some(source) == first),
    }
}

fn choice(reader: &mut Reader<'_, '_>, kind: Kind, methods: &[&'static Method]) -> Choice {
    let path = ["balance", kind.name()];
    let text = reader.text(&path);
    // A text that was found wrong before reads as an empty one.
    let found = if text.is_empty() { None } else { Some(Choice::parse(kind, &text)) };
    match (found, methods) {
        (Some(Ok(choice)), _) => choice,
        (found, methods) => {
            if let Some(Err(error)) = found {
                reader.fault(&path, error.to_string());
            }
            plain(methods)
        }
    }
}

/// The first method of a list: the plain one.
fn plain(methods: &[&'static Method]) -> Choice {
    let [first, ..] = methods else { unreachable!("a list of methods is never empty") };
    Choice::plain(first)
}
