//! `trimtab predict` and `trimtab eval`, through the program.
#![cfg(feature = "train")]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use support::{Finished, Folder};

/// Digits, trained for a moment; the tests only read it.
static DIGITS: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::new();
    let sets = ["--set", "train.steps=60", "--set", "train.evaluate_every=20"];
    folder.run(&[&["train", "digits", "--headless"], &sets[..]].concat()).expect(0);
    folder
});

/// Writes a table with y = 100 + 10 x, c as kind, and a configuration that learns both.
fn small(folder: &Folder) {
    let mut table = "id,x,kind,y,c,split\n".to_owned();
    for row in 0..60 {
        let (x, kind) = (row % 10, ["low", "high"][usize::from(row % 10 > 4)]);
        let split = ["train", "train", "valid"][row % 3];
        writeln!(table, "r{row},{x},{kind},{},{kind},{split}", 100 + 10 * x).unwrap();
    }
    folder.write("t.csv", table);
    let config = "[data]\npath = \"t.csv\"\nsplit = \"split\"\nignore = [\"id\"]\n\n[encoder]\nhidden = []\n\n\
        [task.amount]\ntarget = \"y\"\nloss = \"mse\"\nmetrics = [\"mae\"]\n\n\
        [task.c]\ntarget = \"c\"\nloss = \"bce\"\n\n\
        [train]\nsteps = 300\nbatch = 20\noptimizer = { kind = \"adam\", lr = 0.05 }\n";
    folder.write("x.toml", config);
}

static SMALL: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::new();
    small(&folder);
    folder.run(&["train", "x.toml", "--headless"]).expect(0);
    folder
});

fn digits_table() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/digits8/digits8.csv")
}

/// Writes a file of its own into a folder, which tests share, and predicts for it.
fn predict(folder: &Folder, name: &str, content: impl AsRef<[u8]>) -> Finished {
    folder.write(name, content);
    folder.run(&["predict", "latest", "--input", name])
}

/// Header and rows of simple CSV.
struct Table(Vec<Vec<String>>);

impl Table {
    fn of(text: &str) -> Self {
        Self(text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect())
    }

    fn column(&self, name: &str) -> Vec<&str> {
        let place = self.0[0].iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"));
        self.0[1..].iter().map(|row| row[place].as_str()).collect()
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        self.column(name).iter().map(|cell| cell.parse().unwrap()).collect()
    }
}

fn eval(folder: &Folder, more: &[&str]) -> Value {
    let finished = folder.run(&[&["eval", "latest", "--json"], more].concat()).expect(0);
    serde_json::from_str(&finished.stdout).unwrap()
}

#[test]
fn answers_agree_with_what_is_measured() {
    let input = digits_table();
    let finished = DIGITS.run(&["predict", "latest", "--input", input.to_str().unwrap()]).expect(0).plain();
    assert_eq!(finished.stderr, "");
    let table = Table::of(&finished.stdout);
    let given = Table::of(&std::fs::read_to_string(&input).unwrap());
    assert_eq!(table.0.len(), given.0.len());
    assert!(table.0.iter().zip(&given.0).all(|(out, given)| out[..given.len()] == given[..]), "what came is kept");
    let split = table.column("split");
    let test: Vec<usize> = (0..split.len()).filter(|row| split[*row] == "test").collect();
    let measured = eval(&DIGITS, &[]);
    assert_eq!(measured["rows"], test.len());
    for task in ["digit", "parity", "loops"] {
        let (truth, answer) = (table.column(task), table.column(&format!("predicted_{task}")));
        let right = test.iter().filter(|row| truth[**row] == answer[**row]).count();
        let accuracy = measured["tasks"][task]["metric"]["accuracy"].as_f64().unwrap();
        assert!((right as f64 / test.len() as f64 - accuracy).abs() < 1e-6, "{task}");
        assert!(accuracy > 0.3, "{task}: {accuracy} is hardly learned");
        assert!(table.numbers(&format!("{task}_probability")).iter().all(|p| (0.1..=1.0).contains(p)));
    }
    let (truth, answer) = (table.numbers("ink"), table.numbers("predicted_ink"));
    let error = test.iter().map(|row| (truth[*row] - answer[*row]).abs()).sum::<f64>() / test.len() as f64;
    let mae = measured["tasks"]["ink"]["metric"]["mae"].as_f64().unwrap();
    assert!((error - mae).abs() < 1e-5, "{error} is not {mae}");
    // The run's own last words were about the same parameters.
    let recorded = DIGITS.only_run().events_of("eval").into_iter().find(|eval| eval["split"] == "test").unwrap();
    assert_eq!(recorded["metric"][0], measured["tasks"]["digit"]["metric"]);
    assert_eq!(recorded["step"], measured["step"]);
}

#[test]
fn the_order_of_columns_does_not_matter() {
    let given = Table::of(&std::fs::read_to_string(digits_table()).unwrap());
    let straight = given.0[..200].iter().map(|row| row.join(",") + "\n").collect::<String>();
    let mirrored: String =
        given.0[..200].iter().map(|row| row.iter().rev().cloned().collect::<Vec<_>>().join(",") + "\n").collect();
    let straight = Table::of(&predict(&DIGITS, "straight.csv", straight).expect(0).stdout);
    let mirrored = Table::of(&predict(&DIGITS, "mirrored.csv", mirrored).expect(0).stdout);
    for column in ["predicted_digit", "digit_probability", "predicted_ink", "p34"] {
        assert_eq!(straight.column(column), mirrored.column(column), "{column}");
    }
}

#[test]
fn it_is_a_filter() {
    // Several chunks, and more than a pipe holds.
    let text = "x,kind\n".to_owned() + &"3,low\n".repeat(30_000);
    let mut child = Command::new(env!("CARGO_BIN_EXE_trimtab"))
        .args(["predict", "latest", "--input", "-"])
        .current_dir(SMALL.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let table = Table::of(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(table.0[0], ["x", "kind", "amount", "c", "c_probability"]);
    assert_eq!(table.0.len(), 30_001);
    assert!(table.0[1..].iter().all(|row| *row == table.0[1]));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    SMALL.write("long.csv", "x,kind\n".to_owned() + &"3,low\n".repeat(100_000));
    let mut child = Command::new(env!("CARGO_BIN_EXE_trimtab"))
        .args(["predict", "latest", "--input", "long.csv"])
        .current_dir(SMALL.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn numbers_are_in_the_users_units_and_labels_are_words() {
    // Without the targets and the split; with columns that it does not know, one of them quoted.
    let finished = predict(&SMALL, "units.csv", "note,x,kind,c\n\"a, \"\"b\"\"\",2,low,\n  k ,7,high,?\n").expect(0);
    let mut lines = finished.stdout.lines();
    assert_eq!(lines.next().unwrap(), "note,x,kind,c,amount,predicted_c,c_probability");
    for (line, before, amount, label) in [
        (lines.next().unwrap(), "\"a, \"\"b\"\"\",2,low,,", 120.0, "low"),
        (lines.next().unwrap(), "  k ,7,high,?,", 170.0, "high"),
    ] {
        let answers: Vec<&str> = line.strip_prefix(before).unwrap().split(',').collect();
        let found: f64 = answers[0].parse().unwrap();
        assert!((found - amount).abs() < 5.0, "{found} is not about {amount}");
        assert_eq!(answers[1], label);
        assert!((0.5..=1.0).contains(&answers[2].parse::<f64>().unwrap()));
    }
}

#[test]
fn missing_values_are_filled_in_as_in_training() {
    // The mean of x over the training part stands for a value that is not there.
    let given = Table::of(&std::fs::read_to_string(SMALL.path().join("t.csv")).unwrap());
    let (x, split) = (given.numbers("x"), given.column("split"));
    let train: Vec<f64> = x.iter().zip(split).filter(|(_, split)| *split == "train").map(|(x, _)| *x).collect();
    let mean = train.iter().sum::<f64>() / train.len() as f64;
    let text = format!("x,kind\n{mean},low\n?,low\n,low\nNA,low\n");
    let table = Table::of(&predict(&SMALL, "missing.csv", text).expect(0).stdout);
    let amounts = table.numbers("amount");
    assert!(amounts[1..].iter().all(|amount| (amount - amounts[0]).abs() < 1e-3), "{amounts:?}");
}

#[test]
fn a_header_alone_stays_a_header() {
    let finished = predict(&SMALL, "header.csv", "\u{feff}x,kind,amount\n").expect(0);
    assert_eq!(finished.stdout, "x,kind,amount,predicted_amount,c,c_probability\n");
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let long = format!("x,kind\n1,low\n{},low\n", "1".repeat(1 << 21));
    let cases: [(&str, &[u8], &[&str]); 10] = [
        ("1.csv", b"", &["1.csv", "an empty file"]),
        ("2.csv", b"xs,kind\n1,low\n", &["2.csv", "no column 'x'", "did you mean 'xs'"]),
        ("3.csv", b"x;kind\n1;low\n", &["no column 'kind'", "data.separator"]),
        ("4.csv", b"x,kind\n1,low\nmany,low\n", &["row 2 (line 3), column 'x'", "expected a number, found 'many'"]),
        ("5.csv", b"x,kind\n1,low\n2\n", &["5.csv: row 2 (line 3): expected 2 fields as in the header, found 1"]),
        ("6.csv", b"x,kind\n1,lo\0w\n", &["row 1 (line 2), column 'kind': a NUL byte"]),
        ("7.csv", b"x,kind\n1,l\xffw\n", &["row 1 (line 2), column 'kind': not UTF-8"]),
        ("8.csv", long.as_bytes(), &["row 2 (line 3): longer than 1 MiB"]),
        ("9.csv", b"x,x,kind\n1,1,low\n", &["the header, column 2: a second column 'x'"]),
        ("10.csv", b"x,kind\n1e300,low\ninf,low\n", &["row 1 (line 2), column 'x': '1e300' is too far"]),
    ];
    for (name, content, words) in cases {
        // NUL bytes do not come out again.
        predict(&SMALL, name, content).expect(2).plain().says(words);
    }
    SMALL.run(&["predict", "latest", "--input", "-"]).expect(2).says(&["stdin: an empty file"]);
    SMALL.run(&["predict", "latest", "--input", "nothing.csv"]).expect(2).says(&["nothing.csv", "no such file"]);
    SMALL.run(&["predict", "latest", "--input", "runs"]).expect(2).says(&["runs", "a directory"]);
    SMALL.run(&["predict", "lastest", "--input", "t.csv"]).expect(2).says(&["no run 'lastest'"]);
    SMALL.run(&["predict", "latest", "--input", "t.csv", "--source", "dat"]).expect(2).says(&["did you mean 'data'"]);
}

#[test]
fn other_labelled_rows_are_measured_as_the_runs_own_are() {
    // The test part in a file of its own, columns in another order.
    let table = Table::of(&std::fs::read_to_string(digits_table()).unwrap());
    let (header, rows) = table.0.split_first().unwrap();
    let split = header.iter().position(|name| name == "split").unwrap();
    let of_test = rows.iter().filter(|row| row[split] == "test");
    let text: String = std::iter::once(header)
        .chain(of_test)
        .map(|row| row.iter().rev().map(String::as_str).collect::<Vec<_>>().join(",") + "\n")
        .collect();
    DIGITS.write("test-rows.csv", text);
    let (own, other) = (eval(&DIGITS, &[]), eval(&DIGITS, &["--input", "test-rows.csv"]));
    assert_eq!((&own["rows"], &own["tasks"]), (&other["rows"], &other["tasks"]));
    assert_eq!(other["input"], "test-rows.csv");
}

#[test]
fn a_label_or_text_that_training_never_saw_counts_as_wrong() {
    SMALL.write("labelled.csv", "x,kind,y,c\n2,low,120,low\n7,high,?,middle\n");
    let found = eval(&SMALL, &["--input", "labelled.csv"]);
    assert_eq!(found["tasks"]["c"]["metric"]["accuracy"], 0.5);
    assert!(found["tasks"]["amount"]["metric"]["mae"].as_f64().unwrap() < 5.0, "{found}");
    let shown = SMALL.run(&["eval", "latest", "--input", "labelled.csv"]).expect(0);
    let shown = shown.plain().says(&["task 'c': 1 new row has a label that the training part has not, and counts"]);
    assert!(shown.stdout.starts_with("task    metric      labelled.csv @"), "{}", shown.stdout);
}

#[test]
fn labelled_rows_that_do_not_fit_are_told_with_their_place() {
    let cases: [(&str, &str, &[&str]); 6] = [
        ("a.csv", "x,kind,c\n1,low,low\n", &["a.csv: no column 'y'", "the target of task 'amount'"]),
        ("b.csv", "xs,kind,y,c\n1,low,1,low\n", &["b.csv: no column 'x'", "did you mean 'xs'"]),
        ("c.csv", "x,kind,y,c\n1,low,1,low\n2,low,much,low\n", &["c.csv: row 2 (line 3), column 'y'", "'much'"]),
        ("d.csv", "x,kind,y,c\n1,low,1,low\nz,low,1,low\n", &["d.csv: row 2 (line 3), column 'x'", "'z'"]),
        ("e.csv", "x,kind,y,c\n", &["e.csv", "a header but no rows"]),
        ("f.txt", "x\n", &["f.txt: expected a table, .csv or .tsv"]),
    ];
    for (name, content, words) in cases {
        SMALL.write(name, content);
        SMALL.run(&["eval", "latest", "--input", name]).expect(2).plain().says(words);
    }
    SMALL.run(&["eval", "latest", "--input", "nothing.csv"]).expect(2).says(&["nothing.csv", "no such file"]);
    SMALL.run(&["eval", "latest", "--input", "a.csv", "--part", "test"]).expect(2);
    SMALL.run(&["eval", "latest", "--input", "a.csv", "--source", "dat"]).expect(2).says(&["did you mean 'data'"]);
}

#[test]
fn rows_before_a_fault_are_answered() {
    let finished = predict(&SMALL, "fault.csv", "x,kind\n1,low\n2,low\nx,low\n3,low\n").expect(2);
    assert_eq!(finished.stdout.lines().count(), 3, "{}", finished.stdout);
}

#[test]
fn the_data_is_not_needed_to_predict_but_it_is_to_evaluate() {
    let folder = Folder::new();
    small(&folder);
    folder.run(&["train", "x.toml", "--headless", "--set", "train.steps=20"]).expect(0);
    let table = folder.run(&["eval", "latest", "--part", "valid"]).expect(0).plain();
    assert!(table.stdout.starts_with("task    metric"), "{}", table.stdout);
    assert!(table.stdout.lines().any(|line| line.starts_with("amount  mae ↓")), "{}", table.stdout);
    // Split by a column without test rows.
    folder.run(&["eval", "latest"]).expect(2).says(&["no test part"]);
    let (best, last) = (eval(&folder, &["--part", "train"]), eval(&folder, &["--part", "train", "--final"]));
    assert_eq!((&best["model"], &last["model"]), (&Value::from("best"), &Value::from("final")));
    assert_eq!(last["step"], 20);
    let before = predict(&folder, "n.csv", "x,kind\n1,low\n").expect(0).stdout;

    let mut text = std::fs::read_to_string(folder.path().join("t.csv")).unwrap();
    text += "r60,3,low,131,low,train\n";
    folder.write("t.csv", text);
    folder.run(&["eval", "latest", "--part", "valid"]).expect(2).says(&["is not what the run was started with"]);
    std::fs::remove_file(folder.path().join("t.csv")).unwrap();
    folder.run(&["eval", "latest", "--part", "valid"]).expect(2).says(&["t.csv", "no such file"]);
    assert_eq!(predict(&folder, "n.csv", "x,kind\n1,low\n").expect(0).stdout, before);

    let run = folder.only_run();
    std::fs::remove_dir_all(run.path("best")).unwrap();
    predict(&folder, "n.csv", "x,kind\n1,low\n").expect(0).says(&["no best/"]);
    let model = run.path("final").join("model.safetensors");
    let bytes = std::fs::read(&model).unwrap();
    std::fs::write(&model, &bytes[..bytes.len() / 2]).unwrap();
    predict(&folder, "n.csv", "x,kind\n1,low\n").expect(1).plain().says(&["model.safetensors"]);
    std::fs::remove_dir_all(run.path("final")).unwrap();
    folder.run(&["predict", "latest", "--input", "n.csv", "--final"]).expect(2).says(&["no final/"]);
    predict(&folder, "n.csv", "x,kind\n1,low\n").expect(2).says(&["no trained network yet"]);
}
