//! The training step and the losses against values of PyTorch, on every device.
#![cfg(feature = "train")]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

use burn::prelude::*;
use burn::tensor::TensorData;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use trimtab::balance::Balancer;
use trimtab::config::{Activation, LossKind, OptimizerConfig, OptimizerKind};
use trimtab::data::{Batch, Inputs, Targets};
use trimtab::model::{self, EncoderShape, HeadConfig, MlpConfig, NetworkConfig, ParameterTable, ReadoutConfig};
use trimtab::objective::Loss;
use trimtab::protocol::{GradientView, Real};
use trimtab::train::{DEVICES, Learner, Optimizer, Outcome, Plan, open_device};

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

fn floats(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(|v| v as f32).collect()
}

fn classes(value: &Value) -> Vec<Option<u32>> {
    numbers(value).into_iter().map(|v| Some(v as u32)).collect()
}

/// The reference stores weights as outputs × inputs, the network as inputs × outputs.
fn transposed(value: &Value) -> Vec<f32> {
    let rows: Vec<Vec<f32>> = value.as_array().unwrap().iter().map(floats).collect();
    (0..rows[0].len()).flat_map(|column| rows.iter().map(move |row| row[column])).collect()
}

/// Values of the fixture by our path names.
fn by_path(layers: &Value) -> BTreeMap<String, Vec<f32>> {
    [
        ("encoder.layers.0.linear", "encoder.0"),
        ("encoder.layers.1.linear", "encoder.2"),
        ("heads.0.output", "head.regression"),
        ("heads.1.output", "head.classes"),
        ("heads.2.output", "head.nll"),
    ]
    .into_iter()
    .flat_map(|(path, name)| {
        let layer = &layers[name];
        [
            (format!("{path}.weight"), transposed(&layer["weight_out_in"])),
            (format!("{path}.bias"), floats(&layer["bias"])),
        ]
    })
    .collect()
}

fn seed_network() -> NetworkConfig {
    let mlp = |input, hidden: &[usize]| MlpConfig {
        input,
        hidden: hidden.to_vec(),
        activation: Activation::Relu,
        dropout: 0.0,
        layer_norm: false,
    };
    let head =
        |outputs, log_probabilities| HeadConfig::Rows(ReadoutConfig { body: mlp(16, &[]), outputs, log_probabilities });
    NetworkConfig {
        inputs: vec![None],
        encoder: EncoderShape::Mlp(mlp(6, &[16, 16])),
        heads: vec![head(1, false), head(4, false), head(3, true)],
        losses: vec![
            Loss::Mse,
            Loss::CrossEntropy { smoothing: 0.0, class_weights: None },
            Loss::Nll { class_weights: None },
        ],
        sources: vec![0, 0, 0],
    }
}

fn near(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance, "{what}: {got} instead of {want}");
}

fn compare_view(got: &GradientView, want: &Value, what: &str) {
    for (got, want) in got.norm.iter().zip(numbers(&want["norm"])) {
        near(got.map_or(f64::NAN, Real::get), want, 1e-5 * want.abs(), what);
    }
    for (got, want) in got.cosine.iter().zip(numbers(&want["cosine"])) {
        near(got.map_or(f64::NAN, Real::get), want, 1e-5, what);
    }
}

/// Trains the seed's model as the reference did; calls `look` after each step.
fn train_seed_model(
    device: &str,
    measure: impl Fn(u64) -> bool,
    mut look: impl FnMut(usize, &trimtab::train::Measurements),
) -> BTreeMap<String, Vec<f32>> {
    let fixture = fixture(include_str!("fixtures/pytorch/seed_model.json"));
    let device = open_device(device).unwrap();
    let network = seed_network().init(1, &device);
    let network = model::with_values(network, &by_path(&fixture["init"])).unwrap();
    let table = ParameterTable::of(&network);
    let optimizer = Optimizer::new(
        OptimizerConfig {
            kind: OptimizerKind::Adam,
            lr: 1e-3,
            momentum: 0.0,
            betas: [0.9, 0.999],
            alpha: 0.99,
            epsilon: 1e-8,
            weight_decay: 0.0,
        },
        table.len(),
    );
    let mut learner = Learner { model: network, table, optimizer, balancer: Balancer::plain(3), device, seed: 7 };
    let batches: Vec<Batch> = fixture["batches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|batch| Batch {
            source: 0,
            inputs: Inputs::Vectors { values: floats(&batch["x"]), rows: 16, width: 6 },
            targets: vec![
                Some(Targets::Numbers(floats(&batch["regression"]).into_iter().map(Some).collect())),
                Some(Targets::Classes(classes(&batch["classes"]))),
                Some(Targets::Classes(classes(&batch["nll"]))),
            ],
        })
        .collect();
    let steps = fixture["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 60);
    for (place, step) in steps.iter().enumerate() {
        let plan = Plan {
            step: place as u64 + 1,
            epoch: 0.0,
            foretell: false,
            batches: &batches[place % 4..=place % 4],
            weights: &numbers(&step["weight"]),
            muted: &[false; 3],
            frozen: &BTreeSet::new(),
            lr: 1e-3,
            clip: None,
            measure_shared: measure(place as u64 + 1),
            poisoned: None,
        };
        let (next, outcome) = learner.step(&plan);
        learner = next;
        let Outcome::Updated(seen) = outcome else { panic!("step {place}: {outcome:?}") };
        look(place, &seen);
    }
    model::values(&learner.model).into_iter().map(|(path, _, values)| (path, values)).collect()
}

#[test]
fn the_seed_model_follows_the_reference_on_every_device() {
    let fixture = fixture(include_str!("fixtures/pytorch/seed_model.json"));
    for device in DEVICES {
        let last = train_seed_model(
            device,
            |_| true,
            |place, seen| {
                let want = &fixture["steps"][place];
                let what = format!("{device}, step {place}");
                for (got, want) in seen.loss.iter().zip(numbers(&want["loss"])) {
                    near(f64::from(got.unwrap()), want, 1e-5 * want.abs(), &what);
                }
                let total = want["total"].as_f64().unwrap();
                near(seen.total.unwrap(), total, 1e-5 * total, &what);
                compare_view(&seen.representation, &want["representation"], &format!("{what}, at z"));
                compare_view(seen.shared.as_ref().unwrap(), &want["shared"], &format!("{what}, shared"));
            },
        );
        for (path, want) in by_path(&fixture["final"]) {
            for (got, want) in last[&path].iter().zip(want) {
                near(f64::from(*got), f64::from(want), 1e-5, &format!("{device}, {path}"));
            }
        }
    }
}

#[test]
fn looking_changes_nothing() {
    let never = train_seed_model("flex", |_| false, |_, _| ());
    for every in [1, 20] {
        let looked = train_seed_model("flex", |step| step % every == 0, |_, _| ());
        assert_eq!(never, looked, "gradient_every {every}");
    }
}

#[test]
fn losses_and_their_gradients_follow_the_reference() {
    let fixture = fixture(include_str!("fixtures/pytorch/losses.json"));
    let mut compared = 0;
    for device in DEVICES {
        let device = open_device(device).unwrap();
        for case in fixture["cases"].as_array().unwrap() {
            let parameter = |name: &str| case["params"][name].as_f64();
            let class_weights =
                case["params"]["class_weights"].is_array().then(|| numbers(&case["params"]["class_weights"]));
            let loss = match case["loss"].as_str().unwrap() {
                "mse" => Loss::Mse,
                "l1" => Loss::L1,
                "huber" => Loss::Huber { delta: parameter("delta").unwrap() },
                "cross_entropy" => {
                    Loss::CrossEntropy { smoothing: parameter("label_smoothing").unwrap_or(0.0), class_weights }
                }
                "bce_with_logits" => Loss::Bce { positive_weight: parameter("pos_weight").unwrap_or(1.0) },
                "nll" => Loss::Nll { class_weights },
                "gaussian_nll" => Loss::GaussianNll,
                "poisson_nll" => Loss::PoissonNll,
                _ => continue,
            };
            let input = &case["inputs"]["input"];
            let flat = floats(input);
            let rows = input.as_array().unwrap().len();
            let shape = match loss.kind() {
                LossKind::CrossEntropy | LossKind::Nll | LossKind::GaussianNll => [rows, flat.len() / rows],
                // Other regressions and logits are one column; a mean over elements is the same mean over rows.
                _ => [flat.len(), 1],
            };
            let targets = if loss.kind().is_classification() {
                Targets::Classes(classes(&case["inputs"]["target"]))
            } else {
                Targets::Numbers(floats(&case["inputs"]["target"]).into_iter().map(Some).collect())
            };
            let leaf = Tensor::<2>::from_data(TensorData::new(flat, shape), &device).require_grad();
            let value = loss.value(leaf.clone(), &targets).unwrap();
            let got: f32 = value.value.clone().into_scalar();
            let want = case["value"].as_f64().unwrap();
            near(f64::from(got), want, 1e-5 * want.abs().max(1e-3), &format!("{loss:?}"));
            let mut tape = value.value.backward();
            let gradient: Vec<f32> = leaf.grad_remove(&mut tape).unwrap().into_data().try_into_vec().unwrap();
            for (got, want) in gradient.iter().zip(numbers(&case["grad_input"])) {
                near(f64::from(*got), want, 1e-5 * want.abs().max(0.1), &format!("gradient of {loss:?}"));
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 24, "twelve cases of the reference on two devices");
}

#[test]
fn a_mean_is_over_labelled_rows_and_without_a_label_there_is_none() {
    let device = open_device("flex").unwrap();
    let output = || Tensor::<2>::from_data([[1.0], [5.0], [-2.0]], &device);
    let value = |loss: &Loss, targets: &Targets| {
        loss.value(output(), targets).map(|value| (value.value.into_scalar::<f32>(), value.labelled))
    };
    assert_eq!(value(&Loss::Mse, &Targets::Numbers(vec![Some(0.0), None, Some(0.0)])), Some((2.5, 2)));
    assert_eq!(value(&Loss::Mse, &Targets::Numbers(vec![None; 3])), None);
    let bce = Loss::Bce { positive_weight: 1.0 };
    let all = value(&bce, &Targets::Classes(vec![Some(1), None, Some(0)])).unwrap();
    assert!((all.0 - f32::midpoint(0.313_261_7, 0.126_928)).abs() < 1e-6, "{all:?}");
}

/// Value, gradient and labelled rows of a loss that learns a distribution.
fn likelihood<const N: usize>(loss: &Loss, output: [[f32; N]; 3], targets: Vec<Option<f32>>) -> (f32, Vec<f32>, usize) {
    let leaf = Tensor::<2>::from_data(output, &open_device("flex").unwrap()).require_grad();
    let value = loss.value(leaf.clone(), &Targets::Numbers(targets)).unwrap();
    let mut tape = value.value.clone().backward();
    let gradient = leaf.grad_remove(&mut tape).unwrap().into_data().try_into_vec().unwrap();
    (value.value.into_scalar(), gradient, value.labelled)
}

#[test]
fn a_row_without_a_label_changes_no_likelihood_even_where_it_overflows() {
    // e^100 is beyond single precision.
    let (value, gradient, labelled) =
        likelihood(&Loss::PoissonNll, [[0.5], [100.0], [-1.0]], vec![Some(2.0), None, Some(0.0)]);
    assert_eq!(labelled, 2);
    near(f64::from(value), f64::midpoint(0.5_f64.exp() - 1.0, (-1.0_f64).exp()), 1e-6, "poisson_nll");
    let want = [(0.5_f64.exp() - 2.0) / 2.0, 0.0, (-1.0_f64).exp() / 2.0];
    for (got, want) in gradient.iter().zip(want) {
        near(f64::from(*got), want, 1e-6, "gradient of poisson_nll");
    }

    let (value, gradient, labelled) =
        likelihood(&Loss::GaussianNll, [[1.0, 0.5], [7.0, -100.0], [0.0, -0.5]], vec![Some(3.0), None, Some(0.0)]);
    assert_eq!(labelled, 2);
    near(f64::from(value), f64::midpoint(0.5 * (0.5 + 4.0 * (-0.5_f64).exp()), -0.25), 1e-6, "gaussian_nll");
    assert_eq!(gradient[2..4], [0.0, 0.0]);
    assert!(gradient.iter().all(|value| value.is_finite()));
}

#[test]
fn a_likelihood_needs_a_label_and_an_output_of_its_width() {
    let device = open_device("flex").unwrap();
    let one = || Tensor::<2>::from_data([[1.0], [5.0]], &device);
    let two = || Tensor::<2>::from_data([[1.0, 0.0], [5.0, 0.0]], &device);
    let labelled = Targets::Numbers(vec![Some(1.0), None]);
    let unlabelled = Targets::Numbers(vec![None, None]);
    for (loss, fitting, other) in [(Loss::PoissonNll, one(), two()), (Loss::GaussianNll, two(), one())] {
        assert!(loss.value(fitting.clone(), &labelled).is_some());
        assert!(loss.value(fitting.clone(), &unlabelled).is_none());
        assert!(loss.value(fitting, &Targets::Classes(vec![Some(1), None])).is_none());
        assert!(loss.value(other, &labelled).is_none());
    }
}

#[test]
fn a_likelihood_predicts_its_mean() {
    let device = open_device("flex").unwrap();
    let predictions =
        |loss: &Loss, output: Tensor<2>| -> Vec<f32> { loss.predictions(output).into_data().try_into_vec().unwrap() };
    let two = Tensor::<2>::from_data([[1.0, -3.0], [5.0, 2.0]], &device);
    assert_eq!(predictions(&Loss::GaussianNll, two), [1.0, 5.0]);
    let one = Tensor::<2>::from_data([[0.0], [2.0]], &device);
    for (got, want) in predictions(&Loss::PoissonNll, one.clone()).iter().zip([1.0, 2.0_f32.exp()]) {
        near(f64::from(*got), f64::from(want), 1e-5, "rate");
    }
    assert_eq!(predictions(&Loss::Mse, one), [0.0, 2.0]);
}
