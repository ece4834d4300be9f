//! Residual convolutions over positions.

use super::{activate, mask};
use crate::config::Activation;
use burn::nn;
use burn::prelude::*;

/// Shape of a [`ConvEncoder`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConvConfig {
    /// Width of input, layers and output.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Share of activations dropped in training.
    pub dropout: f64,
    /// After each convolution.
    pub activation: Activation,
}

impl ConvConfig {
    /// New layers; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> ConvEncoder {
        let blocks = (0..self.layers)
            .map(|layer| {
                // The first block sees near neighbours, the later ones further.
                let kernel = if layer == 0 { 5 } else { 9 };
                Block {
                    norm: nn::LayerNormConfig::new(self.width).init(device),
                    conv: nn::conv::Conv1dConfig::new(self.width, self.width, kernel)
                        .with_padding(nn::PaddingConfig1d::Explicit(kernel / 2, kernel / 2))
                        .init(device),
                    dropout: nn::DropoutConfig::new(self.dropout).init(),
                }
            })
            .collect();
        ConvEncoder { blocks, norm: nn::LayerNormConfig::new(self.width).init(device), activation: self.activation }
    }
}

/// Blocks of normalisation, convolution, activation and dropout, each added to its input; a normalisation at the end.
#[derive(Module, Debug)]
pub struct ConvEncoder {
    blocks: Vec<Block>,
    norm: nn::LayerNorm,
    #[module(skip)]
    activation: Activation,
}

#[derive(Module, Debug)]
struct Block {
    norm: nn::LayerNorm,
    conv: nn::conv::Conv1d,
    dropout: nn::Dropout,
}

impl ConvEncoder {
    /// Rows × positions × width to the same shape.
    pub fn forward(&self, values: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
        let [_, positions, _] = values.dims();
        let mask = mask(lengths, positions, &values.device());
        let values = self.blocks.iter().fold(values, |values, block| {
            // A convolution reads over the end of a row, so padding must be zeros before each.
            let seen = block.norm.forward(values.clone()) * mask.clone();
            let new = activate(self.activation, block.conv.forward(seen.swap_dims(1, 2)));
            values + block.dropout.forward(new).swap_dims(1, 2)
        });
        self.norm.forward(values) * mask
    }
}
