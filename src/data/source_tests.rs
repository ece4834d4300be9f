//! Sources as a whole, from bytes to batches.

use super::*;
use crate::config::{Places, load_builtin, load_file, load_text};
use crate::data::{Encoding, Inputs, NewRows, Targets};
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;

/// Loads `csv` under a configuration whose `[data]` holds `keys`.
fn load(csv: &str, keys: &str, tasks: &str) -> Result<Source, String> {
    let places = Places { here: "/nowhere".into(), ..Places::default() };
    let text = format!("[data]\npath = \"t.csv\"\n{keys}\n{tasks}");
    let config = load_text("x.toml", &text, Path::new(""), &[], &places).unwrap_or_else(|errors| panic!("{errors}"));
    let sheet = Sheet::read("t.csv", csv.as_bytes(), b',').map_err(|error| error.to_string())?;
    let loaded = Loaded::table(sheet);
    Source::from_loaded(0, &config.sources[0], &config.tasks, loaded).map_err(|error| error.to_string())
}

const SPLIT: &str = "split = \"part\"";
const MSE: &str = "[task.t]\ntarget = \"y\"\nloss = \"mse\"\n";
const CLASSES: &str = "[task.t]\ntarget = \"y\"\nloss = \"cross_entropy\"\n";
const BCE: &str = "[task.t]\ntarget = \"y\"\nloss = \"bce\"\n";

const TABLE: &str = "x,c,y,part\n1,a,10,train\n3,b,20,train\n,a,,train\n5,c,30,valid\n7,a,1000,test\n";

#[test]
fn a_table_becomes_inputs_and_targets() {
    let source = load(TABLE, SPLIT, MSE).unwrap();
    assert_eq!(source.rows(), Rows { train: 3, valid: 1, test: 1 });
    // x with its indicator, c with two labels.
    assert_eq!(source.preprocessing().width(), 4);
    let batch = source.batch(&[2, 0, 3]);
    let Inputs::Vectors { values, rows, width } = &batch.inputs else { panic!("no vectors") };
    assert_eq!((*rows, *width), (3, 4));
    assert_eq!(*values, [0.0, 1.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0, 0.0]);
    assert_eq!(batch.targets, [Some(Targets::Numbers(vec![None, Some(-1.0), Some(3.0)]))]);
    assert_eq!(source.truth(0, &[4]), Some(Truth::Numbers(vec![Some(1000.0)])));
    let Some(TargetColumn::Number(target)) = source.target(0) else { panic!("no number") };
    assert_eq!((target.mean, target.deviation, target.labelled), (15.0, 5.0, 2));
    assert_eq!(target.in_units(target.scaled(1000.0)), 1000.0);
}

#[test]
fn transforms_are_undone() {
    let source = load(TABLE, SPLIT, &format!("{MSE}transform = \"log1p\"\n")).unwrap();
    let Some(TargetColumn::Number(target)) = source.target(0) else { panic!("no number") };
    assert!((target.mean - f64::midpoint(11_f64.ln(), 21_f64.ln())).abs() < 1e-12);
    assert!((target.in_units(target.scaled(1000.0)) - 1000.0).abs() < 1e-9);
    let error = load(&TABLE.replace("1000", "-1"), SPLIT, &format!("{MSE}transform = \"log1p\"\n")).unwrap_err();
    assert_eq!(error, "t.csv: row 5 (line 6), column 'y': log1p needs numbers above -1, found -1");
}

#[test]
fn counts_stay_as_they_are_and_are_not_negative() {
    let tasks = "[task.t]\ntarget = \"y\"\nloss = \"poisson_nll\"\n";
    let source = load(TABLE, SPLIT, tasks).unwrap();
    assert_eq!(source.targets(0, &[0, 2, 4]), Some(Targets::Numbers(vec![Some(10.0), None, Some(1000.0)])));
    let Some(TargetColumn::Number(target)) = source.target(0) else { panic!("no number") };
    assert!(target.is_as_given());
    assert_eq!(target.in_units(2.5), 2.5);
    assert!(load(&TABLE.replace("1000", "0"), SPLIT, tasks).is_ok());
    let error = load(&TABLE.replace("1000", "-0.5"), SPLIT, tasks).unwrap_err();
    assert_eq!(error, "t.csv: row 5 (line 6), column 'y': poisson_nll needs counts, 0 or more, found -0.5");
}

#[test]
fn bins_make_classes_and_a_bound_belongs_above() {
    let source = load(TABLE, SPLIT, &format!("{CLASSES}bins = [15.0, 20.0, 1000]\n")).unwrap();
    assert_eq!(source.target(0).unwrap().labels(), ["<15", "15..20", "20..1000", ">=1000"]);
    assert_eq!(
        source.targets(0, &[0, 1, 2, 3, 4]),
        Some(Targets::Classes(vec![Some(0), Some(2), None, Some(2), Some(3)]))
    );
}

#[test]
fn labels_that_training_never_saw_count_as_wrong_and_are_told() {
    let csv = "x,y,part\n1,no,train\n2,yes,train\n3,no,valid\n4,maybe,test\n5,yes,test\n6,,test\n";
    let source = load(csv, SPLIT, CLASSES).unwrap();
    assert_eq!(source.targets(0, &[3, 4, 5]), Some(Targets::Classes(vec![None, Some(1), None])));
    assert_eq!(source.truth(0, &[3, 4, 5]), Some(Truth::Classes(vec![Some(2), Some(1), None])));
    assert_eq!(
        source.notes(),
        [
            "task 't': 1 test row has a label that the training part has not, and counts as wrong: 'maybe'",
            "task 't' has one label alone in the valid part: it does not count in the validation score",
        ]
    );
    let Some(TargetColumn::Classes(target)) = source.target(0) else { panic!("no classes") };
    assert_eq!(target.labels, ["no", "yes"]);
    assert_eq!(target.counts, [1, 1]);
    assert_eq!(target.weights(&crate::config::ClassWeights::Balanced), Some(vec![1.0, 1.0]));
}

#[test]
fn faults_name_file_row_and_column() {
    let message = |csv: &str, keys: &str, tasks: &str| load(csv, keys, tasks).unwrap_err();
    assert_eq!(
        message(&TABLE.replace("20", "twenty\u{1b}[2J"), SPLIT, MSE),
        "t.csv: row 2 (line 3), column 'y': expected a number, the target of task 't', found 'twenty␛[2J'"
    );
    assert_eq!(
        message(&TABLE.replace(",valid", ",val"), SPLIT, MSE),
        "t.csv: row 4 (line 5), column 'part': expected train, valid or test, found 'val'"
    );
    assert_eq!(
        message(TABLE, "split = \"prat\"\nignore = [\"z\"]", &MSE.replace("\"y\"", "\"yy\"")),
        "t.csv: no column 'yy' (did you mean 'y'?), the target of task 't'; \
         no column 'prat' (did you mean 'part'?), the split; no column 'z' (did you mean 'x'?), under ignore"
    );
    assert_eq!(
        message("x,y,part\n1,,train\n2,,train\n2,,test\n", SPLIT, MSE),
        "t.csv: column 'y': no row has a label, the target of task 't'"
    );
    assert_eq!(
        message("x,y,part\n1,,train\n2,,train\n3,,train\n2,1,test\n", SPLIT, MSE),
        "t.csv: column 'y': no row of the training part has a label, the target of task 't'"
    );
    assert_eq!(
        message("x,y,part\n1,a,train\n2,a,train\n2,b,valid\n", SPLIT, CLASSES),
        "t.csv: column 'y': one label only in the training part, 'a': nothing to tell apart for task 't'"
    );
    assert_eq!(
        message("x,y,part\n1,a,train\n2,b,train\n2,c,train\n1,a,valid\n", SPLIT, BCE),
        "t.csv: column 'y': bce needs two labels, found 3: 'a', 'b', 'c'; is cross_entropy meant?"
    );
    assert_eq!(
        message("x,y,part\n1,1,train\n2,2,test\n", SPLIT, MSE),
        "t.csv: too little to train on (1 of 2 rows): at least two rows are needed, one of them to validate"
    );
    assert_eq!(message("y,part\n1,train\n2,train\n", SPLIT, MSE), "t.csv: no column is left to be an input");
    assert_eq!(
        message("x,y,part\n1,1,train\n2,2,train\nabc,2,valid\n", SPLIT, MSE),
        "t.csv: row 3 (line 4), column 'x': expected a number, found 'abc' (the training part holds only numbers here)"
    );
    assert_eq!(
        message(TABLE, SPLIT, &format!("{CLASSES}class_weights = [1, 2, 3]\n")),
        "t.csv: column 'y': 3 class_weights for 2 labels: '10', '20'"
    );
}

#[test]
fn a_metric_of_two_classes_needs_two() {
    let csv = "x,y,part\n1,a,train\n2,b,train\n2,c,train\n1,a,valid\n";
    let error = load(csv, SPLIT, &format!("{CLASSES}metrics = [\"accuracy\", \"auroc\"]\n")).unwrap_err();
    assert_eq!(error, "t.csv: column 'y': auroc needs two labels, found 3: 'a', 'b', 'c' (task 't')");
}

#[test]
fn files_that_are_no_table_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| {
        let text = format!("[data]\npath = '{}'\n{MSE}", root.path().join(path).display());
        let config = load_text("x.toml", &text, Path::new(""), &[], &Places::default()).unwrap();
        Source::load(0, &config.sources[0], &config.tasks).unwrap_err().to_string()
    };
    assert!(at("none.csv").ends_with("none.csv: no such file"));
    std::fs::create_dir(root.path().join("folder")).unwrap();
    assert!(at("folder").ends_with("folder: a directory, not a CSV file"));
}

#[test]
fn built_in_sets_load() {
    let places = Places { here: "/nowhere".into(), ..Places::default() };
    let digits = load_builtin("digits", &[], &places).unwrap();
    let source = Source::load(0, &digits.sources[0], &digits.tasks).unwrap();
    assert_eq!(source.rows(), Rows { train: 1221, valid: 216, test: 360 });
    assert_eq!((source.preprocessing().width(), source.features().len()), (48, 48));
    assert_eq!(source.target(1).unwrap().labels(), ["even", "odd"]);
    assert_eq!(source.fingerprint().len(), 64);
    let folds = vec!["data.split={ fold = 4, of = 5 }".to_owned()];
    let medical = load_builtin("medical", &folds, &places).unwrap();
    let source = Source::load(0, &medical.sources[0], &medical.tasks).unwrap();
    assert_eq!(source.rows(), Rows { train: 206, valid: 36, test: 61 });
    assert!(source.features().iter().any(|feature| feature.name == "thal" && feature.indicator));
}

/// Tables that may not ship, where `$TRIMTAB_DATA` has them.
#[test]
fn outside_tables_load() {
    let Some(folder) = std::env::var_os("TRIMTAB_DATA") else { return };
    let Ok(folder) = std::fs::read_dir(Path::new(&folder).join("../configs")) else { return };
    let places = Places { here: std::env::current_dir().unwrap(), ..Places::default() };
    for path in folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "toml")) {
        let config = load_file(&path, &[], &places).unwrap_or_else(|errors| panic!("{errors}"));
        let source = Source::load(0, &config.sources[0], &config.tasks).unwrap_or_else(|error| panic!("{error}"));
        println!("{} {:?} width {} {:#?}", config.name, source.rows(), source.preprocessing().width(), source.notes());
    }
}

#[test]
fn preprocessing_comes_back_and_encodes_like_the_source() {
    let source = load(TABLE, SPLIT, MSE).unwrap();
    let json = source.preprocessing().to_json().unwrap();
    let back = Preprocessing::from_json(&json).unwrap();
    assert_eq!(&back, source.preprocessing());
    let Inputs::Vectors { values, width, .. } = source.batch(&[2]).inputs else { panic!("no vectors") };
    let mut rows = NewRows::open("new.csv", &b"c,extra,x\na,!, NA \n"[..], b',', back.clone()).unwrap();
    let chunk = rows.next_chunk().unwrap().unwrap();
    assert_eq!(chunk.inputs, Inputs::Vectors { values, rows: 1, width });
    let error = NewRows::open("new.csv", &b"x,d\n1,a\n"[..], b',', back).err().unwrap().to_string();
    assert_eq!(error, "new.csv: no column 'c' (did you mean 'x'?), needed as input");
    assert!(Preprocessing::from_json(&json.replace("\"version\": 2", "\"version\": 3")).is_err());
}

#[test]
fn groups_stay_together_when_rows_are_held_out() {
    let mut csv = "x,who,y\n".to_owned();
    for row in 0..60 {
        let _ = writeln!(csv, "{row},p{},{}", row / 5, row % 7);
    }
    let source = load(&csv, "group = \"who\"\nsplit = { fold = 1, of = 4 }", MSE).unwrap();
    let of = |part| source.part(part).iter().map(|row| row / 5).collect::<HashSet<usize>>();
    assert!(of(Part::Train).is_disjoint(&of(Part::Valid)) && of(Part::Train).is_disjoint(&of(Part::Test)));
    assert!(!of(Part::Valid).is_empty());
    assert_eq!(source.features().len(), 1, "a group is no input");
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-50_i32..50).prop_map(|number| number.to_string()),
        1 => proptest::sample::select(vec!["", "NA", "a", "b", "1e999", "0.5", "\"x\ny\""]).prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn test_rows_have_no_say_in_what_is_learned(
        train in proptest::collection::vec((-50_i32..50, 0_u8..3, 0_u8..2), 4..20),
        test in proptest::collection::vec((-50_i32..50, 0_u8..9, 0_u8..9), 1..9),
        other in proptest::collection::vec((-5000_i32..5000, 0_u8..9, 0_u8..9), 1..9),
    ) {
        let csv = |test: &[(i32, u8, u8)]| {
            let mut csv = "x,c,y,z,part\n0,l0,0,0,train\n".to_owned();
            csv += "1,l1,1,1,train\n2,l0,0,2,valid\n";
            for (x, c, y) in &train { let _ = writeln!(csv, "{x},l{c},{},{x},train", y % 2); }
            for (x, c, y) in test { let _ = writeln!(csv, "{x},l{c},{y},{x},test"); }
            csv
        };
        let tasks = format!("{CLASSES}[task.u]\ntarget = \"z\"\nloss = \"mse\"\n");
        let first = load(&csv(&test), SPLIT, &tasks).unwrap();
        let second = load(&csv(&other), SPLIT, &tasks).unwrap();
        prop_assert_eq!(first.preprocessing(), second.preprocessing());
        prop_assert_eq!(first.batch(first.part(Part::Train)), second.batch(second.part(Part::Train)));
    }

    #[test]
    fn no_table_panics(
        rows in proptest::collection::vec((cell(), cell(), cell()), 0..12),
        loss in proptest::sample::select(vec!["mse", "cross_entropy", "bce", "nll"]),
        fold in 0_usize..3,
    ) {
        let mut csv = "x,y,z\n".to_owned();
        for (x, y, z) in &rows { let _ = writeln!(csv, "{x},{y},{z}"); }
        let tasks = format!("[task.t]\ntarget = \"y\"\nloss = \"{loss}\"\n");
        if let Ok(source) = load(&csv, &format!("split = {{ fold = {fold}, of = 3 }}"), &tasks) {
            let all: Vec<usize> = (0..rows.len() + 2).collect();
            let batch = source.batch(&all);
            prop_assert_eq!(batch.inputs.rows(), rows.len());
            let Inputs::Vectors { values, width, .. } = batch.inputs else { panic!("no vectors") };
            prop_assert_eq!(values.len(), rows.len() * width);
            prop_assert!(values.iter().all(|value| value.is_finite()));
            let train = source.part(Part::Train).len() as f64;
            let Inputs::Vectors { values, .. } = source.batch(source.part(Part::Train)).inputs else { panic!("no vectors") };
            for (place, feature) in source.features().iter().enumerate() {
                let before: usize = source.features().iter().take(place).map(Feature::width).sum();
                if let Encoding::Number { .. } = feature.encoding {
                    let mean = values.iter().skip(before).step_by(width).map(|v| f64::from(*v)).sum::<f64>() / train;
                    prop_assert!(mean.abs() < 1e-5);
                }
            }
        }
    }
}
