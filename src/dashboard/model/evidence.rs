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

/// One step whose shared gradients were measured; every step under a method that works on gradients.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// The step.
    pub step: u64,
    /// Cosines of the pairs 01, 02, …, 12, ….
    pub cosine: Vec<Option<f64>>,
    /// Shares of the update.
    pub share: Vec<Option<f64>>,
}

/// One step that a `balance` event told of, with the gradients and coefficients of that same step.
#[derive(Clone, Debug, Default)]
pub struct Weighed {
    /// The step.
    pub step: u64,
    /// Cosines of the update with each task's gradient.
    pub update_cosine: Vec<Option<f64>>,
    /// The smallest norm of a convex combination.
    pub gap: Option<f64>,
    /// What went into the update; `None` where the step was not heard of.
    pub parts: Option<Parts>,
}

/// The gradients of a step and what they were multiplied by.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The step.
    pub step: u64,
    /// ‖g_i‖ on the shared parameters; at z where only that was measured.
    pub norm: Vec<Option<f64>>,
    /// Cosines of the pairs 01, 02, …, 12, … at the same place.
    pub cosine: Vec<Option<f64>>,
    /// f_i.
    pub factor: Vec<Option<f64>>,
    /// c_i.
    pub coefficient: Vec<Option<f64>>,
}

impl Parts {
    fn of(step: &Step) -> Self {
        // The update itself is at the shared parameters; z stands in where only that was measured.
        let view = step.gradient.shared.as_ref().or(step.gradient.representation.as_ref());
        Self {
            step: step.step,
            norm: view.map_or(Vec::new(), |view| numbers(&view.norm)),
            cosine: view.map_or(Vec::new(), |view| numbers(&view.cosine)),
            factor: numbers(&step.factor),
            coefficient: numbers(&step.coefficient),
        }
    }
}

impl Weighed {
    /// The gap over the mean norm of the gradients; `None` without two of them.
    pub fn relative_gap(&self) -> Option<f64> {
        let norm = &self.parts.as_ref()?.norm;
        let norms: Vec<f64> = norm.iter().flatten().copied().filter(|norm| norm.is_finite()).collect();
        let mean = norms.iter().sum::<f64>() / norms.len() as f64;
        (norms.len() > 1).then(|| self.gap.map(|gap| gap / mean))?.filter(|share| share.is_finite())
    }
}

/// The windows.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    steps: VecDeque<Seen>,
    measured: VecDeque<Measured>,
    weighed: VecDeque<Weighed>,
    /// Of the newest step: its `balance` event comes after it.
    parts: Option<Parts>,
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
        let parts = Parts::of(step);
        if step.gradient.shared.is_some()
            && let Some(entry) = self.at(step.step)
        {
            if entry.share.is_empty() {
                entry.share = shares(&parts.norm, &parts.coefficient);
            }
            entry.cosine.clone_from(&parts.cosine);
        }
        if let Some(early) = self.weighed.back_mut().filter(|last| last.step == step.step) {
            early.parts = Some(parts.clone());
        }
        self.parts = Some(parts);
    }

    /// Takes what was measured at a step.
    pub fn balance(&mut self, event: &Balance) {
        if !event.share.is_empty()
            && let Some(entry) = self.at(event.step)
        {
            entry.share = numbers(&event.share);
        }
        let entry = Weighed {
            step: event.step,
            update_cosine: numbers(&event.update_cosine),
            gap: event.gap.map(Real::get),
            parts: self.parts.clone().filter(|parts| parts.step == event.step),
        };
        if self.weighed.back().is_some_and(|last| last.step == event.step) {
            self.weighed.pop_back();
        }
        push(&mut self.weighed, entry);
    }

    /// The steps, oldest first.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Seen> {
        self.steps.iter()
    }

    /// The measurements, oldest first.
    pub fn measured(&self) -> impl DoubleEndedIterator<Item = &Measured> {
        self.measured.iter()
    }

    /// What `balance` events told, oldest first.
    pub fn weighed(&self) -> impl DoubleEndedIterator<Item = &Weighed> {
        self.weighed.iter()
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
        self.weighed.retain(|seen| seen.step <= to_step);
        self.parts = self.parts.take().filter(|parts| parts.step <= to_step);
    }

    /// The measurement of a step: the step and its `balance` event may come in either order.
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
        }
        assert_eq!((evidence.measured().count(), evidence.weighed().count()), (2, 2));
        for told in evidence.weighed() {
            assert_eq!(told.update_cosine, [Some(0.1), Some(0.2)]);
            let parts = told.parts.as_ref().unwrap();
            assert_eq!((parts.step, parts.norm.as_slice()), (told.step, &[Some(3.0), Some(1.0)][..]));
        }
        (3..500).for_each(|number| evidence.step(&step(number)));
        assert_eq!((evidence.measured().count(), evidence.steps().count()), (WINDOW, WINDOW));
        evidence.rewind(400);
        assert_eq!(evidence.measured().next_back().map(|seen| seen.step), Some(400));
        assert_eq!(evidence.weighed().count(), 2, "however many steps were measured since");
        evidence.rewind(1);
        assert_eq!(evidence.weighed().map(|told| told.step).collect::<Vec<_>>(), [1]);
    }
}
