//! `--set key=value`: one more layer over the tree.
//!
//! Owns reading such a text and laying it over. It must not know which keys exist, but for the tasks of a file.

use super::syntax::first_path;
use super::tree::{Entry, Node, Origin, Table, Value, convert, near};
use toml::de::{DeTable, DeValue};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::syntax::parse;

    fn set(file: &str, set: &str) -> Result<Table, String> {
        let mut tree = parse(file).unwrap();
        lay_over(&mut tree, set, 0).map(|()| tree)
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

    proptest::proptest! {
        #[test]
        fn no_text_and_no_set_panics(text in "\\PC{0,60}|[\\[\\]a=.\"'\\n{} 0-9]{0,40}", set in "\\PC{0,30}|[a=.\"\\[{ ]{0,12}") {
            let mut tree = parse(&text).unwrap_or_default();
            let _ = lay_over(&mut tree, &set, 0);
        }
    }
}
