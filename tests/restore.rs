//! Going back to a checkpoint undoes all that was done since, to the bit, in the same process and after a new one.
#![cfg(all(feature = "train", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::{Value, json};
use support::{Folder, RunFiles};

/// 200 steps, slow enough that requests sent at the start come in time.
const SLOW: [&str; 11] = [
    "train",
    "digits",
    "--headless",
    "--set",
    "train.steps=200",
    "--set",
    "train.batch=1024",
    "--set",
    "train.checkpoint_every=50",
    "--set",
    "train.evaluate_every=25",
];

fn undisturbed() -> Vec<u8> {
    let folder = Folder::new();
    folder.run(&SLOW).expect(0);
    folder.only_run().parameters("final")
}

fn mistakes(run: &RunFiles) {
    run.request(&[
        (json!({"set_weight": {"task": "digit", "value": 50.0}}), Some(110)),
        (json!({"set_lr": {"value": 0.01}}), Some(115)),
        (json!({"set_aggregation": {"name": "pcgrad"}}), Some(120)),
        (json!({"mute": {"task": "ink"}}), Some(125)),
        (json!({"freeze": {"part": "encoder"}}), Some(130)),
    ]);
}

fn rewinds(run: &RunFiles) -> Vec<Value> {
    run.events_of("rewind")
}

#[test]
fn what_was_done_since_the_checkpoint_is_undone_to_the_bit() {
    let whole = undisturbed();
    let folder = Folder::new();
    let process = folder.start(&SLOW, &[]);
    let run = folder.only_run();
    mistakes(&run);
    run.request(&[(json!({"restore": {"step": 77}}), Some(140)), (json!({"restore": {"step": 100}}), Some(151))]);
    process.finish().expect(0);
    let refused = run.events_of("rejected");
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0]["reason"].as_str().unwrap().contains("no checkpoint of step 77"), "{refused:?}");
    assert_eq!(rewinds(&run), [json!({"event": "rewind", "to_step": 100, "why": "restore"})]);
    let again: Vec<Value> = run.events_of("step").into_iter().filter(|event| event["step"] == 130).collect();
    assert_eq!(again.len(), 2);
    assert_eq!((&again[0]["weight"][0], &again[1]["weight"][0]), (&json!(50.0), &json!(1.0)));
    assert!(whole == run.parameters("final"), "other parameters after going back");
}

#[test]
fn a_resume_goes_on_from_what_a_restore_left_standing() {
    let whole = undisturbed();
    let folder = Folder::new();
    let process = folder.start(&SLOW, &[]);
    let run = folder.only_run();
    mistakes(&run);
    // Ahead of the restored stretch, so that it is not yet in the past when the run comes there again.
    run.request(&[(json!({"restore": {"step": 50}}), Some(151))]);
    run.wait_for("the rewind", |event| event["event"] == "rewind");
    process.signal("KILL");
    drop(process);
    assert!(run.path("checkpoints/left-00000150").is_dir(), "what was left is set aside, not lost");
    assert!(!run.path("checkpoints/step-00000150").exists());
    folder.run(&["resume", "--headless"]).expect(0);
    assert_eq!(rewinds(&run).last().unwrap()["to_step"], 50);
    assert!(whole == run.parameters("final"), "other parameters after the resume");
    assert!(!run.path("checkpoints/step-00000250").exists());
}
