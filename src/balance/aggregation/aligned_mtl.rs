//! Aligned-MTL: the gradients are made orthogonal and of one length before they are added.

use super::finite;
use crate::balance::solver::Eigen;
use crate::balance::{
    Aggregation, Degenerate, Gram, Make, Method, Needs, OptionInfo, OptionKind, OptionValue, Situation,
};

/// c = √λ · V diag(λ_k^(−1/2)) V' f over the eigenvalues above rounding, λ being their least, median or mean.
///
/// A zero row gets 0. Nearly parallel rows make the least eigenvalue tiny, and the update with it.
pub const METHOD: Method = Method {
    name: "aligned_mtl",
    aliases: &["alignedmtl", "aligned"],
    what: "makes the gradients orthogonal and equally long, then adds; nearly parallel ones shrink the update",
    year: Some(2023),
    paper: "arXiv 2305.19000",
    needs: Needs::GRAM,
    state: "",
    preference: "it weighs the aligned gradients",
    options: &[OptionInfo {
        name: "mode",
        kind: OptionKind::Word(&["min", "median", "rmse"]),
        default: OptionValue::Word("min"),
        what: "the common length: the least, the median (the lower one of two) or the root mean square of singular values",
    }],
    make: Make::Aggregation(|options, _| {
        Box::new(AlignedMtl {
            mode: match options.word("mode") {
                "median" => Mode::Median,
                "rmse" => Mode::Rmse,
                _ => Mode::Min,
            },
        })
    }),
};

/// The length that the aligned gradients get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The least singular value.
    #[default]
    Min,
    /// The median singular value, the lower one of two.
    Median,
    /// The root mean square of the singular values.
    Rmse,
}

/// Independent component alignment.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlignedMtl {
    /// The length that the aligned gradients get.
    pub mode: Mode,
}

impl Aggregation for AlignedMtl {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let size = seen.gram.size();
        let largest = (0..size).map(|i| seen.gram.get(i, i)).fold(0.0, f64::max);
        if largest <= 0.0 {
            return Ok(seen.factors.to_vec());
        }
        // The answer does not depend on a common scale; 1 keeps the numbers in range.
        let eigen = Eigen::of(&Gram::from_products(size, |i, j| seen.gram.get(i, j) / largest));
        let cutoff = eigen.cutoff();
        let kept: Vec<f64> = eigen.values.iter().copied().filter(|value| *value > cutoff).collect();
        let scale = match self.mode {
            Mode::Min => kept.first().copied(),
            Mode::Median => kept.get(kept.len().saturating_sub(1) / 2).copied(),
            Mode::Rmse => Some(kept.iter().sum::<f64>() / kept.len() as f64),
        };
        let scale = scale.unwrap_or_default();
        finite(eigen.apply(seen.factors, |value| (scale / value).sqrt()))
    }
}
