//! What a person asks for: the typed, resolved configuration of a run.
//!
//! Owns the types, the schema with its defaults, the layers (defaults < file < `--set`) and the checks with file,
//! line and column. It must not read data and it must not know Burn.

mod balance;
mod best;
mod check;
mod errors;
mod load;
mod names;
mod places;
mod reader;
mod resolve;
pub mod schema;
mod set;
mod source;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;
mod types;
mod write;

pub use balance::circumstances;
pub use errors::{ConfigError, ConfigErrors, Place};
pub use load::{builtin_names, builtin_text, load_builtin, load_file, load_named, load_text};
pub use places::{BUILTIN_DATA, FETCHABLE_DATA, Places};
pub use syntax::{position, syntax_errors};
pub use types::{
    Activation, BalanceConfig, BestBy, ClassWeights, Config, DataPath, EncoderConfig, EncoderKind, LossKind,
    MetricKind, OptimizerConfig, OptimizerKind, Sampling, ScheduleConfig, ScheduleKind, SourceConfig, SourceKind,
    SpeechConfig, Split, TaskConfig, TasksPerStep, TextConfig, TrainConfig, Transform, Unit,
};
