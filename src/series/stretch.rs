//! The part of the run that the horizontal axis shows, and its scale.

use super::ticks::{Tick, clock, ticks};
use super::{Scale, Timeline, XAxis};

/// A stretch of an axis; `from < to`, and `from > 0` on a logarithmic scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    axis: XAxis,
    scale: Scale,
    from: f64,
    to: f64,
    /// The first step, which belongs to the first column also where it has no place on the scale.
    first: u64,
    last: u64,
}

impl Stretch {
    /// From a step to a step, both included. A logarithmic scale begins at the first value above 0. A stretch that begins
    /// where the run does and ends well beyond has the origin at its left end, so that the axis does not begin at step 1.
    pub fn new(timeline: &Timeline, axis: XAxis, scale: Scale, first: u64, last: u64) -> Self {
        let last = last.max(first);
        let (low, to) = (timeline.value(axis, first), timeline.value(axis, last));
        let from = match scale {
            Scale::Log if low > 0.0 => low,
            Scale::Log => {
                let above = timeline.step_at(axis, f64::MIN_POSITIVE);
                Some(timeline.value(axis, above)).filter(|value| *value > 0.0 && *value < to).unwrap_or(to / 10.0)
            }
            Scale::Linear if first <= timeline.first_step() && to > 20.0 * low => 0.0,
            Scale::Linear => low,
        };
        let usable = scale == Scale::Linear || from > 0.0;
        let scale = if usable { scale } else { Scale::Linear };
        let to = if to > from { to } else { (from + 1.0).max(from.next_up()) };
        Self { axis, scale, from, to, first, last }
    }

    /// What is counted along it.
    pub fn axis(&self) -> XAxis {
        self.axis
    }

    /// The first and the last step.
    pub fn steps(&self) -> (u64, u64) {
        (self.first, self.last)
    }

    /// Where a value lies: 0 at the left end, 1 at the right one, beyond them outside; `None` where it has no place.
    pub fn fraction(&self, value: f64) -> Option<f64> {
        let place = self.scale.place(value)?;
        let (low, high) = (self.scale.place(self.from)?, self.scale.place(self.to)?);
        Some((place - low) / (high - low)).filter(|fraction| fraction.is_finite())
    }

    /// The value at a place, 0 at the left end and 1 at the right one.
    pub fn value(&self, fraction: f64) -> f64 {
        match self.scale {
            Scale::Linear => self.from + (self.to - self.from) * fraction,
            Scale::Log => self.from * (self.to / self.from).powf(fraction),
        }
    }

    /// `columns + 1` ascending steps of a timeline that cut the stretch into columns of equal width; the last column
    /// holds the last value itself. The timeline may be another run's.
    pub fn edges(&self, timeline: &Timeline, columns: usize) -> Vec<u64> {
        let start = if timeline.first_step() >= self.first { self.first } else { u64::MAX };
        let mut edges = Vec::with_capacity(columns + 1);
        let mut before = 0;
        for column in 0..columns {
            let edge = timeline.step_at(self.axis, self.value(column as f64 / columns as f64));
            let edge = if column == 0 { edge.min(start) } else { edge };
            before = edge.max(before);
            edges.push(before);
        }
        let end = match self.axis {
            XAxis::Step => self.to.floor().max(0.0) as u64,
            _ => timeline.step_at(self.axis, self.to.next_up()).saturating_sub(1),
        };
        edges.push(end.saturating_add(1).max(before));
        edges
    }

    /// Marks on the axis with their labels, at most so many.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        match (self.axis, self.scale) {
            (XAxis::Time, Scale::Linear) => clock(self.from, self.to, most),
            (XAxis::Time, scale) => {
                let marks = ticks(scale, self.from, self.to, most).into_iter();
                marks.map(|tick| Tick { label: format!("{}s", tick.label), ..tick }).collect()
            }
            (XAxis::Step, scale) => {
                // There is nothing between two steps.
                let mut marks = ticks(scale, self.from, self.to, most);
                marks.retain(|tick| tick.value.fract() == 0.0);
                marks
            }
            (XAxis::Epoch, scale) => ticks(scale, self.from, self.to, most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AXES: [XAxis; 3] = [XAxis::Step, XAxis::Epoch, XAxis::Time];
    const SCALES: [Scale; 2] = [Scale::Linear, Scale::Log];

    fn timeline(count: u64) -> Timeline {
        let mut timeline = Timeline::default();
        for step in 1..=count {
            timeline.push(step, Some((step - 1) as f64 / 4.0), (step - 1) as f64 * 0.5);
        }
        timeline
    }

    #[test]
    fn edges_hold_every_step_once_on_every_axis_and_scale() {
        let timeline = timeline(100);
        for (axis, scale) in AXES.into_iter().flat_map(|axis| SCALES.map(|scale| (axis, scale))) {
            let edges = Stretch::new(&timeline, axis, scale, 1, 100).edges(&timeline, 40);
            assert!(edges[0] <= 1 && edges[40] == 101 && edges.is_sorted(), "{axis:?} {scale:?} {edges:?}");
        }
        let part = Stretch::new(&timeline, XAxis::Step, Scale::Linear, 20, 60).edges(&timeline, 4);
        assert_eq!((part[0], part[4]), (20, 61));
    }

    #[test]
    fn a_logarithmic_axis_gives_each_decade_the_same_room() {
        let timeline = timeline(1000);
        let stretch = Stretch::new(&timeline, XAxis::Step, Scale::Log, 1, 1000);
        assert!((stretch.fraction(10.0).unwrap() - 1.0 / 3.0).abs() < 1e-9);
        assert!((stretch.value(2.0 / 3.0) - 100.0).abs() < 1e-9);
        assert_eq!(stretch.fraction(0.0), None);
    }

    #[test]
    fn another_runs_steps_lie_where_their_time_is() {
        let (own, mut other) = (timeline(100), Timeline::default());
        (1..=100).for_each(|step| other.push(step, None, (step - 1) as f64));
        let stretch = Stretch::new(&own, XAxis::Time, Scale::Linear, 1, 100);
        assert_eq!(stretch.edges(&other, 2)[2], 50 + 1);
    }

    proptest! {
        #[test]
        fn no_stretch_panics_and_edges_ascend(
            count in 0_u64..60, first in 0_u64..90, last in any::<u64>(), small in 0_u64..90, huge: bool, columns in 0_usize..50, most in 0_usize..12,
        ) {
            let timeline = timeline(count);
            let last = if huge { last } else { small };
            for (axis, scale) in AXES.into_iter().flat_map(|axis| SCALES.map(|scale| (axis, scale))) {
                let stretch = Stretch::new(&timeline, axis, scale, first, last);
                let edges = stretch.edges(&timeline, columns);
                prop_assert!(edges.len() == columns + 1 && edges.is_sorted());
                prop_assert!(stretch.from < stretch.to);
                stretch.ticks(most);
            }
        }
    }
}
