//! What a trainer did or has to say: answers to requests, checkpoints, rewinds, alerts, signs of life, the end.

use super::{Command, Real};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A request that was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The update in which it acts for the first time.
    pub step: u64,
    /// The request's id.
    pub id: String,
    /// Who sent it.
    #[serde(default)]
    pub from: String,
    /// The command as JSON, so that readers of an older version keep what they do not know.
    pub command: Value,
    /// The value before, where the command has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The value after, where the command has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

impl Applied {
    /// The command, where this version knows it.
    pub fn command(&self) -> Option<Command> {
        Command::from_value(&self.command).ok()
    }
}

/// A request that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    /// The update before which it was refused.
    pub step: u64,
    /// The request's id.
    pub id: String,
    /// Who sent it.
    #[serde(default)]
    pub from: String,
    /// Why.
    pub reason: String,
}

/// The state was saved after `step` updates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Updates made so far.
    pub step: u64,
    /// Relative to the run directory.
    pub path: String,
}

/// Why a run went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewindReason {
    /// A new process took over; the steps after are dropped.
    Resume,
    /// A person went back; the steps after are kept, dimmed.
    Restore,
}

/// The run goes on from an earlier step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewind {
    /// The last step that stays.
    pub to_step: u64,
    /// Why.
    pub why: RewindReason,
}

/// Something a person should know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The step.
    pub step: u64,
    /// A stable name, e.g. `non_finite_loss`.
    pub code: String,
    /// `info`, `warning` or `error`.
    #[serde(default)]
    pub level: String,
    /// The task concerned.
    #[serde(default)]
    pub task: Option<String>,
    /// For people.
    pub message: String,
}

/// The recorder's sign of life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Seconds since the start.
    pub time: Real,
    /// `running`, `paused`, `evaluating`.
    pub state: String,
    /// The trainer's last step.
    pub step: u64,
    /// Seconds since that step.
    #[serde(default)]
    pub step_age: Real,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// All steps were made.
    Finished,
    /// The validation score stopped getting better.
    EarlyStopped,
    /// A request.
    Stopped,
    /// A signal.
    Interrupted,
    /// A loss or gradient was not finite.
    Diverged,
    /// An error or a panic.
    Failed,
}

impl EndReason {
    /// The name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::EarlyStopped => "early_stopped",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
        }
    }
}

/// The run's last line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Updates made.
    pub step: u64,
    /// Why.
    pub reason: EndReason,
    /// What went wrong, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
