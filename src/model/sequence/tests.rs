//! What padding must not change, whatever the layers.

use super::*;
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

/// Counts parameters without a gradient or with zeros alone.
struct Missing<'a> {
    tape: &'a mut Gradients,
    missing: usize,
}

impl ModuleVisitor for Missing<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let gradient = parameter.val().grad_remove(self.tape);
        self.missing += usize::from(gradient.is_none_or(|gradient| host(gradient).iter().all(|slope| *slope == 0.0)));
    }
}

#[test]
fn a_gradient_reaches_every_parameter() {
    let device = open_device("flex").unwrap();
    for kind in [SequenceKind::Conv, SequenceKind::Recurrent, SequenceKind::Attention] {
        let encoder = encoder(kind, &device);
        // Weighted, as the squares of what is normalised add up to the same whatever came before.
        let values = encoder.forward(wave(2, 4, WIDTH, &device), &[4, 3]);
        let mut tape = (values.square() * wave(2, 4, WIDTH, &device)).sum().backward();
        let mut visitor = Missing { tape: &mut tape, missing: 0 };
        encoder.visit(&mut visitor);
        assert_eq!(visitor.missing, 0, "{kind:?}");
    }
}

#[test]
fn a_row_without_real_positions_is_zeros_and_stops_no_other() {
    let device = open_device("flex").unwrap();
    for kind in [SequenceKind::Conv, SequenceKind::Recurrent, SequenceKind::Attention] {
        let encoder = encoder(kind, &device);
        let values = wave(2, 3, WIDTH, &device).require_grad();
        let all = encoder.forward(values.clone(), &[0, 3]);
        let mut tape = (all.clone() * wave(2, 3, WIDTH, &device)).sum().backward();
        let (all, gradient) = (host(all), host(values.grad_remove(&mut tape).unwrap()));
        let half = 3 * WIDTH;
        assert!(all[..half].iter().chain(&gradient[..half]).all(|value| *value == 0.0), "{kind:?}");
        assert!(gradient[half..].iter().all(|slope| slope.is_finite() && *slope != 0.0), "{kind:?}: {gradient:?}");
        let alone = encoder.forward(wave(2, 3, WIDTH, &device).narrow(0, 1, 1), &[3]);
        near(&all[half..], &host(alone), &format!("{kind:?}"));
    }
}

#[test]
fn shapes_that_cannot_be_made_are_refused() {
    use SequenceKind::{Attention, Conv, Recurrent};
    let shape = |kind, width, layers, heads, dropout| {
        SequenceConfig { kind, width, layers, heads, dropout, activation: Activation::Relu }.checked()
    };
    assert!(shape(Conv, 3, 1, 0, 0.0).is_ok() && shape(Attention, 6, 1, 3, 0.0).is_ok());
    for (kind, width, layers, heads, dropout) in [
        (Conv, 0, 1, 1, 0.0),
        (Conv, 4, 0, 1, 0.0),
        (Conv, 4, 1, 1, 1.0),
        (Conv, 4, 1, 1, f64::NAN),
        (Recurrent, 3, 1, 1, 0.0),
        (Attention, 4, 1, 0, 0.0),
        (Attention, 4, 1, 3, 0.0),
    ] {
        assert!(shape(kind, width, layers, heads, dropout).is_err(), "{kind:?} {width} {layers} {heads} {dropout}");
    }
}
