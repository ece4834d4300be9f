//! The order of pairs of tasks in arrays of cosines.

/// Pairs of `count` tasks in the order of [`GradientView::cosine`](super::GradientView): 01, 02, …, 12, ….
pub fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| (i, j)))
}

/// Place of the pair (`i`, `j`), in either order, in [`pairs`]; `None` on the diagonal or out of range.
pub fn pair_index(count: usize, i: usize, j: usize) -> Option<usize> {
    let (i, j) = if i < j { (i, j) } else { (j, i) };
    (i != j && j < count).then(|| i * (2 * count - i - 1) / 2 + j - i - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_their_places_agree() {
        for count in 0..7 {
            for (place, (i, j)) in pairs(count).enumerate() {
                assert_eq!(pair_index(count, i, j), Some(place));
                assert_eq!(pair_index(count, j, i), Some(place));
            }
        }
        assert_eq!(pair_index(3, 1, 1), None);
        assert_eq!(pair_index(3, 1, 3), None);
    }
}
