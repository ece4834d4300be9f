//! What a trainer can be asked to do.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One command, in JSON `{"set_weight":{"task":"heating","value":2.0}}`.
///
/// Whether a trainer takes it, and what it does with bad values, is the trainer's to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Sets λ of one task, at once or linearly over `over_steps` updates.
    SetWeight {
        /// The task's name.
        task: String,
        /// Finite and ≥ 0.
        value: f64,
        /// Length of the ramp in updates.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over_steps: Option<u64>,
    },
    /// Sets λ of all tasks, in task order.
    SetWeights {
        /// One finite value ≥ 0 a task.
        weights: Vec<f64>,
    },
    /// Leaves a task out of the updates.
    Mute {
        /// The task's name.
        task: String,
    },
    /// Takes a muted task in again.
    Unmute {
        /// The task's name.
        task: String,
    },
    /// Mutes exactly these tasks.
    SetMuted {
        /// The tasks' names.
        tasks: Vec<String>,
    },
    /// λ_i ∝ 1/‖g_i‖, their sum kept.
    Equalize {},
    /// Chooses the weighting.
    SetWeighting {
        /// The method's name.
        name: String,
        /// The method's options.
        #[serde(flatten)]
        options: Map<String, Value>,
    },
    /// Chooses the aggregation.
    SetAggregation {
        /// The method's name.
        name: String,
        /// The method's options.
        #[serde(flatten)]
        options: Map<String, Value>,
    },
    /// Scales the rest of the learning rate schedule so that it is `value` now.
    SetLr {
        /// Finite and > 0.
        value: f64,
    },
    /// The bound of global-norm clipping; `None` turns it off.
    SetClip {
        /// Finite and > 0.
        value: Option<f64>,
    },
    /// How often per-task gradients of the shared parameters are measured; 0 is never.
    SetGradientEvery {
        /// In updates.
        steps: u64,
    },
    /// Stops updating a part: `encoder`, or a task's name for its head; see [`super::Part`].
    Freeze {
        /// The part.
        part: String,
    },
    /// Updates a part again.
    Unfreeze {
        /// The part.
        part: String,
    },
    /// Sets a knob that the trainer declares.
    Set {
        /// The knob's name.
        parameter: String,
        /// Its value.
        value: Value,
    },
    /// Waits before the next update.
    Pause {},
    /// Goes on.
    Resume {},
    /// While paused: makes so many updates, then waits again.
    Advance {
        /// At least 1.
        steps: u64,
    },
    /// At most so many updates a second; `None` is as fast as it can.
    SetPace {
        /// Finite and > 0.
        steps_per_second: Option<f64>,
    },
    /// Evaluates the validation part now.
    Evaluate {},
    /// Saves the state now.
    Checkpoint {},
    /// Goes back to a checkpoint.
    Restore {
        /// The checkpoint's step.
        step: u64,
    },
    /// Saves and ends the run.
    Stop {},
    /// Puts a sentence on record.
    Note {
        /// The sentence.
        text: String,
    },
}

/// Names of all commands, as in JSON.
pub const COMMAND_NAMES: [&str; 23] = [
    "set_weight",
    "set_weights",
    "mute",
    "unmute",
    "set_muted",
    "equalize",
    "set_weighting",
    "set_aggregation",
    "set_lr",
    "set_clip",
    "set_gradient_every",
    "freeze",
    "unfreeze",
    "set",
    "pause",
    "resume",
    "advance",
    "set_pace",
    "evaluate",
    "checkpoint",
    "restore",
    "stop",
    "note",
];

impl Command {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SetWeight { .. } => "set_weight",
            Self::SetWeights { .. } => "set_weights",
            Self::Mute { .. } => "mute",
            Self::Unmute { .. } => "unmute",
            Self::SetMuted { .. } => "set_muted",
            Self::Equalize {} => "equalize",
            Self::SetWeighting { .. } => "set_weighting",
            Self::SetAggregation { .. } => "set_aggregation",
            Self::SetLr { .. } => "set_lr",
            Self::SetClip { .. } => "set_clip",
            Self::SetGradientEvery { .. } => "set_gradient_every",
            Self::Freeze { .. } => "freeze",
            Self::Unfreeze { .. } => "unfreeze",
            Self::Set { .. } => "set",
            Self::Pause {} => "pause",
            Self::Resume {} => "resume",
            Self::Advance { .. } => "advance",
            Self::SetPace { .. } => "set_pace",
            Self::Evaluate {} => "evaluate",
            Self::Checkpoint {} => "checkpoint",
            Self::Restore { .. } => "restore",
            Self::Stop {} => "stop",
            Self::Note { .. } => "note",
        }
    }

    /// The JSON form.
    pub fn to_value(&self) -> Value {
        // A command is made of strings and numbers only, so it always has a JSON form.
        serde_json::to_value(self).unwrap_or_else(|_| single(self.name(), Value::Object(Map::new())))
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// A sentence for the sender: the command is unknown (with the nearest name), or a field is missing or wrong.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let name = match value {
            Value::Object(map) if map.len() == 1 => map.keys().next().map_or("", String::as_str),
            Value::String(name) => name,
            _ => return Err("expected a command like {\"pause\":{}}".to_owned()),
        };
        if !COMMAND_NAMES.contains(&name) {
            let near = crate::text::nearest(name, COMMAND_NAMES);
            return Err(match near {
                Some(near) => format!("unknown command '{name}' (did you mean '{near}'?)"),
                None => format!("unknown command '{name}' (commands: {})", COMMAND_NAMES.join(", ")),
            });
        }
        let object = if value.is_string() { single(name, Value::Object(Map::new())) } else { value.clone() };
        serde_json::from_value(object).map_err(|error| format!("{name}: {error}"))
    }
}

/// A JSON object with one entry, the form of a command.
fn single(name: &str, value: Value) -> Value {
    let mut map = Map::new();
    map.insert(name.to_owned(), value);
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_name_is_read_or_asks_for_its_fields() {
        for name in COMMAND_NAMES {
            match Command::from_value(&single(name, json!({}))) {
                Ok(command) => assert_eq!(command.name(), name),
                Err(reason) => assert!(reason.contains("missing field"), "{reason}"),
            }
        }
    }

    #[test]
    fn an_unknown_command_names_the_nearest() {
        let reason = Command::from_value(&json!({"set_wieght": {}})).unwrap_err();
        assert!(reason.contains("'set_weight'"), "{reason}");
    }

    #[test]
    fn options_of_a_method_are_kept() {
        let value = json!({"set_aggregation": {"name": "cagrad", "c": 0.4}});
        let command = Command::from_value(&value).unwrap();
        assert_eq!(command.to_value(), value);
    }
}
