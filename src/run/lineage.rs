//! What of a record still holds after rewinds.

use super::{RunError, read_events};
use crate::protocol::{Applied, EndReason, Event, RewindReason};
use std::collections::BTreeSet;
use std::path::Path;

/// The surviving part of a record, as a resume needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    /// Requests that were carried out, in the record's order.
    pub applied: Vec<Applied>,
    /// Ids of all requests that were answered.
    pub answered: Vec<String>,
    /// The last step that was recorded.
    pub last_step: u64,
    /// Whether the last event is an `end`.
    pub ended: bool,
    /// Steps of checkpoints that a restore left behind and that were not made anew since.
    pub abandoned: BTreeSet<u64>,
    saved: BTreeSet<u64>,
}

impl Lineage {
    /// Reads a record.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn read(events: &Path) -> Result<Self, RunError> {
        let mut lineage = Self::default();
        read_events(events, |event| lineage.take(event))?;
        Ok(lineage)
    }

    fn take(&mut self, event: Event) {
        self.ended = matches!(event, Event::End(_));
        match event {
            Event::Step(step) => self.last_step = self.last_step.max(step.step),
            Event::Applied(applied) => {
                self.answered.push(applied.id.clone());
                self.applied.push(applied);
            }
            Event::Rejected(rejected) => self.answered.push(rejected.id),
            // The step that diverged was recorded but not made, so it is no part of what a resume repeats.
            Event::End(end) if end.reason == EndReason::Diverged && self.last_step == end.step + 1 => {
                self.last_step = end.step;
            }
            // A resume repeats what was done; a restore undoes it.
            Event::Rewind(rewind) if rewind.why == RewindReason::Restore => {
                self.applied.retain(|applied| applied.step <= rewind.to_step);
                self.last_step = rewind.to_step;
                let left = self.saved.split_off(&rewind.to_step.saturating_add(1));
                self.abandoned.extend(left);
            }
            Event::Checkpoint(checkpoint) => {
                self.abandoned.remove(&checkpoint.step);
                self.saved.insert(checkpoint.step);
            }
            _ => {}
        }
    }

    /// Requests that act after `step` updates.
    pub fn applied_after(&self, step: u64) -> Vec<Applied> {
        self.applied.iter().filter(|applied| applied.step > step).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Checkpoint, Command, End, Rewind, Step};

    fn applied(id: &str, step: u64) -> Event {
        let command = Command::Evaluate {}.to_value();
        Event::Applied(Applied { step, id: id.into(), from: String::new(), command, old: None, new: None })
    }

    #[test]
    fn a_step_that_diverged_is_not_to_be_repeated() {
        let step = |step| Event::Step(Box::new(Step { step, ..Step::default() }));
        let diverged = |step| Event::End(End { step, reason: EndReason::Diverged, message: None });
        let last_step = |events: Vec<Event>| {
            let mut lineage = Lineage::default();
            for event in events {
                lineage.take(event);
            }
            lineage.last_step
        };
        assert_eq!(last_step(vec![step(8), step(9), diverged(8)]), 8);
        // Within a stretch that is being repeated, what was reached before still is.
        let again = Event::Rewind(Rewind { to_step: 2, why: RewindReason::Resume });
        assert_eq!(last_step(vec![step(9), again, step(5), diverged(4)]), 9);
    }

    #[test]
    fn a_resume_keeps_what_was_applied_and_a_restore_drops_it() {
        let mut lineage = Lineage::default();
        for event in [
            applied("a", 3),
            applied("b", 8),
            Event::Step(Box::new(Step { step: 9, ..Step::default() })),
            Event::Rewind(Rewind { to_step: 5, why: RewindReason::Resume }),
            Event::Step(Box::new(Step { step: 6, ..Step::default() })),
        ] {
            lineage.take(event);
        }
        assert_eq!(lineage.last_step, 9);
        assert_eq!(lineage.applied_after(5).len(), 1);
        lineage.take(Event::Rewind(Rewind { to_step: 5, why: RewindReason::Restore }));
        assert_eq!((lineage.last_step, lineage.applied_after(0).len()), (5, 1));
        assert_eq!(lineage.answered, ["a", "b"]);
    }

    #[test]
    fn a_restore_leaves_later_checkpoints_behind_until_they_are_made_anew() {
        let mut lineage = Lineage::default();
        let saved = |step| Event::Checkpoint(Checkpoint { step, path: String::new() });
        for event in [saved(5), saved(10), saved(15)] {
            lineage.take(event);
        }
        lineage.take(Event::Rewind(Rewind { to_step: 5, why: RewindReason::Restore }));
        assert_eq!(lineage.abandoned, BTreeSet::from([10, 15]));
        lineage.take(saved(10));
        assert_eq!(lineage.abandoned, BTreeSet::from([15]));
    }
}
