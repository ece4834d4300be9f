//! What a person chose to see in the panes that list things or show a pair of tasks.

use super::filter::Filter;
use super::layout::Pane;
use super::model::{Entry, Run, Scalar};

/// With more tasks than this a pair is looked for among those of the selected task.
pub const ALL_PAIRS: usize = 12;

/// The choices.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    /// Which events are listed.
    pub events: Filter,
    /// Which scalars are listed.
    pub scalars: Filter,
    /// While a filter is typed: the pane, and the filter from before.
    pub before: Option<(Pane, Filter)>,
    /// Why what is typed is no filter.
    pub problem: Option<String>,
    /// The number of the selected event; `None` is the newest, whichever that is.
    pub event: Option<u64>,
    /// The name of the selected scalar; `None` is the first.
    pub scalar: Option<String>,
    /// Lines that the run's facts are scrolled down.
    pub facts: usize,
    /// The pair of tasks that is looked at; `None` is all of them.
    pub pair: Option<(usize, usize)>,
    /// Whether update norms are shown instead of gradient norms.
    pub updates: bool,
}

impl Panels {
    /// The filter of a pane that has one.
    pub fn filter(&self, pane: Pane) -> Option<&Filter> {
        match pane {
            Pane::Events => Some(&self.events),
            Pane::Scalars => Some(&self.scalars),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn filter_mut(&mut self, pane: Pane) -> Option<&mut Filter> {
        match pane {
            Pane::Events => Some(&mut self.events),
            Pane::Scalars => Some(&mut self.scalars),
            _ => None,
        }
    }

    /// Whether update norms are to be shown of a run: where they were asked for and told.
    pub fn shows_updates(&self, run: &Run) -> bool {
        let gradients = run.shared.measured.is_some() || run.representation.measured.is_some();
        run.updates.is_told() && (self.updates || !gradients)
    }

    /// The pair that is looked at, where the run has it.
    pub fn pair(&self, run: &Run) -> Option<(usize, usize)> {
        self.pair.filter(|(left, right)| left < right && *right < run.tasks.len())
    }

    /// The pair to go to next: each in turn, with many tasks each of the selected one; begins with one of the selected.
    pub fn next_pair(&self, tasks: usize, selected: usize) -> Option<(usize, usize)> {
        let with = |one: usize, other: usize| (one.min(other), one.max(other));
        if tasks < 2 {
            return None;
        }
        match self.pair.filter(|(left, right)| left < right && *right < tasks) {
            Some((left, right)) if tasks <= ALL_PAIRS => Some(match (right + 1 < tasks, left + 2 < tasks) {
                (true, _) => (left, right + 1),
                (false, true) => (left + 1, left + 2),
                (false, false) => (0, 1),
            }),
            Some((left, right)) if [left, right].contains(&selected) => {
                let next = (if left == selected { right } else { left } + 1) % tasks;
                Some(with(selected, if next == selected { (next + 1) % tasks } else { next }))
            }
            _ => Some(with(selected, (selected + 1) % tasks)),
        }
    }

    /// The selected event's place among those listed, and the event.
    pub fn selected_event<'a>(&self, run: &'a Run) -> Option<(usize, &'a Entry)> {
        let place =
            self.event.map_or(Some(0), |number| run.log.place(number).or(run.log.listed().count().checked_sub(1)))?;
        run.log.listed().nth(place).map(|entry| (place, entry))
    }

    /// The selected scalar's place among those listed, and the scalar.
    pub fn selected_scalar<'a>(&self, run: &'a Run) -> Option<(usize, &'a Scalar)> {
        let place = self.scalar.as_ref().map_or(Some(0), |name| run.scalars.place(name))?;
        run.scalars.listed().nth(place).map(|scalar| (place, scalar))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_in_turn_and_of_many_tasks_those_of_the_selected() {
        let turn = |tasks: usize, selected: usize, count: usize| {
            let mut panels = Panels::default();
            let mut seen = Vec::new();
            for _ in 0..count {
                panels.pair = panels.next_pair(tasks, selected);
                seen.extend(panels.pair);
            }
            seen
        };
        assert_eq!(turn(3, 0, 4), [(0, 1), (0, 2), (1, 2), (0, 1)]);
        assert_eq!(turn(2, 1, 2), [(0, 1), (0, 1)]);
        assert_eq!(turn(1, 0, 2), []);
        let many = turn(40, 39, 40);
        assert!(many.iter().all(|(_, right)| *right == 39) && many[0] == (0, 39) && many[39] == many[0]);
        assert_eq!(many[..39].iter().collect::<std::collections::BTreeSet<_>>().len(), 39);
        // Another task was selected since.
        let panels = Panels { pair: Some((0, 39)), ..Panels::default() };
        assert_eq!(panels.next_pair(40, 7), Some((7, 8)));
    }
}
