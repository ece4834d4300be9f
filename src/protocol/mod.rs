//! The contract between a trainer and everything that looks at it or steers it.
//!
//! Owns the [`Event`]s a trainer emits, the [`Request`]s it takes, the [`Command`]s inside them and their text form.
//! It must not know how either side works: no files, no channels, no clock, no terminal.

mod command;
mod event;
mod real;
mod request;
mod text;

pub use command::{COMMAND_NAMES, Command};
pub use event::{
    Alert, Applied, Balance, Better, Checkpoint, End, EndReason, Eval, Event, Gradient, GradientView, Heartbeat,
    MetricInfo, ParameterCounts, Rejected, Rewind, RewindReason, Rows, RunStarted, Sample, Scalars, SourceInfo, Step,
    System, TaskInfo, pair_index, pairs,
};
pub use real::Real;
pub use request::{RejectedLine, Request};
pub use text::{CommandTextError, parse_command};
