//! What the dashboard asks of a real terminal and hears from it: its background, the mouse, the locale.
#![cfg(all(unix, feature = "train"))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use std::process::Command;
use support::terminal::Terminal;
use support::{Folder, until};

const LARGE: (u16, u16) = (120, 40);
const PACED: &[&str] = &["train", "--set", "train.pace=50", "--set", "train.steps=1000000"];
const QUESTION: &[u8] = b"\x1b]11;?\x1b\\";
/// Secondary text on a light ground, as one of 256 colours.
const LIGHT_DIM: &[u8] = b"38;5;242";

fn holds(raw: &[u8], wanted: &[u8]) -> bool {
    raw.windows(wanted.len()).any(|window| window == wanted)
}

fn wait_for_bytes(terminal: &Terminal, what: &str, wanted: &[u8]) {
    until(what, || terminal.text(), || holds(&terminal.raw(), wanted).then_some(()));
}

fn leave(terminal: &mut Terminal) {
    terminal.press("\x03");
    assert_eq!(terminal.finish(), 130, "{}", terminal.text());
    terminal.assert_restored();
}

#[test]
fn the_screen_is_drawn_first_and_turns_light_when_the_terminal_says_so_however_late() {
    let folder = Folder::new();
    let mut terminal = Terminal::start(&folder, LARGE, PACED, &[]);
    terminal.wait_until("the second task", |screen| screen.contents().lines().any(is_second_task));
    wait_for_bytes(&terminal, "the question", QUESTION);
    let raw = terminal.raw();
    let asked = raw.windows(QUESTION.len()).position(|window| window == QUESTION).unwrap();
    assert!(holds(&raw[..asked], b"Loss"), "drawn before asked");
    assert!(!holds(&raw, LIGHT_DIM));
    // Keys before, behind and in the same breath are heard; the answer is not taken for keys.
    terminal.press("j\x1b]11;rgb:ffff/fbfb/f0f0\x1b\\j");
    wait_for_bytes(&terminal, "light colours", LIGHT_DIM);
    terminal.wait_until("the third task", |screen| screen.contents().lines().any(|line| line.contains("> 3 ")));
    assert!(terminal.text().contains("q quit"), "no line of input was opened:\n{}", terminal.text());
    leave(&mut terminal);
}

#[test]
fn a_terminal_that_cannot_answer_or_shows_no_colours_is_not_asked() {
    for environment in [("TERM", "linux"), ("NO_COLOR", "1")] {
        let folder = Folder::new();
        let mut terminal = Terminal::start(&folder, LARGE, PACED, &[environment]);
        terminal.wait_for("Weights");
        // A second frame is surely behind the first one.
        terminal.press("?");
        terminal.wait_for("Tasks and weights");
        assert!(!holds(&terminal.raw(), QUESTION), "{environment:?}");
        leave(&mut terminal);
    }
}

#[test]
fn on_the_console_everything_is_ascii() {
    let folder = Folder::new();
    let mut terminal = Terminal::start(&folder, LARGE, PACED, &[("TERM", "linux")]);
    terminal.wait_for("Weights");
    terminal.press("?");
    terminal.wait_for("Tasks and weights");
    assert!(terminal.text().is_ascii(), "{}", terminal.text());
    leave(&mut terminal);
}

fn is_second_task(line: &str) -> bool {
    line.contains("2 parity") && line.contains("1.00")
}

fn mouse(terminal: &Terminal) -> vt100::MouseProtocolMode {
    terminal.look(vt100::Screen::mouse_protocol_mode)
}

#[test]
fn the_mouse_is_heard_given_back_by_a_key_and_left_alone_while_suspended() {
    let folder = Folder::new();
    let mut terminal = Terminal::start(&folder, LARGE, PACED, &[]);
    terminal.wait_until("the second task", |screen| screen.contents().lines().any(is_second_task));
    assert_eq!(mouse(&terminal), vt100::MouseProtocolMode::ButtonMotion, "no flood of mere motion");
    // A click on the second task's row: SGR counts from 1.
    let row = terminal.text().lines().position(is_second_task).unwrap() + 1;
    terminal.press(&format!("\x1b[<0;80;{row}M\x1b[<0;80;{row}m"));
    terminal.wait_until("the second task", |screen| screen.contents().contains("> 2 "));
    terminal.press("M");
    terminal.wait_for("mouse off");
    terminal
        .wait_until("the mouse given back", |screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None);
    terminal.press("M");
    terminal.wait_until("the mouse", |screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None);
    terminal.press("\x1a");
    let state = || {
        let output = Command::new("ps").args(["-o", "state=", "-p", &terminal.id().to_string()]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    until("a stopped process", || terminal.text(), || state().trim().starts_with('T').then_some(()));
    terminal.wait_until("the terminal restored", |screen| !screen.alternate_screen());
    terminal.assert_restored();
    terminal.signal("CONT");
    terminal.wait_until("the mouse", |screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None);
    leave(&mut terminal);
}
