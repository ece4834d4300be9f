//! What happened in a run, in words, newest last, and which of it a person wants listed.

use crate::dashboard::filter::Filter;
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

impl EntryKind {
    /// All.
    pub const ALL: [Self; 9] = [
        Self::Applied,
        Self::Refused,
        Self::Saved,
        Self::Best,
        Self::State,
        Self::Note,
        Self::Information,
        Self::Warning,
        Self::Error,
    ];

    /// The name in a filter, `kind:applied`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Saved => "saved",
            Self::Best => "best",
            Self::State => "state",
            Self::Note => "note",
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, for good; later ones have larger numbers.
    pub number: u64,
    /// The step.
    pub step: u64,
    /// What it is about.
    pub kind: EntryKind,
    /// What happened, fit for a terminal.
    pub text: String,
    /// How often in a row.
    pub times: u32,
    /// Whether the run went back to before it since.
    pub left_behind: bool,
    /// Whether the filter lets it through.
    listed: bool,
}

/// The last entries.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    next: u64,
    filter: Filter,
}

impl Log {
    /// Adds an entry; the same text again is counted, not repeated, and of states saved or best evaluations in a row
    /// the last one stands for all.
    pub fn push(&mut self, step: u64, kind: EntryKind, text: String) {
        let stands_for_all = matches!(kind, EntryKind::Saved | EntryKind::Best);
        let listed = self.filter.allows_event(kind, &text);
        let same = |last: &&mut Entry| last.kind == kind && !last.left_behind && (stands_for_all || last.text == text);
        if let Some(last) = self.entries.back_mut().filter(same) {
            last.step = step;
            last.text = text;
            last.listed = listed;
            last.times = last.times.saturating_add(1);
            return;
        }
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { number: self.next, step, kind, text, times: 1, left_behind: false, listed });
        self.next += 1;
    }

    /// Lists only what a filter lets through.
    pub fn set_filter(&mut self, filter: &Filter) {
        if self.filter.text() != filter.text() {
            self.filter = filter.clone();
            for entry in &mut self.entries {
                entry.listed = filter.allows_event(entry.kind, &entry.text);
            }
        }
    }

    /// Notes that the run went back to a step.
    pub fn rewind(&mut self, to_step: u64) {
        self.entries.iter_mut().filter(|entry| entry.step > to_step).for_each(|entry| entry.left_behind = true);
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

    /// Those that the filter lets through, the newest first.
    pub fn listed(&self) -> impl Iterator<Item = &Entry> {
        self.newest().filter(|entry| entry.listed)
    }

    /// The place in [`Log::listed`] of the entry with a number, or of the next older one where it is not listed.
    pub fn place(&self, number: u64) -> Option<usize> {
        self.listed().position(|entry| entry.number <= number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_lists_some_and_new_ones_too_and_a_place_stays_with_its_entry() {
        let mut log = Log::default();
        for (step, kind, text) in
            [(1, EntryKind::Applied, "lr"), (2, EntryKind::Note, "a"), (3, EntryKind::Applied, "weight")]
        {
            log.push(step, kind, text.to_owned());
        }
        log.set_filter(&Filter::events("kind:applied").unwrap());
        let steps = |log: &Log| log.listed().map(|entry| entry.step).collect::<Vec<_>>();
        assert_eq!((steps(&log), log.place(1), log.place(2)), (vec![3, 1], Some(1), Some(0)));
        log.push(4, EntryKind::Applied, "clip".to_owned());
        log.push(5, EntryKind::Best, "score".to_owned());
        assert_eq!((steps(&log), log.place(2), log.len()), (vec![4, 3, 1], Some(1), 5));
        log.set_filter(&Filter::default());
        assert_eq!(log.listed().count(), 5);
    }

    #[test]
    fn what_a_rewind_left_behind_is_marked_and_not_counted_on() {
        let mut log = Log::default();
        log.push(5, EntryKind::Saved, "a".to_owned());
        log.push(9, EntryKind::Saved, "b".to_owned());
        log.rewind(4);
        log.push(6, EntryKind::Saved, "a".to_owned());
        assert_eq!(
            log.newest().map(|entry| (entry.step, entry.left_behind)).collect::<Vec<_>>(),
            [(6, false), (9, true)]
        );
    }
}
