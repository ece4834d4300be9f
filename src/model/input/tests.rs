//! Shapes, padding, gradients and what is refused.

use super::*;
use crate::config::Activation;
use crate::model::Representation;
use crate::train::open_device;
use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::{Gradients, TensorData};

fn wave<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = (0..shape.iter().product()).map(|i| (i as f32 * 0.7).sin()).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Counts parameters, and those without a gradient or with zeros alone.
struct Unmoved<'a> {
    tape: &'a mut Gradients,
    found: usize,
    idle: usize,
}

impl ModuleVisitor for Unmoved<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let gradient = parameter.val().grad_remove(self.tape);
        let moved = gradient.is_some_and(|gradient| host(gradient).iter().any(|slope| *slope != 0.0));
        self.found += 1;
        self.idle += usize::from(!moved);
    }
}

/// Asserts that the part has `count` parameters and that each can change `output`.
fn all_learn<const D: usize>(part: &impl Module, output: Tensor<D>, count: usize) {
    let mut tape = output.square().sum().backward();
    let mut visitor = Unmoved { tape: &mut tape, found: 0, idle: 0 };
    part.visit(&mut visitor);
    assert_eq!((visitor.found, visitor.idle), (count, 0));
}

#[test]
fn a_row_of_frames_is_the_same_alone_and_beside_longer_ones() {
    let device = open_device("flex").unwrap().without_autodiff();
    let part = FrameInputConfig { bands: 3, width: 4, activation: Activation::Gelu, dropout: 0.0 }.init(&device);
    let (lengths, places) = ([9, 4, 5, 1], [5, 2, 3, 1]);
    let frames = wave([4, 9, 3], &device);
    let (all, after) = part.forward(frames.clone(), &lengths);
    assert_eq!((all.dims(), after.as_slice()), ([4, 5, 4], places.as_slice()));
    for (row, (length, places)) in lengths.into_iter().zip(places).enumerate() {
        let (alone, after) = part.forward(frames.clone().slice([row..row + 1, 0..length, 0..3]), &[length]);
        assert_eq!(after, [places]);
        let here = host(all.clone().slice([row..row + 1, 0..places, 0..4]));
        for (got, want) in here.into_iter().zip(host(alone)) {
            assert!((got - want).abs() < 1e-5, "row {row}: {got}, want {want}");
        }
        let padding = host(all.clone().narrow(0, row, 1));
        assert!(padding[places * 4..].iter().all(|value| *value == 0.0), "row {row}");
    }
}

fn tokens(rows: &[[i32; 4]], device: &Device) -> Tensor<2, Int> {
    Tensor::from_data(TensorData::new(rows.concat(), [rows.len(), 4]), device)
}

#[test]
fn a_token_has_its_own_vector_and_padding_none() {
    let device = open_device("flex").unwrap().without_autodiff();
    let part = TokenInputConfig { vocabulary: 5, width: 3, dropout: 0.0, word_dropout: 0.0 }.init(&device);
    let [(_, _, table)] = crate::model::values(&part).try_into().unwrap();
    let got = host(part.forward(tokens(&[[4, 2, 3, 1], [1, 4, 0, 2]], &device), &[3, 1]));
    let vector = |token: usize| &table[token * 3..][..3];
    let want = [vector(4), vector(2), vector(3), &[0.0; 3], vector(1), &[0.0; 9]].concat();
    assert_eq!(got, want);
}

#[test]
fn a_number_outside_the_vocabulary_is_the_unknown_token() {
    let device = open_device("flex").unwrap().without_autodiff();
    let part = TokenInputConfig { vocabulary: 5, width: 3, dropout: 0.0, word_dropout: 0.0 }.init(&device);
    let of = |row: [i32; 4]| host(part.forward(tokens(&[row], &device), &[4]));
    let unknown = UNKNOWN as i32;
    assert_eq!(of([5, -1, i32::MAX, i32::MIN]), of([unknown; 4]));
    assert_ne!(of([4; 4]), of([unknown; 4]));
}

#[test]
fn words_are_dropped_in_training_only_and_whole() {
    let training = open_device("flex").unwrap();
    let part = TokenInputConfig { vocabulary: 3, width: 2, dropout: 0.0, word_dropout: 0.5 }.init(&training);
    let [(_, _, table)] = crate::model::values(&part).try_into().unwrap();
    // So many tokens that none or all of them dropped is out of the question.
    let count = 2000;
    let many = |device: &Device| Tensor::<2, Int>::from_data(TensorData::new(vec![2_i32; count], [1, count]), device);
    let (unknown, own) = (&table[..2], &table[4..]);
    let seen = host(part.forward(many(&training), &[count]));
    let dropped = seen.chunks_exact(2).filter(|vector| *vector == unknown).count();
    let kept = seen.chunks_exact(2).filter(|vector| *vector == own).count();
    assert_eq!(dropped + kept, count);
    assert!(dropped > 0 && kept > 0, "{dropped} dropped, {kept} kept");
    let plain = training.without_autodiff();
    let seen = host(part.valid().forward(many(&plain), &[count]));
    assert!(seen.chunks_exact(2).all(|vector| vector == own));
}

fn picture(end: PictureEnd, channels: Vec<usize>) -> PictureInputConfig {
    let activation = Activation::Gelu;
    PictureInputConfig { colours: 3, height: 9, width: 12, channels, activation, dropout: 0.0, end, output: 7 }
}

#[test]
fn a_picture_becomes_a_row_or_a_position_for_every_place() {
    let device = open_device("flex").unwrap().without_autodiff();
    let values = wave([2, 3, 9, 12], &device);
    let part = picture(PictureEnd::Rows, vec![4, 5]).checked().unwrap().init(&device);
    assert_eq!(PictureInput::map(&part, values.clone()).dims(), [2, 5, 2, 3]);
    let Representation::Rows(rows) = part.forward(values.clone()) else { panic!("positions") };
    assert_eq!(rows.dims(), [2, 7]);

    let shape = picture(PictureEnd::Positions, vec![4, 5]).checked().unwrap();
    assert_eq!(shape.map_size(), (2, 3));
    let part = shape.init(&device);
    let Representation::Positions { values: all, lengths } = part.forward(values.clone()) else { panic!("rows") };
    assert_eq!((all.dims(), lengths), ([2, 6, 7], vec![6, 6]));
    // A row does not see the others.
    let Representation::Positions { values: alone, .. } = part.forward(values.narrow(0, 1, 1)) else { panic!("rows") };
    for (got, want) in host(all.narrow(0, 1, 1)).into_iter().zip(host(alone)) {
        assert!((got - want).abs() < 1e-5, "{got}, want {want}");
    }
}

#[test]
fn positions_lie_line_by_line() {
    let device = open_device("flex").unwrap().without_autodiff();
    // Without a convolution a place is a pixel, and the layer acts on its colours alone.
    let part = picture(PictureEnd::Positions, vec![]).checked().unwrap().init(&device);
    let of = |values: Tensor<4>| match part.forward(values) {
        Representation::Positions { values, .. } => host(values),
        Representation::Rows(_) => panic!("rows"),
    };
    let (line, column) = (2, 5);
    let dark = Tensor::<4>::zeros([1, 3, 9, 12], &device);
    let lit = dark
        .clone()
        .slice_assign([0..1, 0..3, line..line + 1, column..column + 1], Tensor::ones([1, 3, 1, 1], &device));
    let changed: Vec<usize> = of(dark)
        .chunks_exact(7)
        .zip(of(lit).chunks_exact(7))
        .enumerate()
        .filter(|(_, (before, after))| before != after)
        .map(|(place, _)| place)
        .collect();
    assert_eq!(changed, [line * 12 + column]);
}

#[test]
fn a_picture_that_cannot_be_halved_so_often_is_refused() {
    let shape = |channels: usize| picture(PictureEnd::Rows, vec![2; channels]);
    // 9 × 12 becomes 4 × 6, 2 × 3, 1 × 1.
    assert!(shape(3).checked().is_ok());
    let problem = shape(4).checked().unwrap_err();
    assert!(problem.contains("halved 3 times, got 4"), "{problem}");
    assert!(PictureInputConfig { height: 0, ..shape(0) }.checked().is_err());
    assert!(PictureInputConfig { colours: 0, ..shape(1) }.checked().is_err());
    assert!(PictureInputConfig { output: 0, ..shape(1) }.checked().is_err());
    assert!(picture(PictureEnd::Rows, vec![2, 0]).checked().is_err());
    for dropout in [1.0, -0.1, f64::NAN] {
        assert!(PictureInputConfig { dropout, ..shape(1) }.checked().is_err(), "{dropout}");
    }
}

#[test]
fn every_parameter_of_every_part_can_learn() {
    let device = open_device("flex").unwrap();
    let activation = Activation::Gelu;
    let part = FrameInputConfig { bands: 3, width: 4, activation, dropout: 0.0 }.init(&device);
    all_learn(&part, part.forward(wave([2, 6, 3], &device), &[6, 3]).0, 4);
    let part = TokenInputConfig { vocabulary: 5, width: 3, dropout: 0.0, word_dropout: 0.0 }.init(&device);
    all_learn(&part, part.forward(tokens(&[[4, 2, 3, 1]], &device), &[3]), 1);
    let part = VectorInputConfig { input: 3, width: 4, activation }.init(&device);
    all_learn(&part, part.forward(wave([2, 3], &device)), 2);
    for end in [PictureEnd::Rows, PictureEnd::Positions] {
        let part = picture(end, vec![4, 5]).init(&device);
        match part.forward(wave([2, 3, 9, 12], &device)) {
            Representation::Rows(values) => all_learn(&part, values, 6),
            Representation::Positions { values, .. } => all_learn(&part, values, 6),
        }
    }
}
