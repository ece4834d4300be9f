//! Weight 0, mutes, absent labels, non-finite losses and clipping, through the very step that `train` runs.
#![cfg(feature = "train")]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

use std::collections::BTreeSet;
use trimtab::balance::{Aggregation, Balancer, Choice, Degenerate, Make, Method, Needs, Situation};
use trimtab::config::{Activation, OptimizerConfig, OptimizerKind};
use trimtab::data::{Batch, Inputs, Targets};
use trimtab::model::{
    self, EncoderShape, HeadConfig, MlpConfig, Network, NetworkConfig, ParameterTable, ReadoutConfig,
};
use trimtab::objective::Loss;
use trimtab::protocol::{Part, Real};
use trimtab::train::{Learner, Measurements, NonFinite, Optimizer, Outcome, Plan, open_device};

const ROWS: usize = 8;

fn learner(kind: OptimizerKind, hidden: &[usize]) -> Learner<Network> {
    let device = open_device("flex").unwrap();
    let mlp = |input, hidden: &[usize]| MlpConfig {
        input,
        hidden: hidden.to_vec(),
        activation: Activation::Tanh,
        dropout: 0.0,
        layer_norm: false,
    };
    let encoder = mlp(3, hidden);
    let head = |outputs| {
        HeadConfig::Rows(ReadoutConfig { body: mlp(encoder.output(), &[]), outputs, log_probabilities: false })
    };
    let network = NetworkConfig {
        heads: vec![head(1), head(2), head(1)],
        losses: vec![Loss::Mse, Loss::CrossEntropy { smoothing: 0.0, class_weights: None }, Loss::L1],
        sources: vec![0, 0, 0],
        inputs: vec![None],
        encoder: EncoderShape::Mlp(encoder),
    };
    // Tests run side by side and the tensor library has one generator a process, so values are set, not drawn.
    let model = network.init(3, &device);
    let set = |(path, _, old): (String, Vec<usize>, Vec<f32>)| {
        let wave = |place: usize| ((place * 7 + path.len() * 3) as f32 * 0.37).sin() * 0.5;
        let new = (0..old.len()).map(wave).collect();
        (path, new)
    };
    let model = model::with_values(model.clone(), &model::values(&model).into_iter().map(set).collect()).unwrap();
    let table = ParameterTable::of(&model);
    let config = OptimizerConfig {
        kind,
        lr: 0.01,
        momentum: 0.9,
        betas: [0.9, 0.999],
        alpha: 0.99,
        epsilon: 1e-8,
        weight_decay: 0.0,
    };
    Learner {
        optimizer: Optimizer::new(config, table.len()),
        balancer: Balancer::plain(3),
        model,
        table,
        device,
        seed: 1,
    }
}

fn batch() -> Batch {
    let values = (0..ROWS * 3).map(|i| (i as f32 * 0.7).sin()).collect();
    Batch {
        source: 0,
        inputs: Inputs::Vectors { values, rows: ROWS, width: 3 },
        targets: vec![
            Some(Targets::Numbers((0..ROWS).map(|i| Some((i as f32 * 0.9).cos())).collect())),
            Some(Targets::Classes((0..ROWS).map(|i| Some(i as u32 % 2)).collect())),
            Some(Targets::Numbers((0..ROWS).map(|i| (i % 2 == 0).then_some(i as f32 * 0.1)).collect())),
        ],
    }
}

struct Wish<'a> {
    weights: &'a [f64],
    muted: &'a [bool],
    poisoned: Option<usize>,
    clip: Option<f64>,
    frozen: &'a [Part],
}

const PLAIN: Wish<'static> =
    Wish { weights: &[1.0, 1.0, 1.0], muted: &[false; 3], poisoned: None, clip: None, frozen: &[] };

fn step(learner: Learner<Network>, number: u64, batch: &Batch, wish: &Wish<'_>) -> (Learner<Network>, Outcome) {
    learner.step(&Plan {
        step: number,
        epoch: 0.0,
        foretell: false,
        batches: std::slice::from_ref(batch),
        weights: wish.weights,
        muted: wish.muted,
        frozen: &wish.frozen.iter().copied().collect::<BTreeSet<_>>(),
        lr: 0.01,
        clip: wish.clip,
        measure_shared: true,
        poisoned: wish.poisoned,
    })
}

fn updated(outcome: Outcome) -> Measurements {
    match outcome {
        Outcome::Updated(seen) => seen,
        other => panic!("no update: {other:?}"),
    }
}

/// How often the optimizer has moved each parameter whose path begins with `part`.
fn updates(learner: &Learner<Network>, part: &str) -> Vec<u64> {
    let pairs = learner.table.iter().zip(learner.optimizer.moments());
    pairs.filter(|(parameter, _)| parameter.path.starts_with(part)).map(|(_, m)| m.updates).collect()
}

/// All values whose path begins with `part`.
fn values(learner: &Learner<Network>, part: &str) -> Vec<f32> {
    let all = model::values(&learner.model).into_iter();
    all.filter(|(path, _, _)| path.starts_with(part)).flat_map(|(_, _, values)| values).collect()
}

fn moments(learner: &Learner<Network>, part: &str) -> Vec<f32> {
    let pairs = learner.table.iter().zip(learner.optimizer.moments());
    pairs.filter(|(parameter, _)| parameter.path.starts_with(part)).flat_map(|(_, m)| m.first.clone()).collect()
}

#[test]
fn weight_0_is_measured_and_enters_as_zeros() {
    let (learner, _) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &PLAIN);
    let before = moments(&learner, "heads.1");
    let wish = Wish { weights: &[1.0, 0.0, 2.0], ..PLAIN };
    let (learner, outcome) = step(learner, 2, &batch(), &wish);
    let seen = updated(outcome);
    assert!(seen.loss[1].unwrap() > 0.0);
    assert_eq!((seen.factor[1], seen.coefficient[1]), (Some(0.0), Some(0.0)));
    assert!(seen.shared.as_ref().unwrap().norm[1].unwrap().get() > 0.0);
    assert!(seen.shared.unwrap().cosine[0].is_some());
    let total = f64::from(seen.loss[0].unwrap()) + 2.0 * f64::from(seen.loss[2].unwrap());
    assert!((seen.total.unwrap() - total).abs() < 1e-9);
    for (before, after) in before.iter().zip(moments(&learner, "heads.1")) {
        assert!((after - 0.9 * before).abs() < 1e-7, "the moments of a head under weight 0 decay");
    }
}

#[test]
fn weight_0_moves_all_others_as_if_the_task_were_muted() {
    let run = |wish: &Wish<'_>| {
        let (learner, _) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &PLAIN);
        let (learner, outcome) = step(learner, 2, &batch(), wish);
        (learner, updated(outcome))
    };
    let (zero, seen_zero) = run(&Wish { weights: &[1.0, 0.0, 2.0], ..PLAIN });
    let (muted, seen_muted) = run(&Wish { weights: &[1.0, 5.0, 2.0], muted: &[false, true, false], ..PLAIN });
    for part in ["encoder", "heads.0", "heads.2"] {
        assert_eq!(values(&zero, part), values(&muted, part), "{part}");
    }
    assert_eq!((seen_zero.total, seen_zero.loss), (seen_muted.total, seen_muted.loss));
    // Only under weight 0 the head moves on, by its decaying moments.
    assert_ne!(values(&zero, "heads.1"), values(&muted, "heads.1"));
}

#[test]
fn a_nan_under_weight_0_reaches_nothing() {
    let wish = Wish { weights: &[1.0, 0.0, 1.0], ..PLAIN };
    let (clean, _) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &wish);
    let wish = Wish { poisoned: Some(1), ..wish };
    let (poisoned, outcome) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &wish);
    let seen = updated(outcome);
    assert!(seen.loss[1].unwrap().is_nan());
    assert!(seen.total.unwrap().is_finite() && seen.update_norm.unwrap().is_finite());
    assert_eq!(values(&clean, ""), values(&poisoned, ""));
}

#[test]
fn a_nan_under_a_weight_stops_before_the_update_and_names_the_task() {
    let fresh = learner(OptimizerKind::Adam, &[4]);
    let before = values(&fresh, "");
    let (after, outcome) = step(fresh, 1, &batch(), &Wish { poisoned: Some(2), ..PLAIN });
    let Outcome::Diverged(seen, trouble) = outcome else { panic!("an update was made") };
    assert_eq!(trouble, NonFinite { task: 2, what: "loss" });
    assert!(seen.loss[2].unwrap().is_nan() && seen.loss[0].unwrap().is_finite());
    assert_eq!((seen.update_norm, before), (None, values(&after, "")));
    assert!(moments(&after, "").is_empty(), "the optimizer was not asked");
}

#[test]
fn a_muted_task_is_measured_without_a_graph_and_left_alone() {
    let (learner, _) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &PLAIN);
    let before = (values(&learner, "heads.0"), moments(&learner, "heads.0"));
    let wish = Wish { muted: &[true, false, false], ..PLAIN };
    let (learner, outcome) = step(learner, 2, &batch(), &wish);
    let seen = updated(outcome);
    assert!(seen.loss[0].unwrap() > 0.0 && seen.labelled[0] == ROWS as u64);
    assert_eq!((seen.factor[0], seen.coefficient[0]), (None, None));
    assert_eq!(seen.representation.norm[0], None);
    let shared = seen.shared.unwrap();
    assert_eq!((shared.norm[0], shared.cosine[0], shared.cosine[1]), (None, None, None));
    assert!(shared.cosine[2].is_some());
    assert_eq!((updates(&learner, "heads.0"), updates(&learner, "heads.1")), (vec![1, 1], vec![2, 2]));
    assert_eq!(before, (values(&learner, "heads.0"), moments(&learner, "heads.0")));
}

#[test]
fn a_task_without_a_label_in_the_batch_is_absent() {
    let (learner, _) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &PLAIN);
    let before = values(&learner, "heads.2");
    let mut batch = batch();
    batch.targets[2] = Some(Targets::Numbers(vec![None; ROWS]));
    let (learner, outcome) = step(learner, 2, &batch, &PLAIN);
    let seen = updated(outcome);
    assert_eq!((seen.loss[2], seen.labelled[2], seen.factor[2]), (None, 0, None));
    assert!(seen.total.is_some());
    assert_eq!(before, values(&learner, "heads.2"));
}

#[test]
fn with_nobody_left_nothing_changes() {
    let (learner, _) = step(learner(OptimizerKind::Momentum, &[4]), 1, &batch(), &PLAIN);
    let before = values(&learner, "");
    let mut batch = batch();
    batch.targets[2] = Some(Targets::Numbers(vec![None; ROWS]));
    let wish = Wish { muted: &[true, true, false], ..PLAIN };
    let (learner, outcome) = step(learner, 2, &batch, &wish);
    let Outcome::Idle(seen) = outcome else { panic!("an update was made") };
    assert_eq!((seen.total, seen.update_norm), (None, None));
    assert!(seen.loss[0].is_some() && seen.loss[2].is_none());
    assert_eq!(before, values(&learner, ""));
}

#[test]
fn a_frozen_encoder_is_measured_and_left_alone_until_it_is_unfrozen() {
    let (_, outcome) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &PLAIN);
    let free = updated(outcome);
    let wish = Wish { frozen: &[Part::Encoder], ..PLAIN };
    let mut learner = learner(OptimizerKind::Adam, &[4]);
    let start = (values(&learner, "encoder"), values(&learner, "heads"));
    for number in 1..4 {
        let (next, outcome) = step(learner, number, &batch(), &wish);
        learner = next;
        let seen = updated(outcome);
        if number == 1 {
            // Looking is the same, only the update is another.
            assert!(seen.update_norm.unwrap() < free.update_norm.unwrap());
            let moved = seen.moved.as_ref().unwrap();
            assert_eq!((moved.encoder, &moved.heads), (None, &free.moved.as_ref().unwrap().heads));
            let (update_norm, moved) = (free.update_norm, free.moved.clone());
            assert_eq!(Measurements { update_norm, moved, ..seen }, free);
        }
    }
    assert_eq!(start.0, values(&learner, "encoder"));
    assert!(moments(&learner, "encoder").is_empty());
    assert!(updates(&learner, "encoder").iter().all(|updates| *updates == 0));
    for head in ["heads.0", "heads.1", "heads.2"] {
        assert_eq!(updates(&learner, head), [3, 3]);
    }
    assert_ne!(start.1, values(&learner, "heads"));

    let (learner, _) = step(learner, 4, &batch(), &PLAIN);
    assert_ne!(start.0, values(&learner, "encoder"));
    let before = (values(&learner, "encoder"), moments(&learner, "encoder"));
    assert_eq!(updates(&learner, "encoder"), [1, 1]);
    let (learner, _) = step(learner, 5, &batch(), &wish);
    assert_eq!(before, (values(&learner, "encoder"), moments(&learner, "encoder")), "moments do not decay either");
}

#[test]
fn each_part_tells_how_far_it_moved() {
    let near = |got: Option<Real>, want: f64| {
        let got = got.unwrap().get();
        assert!(want > 0.0 && (got - want).abs() < 1e-4 * want, "{got} instead of {want}");
    };
    // Adam's first step moves each value with a gradient by the learning rate: a head of 4 weights and a bias by √5 of it.
    let (moved, outcome) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &PLAIN);
    let way = updated(outcome).moved.unwrap();
    let heads: Vec<usize> = ["heads.0", "heads.1", "heads.2"].map(|head| values(&moved, head).len()).to_vec();
    assert_eq!(heads, [5, 10, 5]);
    for (norm, count) in way.heads.iter().zip(heads) {
        near(*norm, 0.01 * (count as f64).sqrt());
    }

    // Plain descent: what was taken away is the gradient by the rate, after clipping; the muted and the frozen stay.
    let wish = Wish { muted: &[true, false, false], frozen: &[Part::Head(1)], clip: Some(0.1), ..PLAIN };
    let start = learner(OptimizerKind::Sgd, &[4]);
    let before = |part| values(&start, part);
    let before = [before("encoder"), before("heads.2")];
    let (after, outcome) = step(start, 1, &batch(), &wish);
    let seen = updated(outcome);
    assert!(seen.clip_scale.unwrap() < 1.0);
    let way = seen.moved.unwrap();
    assert_eq!(way.heads[..2], [None, None]);
    let length = |before: &[f32], after: &[f32]| {
        before.iter().zip(after).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum::<f64>().sqrt()
    };
    near(way.encoder, length(&before[0], &values(&after, "encoder")));
    near(way.heads[2], length(&before[1], &values(&after, "heads.2")));
    let all = way.encoder.unwrap().get().hypot(way.heads[2].unwrap().get());
    assert!((all - 0.01 * 0.1).abs() < 1e-3 * all, "{all}");
}

#[test]
fn a_frozen_head_still_teaches_the_encoder() {
    let run = |frozen: &[Part]| {
        let (learner, outcome) = step(learner(OptimizerKind::Sgd, &[4]), 1, &batch(), &Wish { frozen, ..PLAIN });
        (learner, updated(outcome))
    };
    let ((free, _), (frozen, seen)) = (run(&[]), run(&[Part::Head(1)]));
    let start = learner(OptimizerKind::Sgd, &[4]);
    assert_eq!(values(&start, "heads.1"), values(&frozen, "heads.1"));
    for part in ["encoder", "heads.0", "heads.2"] {
        assert_eq!(values(&free, part), values(&frozen, part), "{part}");
    }
    let moved: f64 = values(&start, "").iter().zip(values(&frozen, "")).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    // Plain descent at 0.01: the norm counts what moved and nothing else.
    assert!((moved.sqrt() / 0.01 - seen.update_norm.unwrap()).abs() < 1e-3 * seen.update_norm.unwrap());
}

#[test]
fn with_all_frozen_that_takes_part_nothing_changes() {
    let (learner, _) = step(learner(OptimizerKind::Adam, &[4]), 1, &batch(), &PLAIN);
    let before = (values(&learner, ""), learner.optimizer.clone());
    let wish = Wish { frozen: &[Part::Encoder, Part::Head(0), Part::Head(2)], muted: &[false, true, false], ..PLAIN };
    let (learner, outcome) = step(learner, 2, &batch(), &wish);
    let Outcome::Idle(seen) = outcome else { panic!("an update was made") };
    assert_eq!((seen.update_norm, seen.clip_scale, seen.moved), (None, None, None));
    assert!(seen.total.is_some() && seen.shared.unwrap().norm[0].is_some());
    assert_eq!(before, (values(&learner, ""), learner.optimizer.clone()));
}

#[test]
fn clipping_bounds_the_global_norm() {
    let (free, outcome) = step(learner(OptimizerKind::Sgd, &[4]), 1, &batch(), &PLAIN);
    let norm = updated(outcome).update_norm.unwrap();
    let wish = Wish { clip: Some(norm / 4.0), ..PLAIN };
    let (clipped, outcome) = step(learner(OptimizerKind::Sgd, &[4]), 1, &batch(), &wish);
    let seen = updated(outcome);
    assert_eq!(seen.update_norm.unwrap(), norm);
    assert!((seen.clip_scale.unwrap() - 0.25).abs() < 1e-4);
    let start = values(&learner(OptimizerKind::Sgd, &[4]), "");
    let length = |end: &[f32]| start.iter().zip(end).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
    let ratio = length(&values(&clipped, "")) / length(&values(&free, ""));
    assert!((ratio - 0.25).abs() < 1e-3, "the step is {ratio} as long");
}

#[test]
fn a_linear_model_shares_nothing_and_still_trains() {
    let fresh = learner(OptimizerKind::Sgd, &[]);
    assert!(!fresh.table.any_shared());
    let (_, outcome) = step(fresh, 1, &batch(), &PLAIN);
    let seen = updated(outcome);
    assert_eq!(seen.shared, None);
    assert_eq!(seen.coefficient, seen.factor);
}

/// An aggregation that asks for the Gram matrix and turns the first task around.
struct Turned;

static TURNED: Method = Method {
    name: "turned",
    aliases: &[],
    what: "turns the first task around",
    year: None,
    paper: "",
    needs: Needs::GRAM,
    state: "",
    preference: "it is the coefficient",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(Turned)),
};

impl Aggregation for Turned {
    fn method(&self) -> &'static Method {
        &TURNED
    }
    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        assert_eq!(seen.gram.size(), seen.factors.len(), "only tasks with a factor reach the aggregation");
        let turned = |(place, factor): (usize, &f64)| if place == 0 { -factor } else { *factor };
        Ok(seen.factors.iter().enumerate().map(turned).collect())
    }
}

#[test]
fn coefficients_act_on_what_is_shared_and_never_on_a_head() {
    let wish = Wish { weights: &[1.0, 0.0, 1.0], ..PLAIN };
    let (plain, _) = step(learner(OptimizerKind::Sgd, &[4]), 1, &batch(), &wish);
    let mut other = learner(OptimizerKind::Sgd, &[4]);
    other.balancer.choose(&Choice::plain(&TURNED), false).unwrap();
    let (turned, outcome) = step(other, 1, &batch(), &wish);
    let seen = updated(outcome);
    assert_eq!(seen.factor, [Some(1.0), Some(0.0), Some(1.0)]);
    assert_eq!(seen.coefficient, [Some(-1.0), Some(0.0), Some(1.0)]);
    assert_eq!(values(&plain, "heads"), values(&turned, "heads"));
    assert_ne!(values(&plain, "encoder"), values(&turned, "encoder"));
}
