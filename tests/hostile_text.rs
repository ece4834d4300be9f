//! Names and texts that hold control sequences: shown, never obeyed, by the log, the tables and the screen.
#![cfg(all(unix, feature = "train"))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::json;
use std::fmt::Write as _;
use support::terminal::Terminal;
use support::{Folder, RunFiles};
use unicode_width::UnicodeWidthStr;

/// Sets the title, rings, clears the screen, moves the cursor, writes to the clipboard, leaves the alternate screen.
const ATTACKS: [&str; 6] = [
    "\u{1b}]0;owned\u{7}",
    "\u{7}",
    "\u{1b}[2J\u{1b}[1;1Howned",
    "\u{9b}5A",
    "\u{1b}]52;c;b3duZWQ=\u{7}",
    "\u{1b}[?1049l",
];

fn attack() -> String {
    ATTACKS.concat()
}

/// A text as a TOML string in which every character that is not plain is escaped.
fn toml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            quoted.push(c);
        } else {
            write!(quoted, "\\U{:08X}", u32::from(c)).unwrap();
        }
    }
    quoted + "\""
}

/// A folder in which the table's name, its header, its labels and both tasks try to act on a terminal.
fn hostile() -> Folder {
    let folder = Folder::new();
    let evil = attack();
    let mut table = format!("a,\"{evil}\",y,\"é{evil}\"\n");
    for row in 0..60 {
        let label = if row % 2 == 0 { format!("\"情感{evil}\"") } else { "plain".to_owned() };
        writeln!(table, "{row},{},{},{label}", row % 7, row % 5).unwrap();
    }
    folder.write("t\u{1b}[2J.csv", table);
    let config = format!(
        "[data]\nkind = \"table\"\npath = {path}\n\n[task.{number}]\ntarget = \"y\"\nloss = \"mse\"\n\n[task.{label}]\n\
         target = {target}\nloss = \"cross_entropy\"\n\n[task.short]\ntarget = {target}\nloss = \"nll\"\n\n\
         [encoder]\nhidden = [8]\n\n[train]\nsteps = 60\nbatch = 8\n",
        path = toml("t\u{1b}[2J.csv"),
        number = toml(&format!("n{evil}")),
        label = toml("情感分析"),
        target = toml(&format!("é{evil}")),
    );
    folder.write("x.toml", config);
    folder
}

/// The columns at which the last word of each line ends, as a terminal counts.
fn ends(lines: &[&str]) -> Vec<usize> {
    lines.iter().map(|line| line.trim_end().width()).collect()
}

#[test]
fn the_log_the_tables_and_the_messages_show_control_sequences() {
    let folder = hostile();
    let finished = folder.run(&["train", "x.toml"]).plain().expect(0);
    // It is named, in pictures of the control characters.
    assert!(finished.stderr.contains("n␛]0;owned␇"), "{}", finished.stderr);
    assert!(finished.stdout.contains("n␛]0;owned␇"), "{}", finished.stdout);
    let rows: Vec<&str> = finished.stdout.lines().collect();
    assert!(rows.len() > 6 && rows.iter().any(|row| row.starts_with("情感分析 ")), "{}", finished.stdout);
    let ends = ends(&rows);
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}:\n{}", finished.stdout);
    for arguments in [&["runs"][..], &["show"], &["check", "x.toml"], &["screenshot", "--to", "a.txt"]] {
        folder.run(arguments).plain().expect(0);
    }
    // What is refused is told without acting either.
    let evil = attack();
    folder.run(&["train", &evil]).plain().expect(2);
    folder.run(&["train", "x.toml", "--set", &format!("{evil}=1")]).plain().expect(2);
    folder.run(&["show", &evil]).plain().expect(2);
    folder.run(&["send", "latest", &evil]).plain().expect(2);
    folder.run_with(&["train", "x.toml"], &[("TRIMTAB_FAULT", &evil)]).plain().expect(2);
    folder.write("bad.toml", format!("{evil} = 1\n[task.{}]\n", toml(&evil)));
    folder.run(&["train", "bad.toml"]).plain().expect(2);
    folder.write("e.csv", format!("a,y\n1,{evil}\n2,3\n3,4\n4,5\n"));
    folder.write("e.toml", "[data]\npath = \"e.csv\"\n[task.y]\ntarget = \"y\"\nloss = \"mse\"\n");
    folder.run(&["train", "e.toml"]).plain().expect(2).says(&["row 1 (line 2), column 'y'", "␛"]);
}

/// Requests whose sender, text and task names try to act on the terminal.
fn harass(run: &RunFiles) {
    let evil = attack();
    run.append(format!("{}\n", json!({"id": "1", "from": evil, "command": {"note": {"text": evil}}})));
    run.append(format!("{}\n", json!({"id": "2", "from": evil, "command": {"mute": {"task": evil}}})));
    run.append(format!("{}\n", json!({"id": evil, "command": {"explode": {}}})));
    run.wait_for("three answers", |event| event["id"] == evil.as_str());
}

#[test]
fn a_screen_obeys_none_of_it() {
    let folder = hostile();
    let arguments = ["train", "x.toml", "--set", "train.steps=1000000", "--set", "train.pace=50"];
    let mut terminal = Terminal::start(&folder, (120, 40), &arguments, &[]);
    terminal.wait_for("n␛]0;owned␇");
    harass(&folder.only_run());
    // Newest at the top: the last refusal stands on the screen.
    terminal.wait_for("explode");
    terminal.press("z");
    terminal.wait_for("情感分析");
    terminal.press("z");
    // Pasted text is not obeyed either: a note that rings.
    terminal.press("n\u{1b}[200~ring \u{7}\u{1b}[2J\u{1b}[201~");
    terminal.wait_for("ring ");
    terminal.press("\r");
    folder.only_run().wait_for("the note", |event| {
        event["command"]["note"]["text"].as_str().is_some_and(|text| text.contains("ring"))
    });
    assert!(terminal.look(|screen| screen.alternate_screen() && screen.hide_cursor()));
    assert_eq!(terminal.deeds(), Vec::<String>::new(), "title, bell or clipboard");
    terminal.press("\x03");
    assert_eq!(terminal.finish(), 130, "{}", terminal.text());
    terminal.assert_restored();
    assert_eq!(terminal.deeds(), Vec::<String>::new(), "title, bell or clipboard");
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    for foreign in ["\u{1b}]", "\u{7}", "\u{9b}", "\u{1b}[1;1Howned"] {
        assert!(!raw.contains(foreign), "{foreign:?} was sent");
    }
    // Left once, by the program itself.
    assert_eq!(raw.matches("\u{1b}[?1049l").count(), 1);
}
