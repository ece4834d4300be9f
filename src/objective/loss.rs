//! Losses over the labelled rows of a batch, in the units training sees.
//!
//! Every loss is a mean over labelled rows (weighted where classes have weights); a batch without a label has none.
//! Definitions follow PyTorch 2, so that runs compare. Owns also what a head's output predicts, where that is not the
//! output itself.

use crate::config::LossKind;
use crate::data::Targets;
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::{log_sigmoid, log_softmax};

/// A task's loss function with its constants.
#[derive(Clone, Debug, PartialEq)]
pub enum Loss {
    /// (ŷ − y)²
    Mse,
    /// |ŷ − y|
    L1,
    /// ½(ŷ − y)² up to `delta`, then linear.
    Huber {
        /// Where it turns linear.
        delta: f64,
    },
    /// −Σ q log softmax(logits), q the smoothed one-hot target times its class weight.
    CrossEntropy {
        /// ε of q = (1 − ε) one-hot + ε / classes.
        smoothing: f64,
        /// A weight a class; the mean divides by the weights of the labels.
        class_weights: Option<Vec<f64>>,
    },
    /// Binary cross-entropy on one logit (`bce_with_logits`).
    Bce {
        /// Factor of the positive class's term.
        positive_weight: f64,
    },
    /// −log p of the label; the head already ends in log-softmax.
    Nll {
        /// A weight a class; the mean divides by the weights of the labels.
        class_weights: Option<Vec<f64>>,
    },
    /// ½ (s + (y − μ)² e⁻ˢ) of an output of two columns, μ and s = ln variance; ½ ln 2π is left out.
    ///
    /// It has no least value: the surer a network is of what is true, the further it falls below 0.
    GaussianNll,
    /// eˣ − y x, x the logarithm of the rate; ln y! is left out, so it may be negative.
    PoissonNll,
    /// Connectionist temporal classification, of a head of letters; see [`ctc_loss`](super::ctc_loss).
    Ctc,
    /// Cross-entropy of each next token, of a head that writes; see [`next_token`](super::next_token).
    NextToken,
}

/// A loss and what it is a mean over.
#[derive(Clone, Debug)]
pub struct LossValue {
    /// One number, shape `[1]`.
    pub value: Tensor<1>,
    /// Labelled rows.
    pub labelled: usize,
    /// What the mean divides by: labelled rows, their classes' weights, or tokens.
    pub weight: f64,
}

impl Loss {
    /// The configuration's name of this loss.
    pub fn kind(&self) -> LossKind {
        match self {
            Self::Mse => LossKind::Mse,
            Self::L1 => LossKind::L1,
            Self::Huber { .. } => LossKind::Huber,
            Self::CrossEntropy { .. } => LossKind::CrossEntropy,
            Self::Bce { .. } => LossKind::Bce,
            Self::Nll { .. } => LossKind::Nll,
            Self::GaussianNll => LossKind::GaussianNll,
            Self::PoissonNll => LossKind::PoissonNll,
            Self::Ctc => LossKind::Ctc,
            Self::NextToken => LossKind::NextToken,
        }
    }

    /// Whether the head must end in log-softmax.
    pub fn wants_log_probabilities(&self) -> bool {
        matches!(self, Self::Nll { .. })
    }

    /// The loss of `output` (rows × outputs) against `targets`; `None` where no row has a label of the right kind.
    pub fn value(&self, output: Tensor<2>, targets: &Targets) -> Option<LossValue> {
        let [rows, width] = output.dims();
        match (self, targets) {
            (Self::Mse | Self::L1 | Self::Huber { .. }, Targets::Numbers(numbers)) => {
                self.regression(output, numbers, rows, width)
            }
            (Self::Bce { positive_weight }, Targets::Classes(classes)) => binary(output, classes, *positive_weight),
            (Self::CrossEntropy { smoothing, class_weights }, Targets::Classes(classes)) => {
                classification(log_softmax(output, 1), classes, *smoothing, class_weights.as_deref())
            }
            (Self::Nll { class_weights }, Targets::Classes(classes)) => {
                classification(output, classes, 0.0, class_weights.as_deref())
            }
            (Self::GaussianNll, Targets::Numbers(numbers)) => gaussian(output, numbers),
            (Self::PoissonNll, Targets::Numbers(numbers)) => poisson(output, numbers),
            _ => None,
        }
    }

    /// What a head's output (rows × outputs) predicts in training's units: the mean of a normal distribution, the rate
    /// of counts (rows × 1 both), else the output itself.
    pub fn predictions(&self, output: Tensor<2>) -> Tensor<2> {
        match self {
            Self::GaussianNll => output.narrow(1, 0, 1),
            Self::PoissonNll => output.exp(),
            _ => output,
        }
    }

    fn regression(&self, output: Tensor<2>, numbers: &[Option<f32>], rows: usize, width: usize) -> Option<LossValue> {
        let labelled = numbers.iter().flatten().count();
        if labelled == 0 || width != 1 {
            return None;
        }
        let device = output.device();
        let target = column(numbers.iter().map(|number| number.unwrap_or(0.0)).collect(), rows, &device);
        let difference = output - target;
        let each = match self {
            Self::Mse => difference.square(),
            Self::L1 => difference.abs(),
            Self::Huber { delta } => {
                let distance = difference.abs();
                let near = distance.clone().clamp_max(*delta);
                near.clone().square() * 0.5 + (distance - near) * *delta
            }
            _ => return None,
        };
        Some(masked_mean(each, numbers.iter().map(Option::is_some), rows, labelled))
    }
}

/// −Σ q log p over rows, divided by the summed weights of the labels.
fn classification(
    log_probabilities: Tensor<2>,
    classes: &[Option<u32>],
    smoothing: f64,
    weights: Option<&[f64]>,
) -> Option<LossValue> {
    let [rows, width] = log_probabilities.dims();
    let weight = |class: usize| weights.and_then(|weights| weights.get(class)).copied().unwrap_or(1.0);
    let mut wanted = vec![0.0_f32; rows * width];
    let (mut labelled, mut weight_sum) = (0, 0.0);
    for (row, class) in classes.iter().enumerate().take(rows) {
        let Some(class) = class.map(|class| class as usize).filter(|class| *class < width) else { continue };
        labelled += 1;
        weight_sum += weight(class);
        for (place, want) in wanted[row * width..(row + 1) * width].iter_mut().enumerate() {
            let hit = if place == class { 1.0 - smoothing } else { 0.0 };
            *want = ((hit + smoothing / width as f64) * weight(place)) as f32;
        }
    }
    if labelled == 0 || weight_sum <= 0.0 {
        return None;
    }
    let wanted = Tensor::<2>::from_data(TensorData::new(wanted, [rows, width]), &log_probabilities.device());
    Some(LossValue { value: (log_probabilities * wanted).sum() * (-1.0 / weight_sum), labelled, weight: weight_sum })
}

/// (1 − y) x + (1 + (p − 1) y) · −log σ(x), which stays finite for large logits.
fn binary(output: Tensor<2>, classes: &[Option<u32>], positive_weight: f64) -> Option<LossValue> {
    let [rows, width] = output.dims();
    let labelled = classes.iter().flatten().count();
    if labelled == 0 || width != 1 {
        return None;
    }
    let device = output.device();
    let positive: Vec<f32> = classes.iter().map(|class| f32::from(u8::from(*class == Some(1)))).collect();
    let negative = column(positive.iter().map(|y| 1.0 - y).collect(), rows, &device);
    let scale = column(positive.iter().map(|y| 1.0 + (positive_weight as f32 - 1.0) * y).collect(), rows, &device);
    let each = negative * output.clone() - scale * log_sigmoid(output);
    Some(masked_mean(each, classes.iter().map(Option::is_some), rows, labelled))
}

/// ½ (s + (y − μ)² e⁻ˢ).
fn gaussian(output: Tensor<2>, numbers: &[Option<f32>]) -> Option<LossValue> {
    let (output, target, labelled) = labelled_only(output, numbers, 2)?;
    let rows = numbers.len();
    let (mean, log_variance) = (output.clone().narrow(1, 0, 1), output.narrow(1, 1, 1));
    let each = (log_variance.clone() + (target - mean).square() * log_variance.neg().exp()) * 0.5;
    Some(masked_mean(each, numbers.iter().map(Option::is_some), rows, labelled))
}

/// eˣ − y x.
fn poisson(output: Tensor<2>, numbers: &[Option<f32>]) -> Option<LossValue> {
    let (output, target, labelled) = labelled_only(output, numbers, 1)?;
    let each = output.clone().exp() - target * output;
    Some(masked_mean(each, numbers.iter().map(Option::is_some), numbers.len(), labelled))
}

/// The output with zeros in rows without a label, the targets likewise, and how many rows have one.
///
/// Masking the loss alone is not enough for an exponential: one that overflows in a row without a label would come
/// back as 0 · ∞.
fn labelled_only(output: Tensor<2>, numbers: &[Option<f32>], width: usize) -> Option<(Tensor<2>, Tensor<2>, usize)> {
    let rows = numbers.len();
    let labelled = numbers.iter().flatten().count();
    if labelled == 0 || output.dims() != [rows, width] {
        return None;
    }
    let device = output.device();
    let target = column(numbers.iter().map(|number| number.unwrap_or(0.0)).collect(), rows, &device);
    if labelled == rows {
        return Some((output, target, labelled));
    }
    let mask = column(numbers.iter().map(|number| f32::from(u8::from(number.is_some()))).collect(), rows, &device);
    Some((output * mask, target, labelled))
}

fn column(values: Vec<f32>, rows: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, [rows, 1]), device)
}

fn masked_mean(each: Tensor<2>, mask: impl Iterator<Item = bool>, rows: usize, labelled: usize) -> LossValue {
    if labelled == rows {
        return LossValue { value: each.mean(), labelled, weight: labelled as f64 };
    }
    let mask = column(mask.map(|there| f32::from(u8::from(there))).collect(), rows, &each.device());
    LossValue { value: (each * mask).sum() / labelled as f64, labelled, weight: labelled as f64 }
}
