//! What weightings share: softmax, the check of an answer, and the check of a saved state.

use crate::balance::{BalanceError, Degenerate, Observation};

/// exp(x_i) / Σ exp(x_j), without overflow for any finite x.
pub(super) fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// Factors of the tasks at `places` (ascending) in task order, 0 where λ is 0.
///
/// # Errors
/// [`Degenerate`] where one is not a finite number of at least 0.
pub(super) fn answer(
    seen: &Observation<'_>,
    places: &[usize],
    factors: &[f64],
) -> Result<Vec<Option<f64>>, Degenerate> {
    match places.iter().zip(factors).find(|(_, factor)| !(factor.is_finite() && **factor >= 0.0)) {
        Some((task, factor)) => Err(Degenerate(format!("the factor of {{task {task}}} would be {factor}"))),
        None => Ok(seen.spread(|task| {
            let place = places.iter().position(|place| *place == task);
            place.and_then(|place| factors.get(place)).copied().unwrap_or(0.0)
        })),
    }
}

/// The reason where what a method learnt is no longer a number.
pub(super) fn not_finite() -> Degenerate {
    Degenerate("the losses or gradients are too large to learn from".to_owned())
}

/// Whether a saved list has an entry a task.
pub(super) fn expect_length(method: &'static str, length: usize, tasks: usize) -> Result<(), BalanceError> {
    if length == tasks {
        return Ok(());
    }
    Err(BalanceError::State { method, problem: format!("it is of {length} tasks, expected {tasks}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_of_the_largest_numbers_is_finite() {
        assert_eq!(softmax(&[f64::MAX, -f64::MAX, f64::MAX]), [0.5, 0.0, 0.5]);
        assert!((softmax(&[0.0, 3.0_f64.ln()])[1] - 0.75).abs() < 1e-15);
        assert!(softmax(&[]).is_empty());
    }
}
