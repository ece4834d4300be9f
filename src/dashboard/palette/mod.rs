//! The line of commands: what is typed in it, and what was typed before. It must not carry anything out.

mod completion;

pub use completion::{Candidate, Completion, Word, entries, split};

use super::prompt::{Prompt, Purpose};
use super::state::State;

/// How many lines typed before are kept.
const KEPT: usize = 100;

/// The line while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// What is typed.
    pub prompt: Prompt,
    /// What is wrong with it, once it was tried.
    pub problem: Option<String>,
    /// The completion that is tried out.
    walk: Option<Walk>,
    /// The line typed before that is looked at.
    recall: Option<Recall>,
}

/// Candidates tried one after another in place of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Walk {
    text: String,
    caret: usize,
    chosen: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Recall {
    place: usize,
    draft: String,
}

impl CommandLine {
    /// A line with a text in it and the caret behind so many bytes of it.
    pub fn new(text: &str, caret: usize) -> Self {
        Self { prompt: Prompt::filled(Purpose::Command, text, caret), problem: None, walk: None, recall: None }
    }

    /// Notes that the text was edited: what was wrong may be right now.
    pub fn edited(&mut self) {
        (self.problem, self.walk) = (None, None);
    }

    /// What fits at the caret, and the place of the candidate that is tried out.
    pub fn completion(&self, state: &State) -> (Completion, Option<usize>) {
        match &self.walk {
            Some(walk) => (Completion::at(state, &walk.text, walk.caret), walk.chosen),
            None => (Completion::at(state, &self.prompt.text, self.prompt.caret()), None),
        }
    }

    /// Completes the word at the caret: as far as all candidates agree, then with one after another.
    pub fn complete(&mut self, state: &State, forward: bool) {
        let (completion, chosen) = self.completion(state);
        let count = completion.candidates.len();
        if count == 0 {
            return;
        }
        if self.walk.is_none() {
            let (text, caret) = (self.prompt.text.clone(), self.prompt.caret());
            let typed = text.get(completion.from..caret).unwrap_or_default();
            // One that alone begins so is meant; what merely holds the word is not walked through.
            if let Some(only) = completion.only(typed) {
                let blank = if only.ends_word { " " } else { "" };
                let insert = format!("{}{blank}", only.insert);
                self.put(&text, caret, completion.from, &insert);
                return;
            }
            let common = completion.common(typed);
            if common.len() > typed.len() {
                self.put(&text, caret, completion.from, &common);
                return;
            }
            self.walk = Some(Walk { text, caret, chosen: None });
        }
        let next = match (chosen, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(place), true) => (place + 1) % count,
            (Some(place), false) => (place + count - 1) % count,
        };
        let Some(candidate) = completion.candidates.get(next) else { return };
        let Some(mut walk) = self.walk.take() else { return };
        // The blank that begins the next word comes at once.
        let blank = if candidate.ends_word { " " } else { "" };
        self.put(&walk.text, walk.caret, completion.from, &format!("{}{blank}", candidate.insert));
        walk.chosen = Some(next);
        self.walk = Some(walk);
    }

    /// Puts `insert` in place of what stands from `from` to the caret.
    fn put(&mut self, text: &str, caret: usize, from: usize, insert: &str) {
        let before = text.get(..from).unwrap_or_default();
        let after = text.get(caret..).unwrap_or_default();
        let after = if insert.ends_with(' ') { after.trim_start() } else { after };
        self.problem = None;
        let caret = before.len() + insert.len();
        self.prompt = Prompt::filled(Purpose::Command, &format!("{before}{insert}{after}"), caret);
    }

    /// Goes to a line typed before, or back towards the one being typed.
    pub fn recall(&mut self, history: &History, back: bool) {
        let count = history.lines.len();
        let place = match (&self.recall, back) {
            (None, true) => count.checked_sub(1),
            (None, false) => return,
            (Some(recall), true) => Some(recall.place.saturating_sub(1)),
            (Some(recall), false) => Some(recall.place + 1),
        };
        let Some(place) = place else { return };
        let draft = self.recall.take().map_or_else(|| self.prompt.text.clone(), |recall| recall.draft);
        match history.lines.get(place) {
            Some(line) => {
                self.prompt.set(line);
                self.recall = Some(Recall { place, draft });
            }
            None => self.prompt.set(&draft),
        }
        self.edited();
    }
}

/// Lines that were carried out, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    lines: Vec<String>,
}

impl History {
    /// Adds a line; one that was there moves to the end.
    pub fn push(&mut self, line: &str) {
        self.lines.retain(|known| known != line);
        self.lines.push(line.to_owned());
        if self.lines.len() > KEPT {
            self.lines.remove(0);
        }
    }
}

#[cfg(test)]
mod tests;
