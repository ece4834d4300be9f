//! What the measured gradients of a step say about methods and tasks, as an event.
//!
//! Owns what later evidence is held against, and the way from a step's measurements to a `balance` event. The
//! mathematics is `balance::evidence`'s, the passes are `probe`'s.

use super::measure::Measurements;
use crate::balance::{Fallback, Kind, evidence, find};
use crate::config::TaskConfig;
use crate::protocol::{Alert, Balance, Real};
use serde::{Deserialize, Serialize};

/// What later evidence is held against; part of a checkpoint, so that a resumed run tells the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvidenceState {
    /// Each task's loss when it was first seen.
    first_loss: Vec<Option<f32>>,
    /// The last cosine between half-batches of each task.
    noise: Vec<Option<f64>>,
}

impl EvidenceState {
    /// Nothing seen of `tasks` tasks.
    pub fn new(tasks: usize) -> Self {
        Self { first_loss: vec![None; tasks], noise: vec![None; tasks] }
    }

    /// Keeps losses that are the first of their task.
    pub fn saw(&mut self, losses: &[Option<f32>]) {
        for (first, loss) in self.first_loss.iter_mut().zip(losses) {
            *first = first.or(loss.filter(|loss| loss.is_finite()));
        }
    }

    /// The event of a step whose shared gradients were measured; `None` where they were not. `noise` is a task and
    /// the cosine between its half-batches, `probe` the affinity that was tried out, empty where it was not.
    pub fn event(
        &mut self,
        seen: &Measurements,
        step: Moment,
        noise: Option<(usize, Option<f64>)>,
        probe: Vec<Vec<Option<f64>>>,
    ) -> Option<Balance> {
        let gram = seen.gram.as_ref()?;
        if let Some((task, cosine)) = noise
            && let Some(slot) = self.noise.get_mut(task)
        {
            *slot = cosine;
        }
        let count = seen.loss.len();
        // Muted and unlabelled tasks have no row, tasks under λ = 0 are no part of a method's matrix.
        let asked: Vec<usize> = (0..seen.measured.len())
            .filter(|row| seen.factor.get(seen.measured[*row]).copied().flatten().is_some_and(|f| f > 0.0))
            .collect();
        let tasks: Vec<usize> = asked.iter().map(|row| seen.measured[*row]).collect();
        let of = |values: &[Option<f64>], tasks: &[usize]| -> Vec<f64> {
            tasks.iter().map(|task| values.get(*task).copied().flatten().unwrap_or(0.0)).collect()
        };
        let all_coefficients = of(&seen.coefficient, &seen.measured);
        let (coefficients, factors) = (of(&seen.coefficient, &tasks), of(&seen.factor, &tasks));
        let losses: Vec<Option<f64>> =
            seen.measured.iter().map(|task| seen.loss.get(*task).copied().flatten().map(f64::from)).collect();
        let asked = gram.select(&asked);
        let of_measured = |values: &[Option<f64>]| {
            evidence::spread(values, &seen.measured, count).into_iter().map(|value| short(value.flatten())).collect()
        };
        let of_asked =
            |values: &[f64]| evidence::spread(values, &tasks, count).into_iter().map(short).collect::<Vec<_>>();
        let table = |square: Vec<Vec<Option<f64>>>| {
            square.into_iter().map(|row| row.into_iter().map(short).collect()).collect()
        };
        let relative = seen.loss.iter().zip(&self.first_loss).map(|(loss, first)| {
            let (loss, first) = (f64::from((*loss)?), f64::from((*first).or(*loss)?));
            short(Some(loss / first).filter(|ratio| ratio.is_finite()))
        });
        let shadow = evidence::shadow(&asked, &factors, step.seed, step.number);
        Some(Balance {
            step: step.number,
            gap: short(evidence::gap(&asked)),
            update_cosine: if seen.update_cosine.is_empty() {
                of_measured(&gram.cosines_with(&all_coefficients))
            } else {
                seen.update_cosine.iter().map(|cosine| short(*cosine)).collect()
            },
            share: if seen.update_cosine.is_empty() {
                of_asked(&evidence::shares(&asked, &coefficients))
            } else {
                vec![None; count]
            },
            relative_loss: relative.collect(),
            noise: self.noise.iter().map(|cosine| short(*cosine)).collect(),
            predicted: seen.predicted.iter().map(|change| short(*change)).collect(),
            observed: seen.observed.iter().map(|change| short(*change)).collect(),
            shadow: shadow.iter().map(|shadow| (shadow.method.to_owned(), of_asked(&shadow.coefficients))).collect(),
            affinity: table(evidence::spread_square(
                &evidence::affinity(gram, &losses, step.lr),
                &seen.measured,
                count,
            )),
            probe: table(probe),
        })
    }
}

/// What evidence must know of the step besides its measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The update.
    pub number: u64,
    /// The learning rate.
    pub lr: f64,
    /// For methods that draw.
    pub seed: u64,
}

fn short(value: Option<f64>) -> Option<Real> {
    value.map(|value| Real::shortest(value as f32))
}

/// A method that had no answer, in words.
pub fn fallback_alert(fallback: &Fallback, step: u64, tasks: &[TaskConfig]) -> Alert {
    let names: Vec<String> = tasks.iter().map(|task| task.name.clone()).collect();
    let message = format!(
        "the {} '{}' has no answer at step {step}: {}; {} until it has one",
        fallback.stage.name(),
        fallback.method,
        fallback.reason.named(&names),
        match fallback.stage {
            Kind::Weighting => "its last factors are used, or the weights where there are none,",
            Kind::Aggregation if find(fallback.stage, fallback.method).is_ok_and(|method| method.needs.rows) => {
                "the plain sum is used"
            }
            Kind::Aggregation => "its last coefficients are used, or the factors where there are none,",
        },
    );
    Alert { step, code: "balance_fallback".to_owned(), level: "warning".to_owned(), task: None, message }
}
