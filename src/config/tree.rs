//! A configuration as a tree of values that remember where they were written.
//!
//! Owns the tree, reading it from TOML and laying `--set` over it. It must not know which keys exist.

use super::errors::{ConfigError, Place};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Where a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// Byte offset in the file.
    File(usize),
    /// Place in the list of `--set`s.
    Set(usize),
    /// The schema's default.
    Default,
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub origin: Origin,
    pub value: Value,
}

/// What TOML can say.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// Saturated at the bounds of 128 bits.
    Whole(i128),
    Number(f64),
    Flag(bool),
    /// A date or time, which no key takes.
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

/// Keys and values in the order they were written.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub entries: Vec<Entry>,
}

/// A key, where it was written, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub origin: Origin,
    pub node: Node,
}

impl Table {
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entry at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Entry> {
        let (last, parents) = path.split_last()?;
        parents.iter().try_fold(self, |table, key| table.entry(key)?.node.table())?.entry(last)
    }
}

impl Node {
    pub fn table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The value as a message shows it, cut where it is long.
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("'{}'", crate::text::truncate(text, 60)),
            Value::Whole(value) => value.to_string(),
            Value::Number(value) => format!("{value:?}"),
            Value::Flag(value) => value.to_string(),
            Value::Date(text) => format!("the date {text}"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }
}

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

/// Line and column of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> Place {
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
fn first_path(table: &DeTable<'_>) -> Vec<String> {
    let mut keys = Vec::new();
    let mut next = table.iter().next();
    while let Some((key, value)) = next {
        keys.push(key.get_ref().to_string());
        next = value.get_ref().as_table().and_then(|table| table.iter().next());
    }
    keys
}

fn convert_table(table: &DeTable<'_>, origin: &impl Fn(usize) -> Origin) -> Table {
    let entries = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            origin: origin(key.span().start),
            node: Node { origin: origin(value.span().start), value: convert(value.get_ref(), origin) },
        })
        .collect();
    Table { entries }
}

fn convert(value: &DeValue<'_>, origin: &impl Fn(usize) -> Origin) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            let least = if number.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
            Value::Whole(i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(least))
        }
        DeValue::Float(number) => Value::Number(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node { origin: origin(item.span().start), value: convert(item.get_ref(), origin) })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(convert_table(table, origin)),
    }
}

/// Reads one TOML value, as a schema's default.
pub(super) fn parse_value(text: &str, origin: Origin) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    Some(Node { origin, value: convert(value.get_ref(), &|_| origin) })
}

/// Lays one `key=value` over the tree.
///
/// The value is TOML; what is no TOML and does not begin like a quoted text, list or table is a text.
pub(super) fn lay_over(tree: &mut Table, text: &str, place: usize) -> Result<(), String> {
    let origin = Origin::Set(place);
    let (keys, value) = text
        .match_indices('=')
        .find_map(|(at, _)| Some((set_keys(text.get(..at)?)?, text.get(at + 1..)?.trim())))
        .ok_or("expected key=value, as in train.steps=500")?;
    let node = match DeValue::parse(value) {
        Ok(parsed) => Node { origin, value: convert(parsed.get_ref(), &|_| origin) },
        Err(error) if value.starts_with(['"', '\'', '[', '{']) => {
            return Err(error.message().lines().collect::<Vec<_>>().join(", "));
        }
        Err(_) => Node { origin, value: Value::Text(value.to_owned()) },
    };
    let Some((last, parents)) = keys.split_last() else { return Err("expected a key before '='".to_owned()) };
    let mut table = tree;
    for (depth, key) in parents.iter().enumerate() {
        let known: Vec<String> = table.entries.iter().map(|entry| entry.key.clone()).collect();
        let place = known.iter().position(|name| name == key);
        if let (None, 1, "task") = (place, depth, parents.first().map_or("", String::as_str)) {
            let near = near(key, known.iter().map(String::as_str));
            return Err(format!("no task named '{key}'{near}"));
        }
        let place = place.unwrap_or_else(|| {
            let node = Node { origin, value: Value::Table(Table::default()) };
            table.entries.push(Entry { key: key.clone(), origin, node });
            table.entries.len() - 1
        });
        let Some(Entry { node: Node { value: Value::Table(inner), .. }, .. }) = table.entries.get_mut(place) else {
            return Err(format!("'{}' is no table", keys.get(..=depth).unwrap_or(&[]).join(".")));
        };
        table = inner;
    }
    match table.entries.iter_mut().find(|entry| entry.key == *last) {
        Some(entry) => entry.node = node,
        None => table.entries.push(Entry { key: last.clone(), origin, node }),
    }
    Ok(())
}

/// A dotted key on its own; parts may be quoted.
fn set_keys(text: &str) -> Option<Vec<String>> {
    let line = format!("{} = 0", text.trim());
    if line.contains(['\n', '\r']) {
        return None;
    }
    let table = DeTable::parse(&line).ok()?;
    Some(first_path(table.get_ref())).filter(|keys| !keys.is_empty())
}

/// ` (did you mean '…'?)`, or the known names, or nothing.
pub(super) fn near<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = crate::text::nearest(word, known.clone()) {
        return format!(" (did you mean '{name}'?)");
    }
    let names: Vec<&str> = known.take(24).collect();
    if names.is_empty() { String::new() } else { format!(" (known: {})", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(file: &str, set: &str) -> Result<Table, String> {
        let mut tree = parse(file).unwrap();
        lay_over(&mut tree, set, 0).map(|()| tree)
    }

    #[test]
    fn positions_count_characters() {
        assert_eq!(position("a\nüx=1", 5), Place::Position { line: 2, column: 3 });
        assert_eq!(position("", 9), Place::Position { line: 1, column: 1 });
    }

    #[test]
    fn a_set_is_toml_or_a_bare_word() {
        let tree = set("[train]\nsteps = 3", "train.optimizer.kind=adam").unwrap();
        assert!(matches!(&tree.at(&["train", "optimizer", "kind"]).unwrap().node.value, Value::Text(t) if t == "adam"));
        let tree = set("", "a.\"x=y\".b = [1, 2]").unwrap();
        assert!(matches!(&tree.at(&["a", "x=y", "b"]).unwrap().node.value, Value::List(l) if l.len() == 2));
        assert!(set("", "a=[1,").is_err());
        assert!(set("", "a").is_err());
        assert!(set("", "=1").is_err());
        assert!(set("a = 1", "a.b=2").unwrap_err().contains("'a' is no table"));
        assert!(set("", "a\nb=1\nc=2").is_err());
    }

    #[test]
    fn a_set_reaches_only_tasks_that_are_there() {
        let error = set("[task.digit]\nweight = 1", "task.digti.weight=2").unwrap_err();
        assert_eq!(error, "no task named 'digti' (did you mean 'digit'?)");
    }

    #[test]
    fn both_places_of_a_doubled_key_are_named() {
        let message = |text: &str| parse(text).unwrap_err()[0].message.clone();
        assert_eq!(message("[task.a]\nx=1\n[task.a]\n"), "two tasks named 'a'; the first is at 1:7");
        assert_eq!(message("[train]\nbatch = 1\nbatch = 2\n"), "'batch' twice in [train]; the first is at 2:1");
        assert_eq!(message("seed = 1\nseed = 2\n"), "'seed' twice; the first is at 1:1");
    }

    proptest::proptest! {
        #[test]
        fn no_text_and_no_set_panics(text in "\\PC{0,60}|[\\[\\]a=.\"'\\n{} 0-9]{0,40}", set in "\\PC{0,30}|[a=.\"\\[{ ]{0,12}") {
            let mut tree = parse(&text).unwrap_or_default();
            let _ = lay_over(&mut tree, &set, 0);
        }
    }
}
