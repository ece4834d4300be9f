//! What a run is made of, as its first event tells, and what its machine does, as `system` events tell.

use crate::protocol::{Real, RunStarted, System};
use crate::text::sanitise;
use serde_json::Value;

/// Values of memory that are remembered for the trend, at least.
const TREND: usize = 256;
/// Parts of a step that are kept.
const PARTS: usize = 64;

/// The run's facts and the last state of its machine. Texts are fit for a terminal.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The first event; `None` before it came.
    pub run: Option<Box<RunStarted>>,
    /// Resident bytes now.
    pub memory: Option<u64>,
    /// The most so far.
    pub peak: Option<u64>,
    /// Resident bytes over the last events.
    pub trend: Vec<f64>,
    /// Cores in use now.
    pub cores: Option<f64>,
    /// Seconds that each part of a step takes, the longest first.
    pub parts: Vec<(String, f64)>,
    /// Where the record lies.
    pub record: Option<String>,
}

impl Machine {
    /// Takes in the first event.
    pub fn started(&mut self, run: &RunStarted) {
        self.run = Some(Box::new(clean(run)));
    }

    /// Notes where the record lies.
    pub fn recorded_at(&mut self, path: &str) {
        self.record = Some(sanitise(path));
    }

    /// Takes in a `system` event.
    pub fn heard(&mut self, system: &System) {
        self.memory = system.memory.or(self.memory);
        self.peak = self.peak.max(system.memory);
        if let Some(memory) = system.memory {
            if self.trend.len() >= 2 * TREND {
                self.trend.drain(..TREND);
            }
            self.trend.push(memory as f64);
        }
        self.cores = system.cpu.map(Real::get).filter(|cores| cores.is_finite()).or(self.cores);
        let taken = |time: f64| time.is_finite() && time >= 0.0;
        let mut parts: Vec<(String, f64)> = system
            .parts
            .iter()
            .map(|(name, time)| (sanitise(name), time.get()))
            .filter(|(_, time)| taken(*time))
            .collect();
        if !parts.is_empty() {
            parts.sort_by(|left, right| right.1.total_cmp(&left.1));
            parts.truncate(PARTS);
            self.parts = parts;
        }
    }

    /// Seconds that all parts of a step take.
    pub fn step_time(&self) -> Option<f64> {
        let sum: f64 = self.parts.iter().map(|(_, time)| time).sum();
        (sum.is_finite() && sum > 0.0).then_some(sum)
    }
}

/// The event with every text made fit for a terminal.
fn clean(run: &RunStarted) -> RunStarted {
    let mut run = run.clone();
    for text in [
        &mut run.run,
        &mut run.program,
        &mut run.host,
        &mut run.device,
        &mut run.started,
        &mut run.config,
        &mut run.data,
        &mut run.weighting,
        &mut run.aggregation,
    ] {
        *text = sanitise(text);
    }
    run.parent = run.parent.as_deref().map(sanitise);
    for source in &mut run.sources {
        source.name = sanitise(&source.name);
        source.kind = sanitise(&source.kind);
    }
    for task in &mut run.tasks {
        for text in [&mut task.name, &mut task.source, &mut task.loss] {
            *text = sanitise(text);
        }
        task.metrics.iter_mut().for_each(|metric| metric.name = sanitise(&metric.name));
    }
    run.frozen.iter_mut().for_each(|part| *part = sanitise(part));
    run.knobs = run.knobs.into_iter().map(|(name, value)| (sanitise(&name), Value::String(shown(&value)))).collect();
    run
}

/// A knob's value as it is written.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => sanitise(text),
        other => sanitise(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_part_is_first_and_what_is_no_time_is_left_out() {
        let mut machine = Machine::default();
        assert_eq!(machine.step_time(), None);
        let parts = [("data", 0.1), ("forward", 0.3), ("odd", f64::NAN), ("back\u{1b}", -1.0)];
        let parts = parts.iter().map(|(name, time)| ((*name).to_owned(), Real(*time))).collect();
        machine.heard(&System { memory: Some(7), parts, ..System::default() });
        machine.heard(&System { memory: Some(5), ..System::default() });
        let names: Vec<&str> = machine.parts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, machine.memory, machine.peak), (vec!["forward", "data"], Some(5), Some(7)));
        assert_eq!(machine.trend, [7.0, 5.0]);
        machine.recorded_at("runs/a\u{7}");
        assert_eq!(machine.record.as_deref(), Some("runs/a␇"));
        (0..10_000).for_each(|_| machine.heard(&System { memory: Some(1), ..System::default() }));
        assert!(machine.trend.len() <= 2 * TREND);
    }

    #[test]
    fn no_text_of_the_first_event_keeps_a_control_character() {
        let evil = "a\u{1b}[2J";
        let line = serde_json::json!({
            "schema": 1, "run": evil, "program": evil, "device": evil, "host": evil, "parent": evil,
            "tasks": [{"name": evil, "loss": evil, "metrics": [{"name": evil, "better": "lower"}]}],
            "sources": [{"name": evil, "kind": evil}], "knobs": {evil: evil, "list": [evil]}, "frozen": [evil],
            "weighting": evil, "aggregation": evil, "started": evil, "config": evil, "data": evil,
        });
        let mut machine = Machine::default();
        machine.started(&serde_json::from_value(line).unwrap());
        let text = format!("{:?}", machine.run.unwrap());
        assert!(!text.contains("\\u{1b}") && text.contains('␛'), "{text}");
    }
}
