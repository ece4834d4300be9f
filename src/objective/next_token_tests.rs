//! Values and gradients against the definition, number by number.

use super::*;
use burn::tensor::Device;

const STEPS: usize = 3;
const VOCABULARY: usize = 4;

fn plain(rows: usize) -> Vec<f32> {
    (0..rows * STEPS * VOCABULARY).map(|i| (i as f32 * 1.3).sin() * 2.0).collect()
}

fn tensor(values: &[f32], device: &Device) -> Tensor<3> {
    let rows = values.len() / STEPS / VOCABULARY;
    Tensor::<3>::from_data(TensorData::new(values.to_vec(), [rows, STEPS, VOCABULARY]), device).require_grad()
}

/// The loss and its gradient for what is wanted at (row, step), by the definition.
fn defined(values: &[f32], wanted: &[(usize, usize, usize)]) -> (f32, Vec<f32>) {
    let mut gradient = vec![0.0; values.len()];
    let (mut sum, share) = (0.0, 1.0 / wanted.len() as f32);
    for (row, step, token) in wanted {
        let begin = (row * STEPS + step) * VOCABULARY;
        let logits = &values[begin..begin + VOCABULARY];
        let total: f32 = logits.iter().map(|logit| logit.exp()).sum();
        sum += total.ln() - logits[*token];
        for (class, logit) in logits.iter().enumerate() {
            let hit = if class == *token { 1.0 } else { 0.0 };
            gradient[begin + class] = (logit.exp() / total - hit) * share;
        }
    }
    (sum * share, gradient)
}

/// Asserts value, count and gradient.
fn compare(values: &[f32], targets: &[Option<Vec<u32>>], longest: usize, want: &[(usize, usize, usize)]) {
    let device = crate::train::open_device("flex").unwrap();
    let logits = tensor(values, &device);
    let (value, count) = next_token(logits.clone(), targets, longest).unwrap();
    assert_eq!((value.dims(), count), ([1], want.len()));
    let mut tape = value.backward();
    let (mean, slopes) = defined(values, want);
    let got: f32 = value.into_scalar();
    assert!((got - mean).abs() < 1e-5, "{got}, want {mean}");
    let gradient: Vec<f32> = logits.grad_remove(&mut tape).unwrap().into_data().try_into_vec().unwrap();
    for (place, (got, want)) in gradient.iter().zip(slopes).enumerate() {
        assert!((got - want).abs() < 1e-5, "place {place}: {got}, want {want}");
        assert!(want != 0.0 || *got == 0.0, "place {place}: {got}, want exactly 0");
    }
}

#[test]
fn equal_logits_cost_the_logarithm_of_their_number() {
    let device = crate::train::open_device("flex").unwrap();
    let (value, count) = next_token(Tensor::zeros([1, 3, 4], &device), &[Some(vec![2, 3])], 9).unwrap();
    assert_eq!(count, 3);
    let value: f32 = value.into_scalar();
    assert!((value - 4.0_f32.ln()).abs() < 1e-6, "{value}");
}

#[test]
fn a_mean_over_tokens_of_all_rows() {
    // Every place counts, then some do not: the two take different ways.
    compare(&plain(1), &[Some(vec![2, 3])], 9, &[(0, 0, 2), (0, 1, 3), (0, 2, 1)]);
    let targets = [Some(vec![2, 3]), None, Some(vec![]), Some(vec![0])];
    compare(&plain(4), &targets, 9, &[(0, 0, 2), (0, 1, 3), (0, 2, 1), (2, 0, 1), (3, 0, 0), (3, 1, 1)]);
}

#[test]
fn long_targets_are_cut_and_what_has_no_place_does_not_count() {
    // Cut to two, then the end; five tokens against three steps; a token that the logits have no place for.
    compare(&plain(1), &[Some(vec![2, 3, 2, 2])], 2, &[(0, 0, 2), (0, 1, 3), (0, 2, 1)]);
    compare(&plain(1), &[Some(vec![2, 3, 2, 3, 2])], 9, &[(0, 0, 2), (0, 1, 3), (0, 2, 2)]);
    compare(&plain(1), &[Some(vec![4, 3])], 9, &[(0, 1, 3), (0, 2, 1)]);
    compare(&plain(1), &[Some(vec![]), Some(vec![2])], 9, &[(0, 0, 1)]);
}

#[test]
fn what_does_not_count_does_not_change_the_value() {
    let device = crate::train::open_device("flex").unwrap();
    let targets = [Some(vec![2]), None];
    let of = |values: &[f32]| next_token(tensor(values, &device), &targets, 9).unwrap().0.into_scalar::<f32>();
    let mut values = plain(2);
    let before = of(&values);
    // Step 2 of row 0 is behind its end; row 1 has no target.
    values[2 * VOCABULARY..].iter_mut().for_each(|value| *value = f32::NAN);
    assert_eq!(of(&values), before);
}

#[test]
fn without_a_target_there_is_no_loss() {
    let device = crate::train::open_device("flex").unwrap();
    assert!(next_token(tensor(&plain(2), &device), &[None, None], 9).is_none());
    assert!(next_token(tensor(&plain(2), &device), &[], 9).is_none());
}

#[test]
fn wanted_ends_with_the_end() {
    assert_eq!(wanted(&[5, 6, 7], 9).collect::<Vec<_>>(), [5, 6, 7, END]);
    assert_eq!(wanted(&[5, 6, 7], 2).collect::<Vec<_>>(), [5, 6, END]);
    assert_eq!(wanted(&[], 2).collect::<Vec<_>>(), [END]);
}
