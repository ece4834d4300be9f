//! FairGrad: α-fair gains, from the plain sum over Nash-MTL to the worst-off task alone.

use super::{fair_amounts, finite};
use crate::balance::solver::Directions;
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, OptionInfo, OptionKind, OptionValue, Situation};

/// a > 0 with G a = (f / a)^(1/α), elementwise.
///
/// A zero row gets 0. Pareto-stationary rows give an update of nearly 0.
pub const METHOD: Method = Method {
    name: "fairgrad",
    aliases: &[],
    what: "α-fair gains: small α adds gradients, 1 is Nash-MTL without its bound, large α helps the worst-off task",
    year: Some(2024),
    paper: "arXiv 2402.15638",
    needs: Needs::GRAM,
    state: "",
    preference: "G a = (f / a)^(1/α)",
    options: &[OptionInfo {
        name: "alpha",
        kind: OptionKind::Number { least: 0.1, most: 10.0 },
        default: OptionValue::Number(1.0),
        what: "how much the worst-off task counts",
    }],
    make: Make::Aggregation(|options, _| Box::new(FairGrad { alpha: options.number("alpha") })),
};

/// α-fair gains.
#[derive(Clone, Copy, Debug)]
pub struct FairGrad {
    /// How much the worst-off task counts, above 0.
    pub alpha: f64,
}

impl Aggregation for FairGrad {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let directions = Directions::of(seen.gram);
        let amounts = fair_amounts(&directions, seen.factors, 1.0 / self.alpha)?;
        finite(directions.coefficients(&amounts, |_| 0.0))
    }
}
