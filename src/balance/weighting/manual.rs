//! The plain weighting: the user's λ is the factor.

use crate::balance::{Degenerate, Make, Method, Needs, Observation, Weighting};

/// f = λ.
pub const METHOD: Method = Method {
    name: "manual",
    aliases: &["fixed", "constant"],
    what: "the weights you set are the factors",
    year: None,
    paper: "",
    needs: Needs::LOSSES,
    state: "",
    preference: "it is the factor",
    options: &[],
    make: Make::Weighting(|_, _| Box::new(Manual)),
};

/// f = λ.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manual;

impl Weighting for Manual {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        Ok(seen.losses.iter().zip(seen.weights).map(|(loss, weight)| loss.map(|_| *weight)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_without_a_loss_has_no_factor_and_weight_0_is_factor_0() {
        let seen = Observation {
            step: 1,
            epoch: 0.0,
            seed: 0,
            weights: &[2.0, 0.0, 1.0],
            losses: &[Some(1.0), Some(f64::NAN), None],
            norms: None,
        };
        assert_eq!(Manual.factors(&seen).unwrap(), [Some(2.0), Some(0.0), None]);
        assert_eq!(seen.taking_part(), [0]);
    }
}
