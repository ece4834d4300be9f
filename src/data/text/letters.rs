//! The letters of a transcript, as classes of connectionist temporal classification.
//!
//! Owns the alphabet. Class 0 is the blank of that loss, no letter; it must not be mixed up with the blank between
//! words, which is a letter like any other.

use super::tokens::{Unit, each};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The alphabet of a transcript task: letter `i` is class `i + 1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letters {
    /// Lower-case grapheme clusters, ascending; `" "` is among them where transcripts have several words.
    letters: Vec<String>,
}

impl Letters {
    /// The letters of the training transcripts.
    pub fn learn<'a>(transcripts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut letters = BTreeSet::new();
        for transcript in transcripts {
            each(transcript, Unit::Character, |letter| {
                if !letters.contains(letter) {
                    letters.insert(letter.to_owned());
                }
            });
        }
        Self { letters: letters.into_iter().collect() }
    }

    /// The letters; the first is class 1.
    pub fn letters(&self) -> &[String] {
        &self.letters
    }

    /// How many classes there are, class 0 included.
    pub fn classes(&self) -> usize {
        self.letters.len() + 1
    }

    /// The classes of a transcript's letters; a letter outside the alphabet is left out.
    pub fn encode(&self, transcript: &str) -> Vec<u32> {
        let mut classes = Vec::new();
        each(transcript, Unit::Character, |letter| {
            let place = self.letters.binary_search_by(|known| known.as_str().cmp(letter));
            classes.extend(place.ok().and_then(|place| u32::try_from(place + 1).ok()));
        });
        classes
    }

    /// The text of classes; class 0 and numbers that are no class are left out.
    pub fn decode(&self, classes: &[u32]) -> String {
        let letter = |class: &u32| self.letters.get((*class as usize).checked_sub(1)?).map(String::as_str);
        classes.iter().filter_map(letter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_are_classes_from_one() {
        let letters = Letters::learn(["Seven", "ten  E\u{301}"]);
        assert_eq!(letters.letters(), [" ", "e", "e\u{301}", "n", "s", "t", "v"]);
        assert_eq!(letters.classes(), 8);
        assert_eq!(letters.encode("tEn, seven"), [6, 2, 4, 1, 5, 2, 7, 2, 4]);
        assert_eq!(letters.decode(&[6, 0, 2, 4, 99]), "ten");
        assert_eq!(Letters::learn([]).classes(), 1);
        let json = serde_json::to_string(&letters).unwrap();
        assert_eq!(serde_json::from_str::<Letters>(&json).unwrap(), letters);
    }

    proptest! {
        #[test]
        fn learned_transcripts_come_back(transcript in "(?s).*") {
            let letters = Letters::learn([transcript.as_str()]);
            let classes = letters.encode(&transcript);
            prop_assert!(classes.iter().all(|class| *class > 0 && (*class as usize) < letters.classes()));
            prop_assert_eq!(letters.decode(&classes), super::super::normalised(&transcript, Unit::Character));
        }
    }
}
