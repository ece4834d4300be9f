//! The sum of log losses as the objective.

use super::answer::answer;
use crate::balance::{Degenerate, Make, Method, Needs, Observation, Weighting};

/// Σ λ_i log L_i.
pub const METHOD: Method = Method {
    name: "scale_invariant",
    aliases: &["si", "scaleinvariantlinearscalarization"],
    what: "minimises the sum of log losses: a loss times ten changes nothing",
    year: None,
    paper: "",
    needs: Needs { positive_losses: true, ..Needs::LOSSES },
    state: "",
    preference: "the loss's exponent",
    options: &[],
    make: Make::Weighting(|_, _| Box::new(ScaleInvariant::default())),
};

/// f_i = λ_i / L_i.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScaleInvariant {
    surrogate: Option<f64>,
}

impl Weighting for ScaleInvariant {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        seen.require_losses_above(0.0)?;
        let places = seen.taking_part();
        let factors: Vec<f64> = places.iter().map(|task| seen.weights[*task] / seen.loss(*task)).collect();
        let factors = answer(seen, &places, &factors)?;
        let sum: f64 = places.iter().map(|task| seen.weights[*task] * seen.loss(*task).ln()).sum();
        self.surrogate = (!places.is_empty() && sum.is_finite()).then_some(sum);
        Ok(factors)
    }

    fn surrogate(&self) -> Option<f64> {
        self.surrogate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weight_over_loss() {
        let mut method = ScaleInvariant::default();
        let (weights, losses) = ([1.0, 3.0, 1.0], [Some(2.0), Some(0.5), None]);
        let seen = Observation { step: 1, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms: None };
        assert_eq!(method.factors(&seen).unwrap(), [Some(0.5), Some(6.0), None]);
        assert!((method.surrogate().unwrap() + 2.0 * 2.0_f64.ln()).abs() < 1e-12);
        let reason = method.factors(&Observation { losses: &[Some(2.0), Some(-1.0), None], ..seen }).unwrap_err();
        assert!(reason.0.contains("{task 1} is -1"), "{reason}");
    }
}
