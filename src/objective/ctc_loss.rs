//! CTC as a loss that can be differentiated: values and gradients come from the host.

use super::LossValue;
use super::ctc;
use burn::prelude::*;
use burn::tensor::TensorData;

/// The mean over labelled rows of −ln p(target) / length of the target, at least 1, as PyTorch's `ctc_loss` with
/// `zero_infinity`: a target that no alignment reaches counts as 0 and has no gradient. `None` without a label.
///
/// `logits` are rows × positions × classes, of which row r has `lengths[r]` real positions; class 0 is the blank.
pub fn ctc_loss(logits: Tensor<3>, lengths: &[usize], targets: &[Option<Vec<u32>>]) -> Option<LossValue> {
    let [rows, positions, classes] = logits.dims();
    let labelled = targets.iter().take(rows).flatten().count();
    if labelled == 0 {
        return None;
    }
    let host = logits.clone().without_autodiff().into_data().try_into_vec::<f32>().unwrap_or_default();
    let mut gradient = vec![0.0_f32; host.len()];
    let mut value = 0.0;
    let size = positions * classes;
    for (row, target) in targets.iter().enumerate().take(rows) {
        let Some(target) = target else { continue };
        let length = lengths.get(row).map_or(positions, |length| (*length).min(positions));
        let begin = row * size;
        let Some(item) = host.get(begin..begin + length * classes).and_then(|l| ctc::loss(l, length, classes, target))
        else {
            continue;
        };
        let share = 1.0 / (target.len().max(1) * labelled) as f64;
        value += item.value * share;
        for (slot, slope) in gradient[begin..].iter_mut().zip(&item.gradient) {
            *slot = (f64::from(*slope) * share) as f32;
        }
    }
    let gradient = Tensor::<3>::from_data(TensorData::new(gradient, [rows, positions, classes]), &logits.device());
    // ⟨logits, gradient⟩ has the right gradient; taking its own value away again leaves the right value.
    let slope = (logits * gradient).sum();
    let value = slope.clone() - slope.detach() + value;
    Some(LossValue { value, labelled, weight: labelled as f64 })
}

#[cfg(test)]
#[path = "ctc_loss_tests.rs"]
mod tests;
