//! Which positions are real.

use burn::prelude::*;
use burn::tensor::TensorData;

/// Rows × positions × 1: 1 at real positions, 0 at padding. A length beyond `positions` counts as `positions`.
pub fn mask(lengths: &[usize], positions: usize, device: &Device) -> Tensor<3> {
    weights(lengths, positions, device, |_| 1.0)
}

/// The mean over real positions: rows × positions × width to rows × width. A row without any gives zeros.
pub fn masked_mean(values: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
    let [_, positions, _] = values.dims();
    let share = weights(lengths, positions, &values.device(), |length| 1.0 / length as f32);
    (values * share).sum_dim(1).squeeze_dim(1)
}

fn weights(lengths: &[usize], positions: usize, device: &Device, weight: impl Fn(usize) -> f32) -> Tensor<3> {
    let mut weights = Vec::with_capacity(lengths.len() * positions);
    for length in lengths.iter().map(|length| *length.min(&positions)) {
        weights.extend(std::iter::repeat_n(weight(length), length));
        weights.extend(std::iter::repeat_n(0.0, positions - length));
    }
    Tensor::from_data(TensorData::new(weights, [lengths.len(), positions, 1]), device)
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
