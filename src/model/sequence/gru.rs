//! A gated recurrent unit (Cho et al. 2014) over whole sequences.
//!
//! The reset gate acts after the product with the state, as in cuDNN and PyTorch, and the gates lie in PyTorch's order:
//! reset, update, new. The state has no biases of its own (PyTorch's `bias_hh` is zero).

use burn::module::Param;
use burn::nn;
use burn::prelude::*;
use burn::tensor::activation::{sigmoid, tanh};

/// Shape of a [`Gru`].
#[derive(Clone, Debug, PartialEq)]
pub(in crate::model) struct GruConfig {
    /// Width of the input.
    pub input: usize,
    /// Width of the state.
    pub hidden: usize,
}

impl GruConfig {
    /// A new unit; values are drawn when they are materialized.
    pub fn init(&self, device: &Device) -> Gru {
        // PyTorch draws all of them from ±1/√hidden.
        let bound = 1.0 / (self.hidden.max(1) as f64).sqrt();
        let initializer = nn::Initializer::Uniform { min: -bound, max: bound };
        Gru {
            input: nn::LinearConfig::new(self.input, 3 * self.hidden)
                .with_initializer(initializer.clone())
                .init(device),
            state: initializer.init([self.hidden, 3 * self.hidden], device),
        }
    }
}

/// The weights of one direction.
#[derive(Module, Debug)]
pub(in crate::model) struct Gru {
    input: nn::Linear,
    state: Param<Tensor<2>>,
}

impl Gru {
    /// All states after `initial` (rows × hidden) for `input` (positions × rows × width): positions × rows × hidden.
    pub fn states(&self, input: Tensor<3>, initial: Tensor<2>) -> Tensor<3> {
        let gates = self.input.forward(input).unsqueeze_dim(0);
        scan(gates, self.state.val().unsqueeze_dim(0), initial.unsqueeze_dim(0)).squeeze_dim(0)
    }

    /// Two units that run beside each other, so that a step costs them one set of operations: all states from zero for
    /// their inputs, 2 × positions × rows × width to 2 × positions × rows × hidden.
    pub fn pair_states(first: &Self, second: &Self, input: Tensor<4>) -> Tensor<4> {
        let [_, positions, rows, width] = input.dims();
        let weight = Tensor::stack(vec![first.input.weight.val(), second.input.weight.val()], 0);
        let state: Tensor<3> = Tensor::stack(vec![first.state.val(), second.state.val()], 0);
        let [_, hidden, gates] = state.dims();
        let product: Tensor<3> = input.reshape([2, positions * rows, width]).matmul(weight);
        let biases = first.input.bias.iter().chain(&second.input.bias).map(Param::val).collect::<Vec<Tensor<1>>>();
        let product =
            if biases.len() == 2 { product + Tensor::stack::<2>(biases, 0).unsqueeze_dim(1) } else { product };
        let initial = Tensor::zeros([2, rows, hidden], &product.device());
        scan(product.reshape([2, positions, rows, gates]), state, initial)
    }
}

/// Runs over positions: gates from the input (units × positions × rows × 3 hidden), weights of the state
/// (units × hidden × 3 hidden) and the initial states (units × rows × hidden) to all states.
fn scan(gates: Tensor<4>, weight: Tensor<3>, initial: Tensor<3>) -> Tensor<4> {
    let [_, hidden, _] = weight.dims();
    // Reset and update share a sigmoid; the new gate needs its two terms apart.
    let weight_both = weight.clone().narrow(2, 0, 2 * hidden);
    let weight_new = weight.narrow(2, 2 * hidden, hidden);
    let both = positions_of(gates.clone().narrow(3, 0, 2 * hidden));
    let new = positions_of(gates.narrow(3, 2 * hidden, hidden));
    let mut state = initial;
    let mut states = Vec::with_capacity(both.len());
    for (both, new) in both.into_iter().zip(new) {
        let both = sigmoid(both + state.clone().matmul(weight_both.clone()));
        let reset = both.clone().narrow(2, 0, hidden);
        let update = both.narrow(2, hidden, hidden);
        let candidate = tanh(new + reset * state.clone().matmul(weight_new.clone()));
        state = candidate.clone() + update * (state - candidate);
        states.push(state.clone().unsqueeze_dim(1));
    }
    Tensor::cat(states, 1)
}

/// The positions one by one: units × positions × rows × width to units × rows × width each.
///
/// The gradient of a slice fills a tensor as large as what was cut, so halving again and again is cheaper than cutting
/// every position from the whole.
fn positions_of(values: Tensor<4>) -> Vec<Tensor<3>> {
    let [_, positions, _, _] = values.dims();
    match positions {
        0 => Vec::new(),
        1 => vec![values.squeeze_dim(1)],
        _ => {
            let half = positions / 2;
            let mut found = positions_of(values.clone().narrow(1, 0, half));
            found.extend(positions_of(values.narrow(1, half, positions - half)));
            found
        }
    }
}
