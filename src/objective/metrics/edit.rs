//! How far texts are from what they should be, in words or characters.
//!
//! Owns the edit distance and the error rates made of it, over a corpus. It must not know networks or labels.

/// The most words or characters of a text that are compared; what follows is left out, of reference and decoding
/// alike, so that absurd texts take bounded time.
const MOST: usize = 4096;

/// Edits of words over words of the references; words are parted by white space. `pairs`: (decoding, reference).
/// `None` where the references have no words.
pub fn word_error_rate(pairs: &[(&str, &str)]) -> Option<f64> {
    rate(pairs, |text| text.split_whitespace().take(MOST).collect())
}

/// Edits of characters over characters of the references: Unicode scalar values, white space included. `pairs`:
/// (decoding, reference). `None` where the references are empty.
pub fn character_error_rate(pairs: &[(&str, &str)]) -> Option<f64> {
    rate(pairs, |text| text.chars().take(MOST).collect())
}

/// Edits summed over the corpus, over the summed length of references: not a mean of ratios.
fn rate<'a, T: PartialEq>(pairs: &[(&'a str, &'a str)], items: impl Fn(&'a str) -> Vec<T>) -> Option<f64> {
    let (mut edits, mut length) = (0_usize, 0_usize);
    for (decoding, reference) in pairs {
        let reference = items(reference);
        edits += distance(&items(decoding), &reference);
        length += reference.len();
    }
    (length > 0).then(|| edits as f64 / length as f64)
}

/// The fewest insertions, deletions and substitutions that make one of the other (Levenshtein 1966). Takes memory in
/// proportion to the length of `b`.
fn distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    // From the items of `a` so far to each beginning of `b`.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (place, item) in a.iter().enumerate() {
        let mut left = place + 1;
        let mut diagonal = place;
        for (other, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let substituted = diagonal + usize::from(item != other);
            diagonal = *cell;
            left = substituted.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
        if let Some(cell) = row.first_mut() {
            *cell = place + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By its definition, without a table.
    fn defined(a: &[u8], b: &[u8]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([x, a @ ..], [y, b @ ..]) if x == y => defined(a, b),
            ([_, less @ ..], [_, fewer @ ..]) => 1 + defined(less, fewer).min(defined(less, b)).min(defined(a, fewer)),
        }
    }

    #[test]
    fn words_are_parted_by_any_white_space() {
        assert_eq!(word_error_rate(&[("one  two\n", "one two")]), Some(0.0));
        assert_eq!(character_error_rate(&[("one  two\n", "one two")]), Some(2.0 / 7.0));
    }

    #[test]
    fn a_character_is_one_whatever_its_bytes() {
        assert_eq!(character_error_rate(&[("grün", "gruen")]), Some(2.0 / 5.0));
        assert_eq!(character_error_rate(&[("", "日本")]), Some(1.0));
    }

    #[test]
    fn without_a_reference_there_is_no_rate() {
        for pairs in [&[][..], &[("a", "")], &[("a", ""), ("", "")]] {
            assert_eq!(character_error_rate(pairs), None);
            assert_eq!(word_error_rate(pairs), None);
        }
        assert_eq!(word_error_rate(&[("a", " ")]), None);
        assert_eq!(word_error_rate(&[("a", ""), ("b", "b")]), Some(1.0));
    }

    #[test]
    fn of_absurd_texts_the_beginning_counts() {
        let long = "a".repeat(MOST);
        let longer = format!("{long}{}", "b".repeat(MOST));
        assert_eq!(character_error_rate(&[(&longer, &long)]), Some(0.0));
        assert_eq!(character_error_rate(&[("", &longer)]), Some(1.0));
    }

    proptest! {
        #[test]
        fn the_distance_is_the_fewest_edits(
            a in prop::collection::vec(0_u8..3, 0..6),
            b in prop::collection::vec(0_u8..3, 0..6),
        ) {
            prop_assert_eq!(distance(&a, &b), defined(&a, &b));
        }
    }
}
