//! Frames of sound.

use crate::config::Activation;
use crate::model::sequence::{activate, mask};
use burn::nn;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::prelude::*;

/// Positions that both convolutions see around each.
const KERNEL: usize = 5;

/// Shape of a [`FrameInput`].
#[derive(Clone, Debug, PartialEq)]
pub struct FrameInputConfig {
    /// Numbers a frame.
    pub bands: usize,
    /// Width of the output.
    pub width: usize,
    /// After each convolution.
    pub activation: Activation,
    /// Share of the input dropped in training.
    pub dropout: f64,
}

impl FrameInputConfig {
    /// A new part; values are drawn when it is materialized.
    pub fn init(&self, device: &Device) -> FrameInput {
        let conv = |input: usize, stride: usize| {
            Conv1dConfig::new(input, self.width, KERNEL)
                .with_stride(stride)
                .with_padding(nn::PaddingConfig1d::Explicit(KERNEL / 2, KERNEL / 2))
                .init(device)
        };
        FrameInput {
            dropout: nn::DropoutConfig::new(self.dropout).init(),
            first: conv(self.bands, 2),
            second: conv(self.width, 1),
            activation: self.activation,
        }
    }
}

/// Two convolutions, the first of which makes one position of two frames.
#[derive(Module, Debug)]
pub struct FrameInput {
    dropout: nn::Dropout,
    first: Conv1d,
    second: Conv1d,
    #[module(skip)]
    activation: Activation,
}

impl FrameInput {
    /// Positions that `frames` frames become.
    pub fn positions(frames: usize) -> usize {
        frames.div_ceil(2)
    }

    /// Rows × frames × bands, at least one frame, to rows × positions × width and the real positions of each row. What
    /// lies beyond a row's length does not matter; positions beyond its new length are zeros.
    pub fn forward(&self, frames: Tensor<3>, lengths: &[usize]) -> (Tensor<3>, Vec<usize>) {
        let [_, count, _] = frames.dims();
        let device = frames.device();
        let shorter: Vec<usize> = lengths.iter().map(|length| Self::positions((*length).min(count))).collect();
        // A convolution reads over the end of a row, so padding must be zeros before each.
        let after = mask(&shorter, Self::positions(count), &device).swap_dims(1, 2);
        let values = self.dropout.forward(frames * mask(lengths, count, &device)).swap_dims(1, 2);
        let values = activate(self.activation, self.first.forward(values)) * after.clone();
        let values = activate(self.activation, self.second.forward(values)) * after;
        (values.swap_dims(1, 2), shorter)
    }
}
