//! A run that is repeated or branched with its hand movements is the same run, to the bit.
#![cfg(all(feature = "train", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::{Value, json};
use support::{Finished, Folder, RunFiles};

/// 300 steps, slow enough that requests sent at the start come in time.
const TRAIN: [&str; 13] = [
    "train",
    "digits",
    "--headless",
    "--name",
    "first",
    "--set",
    "train.steps=300",
    "--set",
    "train.batch=512",
    "--set",
    "train.checkpoint_every=50",
    "--set",
    "train.evaluate_every=40",
];

/// Numbers that look random, from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Hand movements of all kinds at steps between 20 and 280, among them restores to checkpoints that are there by then.
fn movements(seed: u64) -> Vec<(Value, Option<u64>)> {
    let tasks = ["digit", "parity", "ink"];
    let mut numbers = Numbers(seed);
    let mut all = Vec::new();
    for place in 0..27 {
        let task = tasks[numbers.below(3) as usize];
        let value = 0.25 + numbers.below(8) as f64 / 4.0;
        let command = match place % 14 {
            0 => json!({"set_weight": {"task": task, "value": value}}),
            1 => json!({"set_weight": {"task": task, "value": value, "over_steps": 10 + numbers.below(40)}}),
            2 => json!({"set_weights": {"weights": [value, 1.0, 2.0, 0.5]}}),
            3 => json!({"mute": {"task": task}}),
            4 => json!({"unmute": {"task": task}}),
            5 => json!({"equalize": {}}),
            6 => json!({"set_lr": {"value": 1e-4 * (1 + numbers.below(20)) as f64}}),
            7 => json!({"set_clip": {"value": 0.5 + value}}),
            8 => json!({"set_aggregation": {"name": (["pcgrad", "sum", "mgda"][numbers.below(3) as usize])}}),
            9 => json!({"set_weighting": {"name": (["dwa", "manual", "random"][numbers.below(3) as usize])}}),
            10 => json!({"freeze": {"part": "encoder"}}),
            11 => json!({"unfreeze": {"part": "encoder"}}),
            12 => json!({"evaluate": {}}),
            _ => json!({"set": {"parameter": "balance.match_norm", "value": numbers.below(2) == 0}}),
        };
        all.push((command, Some(20 + numbers.below(260))));
    }
    // Each only once: a step that is come to again finds its requests answered.
    all.push((json!({"checkpoint": {}}), Some(130)));
    all.push((json!({"restore": {"step": 100}}), Some(171)));
    all.push((json!({"checkpoint": {}}), Some(180)));
    all.push((json!({"restore": {"step": 129}}), Some(200)));
    all.push((json!({"restore": {"step": 179}}), Some(241)));
    all
}

fn steered(folder: &Folder, seed: u64) -> RunFiles {
    let process = folder.start(&TRAIN, &[]);
    let run = folder.only_run();
    run.request(&movements(seed));
    process.finish().expect(0);
    run
}

/// Fails unless a rerun is told to be the same.
#[track_caller]
fn same(finished: Finished, what: &str) {
    let finished = finished.expect(0);
    assert!(finished.stdout.contains(&format!("the same to the bit: {what}")), "{}", finished.stdout);
}

fn named(folder: &Folder, name: &str) -> RunFiles {
    folder.runs().into_iter().find(|run| run.name().starts_with(name)).unwrap()
}

#[test]
fn a_run_with_thirty_movements_is_repeated_to_the_bit() {
    let folder = Folder::new();
    let run = steered(&folder, 7);
    let refused = run.events_of("rejected");
    let back: Vec<Value> = run.events_of("rewind").into_iter().map(|event| event["to_step"].clone()).collect();
    assert_eq!(back, [json!(100), json!(179)], "{refused:?}");
    assert!(run.events_of("applied").len() >= 27, "{refused:?}");
    let first = run.name();
    same(folder.run(&["rerun", &first, "--headless", "--verify"]), "300 steps");
    let again = folder.runs().into_iter().find(|other| other.name() != first).unwrap();
    assert!(run.parameters("final") == again.parameters("final"));
    // A record that was tampered with is found out, with the step.
    let path = run.path("events.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let line = text.lines().rev().find(|line| line.contains("\"event\":\"step\",\"step\":260,")).unwrap();
    let changed = line.replacen("\"weight\":[", "\"weight\":[7", 1);
    std::fs::write(&path, text.replace(line, &changed)).unwrap();
    let told = folder.run(&["rerun", &first, "--headless", "--verify"]).expect(1).stdout;
    assert!(told.contains("not the same: at step 260, weight was"), "{told}");
}

#[test]
fn a_run_that_was_stopped_is_repeated_to_where_it_was_stopped() {
    let folder = Folder::new();
    let process = folder.start(&TRAIN, &[]);
    let run = folder.only_run();
    run.request(&[(json!({"set_weight": {"task": "digit", "value": 3.0}}), Some(30)), (json!("stop"), Some(91))]);
    process.finish().expect(0);
    same(folder.run(&["rerun", &run.name(), "--headless", "--verify"]), "90 steps");
}

#[test]
fn a_fork_that_keeps_the_requests_is_the_parent_to_the_bit_and_one_that_does_not_is_not() {
    let folder = Folder::new();
    let process = folder.start(&TRAIN, &[]);
    let run = folder.only_run();
    run.request(&[
        (json!({"set_weight": {"task": "digit", "value": 3.0}}), Some(60)),
        (json!({"set_weight": {"task": "ink", "value": 0.1, "over_steps": 30}}), Some(190)),
        (json!({"set_aggregation": {"name": "pcgrad"}}), Some(230)),
        (json!({"set_weight": {"task": "digit", "value": 1.0}}), Some(201)),
    ]);
    process.finish().expect(0);
    let first = run.name();
    folder.run(&["fork", &first, "--at", "200", "--keep-requests", "--name", "kept", "--headless"]).expect(0);
    let kept = named(&folder, "kept");
    assert!(run.parameters("final") == kept.parameters("final"), "the branch went another way");
    let started = &kept.events()[0];
    assert_eq!((&started["parent"], &started["forked_at"]), (&json!(first), &json!(200)));
    assert_eq!(kept.events_of("step")[0]["step"], 201);
    folder
        .run(&["fork", &first, "--at", "200", "--name", "plain", "--headless", "--set", "task.digit.weight=0.5"])
        .expect(0);
    let plain = named(&folder, "plain");
    assert!(run.parameters("final") != plain.parameters("final"));
    assert_eq!(plain.events_of("step")[0]["weight"][0], 0.5);
    // A branch is repeated from its own first checkpoint, whatever became of the parent.
    std::fs::remove_dir_all(run.path("checkpoints")).unwrap();
    same(folder.run(&["rerun", &kept.name(), "--headless", "--verify"]), "100 steps");
    folder
        .run(&["fork", &kept.name(), "--at", "201", "--headless"])
        .expect(2)
        .says(&["no checkpoint of step 201", "200"]);
}
