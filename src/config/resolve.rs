//! From a checked tree to a configuration: defaults, and the checks that need two values at once.
//!
//! Owns what fits together. It must not open data; whether columns exist is told when the data is read.

use super::places::Places;
use super::reader::Reader;
use super::tree::{Node, near};
use super::types::{
    Activation, BalanceConfig, ClassWeights, Config, DataPath, EncoderConfig, EncoderKind, LossKind, MetricKind,
    OptimizerConfig, OptimizerKind, ScheduleConfig, ScheduleKind, SourceConfig, SourceKind, Split, TaskConfig,
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
    Config {
        name,
        seed,
        init_from: init_from(reader, places, base),
        encoder: encoder(reader),
        train: train(reader, &tasks),
        balance: BalanceConfig {
            weighting: reader.text(&["balance", "weighting"]),
            aggregation: reader.text(&["balance", "aggregation"]),
        },
        sources,
        tasks,
    }
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

fn source(reader: &mut Reader<'_, '_>, name: &str, places: &Places, base: &Path) -> SourceConfig {
    let at = |key: &'static str| ["data", name, key];
    let path = match reader.optional_text(&at("path")) {
        // On the command line a path counts from where the person is.
        Some(text) => places
            .resolve(&text, if reader.is_from_set(&at("path")) { &places.here } else { base })
            .unwrap_or_else(|message| {
                reader.fault(&at("path"), message);
                DataPath::Builtin(String::new())
            }),
        None => DataPath::Builtin(String::new()),
    };
    let source = SourceConfig {
        name: name.to_owned(),
        kind: reader.choice(&at("kind"), SourceKind::parse, SourceKind::Table),
        path,
        split: split(reader, name),
        seed: reader.whole(&at("seed")),
        group: reader.optional_text(&at("group")),
        categorical: reader.texts(&at("categorical")),
        numeric: reader.texts(&at("numeric")),
        ignore: reader.texts(&at("ignore")),
        separator: reader.text(&at("separator")).bytes().next().unwrap_or(b','),
    };
    if let Some(column) = source.numeric.iter().find(|column| source.categorical.contains(*column)) {
        reader.fault(&at("numeric"), format!("column '{column}' is also under categorical"));
    }
    for (key, columns) in [("categorical", &source.categorical), ("numeric", &source.numeric)] {
        if let Some(column) = source.ignore.iter().find(|column| columns.contains(*column)) {
            reader.fault(&at("ignore"), format!("column '{column}' is also under {key}"));
        }
    }
    source
}

fn split(reader: &mut Reader<'_, '_>, name: &str) -> Split {
    let around = ["data", name, "split"];
    if let Some(column) = reader.given(&around).and_then(Node::text).map(str::to_owned) {
        return Split::Column(column);
    }
    let at = |key: &'static str| ["data", name, "split", key];
    if reader.given(&around).is_none() {
        return Split::Fractions { train: 0.7, valid: 0.15, test: 0.15 };
    }
    let has = |reader: &Reader<'_, '_>, keys: &[&'static str]| keys.iter().any(|key| reader.given(&at(key)).is_some());
    match (has(reader, &["train", "valid", "test"]), has(reader, &["fold", "of"])) {
        (_, false) => {
            let train = reader.optional_number(&at("train"));
            if train.is_none_or(|train| train <= 0.0) && !reader.report.is_broken(&at("train")) {
                reader.fault(&around, "expected a share 'train' above 0, as in { train = 0.8, test = 0.2 }");
            }
            let (train, valid, test) = (train.unwrap_or(0.0), reader.number(&at("valid")), reader.number(&at("test")));
            if train + valid + test > 1.0 + 1e-9 {
                reader.fault(&around, format!("the shares add up to {}, more than 1", train + valid + test));
            }
            Split::Fractions { train, valid, test }
        }
        (false, true) => {
            let (fold, of) = (reader.optional_whole(&at("fold")), reader.optional_whole(&at("of")));
            if let (Some(fold), Some(of)) = (fold, of) {
                if fold >= of {
                    reader
                        .fault(&at("fold"), format!("expected less than of = {of} (folds count from 0), found {fold}"));
                }
            } else if !reader.report.is_broken(&at("fold")) && !reader.report.is_broken(&at("of")) {
                reader.fault(&around, "expected both fold and of, as in { fold = 0, of = 5 }");
            }
            let fit = |value: Option<u64>, other| value.and_then(|value| usize::try_from(value).ok()).unwrap_or(other);
            Split::Fold { fold: fit(fold, 0), of: fit(of, 2) }
        }
        (true, true) => {
            reader.fault(&around, "expected either shares (train, valid, test) or a fold (fold, of), found both");
            Split::Fold { fold: 0, of: 2 }
        }
    }
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
    let fitting: Vec<&str> = MetricKind::ALL
        .iter()
        .filter(|metric| metric.is_classification() == loss.is_classification())
        .map(|metric| metric.name())
        .collect();
    for (place, metric) in task.metrics.iter().enumerate() {
        if metric.is_classification() != loss.is_classification() {
            let message = format!("'{metric}' does not fit the loss {loss}; expected of {}", fitting.join(", "));
            reader.fault(&at, message);
        }
        if task.metrics.iter().take(place).any(|earlier| earlier == metric) {
            reader.fault(&at, format!("'{metric}' twice"));
        }
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
            !loss.is_classification() && !loss.is_of_counts(),
            "acts on numbers that are standardised, so it needs mse, l1, huber or gaussian_nll",
        ),
        ("label_smoothing", loss == LossKind::CrossEntropy, "needs cross_entropy"),
        ("class_weights", loss.is_classification(), "weighs classes, so it needs cross_entropy, nll or bce"),
        ("delta", loss == LossKind::Huber, "needs huber"),
    ];
    for (key, fits, why) in rules {
        if !fits && reader.is_set(&at(key)) {
            reader.fault(&at(key), format!("has no meaning with the loss {loss}: it {why}"));
        }
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
    EncoderConfig {
        kind: reader.choice(&["encoder", "kind"], EncoderKind::parse, EncoderKind::Mlp),
        hidden: reader.widths(&["encoder", "hidden"]),
        activation: reader.choice(&["encoder", "activation"], Activation::parse, Activation::Relu),
        dropout: reader.number(&["encoder", "dropout"]),
        layer_norm: reader.flag(&["encoder", "layer_norm"]),
    }
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
        gradient_every: reader.optional_whole(&["train", "gradient_every"]),
        pace: reader.optional_number(&["train", "pace"]),
        device: reader.text(&["train", "device"]),
    }
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
fn without_effect<T: Copy + PartialEq + std::fmt::Display>(
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
