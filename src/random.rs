//! Random numbers that depend on nothing but (seed, step, stream).
//!
//! Owns the derivation of seeds and a generator whose stream is fixed for good (ChaCha8). It must not keep state
//! between calls, and it must not read a clock.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// The seed of one stream at one step: the first eight bytes of SHA-256 over seed, step and the stream's name.
pub fn derive(seed: u64, step: u64, stream: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(step.to_le_bytes());
    hash.update(stream.as_bytes());
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// A generator for one stream at one step.
pub fn generator(seed: u64, step: u64, stream: &str) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(derive(seed, step, stream))
}

/// A number in `0..bound`, by the high half of a 64-bit product; `bound` must not be 0.
pub fn below(generator: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u128::from(generator.next_u64()) * bound as u128) >> 64) as usize
}

/// A place drawn with the chance of its share; the first where no share is above 0.
pub fn weighted(generator: &mut ChaCha8Rng, shares: &[f64]) -> usize {
    let all: f64 = shares.iter().filter(|share| **share > 0.0).sum();
    let mut left = (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * all;
    let mut last = 0;
    for (place, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        if left < *share {
            return place;
        }
        left -= share;
        last = place;
    }
    last
}

/// Shuffles in place (Fisher and Yates).
pub fn shuffle<T>(generator: &mut ChaCha8Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(generator, last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_drawn_by_their_shares() {
        let mut counts = [0; 4];
        for step in 0..4000 {
            counts[weighted(&mut generator(1, step, "task"), &[1.0, 0.0, 2.0, 1.0])] += 1;
        }
        assert_eq!(counts[1], 0);
        for (count, share) in counts.iter().zip([0.25, 0.0, 0.5, 0.25]) {
            assert!((f64::from(*count) / 4000.0 - share).abs() < 0.03, "{counts:?}");
        }
        assert_eq!(weighted(&mut generator(1, 0, "task"), &[0.0, 0.0]), 0);
    }

    #[test]
    fn streams_are_fixed_for_good() {
        let mut order: Vec<usize> = (0..8).collect();
        shuffle(&mut generator(7, 3, "draw"), &mut order);
        let again = {
            let mut order: Vec<usize> = (0..8).collect();
            shuffle(&mut generator(7, 3, "draw"), &mut order);
            order
        };
        assert_eq!(order, again);
        assert_ne!(derive(7, 3, "draw"), derive(7, 4, "draw"));
        assert_ne!(derive(7, 3, "draw"), derive(7, 3, "head"));
        assert_eq!(derive(0, 0, ""), 0x3747_08ff_f771_9dd5);
    }
}
