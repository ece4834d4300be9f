//! Options of methods: what each takes, and values that were checked.

use super::errors::BalanceError;
use crate::text::{nearest, sanitise, truncate};
use serde_json::{Map, Value};
use std::fmt;

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// A finite number within bounds, both included.
    Number {
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// A whole number within bounds, both included.
    Whole {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// One of the words.
    Word(&'static [&'static str]),
}

/// A value of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionValue {
    /// Of [`OptionKind::Number`].
    Number(f64),
    /// Of [`OptionKind::Whole`].
    Whole(u64),
    /// Of [`OptionKind::Word`].
    Word(&'static str),
}

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Whole(value) => write!(f, "{value}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

impl OptionValue {
    /// As JSON.
    pub fn to_json(self) -> Value {
        match self {
            Self::Number(value) => value.into(),
            Self::Whole(value) => value.into(),
            Self::Word(word) => word.into(),
        }
    }
}

/// An option of a method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionInfo {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// What holds where nothing is said.
    pub default: OptionValue,
    /// One line for people.
    pub what: &'static str,
}

impl OptionInfo {
    fn read(&self, given: &Value) -> Result<OptionValue, String> {
        let shown =
            || truncate(&sanitise(given.as_str().map_or_else(|| given.to_string(), str::to_owned).as_str()), 40);
        match self.kind {
            OptionKind::Number { least, most } => match given.as_f64() {
                Some(value) if value >= least && value <= most => Ok(OptionValue::Number(value)),
                _ => Err(format!("'{}' must be a number {}, got {}", self.name, bounds(least, most), shown())),
            },
            OptionKind::Whole { least, most } => match given.as_u64() {
                Some(value) if (least..=most).contains(&value) => Ok(OptionValue::Whole(value)),
                _ => Err(format!("'{}' must be a whole number from {least} to {most}, got {}", self.name, shown())),
            },
            OptionKind::Word(words) => {
                match given.as_str().and_then(|given| words.iter().find(|word| **word == given)) {
                    Some(word) => Ok(OptionValue::Word(word)),
                    None => Err(format!("'{}' must be one of {}, got {}", self.name, words.join(", "), shown())),
                }
            }
        }
    }
}

fn bounds(least: f64, most: f64) -> String {
    match (least.is_finite() && least > f64::MIN, most.is_finite() && most < f64::MAX) {
        (true, true) => format!("from {least} to {most}"),
        (true, false) => format!("of at least {least}"),
        (false, true) => format!("of at most {most}"),
        (false, false) => "that is finite".to_owned(),
    }
}

/// A value for every option of a method, in the order of its list.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    infos: &'static [OptionInfo],
    values: Vec<OptionValue>,
}

impl Options {
    /// The defaults.
    pub fn defaults(infos: &'static [OptionInfo]) -> Self {
        Self { infos, values: infos.iter().map(|info| info.default).collect() }
    }

    /// The defaults with `given` in their place.
    ///
    /// # Errors
    /// [`BalanceError::Option`] that names the option and what was expected.
    pub fn read(
        method: &'static str,
        infos: &'static [OptionInfo],
        given: &Map<String, Value>,
    ) -> Result<Self, BalanceError> {
        let mut options = Self::defaults(infos);
        for (name, value) in given {
            let place = infos.iter().position(|info| info.name == name);
            let value = match place.and_then(|place| infos.get(place)) {
                Some(info) => info.read(value),
                None => Err(unknown(name, infos)),
            };
            let value = value.map_err(|problem| BalanceError::Option { method, problem })?;
            if let Some(slot) = place.and_then(|place| options.values.get_mut(place)) {
                *slot = value;
            }
        }
        Ok(options)
    }

    fn get(&self, name: &str) -> Option<OptionValue> {
        self.infos.iter().zip(&self.values).find(|(info, _)| info.name == name).map(|(_, value)| *value)
    }

    /// The number `name`, which the method's list must have; 0 where it does not.
    pub fn number(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(OptionValue::Number(value)) => value,
            _ => 0.0,
        }
    }

    /// The whole number `name`, which the method's list must have; 0 where it does not.
    pub fn whole(&self, name: &str) -> u64 {
        match self.get(name) {
            Some(OptionValue::Whole(value)) => value,
            _ => 0,
        }
    }

    /// The word `name`, which the method's list must have; empty where it does not.
    pub fn word(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(OptionValue::Word(word)) => word,
            _ => "",
        }
    }

    /// Names and values that differ from the defaults.
    pub fn changed(&self) -> impl Iterator<Item = (&'static str, OptionValue)> + '_ {
        let all = self.infos.iter().zip(&self.values);
        all.filter(|(info, value)| info.default != **value).map(|(info, value)| (info.name, *value))
    }
}

fn unknown(name: &str, infos: &[OptionInfo]) -> String {
    let names: Vec<&str> = infos.iter().map(|info| info.name).collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!(" (did you mean '{near}'?)"),
        None if names.is_empty() => " (it has none)".to_owned(),
        None => format!(" (it has: {})", names.join(", ")),
    };
    format!("no option '{}'{hint}", truncate(&sanitise(name), 40))
}
