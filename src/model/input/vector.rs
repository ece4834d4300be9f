//! Rows of numbers beside other kinds of data.

use crate::config::Activation;
use crate::model::sequence::activate;
use burn::nn;
use burn::prelude::*;

/// Shape of a [`VectorInput`].
#[derive(Clone, Debug, PartialEq)]
pub struct VectorInputConfig {
    /// Numbers a row.
    pub input: usize,
    /// Width of the output.
    pub width: usize,
    /// After the layer.
    pub activation: Activation,
}

impl VectorInputConfig {
    /// A new part; values are drawn when it is materialized.
    pub fn init(&self, device: &Device) -> VectorInput {
        VectorInput { linear: nn::LinearConfig::new(self.input, self.width).init(device), activation: self.activation }
    }
}

/// One fully connected layer.
#[derive(Module, Debug)]
pub struct VectorInput {
    linear: nn::Linear,
    #[module(skip)]
    activation: Activation,
}

impl VectorInput {
    /// Rows × numbers to rows × width.
    pub fn forward(&self, values: Tensor<2>) -> Tensor<2> {
        activate(self.activation, self.linear.forward(values))
    }
}
