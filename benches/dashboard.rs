//! What the screen costs: a frame, an event, a key, and memory, for runs of up to a million steps.
//!
//!     cargo bench --no-default-features --bench dashboard [-- frames events keys memory profile profile-gradients]
//!
//! Everything goes through what the library offers to all: events into `update`, `render` into a buffer. A frame is
//! what the screen's thread does for it: draw all, find what changed, write the bytes for the terminal.
#![allow(clippy::unwrap_used, reason = "a bench ends where a value is missing")]

mod support;

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{Table, largest, median, megabytes, ms, processor_time, wanted};
use trimtab::dashboard::Action::{
    HorizontalAxis, LogAxis, LogHorizontal, LossView, NextPane, ResetView, SmoothLess, Zoom, ZoomIn,
};
use trimtab::dashboard::{Action, BINDINGS, Message, Options, State, keys, render, update};
use trimtab::protocol::{Balance, Event, Gradient, GradientView, Real, RunStarted, Step, TaskInfo, pairs};

const TASKS: usize = 6;
const LARGE: (u16, u16) = (200, 60);
/// Frames a second while only data comes, at most.
const FRAMES: f64 = 10.0;
const MILLION: u64 = 1_000_000;
/// Own argument: measure memory in this process and print it.
const CHILD: &str = "--memory-of=";

/// What a step's event holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Losses and weights.
    Losses,
    /// Also the gradients' norms and cosines at the representation, as a run of this program has them.
    Gradients,
    /// Also those on the shared parameters, and the `balance` event.
    Balance,
}

fn main() {
    if let Some(name) = std::env::args().find_map(|word| word.strip_prefix(CHILD).map(str::to_owned)) {
        println!("{}", memory_here(&name));
        return;
    }
    let mut table = Table::default();
    if wanted("memory") {
        memory(&mut table);
    }
    let frame = if wanted("frames") { frames(&mut table) } else { None };
    let event = if wanted("events") { events(&mut table) } else { None };
    if let (Some(frame), Some(event)) = (frame, event) {
        let share = (event * 1000.0 / 1e6 + frame * FRAMES / 1e3) * 100.0;
        let value = format!("{share:.2} % = 1000 × {event:.2} µs + {FRAMES} × {frame:.2} ms");
        table.at_most("screen's thread at 1000 steps/s, reckoned", share, 5.0, "% of a core", value);
    }
    if wanted("keys") {
        pressed(&mut table);
    }
    for (name, kind) in [("profile", Kind::Losses), ("profile-gradients", Kind::Gradients)] {
        if std::env::args().any(|word| word == name) {
            profile(kind, &mut table);
        }
    }
    table.print("The screen, six tasks");
}

/// A loss of task `task` at step `step`: falls, with noise that repeats in each run of the bench.
fn loss(task: usize, step: u64) -> f64 {
    let mut noise = step.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (task as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    noise = (noise ^ (noise >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let noise = (noise >> 11) as f64 / (1_u64 << 53) as f64;
    (1.0 + task as f64) * (0.05 + (-(step as f64) / 5e4).exp()) * (0.7 + 0.6 * noise)
}

fn started() -> Event {
    let info = |place: usize| TaskInfo {
        name: format!("task{}", place + 1),
        source: "data".to_owned(),
        loss: "mse".to_owned(),
        weight: Real(1.0),
        metrics: Vec::new(),
        baseline: std::collections::BTreeMap::new(),
    };
    Event::Run(Box::new(RunStarted {
        schema: 1,
        run: "bench".to_owned(),
        steps: Some(2 * MILLION),
        tasks: (0..TASKS).map(info).collect(),
        weighting: "manual".to_owned(),
        aggregation: "sum".to_owned(),
        ..RunStarted::default()
    }))
}

fn view(step: u64) -> GradientView {
    GradientView {
        norm: (0..TASKS).map(|task| Some(Real(loss(task, step)))).collect(),
        cosine: pairs(TASKS).map(|(left, right)| Some(Real(loss(left + right, step).sin()))).collect(),
    }
}

/// The events of one step.
fn step(number: u64, kind: Kind) -> Vec<Event> {
    let each = |value: f64| vec![Some(Real(value)); TASKS];
    let losses: Vec<_> = (0..TASKS).map(|task| Some(Real(loss(task, number)))).collect();
    let step = Step {
        step: number,
        epoch: vec![Real(number as f64 / 20.0)],
        time: Real(number as f64 / 1000.0),
        total: Some(Real(losses.iter().flatten().map(|loss| loss.get()).sum())),
        loss: losses,
        weight: vec![Real(1.0); TASKS],
        factor: each(1.0),
        coefficient: each(1.0),
        labelled: vec![64; TASKS],
        lr: Some(Real(1e-3)),
        update_norm: Some(Real(1.0)),
        gradient: Gradient {
            representation: (kind != Kind::Losses).then(|| view(number)),
            shared: (kind == Kind::Balance).then(|| view(number)),
        },
        ..Step::default()
    };
    let mut events = vec![Event::Step(Box::new(step))];
    if kind == Kind::Balance {
        let shadow = ["pcgrad", "mgda", "cagrad"].map(|name| (name.to_owned(), each(0.5)));
        events.push(Event::Balance(Box::new(Balance {
            step: number,
            gap: Some(Real(0.1)),
            update_cosine: each(0.3),
            share: each(0.2),
            shadow: shadow.into_iter().collect(),
            affinity: vec![each(0.01); TASKS],
            ..Balance::default()
        })));
    }
    events
}

fn hear(state: &mut State, event: Event) {
    drop(update(state, Message::Event { run: 0, event }));
}

fn goes_on(state: &mut State, number: u64, kind: Kind) {
    for event in step(number, kind) {
        hear(state, event);
    }
}

/// A run that has made so many steps.
fn run(steps: u64, kind: Kind) -> State {
    let mut state = State::new(&Options::default());
    drop(update(&mut state, Message::Resize(LARGE.0, LARGE.1)));
    hear(&mut state, started());
    (1..=steps).for_each(|number| goes_on(&mut state, number, kind));
    drop(update(&mut state, Message::Tick { now: Duration::from_secs(steps / 1000) }));
    state
}

/// Presses the first key of an action.
fn press(state: &mut State, action: Action) {
    let row = BINDINGS.iter().find(|row| row.action == action).unwrap();
    let key = keys::parse(row.keys.first().unwrap()).unwrap();
    drop(update(state, Message::Key(key)));
}

/// What a frame took.
struct Frame {
    /// By the clock, in the middle.
    median: f64,
    /// By the clock, the longest.
    longest: f64,
    /// On the processor, on average; does not depend on what else the machine does.
    processor: Option<f64>,
    bytes: usize,
}

impl Frame {
    fn say(&self) -> String {
        let processor = self.processor.map_or(String::new(), |time| format!(", processor {time:.2} ms"));
        format!("median {:.2} ms, longest {:.2} ms{processor}, {} bytes", self.median, self.longest, self.bytes)
    }
}

/// Draws frames one after another, each after one more step.
fn draw(state: &mut State, (width, height): (u16, u16), from: u64, kind: Kind) -> Frame {
    const WARM: usize = 5;
    const COUNT: usize = 100;
    drop(update(state, Message::Resize(width, height)));
    let area = Rect::new(0, 0, width, height);
    let (mut shown, mut times, mut sizes) = (Buffer::empty(area), Vec::new(), Vec::new());
    let on_processor = || processor_time("/proc/thread-self/schedstat");
    let mut before = None;
    for place in 0..WARM + COUNT {
        goes_on(state, from + place as u64 + 1, kind);
        if place == WARM {
            before = on_processor();
        }
        let start = Instant::now();
        let mut next = Buffer::empty(area);
        render(state, area, &mut next);
        let mut bytes = Vec::new();
        CrosstermBackend::new(&mut bytes).draw(shown.diff(&next).into_iter()).unwrap();
        let time = start.elapsed();
        shown = next;
        if place >= WARM {
            times.push(ms(time));
            sizes.push(bytes.len());
        }
        black_box(&shown);
    }
    let processor = before.zip(on_processor()).map(|(before, after)| (after - before) as f64 / 1e6 / COUNT as f64);
    Frame {
        median: median(&times).unwrap(),
        longest: largest(&times).unwrap(),
        processor,
        bytes: median(&sizes).unwrap(),
    }
}

/// Frames; the median in ms of the one with a target.
fn frames(table: &mut Table) -> Option<f64> {
    const MOST: f64 = 2.0;
    let mut large = None;
    for steps in [1000, 10_000, 100_000, MILLION] {
        let mut state = run(steps, Kind::Losses);
        let frame = draw(&mut state, LARGE, steps, Kind::Losses);
        let name = format!("frame 200x60, {steps} points a series");
        table.at_most(name, frame.median, MOST, "ms (median)", frame.say());
        large = Some(frame.median);
        if steps < MILLION {
            continue;
        }
        let from = |state: &State| state.run().map_or(0, |run| run.timeline.last_step());
        for size in [(120, 40), (80, 24)] {
            let last = from(&state);
            let frame = draw(&mut state, size, last, Kind::Losses);
            let name = format!("frame {}x{}, {steps} points a series", size.0, size.1);
            table.at_most(name, frame.median, MOST, "ms (median)", frame.say());
        }
        let views: &[(&str, &[Action])] = &[
            ("linear axis", &[LogAxis]),
            ("no smoothing", &[SmoothLess, SmoothLess, SmoothLess]),
            ("weighted", &[LossView]),
            ("by epoch", &[HorizontalAxis]),
            ("by time", &[HorizontalAxis, HorizontalAxis]),
            ("log steps", &[LogHorizontal]),
            ("a part of the steps", &[ZoomIn, ZoomIn, ZoomIn]),
            ("losses alone", &[Zoom]),
            ("losses alone, no smoothing", &[Zoom, SmoothLess, SmoothLess, SmoothLess]),
            ("the pane after", &[NextPane, Zoom]),
        ];
        for (name, actions) in views {
            let mut changed = state.clone();
            press(&mut changed, ResetView);
            actions.iter().for_each(|action| press(&mut changed, *action));
            let last = from(&changed);
            let frame = draw(&mut changed, LARGE, last, Kind::Losses);
            table.at_most(format!("the same 200x60, {name}"), frame.median, MOST, "ms (median)", frame.say());
        }
    }
    for (kind, name) in [(Kind::Gradients, "gradients"), (Kind::Balance, "gradients, balance")] {
        let mut state = run(MILLION / 4, kind);
        let frame = draw(&mut state, LARGE, MILLION / 4, kind);
        table.at_most(format!("frame 200x60, 250000 points, {name}"), frame.median, MOST, "ms (median)", frame.say());
    }
    large
}

/// Many frames of one run, for a profiler to look at; only where it is asked for.
fn profile(kind: Kind, table: &mut Table) {
    let mut state = run(MILLION / 4, kind);
    for _ in 0..20 {
        let last = state.run().map_or(0, |run| run.timeline.last_step());
        let frame = draw(&mut state, LARGE, last, kind);
        table.tell("frame 200x60", frame.say());
    }
}

/// Events; the cost in µs of a step with gradients, as a run of this program sends it.
fn events(table: &mut Table) -> Option<f64> {
    const COUNT: u64 = 100_000;
    let mut usual = None;
    for (kind, name) in [
        (Kind::Losses, "losses"),
        (Kind::Gradients, "losses, gradients"),
        (Kind::Balance, "losses, gradients, balance"),
    ] {
        let mut state = run(COUNT, kind);
        let mut total = Duration::ZERO;
        let mut longest = Duration::ZERO;
        for number in COUNT + 1..=2 * COUNT {
            let events = step(number, kind);
            let start = Instant::now();
            for event in events {
                hear(&mut state, event);
            }
            drop(update(&mut state, Message::Tick { now: Duration::from_secs(number / 1000) }));
            let time = start.elapsed();
            total += time;
            longest = longest.max(time);
        }
        let mean = total.as_secs_f64() * 1e6 / COUNT as f64;
        table.tell(format!("a step's events: {name}"), format!("{mean:.2} µs, longest {:.1} ms", ms(longest)));
        if kind == Kind::Gradients {
            usual = Some(mean);
        }
    }
    let lines: Vec<String> =
        (1..=20_000).flat_map(|number| step(number, Kind::Gradients)).map(|event| event.to_line().unwrap()).collect();
    let start = Instant::now();
    for line in &lines {
        drop(black_box(Event::parse(line).unwrap()));
    }
    let mean = start.elapsed().as_secs_f64() * 1e6 / lines.len() as f64;
    table.tell("reading a step's line (not on the screen's thread)", format!("{mean:.2} µs"));
    usual
}

/// Keys that make the program look at all points again.
fn pressed(table: &mut Table) {
    let mut state = run(MILLION, Kind::Losses);
    for (action, name) in [
        (Action::LogAxis, "log axis"),
        (Action::SmoothMore, "more smoothing"),
        (Action::SmoothLess, "less smoothing"),
        (Action::LossView, "next view of the losses"),
        (Action::ZoomIn, "zoom in"),
        (Action::HorizontalAxis, "horizontal axis"),
    ] {
        let start = Instant::now();
        press(&mut state, action);
        table.tell(format!("key: {name}, {MILLION} points a series"), format!("{:.2} ms", ms(start.elapsed())));
    }
}

/// Memory that a run of a million steps takes, each in a process of its own so that nothing else is counted.
fn memory(table: &mut Table) {
    const MOST: f64 = 250.0;
    for (name, target) in [("losses", Some(MOST)), ("weighted", None), ("gradients", None)] {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program).arg(format!("{CHILD}{name}")).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let title = match name {
            "losses" => "memory, six series of 1000000 points",
            "weighted" => "memory, the same, weighted losses looked at",
            _ => "memory, the same with gradient norms and cosines of each step",
        };
        match (numbers.as_slice(), target) {
            (&[peak, grown], Some(most)) => {
                table.at_most(title, peak, most, "MB", format!("peak {peak:.0} MB, then {grown:.0} MB"));
            }
            (&[peak, grown], None) => table.tell(title, format!("peak {peak:.0} MB, then {grown:.0} MB")),
            _ => table.tell(title, "not told on this system"),
        }
    }
}

/// Growth of the most that was resident, and of what is resident at the end, in MB.
fn memory_here(name: &str) -> String {
    let mut text = String::new();
    let Some(before) = megabytes("VmRSS") else { return text };
    let mut state = run(MILLION, if name == "gradients" { Kind::Gradients } else { Kind::Losses });
    if name == "weighted" {
        press(&mut state, Action::LossView);
    }
    let area = Rect::new(0, 0, LARGE.0, LARGE.1);
    let mut buffer = Buffer::empty(area);
    render(&state, area, &mut buffer);
    black_box(&buffer);
    if let (Some(peak), Some(now)) = (megabytes("VmHWM"), megabytes("VmRSS")) {
        let _ = write!(text, "{} {}", peak - before, now - before);
    }
    black_box(&state);
    text
}
