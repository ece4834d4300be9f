//! The real program in a pseudo-terminal: processor time of its screen at a thousand steps a second, and the time from a
//! key to the step that obeys it and to the screen that shows so.
//!
//!     cargo build --release && cargo bench --no-default-features --bench screen [-- processor quiet watch keys]
//!
//! The program is $TRIMTAB, else target/release/trimtab of this checkout; it must be able to train. Processor times are
//! those of Linux.
#![allow(clippy::unwrap_used, reason = "a bench ends where a value is missing")]

mod support;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use support::{Table, largest, median, ms, processor_time, wanted};

/// How long anything may take before the bench gives up.
const LIMIT: Duration = Duration::from_mins(1);
/// How long the processor time is taken.
const SPAN: Duration = Duration::from_secs(10);
/// Keys pressed at each pace.
const PRESSES: usize = 30;
const LARGE: (u16, u16) = (200, 60);
const USUAL: (u16, u16) = (120, 40);

fn main() {
    let program = program();
    if !program.is_file() {
        println!("{} is not there; build it, or name another in TRIMTAB", program.display());
        return;
    }
    let mut table = Table::default();
    if wanted("processor") {
        processor(&program, &mut table);
    }
    if wanted("quiet") {
        quiet(&program, &mut table);
    }
    if wanted("watch") {
        watched(&program, &mut table);
    }
    if wanted("keys") {
        for pace in [50, 200, 1000] {
            keys(&program, pace, &mut table);
        }
    }
    table.print(&format!("{} in a pseudo-terminal", program.display()));
}

fn program() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release/trimtab");
    std::env::var_os("TRIMTAB").map_or_else(built, PathBuf::from)
}

/// The program in a terminal.
struct Terminal {
    folder: tempfile::TempDir,
    parser: vt100::Parser,
    output: Receiver<(Instant, Vec<u8>)>,
    written: usize,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// The terminal lives as long as this end of it.
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn start(program: &Path, (columns, rows): (u16, u16), arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder.path());
        command.env_clear();
        command.env("HOME", folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut source = pair.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = vec![0; 65_536];
            while let Ok(count @ 1..) = source.read(&mut bytes) {
                if send.send((Instant::now(), bytes[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let sides = (NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        let parser = vt100::Parser::new(sides.0, sides.1, 0);
        Self { folder, parser, output, written: 0, keys, child, _master: pair.master }
    }

    /// A run of the built-in example at a pace, its steps on the screen.
    fn training(program: &Path, size: (u16, u16), pace: u32) -> (Self, Record) {
        let pace = format!("train.pace={pace}");
        let arguments = ["train", "digits", "--set", &pace, "--set", "train.steps=100000000"];
        let mut terminal = Self::start(program, size, &arguments);
        let runs = terminal.folder.path().join("runs");
        let mut record = None;
        terminal.wait("a run directory", |_| {
            let found = || fs::read_dir(&runs).ok()?.next()?.ok().map(|entry| entry.path().join("events.jsonl"));
            record = record.take().or_else(found);
            record.as_ref().is_some_and(|path: &PathBuf| path.is_file())
        });
        let mut record = Record::open(&record.unwrap());
        terminal.wait("steps", |_| {
            record.read();
            record.step > 100
        });
        (terminal, record)
    }

    /// Takes what was written, or waits a moment for it; when the last of it came.
    fn take(&mut self, wait: Duration) -> Option<Instant> {
        let mut last = None;
        let mut next = self.output.recv_timeout(wait).ok();
        while let Some((at, bytes)) = next {
            self.parser.process(&bytes);
            self.written += bytes.len();
            last = Some(at);
            next = self.output.try_recv().ok();
        }
        last
    }

    /// Takes what is written for so long.
    fn pass(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.take(left.min(Duration::from_millis(5)));
        }
    }

    fn wait(&mut self, what: &str, mut reached: impl FnMut(&vt100::Screen) -> bool) {
        let end = Instant::now() + LIMIT;
        while !reached(self.parser.screen()) {
            assert!(Instant::now() < end, "waited in vain for {what}:\n{}", self.parser.screen().contents());
            self.take(Duration::from_millis(5));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Nanoseconds on a processor of each thread, by name; the screen is the first, it has the process's name.
    fn threads(&self) -> Vec<(String, u64)> {
        let Some(id) = self.child.process_id() else { return Vec::new() };
        let tasks = format!("/proc/{id}/task");
        let mut ids: Vec<u32> = fs::read_dir(&tasks)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect();
        ids.sort_by_key(|thread| (*thread != id, *thread));
        ids.into_iter()
            .filter_map(|thread| {
                let name = fs::read_to_string(format!("{tasks}/{thread}/comm")).ok()?;
                Some((name.trim().to_owned(), processor_time(&format!("{tasks}/{thread}/schedstat"))?))
            })
            .collect()
    }

    /// Per cent of a core that each thread takes while the time passes.
    fn shares(&mut self, time: Duration) -> Vec<(String, f64)> {
        let before = self.threads();
        let start = Instant::now();
        self.pass(time);
        let span = start.elapsed().as_nanos() as f64;
        let after = self.threads();
        let share = |before: u64, after: u64| after.saturating_sub(before) as f64 / span * 100.0;
        let pairs = before.into_iter().zip(after).filter(|(before, after)| before.0 == after.0);
        pairs.map(|((name, before), (_, after))| (name, share(before, after))).collect()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A run's record as it grows.
struct Record {
    file: File,
    rest: String,
    /// The last step on record.
    step: u64,
    /// The last weight that was set: the first step that used it, and its value.
    applied: Option<(u64, f64)>,
}

impl Record {
    fn open(path: &Path) -> Self {
        let mut file = File::open(path).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        Self { file, rest: String::new(), step: 0, applied: None }
    }

    /// Reads what was added.
    fn read(&mut self) {
        self.file.read_to_string(&mut self.rest).unwrap();
        let whole = self.rest.rfind('\n').map_or(0, |end| end + 1);
        let added: String = self.rest.drain(..whole).collect();
        for line in added.lines() {
            if let Some(text) = line.strip_prefix(r#"{"event":"step","step":"#) {
                self.step = text.split(',').next().and_then(|step| step.parse().ok()).unwrap_or(self.step);
            } else if line.starts_with(r#"{"event":"applied""#) && line.contains("set_weight") {
                let value: serde_json::Value = serde_json::from_str(line).unwrap();
                self.applied = value["step"].as_u64().zip(value["new"].as_f64());
            }
        }
    }
}

fn list(shares: &[(String, f64)]) -> String {
    shares.iter().skip(1).filter(|(_, share)| *share >= 0.05).fold(String::new(), |mut text, (name, share)| {
        let _ = write!(text, ", {name} {share:.1} %");
        text
    })
}

/// Processor time of the screen while a run makes a thousand steps a second.
fn processor(program: &Path, table: &mut Table) {
    for size in [USUAL, LARGE] {
        let (mut terminal, mut record) = Terminal::training(program, size, 1000);
        terminal.pass(Duration::from_secs(3));
        record.read();
        let (from, written) = (record.step, terminal.written);
        let shares = terminal.shares(SPAN);
        record.read();
        let steps = (record.step - from) as f64 / SPAN.as_secs_f64();
        let bytes = (terminal.written - written) as f64 / SPAN.as_secs_f64() / 1e3;
        let name = format!("screen's thread while training, {}x{}", size.0, size.1);
        let Some((_, share)) = shares.first() else {
            table.tell(name, "not told on this system");
            continue;
        };
        let value = format!("{share:.1} % at {steps:.0} steps/s, {bytes:.1} kB/s{}", list(&shares));
        table.at_most(name, *share, 5.0, "% of a core", value);
    }
}

/// What the screen does while nothing changes.
fn quiet(program: &Path, table: &mut Table) {
    let (mut terminal, _) = Terminal::training(program, USUAL, 200);
    terminal.press(" ");
    terminal.wait("a pause", |screen| screen.contents().contains("PAUSED"));
    terminal.pass(Duration::from_secs(8));
    let written = terminal.written;
    let shares = terminal.shares(SPAN);
    let bytes = terminal.written - written;
    table.at_most("bytes written in 10 s of pause", bytes as f64, 0.0, "bytes", format!("{bytes} bytes"));
    if let Some((_, share)) = shares.first() {
        table.tell("screen's thread in a pause", format!("{share:.2} % of a core"));
    }
}

/// Processor time of a screen that only watches: events come in by standard input, a thousand steps a second.
fn watched(program: &Path, table: &mut Table) {
    let known = Command::new(program).args(["watch", "--help"]).output().is_ok_and(|output| output.status.success());
    if !known {
        table.tell("screen's thread while watching", "skipped: no command `watch`");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let pipe = scratch.path().join("events");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let shell = r#"exec "$0" watch - <"$1""#;
    let arguments = ["-c", shell, program.to_str().unwrap(), pipe.to_str().unwrap()];
    let mut terminal = Terminal::start(Path::new("/bin/sh"), LARGE, &arguments);
    std::thread::spawn(move || {
        let mut out = File::options().write(true).open(&pipe).unwrap();
        let tasks: Vec<String> = (1..=6).map(|task| format!(r#"{{"name":"task{task}","weight":1.0}}"#)).collect();
        writeln!(out, r#"{{"event":"run","schema":1,"run":"bench","tasks":[{}]}}"#, tasks.join(",")).unwrap();
        let start = Instant::now();
        for step in 1_u64.. {
            let losses: Vec<String> =
                (1..=6).map(|task| format!("{:.6}", f64::from(task) + (step as f64 * 0.37).sin() * 0.3)).collect();
            let losses = losses.join(",");
            let time = step as f64 / 1000.0;
            let ones = "1.0,1.0,1.0,1.0,1.0,1.0";
            let line = format!(
                r#"{{"event":"step","step":{step},"time":{time},"loss":[{losses}],"weight":[{ones}],"factor":[{ones}],"coefficient":[{ones}],"gradient":{{"shared":{{"norm":[{losses}],"cosine":[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,-0.1,-0.2,-0.3,-0.4,-0.5,-0.6]}}}}}}"#
            );
            if writeln!(out, "{line}").is_err() {
                return;
            }
            let due = Duration::from_millis(step);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
    });
    terminal.wait("tasks", |screen| screen.contents().contains("task6"));
    terminal.pass(Duration::from_secs(3));
    let shares = terminal.shares(SPAN);
    if let Some((_, share)) = shares.first() {
        let value = format!("{share:.1} % at 1000 steps/s{}", list(&shares));
        table.at_most("screen's thread while watching, 200x60", *share, 5.0, "% of a core", value);
    }
}

/// One key: how many steps began with the old weight after it, and when the screen showed the new one.
struct Pressed {
    steps: u64,
    record: f64,
    screen: f64,
}

/// From a key that changes a weight to the step that obeys and the screen that says so.
fn keys(program: &Path, pace: u32, table: &mut Table) {
    let (mut terminal, mut record) = Terminal::training(program, USUAL, pace);
    let mut all = Vec::new();
    for place in 0..PRESSES {
        // At a moment of its own within steps and frames.
        terminal.pass(Duration::from_micros(300_000 + (place as u64 * 7919) % 100_000));
        all.push(one_key(&mut terminal, &mut record, if place % 2 == 0 { "\x1b[C" } else { "\x1b[D" }));
    }
    let steps: Vec<u64> = all.iter().map(|pressed| pressed.steps).collect();
    let within = |most: f64, value: fn(&Pressed) -> f64| all.iter().filter(|pressed| value(pressed) <= most).count();
    let (middle, most) = (median(&steps).unwrap(), largest(&steps).unwrap());
    let value =
        format!("median {middle}, most {most}; {} of {PRESSES} within", within(1.0, |pressed| pressed.steps as f64));
    table.at_most(format!("steps with the old weight after the key, {pace} steps/s"), most as f64, 1.0, "step", value);
    let describe = |value: fn(&Pressed) -> f64| {
        let times: Vec<f64> = all.iter().map(value).collect();
        format!("median {:.1} ms, most {:.1} ms", median(&times).unwrap(), largest(&times).unwrap())
    };
    table.tell(format!("key to the record of the first step that obeys, {pace} steps/s"), describe(|key| key.record));
    let most = 50.0 + 1000.0 / f64::from(pace);
    let times: Vec<f64> = all.iter().map(|pressed| pressed.screen).collect();
    let value = format!("{}; {} of {PRESSES} within", describe(|key| key.screen), within(most, |key| key.screen));
    let name = format!("key to the screen that shows it applied, {pace} steps/s");
    table.at_most(name, largest(&times).unwrap(), most, "ms", value);
}

fn one_key(terminal: &mut Terminal, record: &mut Record, key: &str) -> Pressed {
    record.read();
    record.applied = None;
    let before = record.step;
    let start = Instant::now();
    terminal.press(key);
    let (mut recorded, mut shown) = (None, None);
    while recorded.is_none() || shown.is_none() {
        assert!(start.elapsed() < LIMIT, "the key was not obeyed:\n{}", terminal.parser.screen().contents());
        let written = terminal.take(Duration::from_micros(300));
        record.read();
        let Some((step, value)) = record.applied else { continue };
        if recorded.is_none() && record.step >= step {
            recorded = Some((Instant::now(), step));
        }
        if shown.is_none() && shows(terminal.parser.screen(), value) {
            shown = Some(written.unwrap_or_else(Instant::now));
        }
    }
    let (recorded, step) = recorded.unwrap();
    Pressed {
        steps: (step - before).saturating_sub(1),
        record: ms(recorded - start),
        screen: ms(shown.unwrap() - start),
    }
}

/// Whether the first task's row shows this weight as the one in force; one that is asked for stands behind an arrow.
fn shows(screen: &vt100::Screen, weight: f64) -> bool {
    let text = format!("{weight:.2}");
    let row = |line: &&str| line.contains("1 digit ");
    screen.contents().lines().filter(row).any(|line| line.split_whitespace().any(|word| word == text))
}
