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

/// A name may not hold control characters, but marks that reorder a line.
const REORDERING: &str = "ab\u{202e}cd";

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

/// A folder in which the table's name, its header, its labels and a task's name try to act on a terminal.
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
        number = toml(REORDERING),
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
    for text in [&finished.stderr, &finished.stdout] {
        assert!(text.contains("ab\\u{202e}cd") && !text.contains('\u{202e}'), "{text}");
    }
    let rows: Vec<&str> = finished.stdout.lines().collect();
    assert!(rows.len() > 6 && rows.iter().any(|row| row.starts_with("情感分析 ")), "{}", finished.stdout);
    let ends = ends(&rows);
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}:\n{}", finished.stdout);
    let checked = folder.run(&["check", "x.toml"]).plain().expect(0).stdout;
    assert!(checked.contains("é␛]0;owned␇"), "{checked}");
    // What is refused is told without acting either.
    let evil = attack();
    folder.run(&["train", &evil]).plain().expect(2);
    folder.run(&["train", "x.toml", "--set", &format!("{evil}=1")]).plain().expect(2);
    folder.run(&["show", &evil]).plain().expect(2);
    folder.run(&["send", "latest", &evil]).plain().expect(2);
    folder.run_with(&["train", "x.toml"], &[("TRIMTAB_FAULT", &evil)]).plain().expect(2);
    folder.write("bad.toml", format!("{evil} = 1\n"));
    folder.run(&["train", "bad.toml"]).plain().expect(2);
    folder.write("bad.toml", format!("name = {evil}\n[task.{evil}]\n", evil = toml(&evil)));
    folder.run(&["train", "bad.toml"]).plain().expect(2).says(&["bad.toml:1:8", "bad.toml:2:7", "␛]0;owned␇"]);
    folder.write("e.csv", format!("a,y\n1,{evil}\n2,3\n3,4\n4,5\n"));
    folder.write("e.toml", "[data]\npath = \"e.csv\"\n[task.y]\ntarget = \"y\"\nloss = \"mse\"\n");
    folder.run(&["train", "e.toml"]).plain().expect(2).says(&["row 1 (line 2), column 'y'", "␛"]);
}

#[test]
fn the_record_of_a_foreign_trainer_is_shown_without_acting() {
    let folder = Folder::new();
    let evil = attack();
    let run = RunFiles(folder.path().join("runs/foreign"));
    std::fs::create_dir_all(&run.0).unwrap();
    let events = [
        json!({"event": "run", "schema": 1, "run": evil, "device": evil, "tasks": [
            {"name": evil, "metrics": [{"name": evil, "better": "lower"}]}, {"name": "情感分析"}]}),
        json!({"event": "step", "step": 1, "loss": [0.5, 0.25], "weight": [1, 1]}),
        json!({"event": "eval", "step": 1, "split": "valid", "loss": [0.5, 0.25], "metric": [{&evil: 0.5}, {}]}),
        json!({"event": "alert", "step": 1, "code": evil, "level": evil, "message": evil}),
        json!({"event": "rejected", "step": 1, "id": evil, "from": evil, "reason": evil}),
        json!({"event": "applied", "step": 1, "id": "a", "from": evil, "command": {"note": {"text": evil}}}),
    ];
    std::fs::write(run.path("events.jsonl"), events.map(|event| format!("{event}\n")).concat()).unwrap();
    let listed = folder.run(&["runs"]).plain().expect(0).stdout;
    assert!(listed.contains("␛]0;owned␇") && listed.contains("情感分析"), "{listed}");
    let table = folder.run(&["show"]).plain().expect(0).stdout;
    let rows: Vec<&str> = table.lines().skip_while(|line| !line.starts_with("task ")).collect();
    let ends = ends(&rows);
    assert!(ends.len() == 4 && ends.iter().all(|end| *end == ends[0]), "{ends:?}:\n{table}");
    folder.run(&["screenshot", "--to", "a.txt", "--size", "160x50"]).plain().expect(0);
    let screen = std::fs::read_to_string(folder.path().join("a.txt")).unwrap();
    assert!(screen.contains("␛]0;owned␇") && screen.contains("情感分析"), "{screen}");
    assert_eq!(screen.chars().find(|c| c.is_control() && *c != '\n'), None);
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
    terminal.wait_for("ab\\u{202e}cd");
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
    // The program's own question for the background is the only command of its kind.
    let raw = String::from_utf8_lossy(&terminal.raw()).replacen("\u{1b}]11;?\u{1b}\\", "", 1);
    for foreign in ["\u{1b}]", "\u{7}", "\u{9b}", "\u{1b}[1;1Howned"] {
        assert!(!raw.contains(foreign), "{foreign:?} was sent");
    }
    // Left once, by the program itself.
    assert_eq!(raw.matches("\u{1b}[?1049l").count(), 1);
}
