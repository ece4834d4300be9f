//! A method that was chosen with its options, and its text form: `dwa temperature=2`.

use super::catalogue::find;
use super::errors::BalanceError;
use super::method::{Kind, Make, Method};
use super::options::Options;
use super::{Aggregation, Weighting};
use serde_json::{Map, Value};
use std::fmt;

/// A method and a value for each of its options.
#[derive(Clone, Debug)]
pub struct Choice {
    method: &'static Method,
    options: Options,
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.method.name == other.method.name && self.options == other.options
    }
}

impl Choice {
    /// A method with the options given, the rest by default.
    ///
    /// # Errors
    /// [`BalanceError`] with the nearest name.
    pub fn new(kind: Kind, name: &str, given: &Map<String, Value>) -> Result<Self, BalanceError> {
        let method = find(kind, name)?;
        Ok(Self { method, options: Options::read(method.name, method.options, given)? })
    }

    /// A method with its defaults.
    pub fn plain(method: &'static Method) -> Self {
        Self { method, options: Options::defaults(method.options) }
    }

    /// Reads `NAME [OPTION=VALUE…]`.
    ///
    /// # Errors
    /// [`BalanceError`] with the nearest name.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, BalanceError> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let method = find(kind, name)?;
        let mut given = Map::new();
        for word in words {
            let Some((key, value)) = word.split_once('=') else {
                let problem = format!("'{}' is no option=value", crate::text::sanitise(word));
                return Err(BalanceError::Option { method: method.name, problem });
            };
            let value = match serde_json::from_str(value) {
                Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
                _ => Value::String(value.to_owned()),
            };
            given.insert(key.to_owned(), value);
        }
        Ok(Self { method, options: Options::read(method.name, method.options, &given)? })
    }

    /// The method.
    pub fn method(&self) -> &'static Method {
        self.method
    }

    /// The method's name.
    pub fn name(&self) -> &'static str {
        self.method.name
    }

    /// Which place it takes.
    pub fn kind(&self) -> Kind {
        self.method.kind()
    }

    /// The weighting for `tasks` tasks; `None` for an aggregation.
    pub fn weighting(&self, tasks: usize) -> Option<Box<dyn Weighting>> {
        match self.method.make {
            Make::Weighting(make) => Some(make(&self.options, tasks)),
            Make::Aggregation(_) => None,
        }
    }

    /// The aggregation for `tasks` tasks; `None` for a weighting.
    pub fn aggregation(&self, tasks: usize) -> Option<Box<dyn Aggregation>> {
        match self.method.make {
            Make::Aggregation(make) => Some(make(&self.options, tasks)),
            Make::Weighting(_) => None,
        }
    }
}

impl fmt::Display for Choice {
    /// The text form, as [`Choice::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method.name)?;
        self.options.changed().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}
