//! Measurements as events.

use super::evaluate::Evaluation;
use super::measure::Measurements;
use super::process;
use crate::config::{Config, TaskConfig};
use crate::data::{Source, fingerprint, hexadecimal};
use crate::model::ParameterTable;
use crate::protocol::{Eval, Gradient, MetricInfo, Real, RunStarted, SourceInfo, Step, TaskInfo};
use crate::run::{RunDirectory, RunJson};
use sha2::{Digest, Sha256};

/// Names of the commands that this trainer takes.
pub const ACCEPTS: [&str; 23] = [
    "set_weight",
    "set_weights",
    "mute",
    "unmute",
    "set_muted",
    "equalize",
    "set_weighting",
    "set_aggregation",
    "set",
    "set_lr",
    "set_clip",
    "set_gradient_every",
    "freeze",
    "unfreeze",
    "pause",
    "resume",
    "advance",
    "set_pace",
    "evaluate",
    "checkpoint",
    "restore",
    "stop",
    "note",
];

/// The run's first event; `parent` is the run whose values it began with, `directory` where it is kept.
pub fn run_started(
    run: &str,
    parent: Option<&str>,
    config: &Config,
    sources: &[Source],
    table: &ParameterTable,
    directory: Option<&RunDirectory>,
) -> RunStarted {
    let data = fingerprint(sources);
    // The same time as in `run.json`, where there is one.
    let here = directory.and_then(|directory| directory.read_json().ok());
    let here = here.unwrap_or_else(|| RunJson::starting(run, Vec::new(), config.seed, &config.train.device, &data));
    let tasks = config.tasks.iter().map(|task| TaskInfo {
        name: task.name.clone(),
        source: task.source.clone(),
        loss: task.loss.name().to_owned(),
        weight: Real(task.weight),
        baseline: std::collections::BTreeMap::new(),
        metrics: metric_infos(task),
    });
    let infos = sources.iter().zip(&config.sources).map(|(source, config)| SourceInfo {
        name: source.name().to_owned(),
        kind: config.kind.name().to_owned(),
        rows: source.rows(),
    });
    RunStarted {
        schema: 1,
        run: run.to_owned(),
        program: format!("trimtab {}", env!("CARGO_PKG_VERSION")),
        host: here.host,
        pid: Some(std::process::id()),
        threads: process::threads(),
        started: here.start,
        config: hexadecimal(&Sha256::digest(config.to_toml())),
        data,
        seed: config.seed,
        device: config.train.device.clone(),
        steps: Some(config.train.steps),
        forked_at: None,
        parent: parent.map(str::to_owned),
        tasks: tasks.collect(),
        sources: infos.collect(),
        parameters: table.counts(config.tasks.len()),
        weighting: config.balance.weighting.to_string(),
        aggregation: config.balance.aggregation.to_string(),
        frozen: config.train.freeze.clone(),
        knobs: config.balance.settings.all().map(|(name, value)| (name.to_owned(), value)).into(),
        accepts: ACCEPTS.map(str::to_owned).to_vec(),
    }
}

/// What evaluation reports of a task.
pub fn metric_infos(task: &TaskConfig) -> Vec<MetricInfo> {
    task.metrics.iter().map(|metric| MetricInfo { name: metric.name().to_owned(), better: metric.better() }).collect()
}

/// What a step knows besides its measurements.
#[derive(Clone, Debug, PartialEq)]
pub struct StepFacts<'a> {
    /// The update.
    pub step: u64,
    /// Passes over each source.
    pub epoch: Vec<f64>,
    /// Seconds trained.
    pub time: f64,
    /// λ.
    pub weights: &'a [f64],
    /// The learning rate.
    pub lr: f64,
    /// The bound of clipping.
    pub clip: Option<f64>,
}

/// A step's event.
pub fn step_event(facts: &StepFacts<'_>, seen: Measurements) -> Step {
    let short = |value: f64| Real::shortest(value as f32);
    let exact = |values: &[Option<f64>]| values.iter().map(|value| value.map(Real)).collect();
    let has_gradient = seen.representation.norm.iter().any(Option::is_some);
    Step {
        step: facts.step,
        epoch: facts.epoch.iter().map(|epoch| Real((epoch * 1e4).round() / 1e4)).collect(),
        time: Real((facts.time * 1e6).round() / 1e6),
        loss: seen.loss.iter().map(|loss| loss.map(Real::shortest)).collect(),
        weight: facts.weights.iter().copied().map(Real).collect(),
        factor: exact(&seen.factor),
        coefficient: exact(&seen.coefficient),
        labelled: seen.labelled,
        total: seen.total.map(short),
        surrogate: seen.surrogate.map(short),
        lr: Some(Real(facts.lr)),
        update_norm: seen.update_norm.map(short),
        part_norm: seen.moved,
        clip: facts.clip.map(Real),
        clip_scale: seen.clip_scale.map(short),
        gradient: Gradient { representation: has_gradient.then_some(seen.representation), shared: seen.shared },
    }
}

/// An evaluation's event.
pub fn eval_event(step: u64, split: &str, found: &Evaluation, score: Option<f64>, best: bool) -> Eval {
    let short = |value: f64| Real::shortest(value as f32);
    Eval {
        step,
        split: split.to_owned(),
        loss: found.loss.iter().map(|loss| loss.map(short)).collect(),
        metric: found
            .metric
            .iter()
            .map(|metrics| metrics.iter().map(|(name, value)| (name.clone(), short(value.get()))).collect())
            .collect(),
        score: score.map(short),
        best,
    }
}
