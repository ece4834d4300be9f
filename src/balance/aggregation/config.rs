//! ConFIG: the direction with equal cosines to all gradients, as long as their projections on it.

use super::finite;
use crate::balance::solver::{Directions, Eigen};
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, Situation};

/// d = U⁺ f, u = d / ‖d‖, update = (Σ ⟨g_i, u⟩) u; cosines to the gradients are proportional to f.
///
/// A zero row gets 0. Where no direction has equal cosines above 0, as for opposed gradients, the update is 0.
pub const METHOD: Method = Method {
    name: "config",
    aliases: &["conflictfree"],
    what: "the direction with equal cosines to all gradients, as long as the sum of their projections on it",
    year: Some(2024),
    paper: "arXiv 2408.11104",
    needs: Needs::GRAM,
    state: "",
    preference: "cosines are proportional to it",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(ConFig)),
};

/// Conflict-free inverse gradients.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConFig;

impl Aggregation for ConFig {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let directions = Directions::of(seen.gram);
        let factors = directions.pick(seen.factors);
        let most = factors.iter().copied().fold(0.0, f64::max);
        let wanted: Vec<f64> = factors.iter().map(|f| f / most).collect();
        let mut amounts = Eigen::of(&directions.cosines).pseudo_inverse(&wanted);
        let projections = directions.cosines.times(&amounts);
        let square: f64 = amounts.iter().zip(&projections).map(|(x, p)| x * p).sum();
        // The square is above 1 where the cosines can be had at all; rounding is all that is left where they cancel.
        let scale = if square > 1e-12 {
            directions.norms.iter().zip(&projections).map(|(norm, p)| norm * p).sum::<f64>() / square
        } else {
            0.0
        };
        for amount in &mut amounts {
            *amount *= scale;
        }
        finite(directions.coefficients(&amounts, |_| 0.0))
    }
}
