//! How tasks are weighed against each other: λ and losses to factors, factors and the Gram matrix to coefficients.
//!
//! Owns the traits [`Weighting`] and [`Aggregation`], the methods behind them with the small solvers they need, the
//! catalogue of methods, and the [`Balancer`] that a step asks; all in `f64` on the host. It must not know Burn: a
//! method sees losses, norms and the T × T Gram matrix, never a tensor.

pub mod aggregation;
mod balancer;
mod catalogue;
mod choice;
mod errors;
pub mod evidence;
mod gram;
mod method;
mod options;
mod settings;
pub mod solver;
pub mod weighting;

pub use balancer::{Balancer, Fallback, State};
pub use catalogue::{AGGREGATIONS, WEIGHTINGS, find};
pub use choice::Choice;
pub use errors::{BalanceError, Degenerate};
pub use gram::Gram;
pub use method::{Kind, Make, Method};
pub use options::{OptionInfo, OptionKind, OptionValue, Options};
pub use settings::{Circumstances, Normalise, Place, Settings, check};

use serde_json::Value;

/// What a method must be given before it can answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing to be measured, in any combination")]
pub struct Needs {
    /// Norms of per-task gradients.
    pub norms: bool,
    /// The Gram matrix of per-task gradients.
    pub gram: bool,
    /// The per-task gradients themselves: the update is then [`Aggregation::combine`]'s.
    pub rows: bool,
    /// Losses on the same batch after the update, both without dropout.
    pub second_forward: bool,
    /// Losses above 0: what it makes of others is no answer, or grows without bound.
    pub positive_losses: bool,
}

impl Needs {
    /// Only losses and λ.
    pub const LOSSES: Self =
        Self { norms: false, gram: false, rows: false, second_forward: false, positive_losses: false };
    /// The Gram matrix.
    pub const GRAM: Self = Self { gram: true, ..Self::LOSSES };
    /// Per-task gradients.
    pub const ROWS: Self = Self { rows: true, ..Self::LOSSES };

    /// Whether every task's gradient must be measured by itself.
    pub fn gradients(self) -> bool {
        self.norms || self.gram || self.rows
    }
}

/// What a weighting sees at a step. Arrays are in task order.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The update, counted from 1.
    pub step: u64,
    /// Passes over the data so far, of the source that has had the fewest.
    pub epoch: f64,
    /// For methods that draw: a function of the run's seed and the step.
    pub seed: u64,
    /// The user's λ, each finite and ≥ 0.
    pub weights: &'a [f64],
    /// L_i; `None` where the task is muted or has no label. Finite wherever λ is above 0.
    pub losses: &'a [Option<f64>],
    /// ‖g_i‖, where the method asked for norms and they are measured at this step.
    pub norms: Option<&'a [Option<f64>]>,
}

impl Observation<'_> {
    /// Places of the tasks that take part: labelled, unmuted, λ > 0; in task order.
    pub fn taking_part(&self) -> Vec<usize> {
        let labelled = self.losses.iter().zip(self.weights).enumerate();
        labelled.filter(|(_, (loss, weight))| loss.is_some() && **weight > 0.0).map(|(task, _)| task).collect()
    }

    /// Factors in task order: `factor(task)` for those that take part, 0 where λ is 0, `None` for the absent.
    pub fn spread(&self, mut factor: impl FnMut(usize) -> f64) -> Vec<Option<f64>> {
        let labelled = self.losses.iter().zip(self.weights).enumerate();
        labelled.map(|(task, (loss, weight))| loss.map(|_| if *weight > 0.0 { factor(task) } else { 0.0 })).collect()
    }

    /// The loss of a task that takes part; NaN of any other.
    pub fn loss(&self, task: usize) -> f64 {
        self.losses.get(task).copied().flatten().unwrap_or(f64::NAN)
    }

    /// The first task taking part whose loss is not above `bound`, as the reason why a method cannot go on.
    ///
    /// # Errors
    /// [`Degenerate`] that names the task's place and the loss.
    pub fn require_losses_above(&self, bound: f64) -> Result<(), Degenerate> {
        match self.taking_part().into_iter().find(|task| self.loss(*task) <= bound) {
            Some(task) => Err(Degenerate::loss(task, self.loss(task), bound)),
            None => Ok(()),
        }
    }
}

/// Turns losses and λ into one factor a task.
pub trait Weighting: Send {
    /// What is known of the method: its names, needs and options.
    fn method(&self) -> &'static Method;
    /// The method's name.
    fn name(&self) -> &'static str {
        self.method().name
    }
    /// What it must be given.
    fn needs(&self) -> Needs {
        self.method().needs
    }
    /// f_i; `None` where the task takes no part in this step, 0 where λ is 0 (see [`Observation::spread`]). The state of
    /// a task that takes no part stays as it is.
    ///
    /// # Errors
    /// [`Degenerate`] where these numbers have no answer; the state is then unchanged.
    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate>;
    /// Told the losses on one batch before and after the update (both without dropout), where it asked for a second
    /// forward pass. `None` where a task took no part.
    fn after_step(&mut self, _before: &[Option<f64>], _after: &[Option<f64>]) {}
    /// The method's own objective at the last call of [`Weighting::factors`], where it has one.
    fn surrogate(&self) -> Option<f64> {
        None
    }
    /// Everything that the next answer depends on; a restore of it gives bit-equal answers.
    fn state(&self) -> Value {
        Value::Null
    }
    /// Takes a saved state back.
    ///
    /// # Errors
    /// Where the state is not this method's.
    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        errors::expect_no_state(self.name(), state)
    }
}

/// What an aggregation sees at a step: one row for each task with a factor above 0.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The update, counted from 1.
    pub step: u64,
    /// For methods that draw: a function of the run's seed and the step.
    pub seed: u64,
    /// The rows' tasks, ascending: for methods that remember something of a task or a pair.
    pub tasks: &'a [usize],
    /// f_i of the rows, each finite and > 0: the preference.
    pub factors: &'a [f64],
    /// ⟨g_i, g_j⟩ of the rows, every entry finite.
    pub gram: &'a Gram,
}

/// Turns factors and the Gram matrix into one coefficient a task for the shared parameters.
pub trait Aggregation: Send {
    /// What is known of the method: its names, needs and options.
    fn method(&self) -> &'static Method;
    /// The method's name.
    fn name(&self) -> &'static str {
        self.method().name
    }
    /// What it must be given. Without [`Needs::gram`] the matrix it sees is of size 0.
    fn needs(&self) -> Needs {
        self.method().needs
    }
    /// c_i of the rows: the update of the shared parameters is Σ c_i g_i. May be negative.
    ///
    /// # Errors
    /// [`Degenerate`] where these numbers have no answer; the state is then unchanged.
    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate>;
    /// The update itself from the losses and gradients of the rows, for a method with [`Needs::rows`].
    ///
    /// # Errors
    /// [`Degenerate`] where these numbers have no answer, and of every other method; the state is then unchanged.
    fn combine(&mut self, _seen: &Situation<'_>, _losses: &[f64], _rows: &[&[f32]]) -> Result<Vec<f32>, Degenerate> {
        Err(Degenerate("the method answers with coefficients".to_owned()))
    }
    /// Everything that the next answer depends on; a restore of it gives bit-equal answers.
    fn state(&self) -> Value {
        Value::Null
    }
    /// Takes a saved state back.
    ///
    /// # Errors
    /// Where the state is not this method's.
    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        errors::expect_no_state(self.name(), state)
    }
}
