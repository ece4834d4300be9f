//! One metric over evaluations.

use crate::protocol::Better;
use crate::series::Series;
use crate::text::sanitise;

/// A metric's values, and its best one.
#[derive(Clone, Debug)]
pub struct History {
    /// The key in `eval` events.
    pub key: String,
    /// The name fit for a terminal.
    pub label: String,
    /// Its direction.
    pub better: Better,
    /// Its values.
    pub series: Series,
    /// The best value and its step.
    pub best: Option<(f64, u64)>,
}

impl History {
    /// No value yet.
    pub fn new(name: &str, better: Better) -> Self {
        Self { key: name.to_owned(), label: sanitise(name), better, series: Series::new(0.0), best: None }
    }

    /// Adds a value.
    pub fn push(&mut self, step: u64, value: f64) {
        self.series.push(step, value);
        self.compare(step, value);
    }

    /// Goes back to a step.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        self.series.rewind(to_step, keep);
        self.best = None;
        let points: Vec<(u64, f64)> = self
            .series
            .track()
            .steps()
            .iter()
            .copied()
            .zip(self.series.track().raw().values().iter().copied())
            .collect();
        for (step, value) in points {
            self.compare(step, value);
        }
    }

    fn compare(&mut self, step: u64, value: f64) {
        let better = |best: f64| match self.better {
            Better::Higher => value > best,
            Better::Lower => value < best,
        };
        if value.is_finite() && self.best.is_none_or(|(best, _)| better(best)) {
            self.best = Some((value, step));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_follows_the_direction_and_a_rewind() {
        let mut history = History::new("mae", Better::Lower);
        for (step, value) in [(1, 3.0), (2, f64::NAN), (3, 2.0), (4, 1.0), (5, 4.0)] {
            history.push(step, value);
        }
        assert_eq!(history.best, Some((1.0, 4)));
        history.rewind(3, false);
        assert_eq!(history.best, Some((2.0, 3)));
    }
}
