//! Self-attention over positions (Vaswani et al. 2017), normalised before each part (Xiong et al. 2020).

use super::{activate, mask};
use crate::config::Activation;
use burn::nn;
use burn::prelude::*;
use burn::tensor::TensorData;

/// Taken from the score of a padded position: its exponential becomes exactly 0, and the score stays finite.
const HIDING: f64 = 1e9;

/// Shape of an [`AttentionEncoder`].
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionConfig {
    /// Width of input, layers and output.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Heads of a layer; a divisor of the width.
    pub heads: usize,
    /// Share of activations dropped in training after each part of a layer.
    pub dropout: f64,
    /// Between the two layers that each position passes.
    pub activation: Activation,
}

impl AttentionConfig {
    /// New layers; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> AttentionEncoder {
        let width = self.width;
        let linear = |input: usize, output: usize| nn::LinearConfig::new(input, output).init(device);
        let layers = (0..self.layers)
            .map(|_| Layer {
                attention_norm: nn::LayerNormConfig::new(width).init(device),
                projection: linear(width, 3 * width),
                output: linear(width, width),
                wide_norm: nn::LayerNormConfig::new(width).init(device),
                wide: linear(width, 2 * width),
                narrow: linear(2 * width, width),
                dropout: nn::DropoutConfig::new(self.dropout).init(),
            })
            .collect();
        AttentionEncoder {
            layers,
            norm: nn::LayerNormConfig::new(width).init(device),
            heads: self.heads,
            activation: self.activation,
        }
    }
}

/// Layers of attention and two fully connected layers for each position, each part added to its input; sinusoids tell
/// the positions apart; a normalisation at the end.
#[derive(Module, Debug)]
pub struct AttentionEncoder {
    layers: Vec<Layer>,
    norm: nn::LayerNorm,
    heads: usize,
    #[module(skip)]
    activation: Activation,
}

#[derive(Module, Debug)]
struct Layer {
    attention_norm: nn::LayerNorm,
    projection: nn::Linear,
    output: nn::Linear,
    wide_norm: nn::LayerNorm,
    wide: nn::Linear,
    narrow: nn::Linear,
    dropout: nn::Dropout,
}

impl AttentionEncoder {
    /// Rows × positions × width to the same shape.
    pub fn forward(&self, values: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
        let [_, positions, width] = values.dims();
        let device = values.device();
        let bias: Tensor<4> = score_bias(lengths, positions, &device).unsqueeze_dim(1);
        let values = values + sinusoids(positions, width, &device);
        let values = self.layers.iter().fold(values, |values, layer| {
            let seen = layer.attended(layer.attention_norm.forward(values.clone()), self.heads, bias.clone());
            let values = values + layer.dropout.forward(seen);
            let new = layer.wide.forward(layer.wide_norm.forward(values.clone()));
            let new = layer.narrow.forward(activate(self.activation, new));
            values + layer.dropout.forward(new)
        });
        self.norm.forward(values) * mask(lengths, positions, &device)
    }
}

impl Layer {
    fn attended(&self, values: Tensor<3>, heads: usize, bias: Tensor<4>) -> Tensor<3> {
        let [rows, positions, width] = values.dims();
        let depth = width / heads;
        let parts: Tensor<3> = self.projection.forward(values);
        let part = |place: usize| {
            let part = parts.clone().narrow(2, place * width, width);
            part.reshape([rows, positions, heads, depth]).swap_dims(1, 2)
        };
        let query = part(0) * (1.0 / (depth as f64).sqrt());
        let context = attend(query, part(1), part(2), bias);
        self.output.forward(context.swap_dims(1, 2).reshape([rows, positions, width]))
    }
}

/// softmax(query · keyᵀ + bias) · value over the last two dimensions; the bias broadcasts.
pub(in crate::model) fn attend<const D: usize>(
    query: Tensor<D>,
    key: Tensor<D>,
    value: Tensor<D>,
    bias: Tensor<D>,
) -> Tensor<D> {
    let scores = query.matmul(key.transpose()) + bias;
    let highest = scores.clone().detach().max_dim(D - 1);
    let weights = (scores - highest).exp();
    // Divided after the product: it is far smaller than the scores.
    weights.clone().matmul(value) / weights.sum_dim(D - 1)
}

/// Rows × 1 × positions: 0 at real positions, at padding what hides it from [`attend`].
pub(in crate::model) fn score_bias(lengths: &[usize], positions: usize, device: &Device) -> Tensor<3> {
    (mask(lengths, positions, device).swap_dims(1, 2) - 1.0) * HIDING
}

/// 1 × positions × width: sin(p / 10000^(2i/width)) at 2i and the cosine at 2i + 1.
fn sinusoids(positions: usize, width: usize, device: &Device) -> Tensor<3> {
    let mut values = Vec::with_capacity(positions * width);
    for position in 0..positions {
        values.extend((0..width).map(|place| {
            let rate = 1e-4_f64.powf((place - place % 2) as f64 / width as f64);
            let angle = position as f64 * rate;
            (if place.is_multiple_of(2) { angle.sin() } else { angle.cos() }) as f32
        }));
    }
    Tensor::from_data(TensorData::new(values, [1, positions, width]), device)
}
