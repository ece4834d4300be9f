//! The aggregations, one file a method: factors and the Gram matrix to one coefficient a task.

pub mod sum;
