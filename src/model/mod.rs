//! Networks: inputs → encoder → z → heads, and who shares what.
//!
//! Owns the trait [`MultiTaskModel`] that a training step works through, the built-in networks, and stable path names
//! of parameters. It must not know how gradients are combined or when anything is recorded.

mod head;
pub mod input;
mod mlp;
mod network;
mod parameters;
mod representation;
pub mod sequence;

pub use head::{Head, HeadConfig};
pub use mlp::{Mlp, MlpConfig};
pub use network::{Encoder, Network, NetworkConfig};
pub use parameters::{Parameter, ParameterError, ParameterTable, values, with_values};
pub use representation::Representation;

use crate::data::{Inputs, Targets};
use burn::prelude::*;
use std::collections::BTreeSet;

/// Places of tasks in the run's order.
pub type TaskSet = BTreeSet<usize>;

/// What a task makes of its z.
#[derive(Clone, Debug)]
pub struct TaskOutput {
    /// The mean loss over labelled rows, shape `[1]`, and their count; `None` without a label.
    pub loss: Option<crate::objective::LossValue>,
    /// In training's units: rows × 1 numbers, or rows × outputs logits or log-probabilities.
    pub predictions: Tensor<2>,
}

/// A network that serves several tasks.
///
/// `encode` and `loss` are called with the network on an autodiff device in training and with [`Module::valid`] in
/// evaluation; random numbers they draw come from Burn's generator, which the trainer seeds before each call.
pub trait MultiTaskModel: Module {
    /// The z of every task of `source`, in the run's task order; `None` for tasks of other sources. Under hard
    /// sharing all are the same tensor.
    fn encode(&self, source: usize, inputs: &Inputs, device: &Device) -> Vec<Option<Representation>>;

    /// The head of `task` on `z`: rows × outputs, in training's units.
    fn predict(&self, task: usize, z: &Representation) -> Tensor<2>;

    /// The head of `task` on `z`, and its loss against `targets`.
    fn loss(&self, task: usize, z: &Representation, targets: &Targets) -> TaskOutput;

    /// The tasks whose loss the parameter at `path` can change.
    fn reach(&self, path: &str) -> TaskSet;
}
