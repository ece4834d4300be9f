//! The small solvers behind the aggregations: dense, in `f64`, for a handful of tasks.
