//! What is wrong with a configuration, each fault with its place.
//!
//! Owns the error types and their text. It must not decide what is an error.

use crate::text::sanitise;
use std::fmt;

/// Where a fault lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The configuration as a whole.
    Whole,
    /// A position in its text, both counted from 1; columns are characters.
    Position {
        /// The line.
        line: usize,
        /// The character in the line.
        column: usize,
    },
    /// A `--set` of the command line, as it was typed.
    Set(String),
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where it lies.
    pub place: Place,
    /// What is wrong, what was expected, and the nearest right name.
    pub message: String,
}

/// Every fault of a configuration, in the order of its text. Displays as one line a fault, fit for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors {
    /// The file, or the name of the built-in configuration.
    pub origin: String,
    /// Never empty.
    pub errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// A single fault of the whole configuration.
    pub(super) fn whole(origin: &str, message: impl Into<String>) -> Self {
        let error = ConfigError { place: Place::Whole, message: message.into() };
        Self { origin: origin.to_owned(), errors: vec![error] }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.errors.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            let message = sanitise(&error.message);
            match &error.place {
                Place::Whole => write!(f, "{}: {message}", sanitise(&self.origin))?,
                Place::Position { line, column } => {
                    write!(f, "{}:{line}:{column}: {message}", sanitise(&self.origin))?;
                }
                Place::Set(text) => write!(f, "--set {}: {message}", sanitise(text))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_one_line_and_foreign_text_cannot_move_the_cursor() {
        let errors = ConfigErrors {
            origin: "a\u{1b}[2J.toml".into(),
            errors: vec![
                ConfigError { place: Place::Position { line: 3, column: 7 }, message: "two\nlines".into() },
                ConfigError { place: Place::Set("a=\r".into()), message: "bad".into() },
            ],
        };
        assert_eq!(errors.to_string(), "a␛[2J.toml:3:7: two␊lines\n--set a=␍: bad");
    }
}
