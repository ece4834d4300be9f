//! The log mode: a run as readable lines, its result as a table, and tables of several runs.
//!
//! Owns the words and the pace of lines. Everything comes from events; it reads no clock and knows no trainer, and no
//! line moves a cursor or carries colour.

mod comparison;
mod lines;
mod number;
mod result;
mod sweep;

pub use comparison::{comparison_csv, comparison_json, comparison_table};
pub use lines::Log;
pub use number::{duration, short};
pub use result::{ResultTable, evaluation_table};
pub use sweep::{baseline_table, sweep_csv, sweep_json, sweep_table};
