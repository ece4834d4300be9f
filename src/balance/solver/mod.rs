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
