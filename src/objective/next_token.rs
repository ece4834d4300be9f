//! The loss of a model that names the next token: cross-entropy over the tokens of a wanted sequence and its end.
//!
//! Owns what a wanted sequence is. It must not know how a network makes its logits.

use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::log_softmax;

/// The token that ends a sequence.
pub const END: u32 = 1;

/// What is wanted step by step: the first `longest` tokens of a row, then [`END`].
pub fn wanted(tokens: &[u32], longest: usize) -> impl Iterator<Item = u32> + '_ {
    tokens.iter().copied().take(longest).chain(std::iter::once(END))
}

/// −Σ log p(token) / tokens over all wanted tokens of rows with a target, ends included, and their number; `None` where
/// no row has a target.
///
/// `logits` are rows × steps × vocabulary. Steps after a row's end and rows without a target do not count and get no
/// gradient, nor does a step or a token that `logits` has no place for.
pub fn next_token(logits: Tensor<3>, targets: &[Option<Vec<u32>>], longest: usize) -> Option<(Tensor<1>, usize)> {
    let [rows, steps, vocabulary] = logits.dims();
    let (mut places, mut tokens) = (Vec::new(), Vec::new());
    for (row, target) in targets.iter().enumerate().take(rows) {
        let Some(target) = target else { continue };
        let known = |(_, token): &(usize, u32)| (*token as usize) < vocabulary;
        for (step, token) in wanted(target, longest).enumerate().take(steps).filter(known) {
            places.push((row * steps + step) as i32);
            tokens.push(token as i32);
        }
    }
    let count = tokens.len();
    if count == 0 {
        return None;
    }
    let device = logits.device();
    let logits = logits.reshape([rows * steps, vocabulary]);
    // Only what counts goes through the softmax, which is the dearest part.
    let logits = if count == rows * steps {
        logits
    } else {
        logits.select(0, Tensor::from_data(TensorData::new(places, [count]), &device))
    };
    let tokens = Tensor::<2, Int>::from_data(TensorData::new(tokens, [count, 1]), &device);
    Some((log_softmax(logits, 1).gather(1, tokens).mean().neg(), count))
}

#[cfg(test)]
#[path = "next_token_tests.rs"]
mod tests;
