//! Deals rows into train, valid and test.
//!
//! Owns shares, folds, groups and the rows held out for validation. All of it depends on the data seed alone. It must
//! not look at features or targets.

use crate::random;
use std::collections::HashMap;

/// Share of the training rows that is held out where a data set has no valid part.
const HELD_OUT: f64 = 0.15;

/// A part of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Trained on.
    Train,
    /// Chooses the best state.
    Valid,
    /// Read once, at the end.
    Test,
}

impl Part {
    /// The word in a split column and in events.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }

    /// The part for a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Train, Self::Valid, Self::Test].into_iter().find(|part| part.name() == word)
    }
}

/// Rows of each part, ascending; a row is in one part at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub train: Vec<usize>,
    pub valid: Vec<usize>,
    pub test: Vec<usize>,
}

impl Parts {
    /// Collects what `part` says of each row; `None` leaves a row out.
    pub fn collect(rows: usize, part: impl Fn(usize) -> Option<Part>) -> Self {
        let mut parts = Self::default();
        for row in 0..rows {
            match part(row) {
                Some(Part::Train) => parts.train.push(row),
                Some(Part::Valid) => parts.valid.push(row),
                Some(Part::Test) => parts.test.push(row),
                None => {}
            }
        }
        parts
    }

    /// Shares of the rows, dealt by seed. `groups` holds a number a row; rows of one number stay together.
    pub fn shares(groups: &[usize], seed: u64, train: f64, valid: f64, test: f64) -> Self {
        let rows: Vec<usize> = (0..groups.len()).collect();
        // Shares of 0.7, 0.15 and 0.15 are meant to be everything, whatever the last bit of their sum.
        let all = train + valid + test;
        let all = if (all - 1.0).abs() < 1e-9 { 1.0 } else { all };
        let part = |middle: f64| {
            if middle < train {
                Some(Part::Train)
            } else if middle < train + valid {
                Some(Part::Valid)
            } else {
                (middle < all).then_some(if test > 0.0 { Part::Test } else { Part::Train })
            }
        };
        Self::dealt(groups, &units(&rows, groups, seed, "split"), part)
    }

    /// Fold `fold` of `of` is the test part, the rest is trained on.
    pub fn fold(groups: &[usize], seed: u64, fold: usize, of: usize) -> Self {
        let rows: Vec<usize> = (0..groups.len()).collect();
        let part = |middle: f64| {
            let place = (middle * of as f64) as usize;
            Some(if place == fold { Part::Test } else { Part::Train })
        };
        Self::dealt(groups, &units(&rows, groups, seed, "split"), part)
    }

    /// Gives each unit the part of its middle on the line from 0 to 1 that all units fill.
    fn dealt(groups: &[usize], units: &[Vec<usize>], part: impl Fn(f64) -> Option<Part>) -> Self {
        let mut of_row = vec![None; groups.len()];
        let mut before = 0;
        for unit in units {
            let middle = (before as f64 + unit.len() as f64 / 2.0) / groups.len() as f64;
            for row in unit {
                if let Some(place) = of_row.get_mut(*row) {
                    *place = part(middle);
                }
            }
            before += unit.len();
        }
        Self::collect(groups.len(), |row| of_row.get(row).copied().flatten())
    }

    /// Where there is no valid part, holds out some of the training rows.
    pub fn hold_out(&mut self, groups: &[usize], seed: u64) {
        if !self.valid.is_empty() {
            return;
        }
        let units = units(&self.train, groups, seed, "valid");
        if units.len() < 2 {
            return;
        }
        let wanted = HELD_OUT * self.train.len() as f64;
        let mut valid: Vec<usize> = Vec::new();
        for unit in &units {
            if valid.len() as f64 + unit.len() as f64 / 2.0 < wanted {
                valid.extend(unit);
            }
        }
        if valid.is_empty() {
            valid.extend(units.iter().min_by_key(|unit| unit.len()).into_iter().flatten());
        }
        valid.sort_unstable();
        self.train.retain(|row| valid.binary_search(row).is_err());
        self.valid = valid;
    }
}

/// Rows put together by group, in an order drawn by seed.
fn units(rows: &[usize], groups: &[usize], seed: u64, stream: &str) -> Vec<Vec<usize>> {
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut units: Vec<Vec<usize>> = Vec::new();
    for row in rows {
        let group = groups.get(*row).copied().unwrap_or(*row);
        let place = *places.entry(group).or_insert(units.len());
        match units.get_mut(place) {
            Some(unit) => unit.push(*row),
            None => units.push(vec![*row]),
        }
    }
    random::shuffle(&mut random::generator(seed, 0, stream), &mut units);
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn all(parts: &Parts) -> Vec<usize> {
        let mut all: Vec<usize> = [&parts.train, &parts.valid, &parts.test].into_iter().flatten().copied().collect();
        all.sort_unstable();
        all
    }

    fn together(parts: &Parts, groups: &[usize]) -> bool {
        let of = |rows: &[usize]| rows.iter().map(|row| groups[*row]).collect::<HashSet<_>>();
        let (train, valid, test) = (of(&parts.train), of(&parts.valid), of(&parts.test));
        train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test)
    }

    #[test]
    fn shares_of_single_rows_are_exact() {
        let groups: Vec<usize> = (0..100).collect();
        let parts = Parts::shares(&groups, 0, 0.7, 0.15, 0.15);
        assert_eq!((parts.train.len(), parts.valid.len(), parts.test.len()), (70, 15, 15));
        let parts = Parts::shares(&groups, 0, 0.5, 0.0, 0.2);
        assert_eq!((parts.train.len(), parts.valid.len(), parts.test.len()), (50, 0, 20));
        assert_ne!(Parts::shares(&groups, 1, 0.5, 0.0, 0.2), parts);
    }

    #[test]
    fn fifteen_percent_are_held_out() {
        let groups: Vec<usize> = (0..100).collect();
        let mut parts = Parts::collect(100, |row| Some(if row < 80 { Part::Train } else { Part::Test }));
        parts.hold_out(&groups, 0);
        assert_eq!((parts.train.len(), parts.valid.len(), parts.test.len()), (68, 12, 20));
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_and_complete(
            groups in proptest::collection::vec(0_usize..12, 1..60),
            alone in any::<bool>(),
            seed in any::<u64>(),
            of in 2_usize..7,
            train in 0.1..0.8,
        ) {
            let groups: Vec<usize> = if alone { (0..groups.len()).collect() } else { groups };
            let whole: Vec<usize> = (0..groups.len()).collect();
            let mut tested = Vec::new();
            for fold in 0..of {
                let mut parts = Parts::fold(&groups, seed, fold, of);
                parts.hold_out(&groups, seed);
                prop_assert_eq!(&all(&parts), &whole);
                prop_assert!(together(&parts, &groups));
                tested.extend(parts.test);
            }
            tested.sort_unstable();
            prop_assert_eq!(&tested, &whole);
            let mut parts = Parts::shares(&groups, seed, train, 0.0, 1.0 - train);
            parts.hold_out(&groups, seed);
            prop_assert_eq!(&all(&parts), &whole);
            prop_assert!(together(&parts, &groups));
        }
    }
}
