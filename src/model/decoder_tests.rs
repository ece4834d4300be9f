//! When writing stops, what a draw can be, and what neither padding nor later tokens may change.

use super::*;
use crate::random::generator;
use crate::train::open_device;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Gradients;

const WIDTH: usize = 4;
const VOCABULARY: usize = 7;
const LONGEST: usize = 5;

fn decoder(device: &Device) -> Decoder {
    let shape = DecoderConfig { width: WIDTH, hidden: 3, vocabulary: VOCABULARY, dropout: 0.0, longest: LONGEST };
    shape.checked().unwrap().init(device)
}

/// A decoder whose logits are `bias` whatever it has seen.
fn stubborn(bias: [f32; VOCABULARY], device: &Device) -> Decoder {
    let mut decoder = decoder(device);
    let weight = Tensor::zeros(decoder.output.weight.val().dims(), device);
    decoder.output.weight = Param::from_tensor(weight);
    decoder.output.bias =
        Some(Param::from_tensor(Tensor::from_data(TensorData::new(bias.to_vec(), [VOCABULARY]), device)));
    decoder
}

fn wave(rows: usize, positions: usize, device: &Device) -> Tensor<3> {
    let values: Vec<f32> = (0..rows * positions * WIDTH).map(|i| (i as f32 * 0.7).sin()).collect();
    Tensor::from_data(TensorData::new(values, [rows, positions, WIDTH]), device)
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn near(got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() < 1e-5, "{got}, want {want}");
    }
}

fn sampled(temperature: f64, seed: u64) -> Choice {
    Choice::Sampled { temperature, generator: generator(seed, 0, "test") }
}

#[test]
fn writing_stops_at_the_end_or_at_the_longest() {
    let device = open_device("flex").unwrap().without_autodiff();
    let z = wave(2, 3, &device);
    let mut bias = [0.0; VOCABULARY];
    bias[4] = 9.0;
    let written = stubborn(bias, &device).generate(z.clone(), &[3, 1], &mut Choice::Greedy);
    assert_eq!(written, vec![vec![4; LONGEST]; 2]);
    bias[END as usize] = 10.0;
    let written = stubborn(bias, &device).generate(z, &[3, 1], &mut Choice::Greedy);
    assert_eq!(written, vec![Vec::<u32>::new(); 2]);
}

#[test]
fn writing_is_the_likeliest_step_by_step() {
    let device = open_device("flex").unwrap().without_autodiff();
    let decoder = decoder(&device);
    let (z, lengths) = (wave(4, 3, &device), [3, 1, 2, 3]);
    let written = decoder.generate(z.clone(), &lengths, &mut Choice::Greedy);
    let logits = decoder.forward(z.clone(), &lengths, &written);
    let [_, steps, _] = logits.dims();
    let logits = host(logits);
    for (row, tokens) in written.iter().enumerate() {
        // The end as well, unless the response was cut.
        for (step, token) in wanted(tokens, LONGEST).enumerate().take(LONGEST) {
            let scores = &logits[(row * steps + step) * VOCABULARY..][..VOCABULARY];
            let highest = scores[1..].iter().copied().fold(f32::NEG_INFINITY, f32::max);
            // Two paths through the same numbers may round differently.
            assert!(scores[token as usize] > highest - 1e-5, "row {row}, step {step}: {token} of {scores:?}");
        }
        let alone = z.clone().slice([row..row + 1, 0..lengths[row], 0..WIDTH]);
        assert_eq!(decoder.generate(alone, &lengths[row..=row], &mut Choice::Greedy)[0], *tokens, "row {row}");
    }
}

#[test]
fn a_row_that_has_ended_stays_so_while_others_go_on() {
    let device = open_device("flex").unwrap().without_autodiff();
    // The end and one word, equally likely: with many rows some end early, and none writes after it.
    let mut bias = [-1e9; VOCABULARY];
    (bias[END as usize], bias[5]) = (0.0, 0.0);
    let decoder = stubborn(bias, &device);
    let written = decoder.generate(wave(64, 2, &device), &[2; 64], &mut sampled(1.0, 3));
    assert!(written.iter().all(|tokens| tokens.len() <= LONGEST && tokens.iter().all(|token| *token == 5)));
    // The draws are those of one fixed stream, so these lengths are always the same.
    assert!(written.iter().any(Vec::is_empty) && written.iter().any(|tokens| tokens.len() > 1), "{written:?}");
}

#[test]
fn the_unknown_token_is_never_written() {
    let device = open_device("flex").unwrap().without_autodiff();
    let mut bias = [0.0; VOCABULARY];
    bias[UNKNOWN as usize] = 50.0;
    let decoder = stubborn(bias, &device);
    for mut choice in [Choice::Greedy, sampled(1.0, 1), sampled(30.0, 2)] {
        let written = decoder.generate(wave(8, 2, &device), &[2; 8], &mut choice);
        assert!(written.iter().flatten().all(|token| *token != UNKNOWN && *token != END), "{written:?}");
    }
}

#[test]
fn a_choice_holds_on_to_numbers() {
    let (nan, infinity) = (f32::NAN, f32::INFINITY);
    let cases: [(&[f32], u32); 6] = [
        (&[9.0, 0.0, 3.0, 2.0], 2),
        (&[0.0, 1.0, 5.0, 5.0], 2),
        (&[0.0, nan, nan, -4.0], 3),
        (&[0.0, 1.0, infinity, 2.0], 2),
        (&[7.0, nan, nan], END),
        (&[], END),
    ];
    for (logits, want) in cases {
        assert_eq!(Choice::Greedy.token(logits), want, "{logits:?}");
        // So cold that only the likeliest has a chance; where two are, either may come.
        if logits != [0.0, 1.0, 5.0, 5.0] {
            assert_eq!(sampled(1e-300, 1).token(logits), want, "{logits:?}");
        }
        assert_eq!(sampled(0.0, 1).token(logits), want, "{logits:?}");
        assert_eq!(sampled(f64::NAN, 1).token(logits), want, "{logits:?}");
    }
}

#[test]
fn draws_come_as_often_as_their_softmax_says() {
    let logits = [40.0, 0.0, 1.0, 2.0];
    let temperature = 2.0;
    let weights: Vec<f64> = logits[1..].iter().map(|logit| (f64::from(*logit) / temperature).exp()).collect();
    let total: f64 = weights.iter().sum();
    let mut choice = sampled(temperature, 5);
    let count = 20_000;
    let mut seen = [0; 4];
    (0..count).for_each(|_| seen[choice.token(&logits) as usize] += 1);
    assert_eq!(seen[0], 0);
    for (seen, weight) in seen[1..].iter().zip(weights) {
        // The stream is fixed; 0.02 is about six standard deviations.
        let (got, want) = (f64::from(*seen) / f64::from(count), weight / total);
        assert!((got - want).abs() < 0.02, "{got}, want {want}");
    }
}

#[test]
fn sampling_repeats_with_its_generator_and_is_greedy_at_zero() {
    let device = open_device("flex").unwrap().without_autodiff();
    let decoder = decoder(&device);
    let z = wave(16, 3, &device);
    let write = |mut choice: Choice| decoder.generate(z.clone(), &[3; 16], &mut choice);
    assert_eq!(write(sampled(5.0, 1)), write(sampled(5.0, 1)));
    assert_ne!(write(sampled(5.0, 1)), write(sampled(5.0, 2)));
    assert_eq!(write(sampled(0.0, 1)), write(Choice::Greedy));
}

#[test]
fn padding_of_z_changes_nothing() {
    let device = open_device("flex").unwrap().without_autodiff();
    let decoder = decoder(&device);
    let z = wave(2, 3, &device);
    let longer = Tensor::cat(vec![z.clone(), wave(2, 2, &device) * 1000.0], 1);
    let lengths = [3, 2];
    let targets = [vec![3, 4], vec![5]];
    let short = host(decoder.forward(z.clone(), &lengths, &targets));
    near(&host(decoder.forward(longer.clone(), &lengths, &targets)), &short);
    for choice in [Choice::Greedy, sampled(3.0, 4)] {
        let short = decoder.generate(z.clone(), &lengths, &mut choice.clone());
        assert_eq!(decoder.generate(longer.clone(), &lengths, &mut { choice }), short);
    }
}

#[test]
fn a_row_without_real_positions_sees_nothing() {
    let device = open_device("flex").unwrap().without_autodiff();
    let decoder = decoder(&device);
    let targets = [vec![3, 4]];
    let zeros = host(decoder.forward(Tensor::zeros([1, 1, WIDTH], &device), &[0], &targets));
    near(&host(decoder.forward(wave(1, 3, &device), &[0], &targets)), &zeros);
}

#[test]
fn every_step_depends_only_on_tokens_before_it() {
    let device = open_device("flex").unwrap().without_autodiff();
    let decoder = decoder(&device);
    let z = wave(1, 3, &device);
    let of = |target: Vec<u32>| host(decoder.forward(z.clone(), &[3], &[target]));
    let first = of(vec![2, 3, 4, 5]);
    for changed in 0..4 {
        let mut target = vec![2, 3, 4, 5];
        target[changed] = 6;
        let second = of(target);
        // Step s is given the tokens before s, so the one at `changed` first counts a step later.
        let split = (changed + 1) * VOCABULARY;
        assert_eq!(first[..split], second[..split], "token {changed}");
        assert_ne!(first[split..][..VOCABULARY], second[split..][..VOCABULARY], "token {changed}");
    }
}

#[test]
fn targets_are_cut_and_strange_tokens_read_as_unknown() {
    let device = open_device("flex").unwrap().without_autodiff();
    let decoder = decoder(&device);
    let z = wave(1, 3, &device);
    let of = |target: Vec<u32>| decoder.forward(z.clone(), &[3], &[target]);
    let cut = of(vec![3; 9]);
    assert_eq!(cut.dims(), [1, LONGEST + 1, VOCABULARY]);
    assert_eq!(host(cut), host(of(vec![3; LONGEST])));
    assert_eq!(host(of(vec![VOCABULARY as u32, u32::MAX])), host(of(vec![UNKNOWN; 2])));
    assert_eq!(decoder.forward(z.clone(), &[3], &[vec![]]).dims(), [1, 1, VOCABULARY]);
}

/// Counts parameters, and those without a gradient or with zeros alone.
struct Unmoved<'a> {
    tape: &'a mut Gradients,
    all: usize,
    idle: usize,
}

impl ModuleVisitor for Unmoved<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let gradient = parameter.val().grad_remove(self.tape);
        self.all += 1;
        self.idle += usize::from(gradient.is_none_or(|gradient| host(gradient).iter().all(|slope| *slope == 0.0)));
    }
}

#[test]
fn every_parameter_can_learn() {
    let device = open_device("flex").unwrap();
    let decoder = decoder(&device);
    let logits = decoder.forward(wave(2, 3, &device), &[3, 2], &[vec![3, 4], vec![5]]);
    let mut tape = logits.square().sum().backward();
    let mut visitor = Unmoved { tape: &mut tape, all: 0, idle: 0 };
    decoder.visit(&mut visitor);
    assert_eq!((visitor.all, visitor.idle), (12, 0));
}

#[test]
fn shapes_that_cannot_be_made_are_refused() {
    let good = DecoderConfig { width: 4, hidden: 3, vocabulary: 2, dropout: 0.0, longest: 1 };
    assert!(good.clone().checked().is_ok());
    for wrong in [
        DecoderConfig { width: 0, ..good.clone() },
        DecoderConfig { hidden: 0, ..good.clone() },
        DecoderConfig { longest: 0, ..good.clone() },
        DecoderConfig { vocabulary: 1, ..good.clone() },
        DecoderConfig { dropout: 1.0, ..good.clone() },
        DecoderConfig { dropout: f64::NAN, ..good },
    ] {
        assert!(wrong.clone().checked().is_err(), "{wrong:?}");
    }
}
