//! What of a record still holds after rewinds.

use super::{RunError, read_events};
use crate::protocol::{Applied, EndReason, Event, RewindReason};
use std::collections::BTreeMap;
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
    /// Checkpoints, each with the requests of the boundary it was made at that came before it.
    saved: BTreeMap<u64, Vec<String>>,
    /// Requests carried out since the last step.
    since_step: Vec<String>,
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
            Event::Step(step) => {
                self.last_step = self.last_step.max(step.step);
                self.since_step.clear();
            }
            Event::Applied(applied) => {
                self.answered.push(applied.id.clone());
                self.since_step.push(applied.id.clone());
                self.applied.push(applied);
            }
            Event::Rejected(rejected) => self.answered.push(rejected.id),
            // The step that diverged was recorded but not made, so it is no part of what a resume repeats.
            Event::End(end) if end.reason == EndReason::Diverged && self.last_step == end.step + 1 => {
                self.last_step = end.step;
            }
            // A resume repeats what was done; a restore undoes it.
            Event::Rewind(rewind) if rewind.why == RewindReason::Restore => {
                // A checkpoint made on request contains what came before it at its own boundary.
                let contained = self.saved.get(&rewind.to_step).map(Vec::as_slice).unwrap_or_default();
                self.applied.retain(|applied| applied.step <= rewind.to_step || contained.contains(&applied.id));
                self.last_step = rewind.to_step;
                self.saved.retain(|step, _| *step <= rewind.to_step);
                self.since_step.clear();
            }
            Event::Checkpoint(checkpoint) => {
                self.saved.insert(checkpoint.step, self.since_step.clone());
            }
            Event::Rewind(_) => self.since_step.clear(),
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
    fn what_a_checkpoint_contains_survives_a_restore_to_it() {
        let mut lineage = Lineage::default();
        for event in [
            Event::Step(Box::new(Step { step: 5, ..Step::default() })),
            applied("before", 6),
            Event::Checkpoint(Checkpoint { step: 5, path: String::new() }),
            applied("after", 6),
            Event::Step(Box::new(Step { step: 6, ..Step::default() })),
            applied("restore", 7),
            Event::Rewind(Rewind { to_step: 5, why: RewindReason::Restore }),
        ] {
            lineage.take(event);
        }
        assert_eq!(lineage.applied.iter().map(|applied| applied.id.as_str()).collect::<Vec<_>>(), ["before"]);
    }
}
