//! One layer against the equations of a gated recurrent unit, number by number.

use super::*;
use crate::model::values as parameters;
use crate::train::open_device;
use std::collections::BTreeMap;

const WIDTH: usize = 4;
const HIDDEN: usize = WIDTH / 2;
const POSITIONS: usize = 5;

type Weights = BTreeMap<String, Vec<f32>>;

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// row · matrix, which lies row by row.
fn product(row: &[f32], matrix: &[f32], columns: usize) -> Vec<f32> {
    (0..columns)
        .map(|column| row.iter().zip(matrix[column..].iter().step_by(columns)).map(|(a, b)| a * b).sum())
        .collect()
}

/// The states of one direction for its inputs in its own order.
fn states(weights: &Weights, direction: &str, inputs: &[&[f32]]) -> Vec<Vec<f32>> {
    let of = |name: &str| &weights[&format!("layers.0.{direction}.{name}")];
    let mut state = vec![0.0; HIDDEN];
    let mut found = Vec::new();
    for input in inputs {
        let from_input = product(input, of("input.weight"), 3 * HIDDEN);
        let from_input: Vec<f32> = from_input.iter().zip(of("input.bias")).map(|(value, bias)| value + bias).collect();
        let from_state = product(&state, of("state"), 3 * HIDDEN);
        state = (0..HIDDEN)
            .map(|unit| {
                let reset = sigmoid(from_input[unit] + from_state[unit]);
                let update = sigmoid(from_input[HIDDEN + unit] + from_state[HIDDEN + unit]);
                let new = (from_input[2 * HIDDEN + unit] + reset * from_state[2 * HIDDEN + unit]).tanh();
                (1.0 - update) * new + update * state[unit]
            })
            .collect();
        found.push(state.clone());
    }
    found
}

#[test]
fn a_layer_follows_the_equations_in_both_directions() {
    let device = open_device("flex").unwrap().without_autodiff();
    let encoder = RecurrentConfig { width: WIDTH, layers: 1, dropout: 0.0 }.init(&device);
    let weights: Weights = parameters(&encoder).into_iter().map(|(path, _, values)| (path, values)).collect();
    assert_eq!(weights.len(), 6, "{:?}", weights.keys());

    let lengths = [5, 3, 1, 0];
    let plain: Vec<f32> = (0..lengths.len() * POSITIONS * WIDTH).map(|i| (i as f32 * 0.9).sin() * 2.0).collect();
    let values = Tensor::from_data(TensorData::new(plain.clone(), [lengths.len(), POSITIONS, WIDTH]), &device);
    let got: Vec<f32> = encoder.forward(values, &lengths).into_data().try_into_vec().unwrap();

    for (row, length) in lengths.into_iter().enumerate() {
        let begin = row * POSITIONS * WIDTH;
        let mut inputs: Vec<&[f32]> = plain[begin..].chunks_exact(WIDTH).take(length).collect();
        let onward = states(&weights, "onward", &inputs);
        inputs.reverse();
        let mut backward = states(&weights, "backward", &inputs);
        backward.reverse();
        inputs.reverse();
        for position in 0..POSITIONS {
            for place in 0..WIDTH {
                let want = match (position < length, place < HIDDEN) {
                    (false, _) => 0.0,
                    (true, true) => inputs[position][place] + onward[position][place],
                    (true, false) => inputs[position][place] + backward[position][place - HIDDEN],
                };
                let got = got[begin + position * WIDTH + place];
                assert!((got - want).abs() < 1e-5, "row {row}, position {position}, {place}: {got}, want {want}");
            }
        }
    }
}

#[test]
fn one_unit_goes_on_from_where_it_stood() {
    let device = open_device("flex").unwrap().without_autodiff();
    let unit = GruConfig { input: WIDTH, hidden: HIDDEN }.init(&device);
    let plain: Vec<f32> = (0..POSITIONS * 2 * WIDTH).map(|i| (i as f32 * 0.7).cos()).collect();
    let input = Tensor::<3>::from_data(TensorData::new(plain, [POSITIONS, 2, WIDTH]), &device);
    let all = unit.states(input.clone(), Tensor::zeros([2, HIDDEN], &device));
    let state = all.clone().narrow(0, 1, 1).squeeze_dim(0);
    let rest = unit.states(input.narrow(0, 2, POSITIONS - 2), state);
    let host = |tensor: Tensor<3>| tensor.into_data().try_into_vec::<f32>().unwrap();
    for (got, want) in host(rest).into_iter().zip(host(all.narrow(0, 2, POSITIONS - 2))) {
        assert!((got - want).abs() < 1e-6, "{got}, want {want}");
    }
}
