//! A task's own part: from z to predictions.

use super::decoder::{Decoder, DecoderConfig};
use super::mlp::{Mlp, MlpConfig};
use burn::nn;
use burn::prelude::*;
use burn::tensor::activation::log_softmax;

/// Shape of a [`Head`].
#[derive(Clone, Debug, PartialEq)]
pub enum HeadConfig {
    /// Numbers or classes a row.
    Rows(ReadoutConfig),
    /// Letters a position.
    Letters(ReadoutConfig),
    /// A text a row.
    Text(DecoderConfig),
}

/// A task's own part.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one a task")]
pub enum Head {
    /// Numbers or classes a row.
    Rows(Readout),
    /// Letters a position.
    Letters(Readout),
    /// A text a row.
    Text(Decoder),
}

impl HeadConfig {
    /// A new head; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> Head {
        match self {
            Self::Rows(readout) => Head::Rows(readout.init(device)),
            Self::Letters(readout) => Head::Letters(readout.init(device)),
            Self::Text(decoder) => Head::Text(decoder.init(device)),
        }
    }
}

/// Shape of a [`Readout`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReadoutConfig {
    /// Layers of its own before the output.
    pub body: MlpConfig,
    /// Numbers a row: 1 for a regression or one logit, 2 for a mean with its variance, else the classes.
    pub outputs: usize,
    /// Whether it ends in log-softmax.
    pub log_probabilities: bool,
}

impl ReadoutConfig {
    /// A new readout; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> Readout {
        Readout {
            body: self.body.init(device),
            output: nn::LinearConfig::new(self.body.output(), self.outputs).init(device),
            log_probabilities: self.log_probabilities,
        }
    }
}

/// Own layers, then a linear output.
#[derive(Module, Debug)]
pub struct Readout {
    body: Mlp,
    output: nn::Linear,
    #[module(skip)]
    log_probabilities: bool,
}

impl Readout {
    /// Rows × width of z to rows × outputs.
    pub fn forward(&self, z: Tensor<2>) -> Tensor<2> {
        let output = self.output.forward(self.body.forward(z));
        if self.log_probabilities { log_softmax(output, 1) } else { output }
    }

    /// Rows × positions × width to rows × positions × outputs.
    pub fn positions(&self, z: Tensor<3>) -> Tensor<3> {
        let [rows, positions, width] = z.dims();
        let output = self.forward(z.reshape([rows * positions, width]));
        let [_, outputs] = output.dims();
        output.reshape([rows, positions, outputs])
    }
}
