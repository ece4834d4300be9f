//! The last steps and measurements, as far back as advice looks.

use super::balance::numbers;
use crate::protocol::{Balance, Real, Step};
use std::collections::VecDeque;

/// How many are kept of each.
pub const WINDOW: usize = 200;

/// Updates whose mean norm is taken.
pub const RECENT: usize = 20;

/// One step.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The step.
    pub step: u64,
    /// L_i.
    pub loss: Vec<Option<f64>>,
    /// f_i.
    pub factor: Vec<Option<f64>>,
    /// Norm of the update.
    pub update_norm: Option<f64>,
}

/// One step whose shared gradients were measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// The step.
    pub step: u64,
    /// ‖g_i‖.
    pub norm: Vec<Option<f64>>,
    /// Cosines of the pairs 01, 02, …, 12, ….
    pub cosine: Vec<Option<f64>>,
    /// Shares of the update.
    pub share: Vec<Option<f64>>,
    /// Cosines of the update with each task's gradient.
    pub update_cosine: Vec<Option<f64>>,
    /// The smallest norm of a convex combination.
    pub gap: Option<f64>,
}

impl Measured {
    /// The gap over the mean norm of the gradients; `None` without two of them.
    pub fn relative_gap(&self) -> Option<f64> {
        let norms: Vec<f64> = self.norm.iter().flatten().copied().filter(|norm| norm.is_finite()).collect();
        let mean = norms.iter().sum::<f64>() / norms.len() as f64;
        (norms.len() > 1).then(|| self.gap.map(|gap| gap / mean))?.filter(|share| share.is_finite())
    }
}

/// The windows.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    steps: VecDeque<Seen>,
    measured: VecDeque<Measured>,
}

impl Evidence {
    /// Takes a step.
    pub fn step(&mut self, step: &Step) {
        push(
            &mut self.steps,
            Seen {
                step: step.step,
                loss: numbers(&step.loss),
                factor: numbers(&step.factor),
                update_norm: step.update_norm.map(Real::get),
            },
        );
        if let Some(view) = &step.gradient.shared {
            let (norm, coefficient) = (numbers(&view.norm), numbers(&step.coefficient));
            let cosine = numbers(&view.cosine);
            if let Some(entry) = self.at(step.step) {
                if entry.share.is_empty() {
                    entry.share = shares(&norm, &coefficient);
                }
                (entry.norm, entry.cosine) = (norm, cosine);
            }
        }
    }

    /// Takes what was measured at a step.
    pub fn balance(&mut self, event: &Balance) {
        let Some(entry) = self.at(event.step) else { return };
        entry.update_cosine = numbers(&event.update_cosine);
        entry.gap = event.gap.map(Real::get);
        if !event.share.is_empty() {
            entry.share = numbers(&event.share);
        }
    }

    /// The steps, oldest first.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Seen> {
        self.steps.iter()
    }

    /// The measurements, oldest first.
    pub fn measured(&self) -> impl DoubleEndedIterator<Item = &Measured> {
        self.measured.iter()
    }

    /// Mean norm of the last `count` updates from a step on; `None` before there are five.
    pub fn mean_norm(&self, from: u64, count: usize) -> Option<f64> {
        let recent = self.steps.iter().rev().take(count).filter(|seen| seen.step >= from);
        let norms: Vec<f64> = recent.filter_map(|seen| seen.update_norm).filter(|norm| norm.is_finite()).collect();
        (norms.len() >= 5).then(|| norms.iter().sum::<f64>() / norms.len() as f64)
    }

    /// Forgets what came after a step.
    pub fn rewind(&mut self, to_step: u64) {
        self.steps.retain(|seen| seen.step <= to_step);
        self.measured.retain(|seen| seen.step <= to_step);
    }

    /// The entry of a step: a step and its `balance` event may come in either order.
    fn at(&mut self, step: u64) -> Option<&mut Measured> {
        let new = self.measured.back().is_none_or(|last| last.step != step);
        if new {
            push(&mut self.measured, Measured { step, ..Measured::default() });
        }
        self.measured.back_mut()
    }
}

fn push<T>(window: &mut VecDeque<T>, entry: T) {
    if window.len() == WINDOW {
        window.pop_front();
    }
    window.push_back(entry);
}

/// |c_i| ‖g_i‖ over their sum.
fn shares(norm: &[Option<f64>], coefficient: &[Option<f64>]) -> Vec<Option<f64>> {
    let parts: Vec<Option<f64>> = norm.iter().zip(coefficient).map(|(n, c)| Some(((*n)? * (*c)?).abs())).collect();
    let sum: f64 = parts.iter().flatten().sum();
    parts.into_iter().map(|part| part.map(|part| part / sum).filter(|share| share.is_finite())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Gradient, GradientView};

    #[test]
    fn a_step_and_its_balance_event_are_one_measurement_in_either_order() {
        let some = |values: &[f64]| values.iter().map(|value| Some(Real(*value))).collect::<Vec<_>>();
        let step = |number| Step {
            step: number,
            coefficient: some(&[1.0, -1.0]),
            gradient: Gradient {
                shared: Some(GradientView { norm: some(&[3.0, 1.0]), cosine: some(&[0.5]) }),
                ..Gradient::default()
            },
            ..Step::default()
        };
        let balance = |number| Balance { step: number, update_cosine: some(&[0.1, 0.2]), ..Balance::default() };
        let mut evidence = Evidence::default();
        evidence.step(&step(1));
        evidence.balance(&balance(1));
        evidence.balance(&balance(2));
        evidence.step(&step(2));
        for seen in evidence.measured() {
            assert_eq!(
                (seen.share.as_slice(), seen.cosine.as_slice()),
                (&[Some(0.75), Some(0.25)][..], &[Some(0.5)][..])
            );
            assert_eq!(seen.update_cosine, [Some(0.1), Some(0.2)]);
        }
        (3..500).for_each(|number| evidence.step(&step(number)));
        assert_eq!((evidence.measured().count(), evidence.steps().count()), (WINDOW, WINDOW));
        evidence.rewind(400);
        assert_eq!(evidence.measured().next_back().map(|seen| seen.step), Some(400));
    }
}
