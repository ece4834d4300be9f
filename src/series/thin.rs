//! What is kept of points that are too many to be kept each: the smallest and the largest of every few.

/// Points of which the extremes are kept.
const GROUP: usize = 8;

/// Places of the points to keep, ascending: of every eight the smallest and the largest, and one of each kind that
/// is not finite. So no peak is lost, and a gap stays a gap.
pub fn extremes(values: &[f64]) -> Vec<usize> {
    let mut kept = Vec::with_capacity(values.len() / GROUP * 2 + 2);
    for (number, group) in values.chunks(GROUP).enumerate() {
        let finite = || group.iter().enumerate().filter(|(_, value)| value.is_finite());
        let smallest = finite().min_by(|left, right| left.1.total_cmp(right.1));
        let largest = finite().max_by(|left, right| left.1.total_cmp(right.1));
        let missing: [fn(f64) -> bool; 3] =
            [f64::is_nan, |value| value == f64::INFINITY, |value| value == f64::NEG_INFINITY];
        let missing = missing.into_iter().filter_map(|kind| group.iter().position(|&value| kind(value)));
        let mut places: Vec<usize> =
            smallest.into_iter().chain(largest).map(|(place, _)| place).chain(missing).collect();
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|place| number * GROUP + place));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Range;

    #[test]
    fn peaks_and_gaps_stay() {
        let mut values = [1.0; 24];
        (values[3], values[9], values[13]) = (-5.0, f64::NAN, 7.0);
        assert_eq!(extremes(&values), [3, 7, 8, 9, 13, 16, 23]);
        assert!(extremes(&[]).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn the_range_of_what_is_kept_is_the_range_of_all(values in proptest::collection::vec(proptest::num::f64::ANY, 0..100)) {
            let kept = extremes(&values);
            proptest::prop_assert!(kept.is_sorted() && kept.len() <= values.len().div_ceil(GROUP) * 5);
            let range = |values: &mut dyn Iterator<Item = f64>| values.map(Range::of).fold(Range::EMPTY, Range::join);
            let (all, some) = (range(&mut values.iter().copied()), range(&mut kept.iter().map(|&place| values[place])));
            proptest::prop_assert_eq!(all, some);
        }
    }
}
