//! Balancing methods through the whole program: switched live, recorded, refused, and the same bits after a cut.
#![cfg(all(feature = "train", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::{Value, json};
use support::{Folder, RunFiles};

/// 120 steps with dropout, so that a pass too many would draw other numbers.
const SHORT: [&str; 11] = [
    "train",
    "digits",
    "--headless",
    "--set",
    "train.steps=120",
    "--set",
    "train.checkpoint_every=50",
    "--set",
    "encoder.dropout=0.2",
    "--set",
    "train.gradient_every=20",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let sets = more.iter().flat_map(|set| ["--set", set]);
    SHORT.iter().copied().chain(sets).collect()
}

fn request(run: &RunFiles, id: &str, at_step: u64, command: &Value) {
    run.append(json!({"id": id, "from": "test", "at_step": at_step, "command": command}).to_string() + "\n");
}

fn step(run: &RunFiles, number: u64) -> Value {
    run.events().into_iter().find(|event| event["event"] == "step" && event["step"] == number).unwrap()
}

fn answer(run: &RunFiles, id: &str) -> Value {
    run.events().into_iter().find(|event| event["id"] == id).unwrap()
}

#[test]
fn methods_and_settings_change_at_their_step_with_old_and_new_on_record() {
    let folder = Folder::new();
    // Slow enough that all requests come before the first of their steps.
    let process = folder.start(&with(&["train.batch=512", "encoder.dropout=0.0"]), &[]);
    let run = folder.only_run();
    request(&run, "a", 60, &json!({"set_aggregation": {"name": "MGDA"}}));
    request(&run, "b", 70, &json!({"set_weighting": {"name": "dwa", "temperature": 3}}));
    request(&run, "c", 75, &json!({"set": {"parameter": "balance.match_norm", "value": true}}));
    request(&run, "d", 81, &json!({"set": {"parameter": "balance.probe", "value": true}}));
    request(&run, "e", 85, &json!({"set_aggregation": {"name": "pcgard"}}));
    request(&run, "f", 86, &json!({"set_aggregation": {"name": "cagrad", "c": 40}}));
    request(&run, "g", 90, &json!({"set": {"parameter": "balance.at", "value": "representation"}}));
    request(&run, "h", 95, &json!({"set_aggregation": {"name": "graddrop"}}));
    process.finish().expect(0);

    assert_eq!(step(&run, 59)["coefficient"], json!([1.0, 1.0, 1.0, 1.0]));
    let coefficients = |number| -> Vec<f64> {
        step(&run, number)["coefficient"].as_array().unwrap().iter().map(|c| c.as_f64().unwrap()).collect()
    };
    // MGDA's are a convex combination from its first update on.
    assert!((coefficients(60).iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(coefficients(75).iter().sum::<f64>() > 1.0, "the length of the sum is longer than that of the shortest");
    let (a, b, c) = (answer(&run, "a"), answer(&run, "b"), answer(&run, "c"));
    assert_eq!((&a["step"], &a["old"], &a["new"]), (&json!(60), &json!("sum"), &json!("mgda")));
    assert_eq!((&b["old"], &b["new"]), (&json!("manual"), &json!("dwa temperature=3")));
    assert_eq!((&c["old"], &c["new"]), (&json!(false), &json!(true)));
    for (id, reason) in [("e", "'pcgrad'"), ("f", "'c' must be"), ("h", "balance.at")] {
        let rejected = answer(&run, id);
        assert_eq!(rejected["event"], "rejected");
        assert!(rejected["reason"].as_str().unwrap().contains(reason), "{rejected}");
    }
    let balance = |number: u64| {
        run.events().into_iter().find(|event| event["event"] == "balance" && event["step"] == number).unwrap()
    };
    assert_eq!(balance(81)["probe"].as_array().unwrap().len(), 4);
    let regular = balance(80);
    assert_eq!(regular["probe"], Value::Null);
    for field in ["update_cosine", "share", "relative_loss", "noise", "predicted", "observed", "affinity"] {
        assert_eq!(regular[field].as_array().unwrap().len(), 4, "{field}: {regular}");
    }
    assert!(regular["gap"].as_f64().unwrap() >= 0.0);
    assert_eq!(regular["shadow"]["mgda"].as_array().unwrap().len(), 4);
    let shares: f64 = regular["share"].as_array().unwrap().iter().map(|share| share.as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-5);
}

#[test]
fn what_methods_remember_survives_a_cut_to_the_bit() {
    for (weighting, aggregation) in
        [("famo", "gradvac"), ("gradnorm", "db_mtl"), ("uncertainty", "pcgrad"), ("dwa window=7", "graddrop")]
    {
        let sets = [format!("balance.weighting={weighting}"), format!("balance.aggregation={aggregation}")];
        let arguments = with(&[&sets[0], &sets[1]]);
        let whole = Folder::new();
        whole.run(&arguments).expect(0);
        let cut = Folder::new();
        cut.run_with(&arguments, &[("TRIMTAB_FAULT", "nan@71:ink")]).expect(3);
        cut.run(&["resume", "--headless"]).expect(0);
        let (whole, cut) = (whole.only_run(), cut.only_run());
        assert!(whole.parameters("final") == cut.parameters("final"), "{weighting} with {aggregation}");
        assert_eq!(step(&whole, 120)["factor"], step(&cut, 120)["factor"]);
        let last = |run: &RunFiles| run.events().into_iter().rfind(|event| event["event"] == "balance").unwrap();
        assert_eq!(last(&whole), last(&cut));
    }
}

#[test]
fn seeing_more_changes_nothing_under_a_method_either() {
    let parameters = |every: &str| {
        let folder = Folder::new();
        folder.run(&with(&["balance.aggregation=cagrad", &format!("train.gradient_every={every}")])).expect(0);
        folder.only_run().parameters("final")
    };
    assert!(parameters("0") == parameters("7"));
}

#[test]
fn methods_that_cannot_work_are_refused_with_the_reason() {
    let folder = Folder::new();
    for (sets, reason) in [
        (&["train.tasks_per_step=\"one\"", "balance.aggregation=pcgrad"][..], "trains one alone"),
        (&["balance.weighting=graddrop"], "'graddrop' is an aggregation"),
        (&["balance.weighting=dwa temprature=2"], "'temperature'"),
        (&["balance.aggregation=graddrop", "balance.every=10"], "balance.every"),
    ] {
        let finished = folder.run(&with(sets)).expect(2);
        assert!(finished.stderr.contains(reason), "{}", finished.stderr);
    }
    assert!(folder.runs().is_empty());
}
