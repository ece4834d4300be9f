//! Tables: CSV files whose columns are inputs, targets, parts and groups.

mod feature;
mod sheet;

pub(super) use feature::Declared;
pub use feature::{Encoding, Feature};
pub(super) use sheet::{Sheet, present};
