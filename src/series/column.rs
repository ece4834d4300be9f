//! A track cut into columns: what a plot needs to draw, however many points there are.

use super::{Pyramid, Range};

/// The points of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The column.
    pub column: usize,
    /// The first finite value.
    pub first: f64,
    /// Smallest, largest, and whether a value is missing.
    pub range: Range,
    /// The last finite value.
    pub last: f64,
    /// Whether the column's last value is not finite, so that the line stops here.
    pub breaks: bool,
}

/// Cuts a track at `edges` (ascending steps, one more than columns; column c holds steps from `edges[c]` up to, not
/// including, `edges[c + 1]`). Columns without a point are left out. Costs a few look-ups a column.
pub fn reduce(steps: &[u64], values: &Pyramid, edges: &[u64]) -> Vec<Bucket> {
    let mut buckets = Vec::with_capacity(edges.len().min(steps.len()));
    let mut from = edges.first().map_or(0, |&edge| steps.partition_point(|&step| step < edge));
    for (column, &edge) in edges.iter().skip(1).enumerate() {
        let to = from + steps.get(from..).map_or(0, |rest| before(rest, edge));
        if from == steps.len() {
            break;
        }
        if to > from {
            let slice = values.values().get(from..to).unwrap_or_default();
            let range = values.range(from, to);
            let near = |values: &mut dyn Iterator<Item = &f64>, otherwise: f64| {
                // Where hundreds are missing, an end of the range stands in: looking on would cost what there are points.
                let found = values.take(256).find(|value| value.is_finite()).copied();
                if range.is_finite() { found.unwrap_or(otherwise) } else { f64::NAN }
            };
            buckets.push(Bucket {
                column,
                first: near(&mut slice.iter(), range.max),
                range,
                last: near(&mut slice.iter().rev(), range.min),
                breaks: slice.last().is_some_and(|value| !value.is_finite()),
            });
        }
        from = to;
    }
    buckets
}

/// How many of the ascending steps come before an edge. Looks first where evenly spaced steps have it, then ahead in
/// doubling strides: the next edge is near.
fn before(steps: &[u64], edge: u64) -> usize {
    let (Some(&first), Some(&last)) = (steps.first(), steps.last()) else { return 0 };
    if edge <= first {
        return 0;
    }
    if edge > last {
        return steps.len();
    }
    let share = (edge - first) as f64 / (last - first) as f64;
    let guess = (share * (steps.len() - 1) as f64).ceil() as usize;
    for place in [guess, guess.saturating_sub(1), guess + 1] {
        let earlier = place.checked_sub(1).and_then(|place| steps.get(place)).is_none_or(|&step| step < edge);
        if earlier && steps.get(place).is_some_and(|&step| step >= edge) {
            return place;
        }
    }
    let mut reach = 1;
    while steps.get(reach).is_some_and(|&step| step < edge) {
        reach *= 2;
    }
    let near = steps.get(..reach.min(steps.len())).unwrap_or(steps);
    let known = reach / 2;
    known + near.get(known..).map_or(0, |rest| rest.partition_point(|&step| step < edge))
}

impl Bucket {
    /// The same points times a factor; one that is 1 changes nothing.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        if factor == 1.0 {
            return self;
        }
        Self { first: self.first * factor, range: self.range.times(factor), last: self.last * factor, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_hold_their_steps_and_gaps_break_the_line() {
        let steps = [1, 2, 3, 4, 7, 8];
        let mut values = Pyramid::default();
        for value in [1.0, 5.0, 2.0, f64::NAN, f64::INFINITY, 4.0] {
            values.push(value);
        }
        let buckets = reduce(&steps, &values, &[1, 4, 5, 7, 9]);
        assert_eq!(buckets.iter().map(|bucket| bucket.column).collect::<Vec<_>>(), [0, 1, 3]);
        assert_eq!((buckets[0].first, buckets[0].last, buckets[0].breaks), (1.0, 2.0, false));
        assert_eq!(buckets[0].range, Range { min: 1.0, max: 5.0, ..Range::EMPTY });
        assert!(buckets[1].first.is_nan() && buckets[1].breaks && buckets[1].range.nan && !buckets[1].range.above);
        assert_eq!((buckets[2].first, buckets[2].breaks, buckets[2].range.above), (4.0, false, true));
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        let value = prop_oneof![8 => any::<f64>(), 4 => -9.0..9.0, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
        prop::collection::vec(value, 0..400)
    }

    proptest! {
        #[test]
        fn nothing_panics_on_any_edges(mut steps in prop::collection::vec(0_u64..50, 0..40),
                                       edges in prop::collection::vec(0_u64..60, 0..20)) {
            steps.sort_unstable();
            let mut values = Pyramid::default();
            for &step in &steps {
                values.push(step as f64);
            }
            reduce(&steps, &values, &edges);
        }

        #[test]
        fn each_column_holds_the_true_extremes_of_its_steps(
            values in values(), apart in 1_u64..9, mut edges in prop::collection::vec(0_u64..3600, 2..40),
        ) {
            edges.sort_unstable();
            let steps: Vec<u64> = (0..values.len() as u64).map(|place| place * apart).collect();
            let mut pyramid = Pyramid::default();
            for &value in &values {
                pyramid.push(value);
            }
            let buckets = reduce(&steps, &pyramid, &edges);
            for (column, pair) in edges.windows(2).enumerate() {
                let own = || steps.iter().zip(&values).filter(|(step, _)| (pair[0]..pair[1]).contains(step));
                let wanted = own().map(|(_, &value)| Range::of(value)).fold(Range::EMPTY, Range::join);
                let found = buckets.iter().find(|bucket| bucket.column == column);
                prop_assert_eq!(found.map(|bucket| bucket.range), (own().count() > 0).then_some(wanted));
            }
        }
    }
}
