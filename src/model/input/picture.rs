//! Pictures.

use crate::config::Activation;
use crate::model::Representation;
use crate::model::sequence::activate;
use burn::nn;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;

/// What a picture becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureEnd {
    /// One vector.
    Rows,
    /// A vector for every place of the last map, line by line.
    Positions,
}

/// Shape of a [`PictureInput`].
#[derive(Clone, Debug, PartialEq)]
pub struct PictureInputConfig {
    /// Colours of the input.
    pub colours: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Pixels from left to right.
    pub width: usize,
    /// Channels of each convolution; each halves height and width.
    pub channels: Vec<usize>,
    /// After each convolution, and after the last layer.
    pub activation: Activation,
    /// Share of activations dropped in training.
    pub dropout: f64,
    /// What comes out.
    pub end: PictureEnd,
    /// Width of the output.
    pub output: usize,
}

impl PictureInputConfig {
    /// Itself, if a part of this shape can be made.
    ///
    /// # Errors
    /// What is wrong and what was expected.
    pub fn checked(self) -> Result<Self, String> {
        let Self { height, width, dropout, .. } = self;
        if self.colours == 0 || self.output == 0 || self.channels.contains(&0) {
            return Err("colours, channels and width must be at least 1".to_owned());
        }
        if !(0.0..1.0).contains(&dropout) {
            return Err(format!("dropout must be at least 0 and below 1, got {dropout}"));
        }
        let (down, across) = self.map_size();
        if down == 0 || across == 0 {
            let most = height.min(width).checked_ilog2().unwrap_or(0);
            let got = self.channels.len();
            return Err(format!("a picture of {width} × {height} can be halved {most} times, got {got} convolutions"));
        }
        Ok(self)
    }

    /// Height and width of the last map.
    pub fn map_size(&self) -> (usize, usize) {
        self.channels.iter().fold((self.height, self.width), |(down, across), _| (down / 2, across / 2))
    }

    /// A new part of a shape that [`checked`](Self::checked) let pass; values are drawn when it is materialized.
    pub fn init(&self, device: &Device) -> PictureInput {
        let mut input = self.colours;
        let mut blocks = Vec::with_capacity(self.channels.len());
        for output in &self.channels {
            let conv = Conv2dConfig::new([input, *output], [3, 3])
                .with_padding(nn::PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device);
            blocks.push(conv);
            input = *output;
        }
        let (down, across) = self.map_size();
        let input = match self.end {
            PictureEnd::Rows => input * down * across,
            PictureEnd::Positions => input,
        };
        PictureInput {
            blocks,
            dropout: nn::DropoutConfig::new(self.dropout).init(),
            linear: nn::LinearConfig::new(input, self.output).init(device),
            activation: self.activation,
            end: self.end,
        }
    }
}

/// Convolutions of 3 × 3, each followed by the greatest of 2 × 2 and the activation; one fully connected layer.
#[derive(Module, Debug)]
pub struct PictureInput {
    blocks: Vec<Conv2d>,
    dropout: nn::Dropout,
    linear: nn::Linear,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    end: PictureEnd,
}

impl PictureInput {
    /// The last map: rows × colours × height × width to rows × channels × smaller height × smaller width.
    pub fn map(&self, values: Tensor<4>) -> Tensor<4> {
        self.blocks.iter().fold(values, |values, conv| {
            let options = MaxPoolOptions::new([2, 2]).with_stride([2, 2]);
            // Where an activation only rises it could as well come before the pool; after it, it costs a quarter.
            let values = activate(self.activation, max_pool2d(conv.forward(values), options));
            self.dropout.forward(values)
        })
    }

    /// Rows × colours × height × width to rows × width, or to positions that are all real.
    pub fn forward(&self, values: Tensor<4>) -> Representation {
        let map = self.map(values);
        let [rows, channels, down, across] = map.dims();
        let places = down * across;
        match self.end {
            PictureEnd::Rows => {
                let values = self.linear.forward(map.reshape([rows, channels * places]));
                Representation::Rows(activate(self.activation, values))
            }
            PictureEnd::Positions => {
                let values = self.linear.forward(map.reshape([rows, channels, places]).swap_dims(1, 2));
                Representation::Positions { values, lengths: vec![places; rows] }
            }
        }
    }
}
