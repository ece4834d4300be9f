//! Holds a tree against the schema: unknown keys, wrong types, values out of range.
//!
//! Owns the checks that one value alone can fail. It must not compare values with each other.

use super::errors::{ConfigError, Place};
use super::schema::{self, Kind};
use super::syntax::position;
use super::tree::{Node, Origin, Table, Value, near};
use std::collections::HashSet;

/// Collects faults and remembers which values are not to be read.
pub(super) struct Report<'a> {
    text: &'a str,
    sets: &'a [String],
    /// Whether `[data]` was written without a name, so that messages leave `data.data` out.
    pub single_source: bool,
    /// Paths whose value was found wrong.
    broken: HashSet<Vec<String>>,
    faults: Vec<(Origin, String)>,
}

impl<'a> Report<'a> {
    pub fn new(text: &'a str, sets: &'a [String]) -> Self {
        Self { text, sets, single_source: false, broken: HashSet::new(), faults: Vec::new() }
    }

    /// Adds a fault.
    pub fn fault(&mut self, origin: Origin, message: impl Into<String>) {
        self.faults.push((origin, message.into()));
    }

    /// Marks a value as not to be read.
    pub fn break_off(&mut self, path: &[&str]) {
        self.broken.insert(path.iter().map(|&part| part.to_owned()).collect());
    }

    /// Whether the value at a path, or a table around it, was found wrong.
    pub fn is_broken(&self, path: &[&str]) -> bool {
        (1..=path.len()).any(|length| {
            let part: Vec<String> = path.iter().take(length).map(|&part| part.to_owned()).collect();
            self.broken.contains(&part)
        })
    }

    /// Whether nothing is wrong so far.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// All faults in the order of the text, `--set`s last.
    pub fn finish(mut self) -> Vec<ConfigError> {
        self.faults.sort_by_key(|(origin, _)| *origin);
        let (text, sets) = (self.text, self.sets);
        let mut errors: Vec<ConfigError> = Vec::new();
        for (origin, message) in self.faults {
            let place = match origin {
                Origin::File(offset) => position(text, offset),
                Origin::Set(place) => sets.get(place).map_or(Place::Whole, |set| Place::Set(set.clone())),
                Origin::Default => Place::Whole,
            };
            let error = ConfigError { place, message };
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
        errors
    }

    /// A path as the user would write it.
    pub fn shown(&self, path: &[&str]) -> String {
        let skip = self.single_source && path.first() == Some(&"data");
        path.iter()
            .enumerate()
            .filter(|(at, _)| !(skip && *at == 1))
            .map(|(_, part)| *part)
            .collect::<Vec<_>>()
            .join(".")
    }
}

/// Checks a table and everything below it.
pub(super) fn check_table(report: &mut Report<'_>, path: &[&str], table: &Table) {
    let known = schema::below(path);
    for entry in &table.entries {
        let here: Vec<&str> = path.iter().copied().chain([entry.key.as_str()]).collect();
        let Some(key) = schema::find(&here) else {
            let near = near(&entry.key, known.iter().copied());
            let message = match path {
                [] => format!("unknown key '{}'{near}", entry.key),
                path => format!("unknown key '{}' in [{}]{near}", entry.key, report.shown(path)),
            };
            report.fault(entry.origin, message);
            report.break_off(&here);
            continue;
        };
        if known == ["*"] && !is_name(&entry.key) {
            let message = format!("'{}': expected {}", entry.key, Kind::Name.describe());
            report.fault(entry.origin, message);
        }
        let mut faults = Vec::new();
        check_value(key.kind, &entry.node, &mut faults);
        if !faults.is_empty() {
            report.break_off(&here);
            let shown = report.shown(&here);
            for (origin, message) in faults {
                report.fault(origin, format!("{shown}: {message}"));
            }
        } else if let Some(table) = entry.node.table() {
            check_table(report, &here, table);
        }
    }
}

/// Not empty, without '/' and control characters, and short enough for a file's name.
pub(super) fn is_name(text: &str) -> bool {
    !text.trim().is_empty()
        && text.trim().len() == text.len()
        && text.len() <= 100
        && !text.starts_with('.')
        && !text.chars().any(|c| c == '/' || c == '\\' || c.is_control())
}

fn check_value(kind: Kind, node: &Node, faults: &mut Vec<(Origin, String)>) {
    let fits = match (kind, &node.value) {
        (Kind::Table, Value::Table(_)) | (Kind::Flag, Value::Flag(_)) => true,
        (Kind::Name, Value::Text(text)) => is_name(text),
        (Kind::Text, Value::Text(text)) => {
            if text.contains('\0') {
                faults.push((node.origin, "a text must not hold a NUL byte".to_owned()));
                return;
            }
            !text.is_empty()
        }
        (Kind::Character, Value::Text(text)) => {
            matches!(text.as_bytes(), [byte] if *byte == b'\t' || (byte.is_ascii_punctuation() || *byte == b' ') && *byte != b'"')
        }
        (Kind::Choice(words), Value::Text(text)) => {
            if !words.contains(&text.as_str()) {
                let near = crate::text::nearest(text, words.iter().copied());
                let near = near.map_or(String::new(), |word| format!(" (did you mean '{word}'?)"));
                faults.push((node.origin, format!("expected {}, found {}{near}", kind.describe(), node.shown())));
                return;
            }
            true
        }
        (Kind::Whole { least, most }, Value::Whole(value)) => (i128::from(least)..=i128::from(most)).contains(value),
        (Kind::Number(bounds), Value::Whole(value)) => bounds.holds(*value as f64),
        (Kind::Number(bounds), Value::Number(value)) => bounds.holds(*value),
        (Kind::List(kind), Value::List(items)) => {
            for item in items {
                check_value(*kind, item, faults);
            }
            return;
        }
        (Kind::Either(kinds), _) => {
            // The kind of the same type gives the best message.
            let Some(kind) = kinds.iter().find(|kind| same_type(**kind, &node.value)) else {
                faults.push((node.origin, format!("expected {}, found {}", kind.describe(), node.shown())));
                return;
            };
            let mut found = Vec::new();
            check_value(*kind, node, &mut found);
            let all = Kind::Either(kinds).describe();
            if let (Kind::Choice(_) | Kind::Whole { .. } | Kind::Number(_), false) = (kind, found.is_empty()) {
                found = vec![(node.origin, format!("expected {all}, found {}", node.shown()))];
            }
            faults.append(&mut found);
            return;
        }
        _ => false,
    };
    if !fits {
        faults.push((node.origin, format!("expected {}, found {}", kind.describe(), node.shown())));
    }
}

fn same_type(kind: Kind, value: &Value) -> bool {
    matches!(
        (kind, value),
        (Kind::Table, Value::Table(_))
            | (Kind::Name | Kind::Text | Kind::Character | Kind::Choice(_), Value::Text(_))
            | (Kind::Flag, Value::Flag(_))
            | (Kind::Whole { .. }, Value::Whole(_))
            | (Kind::Number(_), Value::Whole(_) | Value::Number(_))
            | (Kind::List(_), Value::List(_))
    )
}
