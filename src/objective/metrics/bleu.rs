//! How much texts share with a reference, in runs of words.
//!
//! Owns corpus BLEU-4 (Papineni et al. 2002) with one reference, words parted by white space, and the exponential
//! smoothing of `mteval` (Chen & Cherry 2014, technique 3), which sacrebleu has by default.

use std::collections::HashMap;

/// The longest run of words.
const ORDERS: usize = 4;

/// In 0..=100. `pairs`: (decoding, reference). `None` where the references have no words; 0 where nothing is shared or no
/// decoding has four words.
pub fn bleu(pairs: &[(&str, &str)]) -> Option<f64> {
    let mut shared = [0_usize; ORDERS];
    let mut runs = [0_usize; ORDERS];
    let (mut length, mut wanted) = (0_usize, 0_usize);
    for (decoding, reference) in pairs {
        let decoding: Vec<&str> = decoding.split_whitespace().collect();
        let reference: Vec<&str> = reference.split_whitespace().collect();
        length += decoding.len();
        wanted += reference.len();
        for (order, (shared, runs)) in (1..).zip(shared.iter_mut().zip(&mut runs)) {
            *shared += overlap(&decoding, &reference, order);
            *runs += decoding.windows(order).len();
        }
    }
    if wanted == 0 {
        return None;
    }
    if shared.iter().all(|shared| *shared == 0) || runs.contains(&0) {
        return Some(0.0);
    }
    // What an order without a shared run counts as; half of it for the next such order.
    let mut smoothed = 1.0;
    let mut logarithms = 0.0;
    for (shared, runs) in shared.into_iter().zip(runs) {
        let shared = if shared == 0 {
            smoothed /= 2.0;
            smoothed
        } else {
            shared as f64
        };
        logarithms += (shared / runs as f64).ln();
    }
    let brevity = (1.0 - wanted as f64 / length as f64).min(0.0);
    Some(100.0 * (brevity + logarithms / ORDERS as f64).exp())
}

/// Runs of `order` words that both have, each as often as both have it.
fn overlap(decoding: &[&str], reference: &[&str], order: usize) -> usize {
    let mut left = HashMap::<&[&str], usize>::new();
    for run in reference.windows(order) {
        *left.entry(run).or_default() += 1;
    }
    let mut shared = 0;
    for run in decoding.windows(order) {
        if let Some(count) = left.get_mut(run).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: Option<f64>, want: f64) {
        assert!(got.is_some_and(|got| (got - want).abs() < 1e-9), "{got:?}, want {want}");
    }

    #[test]
    fn the_same_text_has_a_hundred() {
        near(bleu(&[("a b c d", "a b c d"), ("e", "e")]), 100.0);
    }

    #[test]
    fn what_is_shorter_is_punished_and_what_is_longer_is_less_precise() {
        near(bleu(&[("a b c d", "a b c d e f g h")]), 100.0 * (-1.0_f64).exp());
        let longer = 100.0 * (4.0 / 5.0 * 3.0 / 4.0 * 2.0 / 3.0 * 1.0 / 2.0_f64).powf(0.25);
        near(bleu(&[("a b c d e", "a b c d")]), longer);
    }

    #[test]
    fn a_run_counts_no_more_often_than_the_reference_has_it() {
        assert_eq!(overlap(&["a"; 5], &["a", "a", "b"], 1), 2);
        assert_eq!(overlap(&["a"; 5], &["a", "a", "b"], 2), 1);
    }

    #[test]
    fn orders_without_a_match_halve_again_and_again() {
        // 2 of 4 words; no run of 2, 3 or 4 words.
        let want = 100.0 * (2.0 / 4.0 * 0.5 / 3.0 * 0.25 / 2.0 * 0.125 / 1.0_f64).powf(0.25);
        near(bleu(&[("a x b y", "b c a d")]), want);
    }

    #[test]
    fn nothing_shared_is_zero_and_no_reference_is_undefined() {
        assert_eq!(bleu(&[("a b c d", "e f g h")]), Some(0.0));
        assert_eq!(bleu(&[("a b c", "a b c")]), Some(0.0));
        assert_eq!(bleu(&[("", "a")]), Some(0.0));
        assert_eq!(bleu(&[("a", " ")]), None);
        assert_eq!(bleu(&[]), None);
    }
}
