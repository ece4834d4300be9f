//! Fully connected layers, each ending in its activation.

use crate::config::Activation;
use burn::nn;
use burn::prelude::*;
use burn::tensor::activation::{gelu, relu, silu, tanh};

/// Shape and options of an [`Mlp`].
#[derive(Clone, Debug, PartialEq)]
pub struct MlpConfig {
    /// Width of the input.
    pub input: usize,
    /// Widths of the layers; empty passes the input through.
    pub hidden: Vec<usize>,
    /// After every layer.
    pub activation: Activation,
    /// Share of activations dropped in training.
    pub dropout: f64,
    /// Layer normalisation before each activation.
    pub layer_norm: bool,
}

impl MlpConfig {
    /// Width of the output.
    pub fn output(&self) -> usize {
        self.hidden.last().copied().unwrap_or(self.input)
    }

    /// New layers; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> Mlp {
        let widths: Vec<usize> = std::iter::once(self.input).chain(self.hidden.iter().copied()).collect();
        let layers = widths
            .windows(2)
            .map(|pair| Layer {
                linear: nn::LinearConfig::new(pair[0], pair[1]).init(device),
                norm: self.layer_norm.then(|| nn::LayerNormConfig::new(pair[1]).init(device)),
                dropout: nn::DropoutConfig::new(self.dropout).init(),
            })
            .collect();
        Mlp { layers, activation: self.activation }
    }
}

/// A stack of layers: linear, normalisation, activation, dropout.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    #[module(skip)]
    activation: Activation,
}

#[derive(Module, Debug)]
struct Layer {
    linear: nn::Linear,
    norm: Option<nn::LayerNorm>,
    dropout: nn::Dropout,
}

impl Mlp {
    /// Rows × input width to rows × output width.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.layers.iter().fold(input, |values, layer| {
            let values = layer.linear.forward(values);
            let values = match &layer.norm {
                Some(norm) => norm.forward(values),
                None => values,
            };
            let values = match self.activation {
                Activation::Relu => relu(values),
                Activation::Tanh => tanh(values),
                Activation::Gelu => gelu(values),
                Activation::Silu => silu(values),
            };
            layer.dropout.forward(values)
        })
    }
}
