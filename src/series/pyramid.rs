//! A growing list of numbers that answers "smallest and largest in this range" without looking at each of them.

/// Entries that one entry of a level sums up: many numbers for the lowest, so that the levels take little memory.
const fn factor(level: usize) -> usize {
    if level == 0 { 16 } else { 4 }
}

/// Smallest and largest finite value of a stretch, and which values it holds that are not finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// `+∞` where nothing finite was seen.
    pub min: f64,
    /// `-∞` where nothing finite was seen.
    pub max: f64,
    /// Whether a NaN was seen.
    pub nan: bool,
    /// Whether `+∞` was seen.
    pub above: bool,
    /// Whether `-∞` was seen.
    pub below: bool,
}

impl Range {
    /// Nothing seen.
    pub const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, nan: false, above: false, below: false };

    /// One value.
    pub fn of(value: f64) -> Self {
        match value {
            f64::INFINITY => Self { above: true, ..Self::EMPTY },
            f64::NEG_INFINITY => Self { below: true, ..Self::EMPTY },
            _ if value.is_nan() => Self { nan: true, ..Self::EMPTY },
            _ => Self { min: value, max: value, ..Self::EMPTY },
        }
    }

    /// Both together.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            // Neither is ever NaN; `f64::min` would look.
            min: if other.min < self.min { other.min } else { self.min },
            max: if other.max > self.max { other.max } else { self.max },
            nan: self.nan | other.nan,
            above: self.above | other.above,
            below: self.below | other.below,
        }
    }

    /// Whether a NaN or an infinity was seen.
    pub fn gap(self) -> bool {
        self.nan || self.above || self.below
    }

    /// The range of the values times a factor; a factor that is not finite leaves nothing.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        if factor == 1.0 {
            return self;
        }
        let (one, other) = (Self::of(self.min * factor), Self::of(self.max * factor));
        let finite = if self.is_finite() { one.join(other) } else { Self::EMPTY };
        let (above, below) = if factor < 0.0 { (self.below, self.above) } else { (self.above, self.below) };
        finite.join(Self { nan: self.nan, above, below, ..Self::EMPTY })
    }

    /// Whether a finite value was seen.
    pub fn is_finite(self) -> bool {
        self.min <= self.max
    }
}

/// Numbers with levels of summaries above them; level `k` has one entry for each full group of
/// 16·4^k numbers.
#[derive(Clone, Debug, Default)]
pub struct Pyramid {
    values: Vec<f64>,
    levels: Vec<Vec<Range>>,
}

impl Pyramid {
    /// How many numbers.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The numbers themselves.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Adds a number; constant time on average.
    pub fn push(&mut self, value: f64) {
        self.values.push(value);
        let mut count = self.values.len();
        let mut level = 0;
        while count.is_multiple_of(factor(level)) {
            let range = match level {
                0 => join_all(self.values.iter().skip(count - factor(level)).map(|&value| Range::of(value))),
                _ => self.levels.get(level - 1).map_or(Range::EMPTY, |below| {
                    join_all(below.iter().skip(count.saturating_sub(factor(level))).copied())
                }),
            };
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            if let Some(entries) = self.levels.get_mut(level) {
                entries.push(range);
            }
            count /= factor(level);
            level += 1;
        }
    }

    /// Keeps the first `len` numbers.
    pub fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        let mut count = self.values.len();
        for (level, entries) in self.levels.iter_mut().enumerate() {
            count /= factor(level);
            entries.truncate(count);
        }
        self.levels.retain(|level| !level.is_empty());
    }

    /// Smallest and largest of the numbers `from..to`; looks at no more than a few entries a level.
    pub fn range(&self, from: usize, to: usize) -> Range {
        let (mut from, mut to) = (from, to.min(self.values.len()));
        let mut range = Range::EMPTY;
        let mut level = 0;
        while from < to {
            let group = factor(level);
            let whole = self.levels.get(level).is_some() && to - from >= 2 * group;
            // Entries outside full groups are taken from this level, the full groups from the next one.
            let left = if whole { from.next_multiple_of(group) } else { to };
            let right = if whole { to / group * group } else { to };
            range = self.scan(level, from, left, range);
            range = self.scan(level, right, to, range);
            if !whole {
                break;
            }
            (from, to, level) = (left / group, right / group, level + 1);
        }
        range
    }

    /// A range and the entries `from..to` of a level together, where level 0 is the numbers themselves.
    fn scan(&self, level: usize, from: usize, to: usize, mut range: Range) -> Range {
        match level.checked_sub(1) {
            None => {
                for &value in self.values.get(from..to).unwrap_or_default() {
                    if value.is_finite() {
                        range.min = if value < range.min { value } else { range.min };
                        range.max = if value > range.max { value } else { range.max };
                    } else {
                        range = range.join(Range::of(value));
                    }
                }
            }
            Some(level) => {
                let entries = self.levels.get(level).and_then(|entries| entries.get(from..to)).unwrap_or_default();
                for entry in entries {
                    range = range.join(*entry);
                }
            }
        }
        range
    }
}

fn join_all(ranges: impl Iterator<Item = Range>) -> Range {
    ranges.fold(Range::EMPTY, Range::join)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![8 => any::<f64>(), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY)]
    }

    proptest! {
        #[test]
        fn the_pyramid_says_what_looking_at_each_number_says(
            values in prop::collection::vec(value(), 0..600), cut in 0_usize..600, more in prop::collection::vec(value(), 0..200),
            ranges in prop::collection::vec((0_usize..820, 0_usize..820), 1..20),
        ) {
            let mut pyramid = Pyramid::default();
            for &value in &values {
                pyramid.push(value);
            }
            pyramid.truncate(cut);
            for &value in &more {
                pyramid.push(value);
            }
            let plain: Vec<f64> = values.iter().take(cut).chain(&more).copied().collect();
            prop_assert_eq!(pyramid.len(), plain.len());
            for (from, to) in ranges {
                let wanted = join_all(plain.iter().take(to).skip(from).map(|&value| Range::of(value)));
                prop_assert_eq!(pyramid.range(from, to), wanted);
            }
        }
    }

    #[test]
    fn a_long_range_looks_at_few_entries() {
        let mut pyramid = Pyramid::default();
        (0..100_000).for_each(|i| pyramid.push(f64::from(i)));
        assert!(pyramid.levels.len() >= 7);
        assert_eq!(pyramid.range(1, 99_999), Range { min: 1.0, max: 99_998.0, ..Range::EMPTY });
    }
}
