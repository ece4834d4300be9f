//! The plain aggregation: the weighted sum of the tasks' gradients.

use super::{Aggregation, BalanceError, Gram, Needs, restore_nothing};
use serde_json::Value;

/// c = f.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum;

impl Aggregation for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn coefficients(&mut self, factors: &[f64], _gram: Option<&Gram>) -> Vec<f64> {
        factors.to_vec()
    }

    fn state(&self) -> Value {
        Value::Null
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        restore_nothing("sum", state)
    }
}
