//! The plain aggregation: the weighted sum of the tasks' gradients.

use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, Situation};

/// c = f.
pub const METHOD: Method = Method {
    name: "sum",
    aliases: &["ls", "linearscalarization"],
    what: "the sum of the tasks' gradients, each times its factor",
    year: None,
    paper: "",
    needs: Needs::LOSSES,
    state: "",
    preference: "it is the coefficient",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(Sum)),
};

/// c = f.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum;

impl Aggregation for Sum {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        Ok(seen.factors.to_vec())
    }
}
