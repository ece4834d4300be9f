//! TOML to a tree, every syntax error with its place.
//!
//! Owns positions and the wording of syntax errors. It must not know which keys exist.

use super::errors::{ConfigError, Place};
use super::tree::{Origin, Table, convert_table};
use std::ops::Range;
use toml::de::DeTable;

/// Reads TOML; every syntax error with its place.
pub(super) fn parse(text: &str) -> Result<Table, Vec<ConfigError>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let table = convert_table(table.get_ref(), &|offset| Origin::File(offset));
    if errors.is_empty() {
        return Ok(table);
    }
    let mut doubled: Vec<Vec<String>> = Vec::new();
    let mut faults = Vec::new();
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let message = if error.message() == "duplicate key" {
            let path = doubled_path(text, span.clone());
            // A doubled header doubles the keys below it too; once is enough.
            if doubled.iter().any(|table| path.starts_with(table)) {
                continue;
            }
            let message = duplicate(text, &table, &path, span.start);
            doubled.push(path);
            message
        } else {
            let rest = text.get(span.start..).and_then(|rest| rest.lines().next()).unwrap_or("").trim();
            let hint = if error.message().contains("boolean") { " (a text stands in quotes)" } else { "" };
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            let at =
                if rest.is_empty() { String::new() } else { format!(", at '{}'", crate::text::truncate(rest, 40)) };
            format!("{message}{at}{hint}")
        };
        faults.push(ConfigError { place: position(text, span.start), message });
    }
    // A broken line can break those after it: the first few are the true ones.
    faults.truncate(8);
    Err(faults)
}

/// Every syntax error of a TOML text, with its place; empty where it is right.
pub fn syntax_errors(text: &str) -> Vec<ConfigError> {
    parse(text).err().unwrap_or_default()
}

/// Line and column of a byte offset.
pub fn position(text: &str, offset: usize) -> Place {
    let before: String = text.get(..offset).unwrap_or(text).into();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Place::Position { line, column }
}

/// The keys from the root to one that was given twice.
fn doubled_path(text: &str, span: Range<usize>) -> Vec<String> {
    let (line_start, line_end) = line_around(text, span.start);
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let here = text.get(line_start..line_end).unwrap_or("");
    let mut path = if is_header(here) {
        chain(here)
    } else {
        let header = text.get(..line_start).unwrap_or("").lines().rev().find(|line| is_header(line));
        header.map(chain).unwrap_or_default().into_iter().chain(chain(here)).collect()
    };
    // In an inline table the doubled key is not the line's own.
    let named = text.get(span).unwrap_or("").trim_matches(['"', '\'']).to_owned();
    if path.last() != Some(&named) {
        path.push(named);
    }
    path
}

fn line_around(text: &str, offset: usize) -> (usize, usize) {
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| offset + at);
    (start, end)
}

/// Names both places of a key that was given twice. `kept` is what the parser made of the whole text.
fn duplicate(text: &str, kept: &Table, path: &[String], begin: usize) -> String {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    // What stands before this line tells where the first is; in an inline table that is the same line.
    let (before, _) = DeTable::parse_recoverable(text.get(..line_around(text, begin).0).unwrap_or(""));
    let before = convert_table(before.get_ref(), &|offset| Origin::File(offset));
    let entry = before.at(&keys).or_else(|| kept.at(&keys)).filter(|entry| start(entry.origin) < begin);
    let first = match entry.map(|entry| position(text, start(entry.origin))) {
        Some(Place::Position { line, column }) => format!("the first is at {line}:{column}"),
        _ => "it was given before".to_owned(),
    };
    match keys.as_slice() {
        ["task", name] => format!("two tasks named '{name}'; {first}"),
        ["data", name] => format!("'{name}' twice in [data]; {first}"),
        [parents @ .., key] if !parents.is_empty() => format!("'{key}' twice in [{}]; {first}", parents.join(".")),
        _ => format!("'{}' twice; {first}", path.join(".")),
    }
}

fn start(origin: Origin) -> usize {
    if let Origin::File(offset) = origin { offset } else { 0 }
}

/// The keys on a line that holds a header or the start of `key = value`.
fn chain(line: &str) -> Vec<String> {
    let key = line.split_once('=').map_or(line.to_owned(), |(key, _)| format!("{key} = 0"));
    first_path(DeTable::parse_recoverable(&key).0.get_ref())
}

/// The keys down to the first value of a table.
pub(super) fn first_path(table: &DeTable<'_>) -> Vec<String> {
    let mut keys = Vec::new();
    let mut next = table.iter().next();
    while let Some((key, value)) = next {
        keys.push(key.get_ref().to_string());
        next = value.get_ref().as_table().and_then(|table| table.iter().next());
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        assert_eq!(position("a\nüx=1", 5), Place::Position { line: 2, column: 3 });
        assert_eq!(position("", 9), Place::Position { line: 1, column: 1 });
    }

    #[test]
    fn both_places_of_a_doubled_key_are_named() {
        let message = |text: &str| parse(text).unwrap_err()[0].message.clone();
        assert_eq!(message("[task.a]\nx=1\n[task.a]\n"), "two tasks named 'a'; the first is at 1:7");
        assert_eq!(message("[train]\nbatch = 1\nbatch = 2\n"), "'batch' twice in [train]; the first is at 2:1");
        assert_eq!(message("seed = 1\nseed = 2\n"), "'seed' twice; the first is at 1:1");
    }
}
