//! One line of input with a caret, edited by what a reader sees as one character.

use super::layout::Pane;
use crate::text::width;
use unicode_segmentation::UnicodeSegmentation;

/// Longest input, in characters.
const LONGEST: usize = 400;

/// What the input is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The weight of a task, by its place.
    Weight(usize),
    /// A sentence for the record.
    Note,
    /// A command or an action.
    Command,
    /// What the help shall show.
    Help,
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
    /// Bytes before the caret; read it through [`Prompt::caret`].
    caret: usize,
}

/// A weight as it is typed: the value, and the steps that the way there takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypedWeight {
    /// Finite and ≥ 0.
    pub value: f64,
    /// At least 1.
    pub over_steps: Option<u64>,
}

/// The part of a line that is shown: before, at and after the caret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// Left of the caret.
    pub before: &'a str,
    /// Under the caret; empty at the end of the line.
    pub at: &'a str,
    /// Right of it.
    pub after: &'a str,
}

impl Prompt {
    /// An empty line.
    pub fn new(purpose: Purpose) -> Self {
        Self { purpose, text: String::new(), caret: 0 }
    }

    /// A line that is filled in, with the caret behind so many bytes.
    pub fn filled(purpose: Purpose, text: &str, caret: usize) -> Self {
        let mut prompt = Self::new(purpose);
        prompt.insert(text);
        prompt.caret = caret;
        prompt
    }

    /// Takes in typed or pasted text at the caret: line ends become blanks, other control characters are left out.
    pub fn insert(&mut self, text: &str) {
        // A terminal pastes line ends as CR.
        let mut room = LONGEST.saturating_sub(self.text.chars().count());
        let mut caret = self.caret();
        for letter in text.replace("\r\n", "\n").replace('\r', "\n").chars() {
            let letter = if letter == '\n' || letter == '\t' { ' ' } else { letter };
            if !letter.is_control() && room > 0 {
                self.text.insert(caret, letter);
                caret += letter.len_utf8();
                room -= 1;
            }
        }
        self.caret = caret;
    }

    /// Replaces the whole line; the caret goes to its end.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.insert(text);
    }

    /// Erases everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.caret = 0;
    }

    /// Bytes before the caret, always at the start of a character or at the end.
    pub fn caret(&self) -> usize {
        let mut caret = self.caret.min(self.text.len());
        while !self.text.is_char_boundary(caret) {
            caret -= 1;
        }
        caret
    }

    /// What stands before the caret, and what behind it.
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.caret())
    }

    /// Erases the character before the caret.
    pub fn erase(&mut self) {
        let from = self.left();
        self.cut(from, self.caret());
    }

    /// Erases the character under the caret.
    pub fn erase_right(&mut self) {
        let to = self.right();
        self.cut(self.caret(), to);
    }

    /// Erases the word before the caret.
    pub fn erase_word(&mut self) {
        let from = self.word_left();
        self.cut(from, self.caret());
    }

    /// Erases all behind the caret.
    pub fn erase_rest(&mut self) {
        self.cut(self.caret(), self.text.len());
    }

    /// Moves the caret.
    pub fn go(&mut self, way: Way) {
        self.caret = match way {
            Way::Left => self.left(),
            Way::Right => self.right(),
            Way::WordLeft => self.word_left(),
            Way::WordRight => self.word_right(),
            Way::Start => 0,
            Way::End => self.text.len(),
        };
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.caret = from;
    }

    fn left(&self) -> usize {
        let (before, _) = self.halves();
        before.grapheme_indices(true).next_back().map_or(0, |(place, _)| place)
    }

    fn right(&self) -> usize {
        let (before, after) = self.halves();
        before.len() + after.graphemes(true).next().map_or(0, str::len)
    }

    fn word_left(&self) -> usize {
        let (before, _) = self.halves();
        let word = before.trim_end();
        word.rfind(char::is_whitespace).map_or(0, |at| at + word[at..].chars().next().map_or(0, char::len_utf8))
    }

    fn word_right(&self) -> usize {
        let (before, after) = self.halves();
        let word = after.trim_start();
        let end = word.find(char::is_whitespace).unwrap_or(word.len());
        before.len() + (after.len() - word.len()) + end
    }

    /// The weight that was typed, `0.5` or `0.5 over 200`; a decimal comma is one too.
    pub fn weight(&self) -> Option<TypedWeight> {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let (number, over_steps) = match words.as_slice() {
            [number] => (number, None),
            [number, "over", steps] => (number, Some(steps.parse().ok().filter(|steps| *steps > 0)?)),
            _ => return None,
        };
        let value: f64 = number.replace(',', ".").parse().ok()?;
        (value.is_finite() && value >= 0.0).then_some(TypedWeight { value, over_steps })
    }

    /// As much of the line as fits into so many columns with the caret among them.
    pub fn shown(&self, columns: usize) -> Shown<'_> {
        let (before, after) = self.halves();
        let at = after.graphemes(true).next().unwrap_or_default();
        let mut used = width(at).max(1);
        let mut from = before.len();
        for (place, cluster) in before.grapheme_indices(true).rev() {
            used += width(cluster);
            if used > columns {
                break;
            }
            from = place;
        }
        let before = before.get(from..).unwrap_or_default();
        let rest = after.get(at.len()..).unwrap_or_default();
        let mut room = columns.saturating_sub(width(before) + width(at).max(1));
        let mut to = 0;
        for (place, cluster) in rest.grapheme_indices(true) {
            let Some(left) = room.checked_sub(width(cluster)) else { break };
            (room, to) = (left, place + cluster.len());
        }
        Shown { before, at, after: rest.get(..to).unwrap_or_default() }
    }
}

/// Where the caret goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// To the start of the word before.
    WordLeft,
    /// To the end of the next word.
    WordRight,
    /// To the start of the line.
    Start,
    /// To its end.
    End,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WAYS: [Way; 6] = [Way::Left, Way::Right, Way::WordLeft, Way::WordRight, Way::Start, Way::End];

    #[test]
    fn pasted_control_characters_do_nothing() {
        let mut prompt = Prompt::new(Purpose::Note);
        prompt.insert("a\u{1b}[31m\rb\u{7f}");
        assert_eq!(prompt.text, "a[31m b");
        prompt.erase();
        assert_eq!(prompt.shown(3), Shown { before: "m ", at: "", after: "" });
    }

    #[test]
    fn the_caret_moves_by_what_is_seen_as_one_character_and_by_words() {
        let mut prompt = Prompt::filled(Purpose::Command, "weight 情e\u{301} 1 over 9", usize::MAX);
        assert_eq!(prompt.caret(), prompt.text.len());
        prompt.go(Way::WordLeft);
        prompt.go(Way::WordLeft);
        prompt.go(Way::WordLeft);
        assert_eq!(prompt.halves().1, "1 over 9");
        prompt.go(Way::Left);
        prompt.go(Way::Left);
        assert_eq!(prompt.halves().1, "e\u{301} 1 over 9");
        assert_eq!(prompt.shown(6).before, "ht 情");
        prompt.erase_right();
        prompt.insert("感");
        assert_eq!((prompt.halves().0, prompt.halves().1), ("weight 情感", " 1 over 9"));
        prompt.erase_word();
        assert_eq!(prompt.halves(), ("weight ", " 1 over 9"));
        prompt.go(Way::WordRight);
        assert_eq!(prompt.halves().1, " over 9");
        prompt.erase_rest();
        prompt.erase();
        assert_eq!(prompt.text, "weight  ");
    }

    #[test]
    fn a_weight_is_finite_and_not_negative_and_may_take_steps() {
        let weight = |text: &str| Prompt::filled(Purpose::Weight(0), text, 0).weight();
        let at_once = |value| Some(TypedWeight { value, over_steps: None });
        assert_eq!((weight(" 2.5 "), weight("0,5"), weight("0")), (at_once(2.5), at_once(0.5), at_once(0.0)));
        assert_eq!(weight("0.5 over 200"), Some(TypedWeight { value: 0.5, over_steps: Some(200) }));
        for wrong in ["-1", "inf", "NaN", "", "x", "1 over", "1 over 0", "1 over x", "1 2"] {
            assert_eq!(weight(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_editing_panics_or_leaves_the_caret_inside_a_character(
            deeds in prop::collection::vec((0_usize..11, ".{0,6}|[ 情e\u{301}👩\u{200d}👩a]{0,6}"), 0..40),
            columns in 0_usize..30,
        ) {
            let mut prompt = Prompt::new(Purpose::Command);
            for (deed, text) in deeds {
                match deed {
                    0 | 1 => prompt.insert(&text),
                    2 => prompt.erase(),
                    3 => prompt.erase_right(),
                    4 => prompt.erase_word(),
                    5 if text.len() > 4 => prompt.erase_rest(),
                    _ => prompt.go(WAYS[deed % 6]),
                }
                prop_assert!(prompt.text.is_char_boundary(prompt.caret()));
                prop_assert!(!prompt.text.chars().any(char::is_control));
                let shown = prompt.shown(columns);
                let line = [shown.before, shown.at, shown.after].concat();
                prop_assert!(prompt.text.contains(&line));
                prop_assert!(columns < 2 || width(shown.before) + width(shown.at).max(1) + width(shown.after) <= columns);
            }
        }
    }
}
