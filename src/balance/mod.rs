//! How tasks are weighed against each other: λ and losses to factors, factors and the Gram matrix to coefficients.
//!
//! Owns the traits [`Weighting`] and [`Aggregation`], their methods and the small solvers, all in `f64` on the host.
//! It must not know Burn: a method sees losses, norms and the T × T Gram matrix, never a tensor.

mod gram;
mod manual;
mod sum;

pub use gram::Gram;
pub use manual::Manual;
pub use sum::Sum;

use serde_json::Value;
use thiserror::Error;

/// What a method must be given before it can answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent wishes, each on or off")]
pub struct Needs {
    /// Per-task losses of this step.
    pub losses: bool,
    /// Norms of per-task gradients on the shared parameters.
    pub norms: bool,
    /// The Gram matrix of per-task gradients on the shared parameters.
    pub gram: bool,
    /// The per-task gradients themselves.
    pub rows: bool,
    /// Losses on the same batch after the update.
    pub second_forward: bool,
}

impl Needs {
    /// Whether the step must measure every task's gradient on the shared parameters.
    pub fn shared_gradients(self) -> bool {
        self.norms || self.gram || self.rows
    }

    /// What either of two methods needs.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            losses: self.losses || other.losses,
            norms: self.norms || other.norms,
            gram: self.gram || other.gram,
            rows: self.rows || other.rows,
            second_forward: self.second_forward || other.second_forward,
        }
    }
}

/// What a weighting sees at a step. Arrays are in task order.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The update, counted from 1.
    pub step: u64,
    /// The user's λ.
    pub weights: &'a [f64],
    /// L_i; `None` where the task is muted or has no label.
    pub losses: &'a [Option<f64>],
    /// Norms on the shared parameters, where the method asked for them.
    pub norms: Option<&'a [Option<f64>]>,
}

/// Turns losses and λ into one factor a task.
pub trait Weighting: Send {
    /// The method's name.
    fn name(&self) -> &'static str;
    /// What it must be given.
    fn needs(&self) -> Needs;
    /// f_i; `None` where the task takes no part in this step, 0 where λ is 0.
    fn factors(&mut self, seen: &Observation<'_>) -> Vec<Option<f64>>;
    /// The method's own objective, where it has one.
    fn surrogate(&self) -> Option<f64> {
        None
    }
    /// Everything that the next answer depends on.
    fn state(&self) -> Value;
    /// Takes a saved state back.
    ///
    /// # Errors
    /// Where the state is not this method's.
    fn restore(&mut self, state: &Value) -> Result<(), BalanceError>;
}

/// Turns factors and the Gram matrix into one coefficient a task for the shared parameters.
pub trait Aggregation: Send {
    /// The method's name.
    fn name(&self) -> &'static str;
    /// What it must be given.
    fn needs(&self) -> Needs;
    /// c_i for the tasks in `factors`, all > 0; `gram` has the same order and is there if it was asked for.
    fn coefficients(&mut self, factors: &[f64], gram: Option<&Gram>) -> Vec<f64>;
    /// Everything that the next answer depends on.
    fn state(&self) -> Value;
    /// Takes a saved state back.
    ///
    /// # Errors
    /// Where the state is not this method's.
    fn restore(&mut self, state: &Value) -> Result<(), BalanceError>;
}

/// What can go wrong with a method.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BalanceError {
    /// No method has this name.
    #[error("unknown {kind} '{name}'{hint}")]
    Unknown {
        /// `weighting` or `aggregation`.
        kind: &'static str,
        /// The name given.
        name: String,
        /// The nearest name, or the list.
        hint: String,
    },
    /// A saved state does not fit the method.
    #[error("the saved state of {method} cannot be read: {problem}")]
    State {
        /// The method.
        method: &'static str,
        /// What does not fit.
        problem: String,
    },
}

/// Names of the weightings.
pub const WEIGHTINGS: [&str; 1] = ["manual"];
/// Names of the aggregations.
pub const AGGREGATIONS: [&str; 1] = ["sum"];

/// The weighting of this name.
///
/// # Errors
/// [`BalanceError::Unknown`] with the nearest name.
pub fn weighting(name: &str) -> Result<Box<dyn Weighting>, BalanceError> {
    match name {
        "manual" => Ok(Box::new(Manual)),
        _ => Err(unknown("weighting", name, &WEIGHTINGS)),
    }
}

/// The aggregation of this name.
///
/// # Errors
/// [`BalanceError::Unknown`] with the nearest name.
pub fn aggregation(name: &str) -> Result<Box<dyn Aggregation>, BalanceError> {
    match name {
        "sum" => Ok(Box::new(Sum)),
        _ => Err(unknown("aggregation", name, &AGGREGATIONS)),
    }
}

fn unknown(kind: &'static str, name: &str, names: &[&str]) -> BalanceError {
    let hint = match crate::text::nearest(name, names.iter().copied()) {
        Some(near) => format!(" (did you mean '{near}'?)"),
        None => format!(" (there is: {})", names.join(", ")),
    };
    BalanceError::Unknown { kind, name: crate::text::sanitise(name), hint }
}

/// Reads the state of a method that has none.
fn restore_nothing(method: &'static str, state: &Value) -> Result<(), BalanceError> {
    if state.is_null() { Ok(()) } else { Err(BalanceError::State { method, problem: "expected nothing".to_owned() }) }
}
