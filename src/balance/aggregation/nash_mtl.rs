//! Nash-MTL: the bargaining solution in which each task's relative gain counts the same.

use super::{fair_amounts, finite};
use crate::balance::solver::Directions;
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, OptionInfo, OptionKind, OptionValue, Situation};

/// a > 0 with G a = f / a (elementwise), then ‖update‖ at most `max_norm`.
///
/// A zero row gets 0. Pareto-stationary rows give an update of nearly 0.
pub const METHOD: Method = Method {
    name: "nash_mtl",
    aliases: &["nashmtl", "nash"],
    what: "the Nash bargaining solution: helps every task, whatever the scale of its loss",
    year: Some(2022),
    paper: "arXiv 2202.01017",
    needs: Needs::GRAM,
    state: "",
    preference: "bargaining power: G a = f / a",
    options: &[OptionInfo {
        name: "max_norm",
        kind: OptionKind::Number { least: 0.0, most: f64::MAX },
        default: OptionValue::Number(1.0),
        what: "the longest update; without a bound its length is the root of the number of tasks; 0 is no bound",
    }],
    make: Make::Aggregation(|options, _| Box::new(NashMtl { max_norm: options.number("max_norm") })),
};

/// The Nash bargaining solution.
#[derive(Clone, Copy, Debug)]
pub struct NashMtl {
    /// The longest update; 0 for no bound.
    pub max_norm: f64,
}

impl Aggregation for NashMtl {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let directions = Directions::of(seen.gram);
        let mut amounts = fair_amounts(&directions, seen.factors, 1.0)?;
        let norm = directions.cosines.norm_of(&amounts);
        if self.max_norm > 0.0 && norm > self.max_norm {
            for amount in &mut amounts {
                *amount *= self.max_norm / norm;
            }
        }
        finite(directions.coefficients(&amounts, |_| 0.0))
    }
}
