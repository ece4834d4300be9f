//! Equal weights: every task counts the same, whatever λ says.

use crate::balance::{Degenerate, Make, Method, Needs, Observation, Weighting};

/// f = 1.
pub const METHOD: Method = Method {
    name: "equal",
    aliases: &["ew", "equalweighting"],
    what: "every task has factor 1, a sum and no mean; a control",
    year: None,
    paper: "",
    needs: Needs::LOSSES,
    state: "",
    preference: "only weight 0 and mute act; any other weight is taken as 1",
    options: &[],
    make: Make::Weighting(|_, _| Box::new(Equal)),
};

/// f = 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Equal;

impl Weighting for Equal {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        Ok(seen.spread(|_| 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_weights() {
        let (weights, losses) = ([5.0, 0.0, 0.1, 1.0], [Some(1.0), Some(f64::NAN), Some(-3.0), None]);
        let seen = Observation { step: 1, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms: None };
        assert_eq!(Equal.factors(&seen).unwrap(), [Some(1.0), Some(0.0), Some(1.0), None]);
    }
}
