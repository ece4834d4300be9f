//! The real program in a pseudo-terminal: what a person sees, what keys do, how the terminal is left.
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]
#![cfg(all(unix, feature = "train"))]

mod support;

use std::process::Command;
use std::time::Duration;
use support::terminal::Terminal;
use support::{Folder, RunFiles, until};

const LARGE: (u16, u16) = (120, 40);
/// Slow enough to act in the middle of.
const PACED: &[&str] = &["train", "--set", "train.pace=50", "--set", "train.steps=1000000"];

fn is_braille(c: char) -> bool {
    ('\u{2801}'..='\u{28ff}').contains(&c)
}

/// A run in a terminal, its curves on the screen.
fn paced(folder: &Folder) -> (Terminal, RunFiles) {
    let terminal = Terminal::start(folder, LARGE, PACED, &[]);
    terminal.wait_until("curves", |screen| screen.contents().chars().filter(|c| is_braille(*c)).count() > 20);
    (terminal, folder.only_run())
}

#[test]
fn a_weight_is_raised_by_key_and_the_run_is_quit() {
    let folder = Folder::new();
    let (mut terminal, run) = paced(&folder);
    assert!(terminal.look(|screen| screen.alternate_screen() && screen.hide_cursor()));
    let text = terminal.text();
    for word in ["RUNNING", "digit", "parity", "loops", "ink", "Weights", "Validation"] {
        assert!(text.contains(word), "{word}:\n{text}");
    }
    // Down to the second task, then the weight times 1.1.
    terminal.press("j\x1b[C");
    terminal.wait_until("the second task's weight", |screen| {
        screen.contents().lines().any(|line| line.contains("2 parity") && line.contains("1.10"))
    });
    let applied = run.wait_for("the answer", |event| event["event"] == "applied");
    assert_eq!(applied["command"]["set_weight"]["task"], "parity", "{applied}");
    assert_eq!((&applied["old"], &applied["new"]), (&1.0.into(), &1.1.into()), "{applied}");
    let acts = applied["step"].as_u64().unwrap();
    run.wait_for_step(acts);
    for event in run.events_of("step") {
        let weight = if event["step"].as_u64().unwrap() < acts { 1.0 } else { 1.1 };
        assert_eq!(event["weight"], serde_json::json!([1.0, weight, 1.0, 1.0]), "{event}");
    }

    terminal.resize((40, 12));
    terminal.wait_until("a small screen", |screen| {
        let text = screen.contents();
        let short = text.lines().count() <= 12 && text.starts_with("RUN ");
        short && ["1 digit", "2 parity", "w1.10"].iter().all(|word| text.contains(word)) && text.contains(is_braille)
    });

    terminal.press("q");
    terminal.wait_for("Training goes on");
    terminal.press("s");
    assert_eq!(terminal.finish(), 0, "{}", terminal.text());
    terminal.assert_restored();
    assert_eq!(run.reason(), "stopped");
    // The result table stands on the terminal, in so many columns as it has.
    assert!(terminal.text().contains("accuracy ↑"), "{}", terminal.text());
    assert_eq!(terminal.deeds(), Vec::<String>::new());
}

#[test]
fn after_the_end_the_screen_stays_until_it_is_left() {
    let folder = Folder::new();
    let arguments = ["train", "--set", "train.steps=60", "--set", "train.pace=off"];
    let mut terminal = Terminal::start(&folder, LARGE, &arguments, &[]);
    terminal.wait_for("FINISHED");
    assert!(terminal.look(vt100::Screen::alternate_screen));
    assert_eq!(folder.only_run().reason(), "finished");
    // Time passes and other keys are pressed: the screen stays.
    terminal.press("?");
    terminal.wait_for("Tasks and weights");
    terminal.press("\x1b");
    terminal.wait_until("the help closed", |screen| !screen.contents().contains("Tasks and weights"));
    terminal.press("q");
    assert_eq!(terminal.finish(), 0, "{}", terminal.text());
    terminal.assert_restored();
    assert!(terminal.text().contains("test @60"), "{}", terminal.text());
}

#[test]
fn ctrl_c_saves_and_ends() {
    let folder = Folder::new();
    let (mut terminal, run) = paced(&folder);
    terminal.press("\x03");
    assert_eq!(terminal.finish(), 130, "{}", terminal.text());
    terminal.assert_restored();
    assert_eq!(run.reason(), "interrupted");
    let saved = run.events_of("checkpoint").pop().unwrap();
    assert_eq!(saved["step"], run.step(), "{saved}");
    assert!(run.path(saved["path"].as_str().unwrap()).join("model.safetensors").is_file());
}

#[test]
fn a_panic_of_the_trainer_leaves_the_terminal_whole_and_says_why() {
    let folder = Folder::new();
    let mut terminal = Terminal::start(&folder, LARGE, PACED, &[("TRIMTAB_FAULT", "panic@50")]);
    terminal.wait_until("the screen", vt100::Screen::alternate_screen);
    assert_eq!(terminal.finish(), 70, "{}", terminal.text());
    terminal.assert_restored();
    let text = terminal.text();
    assert!(text.contains("a panic was provoked at step 50"), "{text}");
    let run = folder.only_run();
    let end = run.events().pop().unwrap();
    assert_eq!((&end["event"], &end["reason"]), (&"end".into(), &"failed".into()), "{end}");
    assert!(end["message"].as_str().unwrap().contains("provoked at step 50"), "{end}");
    assert_eq!(run.step(), 49);
}

/// The state that `ps` shows first: T is stopped.
fn process_state(id: u32) -> String {
    let output = Command::new("ps").args(["-o", "state=", "-p", &id.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn ctrl_z_suspends_and_continuing_brings_the_screen_back() {
    let folder = Folder::new();
    let (mut terminal, run) = paced(&folder);
    terminal.press("\x1a");
    until("a stopped process", || terminal.text(), || process_state(terminal.id()).starts_with('T').then_some(()));
    terminal.wait_until("the terminal restored", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    terminal.assert_restored();
    let before = run.step();
    terminal.signal("CONT");
    terminal.wait_for("Weights");
    assert!(terminal.look(|screen| screen.alternate_screen() && screen.hide_cursor()));
    run.wait_for_step(before + 5);
    // Keys are heard again.
    terminal.press("?");
    terminal.wait_for("Tasks and weights");
    terminal.press("\x03");
    assert_eq!(terminal.finish(), 130, "{}", terminal.text());
    terminal.assert_restored();
}

#[test]
fn a_terminal_that_stops_reading_does_not_hold_training_up() {
    let folder = Folder::new();
    let (mut terminal, run) = paced(&folder);
    terminal.press(">>>>>");
    run.wait_for("a faster pace", |event| event["command"]["set_pace"].is_object());
    terminal.set_reading(false);
    let before = run.step();
    // Whole repaints, so that whatever the system keeps for a terminal is soon full.
    for _ in 0..60 {
        terminal.press("\x0c");
        std::thread::sleep(Duration::from_millis(40));
    }
    let during = terminal.raw().len();
    run.wait_for_step(before + 400);
    assert!(terminal.raw().len() - during <= 4096, "the terminal was read");
    // Every step is on record, in order.
    let steps: Vec<u64> = run.events_of("step").iter().map(|event| event["step"].as_u64().unwrap()).collect();
    assert!(steps.iter().zip(1..).all(|(step, expected)| *step == expected), "{steps:?}");
    terminal.signal("INT");
    let ended = run.wait_for("the end", |event| event["event"] == "end");
    assert_eq!(ended["reason"], "interrupted");
    // The terminal is still not read; the program ends all the same.
    until("the program's end", || run.tell(), || terminal.has_ended().then_some(()));
    assert_eq!(terminal.finish(), 130);
}
