//! One line of input.

use super::layout::Pane;
use crate::text::width;

/// Longest input, in characters.
const LONGEST: usize = 400;

/// What the input is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The weight of a task, by its place.
    Weight(usize),
    /// A sentence for the record.
    Note,
    /// What a pane lists.
    Filter(Pane),
}

/// The input so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What was typed; never holds a control character.
    pub text: String,
}

impl Prompt {
    /// An empty line.
    pub fn new(purpose: Purpose) -> Self {
        Self { purpose, text: String::new() }
    }

    /// Takes in typed or pasted text: line ends become blanks, other control characters are left out.
    pub fn insert(&mut self, text: &str) {
        // A terminal pastes line ends as CR.
        for letter in text.replace("\r\n", "\n").replace('\r', "\n").chars() {
            let letter = if letter == '\n' || letter == '\t' { ' ' } else { letter };
            if !letter.is_control() && self.text.chars().count() < LONGEST {
                self.text.push(letter);
            }
        }
    }

    /// Erases the last character.
    pub fn erase(&mut self) {
        use unicode_segmentation::UnicodeSegmentation;
        if let Some((place, _)) = self.text.grapheme_indices(true).next_back() {
            self.text.truncate(place);
        }
    }

    /// The weight that was typed; a decimal comma is one too.
    pub fn weight(&self) -> Option<f64> {
        let value: f64 = self.text.trim().replace(',', ".").parse().ok()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    }

    /// The end of the text that fits into so many columns.
    pub fn tail(&self, columns: usize) -> &str {
        let mut from = self.text.len();
        for (place, _) in self.text.char_indices().rev() {
            if width(self.text.get(place..).unwrap_or_default()) > columns {
                break;
            }
            from = place;
        }
        self.text.get(from..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_control_characters_do_nothing() {
        let mut prompt = Prompt::new(Purpose::Note);
        prompt.insert("a\u{1b}[31m\rb\u{7f}");
        assert_eq!(prompt.text, "a[31m b");
        prompt.erase();
        assert_eq!(prompt.tail(2), "m ");
    }

    #[test]
    fn a_weight_is_finite_and_not_negative() {
        let weight = |text: &str| Prompt { purpose: Purpose::Weight(0), text: text.to_owned() }.weight();
        assert_eq!((weight(" 2.5 "), weight("0,5"), weight("0")), (Some(2.5), Some(0.5), Some(0.0)));
        assert_eq!(
            (weight("-1"), weight("inf"), weight("NaN"), weight(""), weight("x")),
            (None, None, None, None, None)
        );
    }
}
