//! Configurations with one task alone, and a configuration's text without what a study does not depend on.
//!
//! Owns what "the same, but alone" means: size, steps, batch, optimizer and rows stay; other tasks and sources that only
//! they use go; balancing and the weight, which mean nothing for one task, are the plain ones.

use crate::config::{Config, SourceKind, TasksPerStep};
use crate::protocol::Part;
use crate::text::{sanitise, truncate};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// The configuration, as TOML, of the task at a place trained alone; `None` where there is no such place.
///
/// A table keeps the targets of the tasks that are gone out of its inputs. Every step trains the task, also where the
/// configuration draws one task a step: the budget is counted in steps.
pub fn alone(config: &Config, place: usize) -> Option<String> {
    let task = config.tasks.get(place)?;
    let mut alone = config.clone();
    alone.tasks = vec![task.clone()];
    for task in &mut alone.tasks {
        task.weight = 1.0;
    }
    alone.sources.retain(|source| source.name == task.source);
    for source in alone.sources.iter_mut().filter(|source| source.kind == SourceKind::Table) {
        let gone = config.tasks.iter().filter(|other| other.source == source.name && other.target != task.target);
        for target in gone.map(|other| &other.target) {
            source.categorical.retain(|column| column != target);
            source.numeric.retain(|column| column != target);
            if !source.ignore.contains(target) {
                source.ignore.push(target.clone());
            }
        }
    }
    let names = |config: &Config| config.tasks.iter().map(|task| task.name.clone()).collect::<Vec<_>>();
    let (before, after) = (names(config), names(&alone));
    let still = |part: &String| match Part::parse(part, &before) {
        Ok(Part::Encoder) => Some(Part::Encoder.name(&after)),
        Ok(Part::Head(head)) if head == place => Some(Part::Head(0).name(&after)),
        _ => None,
    };
    alone.train.freeze = config.train.freeze.iter().filter_map(still).collect();
    alone.train.tasks_per_step = TasksPerStep::All;
    // Looking changes no bit, and there is nothing to compare.
    alone.train.gradient_every = Some(0);
    let mut table = table(&alone);
    table.remove("balance");
    Some(table.to_string())
}

/// All values of a configuration that runs of one study share, a line `key = value` each, without those below `left_out`.
/// `*` in a key stands for any name.
pub fn lines(config: &Config, left_out: &[&str]) -> String {
    let mut lines = Vec::new();
    flatten(&mut Vec::new(), &Value::Table(table(config)), left_out, &mut lines);
    lines.join("\n")
}

/// What differs between two such texts: the first key, with both values.
pub fn first_difference(theirs: &str, ours: &str) -> Option<String> {
    fn read(text: &str) -> BTreeMap<&str, &str> {
        text.lines().filter_map(|line| line.split_once(" = ")).collect()
    }
    let (theirs, ours) = (read(theirs), read(ours));
    let key = theirs.keys().chain(ours.keys()).find(|key| theirs.get(*key) != ours.get(*key))?;
    let show = |value: Option<&&str>| value.map_or("nothing".to_owned(), |value| truncate(&sanitise(value), 60));
    Some(format!("{} is {} there and {} here", sanitise(key), show(theirs.get(key)), show(ours.get(key))))
}

/// The configuration as a table. A configuration that was read is written as TOML that can be read.
fn table(config: &Config) -> Table {
    config.to_toml().parse().unwrap_or_default()
}

fn flatten(path: &mut Vec<String>, value: &Value, left_out: &[&str], lines: &mut Vec<String>) {
    let is_at = |pattern: &&str| {
        let parts: Vec<&str> = pattern.split('.').collect();
        parts.len() == path.len() && parts.iter().zip(path.iter()).all(|(part, key)| *part == "*" || part == key)
    };
    if left_out.iter().any(is_at) {
        return;
    }
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                path.push(key.clone());
                flatten(path, value, left_out, lines);
                path.pop();
            }
        }
        value => lines.push(format!("{} = {value}", path.join("."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Places, load_text};
    use std::path::Path;

    fn load(text: &str) -> Config {
        let places = Places { here: "/nowhere".into(), data: None, user_data: None };
        load_text("test", text, Path::new(""), &[], &places).unwrap()
    }

    const TWO_SOURCES: &str = r#"
        name = "both"
        [data.rows]
        path = "rows.csv"
        categorical = ["b"]
        [data.words]
        kind = "text"
        path = "words.csv"
        [encoder]
        kind = "attention"
        [task.a]
        source = "rows"
        target = "a"
        loss = "mse"
        weight = 3.0
        [task.b]
        source = "rows"
        target = "b"
        loss = "cross_entropy"
        [task.mood]
        source = "words"
        target = "mood"
        loss = "cross_entropy"
        [train]
        freeze = ["encoder", "b"]
        steps = 70
        tasks_per_step = "one"
        [sampling]
        kind = "uniform"
    "#;

    #[test]
    fn what_only_other_tasks_use_goes_and_no_other_target_becomes_an_input() {
        let both = load(TWO_SOURCES);
        let a = load(&alone(&both, 0).unwrap());
        assert_eq!(a.tasks.len(), 1);
        assert_eq!((a.tasks[0].name.as_str(), a.tasks[0].weight, a.train.steps), ("a", 1.0, 70));
        assert_eq!(a.sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>(), ["rows"]);
        assert_eq!((&a.sources[0].ignore, &a.sources[0].categorical), (&vec!["b".to_owned()], &vec![]));
        assert_eq!(a.train.freeze, ["encoder"]);
        assert_eq!(a.train.tasks_per_step, TasksPerStep::All);
        assert_eq!(a.encoder, both.encoder);
        let b = load(&alone(&both, 1).unwrap());
        assert_eq!(b.sources[0].categorical, ["b"]);
        assert_eq!(b.train.freeze, ["encoder", "b"]);
        let mood = load(&alone(&both, 2).unwrap());
        assert_eq!(mood.sources, both.sources[1..]);
        assert_eq!(alone(&both, 3), None);
    }

    #[test]
    fn lines_leave_out_and_a_difference_is_named() {
        let both = load(TWO_SOURCES);
        let here = lines(&both, &["name", "task.*.weight", "balance"]);
        assert!(here.contains("train.steps = 70") && here.contains("task.mood.loss = \"cross_entropy\""), "{here}");
        for key in ["name = ", "weight = ", "balance."] {
            assert!(!here.lines().any(|line| line.starts_with(key) || line.contains(".weight = ")), "{key}\n{here}");
        }
        let other = lines(&load(&TWO_SOURCES.replace("70", "80").replace("3.0", "4.0")), &["task.*.weight"]);
        let left = lines(&load(&TWO_SOURCES.replace("\"both\"", "\"other\"")), &["task.*.weight"]);
        assert_eq!(first_difference(&here, &lines(&both, &["name", "task.*.weight", "balance"])), None);
        assert!(first_difference(&left, &other).unwrap().starts_with("name is \"other\" there and \"both\" here"));
        let other = lines(&load(&TWO_SOURCES.replace("70", "80")), &["name", "task.*.weight", "balance"]);
        assert_eq!(first_difference(&other, &here).unwrap(), "train.steps is 80 there and 70 here");
    }
}
