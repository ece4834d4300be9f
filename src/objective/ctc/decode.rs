//! From logits to letters, each position for itself.
//!
//! Owns best-path decoding (Graves et al. 2006, section 3.2). It must not know words; `lexicon` does.

use super::BLANK;

/// The best class of each position, repeats collapsed, blanks dropped.
///
/// Of equals the first class wins. A position with a NaN among its logits is blank, and so is one that `logits` lacks.
pub fn greedy(logits: &[f32], positions: usize, classes: usize) -> Vec<u32> {
    if classes == 0 {
        return Vec::new();
    }
    collapse(logits.chunks_exact(classes).take(positions).map(best))
}

fn best(frame: &[f32]) -> u32 {
    if frame.iter().any(|logit| logit.is_nan()) {
        return BLANK;
    }
    let mut best = (BLANK, f32::NEG_INFINITY);
    for (class, logit) in (BLANK..).zip(frame) {
        if *logit > best.1 {
            best = (class, *logit);
        }
    }
    best.0
}

/// What a path of classes spells.
pub(super) fn collapse(path: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut letters = Vec::new();
    let mut before = BLANK;
    for class in path {
        if class != before && class != BLANK {
            letters.push(class);
        }
        before = class;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_collapse_unless_a_blank_parts_them() {
        assert_eq!(collapse([0, 1, 1, 0, 1, 2, 2, 0, 0].into_iter()), [1, 1, 2]);
        assert!(collapse([0, 0].into_iter()).is_empty());
    }

    #[test]
    fn the_best_class_wins_and_of_equals_the_first() {
        let logits = [0.0, 2.0, 1.0, 0.0, 3.0, 3.0, 5.0, 5.0, 5.0, 0.0, -1.0, 4.0];
        assert_eq!(greedy(&logits, 4, 3), [1, 2]);
        assert_eq!(greedy(&logits, 2, 3), [1]);
    }

    #[test]
    fn what_is_not_a_number_is_blank() {
        assert_eq!(greedy(&[0.0, 9.0, f32::NAN, 9.0, 0.0, 9.0], 3, 2), [1, 1]);
        assert!(greedy(&[f32::NEG_INFINITY; 4], 2, 2).is_empty());
    }

    #[test]
    fn nothing_decodes_to_nothing() {
        assert!(greedy(&[], 0, 3).is_empty());
        assert!(greedy(&[1.0], 1, 0).is_empty());
        assert!(greedy(&[], usize::MAX, 3).is_empty());
    }
}
