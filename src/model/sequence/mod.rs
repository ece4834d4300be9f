//! Encoders over positions: convolution, recurrence, attention.
//!
//! Owns layers from rows × positions × width to the same shape, with lengths. It must not know sources, tasks or losses.
//!
//! Row r has `lengths[r]` real positions, the rest is padding. What a layer gives at a real position does not depend on
//! padding, and it gives zeros at padded ones.

mod activate;
mod attention;
mod conv;
mod gru;
mod mask;
mod recurrent;
#[cfg(test)]
mod tests;

pub(in crate::model) use activate::activate;
pub use attention::{AttentionConfig, AttentionEncoder};
pub(in crate::model) use attention::{attend, score_bias};
pub use conv::{ConvConfig, ConvEncoder};
pub(in crate::model) use gru::{Gru, GruConfig};
pub use mask::{mask, masked_mean};
pub use recurrent::{RecurrentConfig, RecurrentEncoder};

use crate::config::Activation;
use burn::prelude::*;

/// A kind of encoder over positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceKind {
    /// Convolutions over neighbouring positions.
    Conv,
    /// Gated recurrent units in both directions.
    Recurrent,
    /// Self-attention (Vaswani et al. 2017).
    Attention,
}

/// Shape of a [`SequenceEncoder`].
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceConfig {
    /// Its kind.
    pub kind: SequenceKind,
    /// Width of input, layers and output.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Heads of attention, unused by the other kinds.
    pub heads: usize,
    /// Share of activations dropped in training.
    pub dropout: f64,
    /// Inside the layers of convolution and attention; a recurrent unit has its own.
    pub activation: Activation,
}

impl SequenceConfig {
    /// Itself, if an encoder of this shape can be made.
    ///
    /// # Errors
    /// What is wrong and what was expected.
    pub fn checked(self) -> Result<Self, String> {
        let Self { width, layers, heads, dropout, .. } = self;
        if width == 0 {
            return Err("width must be at least 1, got 0".to_owned());
        }
        if layers == 0 {
            return Err("layers must be at least 1, got 0".to_owned());
        }
        if !(0.0..1.0).contains(&dropout) {
            return Err(format!("dropout must be at least 0 and below 1, got {dropout}"));
        }
        match self.kind {
            SequenceKind::Recurrent if !width.is_multiple_of(2) => {
                Err(format!("width must be even, half for each direction of a recurrent encoder; got {width}"))
            }
            SequenceKind::Attention if heads == 0 || !width.is_multiple_of(heads) => {
                Err(format!("heads must divide the width {width}, got {heads}"))
            }
            _ => Ok(self),
        }
    }

    /// New layers of a shape that [`checked`](Self::checked) let pass; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> SequenceEncoder {
        let Self { kind, width, layers, heads, dropout, activation } = *self;
        match kind {
            SequenceKind::Conv => SequenceEncoder::Conv(ConvConfig { width, layers, dropout, activation }.init(device)),
            SequenceKind::Recurrent => {
                SequenceEncoder::Recurrent(RecurrentConfig { width, layers, dropout }.init(device))
            }
            SequenceKind::Attention => {
                SequenceEncoder::Attention(AttentionConfig { width, layers, heads, dropout, activation }.init(device))
            }
        }
    }
}

/// Layers over positions.
#[derive(Module, Debug)]
pub enum SequenceEncoder {
    /// Convolutions over neighbouring positions.
    Conv(ConvEncoder),
    /// Gated recurrent units in both directions.
    Recurrent(RecurrentEncoder),
    /// Self-attention.
    Attention(AttentionEncoder),
}

impl SequenceEncoder {
    /// Rows × positions × width to the same shape; at least one row and one position.
    pub fn forward(&self, values: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
        match self {
            Self::Conv(encoder) => encoder.forward(values, lengths),
            Self::Recurrent(encoder) => encoder.forward(values, lengths),
            Self::Attention(encoder) => encoder.forward(values, lengths),
        }
    }
}
