//! One quantity over steps: raw values, their smoothed form, and what a restore left behind.

use super::thin::extremes;
use super::{Pyramid, Range};

/// So many newest points are kept each; at twice as many the older half is thinned to extremes.
const EACH: usize = 131_072;
/// Fewer are never asked for: what is thinned has to come out shorter.
const LEAST: usize = 64;

/// Points in ascending order of step.
#[derive(Clone, Debug, Default)]
pub struct Track {
    steps: Vec<u64>,
    raw: Pyramid,
    smooth: Pyramid,
    thinned: Option<u64>,
}

impl Track {
    /// The steps, strictly ascending.
    pub fn steps(&self) -> &[u64] {
        &self.steps
    }

    /// The values as they came; not finite ones are gaps.
    pub fn raw(&self) -> &Pyramid {
        &self.raw
    }

    /// The exponential moving average; not finite exactly where the raw value is.
    pub fn smooth(&self) -> &Pyramid {
        &self.smooth
    }

    /// The usual number of steps from one point to the next.
    pub fn interval(&self) -> Option<u64> {
        super::timeline::interval(&self.steps)
    }

    /// The step up to which only smallest and largest values are left; `None` where every point is.
    pub fn thinned(&self) -> Option<u64> {
        self.thinned
    }

    /// Place of the first point at or after a step.
    pub fn place(&self, step: u64) -> usize {
        self.steps.partition_point(|&other| other < step)
    }

    /// Smallest and largest value from a step to a step, both included.
    pub fn range(&self, smooth: bool, from: u64, to: u64) -> Range {
        let end = self.steps.partition_point(|&other| other <= to);
        (if smooth { &self.smooth } else { &self.raw }).range(self.place(from), end)
    }

    /// Keeps the extremes of the first `count` points, so that a run without end does not take memory without end.
    fn thin(&mut self, count: usize) {
        let old = self.raw.values().get(..count.min(self.raw.len())).unwrap_or_default();
        self.thinned = self.steps.get(old.len().saturating_sub(1)).copied();
        let mut kept = extremes(old);
        kept.extend(old.len()..self.raw.len());
        let picked = |values: &Pyramid| {
            let mut thin = Pyramid::default();
            kept.iter().filter_map(|&place| values.values().get(place)).for_each(|&value| thin.push(value));
            thin
        };
        (self.raw, self.smooth) = (picked(&self.raw), picked(&self.smooth));
        self.steps = kept.iter().filter_map(|&place| self.steps.get(place)).copied().collect();
    }

    fn split_off(&mut self, place: usize) -> Self {
        let mut tail = Self { steps: self.steps.split_off(place.min(self.steps.len())), ..Self::default() };
        self.raw.values().iter().skip(place).for_each(|&value| tail.raw.push(value));
        self.smooth.values().iter().skip(place).for_each(|&value| tail.smooth.push(value));
        self.raw.truncate(place);
        self.smooth.truncate(place);
        tail
    }
}

/// A quantity that grows with the run.
#[derive(Clone, Debug)]
pub struct Series {
    track: Track,
    abandoned: Vec<Track>,
    smoothing: f64,
    average: f64,
    averaged: u32,
    /// From so many values on β to their count is nothing beside 1.
    forgets: u32,
}

impl Series {
    /// An empty series; `smoothing` is β of the moving average, 0 for none.
    pub fn new(smoothing: f64) -> Self {
        let smoothing = if (0.0..1.0).contains(&smoothing) { smoothing } else { 0.0 };
        let forgets = if smoothing > 0.0 { (f64::EPSILON.ln() / smoothing.ln()).ceil() as u32 + 1 } else { 0 };
        Self { track: Track::default(), abandoned: Vec::new(), smoothing, average: 0.0, averaged: 0, forgets }
    }

    /// The points of the run as it is now.
    pub fn track(&self) -> &Track {
        &self.track
    }

    /// Stretches that a restore left behind, oldest first.
    pub fn abandoned(&self) -> &[Track] {
        &self.abandoned
    }

    /// The last step and its value.
    pub fn last(&self) -> Option<(u64, f64)> {
        Some((*self.track.steps.last()?, *self.track.raw.values().last()?))
    }

    /// The last value of the moving average.
    pub fn last_smooth(&self) -> Option<f64> {
        self.track.smooth.values().last().copied()
    }

    /// Adds a value. A step that is not after the last one is left out: a line never runs backwards.
    pub fn push(&mut self, step: u64, value: f64) {
        self.push_within(step, value, EACH);
    }

    /// The same for one of many series: only so many newest points are kept each.
    pub fn push_within(&mut self, step: u64, value: f64, each: usize) {
        if self.track.steps.last().is_some_and(|&last| step <= last) {
            return;
        }
        let smooth = self.next_average(value);
        self.track.steps.push(step);
        self.track.raw.push(value);
        self.track.smooth.push(smooth);
        let each = each.clamp(LEAST, EACH);
        if self.track.steps.len() >= 2 * each {
            // Of a series that had more room before, all but the newest.
            self.track.thin(self.track.steps.len() - each);
        }
    }

    /// Goes back: what came after `to_step` is dropped, or kept aside where `keep` is set.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        let place = self.track.steps.partition_point(|&step| step <= to_step);
        let tail = self.track.split_off(place);
        if keep && !tail.steps.is_empty() {
            self.abandoned.push(tail);
        }
        let finite = |&&value: &&f64| value.is_finite();
        self.averaged = self.track.raw.values().iter().filter(finite).count().min(u32::MAX as usize) as u32;
        self.average = self.track.smooth.values().iter().rev().find(finite).copied().unwrap_or(0.0);
    }

    /// Changes β and averages again over the full data.
    pub fn set_smoothing(&mut self, smoothing: f64) {
        let abandoned = std::mem::take(&mut self.abandoned);
        let track = std::mem::take(&mut self.track);
        *self = Self::new(smoothing);
        self.track.thinned = track.thinned;
        for (&step, &value) in track.steps.iter().zip(track.raw.values()) {
            self.push(step, value);
        }
        self.abandoned = abandoned;
    }

    /// The average with bias correction, as a weighted step towards the value: so a constant stays exactly constant.
    fn next_average(&mut self, value: f64) -> f64 {
        if !value.is_finite() {
            return f64::NAN;
        }
        self.averaged = self.averaged.saturating_add(1);
        // What is left of the first values vanishes beside 1 before long, and a power a value would cost much.
        let decayed = if self.averaged < self.forgets { self.smoothing.powf(f64::from(self.averaged)) } else { 0.0 };
        let weight = (1.0 - self.smoothing) / (1.0 - decayed);
        // Written so that two huge values of opposite sign do not overflow.
        self.average =
            if weight >= 1.0 || value == self.average { value } else { self.average * (1.0 - weight) + value * weight };
        self.average
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(smoothing: f64, values: &[f64]) -> Series {
        let mut series = Series::new(smoothing);
        (1..).zip(values).for_each(|(step, &value)| series.push(step, value));
        series
    }

    #[test]
    fn a_constant_stays_constant_and_the_first_value_is_not_pulled_to_zero() {
        let series = filled(0.99, &[0.3; 50]);
        assert!(series.track().smooth().values().iter().all(|&value| value == 0.3));
    }

    #[test]
    fn the_average_is_the_bias_corrected_one() {
        let values = [1.0, 3.0, -2.0, 5.0];
        let series = filled(0.9, &values);
        let (mut sum, mut norm) = (0.0, 0.0);
        for (place, value) in values.iter().enumerate() {
            sum = 0.9 * sum + 0.1 * value;
            norm = 0.9 * norm + 0.1;
            let got = series.track().smooth().values()[place];
            assert!((got - sum / norm).abs() < 1e-12);
        }
    }

    #[test]
    fn steps_that_go_back_are_left_out() {
        let mut series = filled(0.0, &[1.0, 2.0, 3.0]);
        series.push(2, 9.0);
        series.push(3, 9.0);
        assert_eq!(series.track().steps(), [1, 2, 3]);
    }

    #[test]
    fn a_restore_keeps_the_old_stretch_aside() {
        let mut series = filled(0.0, &[1.0, 2.0, 3.0, 4.0]);
        series.rewind(2, true);
        series.push(3, 30.0);
        assert_eq!(series.track().raw().values(), [1.0, 2.0, 30.0]);
        assert_eq!(series.abandoned()[0].steps(), [3, 4]);
    }

    #[test]
    fn a_long_series_keeps_its_newest_points_and_the_extremes_of_the_older() {
        let mut series = Series::new(0.9);
        let count = 5 * EACH as u64;
        for step in 1..=count {
            series.push(step, if step == 1000 { 9.0 } else { (step as f64).sin() });
        }
        let track = series.track();
        assert!(track.steps().len() < 2 * EACH && track.steps().is_sorted());
        assert_eq!((track.raw().len(), track.smooth().len()), (track.steps().len(), track.steps().len()));
        let newest = track.steps().len() - EACH;
        assert_eq!(track.steps()[newest], count - EACH as u64 + 1);
        assert_eq!(track.range(false, 1, count).max, 9.0);
        assert!(track.thinned().is_some_and(|step| step < track.steps()[newest]));
        series.set_smoothing(0.0);
        assert_eq!(series.last(), Some((count, (count as f64).sin())));
    }

    #[test]
    fn one_of_many_series_keeps_fewer_points_and_its_extremes() {
        let mut series = Series::new(0.0);
        (1..=1000).for_each(|step| series.push(step, if step == 7 { -5.0 } else { step as f64 }));
        (1001..=20_000).for_each(|step| series.push_within(step, f64::from(step as u32), 100));
        let track = series.track();
        assert!(track.steps().len() < 200 && track.steps().is_sorted(), "{}", track.steps().len());
        let range = track.range(false, 0, u64::MAX);
        assert_eq!((range.min, range.max, series.last()), (-5.0, 20_000.0, Some((20_000, 20_000.0))));
    }

    proptest! {
        #[test]
        fn a_rewound_series_goes_on_as_if_never_gone(
            values in prop::collection::vec(prop_oneof![9 => -1e3..1e3, 1 => Just(f64::NAN)], 1..80), cut in 0_u64..80, beta in 0.0..0.999,
        ) {
            let plain = filled(beta, &values);
            let mut series = plain.clone();
            series.rewind(cut, false);
            (1..).zip(&values).skip(cut as usize).for_each(|(step, &value)| series.push(step, value));
            for (left, right) in plain.track().smooth().values().iter().zip(series.track().smooth().values()) {
                prop_assert!(left == right || (left.is_nan() && right.is_nan()));
            }
        }
    }
}
