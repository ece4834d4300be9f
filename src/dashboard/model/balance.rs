//! What `balance` events say: the last one, and the two numbers of it that are followed over steps.

use crate::protocol::{Balance as Event, Real};
use crate::series::Series;

/// Row i, column j; absent where a task took no part.
pub type Matrix = Vec<Vec<Option<f64>>>;

/// Evidence for and against the methods in use.
#[derive(Clone, Debug)]
pub struct Balance {
    /// The last event.
    pub last: Option<Event>,
    /// The least cosine of the update with a task's gradient, over steps.
    pub health: Series,
    /// The norm of the smallest convex combination of the gradients, over steps.
    pub gap: Series,
    /// The affinities that were tried out last, and when.
    pub probe: Option<(u64, Matrix)>,
}

impl Default for Balance {
    fn default() -> Self {
        Self { last: None, health: Series::new(0.0), gap: Series::new(0.0), probe: None }
    }
}

impl Balance {
    /// Takes an event.
    pub fn push(&mut self, event: &Event) {
        if let Some((_, health)) = worst(&event.update_cosine) {
            self.health.push(event.step, health);
        }
        if let Some(gap) = event.gap {
            self.gap.push(event.step, gap.get());
        }
        if !event.probe.is_empty() {
            self.probe = Some((event.step, matrix(&event.probe)));
        }
        let mut event = event.clone();
        if let Some(before) = self.last.take().filter(|_| event.noise.is_empty()) {
            event.noise = before.noise; // measured rarely
        }
        self.last = Some(event);
    }

    /// The health number and the task it is of.
    pub fn worst(&self) -> Option<(usize, f64)> {
        worst(&self.last.as_ref()?.update_cosine)
    }

    /// Affinities to first order.
    pub fn affinity(&self) -> Option<Matrix> {
        self.last.as_ref().map(|event| matrix(&event.affinity)).filter(|rows| !rows.is_empty())
    }

    /// Goes back to a step.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        self.health.rewind(to_step, keep);
        self.gap.rewind(to_step, keep);
        self.last = self.last.take().filter(|event| event.step <= to_step);
        self.probe = self.probe.take().filter(|(step, _)| *step <= to_step);
    }
}

/// The least finite value and its place.
fn worst(values: &[Option<Real>]) -> Option<(usize, f64)> {
    let known = values.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?.get())));
    known.filter(|(_, value)| value.is_finite()).min_by(|left, right| left.1.total_cmp(&right.1))
}

fn matrix(rows: &[Vec<Option<Real>>]) -> Matrix {
    rows.iter().map(|row| numbers(row)).collect()
}

/// An array of the contract as plain numbers.
pub fn numbers(values: &[Option<Real>]) -> Vec<Option<f64>> {
    values.iter().map(|value| value.map(Real::get)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(step: u64, cosines: &[Option<f64>]) -> Event {
        let update_cosine = cosines.iter().map(|value| value.map(Real)).collect();
        Event { step, update_cosine, gap: Some(Real(0.5)), ..Event::default() }
    }

    #[test]
    fn the_health_number_is_the_least_cosine_that_is_a_number() {
        let mut balance = Balance::default();
        balance.push(&event(1, &[Some(0.4), None, Some(f64::NAN), Some(-0.2)]));
        assert_eq!((balance.worst(), balance.health.last()), (Some((3, -0.2)), Some((1, -0.2))));
        balance.push(&event(2, &[None, None]));
        assert_eq!((balance.worst(), balance.health.last()), (None, Some((1, -0.2))));
    }

    #[test]
    fn a_rewind_takes_back_what_came_later_and_noise_stays_until_measured_again() {
        let mut balance = Balance::default();
        let probe = vec![vec![Some(Real(1.0))]];
        balance.push(&Event { noise: vec![Some(Real(0.3))], probe, ..event(10, &[Some(0.1)]) });
        balance.push(&event(20, &[Some(0.2)]));
        assert_eq!(balance.last.as_ref().unwrap().noise, [Some(Real(0.3))]);
        balance.rewind(10, false);
        assert!(balance.last.is_none() && balance.probe.is_some());
        assert_eq!(balance.health.last(), Some((10, 0.1)));
        balance.rewind(9, true);
        assert!(balance.probe.is_none() && balance.gap.last().is_none());
    }
}
