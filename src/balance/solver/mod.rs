//! The small solvers behind the aggregations: dense, in `f64`, for a handful of tasks.
//!
//! They work on the cosines of the rows wherever the answer allows it, so that norms that differ by orders of magnitude
//! cost no digits. They must not know any one method.

mod cone;
mod directions;
mod eigen;
mod fair;
mod min_norm;
mod nonnegative;

pub use cone::{DualCone, Geometry};
pub use directions::Directions;
pub use eigen::Eigen;
pub use fair::fair;
pub use min_norm::{STATIONARY, min_norm, stationarity};
pub use nonnegative::NonNegative;

/// Σ a_i b_i in four sums side by side, which a processor adds at once.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (first, second) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = first.remainder().iter().zip(&b[b.len().min(a.len()) / 4 * 4..]).map(|(a, b)| a * b).sum();
    for (a, b) in first.zip(second) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
