//! The geometric mean of the losses as the objective.

use super::answer::answer;
use crate::balance::{Degenerate, Make, Method, Needs, Observation, Weighting};

/// The geometric mean of losses, with exponents λ_i / Σ λ.
pub const METHOD: Method = Method {
    name: "gls",
    aliases: &["geometricmean", "geometriclossstrategy"],
    what: "minimises the geometric mean of the losses: none counts more for its scale",
    year: Some(2019),
    paper: "Chennupati et al., arXiv 1904.08492",
    needs: Needs { positive_losses: true, ..Needs::LOSSES },
    state: "",
    preference: "the loss's exponent, as a share of all; a common factor does nothing",
    options: &[],
    make: Make::Weighting(|_, _| Box::new(Gls::default())),
};

/// M = Π L_i^(λ_i / Σ λ), f_i = ∂M / ∂L_i.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gls {
    surrogate: Option<f64>,
}

impl Weighting for Gls {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        seen.require_losses_above(0.0)?;
        let places = seen.taking_part();
        let all: f64 = places.iter().map(|task| seen.weights[*task]).sum();
        let exponent = |task: usize| seen.weights[task] / all;
        let log_mean: f64 = places.iter().map(|task| exponent(*task) * seen.loss(*task).ln()).sum();
        let factors: Vec<f64> =
            places.iter().map(|task| exponent(*task) * (log_mean - seen.loss(*task).ln()).exp()).collect();
        let factors = answer(seen, &places, &factors)?;
        self.surrogate = (!places.is_empty()).then(|| log_mean.exp()).filter(|mean| mean.is_finite());
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
    fn weights_are_exponents() {
        let mut gls = Gls::default();
        // 2^(1/4) · 32^(3/4) = 16
        let (weights, losses) = ([1.0, 3.0, 0.0], [Some(2.0), Some(32.0), Some(f64::NAN)]);
        let seen = Observation { step: 1, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms: None };
        let factors = gls.factors(&seen).unwrap();
        for (factor, wanted) in factors.iter().zip([16.0 / 4.0 / 2.0, 16.0 * 0.75 / 32.0, 0.0]) {
            assert!((factor.unwrap() - wanted).abs() < 1e-12);
        }
        assert!((gls.surrogate().unwrap() - 16.0).abs() < 1e-12);
        assert!(gls.factors(&Observation { losses: &[Some(0.0), Some(1.0), None], ..seen }).is_err());
    }
}
