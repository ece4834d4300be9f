//! From a text to the numbers of one row.
//!
//! Owns the longest row and what is kept of a longer text. It must not fill rows up to one length: batches do.

use super::vocabulary::Vocabulary;
use serde::{Deserialize, Serialize};

/// What separates the turns of a dialogue history.
const BETWEEN_TURNS: &str = " | ";

/// How the texts of a column become numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextEncoding {
    /// The tokens.
    pub vocabulary: Vocabulary,
    /// The most tokens a row; 0 counts as 1.
    pub longest: usize,
    /// Whether a text is a dialogue history, its turns separated by `" | "`.
    #[serde(default)]
    pub turns: bool,
}

impl TextEncoding {
    /// The numbers of a text: 1 to `longest` of them, an empty text is one [`Vocabulary::UNKNOWN`].
    ///
    /// A text keeps its first tokens. A history has [`Vocabulary::END`] between turns and keeps its last tokens, those
    /// that the next turn answers.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let longest = self.longest.max(1);
        let mut numbers = if self.turns { self.history(text) } else { self.vocabulary.encode(text) };
        if self.turns {
            numbers.drain(..numbers.len().saturating_sub(longest));
        } else {
            numbers.truncate(longest);
        }
        if numbers.is_empty() {
            numbers.push(Vocabulary::UNKNOWN);
        }
        numbers
    }

    fn history(&self, text: &str) -> Vec<u32> {
        let mut numbers = Vec::new();
        for (place, turn) in text.split(BETWEEN_TURNS).enumerate() {
            if place > 0 {
                numbers.push(Vocabulary::END);
            }
            numbers.extend(self.vocabulary.encode(turn));
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::super::Unit;
    use super::*;
    use proptest::prelude::*;

    fn encoding(longest: usize, turns: bool) -> TextEncoding {
        TextEncoding { vocabulary: Vocabulary::learn(["a b c d"], Unit::Word, 1, 9), longest, turns }
    }

    #[test]
    fn texts_keep_their_beginning_and_histories_their_end() {
        assert_eq!(encoding(3, false).encode("a b c d"), [2, 3, 4]);
        assert_eq!(encoding(9, false).encode("a | b"), [2, Vocabulary::UNKNOWN, 3]);
        assert_eq!(encoding(9, true).encode("a b | c"), [2, 3, Vocabulary::END, 4]);
        assert_eq!(encoding(3, true).encode("a b | c"), [3, Vocabulary::END, 4]);
        assert_eq!(encoding(3, true).encode(" "), [Vocabulary::UNKNOWN]);
        assert_eq!(encoding(0, false).encode("b a"), [3]);
    }

    proptest! {
        #[test]
        fn every_row_has_a_position(text in "(?s).*|[ab |]{0,30}", longest in 0_usize..9, turns: bool) {
            let numbers = encoding(longest, turns).encode(&text);
            prop_assert!((1..=longest.max(1)).contains(&numbers.len()));
        }
    }
}
