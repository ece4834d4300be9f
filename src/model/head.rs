//! A task's own part: from z to predictions.

use super::mlp::{Mlp, MlpConfig};
use burn::nn;
use burn::prelude::*;
use burn::tensor::activation::log_softmax;

/// Shape of a [`Head`].
#[derive(Clone, Debug, PartialEq)]
pub struct HeadConfig {
    /// Layers of its own before the output.
    pub body: MlpConfig,
    /// Numbers a row: 1 for a regression or one logit, 2 for a mean with its variance, else the classes.
    pub outputs: usize,
    /// Whether it ends in log-softmax.
    pub log_probabilities: bool,
}

impl HeadConfig {
    /// A new head; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> Head {
        Head {
            body: self.body.init(device),
            output: nn::LinearConfig::new(self.body.output(), self.outputs).init(device),
            log_probabilities: self.log_probabilities,
        }
    }
}

/// Own layers, then a linear output.
#[derive(Module, Debug)]
pub struct Head {
    body: Mlp,
    output: nn::Linear,
    #[module(skip)]
    log_probabilities: bool,
}

impl Head {
    /// Rows × width of z to rows × outputs.
    pub fn forward(&self, z: Tensor<2>) -> Tensor<2> {
        let output = self.output.forward(self.body.forward(z));
        if self.log_probabilities { log_softmax(output, 1) } else { output }
    }
}
