//! What a person wants listed: a regular expression, and of events also kinds.
//!
//! Owns the reading of what was typed. It must not know which list it is for.

use super::model::EntryKind;
use crate::text::{nearest, sanitise};
use regex_lite::{Regex, RegexBuilder};

/// Largest compiled expression in bytes; matching takes time in proportion to it.
const LARGEST: usize = 1 << 16;

/// Why something that was typed is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// No regular expression.
    #[error("{0}")]
    Expression(String),
    /// Not a kind of event; the nearest one.
    #[error("no kind '{0}'")]
    Kind(String, Option<&'static str>),
}

/// A filter; without anything typed it lets all through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: String,
    kinds: Vec<EntryKind>,
    expression: Option<Regex>,
}

impl Filter {
    /// Reads a regular expression; large and small letters are one unless a large one is in it.
    ///
    /// # Errors
    /// Where it is none.
    pub fn expression(text: &str) -> Result<Self, FilterError> {
        let expression = compile(text)?;
        Ok(Self { text: text.to_owned(), kinds: Vec::new(), expression })
    }

    /// The same with leading words `kind:applied`; of several kinds each is let through, and of a kind the first letters
    /// say enough.
    ///
    /// # Errors
    /// Where a kind is unknown or the rest is no regular expression.
    pub fn events(text: &str) -> Result<Self, FilterError> {
        let mut rest = text.trim_start();
        let mut kinds = Vec::new();
        while let Some(after) = rest.strip_prefix("kind:") {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            let (word, left) = after.split_at(end);
            let begins = |kind: &EntryKind| !word.is_empty() && kind.name().starts_with(&word.to_lowercase());
            let found: Vec<EntryKind> = EntryKind::ALL.into_iter().filter(begins).collect();
            if found.is_empty() {
                let near = nearest(word, EntryKind::ALL.map(EntryKind::name));
                return Err(FilterError::Kind(sanitise(word), near.and_then(own)));
            }
            kinds.extend(found);
            rest = left.trim_start();
        }
        // Blanks inside count; those that only part the words do not.
        let expression = compile(if kinds.is_empty() { text } else { rest })?;
        Ok(Self { text: text.to_owned(), kinds, expression })
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether anything may be left out.
    pub fn is_set(&self) -> bool {
        self.expression.is_some() || !self.kinds.is_empty()
    }

    /// Whether a text is listed.
    pub fn allows(&self, text: &str) -> bool {
        self.expression.as_ref().is_none_or(|expression| expression.is_match(text))
    }

    /// Whether an event is listed.
    pub fn allows_event(&self, kind: EntryKind, text: &str) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind)) && self.allows(text)
    }
}

/// The name of a kind as it is kept for good.
fn own(name: &str) -> Option<&'static str> {
    EntryKind::ALL.map(EntryKind::name).into_iter().find(|known| *known == name)
}

fn compile(text: &str) -> Result<Option<Regex>, FilterError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = |error: regex_lite::Error| FilterError::Expression(sanitise(&error.to_string()));
    RegexBuilder::new(text).case_insensitive(!has_capital(text)).size_limit(LARGEST).build().map(Some).map_err(wrong)
}

/// Whether a capital is meant; `\S` and its like are none.
fn has_capital(text: &str) -> bool {
    let mut escaped = false;
    text.chars().any(|letter| {
        let meant = !escaped && letter.is_uppercase();
        escaped = !escaped && letter == '\\';
        meant
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_counts_only_where_a_capital_was_typed() {
        let allows = |filter: &str, text: &str| Filter::expression(filter).unwrap().allows(text);
        assert!(allows("lr$", "Adam/LR") && !allows("LR$", "adam/lr") && allows("LR", "LR"));
        assert!(allows(r"\S\d", "a1") && allows(r"\SX", "aX") && !allows(r"\SX", "ax"));
        assert!(allows("", "anything") && allows("  ", "anything") && !Filter::expression(" ").unwrap().is_set());
    }

    #[test]
    fn kinds_are_taken_from_the_front() {
        let filter = Filter::events("kind:app kind:note lr|weight").unwrap();
        assert!(filter.allows_event(EntryKind::Applied, "lr 1e-3") && filter.allows_event(EntryKind::Note, "a weight"));
        assert!(!filter.allows_event(EntryKind::Applied, "muted") && !filter.allows_event(EntryKind::Saved, "lr"));
        assert!(Filter::events("kind:saved").unwrap().allows_event(EntryKind::Saved, ""));
        let Err(FilterError::Kind(word, near)) = Filter::events("kind:savd x") else { panic!("no such kind") };
        assert_eq!((word.as_str(), near), ("savd", Some("saved")));
        assert!(matches!(Filter::events("kind:"), Err(FilterError::Kind(..))));
        assert!(matches!(Filter::events("kind:note ("), Err(FilterError::Expression(_))));
    }

    #[test]
    fn what_would_take_long_is_refused() {
        assert!(matches!(Filter::expression("(a{99}){99}{99}"), Err(FilterError::Expression(_))));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_errors_hold_no_control_character(text in "\\PC*|.*|[()\\[\\]*+?{}|\\\\a-c0-9:kind ]{0,20}", name in ".*") {
            for filter in [Filter::expression(&text), Filter::events(&text)] {
                match filter {
                    Ok(filter) => drop((filter.allows(&name), filter.allows_event(EntryKind::Best, &name))),
                    Err(error) => prop_assert!(!error.to_string().chars().any(char::is_control)),
                }
            }
        }
    }
}
