//! `trimtab watch` on records that nobody trained here: live, dead, finished, several, and events from a pipe. Nothing of
//! it needs training.
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]
#![cfg(unix)]

mod support;

use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use support::terminal::Terminal;
use support::{Folder, RunFiles, until};
use trimtab::run::{RunDirectory, RunLock};

const LARGE: (u16, u16) = (120, 40);

fn started(name: &str, steps: u64) -> Value {
    let metrics = json!([{"name": "accuracy", "better": "higher"}]);
    let task = |name: &str| json!({"name": name, "weight": 1.0, "metrics": metrics});
    json!({"event": "run", "schema": 1, "run": name, "steps": steps, "seed": 7, "device": "flex",
        "tasks": [task("heating"), task("cooling")], "weighting": "manual", "aggregation": "sum",
        "accepts": ["set_weight", "pause", "stop"]})
}

fn step(number: u64, weight: f64) -> Value {
    let loss = 1.0 / (1.0 + number as f64);
    json!({"event": "step", "step": number, "time": number as f64 * 0.1, "loss": [loss, 2.0 * loss],
        "weight": [weight, 1.0], "factor": [weight, 1.0], "coefficient": [weight, 1.0], "labelled": [8, 8]})
}

fn eval(number: u64, accuracy: f64) -> Value {
    json!({"event": "eval", "step": number, "split": "valid", "loss": [0.5, 0.4],
        "metric": [{"accuracy": accuracy}, {"accuracy": accuracy}], "score": 1.0 - accuracy, "best": true})
}

/// A run of 100 steps in which the first task's weight was doubled at step 40.
fn events(name: &str, accuracy: f64) -> Vec<Value> {
    let mut events = vec![started(name, 100), eval(0, 0.1)];
    for number in 1..=100 {
        if number == 40 {
            events.push(json!({"event": "applied", "step": 40, "id": "a", "from": "cli",
                "command": {"set_weight": {"task": "heating", "value": 2.0}}, "old": 1.0, "new": 2.0}));
        }
        events.push(step(number, if number < 40 { 1.0 } else { 2.0 }));
    }
    events.push(eval(100, accuracy));
    events
}

fn end() -> Value {
    json!({"event": "end", "step": 100, "reason": "finished"})
}

fn lines(events: &[Value]) -> String {
    events.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n") + "\n"
}

/// Writes a run directory under `runs`.
fn record(folder: &Folder, name: &str, events: &[Value]) -> RunFiles {
    let path = folder.path().join("runs").join(name);
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("events.jsonl"), lines(events)).unwrap();
    fs::write(path.join("config.toml"), "").unwrap();
    RunFiles(path)
}

fn finished(folder: &Folder, name: &str, accuracy: f64) -> RunFiles {
    record(folder, name, &[events(name, accuracy), vec![end()]].concat())
}

/// Makes a record look as if it was last written long ago.
fn age(path: &Path) {
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(2);
    File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
}

fn add(path: &PathBuf, events: &[Value]) {
    File::options().append(true).open(path).unwrap().write_all(lines(events).as_bytes()).unwrap();
}

#[test]
fn a_finished_run_is_seen_whole_and_gone_through() {
    let folder = Folder::new();
    finished(&folder, "energy", 0.9);
    let mut terminal = Terminal::start(&folder, LARGE, &["watch", "energy"], &[]);
    terminal.wait_for("FINISHED");
    for word in ["[replay]", "held", "100/100", "heating", "2.00"] {
        terminal.wait_for(word);
    }
    // A twentieth back is five steps, then one more; a record takes no weights.
    terminal.press("\x1b[D,");
    terminal.wait_for("94/100");
    terminal.press("m");
    terminal.wait_for("this is a record");
    terminal.press("\x1b[H");
    terminal.wait_for("0/100");
    terminal.press(".");
    terminal.wait_until("the first step", |screen| {
        screen.contents().contains(" 1/100")
            && screen.contents().lines().any(|line| line.contains("1 heating") && line.contains("1.00"))
    });
    // Faster than anybody can look, to the end.
    terminal.press(">>>>>>>>> ");
    terminal.wait_for("FINISHED");
    terminal.resize((40, 12));
    terminal.wait_until("a small screen", |screen| {
        // Drawn anew for it, and not only cut by the terminal.
        screen.contents().starts_with("END 100/100") && screen.contents().contains("[replay] held")
    });
    terminal.press("q");
    assert_eq!(terminal.finish(), 0, "{}", terminal.text());
    terminal.assert_restored();
    assert_eq!(terminal.deeds(), Vec::<String>::new());
}

/// Answers requests in a thread of this process, which holds the run's lock.
struct Trainer {
    events: PathBuf,
    mailbox: PathBuf,
    _lock: RunLock,
}

impl Trainer {
    fn new(run: &RunFiles) -> Self {
        let lock = RunDirectory::open(&run.0).unwrap().acquire().unwrap();
        Self { events: run.path("events.jsonl"), mailbox: run.path("requests.jsonl"), _lock: lock }
    }

    /// Waits for a request and says that it was carried out.
    fn answer(&self) -> Value {
        let read = || {
            let text = fs::read_to_string(&self.mailbox).ok()?;
            let line = text.lines().rfind(|line| !line.is_empty())?;
            serde_json::from_str::<Value>(line).ok()
        };
        let request = until("a request", String::new, read);
        let value = request["command"]["set_weight"]["value"].clone();
        add(
            &self.events,
            &[
                json!({"event": "applied", "step": 101, "id": request["id"], "from": request["from"],
                "command": request["command"], "old": 2.0, "new": value}),
                step(101, value.as_f64().unwrap_or(9.0)),
            ],
        );
        request
    }
}

#[test]
fn a_live_run_is_steered_left_alone_and_its_trainer_missed() {
    let folder = Folder::new();
    let run = record(&folder, "energy", &events("energy", 0.9));
    let trainer = Trainer::new(&run);
    let mut terminal = Terminal::start(&folder, LARGE, &["watch", "runs/energy/events.jsonl"], &[]);
    terminal.wait_for("RUNNING");
    terminal.wait_for("[live]");
    terminal.press("\x1b[C");
    terminal.wait_for("2.20");
    let request = trainer.answer();
    assert_eq!(request["command"], json!({"set_weight": {"task": "heating", "value": 2.2}}), "{request}");
    terminal.wait_until("the answer", |screen| {
        screen.contents().contains("step 101/100") && screen.contents().contains("weight heating 2.00 → 2.20")
    });
    // What others ask for is seen too, and a record that shrinks or vanishes is said.
    add(
        &trainer.events,
        &[json!({"event": "applied", "step": 102, "id": "b", "from": "someone",
        "command": {"note": {"text": "hello there"}}})],
    );
    terminal.wait_for("hello there");
    fs::rename(&trainer.events, run.path("elsewhere")).unwrap();
    terminal.wait_for("events.jsonl is gone");
    fs::write(&trainer.events, lines(&[started("energy", 100)])).unwrap();
    terminal.wait_for("events.jsonl became");
    // The trainer dies: its lock is free, and there was no end.
    drop(trainer);
    terminal.wait_for("LOST");
    terminal.wait_for("trimtab resume energy");
    // What is over can be gone through at once.
    terminal.wait_for("[replay] held");
    terminal.press("q");
    assert_eq!(terminal.finish(), 0, "{}", terminal.text());
    terminal.assert_restored();
}

#[test]
fn leaving_does_not_ask_and_the_run_goes_on() {
    let folder = Folder::new();
    let run = record(&folder, "energy", &events("energy", 0.9));
    let trainer = Trainer::new(&run);
    let mut terminal = Terminal::start(&folder, LARGE, &["watch"], &[]);
    terminal.wait_for("RUNNING");
    terminal.press("q");
    assert_eq!(terminal.finish(), 0, "{}", terminal.text());
    terminal.assert_restored();
    assert!(!trainer.mailbox.exists());
}

#[test]
fn a_dead_run_says_so_and_how_to_go_on() {
    let folder = Folder::new();
    let run = record(&folder, "energy", &events("energy", 0.9));
    // A torn last line, a kind of a later version, and rubbish do no harm.
    File::options()
        .append(true)
        .open(run.path("events.jsonl"))
        .unwrap()
        .write_all(b"{\"event\":\"novelty\",\"x\":1}\nrubbish\n{\"event\":\"st")
        .unwrap();
    age(&run.path("events.jsonl"));
    let mut terminal = Terminal::start(&folder, LARGE, &["watch", "energy"], &[]);
    for word in ["LOST", "no trainer, last event 2:00:", "trimtab resume energy", "[replay]"] {
        terminal.wait_for(word);
    }
    terminal.press("q");
    assert_eq!(terminal.finish(), 0);
    let log = folder
        .run(&["watch", "energy"])
        .expect(0)
        .says(&["no trainer holds this run", "trimtab resume energy"])
        .plain();
    assert!(log.stdout.contains("accuracy ↑"), "{}", log.stdout);
}

#[test]
fn several_runs_stand_beside_each_other() {
    let folder = Folder::new();
    finished(&folder, "energy", 0.8);
    finished(&folder, "other", 0.9);
    let mut terminal = Terminal::start(&folder, LARGE, &["watch", "energy", "other"], &[]);
    terminal.wait_until("both", |screen| {
        let text = screen.contents();
        text.contains("Compare") && text.contains("> A energy") && text.contains("B other") && text.contains("Δ to A")
    });
    terminal.wait_until("the gain of 0.1 over 0.8", |screen| {
        screen.contents().lines().any(|line| line.contains("B other") && line.contains("+12%"))
    });
    terminal.press("\\");
    terminal.wait_until("the second", |screen| {
        let text = screen.contents();
        text.contains("> B other") && text.contains("Δ to B") && text.starts_with(" B  other")
    });
    terminal.press("q");
    assert_eq!(terminal.finish(), 0);
    terminal.assert_restored();
    let log = folder.run(&["watch", "energy", "other"]).expect(0).plain();
    assert!(log.stdout.contains("\nenergy\n") && log.stdout.contains("\nother\n"), "{}", log.stdout);
}

#[test]
fn events_come_from_a_pipe_and_keys_from_the_terminal() {
    let folder = Folder::new();
    folder.write("a.jsonl", format!("Epoch 1\n{}more rubbish\n", lines(&events("energy", 0.9))));
    let line = "(cat a.jsonl; sleep 30) | exec \"$TRIMTAB\" watch -";
    let mut terminal = Terminal::shell(&folder, LARGE, line);
    for word in ["RUNNING", "[read-only]", "a line that is no event was skipped", "step 100/100"] {
        terminal.wait_for(word);
    }
    terminal.press("m");
    terminal.wait_for("nobody takes requests here");
    terminal.press("?");
    terminal.wait_for("Tasks and weights");
    terminal.press("\x1b");
    terminal.wait_until("the help closed", |screen| !screen.contents().contains("Tasks and weights"));
    terminal.press("q");
    terminal.wait_until("the screen left", |screen| !screen.alternate_screen() && !screen.hide_cursor());
}

#[test]
fn the_end_of_a_pipe_is_the_end() {
    let folder = Folder::new();
    folder.write("a.jsonl", lines(&events("energy", 0.9)));
    let mut terminal = Terminal::shell(&folder, LARGE, "\"$TRIMTAB\" watch - < a.jsonl");
    terminal.wait_for("LOST");
    terminal.press("q");
    assert_eq!(terminal.finish(), 0, "{}", terminal.text());
    terminal.assert_restored();
}

#[test]
fn without_a_screen_there_are_lines_and_a_table() {
    let folder = Folder::new();
    finished(&folder, "energy", 0.9);
    let log = folder.run(&["watch", "energy", "--headless"]).expect(0).plain();
    assert!(log.stdout.contains("accuracy ↑") && log.stdout.contains("0.9"), "{}", log.stdout);
    let json = folder.run(&["watch", "energy", "--json"]).expect(0).plain();
    assert_eq!(json.stdout.lines().count(), 105, "{}", json.stdout);
    // A live run: what comes from now on, to its end.
    let run = record(&folder, "live", &events("live", 0.9));
    let trainer = Trainer::new(&run);
    let process = folder.start(&["watch", "live"], &[]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    add(&trainer.events, &[eval(101, 0.95), end()]);
    let log = process.finish().expect(0).says(&["tasks heating, cooling", "finished"]).plain();
    assert!(!log.stderr.contains("40  "), "{}", log.stderr);
}

#[test]
fn a_wrong_word_names_what_is_near() {
    let folder = Folder::new();
    finished(&folder, "energy", 0.9);
    folder.run(&["watch", "enrgy"]).expect(2).says(&["no run 'enrgy'", "nearest: energy"]);
    folder.run(&["watch", "runs"]).expect(2).says(&["runs is no run", "newest: runs/energy"]);
    folder.write("notes.txt", "dear diary\n");
    folder.run(&["watch", "notes.txt"]).expect(2).says(&["notes.txt: the first line is no event"]);
    folder.run(&["watch", "energy", "energy", "--json"]).expect(2).says(&["--json takes one run"]);
}

#[test]
fn a_picture_shows_a_step_and_is_the_same_each_time() {
    let folder = Folder::new();
    finished(&folder, "energy", 0.8);
    let mut died = events("other", 0.9);
    died.truncate(70);
    record(&folder, "other", &died);
    let picture = |arguments: &[&str]| {
        let arguments = [&["screenshot", "--to", "a.txt"], arguments].concat();
        folder.run(&arguments).expect(0).plain();
        fs::read_to_string(folder.path().join("a.txt")).unwrap()
    };
    let at = picture(&["energy", "--at", "30"]);
    assert!(at.contains("RUNNING") && at.contains("30/100") && at.contains("[replay] held"), "{at}");
    assert_eq!(picture(&["energy", "--keys", "home right right right right right right"]), at);
    let live = picture(&["energy", "--at", "30", "--live"]);
    assert!(live.contains("[live]") && !live.contains("replay") && live.contains("30/100"), "{live}");
    let both = picture(&["energy", "other", "--keys", "\\"]);
    assert!(both.contains("> B other") && both.contains("no trainer: trimtab resume other"), "{both}");
    assert_eq!(picture(&["energy", "other", "--keys", "\\"]), both);
}
