//! `trimtab methods` through the program.
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use serde_json::Value;
use support::Folder;
use trimtab::balance::{AGGREGATIONS, WEIGHTINGS};

#[test]
fn all_are_listed_weightings_first() {
    let finished = Folder::new().run(&["methods"]).expect(0).plain();
    assert!(finished.stderr.is_empty());
    let starts: Vec<&str> = finished.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let names = WEIGHTINGS.iter().chain(AGGREGATIONS).map(|method| method.name);
    let mut from = 0;
    for name in names {
        let place = starts[from..].iter().position(|start| *start == name);
        from += place.unwrap_or_else(|| panic!("{name} is missing or out of order:\n{}", finished.stdout)) + 1;
    }
}

#[test]
fn one_is_told_in_full_by_any_of_its_names() {
    let folder = Folder::new();
    let text = folder.run(&["methods", "dwa"]).expect(0).plain().stdout;
    for part in ["weighting", "CVPR 2019", "temperature=2", "0.01 to 1000", "multiplies the weight"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert_eq!(folder.run(&["methods", "Dynamic-Weight_Average"]).expect(0).stdout, text);
}

#[test]
fn as_json() {
    let folder = Folder::new();
    let read = |arguments: &[&str]| -> Value { serde_json::from_str(&folder.run(arguments).expect(0).stdout).unwrap() };
    let all = read(&["methods", "--json"]);
    assert_eq!(all.as_array().unwrap().len(), WEIGHTINGS.len() + AGGREGATIONS.len());
    let one = &read(&["methods", "famo", "--json"])[0];
    assert_eq!(one["kind"], "weighting");
    assert_eq!(one["needs"]["second_forward"], true);
    let floor = one["options"].as_array().unwrap().iter().find(|option| option["name"] == "floor").unwrap();
    assert_eq!((&floor["default"], &floor["least"]), (&Value::from(0.0), &Value::Null));
}

#[test]
fn an_unknown_name_gets_the_nearest() {
    let folder = Folder::new();
    folder.run(&["methods", "gradnrom"]).expect(2).plain().says(&["'gradnrom'", "did you mean 'gradnorm'?"]);
    folder.run(&["methods", "\u{1b}[2Jzzzzzzzzzzzz"]).expect(2).plain().says(&["`trimtab methods` lists them"]);
}
