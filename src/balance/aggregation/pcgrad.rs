//! PCGrad: each gradient is freed of what opposes the others, then all are added.

use super::{ORDER, Order, finite};
use crate::balance::solver::Directions;
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, Situation};

/// Σ f_i g_i', g_i' being g_i after projections on the normal planes of the gradients it opposes.
///
/// A zero row opposes nothing and keeps its factor.
pub const METHOD: Method = Method {
    name: "pcgrad",
    aliases: &["gradientsurgery"],
    what: "takes out of each gradient what opposes another, then adds; from three tasks on it may still oppose one",
    year: Some(2020),
    paper: "arXiv 2001.06782",
    needs: Needs::GRAM,
    state: "",
    preference: "rows are multiplied by it",
    options: &[ORDER],
    make: Make::Aggregation(|options, _| Box::new(PcGrad { order: Order::of(options.word(ORDER.name)) })),
};

/// Projected conflicting gradients.
#[derive(Clone, Copy, Debug)]
pub struct PcGrad {
    /// The order of projections.
    pub order: Order,
}

impl Aggregation for PcGrad {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let directions = Directions::of(seen.gram);
        let factors = directions.pick(seen.factors);
        let count = directions.count();
        let others = self.order.others(count, seen.seed, seen.step, METHOD.name);
        let mut sum = vec![0.0; count];
        for (own, others) in others.iter().enumerate() {
            // Amounts of the unit vectors, so that norms that differ wildly cost no digits.
            let mut amounts = vec![0.0; count];
            amounts[own] = factors[own] * directions.norms[own];
            for other in others {
                let along: f64 = directions.cosines.row(*other).iter().zip(&amounts).map(|(c, a)| c * a).sum();
                if along < 0.0 {
                    amounts[*other] -= along;
                }
            }
            sum.iter_mut().zip(&amounts).for_each(|(sum, amount)| *sum += amount);
        }
        finite(directions.coefficients(&sum, |row| seen.factors[row]))
    }
}
