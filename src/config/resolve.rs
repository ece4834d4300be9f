//! From a checked tree to a configuration: defaults, and the checks that need two values at once.
//!
//! Owns what fits together. It must not open data; whether columns exist is told when the data is read.

use super::balance;
use super::places::Places;
use super::reader::Reader;
use super::source::source;
use super::tree::near;
use super::types::{
    Activation, BestBy, ClassWeights, Config, EncoderConfig, EncoderKind, LossKind, MetricKind, OptimizerConfig,
    OptimizerKind, Sampling, ScheduleConfig, ScheduleKind, SourceConfig, SourceKind, Split, TaskConfig, TasksPerStep,
    TrainConfig, Transform,
};
use crate::protocol::Part;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Builds the configuration; faults go into the reader's report.
pub(super) fn resolve(reader: &mut Reader<'_, '_>, places: &Places, base: &Path, default_name: &str) -> Config {
    let name = reader.optional_text(&["name"]).unwrap_or_else(|| default_name.to_owned());
    let seed = reader.whole(&["seed"]);
    let sources: Vec<SourceConfig> =
        names(reader, "data").iter().map(|name| source(reader, name, places, base)).collect();
    let tasks: Vec<TaskConfig> = names(reader, "task").iter().map(|name| task(reader, name, &sources)).collect();
    let encoder = encoder(reader);
    for task in &tasks {
        check_positions(reader, task, &sources, &encoder);
    }
    let train = train(reader, &tasks);
    let balance = balance::read(reader, &tasks, &train);
    Config { name, seed, init_from: init_from(reader, places, base), encoder, train, balance, sources, tasks }
}

/// The absolute path of the run to begin from; on the command line it counts from where the person is.
fn init_from(reader: &mut Reader<'_, '_>, places: &Places, base: &Path) -> Option<PathBuf> {
    let at = ["init_from"];
    let path = reader.optional_text(&at)?;
    let found = places.directory(&path, if reader.is_from_set(&at) { &places.here } else { base });
    found.map_err(|message| reader.fault(&at, message)).ok()
}

/// The names a user chose below `data` or `task`; reports where there are none.
fn names(reader: &mut Reader<'_, '_>, table: &'static str) -> Vec<String> {
    let names: Vec<String> = reader
        .given(&[table])
        .and_then(|node| node.table())
        .map(|table| table.entries.iter().map(|entry| entry.key.clone()).collect())
        .unwrap_or_default();
    if names.is_empty() && !reader.report.is_broken(&[table]) {
        let what = if table == "task" {
            "no tasks: expected [task.NAME] with at least target and loss"
        } else {
            "no data: expected [data] with at least a path"
        };
        reader.report.fault(reader.origin(&[table]), what);
    }
    names
}

fn task(reader: &mut Reader<'_, '_>, name: &str, sources: &[SourceConfig]) -> TaskConfig {
    let at = |key: &'static str| ["task", name, key];
    let has_loss = reader.given(&at("loss")).is_some();
    let loss = reader.choice(&at("loss"), LossKind::parse, LossKind::Mse);
    let metrics = if reader.given(&at("metrics")).is_some() {
        reader.texts(&at("metrics")).iter().filter_map(|name| MetricKind::parse(name)).collect()
    } else {
        MetricKind::defaults(loss)
    };
    let class_weights = match reader.optional_text(&at("class_weights")).as_deref() {
        Some("balanced") => ClassWeights::Balanced,
        Some(_) => ClassWeights::None,
        None => ClassWeights::Given(reader.numbers(&at("class_weights"))),
    };
    let task = TaskConfig {
        name: name.to_owned(),
        source: task_source(reader, name, sources),
        target: reader.text(&at("target")),
        loss,
        metrics,
        weight: reader.number(&at("weight")),
        transform: reader.choice(&at("transform"), Transform::parse, Transform::None),
        bins: reader.numbers(&at("bins")),
        label_smoothing: reader.number(&at("label_smoothing")),
        class_weights,
        delta: reader.number(&at("delta")),
        hidden: reader.widths(&at("hidden")),
        longest: size(reader.whole(&at("longest"))),
        min_count: size(reader.whole(&at("min_count"))),
    };
    check_target(reader, &task, sources);
    if has_loss {
        check_metrics(reader, &task);
        check_options(reader, &task);
    }
    task
}

fn task_source(reader: &mut Reader<'_, '_>, name: &str, sources: &[SourceConfig]) -> String {
    let at = ["task", name, "source"];
    let known = || sources.iter().map(|source| source.name.as_str());
    match (reader.optional_text(&at), sources) {
        (Some(source), _) => {
            if !sources.is_empty() && !known().any(|name| name == source) {
                reader.fault(&at, format!("no source named '{source}'{}", near(&source, known())));
            }
            source
        }
        (None, [] | [_]) => sources.first().map(|source| source.name.clone()).unwrap_or_default(),
        (None, _) => {
            if !reader.report.is_broken(&at) {
                let message = format!("missing 'source': one of {}", known().collect::<Vec<_>>().join(", "));
                reader.fault(&["task", name], message);
            }
            String::new()
        }
    }
}

fn check_target(reader: &mut Reader<'_, '_>, task: &TaskConfig, sources: &[SourceConfig]) {
    let Some(source) = sources.iter().find(|source| source.name == task.source) else { return };
    let target = task.target.as_str();
    let at = ["task", task.name.as_str(), "target"];
    if source.ignore.iter().any(|column| column == target) {
        let list = reader.report.shown(&["data", &source.name, "ignore"]);
        reader.fault(&at, format!("column '{target}' is also under {list}"));
    }
    if matches!(&source.split, Split::Column(column) if column == target) {
        reader.fault(&at, format!("column '{target}' tells the parts (split) and cannot be a target"));
    }
}

fn check_metrics(reader: &mut Reader<'_, '_>, task: &TaskConfig) {
    let at = ["task", task.name.as_str(), "metrics"];
    let loss = task.loss;
    let fitting: Vec<&str> =
        MetricKind::ALL.iter().filter(|metric| metric.fits(loss)).map(|metric| metric.name()).collect();
    for (place, metric) in task.metrics.iter().enumerate() {
        if !metric.fits(loss) {
            let message = format!("'{metric}' does not fit the loss {loss}; expected of {}", fitting.join(", "));
            reader.fault(&at, message);
        }
        if task.metrics.iter().take(place).any(|earlier| earlier == metric) {
            reader.fault(&at, format!("'{metric}' twice"));
        }
    }
}

/// What needs positions must have an encoder and a source that give them.
fn check_positions(reader: &mut Reader<'_, '_>, task: &TaskConfig, sources: &[SourceConfig], encoder: &EncoderConfig) {
    if task.loss != LossKind::Ctc {
        return;
    }
    let at = ["task", task.name.as_str(), "loss"];
    if !encoder.kind.is_of_sequences() && !reader.report.is_broken(&["encoder", "kind"]) {
        let message = "ctc reads letters off a sequence: encoder.kind must be conv, recurrent or attention, not mlp";
        reader.fault(&at, message);
    }
    if let Some(source) = sources.iter().find(|source| source.name == task.source && source.kind != SourceKind::Speech)
    {
        reader.fault(&at, format!("ctc needs a source of kind speech, '{}' is of kind {}", source.name, source.kind));
    }
}

/// An option without effect is an error where it differs from its default: it was meant to do something.
fn check_options(reader: &mut Reader<'_, '_>, task: &TaskConfig) {
    let loss = task.loss;
    let at = |key: &'static str| ["task", task.name.as_str(), key];
    let rules = [
        ("bins", loss.is_classification(), "makes classes, so it needs cross_entropy, nll or bce"),
        (
            "transform",
            loss.is_of_numbers() && !loss.is_of_counts(),
            "acts on numbers that are standardised, so it needs mse, l1, huber or gaussian_nll",
        ),
        ("label_smoothing", loss == LossKind::CrossEntropy, "needs cross_entropy"),
        ("class_weights", loss.is_classification(), "weighs classes, so it needs cross_entropy, nll or bce"),
        ("delta", loss == LossKind::Huber, "needs huber"),
        ("longest", loss == LossKind::NextToken, "needs next_token"),
        ("min_count", loss == LossKind::NextToken, "needs next_token"),
    ];
    for (key, fits, why) in rules {
        if !fits && reader.is_set(&at(key)) {
            reader.fault(&at(key), format!("has no meaning with the loss {loss}: it {why}"));
        }
    }
    if loss == LossKind::NextToken && task.hidden.len() > 1 {
        reader.fault(&at("hidden"), "the decoder of next_token is one layer: expected its units, as in [64]");
    }
    let ascending = task.bins.iter().zip(task.bins.iter().skip(1)).all(|(low, high)| low < high);
    if !ascending {
        reader.fault(&at("bins"), "expected ascending numbers");
    }
    let classes = if loss == LossKind::Bce {
        Some(2)
    } else if task.bins.is_empty() {
        None
    } else {
        Some(task.bins.len() + 1)
    };
    if loss == LossKind::Bce && task.bins.len() > 1 {
        reader.fault(&at("bins"), "bce has two classes: expected one bound");
    }
    if let ClassWeights::Given(weights) = &task.class_weights {
        if loss.is_classification() && classes.is_some_and(|classes| weights.len() != classes) {
            let message = format!("expected {} weights, one a class, found {}", classes.unwrap_or(0), weights.len());
            reader.fault(&at("class_weights"), message);
        } else if !weights.iter().any(|weight| *weight > 0.0) && !reader.report.is_broken(&at("class_weights")) {
            reader.fault(&at("class_weights"), "expected at least one weight above 0");
        } else if loss == LossKind::Bce && weights.first() == Some(&0.0) {
            reader
                .fault(&at("class_weights"), "bce takes second / first as positive weight: the first must be above 0");
        }
    }
}

fn encoder(reader: &mut Reader<'_, '_>) -> EncoderConfig {
    use EncoderKind::{Attention, Conv, Mlp, Recurrent};
    let at = |key: &'static str| ["encoder", key];
    let kind = reader.choice(&at("kind"), EncoderKind::parse, EncoderKind::Mlp);
    let rules: [(&'static str, &[EncoderKind]); 5] = [
        ("hidden", &[Mlp]),
        ("layer_norm", &[Mlp]),
        ("layers", &[Conv, Recurrent, Attention]),
        ("heads", &[Attention]),
        ("activation", &[Mlp, Conv, Attention]),
    ];
    without_effect(reader, &["encoder"], &rules, kind);
    let encoder = EncoderConfig {
        kind,
        hidden: reader.widths(&at("hidden")),
        width: size(reader.whole(&at("width"))),
        layers: size(reader.whole(&at("layers"))),
        heads: size(reader.whole(&at("heads"))),
        activation: reader.choice(&at("activation"), Activation::parse, Activation::Relu),
        dropout: reader.number(&at("dropout")),
        layer_norm: reader.flag(&at("layer_norm")),
    };
    if kind == Recurrent && !encoder.width.is_multiple_of(2) {
        reader
            .fault(&at("width"), format!("expected an even number, half for each direction, found {}", encoder.width));
    }
    if kind == Attention && encoder.heads > 0 && !encoder.width.is_multiple_of(encoder.heads) {
        let message = format!("expected a multiple of encoder.heads = {}, found {}", encoder.heads, encoder.width);
        reader.fault(&at("width"), message);
    }
    encoder
}

/// A whole number as a size; the schema bounds it.
pub(super) fn size(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn train(reader: &mut Reader<'_, '_>, tasks: &[TaskConfig]) -> TrainConfig {
    TrainConfig {
        steps: reader.whole(&["train", "steps"]),
        batch: usize::try_from(reader.whole(&["train", "batch"])).unwrap_or(1),
        optimizer: optimizer(reader),
        schedule: schedule(reader),
        clip: reader.optional_number(&["train", "clip"]),
        freeze: freeze(reader, tasks),
        evaluate_every: reader.whole(&["train", "evaluate_every"]),
        checkpoint_every: reader.whole(&["train", "checkpoint_every"]),
        keep_checkpoints: usize::try_from(reader.whole(&["train", "keep_checkpoints"])).unwrap_or(1),
        patience: reader.optional_whole(&["train", "patience"]),
        best: best(reader, tasks),
        gradient_every: reader.optional_whole(&["train", "gradient_every"]),
        pace: reader.optional_number(&["train", "pace"]),
        device: reader.text(&["train", "device"]),
        tasks_per_step: tasks_per_step(reader),
    }
}

fn best(reader: &mut Reader<'_, '_>, tasks: &[TaskConfig]) -> BestBy {
    let at = ["train", "best"];
    let Some(text) = reader.optional_text(&at) else { return BestBy::Score };
    let best = BestBy::parse(&text, tasks).unwrap_or_else(|fault| {
        // A task whose metrics are wrong has been told of already.
        let told = fault.task.is_some_and(|task| reader.report.is_broken(&["task", task, "metrics"]));
        if !told && !tasks.is_empty() {
            reader.fault(&at, fault.message);
        }
        BestBy::Score
    });
    if best == BestBy::Last && reader.optional_whole(&["train", "patience"]).is_some() {
        reader.fault(&at, "patience waits for a better state, so it needs \"score\" or \"TASK.METRIC\"");
    }
    best
}

fn tasks_per_step(reader: &mut Reader<'_, '_>) -> TasksPerStep {
    let one = reader.text(&["train", "tasks_per_step"]) == "one";
    let temperature = reader.number(&["sampling", "temperature"]);
    let sampling = match reader.text(&["sampling", "kind"]).as_str() {
        "uniform" => Sampling::Uniform,
        "temperature" => Sampling::Temperature(temperature),
        _ => Sampling::Proportional,
    };
    if one {
        if !matches!(sampling, Sampling::Temperature(_)) && reader.is_set(&["sampling", "temperature"]) {
            let message = format!("has no meaning with {}: it belongs to temperature", sampling.name());
            reader.fault(&["sampling", "temperature"], message);
        }
        return TasksPerStep::One(sampling);
    }
    let given =
        reader.given(&["sampling"]).and_then(|node| node.table()).is_some_and(|table| !table.entries.is_empty());
    if given && !reader.report.is_broken(&["train", "tasks_per_step"]) {
        reader.fault(&["sampling"], "has a meaning only with train.tasks_per_step = \"one\"");
    }
    TasksPerStep::All
}

fn freeze(reader: &mut Reader<'_, '_>, tasks: &[TaskConfig]) -> Vec<String> {
    let at = ["train", "freeze"];
    let tasks: Vec<String> = tasks.iter().map(|task| task.name.clone()).collect();
    let mut parts = BTreeSet::new();
    for word in reader.texts(&at) {
        match Part::parse(&word, &tasks) {
            Ok(part) => drop(parts.insert(part)),
            Err(message) => reader.fault(&at, message),
        }
    }
    parts.into_iter().map(|part| part.name(&tasks)).collect()
}

fn optimizer(reader: &mut Reader<'_, '_>) -> OptimizerConfig {
    use OptimizerKind::{Adam, Adamw, Momentum, Rmsprop};
    let at = |key: &'static str| ["train", "optimizer", key];
    let kind = reader.choice(&at("kind"), OptimizerKind::parse, OptimizerKind::Adam);
    let betas = if let [first, second] = reader.numbers(&at("betas")).as_slice() {
        [*first, *second]
    } else {
        if !reader.report.is_broken(&at("betas")) {
            reader.fault(&at("betas"), "expected two numbers");
        }
        [0.9, 0.999]
    };
    let rules: [(&'static str, &[OptimizerKind]); 4] = [
        ("momentum", &[Momentum]),
        ("betas", &[Adam, Adamw]),
        ("alpha", &[Rmsprop]),
        ("epsilon", &[Adam, Adamw, Rmsprop]),
    ];
    without_effect(reader, &["train", "optimizer"], &rules, kind);
    OptimizerConfig {
        kind,
        lr: reader.number(&at("lr")),
        momentum: reader.number(&at("momentum")),
        betas,
        alpha: reader.number(&at("alpha")),
        epsilon: reader.number(&at("epsilon")),
        weight_decay: reader.number(&at("weight_decay")),
    }
}

fn schedule(reader: &mut Reader<'_, '_>) -> ScheduleConfig {
    use ScheduleKind::{Cosine, Linear, Step};
    let at = |key: &'static str| ["train", "schedule", key];
    let kind = reader.choice(&at("kind"), ScheduleKind::parse, ScheduleKind::Constant);
    let rules: [(&'static str, &[ScheduleKind]); 3] =
        [("last", &[Linear, Cosine]), ("every", &[Step]), ("factor", &[Step])];
    without_effect(reader, &["train", "schedule"], &rules, kind);
    ScheduleConfig {
        kind,
        warmup: reader.whole(&at("warmup")),
        last: reader.number(&at("last")),
        every: reader.whole(&at("every")),
        factor: reader.number(&at("factor")),
    }
}

/// Reports constants that the chosen kind does not use.
pub(super) fn without_effect<T: Copy + PartialEq + std::fmt::Display>(
    reader: &mut Reader<'_, '_>,
    table: &[&str],
    rules: &[(&'static str, &[T])],
    kind: T,
) {
    let mut around = table.to_vec();
    around.push("kind");
    if reader.report.is_broken(&around) {
        return;
    }
    for (key, kinds) in rules {
        let mut path = table.to_vec();
        path.push(key);
        if !kinds.contains(&kind) && reader.is_set(&path) {
            let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
            reader.fault(&path, format!("has no meaning with {kind}: it belongs to {}", kinds.join(", ")));
        }
    }
}
