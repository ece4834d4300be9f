//! What the measured gradients of a step say about methods and tasks, as an event.
//!
//! Owns what later evidence is held against, and the way from a step's measurements to a `balance` event. The
//! mathematics is `balance::evidence`'s, the passes are `probe`'s.

use super::measure::Measurements;
use crate::balance::{Balancer, Fallback};
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

    /// The event of step `step`, whose shared gradients were measured; `None` where they were not. `noise` is a task and
    /// the cosine between its half-batches, `probe` the affinity that was tried out, empty where it was not.
    pub fn event(
        &mut self,
        seen: &Measurements,
        step: u64,
        lr: f64,
        noise: Option<(usize, Option<f64>)>,
        probe: Vec<Vec<Option<f64>>>,
        balancer: &Balancer,
    ) -> Option<Balance> {
        let gram = seen.gram.as_ref()?;
        if let Some((task, cosine)) = noise
            && let Some(slot) = self.noise.get_mut(task)
        {
            *slot = cosine;
        }
        let tasks = seen.loss.len();
        let measured = &seen.measured;
        let coefficients: Vec<f64> = measured.iter().map(|task| seen.coefficient[*task].unwrap_or(0.0)).collect();
        let spread = |values: Vec<Option<f64>>| {
            let mut all = vec![None; tasks];
            measured.iter().zip(values).for_each(|(task, value)| all[*task] = short(value));
            all
        };
        let relative = seen.loss.iter().zip(&self.first_loss).map(|(loss, first)| {
            let (loss, first) = (f64::from((*loss)?), f64::from((*first).or(*loss)?));
            short(Some(loss / first).filter(|ratio| ratio.is_finite()))
        });
        let _ = (lr, balancer);
        Some(Balance {
            step,
            gap: None,
            update_cosine: spread(gram.cosines_with(&coefficients)),
            share: Vec::new(),
            relative_loss: relative.collect(),
            noise: self.noise.iter().map(|cosine| short(*cosine)).collect(),
            predicted: seen.predicted.iter().map(|change| short(*change)).collect(),
            observed: seen.observed.iter().map(|change| short(*change)).collect(),
            shadow: std::collections::BTreeMap::new(),
            affinity: Vec::new(),
            probe: probe.into_iter().map(|row| row.into_iter().map(short).collect()).collect(),
        })
    }
}

fn short(value: Option<f64>) -> Option<Real> {
    value.map(|value| Real::shortest(value as f32))
}

/// A method that had no answer, in words.
pub fn fallback_alert(fallback: &Fallback, step: u64, tasks: &[TaskConfig]) -> Alert {
    let names: Vec<String> = tasks.iter().map(|task| task.name.clone()).collect();
    let message = format!(
        "the {} '{}' has no answer at step {step}: {}; its last {} are used until it has one",
        fallback.stage.name(),
        fallback.method,
        fallback.reason.named(&names),
        match fallback.stage {
            crate::balance::Kind::Weighting => "factors (or the weights)",
            crate::balance::Kind::Aggregation => "coefficients (or the factors)",
        },
    );
    Alert { step, code: "balance_fallback".to_owned(), level: "warning".to_owned(), task: None, message }
}
