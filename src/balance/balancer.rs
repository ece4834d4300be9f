//! What a step asks: one weighting and one aggregation with their settings, held coefficients and fallbacks.
//!
//! Owns when a method is asked anew, what is held in between, and what happens where it has no answer. It must not know
//! any one method.

use super::choice::Choice;
use super::errors::{BalanceError, Degenerate};
use super::method::Kind;
use super::settings::{Normalise, Settings};
use super::{Aggregation, Gram, Needs, Observation, Situation, Weighting};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step at which a method had no answer and something else was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// Which half.
    pub stage: Kind,
    /// The method's name.
    pub method: &'static str,
    /// Why it had no answer.
    pub reason: Degenerate,
}

/// What was answered last, used between two answers and where there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Held {
    /// λ, who took part, at the last answer of the aggregation.
    asked: Vec<Option<f64>>,
    /// f of the last answer.
    factors: Vec<Option<f64>>,
    /// c of the last answer.
    coefficients: Vec<Option<f64>>,
    /// Whether the last question had no answer, so that an alert is raised once and not at every step.
    failing: [bool; 2],
}

/// All that the next answer depends on, for a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The weighting with its options, in text form.
    pub weighting: String,
    /// What it saved.
    pub weighting_state: Value,
    /// The aggregation with its options, in text form.
    pub aggregation: String,
    /// What it saved.
    pub aggregation_state: Value,
    /// The settings.
    pub settings: Settings,
    held: Held,
}

/// One weighting and one aggregation at work.
pub struct Balancer {
    tasks: usize,
    choices: [Choice; 2],
    weighting: Box<dyn Weighting>,
    aggregation: Box<dyn Aggregation>,
    settings: Settings,
    held: Held,
    fallbacks: Vec<Fallback>,
}

impl Balancer {
    /// Two methods for `tasks` tasks, in their first state.
    ///
    /// # Errors
    /// [`BalanceError::Pair`] where a choice is of the other kind.
    pub fn new(
        weighting: &Choice,
        aggregation: &Choice,
        settings: Settings,
        tasks: usize,
    ) -> Result<Self, BalanceError> {
        let wrong = |choice: &Choice, place: &str| BalanceError::Pair(format!("'{choice}' is not a {place}"));
        Ok(Self {
            tasks,
            weighting: weighting.weighting(tasks).ok_or_else(|| wrong(weighting, "weighting"))?,
            aggregation: aggregation.aggregation(tasks).ok_or_else(|| wrong(aggregation, "aggregation"))?,
            choices: [weighting.clone(), aggregation.clone()],
            settings: Settings { every: settings.every.max(1), ..settings },
            held: Held::default(),
            fallbacks: Vec::new(),
        })
    }

    /// The plain methods, manual and sum, for `tasks` tasks.
    pub fn plain(tasks: usize) -> Self {
        use super::{aggregation::sum, weighting::manual};
        Self {
            tasks,
            choices: [Choice::plain(&manual::METHOD), Choice::plain(&sum::METHOD)],
            weighting: Box::new(manual::Manual),
            aggregation: Box::new(sum::Sum),
            settings: Settings::default(),
            held: Held::default(),
            fallbacks: Vec::new(),
        }
    }

    /// The weighting and its options.
    pub fn weighting(&self) -> &Choice {
        &self.choices[0]
    }

    /// The aggregation and its options.
    pub fn aggregation(&self) -> &Choice {
        &self.choices[1]
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Other settings from the next step on; what is held is asked anew.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = Settings { every: settings.every.max(1), ..settings };
        self.held.asked.clear();
    }

    /// Another method, or other options. It begins in its first state; where it is the same method and `keep` is true
    /// it goes on with its state.
    ///
    /// # Errors
    /// [`BalanceError::State`] where the kept state does not fit the new options; nothing has changed then.
    pub fn choose(&mut self, choice: &Choice, keep: bool) -> Result<(), BalanceError> {
        match choice.kind() {
            Kind::Weighting => {
                let Some(mut chosen) = choice.weighting(self.tasks) else { return Ok(()) };
                if keep && chosen.name() == self.weighting.name() {
                    chosen.restore(&self.weighting.state())?;
                }
                self.weighting = chosen;
                self.choices[0] = choice.clone();
                self.held.failing[0] = false;
            }
            Kind::Aggregation => {
                let Some(mut chosen) = choice.aggregation(self.tasks) else { return Ok(()) };
                if keep && chosen.name() == self.aggregation.name() {
                    chosen.restore(&self.aggregation.state())?;
                }
                self.aggregation = chosen;
                self.choices[1] = choice.clone();
                self.held.failing[1] = false;
            }
        }
        self.held.asked.clear();
        Ok(())
    }

    /// What the two methods and the settings need together.
    pub fn needs(&self) -> Needs {
        let (weighting, aggregation) = (self.weighting.needs(), self.aggregation.needs());
        Needs {
            norms: weighting.norms || aggregation.norms,
            gram: weighting.gram || self.needs_matrix(),
            rows: aggregation.rows,
            second_forward: weighting.second_forward || aggregation.second_forward,
            positive_losses: weighting.positive_losses || aggregation.positive_losses,
        }
    }

    /// Whether coefficients are more than factors and need the Gram matrix.
    fn needs_matrix(&self) -> bool {
        self.aggregation.needs().gram
            || self.settings.normalise == Normalise::L2
            || (self.settings.normalise != Normalise::None && self.settings.match_norm)
    }

    /// Whether this step must measure every task's gradient: a method needs them, and it is asked anew. `weights` are λ
    /// and `present` says who takes part.
    pub fn asks_for_gradients(&self, step: u64, weights: &[f64], present: &[bool]) -> bool {
        let needs = self.needs();
        needs.rows || (needs.gradients() && self.is_asked(step, &asked(weights, present)))
    }

    fn is_asked(&self, step: u64, asked: &[Option<f64>]) -> bool {
        // The first update is asked, then every so many; a hand on λ or a mute acts at once.
        step % self.settings.every == 1 % self.settings.every || self.held.asked != asked
    }

    /// f_i. Where the method has no answer: its last finite one, else λ.
    pub fn factors(&mut self, seen: &Observation<'_>) -> Vec<Option<f64>> {
        let present: Vec<bool> = seen.losses.iter().map(Option::is_some).collect();
        let norms = seen.norms.filter(|_| self.is_asked(seen.step, &asked(seen.weights, &present)));
        let seen = &Observation { norms, ..*seen };
        let answer = self.weighting.factors(seen).and_then(|factors| {
            let fits =
                factors.len() == seen.losses.len() && factors.iter().flatten().all(|f| f.is_finite() && *f >= 0.0);
            if fits { Ok(factors) } else { Err(Degenerate("a factor is not a finite number of at least 0".to_owned())) }
        });
        let name = self.weighting.name();
        let held = std::mem::take(&mut self.held.factors);
        let factors = self.settle(Kind::Weighting, name, answer, || {
            seen.spread(|task| held.get(task).copied().flatten().filter(|f| *f > 0.0).unwrap_or(seen.weights[task]))
        });
        self.held.factors = merged(held, &factors);
        factors
    }

    /// The weighting's own objective.
    pub fn surrogate(&self) -> Option<f64> {
        self.weighting.surrogate()
    }

    /// c_i of all tasks. `tasks` are those that `gram` has rows of, in its order; `factors` are in task order.
    /// Without a matrix the held coefficients are used, else the factors.
    pub fn coefficients(
        &mut self,
        seen: &Observation<'_>,
        factors: &[Option<f64>],
        tasks: &[usize],
        gram: Option<&Gram>,
    ) -> Vec<Option<f64>> {
        let mut coefficients = factors.to_vec();
        let mut keep: Vec<usize> =
            (0..tasks.len()).filter(|place| factor(factors, tasks[*place]).is_some_and(|f| f > 0.0)).collect();
        keep.sort_by_key(|place| tasks[*place]);
        let present: Vec<bool> = seen.losses.iter().map(Option::is_some).collect();
        let asked = asked(seen.weights, &present);
        let is_asked = self.is_asked(seen.step, &asked);
        if is_asked && gram.is_some() {
            self.held.asked.clone_from(&asked);
        }
        if keep.is_empty() {
            return coefficients;
        }
        let rows: Vec<usize> = keep.iter().map(|place| tasks[*place]).collect();
        let own: Vec<f64> = rows.iter().filter_map(|task| factor(factors, *task)).collect();
        let chosen = gram.map(|gram| gram.select(&keep));
        let asks = self.needs_matrix() || self.settings.normalise != Normalise::None;
        if asks && (chosen.is_some() || !self.needs_matrix()) && is_asked {
            let answer = self.ask(seen, &rows, &own, chosen.as_ref());
            let name = self.aggregation.name();
            let held = std::mem::take(&mut self.held.coefficients);
            let answer = self.settle(Kind::Aggregation, name, answer, || {
                rows.iter().zip(&own).map(|(task, f)| held.get(*task).copied().flatten().unwrap_or(*f)).collect()
            });
            self.held.coefficients = vec![None; factors.len()];
            rows.iter().zip(answer).for_each(|(task, c)| self.held.coefficients[*task] = Some(c));
        }
        if asks {
            for task in rows {
                if let Some(Some(held)) = self.held.coefficients.get(task) {
                    coefficients[task] = Some(*held);
                }
            }
        }
        coefficients
    }

    fn ask(
        &mut self,
        seen: &Observation<'_>,
        tasks: &[usize],
        factors: &[f64],
        gram: Option<&Gram>,
    ) -> Result<Vec<f64>, Degenerate> {
        let empty = Gram::from_products(0, |_, _| 0.0);
        let raw = gram.unwrap_or(&empty);
        if !raw.is_finite() {
            return Err(Degenerate("a product of gradients is not finite".to_owned()));
        }
        // The one row of a task is divided by s, so its coefficient is too.
        let scales: Vec<f64> = match self.settings.normalise {
            Normalise::None => vec![1.0; tasks.len()],
            Normalise::L2 => (0..tasks.len()).map(|row| 1.0 / raw.norm(row)).collect(),
            Normalise::Loss => tasks.iter().map(|task| 1.0 / seen.loss(*task).abs()).collect(),
        };
        if let Some(place) = scales.iter().position(|scale| !scale.is_finite()) {
            let what = if self.settings.normalise == Normalise::L2 { "gradient" } else { "loss" };
            return Err(Degenerate(format!("the {what} of {{task {}}} is 0 and cannot be normalised", tasks[place])));
        }
        let gram = raw.scaled(&scales);
        let situation = Situation { step: seen.step, seed: seen.seed, tasks, factors, gram: &gram };
        let answer = self.aggregation.coefficients(&situation)?;
        let mut coefficients: Vec<f64> = answer.iter().zip(&scales).map(|(c, scale)| c * scale).collect();
        if coefficients.len() != tasks.len() || !coefficients.iter().all(|c| c.is_finite()) {
            return Err(Degenerate("a coefficient is not a finite number".to_owned()));
        }
        if self.settings.match_norm && raw.size() == tasks.len() {
            let (is, wanted) = (raw.norm_of(&coefficients), raw.norm_of(factors));
            // At a Pareto-stationary point an update of 0 is the answer, whatever its length should be.
            if is > 1e-9 * wanted && (wanted / is).is_finite() {
                for coefficient in &mut coefficients {
                    *coefficient *= wanted / is;
                }
            }
        }
        Ok(coefficients)
    }

    /// The shared update itself, where the aggregation works on whole gradients and has an answer. Arguments as in
    /// [`Balancer::coefficients`]; `rows` are the gradients of `tasks`, all of one length.
    pub fn combine(
        &mut self,
        seen: &Observation<'_>,
        factors: &[Option<f64>],
        tasks: &[usize],
        rows: &[Vec<f32>],
        gram: &Gram,
    ) -> Option<Vec<f32>> {
        let mut keep: Vec<usize> =
            (0..tasks.len()).filter(|place| factor(factors, tasks[*place]).is_some_and(|f| f > 0.0)).collect();
        if keep.is_empty() {
            return None;
        }
        keep.sort_by_key(|place| tasks[*place]);
        let (of, own): (Vec<usize>, Vec<f64>) =
            keep.iter().filter_map(|place| Some((tasks[*place], factor(factors, tasks[*place])?))).unzip();
        let losses: Vec<f64> = of.iter().map(|task| seen.loss(*task)).collect();
        let rows: Vec<&[f32]> = keep.iter().filter_map(|place| rows.get(*place).map(Vec::as_slice)).collect();
        let gram = gram.select(&keep);
        let situation = Situation { step: seen.step, seed: seen.seed, tasks: &of, factors: &own, gram: &gram };
        let answer = self.aggregation.combine(&situation, &losses, &rows).map(Some);
        let name = self.aggregation.name();
        let mut update = self.settle(Kind::Aggregation, name, answer, || None)?;
        if self.settings.match_norm {
            let is = update.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            let scale = gram.norm_of(&own) / is;
            if scale.is_finite() {
                for value in &mut update {
                    *value = (f64::from(*value) * scale) as f32;
                }
            }
        }
        Some(update)
    }

    fn settle<T>(
        &mut self,
        stage: Kind,
        method: &'static str,
        answer: Result<T, Degenerate>,
        instead: impl FnOnce() -> T,
    ) -> T {
        let place = usize::from(stage == Kind::Aggregation);
        let was_failing = std::mem::replace(&mut self.held.failing[place], answer.is_err());
        answer.unwrap_or_else(|reason| {
            if !was_failing {
                self.fallbacks.push(Fallback { stage, method, reason });
            }
            instead()
        })
    }

    /// Losses on one batch before and after the update, for a weighting that asked for a second forward pass.
    pub fn after_step(&mut self, before: &[Option<f64>], after: &[Option<f64>]) {
        self.weighting.after_step(before, after);
    }

    /// Takes what went wrong since the last call; each trouble is told once until the method answers again.
    pub fn take_fallbacks(&mut self) -> Vec<Fallback> {
        std::mem::take(&mut self.fallbacks)
    }

    /// All that the next answer depends on.
    pub fn state(&self) -> State {
        State {
            weighting: self.choices[0].to_string(),
            weighting_state: self.weighting.state(),
            aggregation: self.choices[1].to_string(),
            aggregation_state: self.aggregation.state(),
            settings: self.settings,
            held: self.held.clone(),
        }
    }

    /// Methods, settings and all they remember, from a checkpoint.
    ///
    /// # Errors
    /// [`BalanceError`] where a method is not known or its state is not its own.
    pub fn from_state(state: &State, tasks: usize) -> Result<Self, BalanceError> {
        let weighting = Choice::parse(Kind::Weighting, &state.weighting)?;
        let aggregation = Choice::parse(Kind::Aggregation, &state.aggregation)?;
        let mut balancer = Self::new(&weighting, &aggregation, state.settings, tasks)?;
        balancer.weighting.restore(&state.weighting_state)?;
        balancer.aggregation.restore(&state.aggregation_state)?;
        balancer.held = state.held.clone();
        Ok(balancer)
    }
}

fn factor(factors: &[Option<f64>], task: usize) -> Option<f64> {
    factors.get(task).copied().flatten()
}

/// λ of those who take part.
fn asked(weights: &[f64], present: &[bool]) -> Vec<Option<f64>> {
    weights.iter().zip(present).map(|(weight, present)| present.then_some(*weight).filter(|w| *w > 0.0)).collect()
}

/// The newer entry where there is one.
fn merged(held: Vec<Option<f64>>, newer: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut held = held;
    held.resize(newer.len(), None);
    held.iter_mut().zip(newer).for_each(|(held, newer)| *held = newer.filter(|f| *f > 0.0).or(*held));
    held
}

#[cfg(test)]
#[path = "balancer_tests.rs"]
mod tests;
