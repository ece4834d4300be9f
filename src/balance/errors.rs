//! What can go wrong with a method.

use serde_json::Value;
use thiserror::Error;

/// A choice of methods that cannot be.
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
    /// An option that the method does not have, or a value it cannot take.
    #[error("{method}: {problem}")]
    Option {
        /// The method.
        method: &'static str,
        /// What does not fit.
        problem: String,
    },
    /// Methods and settings that do not go together.
    #[error("{0}")]
    Pair(String),
    /// A saved state does not fit the method.
    #[error("the saved state of {method} cannot be read: {problem}")]
    State {
        /// The method.
        method: &'static str,
        /// What does not fit.
        problem: String,
    },
}

/// Numbers for which a method has no answer, as a reason in words; task places are written as `{task N}`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Degenerate(pub String);

impl Degenerate {
    /// A loss that the method cannot take.
    pub fn loss(task: usize, loss: f64, bound: f64) -> Self {
        Self(format!("the loss of {{task {task}}} is {loss}, the method needs it above {bound}"))
    }

    /// The reason with the names of tasks.
    pub fn named(&self, tasks: &[String]) -> String {
        let with_names = |text: String, (place, name): (usize, &String)| {
            text.replace(&format!("{{task {place}}}"), &format!("'{}'", crate::text::sanitise(name)))
        };
        tasks.iter().enumerate().fold(self.0.clone(), with_names)
    }
}

/// Reads the state of a method that has none.
pub(super) fn expect_no_state(method: &'static str, state: &Value) -> Result<(), BalanceError> {
    if state.is_null() { Ok(()) } else { Err(BalanceError::State { method, problem: "expected nothing".to_owned() }) }
}

/// Reads the state of a method that has one.
pub(super) fn read_state<T: serde::de::DeserializeOwned>(
    method: &'static str,
    state: &Value,
) -> Result<T, BalanceError> {
    T::deserialize(state).map_err(|error| BalanceError::State { method, problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_name_tasks() {
        let names: Vec<String> = ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(
            Degenerate::loss(1, -0.5, 0.0).named(&names),
            "the loss of 'b' is -0.5, the method needs it above 0"
        );
    }
}
