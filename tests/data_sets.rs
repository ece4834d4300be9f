//! `trimtab data`: fetched with a client that is not there, fails, or brings something else; made from a local copy.
#![cfg(all(feature = "data", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::{Finished, Folder, until};

/// A scratch folder whose `PATH` holds only made-up tools and whose temporary files can be counted.
struct Desk(Folder);

impl Desk {
    fn new() -> Self {
        let folder = Folder::new();
        for name in ["bin", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A tool of this name that runs a shell script.
    fn tool(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn environment(&self) -> [(&'static str, String); 2] {
        [("PATH", self.path("bin").display().to_string()), ("TMPDIR", self.path("tmp").display().to_string())]
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        let environment = self.environment();
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let finished = self.0.run_with(&[&["data"], arguments].concat(), &environment).plain();
        self.leaves_nothing();
        finished
    }

    #[track_caller]
    fn leaves_nothing(&self) {
        assert_eq!(fs::read_dir(self.path("tmp")).unwrap().count(), 0, "temporary files were left");
    }

    /// Where a set lies in the user's data folder.
    fn set(&self, name: &str) -> PathBuf {
        self.path(".local/share/trimtab").join(name)
    }
}

/// A `.tar.gz` of these files.
fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// A made-up package with the files of the four domains.
fn sentiment_package() -> Vec<u8> {
    let mut inner = Vec::new();
    for stem in ["tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets"] {
        let lines = |line: fn(i32, &str) -> String| (1..30).map(|n| line(n, stem)).collect::<String>();
        let truth = lines(|n, stem| format!("{n}_1\t{}\tSentence {n} of {stem}\r\n", n % 5 - 2));
        let ratings = lines(|n, _| format!("{n}_1\t{}\t0.5\t[1]\r\n", n % 5 - 2));
        inner.push((format!("h/{stem}_GroundTruth.txt"), truth.into_bytes()));
        inner.push((format!("h/{stem}_anonDataRatings.txt"), ratings.into_bytes()));
    }
    archive(&[
        ("v-1/additional_resources/hutto_ICWSM_2014.tar.gz".to_owned(), archive(&inner)),
        ("v-1/LICENSE.txt".to_owned(), b"A licence text.\n".to_vec()),
    ])
}

#[test]
fn the_list_names_every_set_and_where_it_is() {
    let desk = Desk::new();
    let before = desk.run(&["list"]).expect(0).stdout;
    for word in ["heart", "in the program", "sentiment", "vaderSentiment 3.3.2", "CC BY-SA 4.0", "not here"] {
        assert!(before.contains(word), "{word}:\n{before}");
    }
    assert!(!before.contains("here: "), "{before}");
    fs::create_dir_all(desk.set("weather")).unwrap();
    let after = desk.run(&["list"]).expect(0).stdout;
    assert!(after.contains(&format!("here: {}", desk.set("weather").display())), "{after}");
}

#[test]
fn a_name_that_is_unknown_or_built_in_says_so() {
    let desk = Desk::new();
    desk.run(&["get", "sentimant"]).expect(2).says(&["did you mean 'sentiment'", "digit_pairs"]);
    desk.run(&["get", "heart"]).expect(2).says(&["builtin:heart"]);
}

#[test]
fn a_missing_tool_is_named_with_the_other_way() {
    let desk = Desk::new();
    for (name, tool) in [
        ("sentiment", "pip"),
        ("dialogue", "pip"),
        ("digit_pairs", "npm"),
        ("weather", "npm"),
        ("spoken_digits", "git"),
    ] {
        let needs = format!("`trimtab data get {name}` needs {tool}");
        desk.run(&["get", name]).expect(1).says(&[&needs, &format!("trimtab data add {name} PATH"), "licence"]);
        assert!(!desk.set(name).exists());
    }
}

#[test]
fn a_tool_that_fails_is_told_with_its_last_lines() {
    let desk = Desk::new();
    desk.tool(
        "npm",
        "for n in 1 2 3 4 5 6 7 8 9; do echo \"words $n\" >&2; done\nprintf 'no network \\033[2J'\nexit 7",
    );
    let finished = desk.run(&["get", "weather"]).expect(1);
    let finished =
        finished.says(&["exit code 7", "words 9", "no network ␛[2J", "npm pack vega-datasets@3.2.1", "data add"]);
    assert!(!finished.stderr.contains("words 3"), "{}", finished.stderr);
    assert!(!desk.set("weather").exists());
    desk.tool("npm", "exit 0");
    desk.run(&["get", "weather"]).expect(1).says(&["one .tar.gz or .tgz"]);
    desk.tool("npm", "echo no archive > x.tgz");
    desk.run(&["get", "weather"]).expect(1).says(&["x.tgz", "expected a folder or a whole .tar.gz"]);
    assert!(!desk.set("weather").exists());
}

#[test]
fn a_source_that_changed_leaves_nothing_unless_it_is_accepted() {
    let desk = Desk::new();
    fs::write(desk.path("p.tar.gz"), sentiment_package()).unwrap();
    let copy = format!("mkdir source && cp '{}' source/p.tar.gz", desk.path("p.tar.gz").display());
    let kept = format!("cp requirements.txt '{}'", desk.path("asked").display());
    desk.tool("pip3", &format!("{copy}\n{kept}"));
    let words =
        ["the source changed: expected digest sha256:", "got sha256:", "--accept-changes", "nothing was written"];
    desk.run(&["get", "sentiment"]).expect(1).says(&words);
    assert!(!desk.path(".local").exists());
    let asked = fs::read_to_string(desk.path("asked")).unwrap();
    assert!(asked.starts_with("vaderSentiment==3.3.2 --hash=sha256:5d7c"), "{asked}");

    let got = desk.run(&["get", "sentiment", "--accept-changes"]).expect(0).says(&["MIT", "taken all the same"]);
    assert!(got.stdout.contains("movies.csv  29 rows"), "{}", got.stdout);
    assert_eq!(fs::read_to_string(desk.path("asked")).unwrap(), "vaderSentiment==3.3.2\n");
    let set = desk.set("sentiment");
    assert_eq!(fs::read_to_string(set.join("LICENSE")).unwrap(), "A licence text.\n");
    assert!(fs::read_to_string(set.join("README.md")).unwrap().contains("Hutto"));
    assert_eq!(fs::read_to_string(set.join("news.csv")).unwrap().lines().count(), 30);

    // It is there now: nothing is fetched, unless it is asked for.
    desk.tool("pip3", "exit 9");
    desk.run(&["get", "sentiment"]).expect(0).says(&["is there already", "--force"]);
    desk.run(&["get", "sentiment", "--force"]).expect(1).says(&["exit code 9"]);
    assert!(set.join("news.csv").exists(), "a failure must not take what was there");
}

#[test]
fn a_folder_of_somebody_else_is_not_replaced() {
    let desk = Desk::new();
    desk.tool("npm", "exit 9");
    fs::create_dir_all(desk.path("mine/weather")).unwrap();
    fs::write(desk.path("mine/weather/thesis.txt"), "years of work").unwrap();
    desk.run(&["get", "weather", "--to", "mine", "--force"]).expect(2).says(&["no data set of this catalogue"]);
    assert!(desk.path("mine/weather/thesis.txt").exists());
}

#[test]
fn an_interrupt_ends_the_tool_and_removes_what_it_fetched() {
    let desk = Desk::new();
    desk.tool("git", "echo $$ > started.tmp\nmv started.tmp ../started\nexec sleep 1000");
    let environment = desk.environment();
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let process = desk.0.start(&["data", "get", "spoken_digits"], &environment);
    let started = || {
        fs::read_dir(desk.path("tmp"))
            .ok()?
            .flatten()
            .map(|entry| entry.path().join("started"))
            .find(|path| path.exists())
    };
    let tool = until("the tool", String::new, || fs::read_to_string(started()?).ok());
    process.signal("INT");
    process.finish().expect(130).says(&["nothing was written"]);
    desk.leaves_nothing();
    until("the tool's end", || tool.clone(), || (!Path::new("/proc").join(tool.trim()).exists()).then_some(()));
}

#[test]
fn a_clone_becomes_a_table_of_sounds() {
    let desk = Desk::new();
    let recordings = desk.path("clone/recordings");
    fs::create_dir_all(&recordings).unwrap();
    let spec =
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    for digit in 0..10 {
        for speaker in ["jackson", "theo"] {
            for take in 0..7 {
                let path = recordings.join(format!("{digit}_{speaker}_{take}.wav"));
                let mut writer = hound::WavWriter::create(path, spec).unwrap();
                (0..800).for_each(|n| writer.write_sample((n * digit) as i16).unwrap());
                writer.finalize().unwrap();
            }
        }
    }
    desk.run(&["add", "spoken_digits", "clone", "--to", "sets"]).expect(0).says(&["CC BY-SA 4.0"]);
    let set = desk.path("sets/spoken_digits");
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_path(set.join("spoken_digits.tsv")).unwrap();
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 140);
    let mut tested = 0;
    for row in &rows {
        let sound = hound::WavReader::open(set.join(&row["path"])).unwrap();
        assert_eq!(sound.duration(), 800, "{row:?}");
        assert_eq!(row["seconds"], "0.100");
        tested += usize::from(row["split"] == "test");
    }
    assert_eq!(tested, 100, "takes 0 to 4 are test");
    assert!(rows.iter().any(|row| row["text"] == "nine" && row["digit"] == "9" && row["speaker"] == "spk2"));

    fs::write(recordings.join("3_theo_6.wav"), "RIFF").unwrap();
    desk.run(&["add", "spoken_digits", "clone", "--to", "sets", "--force"]).expect(2).says(&["3_theo_6.wav", "no WAV"]);
    assert!(set.join("spoken_digits.tsv").exists());
    desk.run(&["add", "spoken_digits", "nowhere", "--to", "other"]).expect(2).says(&["nowhere"]);
    desk.run(&["add", "spoken_digits", "bin", "--to", "other"]).expect(2).says(&["expected a clone"]);
    assert!(!desk.path("other").exists());
}

/// The rows of a table by what identifies one, with the columns that must be the same.
fn rows(path: &Path, separator: u8, columns: &[&str]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let places: Vec<usize> =
        columns.iter().map(|name| header.iter().position(|column| column == *name).unwrap()).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        // Numbers are compared as numbers: 2 and 2.0 are the same rating.
        let value = |text: &str| text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| number.to_string());
        rows.push(places.iter().map(|&place| value(&record[place])).collect());
    }
    rows
}

/// Fetches for real and compares with the older copies under `$TRIMTAB_DATA`; by hand, as it needs a network:
/// `TRIMTAB_DATA=DIR cargo test --test data_sets -- --ignored`.
#[test]
#[ignore = "fetches from the registries, and needs TRIMTAB_DATA"]
fn every_row_of_the_older_copies_is_found_in_what_is_fetched() {
    let Some(older) = std::env::var_os("TRIMTAB_DATA").map(PathBuf::from) else { return };
    let folder = Folder::new();
    let sentiment = ["id", "text", "rating", "rating_sd", "label"];
    let dialogue = ["conversation", "topic", "turn", "history", "response"];
    for (set, file, separator, columns) in [
        ("sentiment", "tweets.csv", b',', sentiment),
        ("sentiment", "products.csv", b',', sentiment),
        ("sentiment", "movies.csv", b',', sentiment),
        ("sentiment", "news.csv", b',', sentiment),
        ("dialogue", "dialogue.tsv", b'\t', dialogue),
    ] {
        folder.run(&["data", "get", set, "--to", "sets"]).expect(0);
        let new = rows(&folder.path().join("sets").join(set).join(file), separator, &columns);
        let old = rows(&older.join(set).join(file), separator, &columns);
        let missing: Vec<&Vec<String>> = old.iter().filter(|row| !new.contains(row)).collect();
        println!("{set}/{file}: {} rows, {} older ones, {} of them missing", new.len(), old.len(), missing.len());
        assert!(missing.is_empty() && !old.is_empty(), "{set}/{file}: {:?}", missing.first());
    }
}
