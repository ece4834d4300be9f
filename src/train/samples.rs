//! A few rows of an evaluation, shown with what was wanted and what was given.
//!
//! Owns which rows those are and their words. Their place is the same at each evaluation, so that one can watch them
//! get better.

use crate::data::{Part, Source, TargetColumn, Truth};
use crate::objective::metrics::{Predictions, predicted};
use crate::text::truncate;

/// Rows a task.
const ROWS: usize = 6;
/// Columns of a text at most.
const WIDEST: usize = 200;

/// A row as a person knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The task.
    pub task: usize,
    /// What went in.
    pub input: String,
    /// What was wanted.
    pub want: String,
    /// What was given.
    pub got: String,
}

/// Some labelled rows of a part, spread over it evenly.
pub(super) fn chosen(
    source: &Source,
    task: usize,
    target: &TargetColumn,
    part: Part,
    predictions: &Predictions,
) -> Vec<Shown> {
    let rows = source.part(part);
    let Some(truth) = source.truth(task, rows) else { return Vec::new() };
    let labelled: Vec<usize> = (0..rows.len()).filter(|place| want(target, &truth, *place).is_some()).collect();
    let count = labelled.len().min(ROWS);
    let places = (0..count).filter_map(|sample| labelled.get(sample * labelled.len() / count));
    places
        .filter_map(|place| {
            Some(Shown {
                task,
                input: truncate(&source.shown(*rows.get(*place)?), WIDEST),
                want: truncate(&want(target, &truth, *place)?, WIDEST),
                got: truncate(&got(target, predictions, *place)?, WIDEST),
            })
        })
        .collect()
}

fn want(target: &TargetColumn, truth: &Truth, place: usize) -> Option<String> {
    match truth {
        Truth::Numbers(numbers) => numbers.get(place).copied().flatten().map(number),
        Truth::Classes(classes) => {
            let class = classes.get(place).copied().flatten()? as usize;
            Some(target.labels().get(class).cloned().unwrap_or_else(|| "a label unknown to training".to_owned()))
        }
        Truth::Texts(texts) => texts.get(place).cloned().flatten(),
    }
}

fn got(target: &TargetColumn, predictions: &Predictions, place: usize) -> Option<String> {
    match predictions {
        Predictions::Numbers(numbers) => numbers.get(place).map(|value| number(f64::from(*value))),
        Predictions::Scores { values, classes } => {
            let scores = values.get(place * classes..(place + 1) * classes)?;
            let class = predicted(scores)? as usize;
            target.labels().get(class).cloned()
        }
        Predictions::Texts { values, .. } => values.get(place).cloned(),
    }
}

/// A number with about four digits.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.3e}");
    }
    let digits = if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else {
        3
    };
    format!("{value:.digits$}")
}
