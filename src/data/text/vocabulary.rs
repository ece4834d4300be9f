//! The numbers of tokens.
//!
//! Owns which tokens have a number. It must not cut texts: [`super::tokens`] does.

use super::spacing::spaced;
use super::tokens::{Unit, each};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashMap;

/// How an unknown token is written.
const UNKNOWN_WRITTEN: &str = "<unk>";

/// The number of the first learned token.
const FIRST: u32 = 2;

/// Tokens and their numbers: [`Self::UNKNOWN`], [`Self::END`], then what was learned.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Vocabulary {
    unit: Unit,
    tokens: Vec<String>,
    /// From a token to its number; made from `tokens`.
    numbers: HashMap<String, u32>,
}

/// What of a vocabulary is kept.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    unit: Unit,
    tokens: Vec<String>,
}

impl Vocabulary {
    /// A token that was not learned.
    pub const UNKNOWN: u32 = 0;
    /// The end of a text or of a turn; also where a decoder begins.
    pub const END: u32 = 1;

    /// Learns the tokens that come at least `min_count` times, `most` at most: the most frequent first, equal ones by
    /// alphabet.
    pub fn learn<'a>(texts: impl IntoIterator<Item = &'a str>, unit: Unit, min_count: usize, most: usize) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for text in texts {
            each(text, unit, |token| match counts.get_mut(token) {
                Some(count) => *count += 1,
                None => drop(counts.insert(token.to_owned(), 1)),
            });
        }
        // Written as an unknown token is, so it must stay one.
        counts.remove(UNKNOWN_WRITTEN);
        let mut counted: Vec<(String, usize)> = counts.into_iter().filter(|(_, count)| *count >= min_count).collect();
        counted.sort_unstable_by(|(a, of_a), (b, of_b)| (Reverse(of_a), a).cmp(&(Reverse(of_b), b)));
        counted.truncate(most);
        Self::from(Stored { unit, tokens: counted.into_iter().map(|(token, _)| token).collect() })
    }

    /// What a token is here.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The learned tokens; the first has number 2.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// How many numbers there are, the two special ones included: every number is below it.
    #[expect(clippy::len_without_is_empty, reason = "the special numbers are always there")]
    pub fn len(&self) -> usize {
        self.tokens.len() + FIRST as usize
    }

    /// Whether a token, written as [`super::tokens`] gives it, has a number of its own.
    pub fn contains(&self, token: &str) -> bool {
        self.numbers.contains_key(token)
    }

    /// The number of a token; [`Self::UNKNOWN`] where it was not learned.
    pub fn number(&self, token: &str) -> u32 {
        self.numbers.get(token).copied().unwrap_or(Self::UNKNOWN)
    }

    /// The numbers of a text's tokens, all of them; [`Self::END`] is never among them.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut numbers = Vec::new();
        each(text, self.unit, |token| numbers.push(self.number(token)));
        numbers
    }

    /// The text of numbers up to the first [`Self::END`]. An unknown token, and a number that is none of ours, is
    /// written `<unk>`.
    pub fn decode(&self, numbers: &[u32]) -> String {
        let written = numbers.iter().take_while(|number| **number != Self::END).map(|number| self.token(*number));
        match self.unit {
            Unit::Word => spaced(written),
            Unit::Character => written.collect(),
        }
    }

    /// The token of a number, as it is written.
    fn token(&self, number: u32) -> &str {
        let place = number.checked_sub(FIRST).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.tokens.get(place)).map_or(UNKNOWN_WRITTEN, String::as_str)
    }
}

impl PartialEq for Vocabulary {
    fn eq(&self, other: &Self) -> bool {
        self.unit == other.unit && self.tokens == other.tokens
    }
}

impl From<Stored> for Vocabulary {
    fn from(Stored { unit, tokens }: Stored) -> Self {
        let mut numbers = HashMap::with_capacity(tokens.len());
        for (number, token) in (FIRST..).zip(&tokens) {
            numbers.entry(token.clone()).or_insert(number);
        }
        Self { unit, tokens, numbers }
    }
}

impl From<Vocabulary> for Stored {
    fn from(Vocabulary { unit, tokens, .. }: Vocabulary) -> Self {
        Self { unit, tokens }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frequent_first_then_by_alphabet() {
        let texts = ["b a c a", "B <unk> d!"];
        let all = Vocabulary::learn(texts, Unit::Word, 1, 100);
        assert_eq!(all.tokens(), ["a", "b", "!", "c", "d"]);
        assert_eq!(all.len(), 7);
        assert_eq!(Vocabulary::learn(texts, Unit::Word, 2, 100).tokens(), ["a", "b"]);
        assert_eq!(Vocabulary::learn(texts, Unit::Word, 0, 3).tokens(), ["a", "b", "!"]);
        assert!(all.contains("d") && !all.contains("<unk>"));
    }

    #[test]
    fn numbers_and_back() {
        let words = Vocabulary::learn(["Hello, you!"], Unit::Word, 1, 9);
        assert_eq!(words.encode("You? hello"), [5, Vocabulary::UNKNOWN, 4]);
        assert_eq!(words.decode(&words.encode("hello, big  you!")), "hello, <unk> you!");
        assert_eq!(words.decode(&[4, Vocabulary::END, 5]), "hello");
        assert_eq!(words.decode(&[u32::MAX]), "<unk>");
        let characters = Vocabulary::learn(["ab c"], Unit::Character, 1, 9);
        assert_eq!(characters.decode(&characters.encode(" C  ab")), "c ab");
        assert_eq!(Vocabulary::learn([], Unit::Word, 1, 9).encode("x"), [Vocabulary::UNKNOWN]);
    }

    #[test]
    fn kept_as_json() {
        let learned = Vocabulary::learn(["b a a"], Unit::Word, 1, 9);
        let json = serde_json::to_string(&learned).unwrap();
        assert_eq!(json, r#"{"unit":"word","tokens":["a","b"]}"#);
        let read: Vocabulary = serde_json::from_str(&json).unwrap();
        assert_eq!(read, learned);
        assert_eq!(read.encode("b"), [3]);
        assert_ne!(read, Vocabulary::learn(["b a a"], Unit::Character, 1, 9));
    }

    proptest! {
        #[test]
        fn learned_text_comes_back(text in "[a-zA-Z0-9 .,:;!?'\"@<>_/()$#äÉß你か\u{301}\u{2019}👩\u{200d}🇩\n-]{0,60}") {
            for unit in [Unit::Word, Unit::Character] {
                let learned = Vocabulary::learn([text.as_str()], unit, 1, usize::MAX);
                let numbers = learned.encode(&text);
                prop_assert!(!numbers.contains(&Vocabulary::END));
                prop_assert_eq!(learned.encode(&learned.decode(&numbers)), numbers);
                prop_assert_eq!(learned, Vocabulary::learn([text.as_str()], unit, 1, usize::MAX));
            }
        }
        #[test]
        fn nothing_panics(text in "(?s).*", numbers in proptest::collection::vec(0_u32..12, 0..20)) {
            for unit in [Unit::Word, Unit::Character] {
                let learned = Vocabulary::learn([text.as_str()], unit, 1, 5);
                let most = learned.len();
                prop_assert!(learned.encode(&text).iter().all(|number| (*number as usize) < most));
                learned.decode(&numbers);
            }
        }
    }
}
