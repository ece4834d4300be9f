//! A run that was cut in two is the same run, to the bit, through the whole program and a new process.
#![cfg(all(feature = "train", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::json;
use support::{Folder, RunFiles};

/// 200 steps, slow enough that requests sent at the start come in time for step 150.
const SLOW: [&str; 9] = [
    "train",
    "digits",
    "--headless",
    "--set",
    "train.steps=200",
    "--set",
    "train.batch=1024",
    "--set",
    "train.checkpoint_every=50",
];

fn parameters(run: &RunFiles) -> Vec<u8> {
    run.parameters("final")
}

fn weight(id: &str, task: &str, value: f64, at_step: u64) -> String {
    let command = json!({"set_weight": {"task": task, "value": value, "over_steps": 20}});
    format!("\n{}\n", json!({"id": id, "from": "test", "at_step": at_step, "command": command}))
}

/// Puts the request for step 60 into the mailbox before the run has come far.
fn steer_early(run: &RunFiles) {
    run.append(weight("early", "digit", 2.5, 60));
}

/// The request for step 150. One that is open when a run ends is rejected, so a run that is cut gets it afterwards.
fn steer_late(run: &RunFiles) {
    run.append(weight("late", "ink", 0.25, 150));
}

fn applied_steps(run: &RunFiles) -> Vec<u64> {
    let events = run.events();
    events.iter().filter(|event| event["event"] == "applied").map(|event| event["step"].as_u64().unwrap()).collect()
}

/// The whole run in one go, steered at steps 60 and 150.
fn undisturbed(more: &[&str]) -> Vec<u8> {
    let folder = Folder::new();
    let process = folder.start(&[&SLOW, more].concat(), &[]);
    let run = folder.only_run();
    steer_early(&run);
    steer_late(&run);
    process.finish().expect(0);
    assert_eq!(applied_steps(&run), [60, 150]);
    parameters(&run)
}

#[test]
fn a_run_cut_after_100_of_200_steps_goes_on_to_the_same_bits() {
    let stop = json!({"id": "stop", "from": "test", "at_step": 101, "command": "stop"}).to_string() + "\n";
    // One is stopped on request, the other by a loss that is not finite; both leave the state after step 100.
    for (dropout, fault, code) in [("0.0", &[("TRIMTAB_FAULT", "nan@101:ink")][..], 3), ("0.3", &[], 0)] {
        let dropout = format!("encoder.dropout={dropout}");
        let more = ["--set", dropout.as_str()];
        let whole = undisturbed(&more);
        let folder = Folder::new();
        let process = folder.start(&[&SLOW, &more[..]].concat(), fault);
        let run = folder.only_run();
        steer_early(&run);
        if fault.is_empty() {
            run.append(&stop);
        }
        process.finish().expect(code);
        assert_eq!(run.reason(), if fault.is_empty() { "stopped" } else { "diverged" });
        assert!(run.path("checkpoints/step-00000100").is_dir());
        steer_late(&run);
        folder.run(&["resume", "--headless"]).expect(0);
        let stop_is_answered = fault.is_empty().then_some(101);
        assert_eq!(
            applied_steps(&run),
            [Some(60), stop_is_answered, Some(150)].into_iter().flatten().collect::<Vec<_>>()
        );
        assert!(whole == parameters(&run), "{more:?}: other parameters after the resume");
    }
}

/// A run that was killed after the checkpoint of step 50 and the request of step 60, which is in no checkpoint yet.
fn killed() -> (Folder, RunFiles) {
    let folder = Folder::new();
    let process = folder.start(&SLOW, &[]);
    let run = folder.only_run();
    steer_early(&run);
    steer_late(&run);
    run.wait_for_step(65);
    process.signal("KILL");
    drop(process);
    (folder, run)
}

#[test]
fn a_killed_run_repeats_the_lost_stretch_and_every_hand_movement_in_it() {
    let whole = undisturbed(&[]);
    let (folder, run) = killed();
    folder.run(&["resume", "--headless"]).expect(0);
    let rewinds: Vec<_> = run.events().into_iter().filter(|event| event["event"] == "rewind").collect();
    assert_eq!(rewinds.len(), 1);
    assert_eq!(applied_steps(&run).len(), 2, "a repeated request is not answered again");
    assert!(whole == parameters(&run), "other parameters after the resume");
}

#[test]
fn a_run_that_is_cut_twice_in_the_same_stretch_still_repeats_what_was_done_in_it() {
    let whole = undisturbed(&[]);
    let (folder, run) = killed();
    // Cut before step 60, where the request acts again: the fault leaves a checkpoint of step 54.
    let fault = folder.start(&["resume", "latest", "--headless"], &[("TRIMTAB_FAULT", "nan@55:ink")]);
    fault.finish().expect(3);
    assert!(run.path("checkpoints/step-00000054").is_dir());
    run.append(weight("later", "ink", 0.25, 150));
    folder.run(&["resume", "--headless"]).expect(0);
    assert_eq!(applied_steps(&run), [60, 150], "each acts once");
    assert!(whole == parameters(&run), "other parameters after the second resume");
}

#[test]
fn a_damaged_checkpoint_is_named_and_passed_over_for_the_one_before() {
    let whole = undisturbed(&[]);
    let folder = Folder::new();
    folder.start(&SLOW, &[("TRIMTAB_FAULT", "nan@61:ink")]).finish().expect(3);
    let run = folder.only_run();
    let damage = |step: &str, file: &str| {
        let path = run.path(&format!("checkpoints/step-{step}/{file}"));
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    damage("00000060", "optimizer.safetensors");
    steer_early(&run);
    folder.run(&["resume", "--headless"]).expect(0).says(&["passed over", "step-00000060", "damaged"]);
    assert_eq!(run.events_of("rewind")[0]["to_step"], 50);
    let _ = whole;
    for (step, file) in [("00000050", "state.json"), ("00000100", "model.safetensors"), ("00000150", "SHA256SUMS")] {
        if run.path(&format!("checkpoints/step-{step}")).is_dir() {
            damage(step, file);
        }
    }
    damage("00000200", "best.safetensors");
    folder.run(&["resume", "--headless"]).expect(1).says(&["no checkpoint", "best.safetensors"]);
}

#[test]
fn a_panic_is_told_by_the_exit_code_even_where_run_json_cannot_be_written() {
    let folder = Folder::new();
    let process = folder.start(&SLOW, &[("TRIMTAB_FAULT", "panic@100")]);
    let run = folder.only_run();
    run.wait_for_step(1);
    std::fs::create_dir(run.path(".run.json.new")).unwrap();
    process.finish().expect(70).says(&["provoked at step 100"]);
}

#[test]
fn being_cut_short_does_not_count_against_patience() {
    // So small a rate changes no parameter enough to score better: three evaluations, then it ends.
    let still = ["--set", "train.optimizer.lr=1e-12", "--set", "train.patience=3", "--set", "train.evaluate_every=50"];
    let folder = Folder::new();
    let process = folder.start(&[&SLOW[..], &still].concat(), &[]);
    let run = folder.only_run();
    run.append(json!({"id": "stop", "from": "test", "at_step": 71, "command": "stop"}).to_string() + "\n");
    process.finish().expect(0);
    let end = |run: &RunFiles| run.events().last().unwrap()["step"].as_u64().unwrap();
    assert_eq!((run.reason().as_str(), end(&run)), ("stopped", 70));
    folder.run(&["resume", "--headless"]).expect(0);
    assert_eq!((run.reason().as_str(), end(&run)), ("early_stopped", 150));
}

#[test]
fn a_best_state_by_a_metric_is_the_same_after_a_resume() {
    let by_metric = ["--set", "train.best=\"loops.accuracy\"", "--set", "train.evaluate_every=10"];
    let coarse = ["--set", "train.optimizer.lr=0.03", "--set", "train.patience=90"];
    let arguments = [&SLOW[..], &by_metric, &coarse].concat();
    let marks = |run: &RunFiles| -> Vec<(u64, bool)> {
        let events = run.events().into_iter().filter(|event| event["split"] == "valid");
        events.map(|event| (event["step"].as_u64().unwrap(), event["best"] == true)).collect()
    };
    let whole = Folder::new();
    whole.run(&arguments).expect(0);
    let whole = whole.only_run();
    let folder = Folder::new();
    folder.run_with(&arguments, &[("TRIMTAB_FAULT", "nan@101:ink")]).expect(3);
    let run = folder.only_run();
    folder.run(&["resume", "--headless"]).expect(0);
    assert_eq!(marks(&run), marks(&whole));
    assert!(run.parameters("best") == whole.parameters("best"), "another best state");

    // It is the evaluation with the highest accuracy, the first of equals, whatever the score says.
    let evaluations: Vec<_> = whole.events().into_iter().filter(|event| event["split"] == "valid").collect();
    let mut highest = f64::MIN;
    for event in &evaluations {
        let accuracy = event["metric"][2]["accuracy"].as_f64().unwrap();
        assert_eq!(event["best"] == true, accuracy > highest, "{event}");
        highest = highest.max(accuracy);
    }
    assert!(marks(&whole).contains(&(110, false)), "or a resume that forgot the best would look alike");
}

#[test]
fn looking_more_or_less_often_changes_no_bit() {
    let with = |every: &str| {
        let folder = Folder::new();
        let every = format!("train.gradient_every={every}");
        folder.run(&["train", "digits", "--headless", "--set", "train.steps=200", "--set", &every]).expect(0);
        parameters(&folder.only_run())
    };
    let never = with("0");
    assert!(never == with("1"), "gradient_every 1");
    assert!(never == with("20"), "gradient_every 20");
}

#[test]
fn both_devices_train_to_like_results() {
    let loss = |device: &str| {
        let folder = Folder::new();
        let steps = ["--set", "train.steps=50", "--set", "encoder.dropout=0.0", "--seed", "3"];
        folder.run(&[&["train", "digits", "--headless", "--device", device], &steps[..]].concat()).expect(0);
        let events = folder.only_run().events();
        let last = events.iter().rfind(|event| event["event"] == "step").unwrap().clone();
        last["total"].as_f64().unwrap()
    };
    let (flex, ndarray) = (loss("flex"), loss("ndarray"));
    assert!((flex - ndarray).abs() < 1e-2 * flex, "total loss {flex} on flex, {ndarray} on ndarray");
}

/// A short run, and another one that begins with its encoder and leaves it alone.
#[test]
fn a_frozen_encoder_of_another_run_stays_to_the_bit_through_a_resume() {
    let folder = Folder::new();
    folder.run(&["train", "digits", "--headless", "--set", "train.steps=100", "--name", "a"]).expect(0);
    let origin = folder.only_run();
    let second = ["train", "digits", "--headless", "--set", "train.steps=120", "--name", "b", "--seed", "3"];
    let transfer = ["--init-from", "latest", "--freeze", "encoder", "--set", "task.ink.hidden=[8]"];
    let said = [
        "encoder.layers.0.linear.weight,",
        "missing there, left at their initial values: heads.3.body",
        "heads.3.output.weight of ink (8 × 1 here, ",
    ];
    let stop = [("TRIMTAB_FAULT", "nan@61:ink")];
    folder.run_with(&[&second[..], &transfer].concat(), &stop).expect(3).says(&said);
    let run = folder.runs().pop().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(run.path("run.json")).unwrap()).unwrap();
    assert_eq!((&run.events()[0]["parent"], &json["parent"]), (&origin.name().into(), &origin.name().into()));

    // A resume has the values and the frozen parts from its checkpoint: the other run is not read again.
    let aside = folder.path().join("aside");
    std::fs::rename(&origin.0, &aside).unwrap();
    let resumed = folder.run(&["resume", &run.name(), "--headless"]).expect(0);
    assert!(!resumed.stderr.contains("loaded"), "{}", resumed.stderr);
    std::fs::rename(&aside, &origin.0).unwrap();
    let encoder = |run: &RunFiles, directory: &str| part(run, directory, "encoder.");
    assert!(!encoder(&origin, "best").is_empty() && encoder(&origin, "best") == encoder(&run, "final"));
    let heads = |run: &RunFiles, directory: &str| part(run, directory, "heads.0.");
    assert!(heads(&origin, "best") != heads(&run, "final"), "the heads go on");

    // The written configuration starts the same run again, from anywhere.
    let config = run.path("config.toml").display().to_string();
    folder.run(&["train", &config, "--headless", "--out", "again"]).expect(0);
    let again = std::fs::read_dir(folder.path().join("again")).unwrap().next().unwrap().unwrap().path();
    assert!(parameters(&run) == parameters(&RunFiles(again)), "other parameters from the written configuration");
}

/// The bytes of all parameters whose path begins with `prefix`, with their paths.
fn part(run: &RunFiles, directory: &str, prefix: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = run.parameters(directory);
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensors = file.tensors().into_iter().filter(|(path, _)| path.starts_with(prefix));
    let mut tensors: Vec<_> = tensors.map(|(path, view)| (path, view.data().to_vec())).collect();
    tensors.sort();
    tensors
}

#[test]
fn what_cannot_be_begun_with_is_refused_before_a_run_is_made() {
    let folder = Folder::new();
    folder.run(&["train", "medical", "--headless", "--set", "train.steps=20"]).expect(0);
    let refused = |more: &[&str], said: &[&str]| {
        folder.run(&[&["train", "digits", "--headless"], more].concat()).expect(2).says(said);
        assert_eq!(folder.runs().len(), 1);
    };
    refused(
        &["--init-from", "latest"],
        &["values of 0 parameters", "nothing of medical-", "left unused: heads.0.output.bias of diagnosis"],
    );
    refused(&["--init-from", "medcal"], &["nearest: medical-"]);
    refused(&["--set", "init_from=nowhere"], &["no run directory"]);
    refused(&["--freeze", "encodr"], &["no part named 'encodr', did you mean 'encoder'? (parts: encoder, digit,"]);
}

#[test]
fn a_freeze_by_hand_is_repeated_by_a_resume() {
    let freeze =
        [(json!({"freeze": {"part": "encoder"}}), Some(60)), (json!({"unfreeze": {"part": "encoder"}}), Some(90))];
    let whole = {
        let folder = Folder::new();
        let process = folder.start(&SLOW, &[]);
        folder.only_run().request(&freeze);
        process.finish().expect(0);
        assert_eq!(applied_steps(&folder.only_run()), [60, 90]);
        parameters(&folder.only_run())
    };
    let folder = Folder::new();
    let process = folder.start(&SLOW, &[]);
    let run = folder.only_run();
    run.request(&freeze);
    run.wait_for_step(95);
    process.signal("KILL");
    drop(process);
    folder.run(&["resume", "--headless"]).expect(0);
    assert!(whole == parameters(&run), "other parameters after the resume");
}
