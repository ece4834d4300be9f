//! Named numbers that are no loss, gradient or metric of a task.

use crate::dashboard::filter::Filter;
use crate::protocol::Scalars as Event;
use crate::series::Series;
use crate::text::sanitise;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Names that are kept at most.
pub const MOST: usize = 1000;
/// Longest name in bytes.
const LONGEST: usize = 400;
/// Names that are told apart among those that are not kept.
const COUNTED: usize = 100_000;
/// Newest points that all names keep together.
const POINTS: usize = 1 << 20;

/// One of them.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The name as the trainer writes it; never for the screen.
    pub name: String,
    /// The name fit for a terminal.
    pub label: String,
    /// Its values.
    pub series: Series,
    listed: bool,
}

/// All of them, by name.
#[derive(Clone, Debug, Default)]
pub struct Scalars {
    all: BTreeMap<String, Scalar>,
    left_out: BTreeSet<u64>,
    filter: Filter,
}

impl Scalars {
    /// Takes in the numbers of an event.
    pub fn push(&mut self, event: &Event, smoothing: f64) {
        for (name, value) in &event.values {
            let count = self.all.len();
            if let Some(known) = self.all.get_mut(name) {
                known.series.push_within(event.step, value.get(), POINTS / count.max(1));
            } else if count < MOST && name.len() <= LONGEST {
                let label = sanitise(name);
                let listed = self.filter.allows(&label);
                let mut series = Series::new(smoothing);
                series.push(event.step, value.get());
                self.all.insert(name.clone(), Scalar { name: name.clone(), label, series, listed });
            } else if self.left_out.len() < COUNTED {
                // Of what is not kept only a number is remembered, so that names without end take no memory without end.
                let mut hasher = DefaultHasher::new();
                name.hash(&mut hasher);
                self.left_out.insert(hasher.finish());
            }
        }
    }

    /// Lists only what a filter lets through.
    pub fn set_filter(&mut self, filter: &Filter) {
        if self.filter.text() != filter.text() {
            self.filter = filter.clone();
            self.all.values_mut().for_each(|scalar| scalar.listed = filter.allows(&scalar.label));
        }
    }

    /// Goes back to a step.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        self.series().for_each(|series| series.rewind(to_step, keep));
    }

    /// All series, to change them.
    pub fn series(&mut self) -> impl Iterator<Item = &mut Series> {
        self.all.values_mut().map(|scalar| &mut scalar.series)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Names that were not kept, up to a hundred thousand.
    pub fn left_out(&self) -> usize {
        self.left_out.len()
    }

    /// Those that the filter lets through, by name.
    pub fn listed(&self) -> impl Iterator<Item = &Scalar> {
        self.all.values().filter(|scalar| scalar.listed)
    }

    /// The place among those listed of a name, or of the next one where it is not listed.
    pub fn place(&self, name: &str) -> Option<usize> {
        let place = self.listed().take_while(|scalar| scalar.name.as_str() < name).count();
        let last = self.listed().count().checked_sub(1)?;
        Some(place.min(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Real;
    use proptest::prelude::*;

    fn event(step: u64, values: &[(&str, f64)]) -> Event {
        Event { step, values: values.iter().map(|(name, value)| ((*name).to_owned(), Real(*value))).collect() }
    }

    #[test]
    fn names_beyond_a_thousand_are_counted_once_each() {
        let mut scalars = Scalars::default();
        for step in 1..=2 {
            let names: Vec<String> = (0..MOST + 7).map(|number| format!("n{number:05}")).collect();
            scalars.push(&event(step, &names.iter().map(|name| (name.as_str(), 1.0)).collect::<Vec<_>>()), 0.0);
        }
        assert_eq!((scalars.len(), scalars.left_out()), (MOST, 7));
        scalars.push(&event(3, &[("n00000", 2.0), (&"x".repeat(5000), 1.0)]), 0.0);
        assert_eq!((scalars.left_out(), scalars.listed().next().unwrap().series.last()), (8, Some((3, 2.0))));
    }

    #[test]
    fn a_rewind_drops_later_values_or_keeps_them_aside() {
        let mut scalars = Scalars::default();
        (1..=5).for_each(|step| scalars.push(&event(step, &[("a", step as f64)]), 0.0));
        scalars.rewind(3, true);
        let scalar = scalars.listed().next().unwrap();
        assert_eq!((scalar.series.last(), scalar.series.abandoned().len()), (Some((3, 3.0)), 1));
        scalars.rewind(0, false);
        assert_eq!(scalars.listed().next().unwrap().series.last(), None);
    }

    #[test]
    fn a_place_stays_with_its_name() {
        let mut scalars = Scalars::default();
        assert_eq!(scalars.place("a"), None);
        scalars.push(&event(1, &[("b", 1.0), ("d", 1.0), ("f", 1.0)]), 0.0);
        assert_eq!(["a", "d", "e", "z"].map(|name| scalars.place(name)), [Some(0), Some(1), Some(2), Some(2)]);
        scalars.set_filter(&Filter::expression("[bf]").unwrap());
        assert_eq!(scalars.place("d"), Some(1));
    }

    proptest! {
        #[test]
        fn labels_hold_no_control_character_and_any_value_is_taken(names in prop::collection::vec(".{0,12}", 1..9), values in prop::collection::vec(prop::num::f64::ANY, 1..9)) {
            let mut scalars = Scalars::default();
            for (step, value) in (1..).zip(&values) {
                scalars.push(&event(step, &names.iter().map(|name| (name.as_str(), *value)).collect::<Vec<_>>()), 0.9);
            }
            prop_assert!(scalars.listed().all(|scalar| !scalar.label.chars().any(char::is_control)));
            prop_assert!(scalars.listed().all(|scalar| scalar.series.last().is_some_and(|(step, _)| step == values.len() as u64)));
        }
    }
}
