//! One task of a run.

use super::{History, Samples};
use crate::protocol::TaskInfo;
use crate::series::Series;
use crate::text::sanitise;
use std::collections::BTreeMap;

/// A task with everything measured of it.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name as the trainer writes it; for commands, never for the screen.
    pub name: String,
    /// The name fit for a terminal.
    pub label: String,
    /// λ now.
    pub weight: f64,
    /// λ over steps, an entry where it changed.
    pub weights: Vec<(u64, f64)>,
    /// Whether it is left out of the updates.
    pub muted: bool,
    /// Whether the last batch had a label for it.
    pub labelled: bool,
    /// Its coefficient in the last shared update.
    pub coefficient: Option<f64>,
    /// Its factor in the last step.
    pub factor: Option<f64>,
    /// Test metrics of a network trained on this task alone, by name.
    pub baseline: BTreeMap<String, f64>,
    /// Its metrics on the test part, once they were read.
    pub test: BTreeMap<String, f64>,
    /// The raw loss.
    pub loss: Series,
    /// Whether it was muted, over steps with a loss, an entry where that changed.
    pub(super) mutes: Vec<(u64, bool)>,
    /// The loss seen otherwise, while that is looked at.
    pub derived: Option<Series>,
    /// Its metrics on the validation part.
    pub metrics: Vec<History>,
    /// Its loss on the validation part.
    pub validation_loss: History,
    /// Whether its answers are names or texts also where they look like numbers.
    pub labels: bool,
    /// What it answered in the latest evaluation.
    pub samples: Samples,
}

impl Task {
    /// A task of which nothing was measured.
    pub fn new(info: &TaskInfo, smoothing: f64) -> Self {
        let weight = info.weight.get();
        Self {
            name: info.name.clone(),
            label: sanitise(&info.name),
            weight,
            weights: vec![(0, weight)],
            muted: false,
            labelled: true,
            coefficient: None,
            factor: None,
            baseline: info.baseline.iter().map(|(name, value)| (name.clone(), value.get())).collect(),
            test: BTreeMap::new(),
            loss: Series::long(smoothing),
            mutes: Vec::new(),
            derived: None,
            metrics: info.metrics.iter().map(|metric| History::new(&metric.name, metric.better)).collect(),
            validation_loss: History::new("loss", crate::protocol::Better::Lower),
            labels: matches!(info.loss.as_str(), "cross_entropy" | "bce" | "nll" | "ctc"),
            samples: Samples::default(),
        }
    }

    /// Notes λ from a step on.
    pub fn set_weight(&mut self, step: u64, weight: f64) {
        self.weight = weight;
        match self.weights.last_mut() {
            Some(last) if last.1 == weight => {}
            Some(last) if last.0 >= step => last.1 = weight,
            _ => self.weights.push((step, weight)),
        }
    }

    /// Whether it took part in the last shared update without a coefficient: a method made that of whole gradients.
    pub fn is_blended(&self) -> bool {
        self.coefficient.is_none() && self.factor.is_some_and(|factor| factor > 0.0)
    }

    /// Notes whether it is muted from a step on.
    pub(super) fn note_muted(&mut self, step: u64) {
        if self.mutes.last().is_some_and(|&(_, muted)| muted) != self.muted {
            if self.mutes.is_empty() {
                self.mutes.push((0, !self.muted));
            }
            self.mutes.push((step, self.muted));
        }
    }

    /// Goes back to a step.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        self.loss.rewind(to_step, keep);
        if let Some(derived) = &mut self.derived {
            derived.rewind(to_step, keep);
        }
        self.mutes.retain(|&(step, _)| step <= to_step);
        let first = self.weights.first().copied();
        self.weights.retain(|&(step, _)| step <= to_step);
        if self.weights.is_empty() {
            self.weights.extend(first);
        }
        if let Some(&(_, weight)) = self.weights.last() {
            self.weight = weight;
        }
        for history in self.metrics.iter_mut().chain([&mut self.validation_loss]) {
            history.rewind(to_step, keep);
        }
        self.samples.rewind(to_step);
    }
}

/// λ·L, where λ = 0 is 0 whatever L is.
pub fn times(weight: f64, loss: f64) -> f64 {
    if weight == 0.0 { 0.0 } else { weight * loss }
}
