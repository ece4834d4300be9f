//! Metrics of predictions against targets, on the host, as scikit-learn, jiwer and sacrebleu define them.
//!
//! Owns their directions and values. Only labelled rows count, and what is undefined is `None`, never a
//! made-up number. It must not know Burn, batches or transforms: numbers come in the user's units.

mod bleu;
mod edit;

use std::collections::BTreeMap;

use crate::config::MetricKind;
use crate::data::Truth;
use crate::protocol::Better;

impl MetricKind {
    /// Whether larger or smaller values are better.
    pub fn better(self) -> Better {
        match self {
            Self::Mae | Self::Rmse | Self::Wer | Self::Cer | Self::WerWordList | Self::Perplexity => Better::Lower,
            Self::Accuracy
            | Self::BalancedAccuracy
            | Self::F1Macro
            | Self::F1Weighted
            | Self::Mcc
            | Self::Kappa
            | Self::Auroc
            | Self::AveragePrecision
            | Self::R2
            | Self::Pearson
            | Self::Bleu => Better::Higher,
        }
    }
}

/// What a network says about some rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictions {
    /// A number a row, in the user's units.
    Numbers(Vec<f32>),
    /// Scores of classes: logits, log-probabilities or probabilities, row by row.
    Scores {
        /// `rows × classes` values.
        values: Vec<f32>,
        /// Values a row. A single one is the logit of class 1 against class 0.
        classes: usize,
    },
    /// A text a row.
    Texts {
        /// As decoded freely.
        values: Vec<String>,
        /// As decoded with words of a list alone; empty where there is no list.
        limited: Vec<String>,
    },
}

/// The metric over the labelled rows; `None` where it is undefined.
///
/// Undefined are: no labelled row; predictions of another kind or number of rows than the targets; `auroc` and
/// `average_precision` unless there are two classes, both present, and no score is NaN; `kappa` where all is one class,
/// predicted and true; `r2` of targets that are all equal; `pearson` where targets or predictions are; metrics of numbers
/// where a number is not finite; metrics of texts where the references are all empty; `wer_word_list` without limited
/// decodings; `perplexity` always, as it is made of a loss: see [`perplexity`]. `mcc` is 0 where targets or predictions are all of one class. A row with a NaN among its
/// scores predicts nothing, so it counts as wrong.
pub fn measure(kind: MetricKind, predictions: &Predictions, truth: &Truth) -> Option<f64> {
    let value = match (predictions, truth) {
        (Predictions::Numbers(predictions), Truth::Numbers(targets)) if predictions.len() == targets.len() => {
            let rows = predictions.iter().zip(targets);
            let pairs: Vec<(f64, f64)> = rows.filter_map(|(p, t)| Some((f64::from(*p), (*t)?))).collect();
            of_numbers(kind, &pairs)
        }
        (Predictions::Scores { values, classes }, Truth::Classes(targets))
            if *classes > 0 && targets.len().checked_mul(*classes) == Some(values.len()) =>
        {
            let rows = values.chunks_exact(*classes).zip(targets);
            let pairs: Vec<(&[f32], u32)> = rows.filter_map(|(scores, t)| Some((scores, (*t)?))).collect();
            of_scores(kind, &pairs)
        }
        (Predictions::Texts { values, limited }, Truth::Texts(targets)) => {
            let decodings = if kind == MetricKind::WerWordList { limited } else { values };
            (decodings.len() == targets.len()).then(|| of_texts(kind, decodings, targets)).flatten()
        }
        _ => None,
    };
    value.filter(|value| value.is_finite())
}

/// e to the mean loss of a token, in nats; `None` where that is no number.
pub fn perplexity(mean_loss: f64) -> Option<f64> {
    Some(mean_loss.exp()).filter(|value| value.is_finite() && mean_loss.is_finite())
}

/// Of as many decodings as targets.
fn of_texts(kind: MetricKind, decodings: &[String], targets: &[Option<String>]) -> Option<f64> {
    let rows = decodings.iter().zip(targets);
    let pairs: Vec<(&str, &str)> =
        rows.filter_map(|(text, target)| Some((text.as_str(), target.as_deref()?))).collect();
    match kind {
        MetricKind::Wer | MetricKind::WerWordList => edit::word_error_rate(&pairs),
        MetricKind::Cer => edit::character_error_rate(&pairs),
        MetricKind::Bleu => bleu::bleu(&pairs),
        _ => None,
    }
}

/// Of pairs (prediction, target).
fn of_numbers(kind: MetricKind, pairs: &[(f64, f64)]) -> Option<f64> {
    let first = pairs.first()?.1;
    let rows = pairs.len() as f64;
    let squares = || pairs.iter().map(|(p, t)| (p - t).powi(2)).sum::<f64>();
    match kind {
        MetricKind::Mae => Some(pairs.iter().map(|(p, t)| (p - t).abs()).sum::<f64>() / rows),
        MetricKind::Rmse => Some((squares() / rows).sqrt()),
        // Asked of the values: rounding of their mean could leave a spread where there is none.
        MetricKind::R2 if pairs.iter().all(|(_, t)| *t == first) => None,
        MetricKind::R2 => {
            let mean = pairs.iter().map(|(_, t)| t).sum::<f64>() / rows;
            Some(1.0 - squares() / pairs.iter().map(|(_, t)| (t - mean).powi(2)).sum::<f64>())
        }
        MetricKind::Pearson => pearson(pairs),
        _ => None,
    }
}

/// Covariance over the product of deviations.
fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let first = pairs.first()?;
    // Asked of the values, as for `r2`.
    if pairs.iter().all(|(p, _)| *p == first.0) || pairs.iter().all(|(_, t)| *t == first.1) {
        return None;
    }
    let rows = pairs.len() as f64;
    let mean = (pairs.iter().map(|(p, _)| p).sum::<f64>() / rows, pairs.iter().map(|(_, t)| t).sum::<f64>() / rows);
    let (mut products, mut squares) = (0.0, (0.0, 0.0));
    for (p, t) in pairs {
        let (p, t) = (p - mean.0, t - mean.1);
        products += p * t;
        squares.0 += p * p;
        squares.1 += t * t;
    }
    // Squares of the very large or small are no longer numbers to divide by.
    let measurable = squares.0.is_normal() && squares.1.is_normal();
    // Rounding may carry it just beyond its bounds.
    measurable.then(|| (products / (squares.0.sqrt() * squares.1.sqrt())).clamp(-1.0, 1.0))
}

/// Of pairs (scores of a row, target).
fn of_scores(kind: MetricKind, pairs: &[(&[f32], u32)]) -> Option<f64> {
    if pairs.is_empty() {
        return None;
    }
    match kind {
        MetricKind::Accuracy => {
            let right = pairs.iter().filter(|(scores, target)| predicted(scores) == Some(*target)).count();
            Some(right as f64 / pairs.len() as f64)
        }
        MetricKind::BalancedAccuracy => {
            mean(counts(pairs).values().filter(|count| count.targets > 0).map(Count::recall))
        }
        MetricKind::F1Macro => mean(counts(pairs).values().map(Count::f1)),
        MetricKind::F1Weighted => {
            let weighted = counts(pairs).into_values().map(|count| f64::from(count.targets) * count.f1());
            Some(weighted.sum::<f64>() / pairs.len() as f64)
        }
        MetricKind::Mcc => Some(Agreement::of(pairs).mcc()),
        MetricKind::Kappa => Agreement::of(pairs).kappa(),
        MetricKind::Auroc => ranked(pairs).map(|rows| auroc(&rows)),
        MetricKind::AveragePrecision => ranked(pairs).map(|rows| average_precision(&rows)),
        _ => None,
    }
}

/// The class of the largest score, the first of equals; a single score is the logit of class 1. `None` where one is NaN.
pub fn predicted(scores: &[f32]) -> Option<u32> {
    if scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    if let [logit] = scores {
        return Some(u32::from(*logit > 0.0));
    }
    let largest = scores.iter().copied().reduce(f32::max)?;
    scores.iter().position(|score| *score == largest).and_then(|place| u32::try_from(place).ok())
}

/// Rows of one class.
#[derive(Clone, Copy, Default)]
struct Count {
    targets: u32,
    predictions: u32,
    right: u32,
}

impl Count {
    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from(self.targets)
    }

    fn f1(&self) -> f64 {
        2.0 * f64::from(self.right) / (f64::from(self.targets) + f64::from(self.predictions))
    }
}

/// Counts of every class that is a target or predicted, in the order of classes.
fn counts(pairs: &[(&[f32], u32)]) -> BTreeMap<u32, Count> {
    let mut counts = BTreeMap::<u32, Count>::new();
    for (scores, target) in pairs {
        counts.entry(*target).or_default().targets += 1;
        if let Some(class) = predicted(scores) {
            let count = counts.entry(class).or_default();
            count.predictions += 1;
            count.right += u32::from(class == *target);
        }
    }
    counts
}

/// What a table of targets against predictions says beyond its diagonal. A row that predicts nothing counts as one of
/// a class that is never a target.
struct Agreement {
    rows: f64,
    right: f64,
    /// Σ over classes of targets × predictions.
    by_chance: f64,
    /// Σ over classes of targets².
    targets: f64,
    /// Σ over classes of predictions².
    predictions: f64,
}

impl Agreement {
    fn of(pairs: &[(&[f32], u32)]) -> Self {
        let counts = counts(pairs);
        let sum = |value: fn(f64, f64) -> f64| {
            counts.values().map(|count| value(count.targets.into(), count.predictions.into())).sum::<f64>()
        };
        let rows = pairs.len() as f64;
        let silent = rows - sum(|_, predictions| predictions);
        Self {
            rows,
            right: counts.values().map(|count| f64::from(count.right)).sum(),
            by_chance: sum(|targets, predictions| targets * predictions),
            targets: sum(|targets, _| targets * targets),
            predictions: sum(|_, predictions| predictions * predictions) + silent * silent,
        }
    }

    fn mcc(&self) -> f64 {
        let all = self.rows * self.rows;
        let (targets, predictions) = (all - self.targets, all - self.predictions);
        if targets <= 0.0 || predictions <= 0.0 {
            return 0.0;
        }
        ((self.right * self.rows - self.by_chance) / (targets.sqrt() * predictions.sqrt())).clamp(-1.0, 1.0)
    }

    fn kappa(&self) -> Option<f64> {
        let room = self.rows * self.rows - self.by_chance;
        (room > 0.0).then(|| (self.right * self.rows - self.by_chance) / room)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Rows of one score: how many are of class 0 and of class 1.
#[derive(Clone, Copy)]
struct Tied {
    zeros: f64,
    ones: f64,
}

/// Rows of two classes by rising score of class 1; `None` unless both classes are present and every score is a number.
fn ranked(pairs: &[(&[f32], u32)]) -> Option<Vec<Tied>> {
    let mut rows = Vec::with_capacity(pairs.len());
    for (scores, target) in pairs {
        // Grows with the probability of class 1 for logits, log-probabilities and probabilities alike.
        let score = match scores {
            [logit] => f64::from(*logit),
            [zero, one] => f64::from(*one) - f64::from(*zero),
            _ => return None,
        };
        if score.is_nan() || *target > 1 {
            return None;
        }
        rows.push((score, *target == 1));
    }
    let ones = rows.iter().filter(|(_, one)| *one).count();
    if ones == 0 || ones == rows.len() {
        return None;
    }
    // 0 and −0 are one score.
    rows.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    let tied = rows.chunk_by(|a, b| a.0 == b.0).map(|tied| {
        let ones = tied.iter().filter(|(_, one)| *one).count();
        Tied { zeros: (tied.len() - ones) as f64, ones: ones as f64 }
    });
    Some(tied.collect())
}

/// The share of pairs of rows of different class in which class 1 has the larger score; ties count half.
fn auroc(rows: &[Tied]) -> f64 {
    let (mut zeros, mut ones, mut twice) = (0.0, 0.0, 0.0);
    for tied in rows {
        twice += tied.ones * (2.0 * zeros + tied.zeros);
        zeros += tied.zeros;
        ones += tied.ones;
    }
    twice / (2.0 * zeros * ones)
}

/// The mean over rows of class 1 of the precision at their score.
fn average_precision(rows: &[Tied]) -> f64 {
    let (mut seen, mut ones, mut sum) = (0.0, 0.0, 0.0);
    for tied in rows.iter().rev() {
        seen += tied.zeros + tied.ones;
        ones += tied.ones;
        sum += tied.ones * ones / seen;
    }
    sum / ones
}

#[cfg(test)]
mod tests;
