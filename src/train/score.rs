//! One number for an evaluation, by which `best` is chosen: how far each task is below its best constant answer.
//!
//! Owns the references and the mean over tasks. It must not know weights: the score does not depend on λ.

use super::evaluate::Evaluation;
use crate::config::BestBy;
use crate::data::{Part, Source, TargetColumn, Targets};
use crate::model::input::FrameInput;
use crate::objective::{Loss, ctc, wanted};
use crate::protocol::Better;
use burn::prelude::*;
use burn::tensor::TensorData;

/// What a task's loss on the validation part is held against.
///
/// A loss L counts as (L − floor) / (constant − floor): 1 is as good as the best constant answer, less is better, and
/// 0 is the floor. The floor is 0, which most losses cannot fall below, but for `poisson_nll`, whose least value
/// depends on the counts: there it is the loss of rates equal to the targets, so that the quotient is the share of the
/// deviance that is left. `gaussian_nll` has no least value; its floor is 0 all the same and its constant answer, mean 0
/// and variance 1, is above it, so that less is still better, though the quotient may fall below 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    constant: f64,
    floor: f64,
}

impl Reference {
    /// `None` unless both are finite and the constant answer's loss is above the floor by more than rounding.
    pub fn new(constant: f64, floor: f64) -> Option<Self> {
        let room = constant - floor;
        // A loss is a mean of single-precision numbers.
        let rounding = 1e-5 * constant.abs().min(floor.abs());
        (room.is_finite() && room > rounding).then_some(Self { constant, floor })
    }

    /// The loss as a share of the constant answer's, both above the floor.
    pub fn relative(self, loss: f64) -> f64 {
        (loss - self.floor) / (self.constant - self.floor)
    }
}

impl Evaluation {
    /// Mean over tasks of the loss relative to its reference; `None` where no task has both, or where it is not finite.
    pub fn score(&self, reference: &[Option<Reference>]) -> Option<f64> {
        let losses = self.loss.iter().zip(reference);
        let ratios: Vec<f64> = losses.filter_map(|(loss, reference)| Some((*reference)?.relative((*loss)?))).collect();
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        mean.is_finite().then_some(mean)
    }
}

/// How an evaluation stands to the best one before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// Its state is to be kept as the best; what was compared, where it is defined.
    Better(Option<f64>),
    /// It was compared and is no better.
    NoBetter,
    /// There is nothing to compare, so patience would only count evaluations.
    Unknown,
}

impl Evaluation {
    /// Holds this evaluation, with its score, against the best value so far of what `best` goes by.
    pub fn standing(
        &self,
        best: BestBy,
        score: Option<f64>,
        references: &[Option<Reference>],
        before: Option<f64>,
    ) -> Standing {
        let (value, less_is_better, comparable) = match best {
            BestBy::Last => return Standing::Better(score),
            BestBy::Score => (score, true, references.iter().any(Option::is_some)),
            BestBy::Metric { task, metric } => {
                let value = self.metric.get(task).and_then(|known| known.get(metric.name()));
                (value.map(|value| value.get()), metric.better() == Better::Lower, value.is_some())
            }
        };
        let better =
            |value: f64| before.is_none_or(|before| if less_is_better { value < before } else { value > before });
        match value.filter(|value| value.is_finite() && better(*value)) {
            Some(value) => Standing::Better(Some(value)),
            None if comparable => Standing::NoBetter,
            None => Standing::Unknown,
        }
    }
}

/// A reference a task, from the best constant answer known from the training part; `None` without a validation label,
/// with one class alone among them, or where the constant answer cannot be beaten.
pub fn references(sources: &[Source], losses: &[Loss], device: &Device) -> Vec<Option<Reference>> {
    losses
        .iter()
        .enumerate()
        .map(|(task, loss)| {
            let source = sources.iter().find(|source| source.target(task).is_some())?;
            let rows = source.part(Part::Valid);
            match source.target(task)? {
                TargetColumn::Transcript(transcript) => return blind(source, task, transcript.letters.classes()),
                TargetColumn::Text(text) => return unigram(source, task, text.vocabulary.len(), text.longest),
                TargetColumn::Number(_) | TargetColumn::Classes(_) => {}
            }
            let answer = constant_answer(source, task, loss)?;
            let targets = source.batch(rows).targets.into_iter().nth(task)??;
            if !tells_apart(&targets) {
                return None;
            }
            let width = answer.len();
            let data = TensorData::new(answer.repeat(rows.len()), [rows.len(), width]);
            let value = loss.value(Tensor::from_data(data, device), &targets)?;
            Reference::new(f64::from(value.value.into_scalar::<f32>()), floor(loss, &targets))
        })
        .collect()
}

/// Whether there is anything to tell apart: with one class alone the constant answer is all but perfect, and the
/// quotient would be rounding and noise.
fn tells_apart(targets: &Targets) -> bool {
    match targets {
        Targets::Numbers(_) | Targets::Sequences(_) => true,
        Targets::Classes(classes) => {
            let mut labels = classes.iter().flatten();
            labels.next().is_some_and(|first| labels.any(|other| other != first))
        }
    }
}

/// Of letters: the loss where every position says every class alike.
fn blind(source: &Source, task: usize, classes: usize) -> Option<Reference> {
    let rows = source.part(Part::Valid);
    let Targets::Sequences(targets) = source.targets(task, rows)? else { return None };
    let lengths = source.lengths(rows);
    let labelled = targets.iter().flatten().count();
    let each = targets.iter().zip(lengths).filter_map(|(target, frames)| {
        let target = target.as_ref()?;
        let value = ctc::uniform(FrameInput::positions(frames), classes, target).unwrap_or(0.0);
        Some(value / target.len().max(1) as f64)
    });
    Reference::new(each.sum::<f64>() / labelled as f64, 0.0)
}

/// Of texts: the loss of the tokens' frequencies in the training part, whatever went before.
fn unigram(source: &Source, task: usize, vocabulary: usize, longest: usize) -> Option<Reference> {
    let tokens = |part: Part| {
        let Targets::Sequences(targets) = source.targets(task, source.part(part))? else { return None };
        let tokens = targets.into_iter().flatten().flat_map(|target| wanted(&target, longest).collect::<Vec<_>>());
        Some(tokens.collect::<Vec<u32>>())
    };
    // One more of each, so that a token that training lacks has a finite loss.
    let mut counts = vec![1.0; vocabulary];
    for token in tokens(Part::Train)? {
        if let Some(count) = counts.get_mut(token as usize) {
            *count += 1.0;
        }
    }
    let all: f64 = counts.iter().sum();
    let valid = tokens(Part::Valid)?;
    let loss: f64 = valid.iter().filter_map(|token| counts.get(*token as usize)).map(|count| -(count / all).ln()).sum();
    Reference::new(loss / valid.len() as f64, 0.0)
}

/// The value that counts as 0.
fn floor(loss: &Loss, targets: &Targets) -> f64 {
    match (loss, targets) {
        (Loss::PoissonNll, Targets::Numbers(numbers)) => {
            let least = |y: f64| if y > 0.0 { y - y * y.ln() } else { 0.0 };
            let (sum, labelled) = numbers
                .iter()
                .flatten()
                .fold((0.0, 0_usize), |(sum, labelled), y| (sum + least(f64::from(*y)), labelled + 1));
            sum / labelled as f64
        }
        _ => 0.0,
    }
}

/// The constant output that fits the training part best: the mean, median or rate, or the frequencies of the classes.
fn constant_answer(source: &Source, task: usize, loss: &Loss) -> Option<Vec<f32>> {
    let training = || {
        let batch = source.batch(source.part(Part::Train));
        let Targets::Numbers(numbers) = batch.targets.into_iter().nth(task)?? else { return None };
        Some(numbers.into_iter().flatten().collect::<Vec<f32>>())
    };
    match (source.target(task)?, loss) {
        (TargetColumn::Number(_), Loss::L1) => {
            let mut numbers = training()?;
            numbers.sort_by(f32::total_cmp);
            Some(vec![*numbers.get(numbers.len() / 2)?])
        }
        (TargetColumn::Number(_), Loss::PoissonNll) => {
            let numbers = training()?;
            let mean = numbers.iter().copied().map(f64::from).sum::<f64>() / numbers.len() as f64;
            Some(vec![mean.ln() as f32])
        }
        // Targets are standardised on the training part: their mean is 0, their variance 1.
        (TargetColumn::Number(_), Loss::GaussianNll) => Some(vec![0.0, 0.0]),
        (TargetColumn::Number(_), _) => Some(vec![0.0]),
        (TargetColumn::Transcript(_) | TargetColumn::Text(_), _) => None,
        (TargetColumn::Classes(classes), _) => {
            // One row more a class, so that a class without a row has a finite loss.
            let counts: Vec<f32> = classes.counts.iter().map(|count| *count as f32 + 1.0).collect();
            let all: f32 = counts.iter().sum();
            match (loss, counts.as_slice()) {
                (Loss::Bce { .. }, [negative, positive]) => Some(vec![(positive / negative).ln()]),
                _ => Some(counts.iter().map(|count| (count / all).ln()).collect()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MetricKind;
    use crate::protocol::Real;
    use std::collections::BTreeMap;

    fn references(constants: [Option<f64>; 3]) -> Vec<Option<Reference>> {
        constants.iter().map(|constant| Reference::new((*constant)?, 0.0)).collect()
    }

    #[test]
    fn the_score_is_relative_and_leaves_out_what_is_not_there() {
        let evaluation = Evaluation { loss: vec![Some(1.0), None, Some(0.1)], ..Evaluation::default() };
        assert_eq!(evaluation.score(&references([Some(2.0), Some(1.0), Some(1.0)])), Some(0.3));
        assert_eq!(evaluation.score(&references([None, None, None])), None);
        let broken = Evaluation { loss: vec![Some(f64::NAN)], ..Evaluation::default() };
        assert_eq!(broken.score(&references([Some(1.0), None, None])), None);
    }

    #[test]
    fn a_metric_is_better_in_its_own_direction() {
        let evaluation = |value: f64| Evaluation {
            metric: vec![
                BTreeMap::new(),
                [("wer", value), ("bleu", value)].map(|(k, v)| (k.to_owned(), Real(v))).into(),
            ],
            ..Evaluation::default()
        };
        let by = |metric| BestBy::Metric { task: 1, metric };
        let standing = |best, value: f64, before| evaluation(value).standing(best, Some(9.0), &[None], before);
        for (metric, less) in [(MetricKind::Wer, true), (MetricKind::Bleu, false)] {
            let (good, bad) = if less { (0.25, 0.5) } else { (0.5, 0.25) };
            assert_eq!(standing(by(metric), good, Some(bad)), Standing::Better(Some(good)), "{metric}");
            assert_eq!(standing(by(metric), bad, Some(good)), Standing::NoBetter, "{metric}");
            // The earlier of equals stays, and the first is better than none.
            assert_eq!(standing(by(metric), good, Some(good)), Standing::NoBetter, "{metric}");
            assert_eq!(standing(by(metric), bad, None), Standing::Better(Some(bad)), "{metric}");
            assert_eq!(standing(by(metric), f64::NAN, None), Standing::NoBetter, "{metric}");
        }
        // Undefined, or of a task that reports nothing.
        assert_eq!(standing(by(MetricKind::Cer), 1.0, Some(0.5)), Standing::Unknown);
        let nothing = BestBy::Metric { task: 0, metric: MetricKind::Wer };
        assert_eq!(standing(nothing, 1.0, Some(0.5)), Standing::Unknown);
    }

    #[test]
    fn without_a_metric_the_score_or_the_order_decides() {
        let evaluation = Evaluation::default();
        let references = references([Some(1.0), None, None]);
        let standing = |best, score, before| evaluation.standing(best, score, &references, before);
        assert_eq!(standing(BestBy::Score, Some(0.5), Some(0.6)), Standing::Better(Some(0.5)));
        assert_eq!(standing(BestBy::Score, Some(0.7), Some(0.6)), Standing::NoBetter);
        assert_eq!(standing(BestBy::Score, None, None), Standing::NoBetter);
        assert_eq!(evaluation.standing(BestBy::Score, None, &[None], None), Standing::Unknown);
        assert_eq!(standing(BestBy::Last, Some(0.7), Some(0.6)), Standing::Better(Some(0.7)));
    }

    #[test]
    fn a_lower_loss_scores_lower_whatever_the_signs() {
        // The constant answer of a count whose mean is 10 has a negative loss.
        for reference in [Reference::new(0.5, 0.0), Reference::new(-13.0, -14.5)] {
            let relative = |loss| reference.unwrap().relative(loss);
            assert!(relative(-15.0) < relative(-14.0) && relative(-14.0) < relative(0.5));
        }
        assert_eq!(Reference::new(-13.0, -14.5).unwrap().relative(-13.0), 1.0);
        assert_eq!(Reference::new(-13.0, -14.5).unwrap().relative(-14.5), 0.0);
    }

    #[test]
    fn one_class_alone_tells_nothing_apart() {
        let classes = |labels: &[Option<u32>]| Targets::Classes(labels.to_vec());
        assert!(!tells_apart(&classes(&[])) && !tells_apart(&classes(&[None, Some(1), Some(1)])));
        assert!(tells_apart(&classes(&[Some(1), None, Some(0)])));
    }

    #[test]
    fn a_reference_that_cannot_be_beaten_is_none() {
        for (constant, floor) in
            [(0.0, 0.0), (-1.0, 0.0), (f64::NAN, 0.0), (f64::INFINITY, 0.0), (-14.499_99, -14.5), (-15.0, -14.5)]
        {
            assert_eq!(Reference::new(constant, floor), None, "{constant} over {floor}");
        }
        assert!(Reference::new(1e-30, 0.0).is_some());
    }
}
