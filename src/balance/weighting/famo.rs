//! FAMO: all losses shall fall at the same relative rate, seen from two forward passes a step.

use super::answer::{answer, expect_length, softmax};
use super::descent::{Descent, Learnt, Rule, rate_option};
use crate::balance::errors::read_state;
use crate::balance::{
    BalanceError, Degenerate, Make, Method, Needs, Observation, OptionInfo, OptionKind, OptionValue, Options, Weighting,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Fast adaptive multitask optimisation.
pub const METHOD: Method = Method {
    name: "famo",
    aliases: &["fastadaptivemultitaskoptimization"],
    what: "learns weights so that all losses fall at the same rate, without gradients",
    year: Some(2023),
    paper: "Liu et al., NeurIPS 2023, arXiv 2306.03792",
    needs: Needs { second_forward: true, positive_losses: true, ..Needs::LOSSES },
    state: "a logit of each task, with its moments",
    preference: "the loss's exponent, and its rate is measured by it; a common factor does nothing",
    options: &[
        rate_option(0.025),
        OptionInfo {
            name: "decay",
            kind: OptionKind::Number { least: 0.0, most: 10.0 },
            default: OptionValue::Number(0.001),
            what: "how strongly the logits are pulled to 0",
        },
        OptionInfo {
            name: "floor",
            kind: OptionKind::Number { least: f64::MIN, most: f64::MAX },
            default: OptionValue::Number(0.0),
            what: "a number below every loss, for losses that may be negative",
        },
    ],
    make: Make::Weighting(|options, tasks| Box::new(Famo::new(options, tasks))),
};

/// Added to losses before their logarithm, as published.
const SMALL: f64 = 1e-8;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    logits: Vec<Learnt>,
    /// λ of those who took part in the last step, 0 for the others.
    weights: Vec<f64>,
}

/// z = softmax(w), c = 1 / Σ λ_i z_i / D_i, D = L − floor; f_i = c λ_i z_i / D_i, which sum to 1.
///
/// After the step w follows the rates δ_i = (log D_i before − log D_i after) / λ_i: who fell more gets less. With the
/// rate measured by λ the weights z are those for λ = 1, so λ neither cancels with time nor turns into its opposite.
#[derive(Clone, Debug)]
pub struct Famo {
    descent: Descent,
    floor: f64,
    state: State,
    surrogate: Option<f64>,
}

impl Famo {
    /// In its first state.
    pub fn new(options: &Options, tasks: usize) -> Self {
        Self {
            descent: Descent { rule: Rule::Adam, rate: options.number("lr"), decay: options.number("decay") },
            floor: options.number("floor"),
            state: State { logits: vec![Learnt::new(0.0); tasks], weights: vec![0.0; tasks] },
            surrogate: None,
        }
    }

    fn shares(&self, places: &[usize]) -> Vec<f64> {
        softmax(&places.iter().map(|task| self.state.logits[*task].value).collect::<Vec<_>>())
    }

    fn distance(&self, loss: f64) -> f64 {
        loss - self.floor + SMALL
    }
}

impl Weighting for Famo {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        seen.require_losses_above(self.floor)?;
        let places = seen.taking_part();
        let shares = self.shares(&places);
        let parts: Vec<f64> = places.iter().zip(&shares).map(|(task, share)| seen.weights[*task] * share).collect();
        let distances: Vec<f64> = places.iter().map(|task| self.distance(seen.loss(*task))).collect();
        let slopes: Vec<f64> = parts.iter().zip(&distances).map(|(part, distance)| part / distance).collect();
        let scale = 1.0 / slopes.iter().sum::<f64>();
        let factors = answer(seen, &places, &slopes.iter().map(|slope| scale * slope).collect::<Vec<_>>())?;
        let logs: f64 = parts.iter().zip(&distances).map(|(part, distance)| part * distance.ln()).sum();
        self.surrogate = (!places.is_empty() && (scale * logs).is_finite()).then_some(scale * logs);
        self.state.weights.fill(0.0);
        for task in &places {
            self.state.weights[*task] = seen.weights[*task];
        }
        Ok(factors)
    }

    fn after_step(&mut self, before: &[Option<f64>], after: &[Option<f64>]) {
        let weights = &self.state.weights;
        let log = |losses: &[Option<f64>], task: usize| {
            let distance = self.distance(losses.get(task).copied().flatten()?);
            (distance.is_finite() && distance > 0.0).then(|| distance.ln())
        };
        let measured = |task: &usize| {
            let fall = log(before, *task)? - log(after, *task)?;
            (weights[*task] > 0.0).then(|| (*task, fall / weights[*task]))
        };
        let (places, rates): (Vec<usize>, Vec<f64>) =
            (0..weights.len()).collect::<Vec<_>>().iter().filter_map(measured).unzip();
        let shares = self.shares(&places);
        let mean_weight = places.iter().map(|task| weights[*task] / places.len() as f64).sum::<f64>();
        let mean: f64 = shares.iter().zip(&rates).map(|(share, rate)| share * rate).sum();
        let mut next = self.state.logits.clone();
        for ((task, share), rate) in places.iter().zip(&shares).zip(&rates) {
            next[*task] = self.descent.update(next[*task], mean_weight * share * (rate - mean));
        }
        // What cannot be learnt from is left out.
        if next.iter().all(Learnt::is_finite) {
            self.state.logits = next;
        }
    }

    fn surrogate(&self) -> Option<f64> {
        self.surrogate
    }

    fn state(&self) -> Value {
        json!(self.state)
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let state: State = read_state(METHOD.name, state)?;
        expect_length(METHOD.name, state.logits.len(), self.state.logits.len())?;
        expect_length(METHOD.name, state.weights.len(), self.state.weights.len())?;
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{Choice, Kind};

    /// Two tasks whose losses fall by f_i times their own steepness; the shares of the factors after many steps, each
    /// times its loss.
    fn shares(weights: [f64; 2], steepness: [f64; 2]) -> [f64; 2] {
        let mut method = Choice::parse(Kind::Weighting, "famo decay=0").unwrap().weighting(2).unwrap();
        let losses = [Some(2.0), Some(2.0)];
        let mut last = [0.0; 2];
        for step in 1..=3000 {
            let seen = Observation { step, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms: None };
            let factors = method.factors(&seen).unwrap();
            last = [factors[0].unwrap(), factors[1].unwrap()];
            let after = [0, 1].map(|task| Some(2.0 - 0.1 * last[task] * steepness[task]));
            method.after_step(&losses, &after);
        }
        last
    }

    #[test]
    fn rates_become_equal_and_weights_last() {
        let [slow, steep] = shares([1.0, 1.0], [1.0, 4.0]);
        assert!((slow / steep - 4.0).abs() < 0.2, "{slow} {steep}");
        let [heavy, light] = shares([3.0, 1.0], [1.0, 1.0]);
        assert!((heavy / light - 3.0).abs() < 0.2, "{heavy} {light}");
    }

    #[test]
    fn a_floor_lets_losses_be_negative() {
        let (weights, losses) = ([1.0, 1.0], [Some(-0.5), Some(1.0)]);
        let seen = Observation { step: 1, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms: None };
        let answer =
            |choice: &str| Choice::parse(Kind::Weighting, choice).unwrap().weighting(2).unwrap().factors(&seen);
        assert!(answer("famo").unwrap_err().0.contains("needs it above 0"));
        let factors = answer("famo floor=-1").unwrap();
        assert!((factors[0].unwrap() - 0.8).abs() < 1e-6, "{factors:?}");
    }
}
