//! Networks: inputs → encoder → z → heads, and who shares what.
//!
//! Owns the trait [`MultiTaskModel`] that a training step works through, the built-in networks, and stable path names
//! of parameters. It must not know how gradients are combined or when anything is recorded.

mod decoder;
mod head;
pub mod input;
mod mlp;
mod network;
mod parameters;
mod representation;
pub mod sequence;

pub use decoder::{Choice, Decoder, DecoderConfig};
pub use head::{Head, HeadConfig, Readout, ReadoutConfig};
pub use mlp::{Mlp, MlpConfig};
pub use network::{Encoder, EncoderShape, InputPart, InputPartConfig, Network, NetworkConfig};
pub use parameters::{Parameter, ParameterError, ParameterTable, values, with_values};
pub use representation::Representation;

use crate::data::{Inputs, Targets};
use crate::objective::LossValue;
use burn::prelude::*;
use std::collections::BTreeSet;

/// Places of tasks in the run's order.
pub type TaskSet = BTreeSet<usize>;

/// What a head says of some rows.
#[derive(Clone, Debug)]
pub enum Prediction {
    /// In training's units: rows × 1 numbers, or rows × outputs logits or log-probabilities.
    Rows(Tensor<2>),
    /// Of letters at each position, class 0 CTC's blank.
    Letters {
        /// Rows × positions × classes.
        logits: Tensor<3>,
        /// Real positions of each row.
        lengths: Vec<usize>,
    },
    /// Texts that were written greedily, token by token, without the end.
    Tokens(Vec<Vec<u32>>),
}

/// A network that serves several tasks.
///
/// `encode` and `loss` are called with the network on an autodiff device in training and with [`Module::valid`] in
/// evaluation; random numbers they draw come from Burn's generator, which the trainer seeds before each call.
///
/// Where several tasks have one source, whatever [`encode`](Self::encode) passes its rows through must serve all of them.
pub trait MultiTaskModel: Module {
    /// The z of every task of `source`, in the run's task order; `None` for tasks of other sources. Under hard
    /// sharing all are the same tensor.
    fn encode(&self, source: usize, inputs: &Inputs, device: &Device) -> Vec<Option<Representation>>;

    /// What the head of `task` says of `z`. Where it writes texts the network must be [`Module::valid`].
    fn predict(&self, task: usize, z: &Representation) -> Prediction;

    /// The loss of the head of `task` on `z` against `targets`: the mean, shape `[1]`; `None` without a label.
    fn loss(&self, task: usize, z: &Representation, targets: &Targets) -> Option<LossValue>;

    /// The tasks whose loss the parameter at `path` can change.
    fn reach(&self, path: &str) -> TaskSet;
}
