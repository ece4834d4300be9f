//! What happened in a run, in words, newest last.

use std::collections::VecDeque;

/// How many entries are kept.
const KEPT: usize = 5000;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A request took effect.
    Applied,
    /// A request was refused.
    Refused,
    /// The state was saved.
    Saved,
    /// An evaluation was the best so far.
    Best,
    /// The run went back, or ended.
    State,
    /// A sentence of a person.
    Note,
    /// Something to know.
    Information,
    /// Something to look at.
    Warning,
    /// Something wrong.
    Error,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The step.
    pub step: u64,
    /// What it is about.
    pub kind: EntryKind,
    /// What happened, fit for a terminal.
    pub text: String,
    /// How often in a row.
    pub times: u32,
}

/// The last entries.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
}

impl Log {
    /// Adds an entry; the same text again is counted, not repeated, and of states saved or best evaluations in a row
    /// the last one stands for all.
    pub fn push(&mut self, step: u64, kind: EntryKind, text: String) {
        let stands_for_all = matches!(kind, EntryKind::Saved | EntryKind::Best);
        let same = |last: &&mut Entry| last.kind == kind && (stands_for_all || last.text == text);
        if let Some(last) = self.entries.back_mut().filter(same) {
            last.step = step;
            last.text = text;
            last.times = last.times.saturating_add(1);
            return;
        }
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { step, kind, text, times: 1 });
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }
}
