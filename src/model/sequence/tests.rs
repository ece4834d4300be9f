//! What padding must not change, whatever the layers.

use super::*;
use crate::model::input::{FrameInputConfig, TokenInputConfig};
use crate::model::{Choice, DecoderConfig};
use crate::objective::{END, ctc_loss, next_token};
use crate::train::open_device;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, TensorData};

const WIDTH: usize = 8;

fn wave(rows: usize, positions: usize, width: usize, device: &Device) -> Tensor<3> {
    let values: Vec<f32> = (0..rows * positions * width).map(|i| (i as f32 * 0.7).sin()).collect();
    Tensor::from_data(TensorData::new(values, [rows, positions, width]), device)
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn near(got: &[f32], want: &[f32], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() < 1e-5, "{what}: {got} instead of {want}");
    }
}

fn encoder(kind: SequenceKind, device: &Device) -> SequenceEncoder {
    let shape = SequenceConfig { kind, width: WIDTH, layers: 2, heads: 2, dropout: 0.0, activation: Activation::Gelu };
    shape.checked().unwrap().init(device)
}

#[test]
fn padding_changes_nothing_at_real_positions_and_comes_out_as_zeros() {
    let device = open_device("flex").unwrap().without_autodiff();
    let lengths = [5, 2, 7];
    let values = wave(3, 7, WIDTH, &device);
    for kind in [SequenceKind::Conv, SequenceKind::Recurrent, SequenceKind::Attention] {
        let encoder = encoder(kind, &device);
        let all = encoder.forward(values.clone(), &lengths);
        for (row, length) in lengths.into_iter().enumerate() {
            let own = values.clone().slice([row..row + 1, 0..length, 0..WIDTH]);
            let alone = encoder.forward(own, &[length]);
            near(
                &host(all.clone().slice([row..row + 1, 0..length, 0..WIDTH])),
                &host(alone),
                &format!("{kind:?} {row}"),
            );
            let padding = host(all.clone().slice([row..row + 1, length..7, 0..WIDTH]));
            assert!(padding.iter().all(|value| *value == 0.0), "{kind:?} {row}");
        }
    }
}

#[test]
fn frames_and_tokens_do_not_see_padding_either() {
    let device = open_device("flex").unwrap().without_autodiff();
    let frames = wave(2, 9, 3, &device);
    let shape = FrameInputConfig { bands: 3, width: 4, activation: Activation::Gelu, dropout: 0.0 };
    let part = shape.init(&device);
    let (all, lengths) = part.forward(frames.clone(), &[9, 4]);
    assert_eq!(lengths, [5, 2]);
    let (alone, _) = part.forward(frames.slice([1..2, 0..4, 0..3]), &[4]);
    near(&host(all.slice([1..2, 0..2, 0..4])), &host(alone), "frames");

    let part = TokenInputConfig { vocabulary: 6, width: 4, dropout: 0.0, word_dropout: 0.0 }.init(&device);
    let tokens = |values: &[i32]| Tensor::<2, Int>::from_data(TensorData::new(values.to_vec(), [1, 3]), &device);
    let some = part.forward(tokens(&[2, 5, 3]), &[2]);
    assert!(host(some.clone().slice([0..1, 2..3, 0..4])).iter().all(|value| *value == 0.0));
    // What is outside the vocabulary is the unknown token.
    let (outside, unknown) = (part.forward(tokens(&[2, 77, 3]), &[2]), part.forward(tokens(&[2, 0, 3]), &[2]));
    near(&host(outside), &host(unknown), "tokens");
}

/// Counts parameters without a gradient.
struct Missing<'a> {
    tape: &'a mut Gradients,
    missing: usize,
}

impl ModuleVisitor for Missing<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.missing += usize::from(parameter.val().grad_remove(self.tape).is_none());
    }
}

#[test]
fn a_gradient_reaches_every_parameter() {
    let device = open_device("flex").unwrap();
    for kind in [SequenceKind::Conv, SequenceKind::Recurrent, SequenceKind::Attention] {
        let encoder = encoder(kind, &device);
        let mut tape = encoder.forward(wave(2, 4, WIDTH, &device), &[4, 3]).square().sum().backward();
        let mut visitor = Missing { tape: &mut tape, missing: 0 };
        encoder.visit(&mut visitor);
        assert_eq!(visitor.missing, 0, "{kind:?}");
    }
}

#[test]
fn a_decoder_knows_only_what_was_before_and_writes_what_it_says() {
    let device = open_device("flex").unwrap().without_autodiff();
    let shape = DecoderConfig { width: WIDTH, hidden: 5, vocabulary: 9, dropout: 0.0, longest: 6 };
    let decoder = shape.checked().unwrap().init(&device);
    let z = wave(2, 4, WIDTH, &device);
    let logits = |targets: &[Vec<u32>]| decoder.forward(z.clone(), &[4, 2], targets);
    let (first, second) = (logits(&[vec![3, 4, 5], vec![2]]), logits(&[vec![3, 4, 7], vec![2]]));
    assert_eq!(first.dims(), [2, 4, 9]);
    near(&host(first.clone().slice([0..1, 0..3, 0..9])), &host(second.clone().slice([0..1, 0..3, 0..9])), "before");
    let later = |logits: Tensor<3>| host(logits.slice([0..1, 3..4, 0..9]));
    assert_ne!(later(first), later(second));

    let written = decoder.generate(z.clone(), &[4, 2], &mut Choice::Greedy);
    let again = logits(&written);
    let [_, steps, vocabulary] = again.dims();
    let again = host(again);
    for (row, tokens) in written.iter().enumerate() {
        assert!(tokens.len() <= 6 && !tokens.contains(&0) && !tokens.contains(&END));
        for (step, token) in tokens.iter().enumerate() {
            let at = (row * steps + step) * vocabulary;
            let scores = &again[at..at + vocabulary];
            let best = (1..vocabulary).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
            assert_eq!(best as u32, *token, "row {row}, step {step}");
        }
    }
    // What lies behind a row's end does not matter.
    let alone = decoder.generate(z.clone().slice([1..2, 0..2, 0..WIDTH]), &[2], &mut Choice::Greedy);
    assert_eq!(alone[0], written[1]);
    let draw = |seed| {
        let generator = crate::random::generator(seed, 0, "test");
        decoder.generate(z.clone(), &[4, 2], &mut Choice::Sampled { temperature: 3.0, generator })
    };
    assert_eq!(draw(1), draw(1));
    let cold = Choice::Sampled { temperature: 0.0, generator: crate::random::generator(1, 0, "test") };
    assert_eq!(decoder.generate(z, &[4, 2], &mut { cold }), written);
}

#[test]
fn the_next_token_loss_is_a_mean_over_real_tokens() {
    let device = open_device("flex").unwrap();
    let logits = wave(3, 4, 5, &device).require_grad();
    let targets = [Some(vec![2, 3]), None, Some(vec![])];
    let (value, tokens) = next_token(logits.clone(), &targets, 9).unwrap();
    // Row 0 wants 2, 3 and the end, row 2 the end alone.
    assert_eq!(tokens, 4);
    let plain = host(logits.clone());
    let log_softmax = |row: usize, step: usize, token: usize| {
        let at = (row * 4 + step) * 5;
        let all: f32 = plain[at..at + 5].iter().map(|value| value.exp()).sum();
        plain[at + token] - all.ln()
    };
    let want = -(log_softmax(0, 0, 2) + log_softmax(0, 1, 3) + log_softmax(0, 2, 1) + log_softmax(2, 0, 1)) / 4.0;
    let mut tape = value.clone().backward();
    near(&[value.into_scalar()], &[want], "loss");
    let gradient = host(logits.grad_remove(&mut tape).unwrap());
    let row = |row: usize, step: usize| &gradient[(row * 4 + step) * 5..(row * 4 + step + 1) * 5];
    for (padded, step) in [(0, 3), (1, 0), (1, 3), (2, 1)] {
        assert!(row(padded, step).iter().all(|value| *value == 0.0), "row {padded}, step {step}");
    }
    assert!(row(0, 2).iter().any(|value| *value != 0.0));
    assert!(next_token(wave(1, 2, 5, &device), &[None], 9).is_none());
}

#[test]
fn ctc_of_tensors_follows_the_reference() {
    let device = open_device("flex").unwrap();
    let fixture: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/pytorch/losses.json")).unwrap();
    let floats = |value: &serde_json::Value| -> Vec<f64> {
        fn flat(value: &serde_json::Value, out: &mut Vec<f64>) {
            match value {
                serde_json::Value::Array(values) => values.iter().for_each(|value| flat(value, out)),
                other => out.push(other.as_f64().unwrap()),
            }
        }
        let mut out = Vec::new();
        flat(value, &mut out);
        out
    };
    let mut seen = 0;
    for case in fixture["cases"].as_array().unwrap().iter().filter(|case| case["loss"] == "ctc") {
        let input = case["inputs"]["input"].as_array().unwrap();
        let (positions, rows) = (input.len(), input[0].as_array().unwrap().len());
        let classes = input[0][0].as_array().unwrap().len();
        let values: Vec<f32> = floats(&case["inputs"]["input"]).into_iter().map(|value| value as f32).collect();
        // The reference has time before rows.
        let logits = Tensor::<3>::from_data(TensorData::new(values, [positions, rows, classes]), &device);
        let logits = logits.swap_dims(0, 1).detach().require_grad();
        let sizes = |key: &str| floats(&case["params"][key]).into_iter().map(|n| n as usize).collect::<Vec<_>>();
        let letters = floats(&case["inputs"]["target"]);
        let longest = letters.len() / rows;
        let targets: Vec<Option<Vec<u32>>> = sizes("target_lengths")
            .into_iter()
            .enumerate()
            .map(|(row, length)| Some(letters[row * longest..][..length].iter().map(|n| *n as u32).collect()))
            .collect();
        let loss = ctc_loss(logits.clone(), &sizes("input_lengths"), &targets).unwrap();
        let mut tape = loss.value.clone().backward();
        let want = case["value"].as_f64().unwrap();
        let value: f32 = loss.value.into_scalar();
        assert!((f64::from(value) - want).abs() < 1e-5, "{value} instead of {want}");
        let gradient = host(logits.grad_remove(&mut tape).unwrap().swap_dims(0, 1));
        for (got, want) in gradient.iter().zip(floats(&case["grad_input"])) {
            assert!((f64::from(*got) - want).abs() < 1e-5, "{got} instead of {want}");
        }
        seen += 1;
    }
    assert_eq!(seen, 2);
}
