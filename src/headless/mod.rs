//! The log mode: a run as readable lines, and its result as a table.
//!
//! Owns the words and the pace of lines. Everything comes from events; it reads no clock and knows no trainer, and no
//! line moves a cursor or carries colour.

mod lines;
mod number;
mod result;

pub use lines::Log;
pub use number::{duration, short};
pub use result::{ResultTable, evaluation_table};
