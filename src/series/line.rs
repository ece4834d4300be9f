//! One quantity over steps: raw values, their smoothed form, and what a restore left behind.

use super::average::Average;
use super::thin::extremes;
use super::{Pyramid, Range};

/// So many newest points are kept each; at twice as many the older half is thinned to extremes.
const EACH: usize = 131_072;
/// Fewer are never asked for: what is thinned has to come out shorter.
const LEAST: usize = 64;

/// The same of a series that keeps a million points.
const LONG: usize = 524_288;

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
        let old = count.min(self.raw.len());
        self.thinned = self.steps.get(old.saturating_sub(1)).copied();
        // Of the smoothed line too: either may be looked at.
        let mut kept = extremes(self.raw.values().get(..old).unwrap_or_default());
        kept.extend(extremes(self.smooth.values().get(..old).unwrap_or_default()));
        kept.sort_unstable();
        kept.dedup();
        kept.extend(old..self.raw.len());
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
    first: Option<(u64, f64)>,
    average: Average,
    each: usize,
}

impl Series {
    /// An empty series; `smoothing` is β of the moving average, 0 for none.
    pub fn new(smoothing: f64) -> Self {
        let average = Average::new(smoothing);
        Self { track: Track::default(), abandoned: Vec::new(), first: None, average, each: EACH }
    }

    /// An empty series that keeps a million points before it thins any out.
    pub fn long(smoothing: f64) -> Self {
        Self { each: LONG, ..Self::new(smoothing) }
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

    /// The first finite value and its step, also where its point was thinned out since.
    pub fn first(&self) -> Option<(u64, f64)> {
        self.first
    }

    /// The last value of the moving average.
    pub fn last_smooth(&self) -> Option<f64> {
        self.track.smooth.values().last().copied()
    }

    /// Adds a value. A step that is not after the last one is left out: a line never runs backwards.
    pub fn push(&mut self, step: u64, value: f64) {
        self.push_within(step, value, self.each);
    }

    /// The same for one of many series: only so many newest points are kept each.
    pub fn push_within(&mut self, step: u64, value: f64, each: usize) {
        if self.track.steps.last().is_some_and(|&last| step <= last) {
            return;
        }
        if self.first.is_none() && value.is_finite() {
            self.first = Some((step, value));
        }
        let smooth = self.average.next(value);
        self.track.steps.push(step);
        self.track.raw.push(value);
        self.track.smooth.push(smooth);
        let each = each.clamp(LEAST, self.each);
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
        self.first = self.first.filter(|(step, _)| *step <= to_step);
        self.average = Average::after(self.average.smoothing(), self.track.raw.values(), self.track.smooth.values());
    }

    /// Changes β and averages again over the full data, what a restore left behind included.
    pub fn set_smoothing(&mut self, smoothing: f64) {
        self.average = Average::new(smoothing);
        let again = |track: &mut Track, average: &mut Average| {
            track.smooth = Pyramid::default();
            track.raw.values().iter().for_each(|&value| track.smooth.push(average.next(value)));
        };
        again(&mut self.track, &mut self.average);
        let (raw, smooth) = (self.track.raw.values(), self.track.smooth.values());
        for left in &mut self.abandoned {
            let place = left.steps.first().map_or(0, |&step| self.track.steps.partition_point(|&other| other < step));
            let (raw, smooth) = (raw.get(..place).unwrap_or_default(), smooth.get(..place).unwrap_or_default());
            let mut average = Average::after(smoothing, raw, smooth);
            again(left, &mut average);
        }
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
    fn the_first_finite_value_is_known_whatever_was_thinned_or_rewound() {
        let mut series = filled(0.5, &[f64::NAN, 2.0, 3.0]);
        assert_eq!(series.first(), Some((2, 2.0)));
        series.rewind(2, false);
        assert_eq!(series.first(), Some((2, 2.0)));
        series.rewind(1, false);
        series.push(2, 7.0);
        assert_eq!(series.first(), Some((2, 7.0)));
    }

    #[test]
    fn what_a_restore_left_behind_is_smoothed_anew_too() {
        let mut series = filled(0.9, &[1.0, 2.0, 3.0, 4.0]);
        series.rewind(2, true);
        series.set_smoothing(0.5);
        assert_eq!(
            series.abandoned()[0].smooth().values(),
            &filled(0.5, &[1.0, 2.0, 3.0, 4.0]).track().smooth().values()[2..]
        );
        series.set_smoothing(0.0);
        assert_eq!(series.abandoned()[0].smooth().values(), [3.0, 4.0]);
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
        fn no_smoothing_is_the_raw_line_and_a_constant_stays_itself(value in any::<f64>(), count in 1_usize..50, beta in 0.0..0.999) {
            let off = filled(0.0, &[value; 3]);
            prop_assert!(off.track().smooth().values().iter().all(|&got| got == value || !value.is_finite()));
            let constant = filled(beta, &vec![value; count]);
            prop_assert!(constant.track().smooth().values().iter().all(|&got| got == value || !value.is_finite()));
        }

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
