//! Which rows make the k-th batch.
//!
//! Owns the order of draws: a function of (seed, source, k). Epochs are permutations joined end to end, so every
//! batch is full. Nothing but k is state.

use crate::random;

/// The batches of one source.
#[derive(Clone, Debug)]
pub struct Draws {
    seed: u64,
    stream: String,
    rows: Vec<usize>,
    batch: usize,
    /// The epoch last drawn from, with its order.
    current: Option<(u64, Vec<usize>)>,
}

impl Draws {
    /// Draws `batch` of `rows` at a time; `source` keeps the draws of several sources apart.
    pub fn new(seed: u64, source: &str, rows: &[usize], batch: usize) -> Self {
        Self { seed, stream: format!("draw/{source}"), rows: rows.to_vec(), batch: batch.max(1), current: None }
    }

    /// The rows of batch `k`, counted from 0; always `batch` of them, none where there are no rows to draw from.
    pub fn rows(&mut self, k: u64) -> Vec<usize> {
        let count = self.rows.len() as u128;
        if count == 0 {
            return Vec::new();
        }
        let begin = u128::from(k) * self.batch as u128;
        let mut drawn = Vec::with_capacity(self.batch);
        for place in begin..begin + self.batch as u128 {
            let order = self.order((place / count) as u64);
            drawn.extend(order.get((place % count) as usize));
        }
        drawn
    }

    /// Passes over the rows after `k` draws.
    pub fn epoch(&self, k: u64) -> f64 {
        if self.rows.is_empty() { 0.0 } else { k as f64 * self.batch as f64 / self.rows.len() as f64 }
    }

    fn order(&mut self, epoch: u64) -> &[usize] {
        if self.current.as_ref().is_none_or(|(current, _)| *current != epoch) {
            let mut order = self.rows.clone();
            random::shuffle(&mut random::generator(self.seed, epoch, &self.stream), &mut order);
            self.current = Some((epoch, order));
        }
        self.current.as_ref().map_or(&[], |(_, order)| order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_batch_larger_than_the_part_is_full() {
        let mut draws = Draws::new(1, "a", &[4, 5, 6], 8);
        assert_eq!(draws.rows(0).len(), 8);
        assert_eq!(draws.epoch(3), 8.0);
        assert_eq!(Draws::new(1, "a", &[], 8).rows(3), Vec::<usize>::new());
        assert_eq!(draws.rows(u64::MAX).len(), 8);
    }

    proptest! {
        #[test]
        fn every_row_comes_once_an_epoch(seed in any::<u64>(), count in 1_usize..40, batch in 1_usize..50) {
            let rows: Vec<usize> = (100..100 + count).collect();
            let mut draws = Draws::new(seed, "a", &rows, batch);
            let epochs = 3;
            let batches = (epochs * count).div_ceil(batch);
            let drawn: Vec<usize> = (0..batches as u64).flat_map(|k| draws.rows(k)).collect();
            for epoch in drawn.chunks_exact(count) {
                let mut epoch = epoch.to_vec();
                epoch.sort_unstable();
                prop_assert_eq!(&epoch, &rows);
            }
            // Out of order and from the start: the same rows.
            let middle = batches as u64 / 2;
            let again = Draws::new(seed, "a", &rows, batch).rows(middle);
            let begin = middle as usize * batch;
            prop_assert_eq!(&again[..], &drawn[begin..begin + batch]);
        }
    }

    #[test]
    fn seeds_and_sources_draw_apart() {
        let rows: Vec<usize> = (0..50).collect();
        let first = Draws::new(1, "a", &rows, 50).rows(0);
        assert_ne!(first, Draws::new(2, "a", &rows, 50).rows(0));
        assert_ne!(first, Draws::new(1, "b", &rows, 50).rows(0));
        assert_ne!(first, Draws::new(1, "a", &rows, 50).rows(1));
    }
}
