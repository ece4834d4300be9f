//! The plain weighting: the user's λ is the factor.

use super::{BalanceError, Needs, Observation, Weighting, restore_nothing};
use serde_json::Value;

/// f = λ.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manual;

impl Weighting for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Vec<Option<f64>> {
        seen.losses.iter().zip(seen.weights).map(|(loss, weight)| loss.map(|_| *weight)).collect()
    }

    fn state(&self) -> Value {
        Value::Null
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        restore_nothing("manual", state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_without_a_loss_has_no_factor_and_weight_0_is_factor_0() {
        let seen =
            Observation { step: 1, weights: &[2.0, 0.0, 1.0], losses: &[Some(1.0), Some(f64::NAN), None], norms: None };
        assert_eq!(Manual.factors(&seen), [Some(2.0), Some(0.0), None]);
    }
}
