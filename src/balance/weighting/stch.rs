//! Smooth Tchebycheff: the task that is worst off, relative to its start, counts most.

use super::answer::{answer, expect_length, softmax};
use crate::balance::errors::read_state;
use crate::balance::{
    BalanceError, Degenerate, Make, Method, Needs, Observation, OptionInfo, OptionKind, OptionValue, Options, Weighting,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// T μ log Σ exp(λ_i log(L_i / nadir_i) / μ).
pub const METHOD: Method = Method {
    name: "stch",
    aliases: &["smoothtchebycheff", "stchlog"],
    what: "soft maximum of losses relative to their start: the worst off counts most",
    year: Some(2024),
    paper: "Lin et al., ICML 2024, arXiv 2402.19078",
    needs: Needs { positive_losses: true, ..Needs::LOSSES },
    state: "the mean loss of each task over the warm-up",
    preference: "multiplies the log loss inside of the maximum",
    options: &[
        OptionInfo {
            name: "mu",
            kind: OptionKind::Number { least: 1e-6, most: 1000.0 },
            default: OptionValue::Number(1.0),
            what: "softness: near 0 only the worst task counts",
        },
        OptionInfo {
            name: "warmup",
            kind: OptionKind::Whole { least: 0, most: 1_000_000_000 },
            default: OptionValue::Whole(100),
            what: "steps that the mean loss is taken over; until then the sum of log losses is minimised",
        },
    ],
    make: Make::Weighting(|options, tasks| Box::new(Stch::new(options, tasks))),
};

/// Mean loss of a task over the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Nadir {
    mean: f64,
    losses: u64,
}

impl Nadir {
    fn take(&mut self, loss: f64) {
        self.losses = self.losses.saturating_add(1);
        self.mean += (loss - self.mean) / self.losses as f64;
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    /// Steps so far, no more than the warm-up has.
    steps: u64,
    nadirs: Vec<Nadir>,
}

/// f_i = T softmax(λ log(L / nadir) / μ)_i λ_i / L_i over the T tasks that take part; λ_i / L_i during the warm-up.
#[derive(Clone, Debug)]
pub struct Stch {
    softness: f64,
    warmup: u64,
    state: State,
    surrogate: Option<f64>,
}

impl Stch {
    /// In its first state.
    pub fn new(options: &Options, tasks: usize) -> Self {
        Self {
            softness: options.number("mu"),
            warmup: options.whole("warmup"),
            state: State { steps: 0, nadirs: vec![Nadir::default(); tasks] },
            surrogate: None,
        }
    }
}

impl Weighting for Stch {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        seen.require_losses_above(0.0)?;
        let places = seen.taking_part();
        if places.is_empty() {
            return answer(seen, &places, &[]);
        }
        let mut next = self.state.clone();
        let warm = next.steps < self.warmup;
        next.steps = next.steps.saturating_add(1).min(self.warmup);
        for task in &places {
            // Who was absent during the warm-up starts at the first loss after it.
            if warm || next.nadirs[*task].losses == 0 {
                next.nadirs[*task].take(seen.loss(*task));
            }
        }
        let lambda = |task: &usize| seen.weights[*task];
        let slope = |task: &usize| lambda(task) / seen.loss(*task);
        let (factors, objective) = if warm {
            let sum: f64 = places.iter().map(|task| lambda(task) * seen.loss(*task).ln()).sum();
            (places.iter().map(slope).collect::<Vec<_>>(), sum)
        } else {
            let log = |task: &usize| seen.loss(*task).ln() - next.nadirs[*task].mean.ln();
            let bounded = |exponent: f64| exponent.clamp(-f64::MAX, f64::MAX);
            let exponents: Vec<f64> =
                places.iter().map(|task| bounded(lambda(task) * log(task) / self.softness)).collect();
            let tasks = places.len() as f64;
            let most = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = exponents.iter().map(|exponent| (exponent - most).exp()).sum();
            let shares = softmax(&exponents);
            let factors = places.iter().zip(shares).map(|(task, share)| tasks * share * slope(task)).collect();
            (factors, tasks * self.softness * (most + sum.ln()))
        };
        let factors = answer(seen, &places, &factors)?;
        self.state = next;
        self.surrogate = objective.is_finite().then_some(objective);
        Ok(factors)
    }

    fn surrogate(&self) -> Option<f64> {
        self.surrogate
    }

    fn state(&self) -> Value {
        json!(self.state)
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let state: State = read_state(METHOD.name, state)?;
        expect_length(METHOD.name, state.nadirs.len(), self.state.nadirs.len())?;
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{Choice, Kind};

    fn second(choice: &str, weights: [f64; 2]) -> (Vec<Option<f64>>, f64) {
        let mut method = Choice::parse(Kind::Weighting, choice).unwrap().weighting(2).unwrap();
        let mut ask = |losses: [f64; 2]| {
            let losses = losses.map(Some);
            let seen = Observation { step: 1, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms: None };
            method.factors(&seen).unwrap()
        };
        ask([4.0, 1.0]);
        let factors = ask([2.0, 1.0]);
        (factors, method.surrogate().unwrap())
    }

    #[test]
    fn the_worst_off_counts_most() {
        // Log losses relative to the start: −log 2 and 0, so shares 1/3 and 2/3.
        let (factors, surrogate) = second("stch warmup=1", [1.0, 1.0]);
        for (factor, wanted) in factors.iter().zip([2.0 / 3.0 / 2.0, 2.0 * 2.0 / 3.0]) {
            assert!((factor.unwrap() - wanted).abs() < 1e-12, "{factors:?}");
        }
        assert!((surrogate - 2.0 * 1.5_f64.ln()).abs() < 1e-12);
        // Shares 1/5 and 4/5, the first slope twice as steep.
        let (factors, _) = second("stch warmup=0", [2.0, 1.0]);
        assert!((factors[0].unwrap() - 2.0 / 5.0).abs() < 1e-12, "{factors:?}");
        assert_eq!(second("stch warmup=1 mu=0.0001", [1.0, 1.0]).0, [Some(0.0), Some(2.0)]);
    }

    #[test]
    fn the_warm_up_minimises_the_sum_of_logs() {
        assert_eq!(second("stch warmup=2", [1.0, 3.0]).0, [Some(0.5), Some(3.0)]);
    }
}
