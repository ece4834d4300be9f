//! What a step measured, and the small sums behind it.
//!
//! Owns plain numbers in task order. It must not know tensors or passes.

use crate::balance::Gram;
use crate::protocol::{GradientView, Part, PartNorm, Real, pairs};

/// What a step saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurements {
    /// L_i before the update; `None` without a label.
    pub loss: Vec<Option<f32>>,
    /// Labelled rows.
    pub labelled: Vec<u64>,
    /// f_i.
    pub factor: Vec<Option<f64>>,
    /// c_i.
    pub coefficient: Vec<Option<f64>>,
    /// Σ λ_i L_i.
    pub total: Option<f64>,
    /// The weighting's own objective.
    pub surrogate: Option<f64>,
    /// Global norm of what is updated, before clipping; `None` without an update.
    pub update_norm: Option<f64>,
    /// How far the update moved each part; `None` without an update.
    pub moved: Option<PartNorm>,
    /// The factor used by clipping.
    pub clip_scale: Option<f64>,
    /// Per-task gradients at z.
    pub representation: GradientView,
    /// Per-task gradients of the shared parameters, where measured.
    pub shared: Option<GradientView>,
    /// Their inner products, a row for each task that has an entry in `factor`, in task order by source.
    pub gram: Option<Gram>,
    /// The tasks of the rows of `gram`.
    pub measured: Vec<usize>,
    /// Cosine of the shared update with each task's gradient, where the update is no sum of gradients; else empty.
    pub update_cosine: Vec<Option<f64>>,
    /// The change of each loss that the task's gradient foretold for this update; empty where not asked for.
    pub predicted: Vec<Option<f64>>,
    /// The change that it brought on the same batch, without dropout; empty where not asked for.
    pub observed: Vec<Option<f64>>,
}

/// A task's number that is not finite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonFinite {
    /// The task.
    pub task: usize,
    /// `loss` or `gradient`.
    pub what: &'static str,
}

/// No norm and no cosine of any task.
pub(super) fn empty_view(tasks: usize) -> GradientView {
    GradientView { norm: vec![None; tasks], cosine: vec![None; pairs(tasks).count()] }
}

/// Norms and cosines in task order from inner products of the gradients of the tasks `measured`; a product is `None` where two cannot be compared.
pub(super) fn view(tasks: usize, measured: &[usize], product: impl Fn(usize, usize) -> Option<f64>) -> GradientView {
    let gram = Gram::from_products(measured.len(), |i, j| product(i, j).unwrap_or(f64::NAN));
    let place = |task: usize| measured.iter().position(|of| *of == task);
    GradientView {
        norm: (0..tasks).map(|task| place(task).map(|i| Real::shortest(root(gram.get(i, i)) as f32))).collect(),
        cosine: pairs(tasks)
            .map(|(a, b)| {
                let cosine = gram.cosine(place(a)?, place(b)?)?;
                cosine.is_finite().then(|| Real::shortest(cosine as f32))
            })
            .collect(),
    }
}

/// Norms of the way of each part, from Σ (new − old)² of its parameters.
pub(super) fn part_norms(tasks: usize, moved: impl Iterator<Item = (Part, f64)>) -> PartNorm {
    let mut encoder = None;
    let mut heads = vec![None; tasks];
    for (part, square) in moved {
        let sum = match part {
            Part::Encoder => Some(&mut encoder),
            Part::Head(task) => heads.get_mut(task),
        };
        if let Some(sum) = sum {
            *sum = Some(sum.unwrap_or(0.0) + square);
        }
    }
    let norm = |sum: Option<f64>| sum.map(|sum| Real::shortest(root(sum) as f32));
    PartNorm { encoder: norm(encoder), heads: heads.into_iter().map(norm).collect() }
}

/// The root of a sum of squares, NaN kept.
fn root(square: f64) -> f64 {
    if square.is_nan() { f64::NAN } else { square.max(0.0).sqrt() }
}

/// Σ λ_i L_i; a term with λ = 0 is 0 even where its loss is NaN.
pub(super) fn total(losses: &[Option<f64>], weights: &[f64]) -> Option<f64> {
    let mut terms = losses.iter().zip(weights).filter_map(|(loss, weight)| Some((loss.as_ref()?, *weight))).peekable();
    terms.peek()?;
    Some(terms.map(|(loss, weight)| if weight == 0.0 { 0.0 } else { weight * loss }).sum())
}

/// The task with the largest part in the update, to name one where only the sum overflowed.
pub(super) fn largest(seen: &Measurements) -> usize {
    let part = |task: usize| {
        let factor = seen.factor[task].unwrap_or(0.0).max(seen.coefficient[task].unwrap_or(0.0).abs());
        // A factor beyond single precision makes even a gradient of 0 no number.
        let factor = if (factor as f32).is_finite() { factor } else { f64::INFINITY };
        seen.representation.norm[task].map_or(f64::NEG_INFINITY, |norm| factor * norm.get().max(f64::MIN_POSITIVE))
    };
    (0..seen.factor.len()).max_by(|a, b| part(*a).total_cmp(&part(*b))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_a_part_is_the_root_of_the_squares_of_its_parameters() {
        let moved = [(Part::Encoder, 9.0), (Part::Head(2), 0.0), (Part::Encoder, 16.0), (Part::Head(7), 1.0)];
        let norms = part_norms(3, moved.into_iter());
        assert_eq!(norms.encoder, Some(Real(5.0)));
        assert_eq!(norms.heads, [None, None, Some(Real(0.0))]);
        assert_eq!(part_norms(1, std::iter::empty()), PartNorm { encoder: None, heads: vec![None] });
    }

    #[test]
    fn an_overflow_is_laid_to_the_task_that_its_weight_makes_largest() {
        let seen = |factor: [f64; 2], norm: [f64; 2]| Measurements {
            factor: factor.map(Some).to_vec(),
            coefficient: factor.map(Some).to_vec(),
            representation: GradientView { norm: norm.map(|norm| Some(Real(norm))).to_vec(), cosine: vec![None] },
            ..Measurements::default()
        };
        assert_eq!(largest(&seen([1e30, 1.0], [1e10, 1e12])), 0);
        assert_eq!(largest(&seen([1.0, 1.0], [1e10, 1e12])), 1);
        assert_eq!(largest(&seen([1.0, 1e308], [1e30, 0.0])), 1);
        let absent = Measurements { factor: vec![None], coefficient: vec![None], ..Measurements::default() };
        assert_eq!(largest(&Measurements { representation: empty_view(1), ..absent }), 0);
    }
}
