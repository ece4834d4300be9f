//! GradNorm: weighted gradients get the same norm, more where a task learns slowly.

use super::answer::{answer, expect_length, not_finite, softmax};
use super::descent::{Descent, Learnt, Rule, rate_option};
use crate::balance::errors::read_state;
use crate::balance::{
    BalanceError, Degenerate, Make, Method, Needs, Observation, OptionInfo, OptionKind, OptionValue, Options, Weighting,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Gradient normalisation.
pub const METHOD: Method = Method {
    name: "gradnorm",
    aliases: &["gradientnormalization"],
    what: "learns weights that make gradient norms alike, larger for slow tasks",
    year: Some(2018),
    paper: "Chen et al., ICML 2018, arXiv 1711.02257",
    needs: Needs { norms: true, positive_losses: true, ..Needs::LOSSES },
    state: "a weight of each task, and its loss at the start",
    preference: "multiplies the norm that the task is led to; a common factor does nothing",
    options: &[
        OptionInfo {
            name: "alpha",
            kind: OptionKind::Number { least: 0.0, most: 10.0 },
            default: OptionValue::Number(1.5),
            what: "how much more a slow task gets; 0: equal norms",
        },
        rate_option(0.025),
        OptionInfo {
            name: "form",
            kind: OptionKind::Word(&["paper", "softmax"]),
            default: OptionValue::Word("paper"),
            what: "weights moved and rescaled as published, or logits moved by Adam: tamer where norms differ much",
        },
        OptionInfo {
            name: "start",
            kind: OptionKind::Whole { least: 1, most: 1_000_000 },
            default: OptionValue::Whole(1),
            what: "steps that the loss at the start is a mean of",
        },
    ],
    make: Make::Weighting(|options, tasks| Box::new(GradNorm::new(options, tasks))),
};

/// No weight of the published form falls below this.
const LEAST: f64 = 1e-3;

/// What is learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    /// Weights of sum T.
    Paper,
    /// Logits: the weights are T times their softmax.
    Softmax,
}

/// Mean of the first losses of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Start {
    mean: f64,
    losses: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    form: Form,
    learnt: Vec<Learnt>,
    starts: Vec<Start>,
}

/// f = w, which follows the sign of w_i n_i − target_i; target_i = mean(w n) r_i^α λ_i / mean(λ), where r_i is
/// L_i / L_i(0) over the mean of these.
#[derive(Clone, Debug)]
pub struct GradNorm {
    alpha: f64,
    descent: Descent,
    start: u64,
    state: State,
}

impl GradNorm {
    /// In its first state.
    pub fn new(options: &Options, tasks: usize) -> Self {
        let (form, rule) =
            if options.word("form") == "softmax" { (Form::Softmax, Rule::Adam) } else { (Form::Paper, Rule::Sgd) };
        Self {
            alpha: options.number("alpha"),
            descent: Descent { rule, rate: options.number("lr"), decay: 0.0 },
            start: options.whole("start").max(1),
            state: State { form, learnt: vec![Learnt::new(1.0); tasks], starts: vec![Start::default(); tasks] },
        }
    }

    fn weights(&self, places: &[usize]) -> Vec<f64> {
        let values: Vec<f64> = places.iter().map(|task| self.state.learnt[*task].value).collect();
        match self.state.form {
            Form::Paper => values,
            Form::Softmax => softmax(&values).iter().map(|share| places.len() as f64 * share).collect(),
        }
    }

    /// What is learnt from the norms of the tasks at `places`.
    fn learn(&self, seen: &Observation<'_>, places: &[usize], weights: &[f64], norms: &[f64], next: &mut State) {
        let tasks = places.len() as f64;
        let mean = |values: &[f64]| values.iter().map(|value| value / tasks).sum::<f64>();
        let rates: Vec<f64> = places.iter().map(|task| seen.loss(*task) / next.starts[*task].mean).collect();
        let mean_rate = mean(&rates);
        let mean_lambda = mean(&places.iter().map(|task| seen.weights[*task]).collect::<Vec<_>>());
        let weighted: Vec<f64> = weights.iter().zip(norms).map(|(weight, norm)| weight * norm).collect();
        let mean_norm = mean(&weighted);
        let gradients: Vec<f64> = (0..places.len())
            .map(|row| {
                let preference = seen.weights[places[row]] / mean_lambda;
                let target = mean_norm * (rates[row] / mean_rate).powf(self.alpha) * preference;
                sign(weighted[row] - target) * norms[row]
            })
            .collect();
        match self.state.form {
            Form::Paper => {
                let moved: Vec<Learnt> = (0..places.len())
                    .map(|row| self.descent.update(self.state.learnt[places[row]], gradients[row]))
                    .map(|learnt| learnt.with_value(if learnt.value < LEAST { LEAST } else { learnt.value }))
                    .collect();
                // These tasks keep their sum, so that the sum over all stays T whoever is absent.
                let scale = weights.iter().sum::<f64>() / moved.iter().map(|learnt| learnt.value).sum::<f64>();
                places.iter().zip(moved).for_each(|(task, learnt)| {
                    next.learnt[*task] = learnt.with_value(learnt.value * scale);
                });
            }
            Form::Softmax => {
                let inner: f64 =
                    gradients.iter().zip(weights).map(|(gradient, weight)| gradient * weight / tasks).sum();
                for (row, task) in places.iter().enumerate() {
                    let gradient = weights[row] * (gradients[row] - inner);
                    next.learnt[*task] = self.descent.update(self.state.learnt[*task], gradient);
                }
            }
        }
    }
}

/// −1, 0 or 1; NaN of NaN.
fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

impl Weighting for GradNorm {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        seen.require_losses_above(0.0)?;
        let places = seen.taking_part();
        let weights = self.weights(&places);
        let factors = answer(seen, &places, &weights)?;
        let mut next = self.state.clone();
        for task in &places {
            let start = &mut next.starts[*task];
            if start.losses < self.start {
                start.losses += 1;
                start.mean += (seen.loss(*task) - start.mean) / start.losses as f64;
            }
        }
        // A step at which not all norms were measured teaches nothing.
        let norm = |task: &usize| seen.norms?.get(*task).copied().flatten();
        if let Some(norms) = places.iter().map(norm).collect::<Option<Vec<f64>>>() {
            self.learn(seen, &places, &weights, &norms, &mut next);
        }
        if !next.learnt.iter().all(Learnt::is_finite) {
            return Err(not_finite());
        }
        self.state = next;
        Ok(factors)
    }

    fn state(&self) -> Value {
        json!(self.state)
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let state: State = read_state(METHOD.name, state)?;
        expect_length(METHOD.name, state.learnt.len(), self.state.learnt.len())?;
        expect_length(METHOD.name, state.starts.len(), self.state.starts.len())?;
        if state.form != self.state.form {
            let problem = "it is of the other form, whose weights mean something else".to_owned();
            return Err(BalanceError::State { method: METHOD.name, problem });
        }
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{Choice, Kind};

    fn make(choice: &str) -> Box<dyn Weighting> {
        Choice::parse(Kind::Weighting, choice).unwrap().weighting(2).unwrap()
    }

    /// w_i n_i after many steps of unchanging losses and norms.
    fn settled(choice: &str, weights: [f64; 2]) -> [f64; 2] {
        let mut method = make(choice);
        let (losses, norms) = ([Some(1.0), Some(5.0)], [Some(1.0), Some(3.0)]);
        let mut factors = Vec::new();
        for step in 1..=3000 {
            let norms = Some(&norms[..]);
            let seen = Observation { step, epoch: 0.0, seed: 0, weights: &weights, losses: &losses, norms };
            factors = method.factors(&seen).unwrap();
        }
        [factors[0].unwrap(), factors[1].unwrap() * 3.0]
    }

    #[test]
    fn weighted_norms_become_those_that_the_user_prefers() {
        for choice in ["gradnorm lr=0.001", "gradnorm form=softmax lr=0.001"] {
            let [a, b] = settled(choice, [1.0, 1.0]);
            assert!((a / b - 1.0).abs() < 0.05, "{choice}: {a} {b}");
            let [a, b] = settled(choice, [10.0, 5.0]);
            assert!((a / b - 2.0).abs() < 0.1, "{choice}: {a} {b}");
        }
    }

    #[test]
    fn without_norms_the_weights_are_held() {
        let mut method = make("gradnorm");
        let seen = Observation {
            step: 1,
            epoch: 0.0,
            seed: 0,
            weights: &[1.0, 1.0],
            losses: &[Some(1.0), Some(2.0)],
            norms: Some(&[Some(1.0), Some(3.0)]),
        };
        method.factors(&seen).unwrap();
        let held = method.factors(&Observation { norms: None, ..seen }).unwrap();
        assert_eq!(method.factors(&Observation { norms: Some(&[Some(1.0), None]), ..seen }).unwrap(), held);
        assert_ne!(held, [Some(1.0), Some(1.0)]);
        assert_eq!(method.factors(&seen).unwrap(), held);
    }

    #[test]
    fn the_other_form_s_state_is_refused() {
        let error = make("gradnorm").restore(&make("gradnorm form=softmax").state()).unwrap_err();
        assert!(error.to_string().contains("other form"), "{error}");
    }
}
