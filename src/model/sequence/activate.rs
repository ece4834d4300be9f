//! The configured activation as a function on tensors.

use crate::config::Activation;
use burn::prelude::*;
use burn::tensor::activation::{gelu, relu, silu, tanh};

/// `activation` of every value.
pub(in crate::model) fn activate<const D: usize>(activation: Activation, values: Tensor<D>) -> Tensor<D> {
    match activation {
        Activation::Relu => relu(values),
        Activation::Tanh => tanh(values),
        Activation::Gelu => gelu(values),
        Activation::Silu => silu(values),
    }
}
