//! The pictures of the documents are what the program draws now: their text form is made again and compared.
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]
#![cfg(feature = "data")] // reads gzip files

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A line of `screenshots/list.txt`.
struct Picture {
    file: String,
    run: String,
    options: Vec<String>,
    keys: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots")
}

fn pictures() -> Vec<Picture> {
    let list = fs::read_to_string(folder().join("list.txt")).unwrap();
    let lines = list.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [file, run, options, keys] = cells[..] else { panic!("four cells are expected in '{line}'") };
            Picture {
                file: file.to_owned(),
                run: run.to_owned(),
                options: options.split_whitespace().map(str::to_owned).collect(),
                keys: keys.to_owned(),
            }
        })
        .collect()
}

/// The recorded runs, unpacked.
fn unpack(into: &Path) {
    for entry in fs::read_dir(folder().join("runs")).unwrap() {
        let from = entry.unwrap().path();
        let to = into.join(from.file_name().unwrap());
        fs::create_dir(&to).unwrap();
        for file in ["run.json", "config.toml"] {
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
        let mut events = Vec::new();
        let packed = fs::File::open(from.join("events.jsonl.gz")).unwrap();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut events).unwrap();
        fs::write(to.join("events.jsonl"), events).unwrap();
    }
}

/// The text form of a picture, drawn in an environment of its own.
fn draw(picture: &Picture, runs: &Path, environment: &[(&str, &str)]) -> String {
    let to = runs.join("picture.txt");
    let output = Command::new(env!("CARGO_BIN_EXE_trimtab"))
        .arg("screenshot")
        .arg(runs.join(&picture.run))
        .args(&picture.options)
        .args(["--keys", &picture.keys, "--to"])
        .arg(&to)
        .current_dir(runs)
        .env_clear()
        .env("HOME", runs)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}: {}", picture.file, String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(to).unwrap()
}

/// The first line that differs, as it is and as it should be.
fn difference(committed: &str, drawn: &str) -> Option<String> {
    if committed == drawn {
        return None;
    }
    let longest = committed.lines().count().max(drawn.lines().count());
    let place = (0..longest).find(|&place| committed.lines().nth(place) != drawn.lines().nth(place))?;
    let line = |text: &str| text.lines().nth(place).unwrap_or("(no such line)").to_owned();
    Some(format!("line {}\n  committed: {}\n  drawn now: {}", place + 1, line(committed), line(drawn)))
}

#[test]
fn the_documents_pictures_are_what_the_program_draws() {
    let runs = tempfile::tempdir().unwrap();
    unpack(runs.path());
    let pictures = pictures();
    assert!(!pictures.is_empty());
    let mut old = Vec::new();
    for picture in &pictures {
        let path = folder().join(format!("{}.txt", picture.file));
        let committed = fs::read_to_string(&path).unwrap_or_default();
        let drawn = draw(picture, runs.path(), &[("LC_ALL", "C")]);
        let differs = difference(&committed, &drawn);
        old.extend(differs.map(|difference| format!("{}: {difference}", path.display())));
        assert!(folder().join(format!("{}.png", picture.file)).is_file(), "{} has no PNG", picture.file);
    }
    assert!(
        old.is_empty(),
        "pictures are not current; make them again with\n\n    cargo build --release --locked && screenshots/make.sh\n\nand look at each:\n{}",
        old.join("\n")
    );
}

#[test]
fn a_picture_depends_neither_on_the_terminal_nor_on_the_time_zone() {
    let runs = tempfile::tempdir().unwrap();
    unpack(runs.path());
    let other = [
        ("LC_ALL", "C"),
        ("TZ", "Asia/Kathmandu"),
        ("TERM", "dumb"),
        ("NO_COLOR", "1"),
        ("COLORFGBG", "0;15"),
        ("COLUMNS", "33"),
        ("LINES", "7"),
    ];
    for picture in pictures() {
        assert_eq!(
            draw(&picture, runs.path(), &[("LC_ALL", "C")]),
            draw(&picture, runs.path(), &other),
            "{}",
            picture.file
        );
    }
}

#[test]
fn the_recorded_runs_say_nothing_of_the_machine_that_made_them() {
    let runs = tempfile::tempdir().unwrap();
    unpack(runs.path());
    for entry in fs::read_dir(folder().join("runs")).unwrap() {
        let path = entry.unwrap().path();
        let events = fs::read_to_string(runs.path().join(path.file_name().unwrap()).join("events.jsonl")).unwrap();
        let about = fs::read_to_string(path.join("run.json")).unwrap();
        let config = fs::read_to_string(path.join("config.toml")).unwrap();
        let about_json: serde_json::Value = serde_json::from_str(&about).unwrap();
        assert_eq!((&about_json["host"], &about_json["pid"]), (&"host".into(), &1.into()));
        for text in [&events, &about, &config] {
            for word in ["\"/", "/home/", "/root/", "/tmp/", "/Users/", ":\\\\"] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}
