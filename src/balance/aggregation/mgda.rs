//! MGDA: the shortest convex combination of the gradients.

use super::finite;
use crate::balance::solver::min_norm;
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, Situation};

/// The minimum-norm point between the rows g_i / f_i; coefficients sum to 1.
///
/// A zero row takes all of the weight: the point is Pareto-stationary and the update is 0.
pub const METHOD: Method = Method {
    name: "mgda",
    aliases: &["mgdaub"],
    what: "the shortest vector between the gradients; helps every task, follows the smallest gradients",
    year: Some(2018),
    paper: "arXiv 1810.04650",
    needs: Needs::GRAM,
    state: "",
    preference: "rows are divided by it",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(Mgda)),
};

/// The minimum-norm point.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mgda;

impl Aggregation for Mgda {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let inverse: Vec<f64> = seen.factors.iter().map(|f| 1.0 / f).collect();
        let weights = min_norm(&seen.gram.scaled(&inverse));
        let raw: Vec<f64> = weights.iter().zip(&inverse).map(|(w, inverse)| w * inverse).collect();
        let sum: f64 = raw.iter().sum();
        finite(raw.iter().map(|c| c / sum).collect())
    }
}
