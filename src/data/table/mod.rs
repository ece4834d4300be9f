//! Tables: CSV files whose columns are inputs, targets, parts and groups.

mod feature;
mod records;
mod sheet;

pub(super) use feature::Declared;
pub use feature::{Encoding, Feature};
pub(crate) use records::hexadecimal;
pub(super) use records::{Records, Row, find_column, separator_hint};
pub(super) use sheet::{Sheet, present};
