//! Studies: the same experiment with many methods and seeds, each task alone, and what came out of it.
//!
//! Owns Δm, means and spreads over seeds, the grammar of a method, single-task configurations, the files of a study and
//! which of its runs are still to be made. It must not start a process, read data, or know Burn.

pub mod alone;
pub mod baseline;
pub mod delta;
mod directory;
mod error;
mod method_spec;
mod record;
mod sweep;

pub use baseline::Baseline;
pub use delta::{ABSOLUTE, CONVENTION, Change, Spread, convention};
pub use directory::{Cell, CellState, Plan, StudyDirectory, row_name};
pub use error::StudyError;
pub use method_spec::{MethodSpec, SpecError, default_methods};
pub use record::Figures;
pub use sweep::{SweepColumn, SweepResult, SweepRow};
