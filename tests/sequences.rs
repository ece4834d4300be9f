//! Runs on recordings, texts and pictures that the test makes: what is read, what is refused, what is recorded.
#![cfg(feature = "train")]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use support::Folder;

/// A WAV file of `bits` per sample; `cut` bytes are missing at its end.
fn wav(path: &Path, rate: u32, channels: u16, bits: u16, frames: usize, cut: usize) {
    let block = channels * bits / 8;
    let size = frames * usize::from(block);
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + size as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(block)).to_le_bytes());
    bytes.extend(block.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((size as u32).to_le_bytes());
    for frame in 0..frames {
        let value = ((frame as f64 * 0.3).sin() * 0.5 * f64::from(1_u32 << (bits - 1))) as i32;
        let low = value.to_le_bytes();
        for _ in 0..channels {
            bytes.extend(&low[..usize::from(bits / 8)]);
        }
    }
    bytes.truncate(bytes.len() - cut);
    fs::write(path, bytes).unwrap();
}

const SPEECH: &str = "name = 'mix'\n[data.speech]\nkind = 'speech'\npath = 'clips.csv'\nsplit = 'split'\nbatch = 4\n\
    [data.text]\nkind = 'text'\npath = 'texts.csv'\nsplit = 'split'\n\
    [data.talk]\nkind = 'dialogue'\ninput = 'text'\npath = 'texts.csv'\nsplit = 'split'\nbatch = 3\n\
    [encoder]\nkind = 'conv'\nwidth = 8\n\
    [task.heard]\nsource = 'speech'\ntarget = 'said'\nloss = 'ctc'\n\
    [task.mood]\nsource = 'text'\ntarget = 'mood'\nloss = 'cross_entropy'\n\
    [task.reply]\nsource = 'talk'\ntarget = 'reply'\nloss = 'next_token'\n\
    [train]\nsteps = 8\nbatch = 5\nevaluate_every = 4\n";

/// Three sources in a folder: eight recordings of unlike forms, eight texts.
fn made() -> Folder {
    let folder = Folder::new();
    let mut clips = "path,said,split\n".to_owned();
    let mut texts = "text,mood,reply,split\n".to_owned();
    for row in 0..8 {
        let (rate, channels, bits) = [(8000, 1, 16), (44_100, 2, 24), (16_000, 1, 8), (8000, 2, 16)][row % 4];
        wav(&folder.path().join(format!("{row}.wav")), rate, channels, bits, rate as usize / 3, 0);
        let part = ["train", "train", "train", "train", "train", "valid", "valid", "test"][row];
        let said = ["yes", "noo", "", "oh no"][row % 4];
        writeln!(clips, "{row}.wav,{said},{part}").unwrap();
        let mood = ["glad", "sad"][row % 2];
        writeln!(texts, "so {mood} today {row},{mood},i am {mood} too,{part}").unwrap();
    }
    fs::write(folder.path().join("clips.csv"), clips).unwrap();
    fs::write(folder.path().join("texts.csv"), texts).unwrap();
    fs::write(folder.path().join("mix.toml"), SPEECH).unwrap();
    folder
}

#[test]
fn three_sources_train_with_samples_and_epochs_of_their_own() {
    let folder = made();
    let done = folder.run(&["train", "mix.toml", "--json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let events: Vec<serde_json::Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).cloned().collect::<Vec<_>>();
    let steps = of("step");
    assert_eq!(steps.len(), 8);
    // Five rows each to train on, in batches of 4, 5 and 3.
    assert_eq!(steps[4]["epoch"], serde_json::json!([4.0, 5.0, 3.0]));
    // Every task has a source to itself, so its gradient is there in each step.
    assert!(steps.iter().all(|step| step["gradient"]["shared"]["norm"][2].is_number()));
    for task in ["heard", "mood", "reply"] {
        let samples = of("sample").into_iter().filter(|sample| sample["task"] == task).collect::<Vec<_>>();
        assert!(samples.iter().any(|sample| sample["step"] == 0) && samples.iter().any(|sample| sample["step"] == 8));
    }
    let heard = of("sample").into_iter().find(|sample| sample["task"] == "heard").unwrap();
    assert_eq!((heard["input"].as_str(), heard["want"].as_str()), (Some("5.wav"), Some("noo")));
}

#[test]
fn one_task_a_step_leaves_the_others_alone() {
    let folder = made();
    let sets = ["--set", "train.tasks_per_step=one", "--set", "sampling.kind=uniform", "--set", "train.steps=30"];
    let done = folder.run(&[&["train", "mix.toml", "--json"][..], &sets].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let mut counts = [0; 3];
    for line in done.stdout.lines().filter(|line| line.starts_with("{\"event\":\"step\"")) {
        let step: serde_json::Value = serde_json::from_str(line).unwrap();
        let there: Vec<usize> = (0..3).filter(|task| !step["loss"][task].is_null()).collect();
        assert_eq!(there.len(), 1, "{line}");
        assert!(step["labelled"][there[0]].as_u64().unwrap() > 0);
        counts[there[0]] += 1;
    }
    assert!(counts.iter().all(|count| *count > 0) && counts.iter().sum::<i32>() == 30, "{counts:?}");
}

#[test]
fn faults_of_files_are_named_with_their_row() {
    let folder = made();
    let message = |break_it: &dyn Fn(&Path)| {
        let folder_now = made();
        break_it(folder_now.path());
        let done = folder_now.run(&["train", "mix.toml", "--headless"]);
        assert_eq!(done.code, Some(2), "{}", done.stderr);
        assert!(!folder_now.path().join("runs").exists(), "nothing was begun");
        done.stderr
    };
    drop(folder);
    let gone = message(&|path| fs::remove_file(path.join("3.wav")).unwrap());
    assert!(gone.contains("row 4 (line 5), column 'path': 3.wav: no such file"), "{gone}");
    let cut = message(&|path| wav(&path.join("0.wav"), 8000, 1, 16, 2000, 99));
    assert!(cut.contains("row 1 (line 2), column 'path': 0.wav: the file is cut off"), "{cut}");
    let empty = message(&|path| wav(&path.join("0.wav"), 8000, 1, 16, 0, 0));
    assert!(empty.contains("0.wav: ") && empty.contains("no samples"), "{empty}");
    let text = message(&|path| fs::write(path.join("1.wav"), "not a sound").unwrap());
    assert!(text.contains("1.wav: ") && text.contains("WAV"), "{text}");
    let invalid =
        message(&|path| fs::write(path.join("texts.csv"), b"text,mood,reply,split\n\xff,a,b,train\n").unwrap());
    assert!(invalid.contains("texts.csv: row 1 (line 2), column 'text': not UTF-8"), "{invalid}");
}

#[test]
fn recordings_too_short_for_their_letters_are_told() {
    let folder = made();
    let table = fs::read_to_string(folder.path().join("clips.csv")).unwrap();
    let long = "word ".repeat(40);
    fs::write(folder.path().join("clips.csv"), table.replacen("yes", &long, 1)).unwrap();
    let done = folder.run(&["train", "mix.toml", "--headless"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let all = done.stdout + &done.stderr;
    assert!(all.contains("1 of 5 train recordings are too short for their letters (the first is 0.wav)"), "{all}");
}
