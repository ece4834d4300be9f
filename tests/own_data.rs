//! Tasks with data of their own: one backward pass each, what is shared told apart from what one task has alone.
#![cfg(feature = "train")]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

use burn::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use trimtab::balance::{Aggregation, Balancer, Choice, Degenerate, Make, Method, Needs, Situation};
use trimtab::config::{Activation, OptimizerConfig, OptimizerKind};
use trimtab::data::{Batch, Inputs, Targets};
use trimtab::model::input::VectorInputConfig;
use trimtab::model::{
    self, EncoderShape, HeadConfig, InputPartConfig, MlpConfig, MultiTaskModel, Network, NetworkConfig, ParameterTable,
    Prediction, ReadoutConfig, Representation, TaskSet,
};
use trimtab::objective::{Loss, LossValue};
use trimtab::train::{Learner, Measurements, Optimizer, Outcome, Plan, open_device};

static PASSES: AtomicUsize = AtomicUsize::new(0);

/// A network that counts its encoder's passes.
#[derive(Module, Debug)]
struct Counting {
    network: Network,
}

impl MultiTaskModel for Counting {
    fn encode(&self, source: usize, inputs: &Inputs, device: &Device) -> Vec<Option<Representation>> {
        PASSES.fetch_add(1, Ordering::Relaxed);
        self.network.encode(source, inputs, device)
    }
    fn predict(&self, task: usize, z: &Representation) -> Prediction {
        self.network.predict(task, z)
    }
    fn loss(&self, task: usize, z: &Representation, targets: &Targets) -> Option<LossValue> {
        self.network.loss(task, z, targets)
    }
    fn reach(&self, path: &str) -> TaskSet {
        self.network.reach(path.strip_prefix("network.").unwrap_or(path))
    }
}

/// Two tables of unlike width, a task each, one encoder.
fn network(device: &Device) -> Network {
    let mlp = |input, hidden: &[usize]| MlpConfig {
        input,
        hidden: hidden.to_vec(),
        activation: Activation::Tanh,
        dropout: 0.0,
        layer_norm: false,
    };
    let part =
        |input| Some(InputPartConfig::Vectors(VectorInputConfig { input, width: 4, activation: Activation::Tanh }));
    let head = |outputs| HeadConfig::Rows(ReadoutConfig { body: mlp(5, &[]), outputs, log_probabilities: false });
    let shape = NetworkConfig {
        inputs: vec![part(2), part(3)],
        encoder: EncoderShape::Mlp(mlp(4, &[5])),
        heads: vec![head(1), head(2)],
        losses: vec![Loss::Mse, Loss::CrossEntropy { smoothing: 0.0, class_weights: None }],
        sources: vec![0, 1],
    };
    // Tests run side by side and the tensor library has one generator a process, so values are set, not drawn.
    let model = shape.init(3, device);
    let set = |(path, _, old): (String, Vec<usize>, Vec<f32>)| {
        let wave = |place: usize| ((place * 7 + path.len() * 3) as f32 * 0.37).sin() * 0.5;
        let new = (0..old.len()).map(wave).collect();
        (path, new)
    };
    model::with_values(model.clone(), &model::values(&model).into_iter().map(set).collect()).unwrap()
}

fn learner<M: MultiTaskModel>(make: impl Fn(&Device) -> M) -> Learner<M> {
    let device = open_device("flex").unwrap();
    let model = make(&device);
    let table = ParameterTable::of(&model);
    let config = OptimizerConfig {
        kind: OptimizerKind::Sgd,
        lr: 0.1,
        momentum: 0.9,
        betas: [0.9, 0.999],
        alpha: 0.99,
        epsilon: 1e-8,
        weight_decay: 0.0,
    };
    Learner {
        optimizer: Optimizer::new(config, table.len()),
        balancer: Balancer::plain(2),
        model,
        table,
        device,
        seed: 1,
    }
}

fn batches() -> Vec<Batch> {
    let vectors = |rows: usize, width: usize| Inputs::Vectors {
        values: (0..rows * width).map(|i| (i as f32 * 0.7).sin()).collect(),
        rows,
        width,
    };
    let numbers = Targets::Numbers((0..6).map(|i| Some((i as f32 * 0.9).cos())).collect());
    let classes = Targets::Classes((0..4).map(|i| Some(i as u32 % 2)).collect());
    vec![
        Batch { source: 0, inputs: vectors(6, 2), targets: vec![Some(numbers), None] },
        Batch { source: 1, inputs: vectors(4, 3), targets: vec![None, Some(classes)] },
    ]
}

fn step<M: MultiTaskModel>(learner: Learner<M>, weights: [f64; 2]) -> (Learner<M>, Measurements) {
    let (learner, outcome) = learner.step(&Plan {
        step: 1,
        epoch: 0.0,
        foretell: false,
        batches: &batches(),
        weights: &weights,
        muted: &[false; 2],
        frozen: &BTreeSet::new(),
        lr: 0.1,
        clip: None,
        measure_shared: false,
        poisoned: None,
    });
    let Outcome::Updated(seen) = outcome else { panic!("no update: {outcome:?}") };
    (learner, seen)
}

/// All values whose path begins with `part`.
fn values<M: MultiTaskModel>(learner: &Learner<M>, part: &str) -> Vec<f32> {
    let all = model::values(&learner.model).into_iter();
    all.filter(|(path, _, _)| path.starts_with(part)).flat_map(|(_, _, values)| values).collect()
}

#[test]
fn shared_gradients_cost_no_pass_more() {
    let before = PASSES.load(Ordering::Relaxed);
    let (_, seen) = step(learner(|device| Counting { network: network(device) }), [1.0, 1.0]);
    assert_eq!(PASSES.load(Ordering::Relaxed) - before, 2, "one a source");
    let shared = seen.shared.unwrap();
    assert!(shared.norm.iter().all(|norm| norm.unwrap().get() > 0.0) && shared.cosine[0].is_some());
    assert_eq!(seen.representation.cosine, [None], "tasks that share no batch have nothing to compare at z");
}

/// Turns the first task's coefficient round and doubles the second's.
struct Turned;

static TURNED: Method = Method {
    name: "turned",
    aliases: &[],
    what: "turns the first task round and doubles the second",
    year: None,
    paper: "",
    needs: Needs::GRAM,
    state: "",
    preference: "none",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(Turned)),
};

impl Aggregation for Turned {
    fn method(&self) -> &'static Method {
        &TURNED
    }
    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        Ok(vec![-seen.factors[0], 2.0 * seen.factors[1]])
    }
}

#[test]
fn an_input_part_takes_the_factor_and_the_encoder_the_coefficient() {
    let start = learner(network);
    let (before, before_inputs) = (values(&start, "encoder"), values(&start, "inputs"));
    let only = |weights| values(&step(learner(network), weights).0, "encoder");
    let (first, second) = (only([1.0, 0.0]), only([0.0, 1.0]));
    let plain = step(learner(network), [1.0, 1.0]).0;
    let mut other = learner(network);
    other.balancer.choose(&Choice::plain(&TURNED), false).unwrap();
    let turned = step(other, [1.0, 1.0]).0;
    for part in ["inputs", "heads"] {
        assert_eq!(values(&plain, part), values(&turned, part), "{part}");
    }
    assert_ne!(values(&plain, "inputs"), before_inputs);
    let moved = values(&turned, "encoder");
    for (place, start) in before.iter().enumerate() {
        let want = start - (first[place] - start) + 2.0 * (second[place] - start);
        assert!((moved[place] - want).abs() < 1e-6, "{} instead of {want}", moved[place]);
    }
}

#[test]
fn a_larger_weight_turns_the_update_towards_its_task() {
    let start = values(&learner(network), "encoder");
    let update = |weights| -> Vec<f64> {
        let after = values(&step(learner(network), weights).0, "encoder");
        after.iter().zip(&start).map(|(after, start)| f64::from(start - after)).collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for task in 0..2 {
        let alone: [f64; 2] = std::array::from_fn(|place| f64::from(u8::from(place == task)));
        let own = update(alone);
        let mut last = -1.0;
        for weight in [0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0] {
            let mut weights = [1.0, 1.0];
            weights[task] = weight;
            let all = update(weights);
            let cosine = dot(&all, &own) / (dot(&all, &all) * dot(&own, &own)).sqrt();
            assert!(cosine >= last - 1e-4, "task {task}, weight {weight}: {cosine} after {last}");
            last = cosine;
        }
        assert!(last > 0.999, "{last}");
    }
}
