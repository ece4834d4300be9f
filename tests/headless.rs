//! The real program without a terminal: lines and events, steering from outside, ends of every kind, looking at runs.
#![cfg(all(unix, feature = "train"))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::{Value, json};
use std::fs;
use support::{Finished, Folder, Process, RunFiles};
use trimtab::protocol::{Event, StepPart};

/// A run with no end, slowed down so that its record stays small.
fn endless(folder: &Folder) -> (Process, RunFiles) {
    let process = folder.start(&["train", "--headless", "--set", "train.steps=100000000"], &[]);
    let run = folder.only_run();
    run.request(&[(json!({"set_pace": {"steps_per_second": 100}}), None)]);
    run.wait_for("the pace", |event| event["event"] == "applied");
    (process, run)
}

/// A run of a second or so.
const SHORT: &[&str] =
    &["train", "--set", "train.steps=1500", "--set", "train.checkpoint_every=200", "--set", "encoder.hidden=[32]"];

fn send(folder: &Folder, words: &str) -> Finished {
    folder.run(&[&["send", "latest"], &words.split(' ').collect::<Vec<_>>()[..]].concat()).plain()
}

#[test]
fn without_a_terminal_there_are_lines_and_a_table() {
    let folder = Folder::new();
    let finished = folder.run(&["train", "--set", "train.steps=60"]).expect(0).plain();
    let lines = ["run directory: runs/digits-", "step 60/60", "digit", "saved  checkpoints/step-00000060", "finished"];
    let finished = finished.says(&lines);
    assert!(finished.stdout.starts_with("task "), "{}", finished.stdout);
    assert!(finished.stdout.contains("test @60"), "{}", finished.stdout);
}

#[test]
fn with_json_every_line_of_stdout_is_an_event_and_the_same_as_on_record() {
    let folder = Folder::new();
    let finished = folder.run(&["train", "--json", "--set", "train.steps=30"]).expect(0).plain();
    let events: Vec<Event> = finished.stdout.lines().map(|line| Event::parse(line).unwrap()).collect();
    assert!(matches!((events.first(), events.last()), (Some(Event::Run(_)), Some(Event::End(_)))));
    assert!(!events.iter().any(|event| matches!(event, Event::Unknown(_))));
    let printed: Vec<Value> = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(printed, folder.only_run().events());
}

#[test]
fn a_run_tells_where_its_time_went() {
    let folder = Folder::new();
    let finished = folder.run(&["train", "--headless", "--set", "train.steps=60"]).expect(0);
    assert!(!finished.stderr.contains("evidence"), "the log has no line of it: {}", finished.stderr);
    let told = folder.only_run().events_of("system");
    let last = told.last().unwrap();
    let parts = last["parts"].as_object().unwrap();
    assert_eq!(parts.len(), StepPart::ALL.len());
    let part = |name: &str| parts[name].as_f64().unwrap();
    assert!(part("forward") > 0.0 && part("backward") > 0.0 && part("optimizer") > 0.0, "{last}");
    if cfg!(target_os = "linux") {
        assert!(last["memory"].as_u64().unwrap() > 1 << 20, "{last}");
    }
    // Steps are no longer than all the time that passed, but for rounding.
    let step: f64 = parts.values().filter_map(Value::as_f64).sum();
    let steps = if told.len() == 1 { 60.0 } else { 1.0 };
    assert!(step * steps <= last["time"].as_f64().unwrap() + 1e-3, "{last}");
}

#[test]
fn send_steers_a_run_and_tells_what_became_of_it() {
    let folder = Folder::new();
    let (process, run) = endless(&folder);
    let sent = send(&folder, "weight digit 2").expect(0);
    assert!(sent.stdout.contains("applied  weight digit 2 (1 → 2) from cli"), "{}", sent.stdout);
    let applied = run.wait_for("the answer", |event| event["command"]["set_weight"].is_object());
    let acts = applied["step"].as_u64().unwrap();
    run.wait_for_step(acts);
    for event in run.events_of("step") {
        let weight = if event["step"].as_u64().unwrap() < acts { 1.0 } else { 2.0 };
        assert_eq!(event["weight"][0], weight, "{event}");
    }
    send(&folder, "weight digti 2").expect(1).says(&["rejected", "no task named 'digti'", "digit, parity"]);
    send(&folder, "weight digit -2").expect(1).says(&["rejected", "at least 0"]);
    send(&folder, "advance 3").expect(1).says(&["rejected", "only while paused"]);
    send(&folder, "wieght digit 2").expect(2).says(&["did you mean 'weight'"]);
    send(&folder, "weight digit two").expect(2).says(&["'two' is no number"]);
    folder.run(&["send", "nowhere", "pause"]).expect(2).says(&["no run 'nowhere'"]);
    let sent = send(&folder, "freeze encoder").expect(0);
    assert!(sent.stdout.contains("applied  freeze encoder (none → encoder) from cli"), "{}", sent.stdout);
    let sent = send(&folder, "unfreeze encoder").expect(0);
    assert!(sent.stdout.contains("applied  unfreeze encoder (encoder → none) from cli"), "{}", sent.stdout);
    send(&folder, "freeze digti").expect(1).says(&["no part named 'digti', did you mean 'digit'?", "encoder, digit"]);
    send(&folder, "pause").expect(0);
    let step = run.step();
    send(&folder, "advance 3").expect(0);
    run.wait_for_step(step + 3);
    // Three steps and no more, although time passes.
    send(&folder, "note still paused").expect(0);
    assert_eq!(run.step(), step + 3, "{}", run.tell());

    send(&folder, "stop").expect(0);
    process.finish().expect(0).plain().says(&["stopped on request"]);
    assert_eq!(run.reason(), "stopped");
    send(&folder, "pause").expect(1).says(&["is not alive (stopped)", "trimtab resume"]);
}

#[test]
fn foreign_writers_are_answered_by_id_and_nonsense_is_counted() {
    let folder = Folder::new();
    let (process, run) = endless(&folder);
    let by_id = |id: &str| run.wait_for(&format!("the answer to {id}"), |event| event["id"] == id);
    run.append("{\"id\":\"raw\",\"from\":\"an editor\",\"command\":{\"mute\":{\"task\":\"ink\"}}}\n");
    let answer = by_id("raw");
    assert_eq!((&answer["event"], &answer["from"]), (&"applied".into(), &"an editor".into()), "{answer}");
    run.append("{\"id\":\"new\",\"command\":{\"explode\":{\"now\":true}}}\n");
    let answer = by_id("new");
    assert_eq!(answer["event"], "rejected");
    assert!(answer["reason"].as_str().unwrap().contains("unknown command 'explode'"), "{answer}");
    run.append("no json at all\n\n\n{\"command\":{\"pause\":{}}}\n\u{1b}[2J\n");
    // An id is answered once, ever.
    run.append(
        "{\"id\":\"raw\",\"command\":{\"unmute\":{\"task\":\"ink\"}}}\n{\"id\":\"last\",\"command\":\"stop\"}\n",
    );
    by_id("last");
    process.finish().expect(0).plain();
    assert_eq!(run.events().iter().filter(|event| event["id"] == "raw").count(), 1);
    let alerts = run.events_of("alert");
    assert!(alerts.iter().any(|alert| alert["code"] == "unreadable_request"), "{alerts:?}");
    // A muted task has a loss and nothing else.
    let last = run.events_of("step").pop().unwrap();
    assert!(last["loss"][3].is_number() && last["factor"][3].is_null() && last["coefficient"][3].is_null(), "{last}");
}

#[test]
fn a_signal_saves_and_ends_and_the_run_goes_on_later() {
    for (signal, code, paused) in [("INT", 130, false), ("TERM", 143, true)] {
        let folder = Folder::new();
        let process = folder.start(SHORT, &[]);
        let run = folder.only_run();
        if paused {
            run.request(&[(json!({"pause": {}}), None)]);
            run.wait_for("the pause", |event| event["command"]["pause"].is_object());
        } else {
            run.wait_for_step(1);
        }
        process.signal(signal);
        process.finish().expect(code).plain().says(&["interrupted, state saved"]);
        assert_eq!(run.reason(), "interrupted");
        let step = run.step();
        assert!(step < 1500 && run.path(&format!("checkpoints/step-{step:08}")).is_dir(), "{}", run.tell());
        folder.run(&["resume", "latest"]).expect(0).plain();
        assert_eq!((run.reason(), run.step()), ("finished".to_owned(), 1500));
        // From exactly where it stopped: each step is on record once.
        assert_eq!(run.events_of("step").len(), 1500);
        folder.run(&["resume", &run.name()]).expect(2).says(&["nothing is left to train"]);
    }
}

#[test]
fn a_killed_run_goes_back_to_its_checkpoint_and_finishes() {
    let folder = Folder::new();
    let process = folder.start(SHORT, &[]);
    let run = folder.only_run();
    run.wait_for("a checkpoint", |event| event["event"] == "checkpoint");
    process.signal("KILL");
    drop(process);
    let saved = run.events_of("checkpoint").pop().unwrap()["step"].as_u64().unwrap();
    assert!(folder.run(&["runs"]).expect(0).stdout.contains("died"));
    folder.run(&["resume", "latest", "--headless"]).expect(0).plain();
    let rewinds = run.events_of("rewind");
    assert_eq!(rewinds.len(), 1);
    assert_eq!(rewinds[0]["why"], "resume");
    let place = |kind: &str| run.events().iter().rposition(|event| event["event"] == kind);
    assert!(place("system") > place("rewind"), "{}", run.tell());
    // A checkpoint may have been written just before its event was.
    assert!(rewinds[0]["to_step"].as_u64().unwrap() >= saved, "{}", rewinds[0]);
    assert_eq!((run.reason(), run.step()), ("finished".to_owned(), 1500));
}

#[test]
fn a_run_has_one_trainer() {
    let folder = Folder::new();
    let (process, run) = endless(&folder);
    let second = folder.run(&["resume", "latest", "--headless"]).expect(1).plain();
    assert!(second.stderr.contains("being trained by another process"), "{}", second.stderr);
    assert!(second.stderr.contains(&process.id().to_string()), "{}", second.stderr);
    let step = run.step();
    run.wait_for_step(step + 10);
    send(&folder, "stop").expect(0);
    process.finish().expect(0);
}

#[test]
fn a_finished_run_can_be_looked_at() {
    let folder = Folder::new();
    folder.run(&["runs"]).expect(0).says(&["no runs"]);
    folder.run(&["show"]).expect(2).says(&["no runs yet"]);
    folder.run(&["train", "medical", "--set", "train.steps=40"]).expect(0);
    let name = folder.only_run().name();
    let listed = folder.run(&["runs"]).expect(0).plain().stdout;
    assert!(listed.contains(&name) && listed.contains("finished") && listed.contains("40/40"), "{listed}");
    let shown = folder.run(&["show", &name]).expect(0).plain().stdout;
    assert!(shown.contains("step takes"), "{shown}");
    assert!(shown.contains("40 of 40") && shown.contains("diagnosis") && shown.contains("test @"), "{shown}");
    let summary: Value = serde_json::from_str(&folder.run(&["show", "--json"]).expect(0).stdout).unwrap();
    assert_eq!((&summary["name"], &summary["step"]), (&name.into(), &40.into()));
    assert!(summary["system"]["parts"]["forward"].as_f64().unwrap() > 0.0, "{summary}");
    assert_eq!(summary["liveness"], json!({"state": "ended", "reason": "finished"}));
    folder.run(&["show", "medcal"]).expect(2).says(&["nearest: medical-"]);
    for name in ["a.txt", "a.svg", "a.png"] {
        folder.run(&["screenshot", "--size", "100x30", "--keys", "tab y", "--to", name]).expect(0).plain();
    }
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let text = String::from_utf8(read("a.txt")).unwrap();
    assert!(text.contains("diagnosis") && text.contains("FINISHED") && text.contains("EMA 0.9, by step"), "{text}");
    assert!(String::from_utf8(read("a.svg")).unwrap().contains("<svg"));
    assert!(read("a.png").starts_with(b"\x89PNG"));
    folder.run(&["screenshot", "--keys", "nonsense", "--to", "b.txt"]).expect(2).says(&["'nonsense' is no key"]);
}

#[test]
fn check_shows_the_resolved_configuration_and_trains_nothing() {
    let folder = Folder::new();
    let text = folder.run(&["check", "digits", "--set", "encoder.hidden=[16]"]).expect(0).plain().stdout;
    for words in ["hidden = [16]", "shared by digit, parity, loops, ink", "own of ink", "48 × 16", "parameters:"] {
        assert!(text.contains(words), "'{words}':\n{text}");
    }
    assert!(folder.runs().is_empty());
    // What it prints is a configuration again.
    folder.write("again.toml", &text);
    assert_eq!(folder.run(&["check", "again.toml"]).expect(0).stdout, text);
}

#[test]
fn whoever_closes_stdout_does_no_harm() {
    let folder = Folder::new();
    for form in ["--json", "--headless"] {
        let program = env!("CARGO_BIN_EXE_trimtab");
        let line = format!("('{program}' train {form} --set train.steps=100; echo $? > code) | head -c 1");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &line]).current_dir(folder.path()).env_clear().envs(folder.environment());
        let output = shell.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(fs::read_to_string(folder.path().join("code")).unwrap(), "0\n", "{form}: {said}");
        assert_eq!(folder.only_run().reason(), "finished", "{form}");
    }
}

#[test]
fn a_number_that_is_not_finite_ends_the_run_and_names_the_task() {
    let folder = Folder::new();
    let arguments = ["train", "--set", "train.steps=60"];
    folder.run_with(&arguments, &[("TRIMTAB_FAULT", "nan@20:digit")]).expect(3).plain().says(&["'digit'", "diverged"]);
    let run = folder.only_run();
    let alert = run.events_of("alert").pop().unwrap();
    assert_eq!((&alert["code"], &alert["task"]), (&"non_finite_loss".into(), &"digit".into()), "{alert}");
    assert_eq!(run.reason(), "diverged");
    assert!(run.path("checkpoints/step-00000019").is_dir(), "the last good state");
    folder.run(&["resume"]).expect(0).plain();
    assert_eq!((run.reason(), run.step()), ("finished".to_owned(), 60));
}
