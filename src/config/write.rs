//! A configuration as TOML: complete, and read back as an equal one.
//!
//! Owns the writing. It leaves out only what has no TOML form: an absent group, an absent run to begin from.

use super::types::{
    BalanceConfig, ClassWeights, Config, EncoderConfig, EncoderKind, LossKind, Sampling, SourceConfig, SourceKind,
    Split, TaskConfig, TasksPerStep, TrainConfig,
};
use crate::balance::Settings;
use std::fmt::{Display, Write};

impl Config {
    /// The whole configuration as TOML, defaults included; loading it gives an equal one from any folder.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        line(&mut out, "name", quoted(&self.name));
        line(&mut out, "seed", self.seed);
        if let Some(run) = &self.init_from {
            line(&mut out, "init_from", quoted(&run.to_string_lossy()));
        }
        for source in &self.sources {
            write_source(&mut out, source, self.sources.len() == 1);
        }
        header(&mut out, &["encoder"]);
        write_encoder(&mut out, &self.encoder);
        for task in &self.tasks {
            write_task(&mut out, task);
        }
        write_train(&mut out, &self.train, &self.tasks);
        header(&mut out, &["balance"]);
        write_balance(&mut out, &self.balance);
        if let TasksPerStep::One(sampling) = self.train.tasks_per_step {
            header(&mut out, &["sampling"]);
            line(&mut out, "kind", quoted(sampling.name()));
            if let Sampling::Temperature(temperature) = sampling {
                line(&mut out, "temperature", number(temperature));
            }
        }
        out
    }
}

/// Only what its kind uses: the rest is as it is by default.
fn write_encoder(out: &mut String, encoder: &EncoderConfig) {
    line(out, "kind", quoted(encoder.kind.name()));
    line(out, "width", encoder.width);
    if encoder.kind == EncoderKind::Mlp {
        line(out, "hidden", list(&encoder.hidden, ToString::to_string));
        line(out, "layer_norm", encoder.layer_norm);
    } else {
        line(out, "layers", encoder.layers);
    }
    if encoder.kind == EncoderKind::Attention {
        line(out, "heads", encoder.heads);
    }
    if encoder.kind != EncoderKind::Recurrent {
        line(out, "activation", quoted(encoder.activation.name()));
    }
    line(out, "dropout", number(encoder.dropout));
}

fn write_source(out: &mut String, source: &SourceConfig, only: bool) {
    if only && source.name == "data" {
        header(out, &["data"]);
    } else {
        header(out, &["data", &source.name]);
    }
    line(out, "kind", quoted(source.kind.name()));
    line(out, "path", quoted(&source.path.to_string()));
    let split = match &source.split {
        Split::Column(column) => quoted(column),
        Split::Fractions { train, valid, test } => {
            format!("{{ train = {}, valid = {}, test = {} }}", number(*train), number(*valid), number(*test))
        }
        Split::Fold { fold, of } => format!("{{ fold = {fold}, of = {of} }}"),
    };
    line(out, "split", split);
    line(out, "seed", source.seed);
    if let Some(group) = &source.group {
        line(out, "group", quoted(group));
    }
    line(out, "separator", quoted(&char::from(source.separator).to_string()));
    if let Some(batch) = source.batch {
        line(out, "batch", batch);
    }
    if source.kind == SourceKind::Table {
        line(out, "categorical", list(&source.categorical, |name| quoted(name)));
        line(out, "numeric", list(&source.numeric, |name| quoted(name)));
        line(out, "ignore", list(&source.ignore, |name| quoted(name)));
        return;
    }
    line(out, "input", quoted(&source.input));
    line(out, "input_dropout", number(source.input_dropout));
    match source.kind {
        SourceKind::Table => {}
        SourceKind::Text | SourceKind::Dialogue => {
            line(out, "unit", quoted(source.text.unit.name()));
            line(out, "min_count", source.text.min_count);
            line(out, "vocabulary", source.text.vocabulary);
            line(out, "longest", source.text.longest);
        }
        SourceKind::Image => line(out, "channels", list(&source.channels, ToString::to_string)),
        SourceKind::Speech => {
            line(out, "rate", source.speech.rate);
            line(out, "window", source.speech.window);
            line(out, "hop", source.speech.hop);
            line(out, "bands", source.speech.bands);
        }
    }
}

fn write_task(out: &mut String, task: &TaskConfig) {
    header(out, &["task", &task.name]);
    line(out, "source", quoted(&task.source));
    line(out, "target", quoted(&task.target));
    line(out, "loss", quoted(task.loss.name()));
    line(out, "metrics", list(&task.metrics, |metric| quoted(metric.name())));
    line(out, "weight", number(task.weight));
    line(out, "transform", quoted(task.transform.name()));
    line(out, "bins", list(&task.bins, |bound| number(*bound)));
    line(out, "label_smoothing", number(task.label_smoothing));
    let class_weights = match &task.class_weights {
        ClassWeights::None => quoted("none"),
        ClassWeights::Balanced => quoted("balanced"),
        ClassWeights::Given(weights) => list(weights, |weight| number(*weight)),
    };
    line(out, "class_weights", class_weights);
    line(out, "delta", number(task.delta));
    line(out, "hidden", list(&task.hidden, ToString::to_string));
    if task.loss == LossKind::NextToken {
        line(out, "longest", task.longest);
        line(out, "min_count", task.min_count);
    }
}

fn write_balance(out: &mut String, balance: &BalanceConfig) {
    let Settings { normalise, at, every, match_norm, reset_moments } = balance.settings;
    line(out, "weighting", quoted(&balance.weighting.to_string()));
    line(out, "aggregation", quoted(&balance.aggregation.to_string()));
    line(out, "normalise", quoted(normalise.name()));
    line(out, "at", quoted(at.name()));
    line(out, "every", every);
    line(out, "match_norm", match_norm);
    line(out, "reset_moments", reset_moments);
}

fn write_train(out: &mut String, train: &TrainConfig, tasks: &[TaskConfig]) {
    let optional = |value: Option<f64>| value.map_or(quoted("off"), number);
    header(out, &["train"]);
    line(out, "steps", train.steps);
    line(out, "batch", train.batch);
    line(out, "clip", optional(train.clip));
    line(out, "freeze", list(&train.freeze, |part| quoted(part)));
    line(out, "evaluate_every", train.evaluate_every);
    line(out, "checkpoint_every", train.checkpoint_every);
    line(out, "keep_checkpoints", train.keep_checkpoints);
    line(out, "patience", train.patience.map_or(quoted("off"), |patience| patience.to_string()));
    line(out, "best", quoted(&train.best.words(tasks)));
    line(out, "gradient_every", train.gradient_every.map_or(quoted("auto"), |every| every.to_string()));
    line(out, "pace", optional(train.pace));
    line(out, "device", quoted(&train.device));
    let one = matches!(train.tasks_per_step, TasksPerStep::One(_));
    line(out, "tasks_per_step", quoted(if one { "one" } else { "all" }));
    header(out, &["train", "optimizer"]);
    let optimizer = &train.optimizer;
    line(out, "kind", quoted(optimizer.kind.name()));
    line(out, "lr", number(optimizer.lr));
    line(out, "momentum", number(optimizer.momentum));
    line(out, "betas", list(&optimizer.betas, |beta| number(*beta)));
    line(out, "alpha", number(optimizer.alpha));
    line(out, "epsilon", number(optimizer.epsilon));
    line(out, "weight_decay", number(optimizer.weight_decay));
    header(out, &["train", "schedule"]);
    let schedule = &train.schedule;
    line(out, "kind", quoted(schedule.kind.name()));
    line(out, "warmup", schedule.warmup);
    line(out, "last", number(schedule.last));
    line(out, "every", schedule.every);
    line(out, "factor", number(schedule.factor));
}

fn header(out: &mut String, path: &[&str]) {
    let path: Vec<String> = path.iter().map(|part| key(part)).collect();
    let _ = writeln!(out, "\n[{}]", path.join("."));
}

fn line(out: &mut String, name: &str, value: impl Display) {
    let _ = writeln!(out, "{name} = {value}");
}

/// A key, quoted where it must be.
fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { text.to_owned() } else { quoted(text) }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The shortest form that is read back to the bit, with a point or an exponent.
fn number(value: f64) -> String {
    format!("{value:?}")
}

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
}
