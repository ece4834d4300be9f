//! What comes back for a request: the event to record, and the order where the trainer itself must act.

use crate::protocol::{Event, Rejected};
use serde_json::{Map, Value};

/// Whether the trainer makes updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It makes updates.
    Running,
    /// It waits.
    Paused,
    /// It makes `left` more updates, then waits.
    Advancing {
        /// At least 1.
        left: u64,
    },
    /// A `stop` was applied: save and end; nothing more is answered but by [`super::Steer::finish`].
    Stopping,
    /// [`super::Steer::finish`] was called; whatever still comes is rejected.
    Ended,
}

impl Mode {
    /// The name in a heartbeat.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running | Self::Advancing { .. } => "running",
            Self::Paused => "paused",
            Self::Stopping => "stopping",
            Self::Ended => "ended",
        }
    }
}

/// What only the trainer can do. Stopping is no order: see [`Mode::Stopping`].
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Evaluate the validation part now.
    Evaluate,
    /// Save the state now.
    Checkpoint,
    /// Load the checkpoint of that step, then give its state to [`super::Steer::restore`].
    Restore {
        /// The checkpoint's step.
        step: u64,
    },
    /// Choose the weighting.
    SetWeighting {
        /// The method's name.
        name: String,
        /// Its options.
        options: Map<String, Value>,
    },
    /// Choose the aggregation.
    SetAggregation {
        /// The method's name.
        name: String,
        /// Its options.
        options: Map<String, Value>,
    },
    /// Set a knob that the trainer declares.
    Set {
        /// The knob's name.
        parameter: String,
        /// Its value.
        value: Value,
    },
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the event must be recorded and the order carried out"]
pub struct Answer {
    /// `applied` or `rejected`, to be recorded before the update it affects; `None` where a recorded request acts again.
    pub event: Option<Event>,
    /// What the trainer itself must do; `None` where the state machine did all.
    pub order: Option<Order>,
}

impl Answer {
    /// The event to record instead where the trainer cannot carry out the order.
    pub fn refused(self, reason: impl Into<String>) -> Option<Event> {
        match self.event {
            Some(Event::Applied(applied)) => Some(Event::Rejected(Rejected {
                step: applied.step,
                id: applied.id,
                from: applied.from,
                reason: reason.into(),
            })),
            other => other,
        }
    }

    /// The event to record where carrying out the order changed a value that only the trainer knows.
    pub fn done(self, old: Option<Value>, new: Option<Value>) -> Option<Event> {
        match self.event {
            Some(Event::Applied(mut applied)) => {
                (applied.old, applied.new) = (old, new);
                Some(Event::Applied(applied))
            }
            other => other,
        }
    }
}
