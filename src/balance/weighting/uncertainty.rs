//! Uncertainty weighting: every task learns the variance of its own noise.

use super::answer::{answer, expect_length, not_finite};
use super::descent::{Descent, Learnt, Rule, rate_option};
use crate::balance::errors::read_state;
use crate::balance::{
    BalanceError, Degenerate, Make, Method, Needs, Observation, OptionInfo, OptionKind, OptionValue, Options, Weighting,
};
use serde_json::{Value, json};

/// Σ λ_i (½ e^(−s_i) L_i + ½ s_i) with learnt s.
pub const METHOD: Method = Method {
    name: "uncertainty",
    aliases: &["uw", "uncertaintyweighting"],
    what: "learns each task's noise; its weight settles at 1/(2 loss)",
    year: Some(2018),
    paper: "Kendall et al., CVPR 2018, arXiv 1705.07115",
    needs: Needs { positive_losses: true, ..Needs::LOSSES },
    state: "s of each task, with its moments",
    preference: "multiplies the task's whole term, s included: on the loss alone it would cancel",
    options: &[
        rate_option(0.01),
        OptionInfo {
            name: "init",
            kind: OptionKind::Number { least: -20.0, most: 20.0 },
            default: OptionValue::Number(0.0),
            what: "s at the start",
        },
        Rule::OPTION,
        OptionInfo {
            name: "form",
            kind: OptionKind::Word(&["regression", "classification"]),
            default: OptionValue::Word("regression"),
            what: "weight exp(-s)/2, or exp(-s) as for classification; for all tasks alike",
        },
    ],
    make: Make::Weighting(|options, tasks| Box::new(Uncertainty::new(options, tasks))),
};

/// s is kept within ± this: far beyond the scale of any loss, and exp(s) stays a number.
pub(super) const WIDEST: f64 = 40.0;
/// Where a loss is not above 0, s never settles: above this many times the first weight it has run away.
pub(super) const RUN_AWAY: f64 = 1e3;

/// The reason where a weight grows without bound.
pub(super) fn run_away(task: usize, loss: f64) -> Degenerate {
    Degenerate(format!("the loss of {{task {task}}} is {loss}: its weight would grow without bound"))
}

/// f_i = λ_i e^(−s_i) / 2.
#[derive(Clone, Debug)]
pub struct Uncertainty {
    descent: Descent,
    /// What exp(−s) is multiplied by.
    scale: f64,
    log_variances: Vec<Learnt>,
    surrogate: Option<f64>,
}

impl Uncertainty {
    /// In its first state.
    pub fn new(options: &Options, tasks: usize) -> Self {
        let rule = Rule::from_word(options.word("optimizer"));
        Self {
            descent: Descent { rule, rate: options.number("lr"), decay: 0.0 },
            scale: if options.word("form") == "classification" { 1.0 } else { 0.5 },
            log_variances: vec![Learnt::new(options.number("init")); tasks],
            surrogate: None,
        }
    }
}

impl Weighting for Uncertainty {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        let places = seen.taking_part();
        let mut next = self.log_variances.clone();
        let (mut factors, mut surrogate) = (Vec::new(), 0.0);
        for task in &places {
            let (loss, lambda, learnt) = (seen.loss(*task), seen.weights[*task], self.log_variances[*task]);
            let precision = (-learnt.value).exp();
            if loss <= 0.0 && precision > RUN_AWAY {
                return Err(run_away(*task, loss));
            }
            let weight = self.scale * precision;
            factors.push(lambda * weight);
            surrogate += lambda * (weight * loss + 0.5 * learnt.value);
            let after = self.descent.update(learnt, lambda * (0.5 - weight * loss));
            if !after.is_finite() {
                return Err(not_finite());
            }
            next[*task] = after.with_value(after.value.clamp(-WIDEST, WIDEST));
        }
        let factors = answer(seen, &places, &factors)?;
        self.log_variances = next;
        self.surrogate = (!places.is_empty() && surrogate.is_finite()).then_some(surrogate);
        Ok(factors)
    }

    fn surrogate(&self) -> Option<f64> {
        self.surrogate
    }

    fn state(&self) -> Value {
        json!(self.log_variances)
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let log_variances: Vec<Learnt> = read_state(METHOD.name, state)?;
        expect_length(METHOD.name, log_variances.len(), self.log_variances.len())?;
        self.log_variances = log_variances;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{Choice, Kind};

    fn after(choice: &str, steps: u64, weights: &[f64], losses: &[Option<f64>]) -> Result<Vec<f64>, Degenerate> {
        let mut method = Choice::parse(Kind::Weighting, choice).unwrap().weighting(losses.len()).unwrap();
        let mut last = Vec::new();
        for step in 1..=steps {
            let factors = method.factors(&Observation { step, epoch: 0.0, seed: 0, weights, losses, norms: None })?;
            last = factors.into_iter().flatten().collect();
        }
        Ok(last)
    }

    #[test]
    fn it_settles_where_the_variance_is_the_loss_and_the_weight_still_counts() {
        let last = after("uncertainty optimizer=sgd lr=0.1", 2000, &[1.0, 2.0], &[Some(0.25), Some(0.25)]).unwrap();
        assert!((last[0] - 0.5 / 0.25).abs() < 1e-6 && (last[1] - 2.0 * last[0]).abs() < 1e-6, "{last:?}");
        let last = after("uw form=classification optimizer=sgd lr=0.1", 2000, &[1.0], &[Some(0.25)]).unwrap();
        assert!((last[0] - 0.5 / 0.25).abs() < 1e-6, "{last:?}");
    }

    #[test]
    fn a_weight_that_runs_away_is_told() {
        let reason = after("uncertainty optimizer=sgd lr=0.1", 2000, &[1.0], &[Some(-0.25)]).unwrap_err();
        assert!(reason.0.contains("without bound"), "{reason}");
    }
}
