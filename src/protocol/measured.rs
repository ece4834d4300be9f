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

/// How far an update moved the parameters: ‖θ_after − θ_before‖ of each part, with all that the optimizer does (learning
/// rate, moments, weight decay, clipping). So it is in the units of the parameters, unlike [`Step::update_norm`], which is a
/// gradient's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PartNorm {
    /// Of the encoder with its inputs; absent where it is frozen or no task reached it.
    #[serde(default)]
    pub encoder: Option<Real>,
    /// Of each task's head; absent where it is frozen or had no gradient (muted, or without a label). A task of weight 0
    /// has one: moments may still move it.
    #[serde(default)]
    pub heads: Vec<Option<Real>>,
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
    /// How far the update moved each part of the network; absent without an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_norm: Option<PartNorm>,
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

/// What the measured gradients say about the methods and the tasks, at a step where they were measured. Arrays are in
/// task order, `null` where a task took no part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// The step.
    pub step: u64,
    /// ‖Σ w_i g_i‖ of the convex combination with the smallest norm: 0 where no step helps all tasks.
    #[serde(default)]
    pub gap: Option<Real>,
    /// Cosine of the shared update with each task's gradient: below 0 the step hurts the task. The least is the health
    /// number.
    #[serde(default)]
    pub update_cosine: Vec<Option<Real>>,
    /// |c_i| ‖g_i‖ / Σ |c_j| ‖g_j‖.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub share: Vec<Option<Real>>,
    /// L_i / L_i at the first step it was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relative_loss: Vec<Option<Real>>,
    /// Cosine of the gradients of two half-batches of the same task: what noise alone makes of 1. The last measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noise: Vec<Option<Real>>,
    /// Change of each task's loss that its gradient foretold for this update, to first order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predicted: Vec<Option<Real>>,
    /// Change of each task's loss on the same batch by this update.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<Option<Real>>,
    /// Coefficients that other aggregations would have taken at this step, by name.
    #[serde(default)]
    pub shadow: BTreeMap<String, Vec<Option<Real>>>,
    /// Row i, column j: the share of its loss that task j would lose by a step along task i's gradient alone, to first
    /// order; below 0 it would gain loss.
    #[serde(default)]
    pub affinity: Vec<Vec<Option<Real>>>,
    /// The same, tried out by a step that was taken back; there when a person asked for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probe: Vec<Vec<Option<Real>>>,
}

/// Named numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scalars {
    /// The step.
    pub step: u64,
    /// Name to value.
    pub values: BTreeMap<String, Real>,
}

/// The machine, and where the time goes, about every five seconds of training; all over the time since the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct System {
    /// Seconds of training since the start, as in [`Step::time`].
    pub time: Real,
    /// Resident bytes of the trainer's process, where the system tells.
    #[serde(default)]
    pub memory: Option<u64>,
    /// Cores in use by the process: its processor time by the time that passed, pauses left out.
    #[serde(default)]
    pub cpu: Option<Real>,
    /// Mean seconds a step by part, under the names of [`StepPart`](super::StepPart) where the trainer is this one. Their sum
    /// is the mean time from one step to the next, without pauses and without waiting for the pace. Empty without a step.
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
    /// Whether this is the best evaluation so far, by what `train.best` names: the score, or a metric of a task.
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
