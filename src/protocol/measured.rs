//! What a trainer measured: steps, evaluations, and whatever else has numbers.

use super::Real;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Norms and cosines of per-task gradients at one place of the network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GradientView {
    /// ‖g_i‖ of the raw gradient ∂L_i, an entry a task.
    pub norm: Vec<Option<Real>>,
    /// Pairs 01, 02, …, 12, … (see [`pairs`](super::pairs)); absent where one of the two is absent or zero.
    pub cosine: Vec<Option<Real>>,
}

/// Per-task gradients, where measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gradient {
    /// At z, the encoder's output, flattened over the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representation: Option<GradientView>,
    /// On the shared parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<GradientView>,
}

/// One update. Losses are those before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Counted from 1.
    pub step: u64,
    /// Passes over each source's training rows, an entry a source.
    #[serde(default)]
    pub epoch: Vec<Real>,
    /// Seconds of training since the start, pauses left out.
    #[serde(default)]
    pub time: Real,
    /// Raw L_i in training's units; absent without a label.
    pub loss: Vec<Option<Real>>,
    /// The user's λ_i.
    #[serde(default)]
    pub weight: Vec<Real>,
    /// f_i of the weighting; absent where muted or without a label.
    #[serde(default)]
    pub factor: Vec<Option<Real>>,
    /// c_i of the aggregation.
    #[serde(default)]
    pub coefficient: Vec<Option<Real>>,
    /// Labelled rows in this batch.
    #[serde(default)]
    pub labelled: Vec<u64>,
    /// Σ λ_i L_i over labelled, unmuted tasks; absent where there are none.
    #[serde(default)]
    pub total: Option<Real>,
    /// A balancing method's own objective, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surrogate: Option<Real>,
    /// Learning rate of this update.
    #[serde(default)]
    pub lr: Option<Real>,
    /// Global norm of the combined gradient before clipping.
    #[serde(default)]
    pub update_norm: Option<Real>,
    /// The bound of clipping; absent where off.
    #[serde(default)]
    pub clip: Option<Real>,
    /// The factor that clipping used.
    #[serde(default)]
    pub clip_scale: Option<Real>,
    /// Per-task gradients, where measured.
    #[serde(default)]
    pub gradient: Gradient,
}

/// What a balancing method saw at a step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// The step.
    pub step: u64,
    /// Norm of the smallest convex combination of the gradients.
    #[serde(default)]
    pub gap: Option<Real>,
    /// Cosine of the update with each task's gradient.
    #[serde(default)]
    pub update_cosine: Vec<Option<Real>>,
    /// Coefficients that other methods would have taken.
    #[serde(default)]
    pub shadow: BTreeMap<String, Vec<Option<Real>>>,
    /// Row i, column j: how a step on task i changes task j.
    #[serde(default)]
    pub affinity: Vec<Vec<Option<Real>>>,
}

/// Named numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scalars {
    /// The step.
    pub step: u64,
    /// Name to value.
    pub values: BTreeMap<String, Real>,
}

/// The machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct System {
    /// Seconds since the start.
    pub time: Real,
    /// Resident bytes.
    #[serde(default)]
    pub memory: Option<u64>,
    /// Cores in use.
    #[serde(default)]
    pub cpu: Option<Real>,
    /// Seconds a part of the step took.
    #[serde(default)]
    pub parts: BTreeMap<String, Real>,
}

/// Losses and metrics after `step` updates; step 0 is the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Eval {
    /// Updates made so far.
    pub step: u64,
    /// `valid` or `test`.
    pub split: String,
    /// Mean loss a task.
    pub loss: Vec<Option<Real>>,
    /// Metrics a task, in the user's units; undefined ones are absent.
    #[serde(default)]
    pub metric: Vec<BTreeMap<String, Real>>,
    /// Mean over tasks of loss / reference loss; smaller is better.
    #[serde(default)]
    pub score: Option<Real>,
    /// Whether this is the best score so far.
    #[serde(default)]
    pub best: bool,
}

/// One input and its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Updates made so far.
    pub step: u64,
    /// The task.
    pub task: String,
    /// The input, as text.
    pub input: String,
    /// The wanted answer.
    #[serde(default)]
    pub want: String,
    /// The given answer.
    #[serde(default)]
    pub got: String,
}
