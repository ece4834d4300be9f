//! IMTL-L: scales are learnt so that all scaled losses become 1.

use super::answer::{answer, expect_length, not_finite};
use super::descent::{Descent, Learnt, Rule, rate_option};
use super::uncertainty::{RUN_AWAY, WIDEST, run_away};
use crate::balance::errors::read_state;
use crate::balance::{BalanceError, Degenerate, Make, Method, Needs, Observation, Options, Weighting};
use serde_json::{Value, json};

/// Σ λ_i (e^(s_i) L_i − s_i) with learnt s.
pub const METHOD: Method = Method {
    name: "imtl_l",
    aliases: &["imtll"],
    what: "learns scales that make all scaled losses 1; they settle at 1/loss",
    year: Some(2021),
    paper: "Liu et al., Towards Impartial Multi-task Learning, ICLR 2021",
    needs: Needs { positive_losses: true, ..Needs::LOSSES },
    state: "s of each task, with its moments",
    preference: "multiplies the task's whole term, s included: on the loss alone it would cancel",
    options: &[rate_option(0.01), Rule::OPTION],
    make: Make::Weighting(|options, tasks| Box::new(ImtlL::new(options, tasks))),
};

/// f_i = λ_i e^(s_i).
#[derive(Clone, Debug)]
pub struct ImtlL {
    descent: Descent,
    log_scales: Vec<Learnt>,
    surrogate: Option<f64>,
}

impl ImtlL {
    /// In its first state.
    pub fn new(options: &Options, tasks: usize) -> Self {
        let rule = Rule::from_word(options.word("optimizer"));
        let descent = Descent { rule, rate: options.number("lr"), decay: 0.0 };
        Self { descent, log_scales: vec![Learnt::new(0.0); tasks], surrogate: None }
    }
}

impl Weighting for ImtlL {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        let places = seen.taking_part();
        let mut next = self.log_scales.clone();
        let (mut factors, mut surrogate) = (Vec::new(), 0.0);
        for task in &places {
            let (loss, lambda, learnt) = (seen.loss(*task), seen.weights[*task], self.log_scales[*task]);
            let weight = learnt.value.exp();
            if loss <= 0.0 && weight > RUN_AWAY {
                return Err(run_away(*task, loss));
            }
            factors.push(lambda * weight);
            surrogate += lambda * (weight * loss - learnt.value);
            let after = self.descent.update(learnt, lambda * (weight * loss - 1.0));
            if !after.is_finite() {
                return Err(not_finite());
            }
            next[*task] = after.with_value(after.value.clamp(-WIDEST, WIDEST));
        }
        let factors = answer(seen, &places, &factors)?;
        self.log_scales = next;
        self.surrogate = (!places.is_empty() && surrogate.is_finite()).then_some(surrogate);
        Ok(factors)
    }

    fn surrogate(&self) -> Option<f64> {
        self.surrogate
    }

    fn state(&self) -> Value {
        json!(self.log_scales)
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let log_scales: Vec<Learnt> = read_state(METHOD.name, state)?;
        expect_length(METHOD.name, log_scales.len(), self.log_scales.len())?;
        self.log_scales = log_scales;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{Choice, Kind};

    #[test]
    fn scaled_losses_become_1_and_the_weight_still_counts() {
        let choice = Choice::parse(Kind::Weighting, "imtl_l optimizer=sgd lr=0.1").unwrap();
        let mut method = choice.weighting(2).unwrap();
        let (weights, losses) = ([1.0, 3.0], [Some(0.2), Some(5.0)]);
        let mut factors = Vec::new();
        for step in 1..=1000 {
            let seen = Observation { step, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms: None };
            factors = method.factors(&seen).unwrap();
        }
        assert!((factors[0].unwrap() - 1.0 / 0.2).abs() < 1e-6, "{factors:?}");
        assert!((factors[1].unwrap() - 3.0 / 5.0).abs() < 1e-6, "{factors:?}");
    }
}
