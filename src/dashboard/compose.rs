//! Sentences about what happened, from the contract's values.

use super::format;
use super::model::Task;
use super::words::Words;
use crate::protocol::{Applied, Command, EndReason};
use crate::text::sanitise;
use serde_json::Value;

/// What a request changed: `weight digit 1.00 → 1.10`.
pub fn applied(applied: &Applied, command: Option<&Command>, tasks: &[Task], words: &Words) -> String {
    let change = |show: fn(f64) -> String| {
        let old = applied.old.as_ref().and_then(Value::as_f64).map(show);
        let new = applied.new.as_ref().and_then(Value::as_f64).map(show);
        match (old, new) {
            (Some(old), Some(new)) => Some(format!("{old} → {new}")),
            (None, Some(new)) => Some(format!("→ {new}")),
            _ => None,
        }
    };
    let pace = |value: Option<f64>| value.map_or(words.pace_free.to_owned(), format::speed);
    let text = match command {
        Some(Command::SetWeight { task, value, over_steps }) => {
            let text = change(format::weight).unwrap_or_else(|| format!("→ {}", format::weight(*value)));
            let ramp = over_steps.filter(|steps| *steps > 1).map_or(String::new(), |steps| format!(" / {steps}"));
            format!("{} {} {text}{ramp}", words.weight, sanitise(task))
        }
        Some(Command::SetWeights { .. }) => {
            format!("{} {}", words.weights.to_lowercase(), weights(applied.new.as_ref(), tasks))
        }
        Some(Command::Equalize {}) => format!("equalize: {}", weights(applied.new.as_ref(), tasks)),
        Some(Command::SetMuted { tasks }) if tasks.is_empty() => words.muted_none.to_owned(),
        Some(Command::SetMuted { tasks }) => format!("{}: {}", words.muted, sanitise(&tasks.join(", "))),
        Some(Command::Mute { task } | Command::Unmute { task }) => {
            format!("{} {}", command.map_or("", Command::name), sanitise(task))
        }
        Some(command @ (Command::Freeze { .. } | Command::Unfreeze { .. } | Command::Set { .. })) => {
            sanitise(&command.to_string())
        }
        Some(Command::SetWeighting { name, .. } | Command::SetAggregation { name, .. }) => {
            let kind = command.map_or(String::new(), |command| command.name().replacen("set_", "", 1));
            let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(sanitise);
            match (text(&applied.old), text(&applied.new)) {
                (Some(old), Some(new)) => format!("{kind} {old} → {new}"),
                (_, new) => format!("{kind} → {}", new.unwrap_or_else(|| sanitise(name))),
            }
        }
        Some(Command::SetLr { value }) => {
            let text = change(format::rate).unwrap_or_else(|| format!("→ {}", format::rate(*value)));
            format!("{} {text}", words.lr)
        }
        Some(Command::SetPace { steps_per_second }) => format!("{} {}", words.pace, pace(*steps_per_second)),
        Some(Command::Note { text }) => format!("{}: {}", words.note, sanitise(text)),
        Some(other) => {
            let text = change(format::number).map_or(String::new(), |change| format!(" {change}"));
            format!("{}{text}", other.name().replace('_', " "))
        }
        None => sanitise(&applied.command.to_string()),
    };
    match applied.from.as_str() {
        "" | "dashboard" => text,
        from => format!("{text} ({})", sanitise(from)),
    }
}

/// The mark that a command leaves on the curves; `None` where it does not act on training.
pub fn mark(command: &Command, tasks: &[Task]) -> Option<(String, Option<usize>)> {
    let numbered = |letter: char, name: &str| {
        let place = tasks.iter().position(|task| task.name == name);
        (place.map_or(letter.to_string(), |place| format!("{letter}{}", place + 1)), place)
    };
    let plain = |label: &str| Some((label.to_owned(), None));
    match command {
        Command::SetWeight { task, .. } => Some(numbered('w', task)),
        Command::Mute { task } => Some(numbered('m', task)),
        Command::Unmute { task } => Some(numbered('u', task)),
        Command::SetWeights { .. } => plain("w"),
        Command::SetMuted { .. } => plain("m"),
        Command::Equalize {} => plain("eq"),
        Command::SetWeighting { .. } | Command::SetAggregation { .. } => plain("b"),
        Command::SetLr { .. } => plain("lr"),
        Command::SetClip { .. } => plain("clip"),
        Command::Freeze { .. } | Command::Unfreeze { .. } => plain("fz"),
        Command::Set { .. } => plain("set"),
        Command::Restore { .. } => plain("back"),
        Command::Note { .. } => plain("n"),
        Command::SetGradientEvery { .. }
        | Command::Pause {}
        | Command::Resume {}
        | Command::Advance { .. }
        | Command::SetPace { .. }
        | Command::Evaluate {}
        | Command::Checkpoint {}
        | Command::Stop {} => None,
    }
}

/// The end, as the status line says it.
pub fn end_reason(reason: EndReason, words: &Words) -> &'static str {
    match reason {
        EndReason::Finished => words.finished,
        EndReason::EarlyStopped => words.early_stopped,
        EndReason::Stopped => words.stopped,
        EndReason::Interrupted => words.interrupted,
        EndReason::Diverged => words.diverged,
        EndReason::Failed => words.failed,
    }
}

fn weights(new: Option<&Value>, tasks: &[Task]) -> String {
    match new {
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_f64().map_or("-".to_owned(), format::weight))
            .collect::<Vec<_>>()
            .join(" "),
        _ => tasks.iter().map(|task| format::weight(task.weight)).collect::<Vec<_>>().join(" "),
    }
}
