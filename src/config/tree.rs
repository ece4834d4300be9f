//! A configuration as a tree of values that remember where they were written.
//!
//! Owns the tree and its making from parsed TOML. It must not know which keys exist.

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

pub(super) fn convert_table(table: &DeTable<'_>, origin: &impl Fn(usize) -> Origin) -> Table {
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

pub(super) fn convert(value: &DeValue<'_>, origin: &impl Fn(usize) -> Origin) -> Value {
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

/// ` (did you mean '…'?)`, or the known names, or nothing.
pub(super) fn near<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = crate::text::nearest(word, known.clone()) {
        return format!(" (did you mean '{name}'?)");
    }
    let names: Vec<&str> = known.take(24).collect();
    if names.is_empty() { String::new() } else { format!(" (known: {})", names.join(", ")) }
}
