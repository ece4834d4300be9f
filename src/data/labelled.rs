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

    /// Reads a target of which everything was learned before, for all rows of another file.
    pub fn read(
        sheet: &Sheet,
        column: usize,
        task: &TaskConfig,
        learned: &TargetColumn,
        notes: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        if (0..sheet.rows()).all(|row| sheet.value(column, row).is_none()) {
            notes.push(format!("task '{}' has no label in {}", task.name, sheet.file));
        }
        let values = match learned {
            TargetColumn::Number(learned) => {
                let numbers = numbers(sheet, column, task)?;
                check_scaled(sheet, column, learned, &numbers)?;
                Values::Numbers(numbers)
            }
            TargetColumn::Classes(classes) if !classes.bins.is_empty() => {
                Values::Classes(bins_of(&classes.bins, &numbers(sheet, column, task)?))
            }
            TargetColumn::Classes(classes) => {
                let all: Vec<usize> = (0..sheet.rows()).collect();
                let known: HashSet<&str> = classes.labels.iter().map(String::as_str).collect();
                notes.extend(unseen_labels(sheet, column, task, &known, "new", &all));
                Values::Classes(places_of(sheet, column, &classes.labels))
            }
            TargetColumn::Transcript(_) => texts_of(sheet, column, learned, Unit::Character),
            TargetColumn::Text(_) => texts_of(sheet, column, learned, Unit::Word),
        };
        Ok(Self { learned: learned.clone(), values })
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
        let values = encoded(truth, &learned);
        Self { learned, values }
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
        check_scaled(sheet, column, &learned, &numbers)?;
        Ok(Self { learned: TargetColumn::Number(learned), values: Values::Numbers(numbers) })
    }

    fn binned(
        sheet: &Sheet,
        column: usize,
        task: &TaskConfig,
        parts: &Parts,
        numbers: &[Option<f64>],
    ) -> Result<Self, DataError> {
        let values = bins_of(&task.bins, numbers);
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
        let values = places_of(sheet, column, &labels);
        let known: HashSet<&str> = labels.iter().map(String::as_str).collect();
        for (part, rows) in [("valid", &parts.valid), ("test", &parts.test)] {
            notes.extend(unseen_labels(sheet, column, task, &known, part, rows));
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

/// The place of each row's label. One that training did not see has a place of its own, beyond the known ones.
fn places_of(sheet: &Sheet, column: usize, labels: &[String]) -> Vec<Option<u32>> {
    let known: HashSet<&str> = labels.iter().map(String::as_str).collect();
    let all = ordered((0..sheet.rows()).filter_map(|row| sheet.value(column, row)));
    let unseen = all.iter().map(String::as_str).filter(|label| !known.contains(label));
    let places: HashMap<&str, u32> = labels.iter().map(String::as_str).chain(unseen).zip(0..).collect();
    (0..sheet.rows()).map(|row| places.get(sheet.value(column, row)?).copied()).collect()
}

/// A note of the labels that are not known, where there are any.
fn unseen_labels(
    sheet: &Sheet,
    column: usize,
    task: &TaskConfig,
    known: &HashSet<&str>,
    part: &str,
    rows: &[usize],
) -> Option<String> {
    let of_rows = || rows.iter().filter_map(|row| sheet.value(column, *row)).filter(|cell| !known.contains(cell));
    let count = of_rows().count();
    let counted = match count {
        0 => return None,
        1 => "row has a label that the training part has not, and counts",
        _ => "rows have labels that the training part has not, and count",
    };
    Some(format!("task '{}': {count} {part} {counted} as wrong: {}", task.name, listed(&ordered(of_rows()))))
}

/// The class of each number; a bound belongs to the class above it.
fn bins_of(bins: &[f64], numbers: &[Option<f64>]) -> Vec<Option<u32>> {
    let class = |value: f64| bins.iter().filter(|bound| value >= **bound).count() as u32;
    numbers.iter().map(|value| value.map(class)).collect()
}

/// No number may be so far off that training's units cannot hold it.
fn check_scaled(
    sheet: &Sheet,
    column: usize,
    learned: &NumberTarget,
    numbers: &[Option<f64>],
) -> Result<(), DataError> {
    let off = |value: &Option<f64>| value.is_some_and(|value| !(learned.scaled(value) as f32).is_finite());
    match numbers.iter().position(off) {
        Some(row) => Err(sheet.cell_fault(column, row, "too far from the training part's values")),
        None => Ok(()),
    }
}

fn texts_of(sheet: &Sheet, column: usize, learned: &TargetColumn, unit: Unit) -> Values {
    let truth = (0..sheet.rows()).map(|row| sheet.value(column, row).map(|text| normalised(text, unit))).collect();
    encoded(truth, learned)
}

/// Texts with their numbers.
fn encoded(truth: Vec<Option<String>>, learned: &TargetColumn) -> Values {
    let encode = |text: &String| match learned {
        TargetColumn::Transcript(transcript) => transcript.letters.encode(text),
        TargetColumn::Text(target) => target.vocabulary.encode(text),
        TargetColumn::Number(_) | TargetColumn::Classes(_) => Vec::new(),
    };
    let numbers = truth.iter().map(|text| text.as_ref().map(encode)).collect();
    Values::Texts { truth, numbers }
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
