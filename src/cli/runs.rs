//! `trimtab runs` and `trimtab show`.

use super::exit::{Exit, Failure};
use super::{RunsArguments, ShowArguments, log};
use crate::headless::{ResultTable, duration, short};
use crate::protocol::{Real, System};
use crate::run::{Liveness, RunSummary, list_runs, read_events, resolve, summarise};
use crate::text::{pad, pad_left, sanitise};
use anyhow::Context;
use std::fmt::Write;

/// Lists the runs of a folder, the newest first.
pub fn list(arguments: &RunsArguments) -> Result<Exit, Failure> {
    let runs = list_runs(&arguments.directory)?;
    if runs.is_empty() {
        log::message("", &format!("no runs under {}", arguments.directory.display()));
        return Ok(Exit::Done);
    }
    let summaries = runs.iter().map(|run| summarise(&run.directory)).collect::<Result<Vec<_>, _>>()?;
    let names = summaries.iter().map(|run| crate::text::width(&sanitise(&run.name))).max().unwrap_or(0).max(4);
    let mut text = format!(
        "{}  {}  {}  {}  loss\n",
        pad("run", names),
        pad("state", 13),
        pad_left("step", 15),
        pad_left("age", 8)
    );
    for run in &summaries {
        let steps = run.steps.map_or_else(String::new, |steps| format!("/{steps}"));
        let lives = matches!(run.liveness, Liveness::Alive | Liveness::Stale);
        let age = run.age.filter(|_| lives).map_or_else(|| "-".to_owned(), duration);
        let losses = run.tasks.iter().zip(&run.loss).map(|(task, loss)| {
            format!("{} {}", sanitise(task), loss.map_or_else(|| "-".to_owned(), |loss| short(loss.get())))
        });
        let _ = writeln!(
            text,
            "{}  {}  {}  {}  {}",
            pad(&sanitise(&run.name), names),
            pad(run.liveness.word(), 13),
            pad_left(&format!("{}{steps}", run.step), 15),
            pad_left(&age, 8),
            losses.collect::<Vec<_>>().join("  ")
        );
    }
    let _ = log::result(&text);
    Ok(Exit::Done)
}

/// Shows one run.
pub fn show(arguments: &ShowArguments) -> Result<Exit, Failure> {
    let run = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    let summary = summarise(&run)?;
    if arguments.json {
        let text = serde_json::to_string_pretty(&summary).context("cannot write the summary as JSON")?;
        let _ = log::result(&(text + "\n"));
        return Ok(Exit::Done);
    }
    let mut table = ResultTable::new();
    read_events(&run.events(), |event| table.take(&event))?;
    let mut text = head(&summary);
    text.push_str(&table.text());
    let _ = log::result(&text);
    Ok(Exit::Done)
}

fn head(run: &RunSummary) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{}  {}", pad(name, 10), sanitise(&value));
    };
    line("run", run.name.clone());
    line("state", run.liveness.word().to_owned());
    line("started", run.start.clone());
    let steps = run.steps.map_or_else(String::new, |steps| format!(" of {steps}"));
    line("step", format!("{}{steps}", run.step));
    line("seed", run.seed.to_string());
    line("device", run.device.clone());
    let weights = run.tasks.iter().zip(&run.weight).enumerate().map(|(place, (task, weight))| {
        let muted = if run.muted.get(place) == Some(&true) { " (muted)" } else { "" };
        format!("{task} {}{muted}", short(weight.get()))
    });
    line("weights", weights.collect::<Vec<_>>().join("  "));
    if let Some(system) = &run.system {
        if let Some(memory) = system.memory {
            line("memory", format!("{:.1} MiB", memory as f64 / f64::from(1 << 20)));
        }
        if let Some(cores) = system.cpu {
            line("cores", format!("{:.2} in use", cores.get()));
        }
        if let Some(parts) = step_parts(system) {
            line("step takes", parts);
        }
    }
    if run.unreadable > 0 {
        line("unreadable", format!("{} lines of the record", run.unreadable));
    }
    text.push('\n');
    text
}

/// `1.43 ms: forward 0.61  backward 0.56  …`, the longest first, without what is below a hundredth.
fn step_parts(system: &System) -> Option<String> {
    let sum: f64 = system.parts.values().copied().map(Real::get).sum();
    if !(sum.is_finite() && sum > 0.0) {
        return None;
    }
    let mut parts: Vec<(&str, f64)> = system.parts.iter().map(|(name, time)| (name.as_str(), time.get())).collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let milliseconds = |seconds: f64| short(seconds * 1000.0);
    let shown = parts.into_iter().filter(|(_, time)| *time >= 0.01 * sum);
    let shown: Vec<String> = shown.map(|(name, time)| format!("{name} {}", milliseconds(time))).collect();
    Some(format!("{} ms: {}", milliseconds(sum), shown.join("  ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_step_are_told_from_the_longest_to_a_hundredth() {
        let parts = |parts: &[(&str, f64)]| {
            let parts = parts.iter().map(|(name, time)| ((*name).to_owned(), Real(*time))).collect();
            step_parts(&System { parts, ..System::default() })
        };
        let told = parts(&[("data", 0.000_001), ("forward", 0.003), ("optimizer", 0.001_999), ("own word", 0.005)]);
        assert_eq!(told.as_deref(), Some("10.00 ms: own word 5.000  forward 3.000  optimizer 1.999"));
        assert_eq!(parts(&[]), None);
        assert_eq!(parts(&[("data", f64::NAN)]), None);
        assert_eq!(parts(&[("data", 0.0)]), None);
    }
}
