//! The run itself: configuration, machine, where the time goes.

use crate::dashboard::format;
use crate::dashboard::model::{Machine, Run};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, sparkline, wrap};
use crate::dashboard::words::fill;
use crate::protocol::RunStarted;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// From here on facts and machine stand beside each other.
const WIDE: u16 = 96;
/// Columns of the names of facts.
const LABEL: usize = 11;

/// One line.
enum Fact {
    /// A name and what is known; `None` was not told.
    Told(&'static str, Option<String>),
    /// A part of a step: its name, seconds, and share of the whole.
    Part(String, f64, f64),
    /// Memory over time.
    Memory(String, Vec<f64>),
}

/// Draws it.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    if run.machine.run.is_none() {
        put(buf, area, 1, 0, state.words.panels.no_run, state.palette.dim);
        return;
    }
    let (machine, network) = (machine_facts(state, run), network_facts(state, run));
    if area.width >= WIDE {
        let half = area.width / 2;
        column(state, &machine, Rect { width: half - 1, ..area }, buf);
        column(state, &network, Rect { x: area.x + half, width: area.width - half, ..area }, buf);
    } else {
        let all: Vec<Fact> = machine.into_iter().chain(network).collect();
        column(state, &all, area, buf);
    }
}

/// Draws facts below each other, from the one scrolled to; says how many are hidden.
fn column(state: &State, facts: &[Fact], area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    let rows = usize::from(area.height);
    let first = state.panels.facts.min(facts.len().saturating_sub(1));
    let longest = |fact: &Fact| if let Fact::Part(name, ..) = fact { width(name) } else { 0 };
    let name = facts.iter().map(longest).max().unwrap_or(0).clamp(6, 16);
    let columns = usize::from(area.width).saturating_sub(LABEL + 2);
    let mut row = 0;
    for (place, fact) in facts.iter().enumerate().skip(first) {
        if row >= rows {
            let more = format!(" {} ", fill(state.words.more, &[&(facts.len() - place).to_string()]));
            let start = area.width.saturating_sub(width(&more) as u16);
            put(buf, area, start, area.height.saturating_sub(1), &more, palette.dim);
            break;
        }
        let mut pen = Pen::new(buf, area, row as u16);
        match fact {
            Fact::Told(label, None) => {
                pen.text(" ", palette.dim).left(label, LABEL, palette.dim);
                pen.text(state.words.panels.not_told, palette.dim);
            }
            Fact::Told(label, Some(text)) => {
                pen.text(" ", palette.dim).left(label, LABEL, palette.dim);
                let lines = wrap(text, columns, (rows - row).min(3));
                for (at, line) in lines.iter().enumerate() {
                    put(buf, area, LABEL as u16 + 1, (row + at) as u16, line, Style::new());
                }
                row += lines.len().saturating_sub(1);
            }
            Fact::Part(text, time, share) => {
                pen.text("   ", palette.dim).left(text, name, Style::new());
                pen.right(&format!("{} ms", format::number(time * 1000.0)), 12, Style::new());
                pen.right(&format!("{:.0}%", share * 100.0), 5, palette.dim).text("  ", palette.dim);
                let room = pen.room().saturating_sub(1).min(30);
                pen.text(&"━".repeat((share * room as f64).round() as usize), palette.task(1));
            }
            Fact::Memory(text, trend) => {
                pen.text(" ", palette.dim).left(state.words.panels.memory, LABEL, palette.dim);
                pen.text(text, Style::new()).text("  ", palette.dim);
                let room = pen.room().saturating_sub(1).min(30);
                pen.text(&sparkline(trend, room), palette.dim);
            }
        }
        row += 1;
    }
}

/// Who trains where, how fast, and where the time goes.
fn machine_facts(state: &State, run: &Run) -> Vec<Fact> {
    let words = &state.words.panels;
    let machine = &run.machine;
    let Some(told) = &machine.run else { return Vec::new() };
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut facts = vec![
        Fact::Told(words.program, text(&told.program)),
        Fact::Told(words.started, text(&told.started)),
        Fact::Told(words.host, text(&told.host)),
        Fact::Told(words.process, told.pid.map(|pid| pid.to_string())),
        Fact::Told(words.device, text(&told.device)),
        Fact::Told(words.threads, told.threads.map(|threads| threads.to_string())),
    ];
    facts.extend(machine.record.as_deref().map(|record| Fact::Told(words.record, text(record))));
    let last = run.timeline.last_step();
    let steps = format::thousands(last);
    facts.push(Fact::Told(
        state.words.step,
        Some(match run.steps {
            Some(planned) => fill(words.steps, &[&steps, &format::thousands(planned)]),
            None => fill(words.steps_open, &[&steps]),
        }),
    ));
    if last > 0 {
        facts.push(Fact::Told(words.took, Some(format::duration(run.timeline.last_time()))));
        let speed = |seconds| run.timeline.rate(seconds).map_or("-".to_owned(), format::speed);
        facts.push(Fact::Told(words.speed, Some(fill(words.speeds, &[&speed(5.0), &speed(f64::INFINITY)]))));
    }
    facts.push(memory(state, machine));
    facts.push(Fact::Told(words.cores, machine.cores.map(|cores| fill(words.in_use, &[&format!("{cores:.2}")]))));
    let sum = machine.step_time();
    facts.push(Fact::Told(words.a_step, sum.map(|sum| format!("{} ms", format::number(sum * 1000.0)))));
    if let Some(sum) = sum {
        facts.extend(machine.parts.iter().map(|(name, time)| Fact::Part(name.clone(), *time, time / sum)));
    }
    facts
}

fn memory(state: &State, machine: &Machine) -> Fact {
    let words = &state.words.panels;
    match (machine.memory, machine.peak) {
        (Some(memory), Some(peak)) => {
            Fact::Memory(format!("{}, {}", bytes(memory), fill(words.peak, &[&bytes(peak)])), machine.trend.clone())
        }
        _ => Fact::Told(words.memory, None),
    }
}

/// What is trained on what.
fn network_facts(state: &State, run: &Run) -> Vec<Fact> {
    let words = &state.words.panels;
    let Some(told) = &run.machine.run else { return Vec::new() };
    let mut facts = vec![
        Fact::Told(words.method, Some(run.method()).filter(|method| !method.is_empty())),
        Fact::Told(words.seed, has_seed(told).then(|| told.seed.to_string())),
    ];
    facts.extend(told.parent.clone().map(|parent| Fact::Told(words.parent, Some(parent))));
    facts.push(Fact::Told(words.parameters, parameters(state, told)));
    if told.sources.is_empty() {
        facts.push(Fact::Told(words.source, None));
    }
    for source in &told.sources {
        let [train, valid, test] =
            [source.rows.train, source.rows.valid, source.rows.test].map(|rows| format::thousands(rows as u64));
        let kind = if source.kind.is_empty() { String::new() } else { format!(" ({})", source.kind) };
        let text = format!("{}{kind}: {}", source.name, fill(words.rows, &[&train, &valid, &test]));
        facts.push(Fact::Told(words.source, Some(text)));
    }
    for (place, task) in told.tasks.iter().enumerate() {
        let metrics: Vec<&str> = task.metrics.iter().map(|metric| metric.name.as_str()).collect();
        let known = [task.loss.as_str(), task.source.as_str(), &metrics.join(" ")];
        let known: Vec<&str> = known.into_iter().filter(|text| !text.is_empty()).collect();
        let own = told.parameters.own.get(place).map(|own| fill(words.own, &[&format::thousands(*own as u64)]));
        let text = format!("{} {}", place + 1, task.name);
        let rest = known.into_iter().map(str::to_owned).chain(own).collect::<Vec<_>>().join(", ");
        let text = if rest.is_empty() { text } else { format!("{text}: {rest}") };
        facts.push(Fact::Told(state.words.task, Some(text)));
    }
    if !told.frozen.is_empty() {
        facts.push(Fact::Told(words.frozen_at_start, Some(told.frozen.join(", "))));
    }
    let knobs = told.knobs.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    let knobs = knobs.collect::<Vec<_>>().join("  ");
    facts.push(Fact::Told(words.knobs, Some(knobs).filter(|knobs| !knobs.is_empty())));
    for (label, digest) in [(words.configuration, &told.config), (words.data, &told.data)] {
        let short: String = digest.chars().take(16).collect();
        facts.push(Fact::Told(label, Some(short).filter(|short| !short.is_empty())));
    }
    facts
}

/// Whether a seed was told: a trainer that tells none reads as one of 0.
fn has_seed(told: &RunStarted) -> bool {
    told.seed != 0 || told.program.starts_with("trimtab")
}

fn parameters(state: &State, told: &RunStarted) -> Option<String> {
    let words = &state.words.panels;
    let own: usize = told.parameters.own.iter().fold(0, |sum, own| sum.saturating_add(*own));
    let [shared, own] = [told.parameters.shared, own].map(|count| format::thousands(count as u64));
    let known = told.parameters.shared > 0 || !told.parameters.own.is_empty();
    known.then(|| format!("{}, {}", fill(words.shared, &[&shared]), fill(words.own, &[&own])))
}

/// `512.0 MiB`
fn bytes(count: u64) -> String {
    let mebi = count as f64 / f64::from(1 << 20);
    if mebi >= 1024.0 { format!("{:.2} GiB", mebi / 1024.0) } else { format!("{mebi:.1} MiB") }
}

/// What the title says: the speed.
pub fn detail(state: &State) -> String {
    let rate = state.run().filter(|run| !run.is_over()).and_then(|run| run.timeline.rate(5.0));
    rate.map_or(String::new(), |rate| format!("{} {}", format::speed(rate), state.words.per_second))
}

/// Rows that it would like to have.
pub fn row_count(state: &State) -> usize {
    let Some(run) = state.run() else { return 1 };
    let (machine, network) = (machine_facts(state, run).len(), network_facts(state, run).len());
    if state.size.0 >= WIDE { machine.max(network) } else { machine + network }.max(1)
}
