//! What a person asks for: the typed, resolved configuration of a run.
//!
//! Owns the types, the schema with its defaults, the layers (defaults < file < `--set`) and the checks with file,
//! line and column. It must not read data and it must not know Burn.

mod types;

pub use types::{
    Activation, BalanceConfig, ClassWeights, Config, DataPath, EncoderConfig, EncoderKind, LossKind, MetricKind,
    OptimizerConfig, OptimizerKind, ScheduleConfig, ScheduleKind, SourceConfig, SourceKind, Split, TaskConfig,
    TrainConfig, Transform,
};
