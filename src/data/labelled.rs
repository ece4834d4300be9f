//! A task's target for every row.
//!
//! Owns learning a target from the training rows, and the rows' values. It must not see rows outside the training part
//! when it learns.

use super::batch::Targets;
use super::error::{DataError, shown};
use super::labels::{Reading, ordered, reading, scale};
use super::split::Parts;
use super::table::Sheet;
use super::target::{ClassTarget, NumberTarget, TargetColumn, TextTarget, TranscriptTarget, Truth};
use super::text::{Letters, Vocabulary, normalised};
use crate::config::{ClassWeights, LossKind, TaskConfig, Transform, Unit};
use std::collections::{BTreeSet, HashMap, HashSet};

/// More classes than this are rather a number.
const MOST_CLASSES: usize = 1000;

/// A target with its values for every row.
#[derive(Debug)]
pub(super) struct TargetValues {
    pub learned: TargetColumn,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Numbers(Vec<Option<f64>>),
    Classes(Vec<Option<u32>>),
    /// What was written, as metrics compare it, and its numbers.
    Texts {
        truth: Vec<Option<String>>,
        numbers: Vec<Option<Vec<u32>>>,
    },
}

impl TargetValues {
    /// Learns a task's target from the training rows and reads it for all rows. `notes` takes what is worth telling.
    pub fn learn(
        sheet: &Sheet,
        column: usize,
        task: &TaskConfig,
        parts: &Parts,
        notes: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        if (0..sheet.rows()).all(|row| sheet.value(column, row).is_none()) {
            return Err(sheet.column_fault(column, format!("no row has a label, the target of task '{}'", task.name)));
        }
        if parts.train.iter().all(|row| sheet.value(column, *row).is_none()) {
            let message = format!("no row of the training part has a label, the target of task '{}'", task.name);
            return Err(sheet.column_fault(column, message));
        }
        let target = if task.loss.is_of_texts() {
            Ok(Self::texts(sheet, column, task, parts))
        } else if task.loss.is_classification() && task.bins.is_empty() {
            Self::classes(sheet, column, task, parts, notes)
        } else {
            let numbers = numbers(sheet, column, task)?;
            if task.loss.is_classification() {
                Self::binned(sheet, column, task, parts, &numbers)
            } else {
                Self::number(sheet, column, task, parts, numbers, notes)
            }
        }?;
        for (part, rows) in [("valid", &parts.valid), ("test", &parts.test)] {
            if !rows.is_empty() && rows.iter().all(|row| sheet.value(column, *row).is_none()) {
                notes.push(format!("task '{}' has no label in the {part} part", task.name));
            }
            if part == "valid" && target.has_one_class(rows) {
                let effect = "it does not count in the validation score";
                notes.push(format!("task '{}' has one label alone in the valid part: {effect}", task.name));
            }
        }
        Ok(target)
    }

    /// Whether the labelled ones of these rows are all of one class.
    fn has_one_class(&self, rows: &[usize]) -> bool {
        let Values::Classes(classes) = &self.values else { return false };
        let mut labels = rows.iter().filter_map(|row| classes.get(*row).copied().flatten());
        labels.next().is_some_and(|first| labels.all(|other| other == first))
    }

    fn texts(sheet: &Sheet, column: usize, task: &TaskConfig, parts: &Parts) -> Self {
        let of_train = || parts.train.iter().filter_map(|row| sheet.value(column, *row));
        let labelled = of_train().count();
        let unit = if task.loss == LossKind::Ctc { Unit::Character } else { Unit::Word };
        let truth: Vec<Option<String>> =
            (0..sheet.rows()).map(|row| sheet.value(column, row).map(|text| normalised(text, unit))).collect();
        let column = name(sheet, column);
        let learned = if task.loss == LossKind::Ctc {
            let words: BTreeSet<&str> = parts
                .train
                .iter()
                .filter_map(|row| truth.get(*row)?.as_deref())
                .flat_map(str::split_whitespace)
                .collect();
            let words = words.into_iter().map(str::to_owned).collect();
            TargetColumn::Transcript(TranscriptTarget { column, letters: Letters::learn(of_train()), words, labelled })
        } else {
            let vocabulary = Vocabulary::learn(of_train(), unit, task.min_count, usize::MAX);
            TargetColumn::Text(TextTarget { column, vocabulary, longest: task.longest, labelled })
        };
        let encode = |text: &String| match &learned {
            TargetColumn::Transcript(transcript) => transcript.letters.encode(text),
            TargetColumn::Text(target) => target.vocabulary.encode(text),
            TargetColumn::Number(_) | TargetColumn::Classes(_) => Vec::new(),
        };
        let numbers = truth.iter().map(|text| text.as_ref().map(encode)).collect();
        Self { learned, values: Values::Texts { truth, numbers } }
    }

    fn number(
        sheet: &Sheet,
        column: usize,
        task: &TaskConfig,
        parts: &Parts,
        numbers: Vec<Option<f64>>,
        notes: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        let transformed = |value: f64| if task.transform == Transform::Log1p { value.ln_1p() } else { value };
        let of_train = |row: &usize| numbers.get(*row).copied().flatten();
        let training: Vec<f64> = parts.train.iter().filter_map(of_train).map(transformed).collect();
        let Some(scale) = scale(&training) else {
            return Err(sheet.column_fault(column, "numbers too large or too close together to be scaled"));
        };
        let (mean, deviation) = if task.loss.is_of_counts() { (0.0, 1.0) } else { (scale.mean, scale.deviation) };
        if scale.constant {
            notes.push(format!("the target of task '{}' is constant in the training part", task.name));
        }
        let learned = NumberTarget {
            column: name(sheet, column),
            transform: task.transform,
            mean,
            deviation,
            labelled: training.len(),
        };
        for (row, value) in numbers.iter().enumerate() {
            if value.is_some_and(|value| !(learned.scaled(value) as f32).is_finite()) {
                return Err(sheet.cell_fault(column, row, "too far from the training part's values"));
            }
        }
        Ok(Self { learned: TargetColumn::Number(learned), values: Values::Numbers(numbers) })
    }

    fn binned(
        sheet: &Sheet,
        column: usize,
        task: &TaskConfig,
        parts: &Parts,
        numbers: &[Option<f64>],
    ) -> Result<Self, DataError> {
        let class = |value: f64| task.bins.iter().filter(|bound| value >= **bound).count() as u32;
        let values = numbers.iter().map(|value| value.map(class)).collect();
        Self::counted(sheet, column, task, parts, bin_labels(&task.bins), values)
    }

    fn classes(
        sheet: &Sheet,
        column: usize,
        task: &TaskConfig,
        parts: &Parts,
        notes: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        let labels = ordered(parts.train.iter().filter_map(|row| sheet.value(column, *row)));
        if labels.len() > MOST_CLASSES {
            let message = format!("{} classes: a number? Then mse, or bins to make classes of it", labels.len());
            return Err(sheet.column_fault(column, message));
        }
        // Labels that training does not see have places of their own, beyond the known ones.
        let all = ordered((0..sheet.rows()).filter_map(|row| sheet.value(column, row)));
        let known: HashSet<&str> = labels.iter().map(String::as_str).collect();
        let unseen: Vec<&str> = all.iter().map(String::as_str).filter(|label| !known.contains(label)).collect();
        let in_order = labels.iter().map(String::as_str).chain(unseen.iter().copied());
        let places: HashMap<&str, u32> = in_order.zip(0..).collect();
        let values: Vec<Option<u32>> =
            (0..sheet.rows()).map(|row| places.get(sheet.value(column, row)?).copied()).collect();
        for (part, rows) in [("valid", &parts.valid), ("test", &parts.test)] {
            let of_rows =
                || rows.iter().filter_map(|row| sheet.value(column, *row)).filter(|cell| !known.contains(cell));
            let count = of_rows().count();
            if count > 0 {
                let rows = if count == 1 { "row has a label" } else { "rows have labels" };
                notes.push(format!(
                    "task '{}': {count} {part} {rows} that the training part has not, and {} as wrong: {}",
                    task.name,
                    if count == 1 { "counts" } else { "count" },
                    listed(&ordered(of_rows())),
                ));
            }
        }
        Self::counted(sheet, column, task, parts, labels, values)
    }

    fn counted(
        sheet: &Sheet,
        column: usize,
        task: &TaskConfig,
        parts: &Parts,
        labels: Vec<String>,
        values: Vec<Option<u32>>,
    ) -> Result<Self, DataError> {
        let mut counts = vec![0; labels.len()];
        for row in &parts.train {
            if let Some(count) = values.get(*row).copied().flatten().and_then(|class| counts.get_mut(class as usize)) {
                *count += 1;
            }
        }
        let seen = counts.iter().filter(|count| **count > 0).count();
        if seen < 2 {
            let only = labels.iter().zip(&counts).find(|(_, count)| **count > 0);
            let only = only.map_or(String::new(), |(label, _)| format!(", {}", shown(label)));
            let message =
                format!("one label only in the training part{only}: nothing to tell apart for task '{}'", task.name);
            return Err(sheet.column_fault(column, message));
        }
        if task.loss == LossKind::Bce && labels.len() != 2 {
            let message =
                format!("bce needs two labels, found {}: {}; is cross_entropy meant?", labels.len(), listed(&labels));
            return Err(sheet.column_fault(column, message));
        }
        if let Some(metric) = task.metrics.iter().find(|metric| metric.needs_two_classes() && labels.len() != 2) {
            let message = format!(
                "{metric} needs two labels, found {}: {} (task '{}')",
                labels.len(),
                listed(&labels),
                task.name
            );
            return Err(sheet.column_fault(column, message));
        }
        if let ClassWeights::Given(weights) = &task.class_weights
            && weights.len() != labels.len()
        {
            let message = format!("{} class_weights for {} labels: {}", weights.len(), labels.len(), listed(&labels));
            return Err(sheet.column_fault(column, message));
        }
        let learned = ClassTarget { column: name(sheet, column), labels, counts, bins: task.bins.clone() };
        Ok(Self { learned: TargetColumn::Classes(learned), values: Values::Classes(values) })
    }

    /// The targets of rows as training sees them.
    pub fn targets(&self, rows: &[usize]) -> Targets {
        match (&self.learned, &self.values) {
            (TargetColumn::Number(learned), Values::Numbers(values)) => {
                let scaled = |row: &usize| Some(learned.scaled(values.get(*row).copied().flatten()?) as f32);
                Targets::Numbers(rows.iter().map(scaled).collect())
            }
            (TargetColumn::Classes(learned), Values::Classes(values)) => {
                let known = |class: &u32| (*class as usize) < learned.labels.len();
                Targets::Classes(rows.iter().map(|row| values.get(*row).copied().flatten().filter(known)).collect())
            }
            (_, Values::Texts { numbers, .. }) => {
                Targets::Sequences(rows.iter().map(|row| numbers.get(*row).cloned().flatten()).collect())
            }
            _ => Targets::Numbers(vec![None; rows.len()]),
        }
    }

    /// The targets of rows as metrics see them.
    pub fn truth(&self, rows: &[usize]) -> Truth {
        match &self.values {
            Values::Numbers(values) => {
                Truth::Numbers(rows.iter().map(|row| values.get(*row).copied().flatten()).collect())
            }
            Values::Classes(values) => {
                Truth::Classes(rows.iter().map(|row| values.get(*row).copied().flatten()).collect())
            }
            Values::Texts { truth, .. } => {
                Truth::Texts(rows.iter().map(|row| truth.get(*row).cloned().flatten()).collect())
            }
        }
    }
}

fn name(sheet: &Sheet, column: usize) -> String {
    sheet.header.get(column).cloned().unwrap_or_default()
}

/// Reads a column of numbers; anything else is an error that names the cell.
fn numbers(sheet: &Sheet, column: usize, task: &TaskConfig) -> Result<Vec<Option<f64>>, DataError> {
    let mut numbers = Vec::with_capacity(sheet.rows());
    for row in 0..sheet.rows() {
        let cell = sheet.value(column, row);
        numbers.push(match cell.map(reading) {
            None => None,
            Some(Reading::Number(value)) if task.transform == Transform::Log1p && value <= -1.0 => {
                let message = format!("log1p needs numbers above -1, found {value}");
                return Err(sheet.cell_fault(column, row, message));
            }
            Some(Reading::Number(value)) if task.loss.is_of_counts() && value < 0.0 => {
                let message = format!("{} needs counts, 0 or more, found {value}", task.loss);
                return Err(sheet.cell_fault(column, row, message));
            }
            Some(Reading::Number(value)) => Some(value),
            Some(_) => {
                let cell = shown(cell.unwrap_or(""));
                let message = format!("expected a number, the target of task '{}', found {cell}", task.name);
                return Err(sheet.cell_fault(column, row, message));
            }
        });
    }
    Ok(numbers)
}

/// The first labels, for a message.
fn listed(labels: &[String]) -> String {
    let more = if labels.len() > 10 { ", …" } else { "" };
    labels.iter().take(10).map(|label| shown(label)).collect::<Vec<_>>().join(", ") + more
}

/// `<15`, `15..25`, `>=25`.
fn bin_labels(bins: &[f64]) -> Vec<String> {
    let first = bins.first().map(|bound| format!("<{bound}"));
    let middle = bins.iter().zip(bins.iter().skip(1)).map(|(low, high)| format!("{low}..{high}"));
    let last = bins.last().map(|bound| format!(">={bound}"));
    first.into_iter().chain(middle).chain(last).collect()
}
