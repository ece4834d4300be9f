//! The part of the state that a checkpoint keeps, and its checks.

use crate::protocol::{Part, Request};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use thiserror::Error;

/// Version of [`SteerState`]'s form.
pub const STATE_VERSION: u32 = 1;

/// How many measurements of shared gradient norms `equalize` averages.
const MEASUREMENTS: usize = 10;

/// A setup or a saved state that does not fit.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SteerError {
    /// Names and weights differ in number.
    #[error("{weights} weights for {tasks} tasks")]
    Count {
        /// Number of tasks.
        tasks: usize,
        /// Number of weights.
        weights: usize,
    },
    /// A task's weight, or the bound, pace or learning rate multiplier, is out of range.
    #[error("{what} is {value}")]
    Value {
        /// What is wrong.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// A frozen part that this run does not have.
    #[error("frozen parts: {0}")]
    Part(String),
    /// Written by another version.
    #[error("steering state of version {found}, this program reads version {STATE_VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// Saved for other tasks.
    #[error("steering state of the tasks {found:?}, this run has {expected:?}")]
    Tasks {
        /// The tasks of the state.
        found: Vec<String>,
        /// The tasks of the run.
        expected: Vec<String>,
    },
}

/// A weight on its way, linear in the update's number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ramp {
    pub from: f64,
    pub to: f64,
    /// The first update that the ramp acts in.
    pub start: u64,
    /// Its length in updates.
    pub steps: u64,
}

impl Ramp {
    /// λ in an update, and whether the ramp has then reached its value.
    pub fn at(&self, step: u64) -> (f64, bool) {
        if step < self.start {
            return (self.from, false);
        }
        let done = (step - self.start).saturating_add(1);
        if done >= self.steps {
            return (self.to, true);
        }
        (self.from + (self.to - self.from) * (done as f64 / self.steps as f64), false)
    }
}

/// Everything a checkpoint must keep of [`super::Steer`]: all but the pause. Opaque; saved and read by serde.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteerState {
    pub(super) version: u32,
    pub(super) tasks: Vec<String>,
    pub(super) weights: Vec<f64>,
    pub(super) muted: Vec<bool>,
    pub(super) ramps: Vec<Option<Ramp>>,
    /// Names of the frozen parts, each once, the encoder first, then heads in task order.
    #[serde(default)]
    pub(super) frozen: Vec<String>,
    pub(super) lr_multiplier: f64,
    pub(super) clip: Option<f64>,
    pub(super) gradient_every: u64,
    pub(super) pace: Option<f64>,
    /// Open requests in order of arrival.
    pub(super) open: VecDeque<Request>,
    pub(super) answered: BTreeSet<String>,
    /// The last shared norms, a row a measurement; absent or non-finite ones are `None`.
    pub(super) norms: VecDeque<Vec<Option<f64>>>,
    /// Lines that had no readable id.
    pub(super) unreadable: u64,
}

impl SteerState {
    /// Whether a value read back can be one of ours.
    pub(super) fn check(&self, expected: &[String]) -> Result<(), SteerError> {
        if self.version != STATE_VERSION {
            return Err(SteerError::Version { found: self.version });
        }
        if self.tasks != expected {
            return Err(SteerError::Tasks { found: self.tasks.clone(), expected: expected.to_vec() });
        }
        let count = self.tasks.len();
        if let Some(weights) =
            [self.weights.len(), self.muted.len(), self.ramps.len()].into_iter().find(|length| *length != count)
        {
            return Err(SteerError::Count { tasks: count, weights });
        }
        for word in &self.frozen {
            Part::parse(word, &self.tasks).map_err(SteerError::Part)?;
        }
        let ends = self.ramps.iter().flatten().flat_map(|ramp| [ramp.from, ramp.to]);
        if let Some(value) = self.weights.iter().copied().chain(ends).find(|value| !is_weight(*value)) {
            return Err(SteerError::Value { what: "a weight (finite and ≥ 0)", value });
        }
        for (what, value) in [
            ("the clipping bound (finite and > 0)", self.clip),
            ("the pace (finite and > 0)", self.pace),
            ("the learning rate multiplier (finite and > 0)", Some(self.lr_multiplier)),
        ] {
            if let Some(value) = value.filter(|value| !is_positive(*value)) {
                return Err(SteerError::Value { what, value });
            }
        }
        Ok(())
    }

    /// The frozen parts.
    pub(super) fn frozen_parts(&self) -> BTreeSet<Part> {
        self.frozen.iter().filter_map(|word| Part::parse(word, &self.tasks).ok()).collect()
    }

    /// Freezes exactly these parts.
    pub(super) fn freeze(&mut self, parts: &BTreeSet<Part>) {
        self.frozen = parts.iter().map(|part| part.name(&self.tasks)).collect();
    }

    /// Keeps a measurement of shared norms, an entry a task.
    pub(super) fn measured(&mut self, norms: &[Option<f64>]) {
        let row: Vec<_> =
            (0..self.tasks.len()).map(|i| norms.get(i).copied().flatten().filter(|n| n.is_finite())).collect();
        // A batch without a label for any task measures nothing and must not push real measurements out.
        if row.iter().all(Option::is_none) {
            return;
        }
        while self.norms.len() >= MEASUREMENTS {
            self.norms.pop_front();
        }
        self.norms.push_back(row);
    }

    /// Mean of a task's norm over the kept measurements that have it.
    pub(super) fn mean_norm(&self, task: usize) -> Option<f64> {
        let values: Vec<f64> = self.norms.iter().filter_map(|row| row.get(task).copied().flatten()).collect();
        let count = values.len() as f64;
        // Divided first, so that no sum of finite norms overflows.
        (!values.is_empty()).then(|| values.iter().map(|value| value / count).sum())
    }
}

/// Whether λ may have this value.
pub(super) fn is_weight(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

/// Whether a bound, pace or rate may have this value.
pub(super) fn is_positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_linear_and_exact_at_its_end() {
        let ramp = Ramp { from: 1.0, to: 0.1, start: 10, steps: 3 };
        assert_eq!(ramp.at(9), (1.0, false));
        assert!((ramp.at(10).0 - 0.7).abs() < 1e-12);
        assert!((ramp.at(11).0 - 0.4).abs() < 1e-12);
        assert_eq!(ramp.at(12), (0.1, true));
        assert_eq!(Ramp { from: 0.0, to: 1.0, start: 1, steps: u64::MAX }.at(u64::MAX), (1.0, true));
    }
}
