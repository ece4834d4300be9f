//! Norms and cosines of per-task gradients at one place of the network.

use crate::protocol::{GradientView, Real, pair_index, pairs};
use crate::series::{Series, Timeline};

/// Newest points that the cosines of all pairs keep together.
const POINTS: usize = 1 << 19;
/// More pairs, those of 64 tasks, are not kept over steps.
const PAIRS: usize = 64 * 63 / 2;

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
    /// Cosines over steps, an entry a pair.
    pairs: Vec<Series>,
    count: usize,
}

/// How often two tasks pulled against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conflict {
    /// The share of measurements with a cosine below 0.
    pub share: f64,
    /// How many measurements.
    pub of: usize,
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
        let all = pairs(tasks).count();
        if all <= PAIRS && self.pairs.len() < all {
            self.pairs.resize_with(all, || Series::new(smoothing));
        }
        for (series, cosine) in self.pairs.iter_mut().zip(&self.cosines) {
            if let Some(cosine) = cosine {
                series.push_within(step, *cosine, POINTS / all.max(1));
            }
        }
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

    /// The cosines of two tasks over steps; `None` where they are not kept.
    pub fn pair(&self, left: usize, right: usize) -> Option<&Series> {
        pair_index(self.count, left, right).and_then(|place| self.pairs.get(place))
    }

    /// How often two tasks were in conflict in the last `most` measurements that gave a cosine.
    pub fn conflict(&self, left: usize, right: usize, most: usize) -> Option<Conflict> {
        let values = self.pair(left, right)?.track().raw().values();
        let last: Vec<f64> = values.iter().rev().copied().filter(|value| value.is_finite()).take(most).collect();
        let below = last.iter().filter(|value| **value < 0.0).count();
        (!last.is_empty()).then(|| Conflict { share: below as f64 / last.len() as f64, of: last.len() })
    }

    /// All series, to change them.
    pub fn series(&mut self) -> impl Iterator<Item = &mut Series> {
        self.norms.iter_mut().chain(&mut self.pairs)
    }

    /// Pairs in conflict (cosine below 0) and pairs measured.
    pub fn conflicts(&self) -> (usize, usize) {
        let known = self.cosines.iter().flatten();
        (known.clone().filter(|cosine| **cosine < 0.0).count(), known.count())
    }

    /// Goes back to a step; the last cosines are forgotten where they came later.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        self.series().for_each(|series| series.rewind(to_step, keep));
        if self.measured.is_some_and(|step| step > to_step) {
            self.measured = None;
            self.cosines.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(cosines: &[Option<f64>]) -> GradientView {
        GradientView { norm: Vec::new(), cosine: cosines.iter().map(|cosine| cosine.map(Real)).collect() }
    }

    #[test]
    fn each_pair_is_kept_over_steps_and_counted_below_zero() {
        let mut gradients = Gradients::default();
        for step in 1..=10 {
            let one = if step <= 4 { 0.5 } else { -0.5 };
            let third = if step == 10 { f64::NAN } else { -0.1 };
            gradients.push(step, &view(&[Some(one), None, Some(third)]), 3, 0.0);
        }
        assert_eq!(gradients.pair(1, 0).and_then(Series::last), Some((10, -0.5)));
        assert_eq!(gradients.conflict(0, 1, 100), Some(Conflict { share: 0.6, of: 10 }));
        assert_eq!(gradients.conflict(0, 1, 5), Some(Conflict { share: 1.0, of: 5 }));
        assert_eq!(gradients.conflict(1, 2, 100), Some(Conflict { share: 1.0, of: 9 }));
        assert_eq!(
            (gradients.conflict(0, 2, 9), gradients.conflict(0, 0, 9), gradients.conflict(0, 7, 9)),
            (None, None, None)
        );
        gradients.rewind(4, true);
        assert_eq!(gradients.conflict(0, 1, 100), Some(Conflict { share: 0.0, of: 4 }));
    }

    #[test]
    fn pairs_of_very_many_tasks_are_not_kept_over_steps() {
        let mut gradients = Gradients::default();
        gradients.push(1, &view(&vec![Some(0.5); 80 * 79 / 2]), 80, 0.0);
        assert!(gradients.pair(0, 1).is_none() && gradients.cosine(0, 1) == Some(0.5));
    }
}
