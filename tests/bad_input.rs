//! Input that does not fit: a clear error with its place, exit code 2, and no run directory left.
#![cfg(feature = "train")]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use std::fmt::Write as _;
use support::Folder;

const TABLE: &str = "a,b,y,c\n1,2,0.5,p\n2,1,1.5,q\n3,5,2.5,p\n4,4,3.5,q\n5,2,4.5,p\n6,1,5.5,q\n7,3,6.5,p\n8,2,7.5,q\n";

fn config(path: &str) -> String {
    format!(
        "[data]\nkind = \"table\"\npath = \"{path}\"\n\n[task.y]\ntarget = \"y\"\nloss = \"mse\"\n\n[task.c]\ntarget = \"c\"\nloss = \"cross_entropy\"\n\n[train]\nsteps = 20\nbatch = 4\n"
    )
}

/// Trains and expects to be refused with these words, nothing left behind.
#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], words: &[&str]) {
    folder.run(&[&["train"], arguments].concat()).expect(2).plain().says(words);
    assert!(!folder.path().join("runs").exists(), "a run directory was left");
}

/// A folder with a good table and a configuration that was changed in one place.
fn changed(from: &str, to: &str) -> Folder {
    let folder = Folder::new();
    folder.write("t.csv", TABLE);
    let text = config("t.csv");
    assert!(text.contains(from), "{from}");
    folder.write("x.toml", text.replacen(from, to, 1));
    folder
}

/// A folder with a good configuration and this table.
fn table(content: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::new();
    folder.write("t.csv", content);
    folder.write("x.toml", config("t.csv"));
    folder
}

#[test]
fn the_good_one_is_good() {
    let folder = table(TABLE);
    folder.run(&["train", "x.toml", "--headless"]).expect(0).plain();
    assert_eq!(folder.runs().len(), 1);
}

#[test]
fn faults_of_a_configuration() {
    let cases: [(&str, &str, &[&str]); 8] = [
        ("steps = 20", "steps = 20\nbatsh = 8", &["x.toml:15:1", "batsh", "did you mean 'batch'"]),
        ("batch = 4", "batch = 0", &["x.toml:15:9", "0"]),
        ("loss = \"mse\"", "loss = \"mse\"\nweight = -1.0", &["x.toml:8:10", "-1"]),
        ("loss = \"mse\"", "loss = \"msee\"", &["x.toml:7:8", "did you mean 'mse'"]),
        ("[task.c]", "[task.y]", &["x.toml:9:", "y"]),
        ("target = \"y\"", "target = \"yy\"", &["yy", "did you mean 'y'"]),
        ("path = \"t.csv\"", "path = \"none.csv\"", &["none.csv", "no such file"]),
        ("path = \"t.csv\"", "path = \"data:nothing_here\"", &["x.toml:3:8", "data/nothing_here/nothing_here.csv"]),
    ];
    for (from, to, words) in cases {
        refused(&changed(from, to), &["x.toml", "--headless"], words);
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let folder = changed("steps = 20", "steps = 0\nfoo = 1");
    let finished = folder.run(&["train", "x.toml"]).expect(2).says(&["x.toml:14:9", "x.toml:15:1"]);
    assert!(finished.stderr.lines().count() >= 2);
}

#[test]
fn no_configuration_at_all() {
    let folder = Folder::new();
    refused(&folder, &["nothing.toml"], &["nothing.toml", "no such file"]);
    refused(&folder, &["digts"], &["did you mean 'digits'"]);
    std::fs::create_dir(folder.path().join("dir")).unwrap();
    refused(&folder, &["dir"], &["dir", "directory"]);
    folder.write("none.toml", "[data]\nkind = \"table\"\npath = \"builtin:digits8\"\n");
    refused(&folder, &["none.toml"], &["no task"]);
    folder.write("nul.toml", "name = \"a\u{0}b\"\n");
    refused(&folder, &["nul.toml"], &["nul.toml:1:"]);
    folder.write("latin.toml", b"name = \"caf\xe9\"\n");
    refused(&folder, &["latin.toml"], &["latin.toml:1:12", "UTF-8"]);
    refused(&folder, &["digits", "--set", "train.batch=0"], &["--set train.batch=0"]);
    refused(&folder, &["digits", "--set", "train.bach=1"], &["did you mean 'batch'"]);
    refused(&folder, &["digits", "--device", "cuda:0"], &["cuda:0", "flex", "ndarray"]);
}

#[test]
fn faults_of_a_table() {
    let cases: [(Vec<u8>, &[&str]); 8] = [
        (Vec::new(), &["t.csv", "empty"]),
        (b"a,b,y,c\n".to_vec(), &["t.csv", "no row"]),
        (TABLE.replace("2.5", "many").into(), &["t.csv", "row 3", "line 4", "'y'", "many"]),
        (TABLE.replace("3,5,2.5,p", "3,5,2.5").into(), &["t.csv", "row 3", "3", "4"]),
        (TABLE.replace("2.5", "2\u{0}5").into(), &["t.csv", "row 3", "NUL"]),
        (TABLE.replace("a,b", "a,a").into(), &["t.csv", "'a'"]),
        (b"a,b,y,c\n1,2,,p\n2,1,,q\n3,5,NA,p\n4,4,?,q\n".to_vec(), &["t.csv", "'y'"]),
        (b"a,b,y,c\n1,2,inf,p\n2,1,1,q\n3,5,2,p\n4,4,3,q\n".to_vec(), &["t.csv", "row 1", "expected a number", "inf"]),
    ];
    for (content, words) in cases {
        refused(&table(content), &["x.toml", "--headless"], words);
    }
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("t.csv")).unwrap();
    folder.write("x.toml", config("t.csv"));
    refused(&folder, &["x.toml"], &["t.csv", "directory"]);
}

/// One line of a gigabyte: refused after its first mebibyte, in bounded memory.
#[cfg(unix)]
#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    use std::io::Write;
    let folder = table("");
    let pipe = folder.path().join("t.csv");
    std::fs::remove_file(&pipe).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn(move || {
        let mut out = std::fs::OpenOptions::new().write(true).open(pipe).unwrap();
        let block = vec![b'x'; 1 << 20];
        // The reader hangs up long before the gigabyte is through.
        (0..1024).take_while(|_| out.write_all(&block).is_ok()).count()
    });
    refused(&folder, &["x.toml", "--headless"], &["t.csv", "1 MiB"]);
    let written = writer.join().unwrap();
    assert!(written < 64, "{written} MiB were taken in");
}

#[test]
fn a_wide_table_names_the_row_of_its_fault() {
    let mut wide = String::from("y,c");
    (0..300).for_each(|column| write!(wide, ",f{column}").unwrap());
    for row in 0..20 {
        write!(wide, "\n{row},{}", ["p", "q"][row % 2]).unwrap();
        (0..300).for_each(|column| write!(wide, ",{}", row * column).unwrap());
    }
    let folder = table(wide.replace("\n19,q,0,19,", "\n19,q,0,oops,"));
    // Text in a column that is otherwise of numbers makes it a column of labels, unless it is declared.
    refused(&folder, &["x.toml", "--set", "data.numeric=[\"f1\"]"], &["row 20", "line 21", "'f1'", "oops"]);
}
