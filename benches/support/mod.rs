//! What the benches share: a table of figures with their targets, the machine they were taken on, what Linux tells of a
//! process.
#![allow(dead_code, reason = "each bench uses a part of it")]

use std::fs;
use std::time::Duration;

/// One line of the table.
pub struct Figure {
    name: String,
    target: String,
    value: String,
    /// Whether the target was reached; `None` where there is none.
    reached: Option<bool>,
}

/// Figures with their targets, printed as a Markdown table.
#[derive(Default)]
pub struct Table {
    figures: Vec<Figure>,
}

impl Table {
    /// A figure that is told and has no target.
    pub fn tell(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        eprintln!("  {name}: {value}");
        self.figures.push(Figure { name, target: String::new(), value, reached: None });
    }

    /// A figure that must not be above `most`; `value` says it in words.
    pub fn at_most(&mut self, name: impl Into<String>, found: f64, most: f64, unit: &str, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        eprintln!("  {name}: {value}");
        let target = format!("≤ {most} {unit}");
        self.figures.push(Figure { name, target, value, reached: Some(found <= most) });
    }

    /// Prints it.
    pub fn print(&self, title: &str) {
        println!("\n{title}\n{}\n", machine());
        let width = |cell: fn(&Figure) -> &String, head: &str| {
            self.figures.iter().map(|figure| cell(figure).chars().count()).max().unwrap_or(0).max(head.len())
        };
        let (name, target) = (width(|figure| &figure.name, "figure"), width(|figure| &figure.target, "target"));
        let value = width(|figure| &figure.value, "value");
        println!("| {:name$} | {:target$} | {:value$} |        |", "figure", "target", "value");
        println!("|-{:-<name$}-|-{:-<target$}-|-{:-<value$}-|--------|", "", "", "");
        for figure in &self.figures {
            let word = match figure.reached {
                Some(true) => "ok",
                Some(false) => "MISSED",
                None => "",
            };
            println!("| {:name$} | {:target$} | {:value$} | {word:6} |", figure.name, figure.target, figure.value);
        }
    }
}

/// The processor, its cores, and how busy the machine is: a figure from a busy machine is an upper bound.
pub fn machine() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{}, {cores} cores, {}; load {load}", model.unwrap_or("an unknown processor"), std::env::consts::OS)
}

/// Milliseconds.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The middle one; the larger of the two middle ones where there are two.
pub fn median<T: PartialOrd + Copy>(values: &[T]) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|left, right| left.partial_cmp(right).unwrap_or(std::cmp::Ordering::Equal));
    sorted.get(sorted.len() / 2).copied()
}

/// The largest one.
pub fn largest<T: PartialOrd + Copy>(values: &[T]) -> Option<T> {
    values.iter().copied().reduce(|left, right| if right > left { right } else { left })
}

/// Nanoseconds that a thread was on a processor; `None` where the system does not tell.
pub fn processor_time(schedstat: &str) -> Option<u64> {
    fs::read_to_string(schedstat).ok()?.split_whitespace().next()?.parse().ok()
}

/// A number of kilobytes of `/proc/self/status`, in megabytes: `VmRSS` is what is resident, `VmHWM` the most that was.
pub fn megabytes(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0 / 1e6)
}

/// Whether a part of the bench is wanted: all are, unless some are named.
pub fn wanted(part: &str) -> bool {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    named.is_empty() || named.iter().any(|name| name == part)
}
