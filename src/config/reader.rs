//! Typed values out of a checked tree, defaults filled in from the schema.
//!
//! Owns the way from a path to a value. A value that was found wrong reads as some value of its type: the fault is
//! already reported, and no configuration comes of it.

use super::check::Report;
use super::schema::{self, Preset};
use super::tree::{self, Node, Origin, Table, Value};

/// Reads values by path and reports what is missing.
pub(super) struct Reader<'a, 'b> {
    pub tree: &'a Table,
    pub report: &'a mut Report<'b>,
}

impl Reader<'_, '_> {
    /// The value as given, where it is given and right.
    pub fn given(&self, path: &[&str]) -> Option<&Node> {
        if self.report.is_broken(path) {
            return None;
        }
        self.tree.at(path).map(|entry| &entry.node)
    }

    /// Where a fault about this path is shown: at its value, or at the nearest table around it.
    pub fn origin(&self, path: &[&str]) -> Origin {
        if let Some(entry) = self.tree.at(path) {
            return if entry.node.table().is_some() { entry.origin } else { entry.node.origin };
        }
        (1..path.len())
            .rev()
            .find_map(|length| self.tree.at(path.get(..length)?))
            .map_or(Origin::File(0), |entry| entry.origin)
    }

    /// Reports a fault at a path.
    pub fn fault(&mut self, path: &[&str], message: impl AsRef<str>) {
        let message = format!("{}: {}", self.report.shown(path), message.as_ref());
        self.report.fault(self.origin(path), message);
    }

    /// The value as given, or the schema's default; reports a required one that is missing.
    pub fn value(&mut self, path: &[&str]) -> Option<Node> {
        if let Some(node) = self.given(path) {
            return Some(node.clone());
        }
        match schema::find(path)?.default {
            Preset::Toml(text) => tree::parse_value(text, Origin::Default),
            Preset::Derived(_) => None,
            Preset::Required => {
                if !self.report.is_broken(path) {
                    self.missing(path);
                }
                None
            }
        }
    }

    /// Reports that something is missing.
    pub fn missing(&mut self, path: &[&str]) {
        let Some(((last, parents), key)) = path.split_last().zip(schema::find(path)) else { return };
        let around = if parents.is_empty() { String::new() } else { format!(" in [{}]", self.report.shown(parents)) };
        let origin = self.origin(path);
        self.report.fault(origin, format!("missing '{last}'{around}: {} ({})", key.help, key.kind.describe()));
    }

    pub fn text(&mut self, path: &[&str]) -> String {
        self.optional_text(path).unwrap_or_default()
    }

    pub fn optional_text(&mut self, path: &[&str]) -> Option<String> {
        if let Value::Text(text) = self.value(path)?.value { Some(text) } else { None }
    }

    pub fn flag(&mut self, path: &[&str]) -> bool {
        matches!(self.value(path), Some(Node { value: Value::Flag(true), .. }))
    }

    pub fn number(&mut self, path: &[&str]) -> f64 {
        self.optional_number(path).unwrap_or_default()
    }

    pub fn optional_number(&mut self, path: &[&str]) -> Option<f64> {
        number(&self.value(path)?)
    }

    pub fn whole(&mut self, path: &[&str]) -> u64 {
        self.optional_whole(path).unwrap_or_default()
    }

    pub fn optional_whole(&mut self, path: &[&str]) -> Option<u64> {
        whole(&self.value(path)?)
    }

    pub fn list(&mut self, path: &[&str]) -> Vec<Node> {
        match self.value(path) {
            Some(Node { value: Value::List(items), .. }) => items,
            _ => Vec::new(),
        }
    }

    pub fn texts(&mut self, path: &[&str]) -> Vec<String> {
        let items = self.list(path);
        items
            .into_iter()
            .filter_map(|node| if let Value::Text(text) = node.value { Some(text) } else { None })
            .collect()
    }

    pub fn numbers(&mut self, path: &[&str]) -> Vec<f64> {
        self.list(path).iter().filter_map(number).collect()
    }

    pub fn widths(&mut self, path: &[&str]) -> Vec<usize> {
        self.list(path).iter().filter_map(whole).filter_map(|width| usize::try_from(width).ok()).collect()
    }

    /// A value of an enum that has words; `first` stands in for one that was found wrong.
    pub fn choice<T>(&mut self, path: &[&str], parse: impl Fn(&str) -> Option<T>, first: T) -> T {
        self.optional_text(path).and_then(|word| parse(&word)).unwrap_or(first)
    }

    /// Whether a value is given and differs from the default, so that it must mean something.
    pub fn is_set(&mut self, path: &[&str]) -> bool {
        let Some(given) = self.given(path).cloned() else { return false };
        let Some(Preset::Toml(text)) = schema::find(path).map(|key| key.default) else { return true };
        !tree::parse_value(text, Origin::Default).is_some_and(|default| same(&given, &default))
    }
}

fn number(node: &Node) -> Option<f64> {
    match node.value {
        Value::Number(value) => Some(value),
        Value::Whole(value) => Some(value as f64),
        _ => None,
    }
}

fn whole(node: &Node) -> Option<u64> {
    if let Value::Whole(value) = node.value { u64::try_from(value).ok() } else { None }
}

fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Flag(a), Value::Flag(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => number(a).is_some() && number(a) == number(b),
    }
}
