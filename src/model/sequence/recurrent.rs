//! Gated recurrent units in both directions.

use super::gru::{Gru, GruConfig};
use super::mask;
use burn::nn;
use burn::prelude::*;
use burn::tensor::TensorData;

/// Shape of a [`RecurrentEncoder`].
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentConfig {
    /// Width of input, layers and output; even.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Share of activations dropped in training.
    pub dropout: f64,
}

impl RecurrentConfig {
    /// New layers; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> RecurrentEncoder {
        let unit = GruConfig { input: self.width, hidden: self.width / 2 };
        let layers = (0..self.layers)
            .map(|_| Layer {
                onward: unit.init(device),
                backward: unit.init(device),
                dropout: nn::DropoutConfig::new(self.dropout).init(),
            })
            .collect();
        RecurrentEncoder { layers }
    }
}

/// Layers of two units, one from the first position on, one from each row's own last position back; their states side
/// by side are added to the input.
#[derive(Module, Debug)]
pub struct RecurrentEncoder {
    layers: Vec<Layer>,
}

#[derive(Module, Debug)]
struct Layer {
    onward: Gru,
    backward: Gru,
    dropout: nn::Dropout,
}

impl RecurrentEncoder {
    /// Rows × positions × width to the same shape.
    pub fn forward(&self, values: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
        let [rows, positions, width] = values.dims();
        let device = values.device();
        let mask = mask(lengths, positions, &device);
        let (there, back) = orders(lengths, positions, &device);
        self.layers.iter().fold(values * mask.clone(), |values, layer| {
            let both = values.clone().reshape([rows * positions, width]).select(0, there.clone());
            let states = Gru::pair_states(&layer.onward, &layer.backward, both.reshape([2, positions, rows, width]));
            let states = states.reshape([2 * positions * rows, width / 2]).select(0, back.clone());
            let states = states.reshape([rows, positions, width]);
            values + layer.dropout.forward(states) * mask.clone()
        })
    }
}

/// Places of rows × positions in the order 2 × positions × rows of the two directions, and places of those back in the
/// order rows × positions × 2.
///
/// The second direction takes a row's real positions in reverse and its padding after them, so that padding is the last
/// thing both directions see and cannot reach a real position.
fn orders(lengths: &[usize], positions: usize, device: &Device) -> (Tensor<1, Int>, Tensor<1, Int>) {
    let rows = lengths.len();
    let reversed = |row: usize, position: usize| match lengths[row].min(positions) {
        length if position < length => length - 1 - position,
        _ => position,
    };
    let mut there = Vec::with_capacity(2 * positions * rows);
    for position in 0..positions {
        there.extend((0..rows).map(|row| (row * positions + position) as i32));
    }
    for position in 0..positions {
        there.extend((0..rows).map(|row| (row * positions + reversed(row, position)) as i32));
    }
    let mut back = Vec::with_capacity(2 * positions * rows);
    for row in 0..rows {
        for position in 0..positions {
            back.push((position * rows + row) as i32);
            back.push(((positions + reversed(row, position)) * rows + row) as i32);
        }
    }
    let places = |places: Vec<i32>| {
        let count = places.len();
        Tensor::from_data(TensorData::new(places, [count]), device)
    };
    (places(there), places(back))
}

#[cfg(test)]
#[path = "recurrent_tests.rs"]
mod tests;
