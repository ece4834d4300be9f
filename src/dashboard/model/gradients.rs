//! Norms and cosines of per-task gradients at one place of the network.

use crate::protocol::{GradientView, Real, pair_index};
use crate::series::{Series, Timeline};

/// Where per-task gradients are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// On the parameters that two or more tasks reach.
    #[default]
    Shared,
    /// At z, the encoder's output; promises nothing about shared parameters.
    Representation,
}

impl Place {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Shared => Self::Representation,
            Self::Representation => Self::Shared,
        }
    }
}

/// What was measured there.
#[derive(Clone, Debug, Default)]
pub struct Gradients {
    /// ‖g_i‖ over steps, an entry a task.
    pub norms: Vec<Series>,
    /// The step of the last measurement.
    pub measured: Option<u64>,
    cosines: Vec<Option<f64>>,
    count: usize,
}

impl Gradients {
    /// Takes a measurement.
    pub fn push(&mut self, step: u64, view: &GradientView, tasks: usize, smoothing: f64) {
        if self.norms.len() < tasks {
            self.norms.resize_with(tasks, || Series::new(smoothing));
        }
        for (series, norm) in self.norms.iter_mut().zip(&view.norm) {
            if let Some(norm) = norm {
                series.push(step, norm.get());
            }
        }
        self.cosines = view.cosine.iter().map(|cosine| cosine.map(Real::get)).collect();
        self.count = tasks;
        self.measured = Some(step);
    }

    /// Every how many steps norms are measured, where that is less often than steps are recorded.
    pub fn sparse(&self, timeline: &Timeline) -> Option<u64> {
        let interval = self.norms.iter().filter_map(|series| series.track().interval()).min()?;
        timeline.interval().is_some_and(|recorded| interval > recorded).then_some(interval)
    }

    /// The last cosine of two tasks.
    pub fn cosine(&self, left: usize, right: usize) -> Option<f64> {
        pair_index(self.count, left, right).and_then(|place| self.cosines.get(place).copied().flatten())
    }

    /// Pairs in conflict (cosine below 0) and pairs measured.
    pub fn conflicts(&self) -> (usize, usize) {
        let known = self.cosines.iter().flatten();
        (known.clone().filter(|cosine| **cosine < 0.0).count(), known.count())
    }

    /// Goes back to a step; the last cosines are forgotten where they came later.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        self.norms.iter_mut().for_each(|series| series.rewind(to_step, keep));
        if self.measured.is_some_and(|step| step > to_step) {
            self.measured = None;
            self.cosines.clear();
        }
    }
}
