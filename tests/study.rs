//! Baselines, sweeps and comparisons through the whole program: what is there is not trained again, whatever happened.
#![cfg(all(feature = "train", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use support::{Folder, RunFiles, signal, until};

/// Two tasks on a few rows of numbers that come from a formula.
fn experiment(folder: &Folder) {
    let mut rows = "x,y,part,sum,sign\n".to_owned();
    for row in 0..120 {
        let (x, y) = (f64::from(row * 37 % 101) / 50.0 - 1.0, f64::from(row * 53 % 97) / 48.0 - 1.0);
        let part = ["train", "train", "valid", "test"][row as usize % 4];
        writeln!(rows, "{x},{y},{part},{},{}", x + 0.5 * y, if x > y { "up" } else { "down" }).unwrap();
    }
    folder.write("rows.csv", rows);
    folder.write(
        "tiny.toml",
        r#"
        [data]
        path = "rows.csv"
        split = "part"
        [encoder]
        hidden = [8]
        [task.sum]
        target = "sum"
        loss = "mse"
        metrics = ["mae", "r2"]
        [task.sign]
        target = "sign"
        loss = "cross_entropy"
        [train]
        steps = 30
        batch = 16
        evaluate_every = 10
        optimizer = { kind = "adam", lr = 0.01 }
        "#,
    );
}

/// The run directories of a study by the names of their runs.
fn runs(study: &Path) -> BTreeMap<String, RunFiles> {
    let entries = fs::read_dir(study.join("runs")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let runs = entries.filter(|path| path.is_dir()).filter_map(|path| {
        let json: Value = serde_json::from_slice(&fs::read(path.join("run.json")).ok()?).ok()?;
        Some((json["name"].as_str()?.to_owned(), RunFiles(path)))
    });
    runs.collect()
}

/// What lies in the records of a study's runs.
fn records(study: &Path) -> BTreeMap<String, Vec<u8>> {
    runs(study).into_iter().map(|(name, run)| (name, fs::read(run.path("events.jsonl")).unwrap())).collect()
}

#[test]
fn each_task_alone_is_measured_once_and_runs_are_held_against_it() {
    let folder = Folder::new();
    experiment(&folder);
    let measured = folder.run(&["baseline", "tiny.toml", "--seeds", "2", "--jobs", "2"]).expect(0);
    assert!(measured.stdout.contains("sum   mae ↓") && measured.stdout.contains("over 2 seeds"), "{}", measured.stdout);
    let file: Value =
        serde_json::from_slice(&fs::read(folder.path().join("runs/tiny.baseline.json")).unwrap()).unwrap();
    let metrics: Vec<&str> =
        file["tasks"][0]["metrics"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!((file["tasks"][0]["name"].as_str(), metrics), (Some("sum"), vec!["mae", "r2"]));
    assert_eq!(file["tasks"][1]["metrics"][0]["values"].as_array().unwrap().len(), 2);
    let study = fs::read_dir(folder.path().join("runs/tiny.baseline")).unwrap().next().unwrap().unwrap().path();
    let before = records(&study);
    assert_eq!(before.len(), 4);
    // The target of the other task is no input of the one trained alone.
    let config = fs::read_to_string(study.join("configs/sum.toml")).unwrap();
    assert!(config.contains(r#"ignore = ["sign"]"#) && !config.contains("[task.sign]"), "{config}");

    let again = folder.run(&["baseline", "tiny.toml", "--seeds", "2"]).expect(0);
    assert!(again.stderr.contains("4 runs, 4 there already"), "{}", again.stderr);
    assert_eq!((again.stdout, records(&study)), (measured.stdout, before));

    folder.run(&["train", "tiny.toml", "--headless", "--set", "task.sum.weight=2"]).expect(0);
    let shown = folder.run(&["compare", "latest"]).expect(0);
    let last = |text: &str| text.lines().find(|line| line.starts_with("all ")).map(str::to_owned).unwrap_or_default();
    assert!(shown.stdout.contains("alone") && shown.stdout.contains("higher is better"), "{}", shown.stdout);
    let delta: f64 = last(&shown.stdout).split_whitespace().last().unwrap().parse().unwrap();
    let json: Value = serde_json::from_str(&folder.run(&["compare", "latest", "--json"]).expect(0).stdout).unwrap();
    assert!((json["runs"][0]["delta_m"].as_f64().unwrap() - delta).abs() < 0.006, "{json}");
    let csv = folder.run(&["compare", "latest", "--csv"]).expect(0).stdout;
    assert!(csv.starts_with("run,part,step,task,metric,better,value,baseline,gain_percent\n"), "{csv}");

    // Another experiment is not held against it, and says so.
    folder.run(&["train", "tiny.toml", "--headless", "--set", "train.steps=20"]).expect(0);
    let shown = folder.run(&["compare", "latest"]).expect(0).says(&["train.steps is 30 there and 20 here"]);
    assert!(!shown.stdout.contains('Δ') || shown.stdout.contains("no Δm"), "{}", shown.stdout);
}

/// Slow enough to be cut in the middle of the second run.
const SLOW: [&str; 12] = [
    "sweep",
    "digits",
    "--methods",
    "manual,weights 1 1 1 3",
    "--seeds",
    "2",
    "--jobs",
    "1",
    "--set",
    "train.steps=100",
    "--set",
    "train.batch=1024",
];

/// The arguments with a checkpoint every 10 steps.
fn slow() -> Vec<&'static str> {
    [&SLOW[..], &["--set", "train.checkpoint_every=10"]].concat()
}

/// Waits until the second run has a checkpoint and goes on.
fn second_run(study: &Path) -> RunFiles {
    until("the second run", String::new, || {
        let run = runs(study).remove("weights-1-1-1-3-seed7")?;
        (run.step() > 20 && run.path("checkpoints/step-00000020").is_dir()).then_some(run)
    })
}

#[test]
fn a_sweep_that_is_killed_goes_on_and_trains_no_run_twice() {
    let folder = Folder::new();
    let study = folder.path().join("runs/digits.sweep");
    let sweep = folder.start(&slow(), &[]);
    let second = second_run(&study);
    let first = records(&study).remove("manual-seed7").unwrap();
    let child: Value = serde_json::from_slice(&fs::read(second.path("run.json")).unwrap()).unwrap();
    sweep.signal("KILL");
    signal(child["pid"].as_u64().unwrap().try_into().unwrap(), "KILL");
    drop(sweep);

    let done = folder.run(&slow()).expect(0).says(&["4 runs, 1 there already", "weights 1 1 1 3 seed 7 goes on"]);
    let records_after = records(&study);
    assert_eq!(records_after.keys().collect::<Vec<_>>().len(), 4);
    assert_eq!(fs::read_dir(study.join("runs")).unwrap().count(), 4, "a directory a run");
    assert!(records_after["manual-seed7"] == first, "what was done is not touched");
    let rewinds: Vec<usize> = runs(&study).values().map(|run| run.events_of("rewind").len()).collect();
    assert_eq!(rewinds.iter().sum::<usize>(), 1, "{rewinds:?}");
    assert_eq!(second.reason(), "finished");
    assert_eq!(done.stdout.lines().filter(|line| line.contains(" ± ")).count(), 2 + 1, "{}", done.stdout);

    // A third call only prints.
    let printed = folder.run(&slow()).expect(0).says(&["4 runs, 4 there already"]);
    assert!(printed.stdout == done.stdout && records(&study) == records_after);
    let csv = folder.run(&[&slow()[..], &["--csv"]].concat()).expect(0).stdout;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let json: Value = serde_json::from_str(&folder.run(&[&slow()[..], &["--json"]].concat()).expect(0).stdout).unwrap();
    assert_eq!(json["rows"][1]["tasks"][0]["values"].as_array().unwrap().len(), 2);

    // Fewer rows, or other steps, are another study.
    let refused = |arguments: &[&str], said: &str| folder.run(arguments).expect(2).says(&[said]);
    let mut fewer = slow();
    fewer[3] = "manual";
    refused(&fewer, "'weights 1 1 1 3' belongs to it");
    let mut other = slow();
    other[9] = "train.steps=101";
    refused(&other, "train.steps is 100 there and 101 here");
    assert!(records(&study) == records_after);
}

#[test]
fn a_sweep_that_is_interrupted_saves_the_state_of_its_children() {
    let folder = Folder::new();
    let study = folder.path().join("runs/digits.sweep");
    let sweep = folder.start(&slow(), &[]);
    let second = second_run(&study);
    sweep.signal("INT");
    sweep.finish().expect(130).says(&["1 of 4 runs", "the same command goes on"]);
    assert_eq!(second.reason(), "stopped");
    assert!(second.path("checkpoints").join(format!("step-{:08}", second.step())).is_dir());
    folder.run(&slow()).expect(0);
    assert_eq!(runs(&study).values().filter(|run| run.reason() == "finished").count(), 4);
    assert_eq!(second.events_of("rewind").len(), 1);
}

#[test]
fn a_wrong_method_is_refused_before_anything_is_made() {
    let folder = Folder::new();
    let sweep = |methods: &str| folder.run(&["sweep", "digits", "--methods", methods]).expect(2);
    sweep("manul").says(&["no method named 'manul' (did you mean 'manual'?)"]);
    sweep("weights 1 2").says(&["2 weights for 4 tasks (digit, parity, loops, ink)"]);
    sweep("").says(&["a name is missing"]);
    folder.run(&["sweep", "digits", "--jobs", "0"]).expect(2).says(&["at least 1"]);
    folder.run(&["sweep", "digits", "--seeds", "0"]).expect(2).says(&["at least 1"]);
    assert!(folder.runs().is_empty());
}

#[test]
fn a_run_that_fails_is_tried_again_and_one_that_diverges_is_not() {
    let folder = Folder::new();
    experiment(&folder);
    let sweep = ["sweep", "tiny.toml", "--methods", "manual", "--seeds", "1"];
    let failed = folder.run_with(&sweep, &[("TRIMTAB_FAULT", "panic@5")]).expect(1);
    assert!(failed.stdout.contains("1 of 1 missing") && failed.stderr.contains("provoked at step 5"), "{failed:?}");
    let done = folder.run(&sweep).expect(0);
    assert!(!done.stdout.contains("missing"), "{}", done.stdout);

    let other = [&sweep[..], &["--out", "other"]].concat();
    let diverged = folder.run_with(&other, &[("TRIMTAB_FAULT", "nan@5:sum")]).expect(0);
    assert!(diverged.stdout.contains("1 of 1 diverged"), "{}", diverged.stdout);
    let again = folder.run(&other).expect(0).says(&["1 run, 1 there already"]);
    assert!(again.stdout.contains("1 of 1 diverged"));
    folder
        .run_with(&["baseline", "tiny.toml", "--seeds", "1"], &[("TRIMTAB_FAULT", "nan@5:sum")])
        .expect(1)
        .says(&["no baseline", "sum seed 0 diverged"]);
}
