//! From a file, a text or a built-in name to a configuration.
//!
//! Owns the order of the layers (defaults < file < `--set`) and the bounds on what is read.

use super::check::{Report, check_table, is_name};
use super::errors::{ConfigError, ConfigErrors, Place};
use super::places::Places;
use super::reader::Reader;
use super::resolve::resolve;
use super::tree::{Entry, Node, Table, Value};
use super::types::Config;
use super::{set, syntax};
use crate::text::nearest;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A configuration is small; a larger file is some other file.
const MOST_BYTES: u64 = 1 << 20;

const BUILTIN: &[(&str, &str)] = &[
    ("digits", include_str!("../../configs/digits.toml")),
    ("agent", include_str!("../../configs/agent.toml")),
    ("driving", include_str!("../../configs/driving.toml")),
    ("industry", include_str!("../../configs/industry.toml")),
    ("medical", include_str!("../../configs/medical.toml")),
];

/// Other names of theirs, which people may still type.
const ALIASES: &[(&str, &str)] = &[("heart", "medical")];

/// Names of the configurations inside the program; the first is the one for a first try.
pub fn builtin_names() -> Vec<&'static str> {
    BUILTIN.iter().map(|(name, _)| *name).collect()
}

/// The text of a built-in configuration, by its name or an alias of it.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
    BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Loads a built-in configuration.
///
/// # Errors
/// Where there is none of that name, or a `--set` is wrong.
pub fn load_builtin(name: &str, sets: &[String], places: &Places) -> Result<Config, ConfigErrors> {
    match builtin_text(name) {
        Some(text) => load_text(name, text, Path::new(""), sets, places),
        None => Err(unknown(name)),
    }
}

/// Loads what a person named: a file, or else a built-in configuration.
///
/// # Errors
/// Where it is neither, or it is wrong.
pub fn load_named(word: &str, sets: &[String], places: &Places) -> Result<Config, ConfigErrors> {
    let path = Path::new(word);
    let there = places.here.join(path);
    if there.is_file() || (there.exists() && builtin_text(word).is_none()) {
        load_file(path, sets, places)
    } else if builtin_text(word).is_some() {
        load_builtin(word, sets, places)
    } else {
        Err(unknown(word))
    }
}

fn unknown(word: &str) -> ConfigErrors {
    let near = nearest(word, builtin_names()).map_or(String::new(), |name| format!(" (did you mean '{name}'?)"));
    let known = builtin_names().join(", ");
    ConfigErrors::whole(
        word,
        format!("no such file, and no built-in configuration of that name{near}; built in: {known}"),
    )
}

/// Loads a file; a relative `path` counts from the working directory in `places`.
///
/// # Errors
/// Every fault at once, each with its place.
pub fn load_file(path: &Path, sets: &[String], places: &Places) -> Result<Config, ConfigErrors> {
    let origin = path.display().to_string();
    let text = read(&places.here.join(path)).map_err(|message| ConfigErrors::whole(&origin, message))?;
    let text = String::from_utf8(text).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or(&[])).into_owned();
        let place = syntax::position(&before, valid);
        ConfigErrors { origin: origin.clone(), errors: vec![ConfigError { place, message: "not UTF-8".to_owned() }] }
    })?;
    load_text(&origin, &text, path.parent().unwrap_or(Path::new("")), sets, places)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        _ => error.to_string(),
    })?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err("a directory, not a configuration file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err("larger than 1 MiB, so no configuration".to_owned());
    }
    Ok(bytes)
}

/// Loads a text. `origin` names it in messages; paths in it count from `base`.
///
/// # Errors
/// Every fault at once, each with its place.
pub fn load_text(
    origin: &str,
    text: &str,
    base: &Path,
    sets: &[String],
    places: &Places,
) -> Result<Config, ConfigErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let errors = |errors| ConfigErrors { origin: origin.to_owned(), errors };
    let mut tree = syntax::parse(text).map_err(errors)?;
    let mut wrong = Vec::new();
    for (place, set) in sets.iter().enumerate() {
        if let Err(message) = set::lay_over(&mut tree, set, place) {
            wrong.push(ConfigError { place: Place::Set(set.clone()), message });
        }
    }
    let mut report = Report::new(text, sets);
    report.single_source = name_single_source(&mut tree);
    check_table(&mut report, &[], &tree);
    let stem = Path::new(origin).file_stem().and_then(|stem| stem.to_str()).filter(|stem| is_name(stem));
    let mut reader = Reader { tree: &tree, report: &mut report };
    let config = resolve(&mut reader, places, base, stem.unwrap_or("run"));
    if report.is_clean() && wrong.is_empty() {
        return Ok(config);
    }
    let mut faults = report.finish();
    faults.append(&mut wrong);
    Err(errors(faults))
}

/// `[data]` with keys of a source is the one source `data`: puts its table one level down, and says whether it did.
fn name_single_source(tree: &mut Table) -> bool {
    let Some(entry) = tree.entries.iter_mut().find(|entry| entry.key == "data") else { return false };
    let Value::Table(table) = &entry.node.value else { return false };
    let is_table = |entry: &Entry| entry.node.table().is_some();
    let is_split = |entry: &Entry| {
        let known = super::schema::below(&["data", "*", "split"]);
        let keys = entry.node.table().map(|table| &table.entries);
        entry.key == "split" && keys.is_some_and(|keys| keys.iter().all(|key| known.contains(&key.key.as_str())))
    };
    if table.entries.is_empty() || table.entries.iter().all(|entry| is_table(entry) && !is_split(entry)) {
        return false;
    }
    let inner = std::mem::replace(&mut entry.node.value, Value::Flag(false));
    let node = Node { origin: entry.node.origin, value: inner };
    let only = Entry { key: "data".to_owned(), origin: entry.origin, node };
    entry.node.value = Value::Table(Table { entries: vec![only] });
    true
}
