//! −ln p(target), summed over all alignments, and its gradient.
//!
//! Owns the forward-backward algorithm of Graves et al. (2006), in the logarithm and double precision. States are
//! blank, letter, blank, …, letter, blank: twice the letters and one. It must not take means; callers do.

use super::BLANK;

/// What one sequence contributes to a loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// −ln p(target), in nats, not divided by any length.
    pub value: f64,
    /// d value / d logits, `positions × classes`. Not a number where the value is not finite.
    pub gradient: Vec<f32>,
}

/// Whether `positions` are enough to spell the target: one a letter, and one more between two equal letters. A target
/// that holds the blank has no alignment.
pub fn alignable(positions: usize, target: &[u32]) -> bool {
    !target.contains(&BLANK) && target.len() + repeats(target) <= positions
}

/// Letters that equal the one before them: each needs a blank before it.
fn repeats(target: &[u32]) -> usize {
    target.iter().zip(target.iter().skip(1)).filter(|(one, next)| one == next).count()
}

/// Whether it is alignable and all its letters are classes.
fn fits(positions: usize, classes: usize, target: &[u32]) -> bool {
    classes > 0 && alignable(positions, target) && target.iter().all(|letter| (*letter as usize) < classes)
}

/// The value where all logits are equal: positions · ln classes − ln(number of alignments). `None` as for [`loss`].
///
/// With `n` letters and `r` repeats there are C(positions + n − r, 2n) alignments: the spare positions go to n letters
/// and n + 1 gaps.
pub fn uniform(positions: usize, classes: usize, target: &[u32]) -> Option<f64> {
    if !fits(positions, classes, target) {
        return None;
    }
    let chosen = 2 * target.len();
    let spare = positions - target.len() - repeats(target);
    let alignments: f64 = (1..=chosen).map(|place| ((spare + place) as f64 / place as f64).ln()).sum();
    Some(positions as f64 * (classes as f64).ln() - alignments)
}

/// The loss of one sequence and its gradient with respect to raw logits; log-softmax is applied inside.
///
/// `None` where there is no alignment: too few positions (see [`alignable`]), a letter that is no class, or logits that
/// are not `positions × classes`. Logits that are not finite give a value and a gradient that may not be either.
pub fn loss(logits: &[f32], positions: usize, classes: usize, target: &[u32]) -> Option<Item> {
    if !fits(positions, classes, target) || positions.checked_mul(classes) != Some(logits.len()) {
        return None;
    }
    if positions == 0 {
        return Some(Item { value: 0.0, gradient: Vec::new() });
    }
    let (mut gradient, normalisers) = softmax(logits, classes);
    if normalisers.iter().any(|normaliser| !normaliser.is_finite()) {
        return Some(Item { value: f64::NAN, gradient: vec![f32::NAN; logits.len()] });
    }
    let lattice = Lattice::new(logits, classes, normalisers, target);
    let forward = lattice.forward();
    let end = forward.len() - 1;
    let total = add(forward[end], forward[end - 1], f64::NEG_INFINITY);
    if !total.is_finite() {
        return Some(Item { value: -total, gradient: vec![f32::NAN; logits.len()] });
    }
    lattice.subtract_occupancy(&forward, total, &mut gradient);
    Some(Item { value: 0.0 - total, gradient: gradient.into_iter().map(|value| value as f32).collect() })
}

/// Probabilities, and what to subtract from a position's logits to have their logarithms.
fn softmax(logits: &[f32], classes: usize) -> (Vec<f64>, Vec<f64>) {
    let mut probabilities: Vec<f64> = logits.iter().copied().map(f64::from).collect();
    let normalisers = probabilities.chunks_exact_mut(classes).map(|row| {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for value in &mut *row {
            *value = (*value - largest).exp();
        }
        let sum: f64 = row.iter().sum();
        for value in row {
            *value /= sum;
        }
        largest + sum.ln()
    });
    let normalisers = normalisers.collect();
    (probabilities, normalisers)
}

/// The largest difference of logarithms at which the smaller term still shows in a sum.
const NEGLIGIBLE: f64 = 40.0;

/// ln(e^a + e^b + e^c).
fn add(a: f64, b: f64, c: f64) -> f64 {
    let (a, b) = if a < b { (b, a) } else { (a, b) };
    let (largest, c) = if a < c { (c, a) } else { (a, c) };
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    let term = |value: f64| if largest - value > NEGLIGIBLE { 0.0 } else { (value - largest).exp() };
    let rest = term(b) + term(c);
    if rest == 0.0 { largest } else { largest + rest.ln_1p() }
}

/// States before the first one of a row of forward values, so that every state has two predecessors. They are never
/// reached.
const BEFORE: usize = 2;

struct Lattice<'a> {
    logits: &'a [f32],
    classes: usize,
    normalisers: Vec<f64>,
    /// The class of each state.
    class: Vec<usize>,
    /// Whether a state may follow the one two before it: a letter after another letter.
    skips: Vec<bool>,
}

impl<'a> Lattice<'a> {
    fn new(logits: &'a [f32], classes: usize, normalisers: Vec<f64>, target: &[u32]) -> Self {
        let states = 2 * target.len() + 1;
        let mut class = vec![BLANK as usize; states];
        // Two more, as the backward values have.
        let mut skips = vec![false; states + BEFORE];
        for (place, letter) in target.iter().enumerate() {
            class[2 * place + 1] = *letter as usize;
            skips[2 * place + 1] = place > 0 && target[place - 1] != *letter;
        }
        Self { logits, classes, normalisers, class, skips }
    }

    fn positions(&self) -> usize {
        self.normalisers.len()
    }

    /// The states that a path can be in at a position: two more at each from the start, two fewer towards the end.
    fn reachable(&self, position: usize) -> std::ops::Range<usize> {
        let states = self.class.len();
        states.saturating_sub(2 * (self.positions() - position))..states.min(2 * (position + 1))
    }

    /// ln p of a state's class.
    fn emission(&self, position: usize, state: usize) -> f64 {
        f64::from(self.logits[position * self.classes + self.class[state]]) - self.normalisers[position]
    }

    /// ln p of all ways to be in each state at each position, its class included; each row starts with `BEFORE` states.
    fn forward(&self) -> Vec<f64> {
        let width = self.class.len() + BEFORE;
        let mut values = vec![f64::NEG_INFINITY; self.positions() * width];
        for state in self.reachable(0) {
            values[state + BEFORE] = self.emission(0, state);
        }
        for position in 1..self.positions() {
            let (earlier, row) = values.split_at_mut(position * width);
            let earlier = &earlier[(position - 1) * width..];
            for state in self.reachable(position) {
                let skipped = if self.skips[state] { earlier[state] } else { f64::NEG_INFINITY };
                row[state + BEFORE] =
                    add(earlier[state + 2], earlier[state + 1], skipped) + self.emission(position, state);
            }
        }
        values
    }

    /// Takes the share of alignments that emit a class at a position from that place of `gradient`.
    fn subtract_occupancy(&self, forward: &[f64], total: f64, gradient: &mut [f64]) {
        let states = self.class.len();
        let last = self.positions() - 1;
        // ln p of all ways from each state to the end, its class at the position included.
        let mut ahead = vec![f64::NEG_INFINITY; states + BEFORE];
        for position in (0..=last).rev() {
            let row = &forward[position * (states + BEFORE) + BEFORE..];
            let gradient = &mut gradient[position * self.classes..][..self.classes];
            for state in self.reachable(position) {
                let after = if position == last {
                    0.0
                } else {
                    let skipped = if self.skips[state + 2] { ahead[state + 2] } else { f64::NEG_INFINITY };
                    add(ahead[state], ahead[state + 1], skipped)
                };
                // A share is at most 1, also where sums of very large logits are rounded.
                gradient[self.class[state]] -= (row[state] + after - total).min(0.0).exp();
                ahead[state] = after + self.emission(position, state);
            }
        }
    }
}

#[cfg(test)]
#[path = "loss_tests.rs"]
mod tests;
