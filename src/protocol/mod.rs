//! The contract between a trainer and everything that looks at it or steers it.
//!
//! Owns the [`Event`]s a trainer emits, the [`Request`]s it takes, the [`Command`]s inside them and their text form.
//! It must not know how either side works: no files, no channels, no clock, no terminal.

mod command;
mod event;
mod measured;
mod pair;
mod part;
mod real;
mod request;
mod started;
mod step_part;
mod text;
mod told;

pub use command::{COMMAND_NAMES, Command};
pub use event::Event;
pub use measured::{Balance, Eval, Gradient, GradientView, PartNorm, Sample, Scalars, Step, System};
pub use pair::{pair_index, pairs};
pub use part::Part;
pub use real::Real;
pub use request::{RejectedLine, Request};
pub use started::{Better, MetricInfo, ParameterCounts, Rows, RunStarted, SourceInfo, TaskInfo};
pub use step_part::StepPart;
pub use text::{CommandTextError, parse_command};
pub use told::{Alert, Applied, Checkpoint, End, EndReason, Heartbeat, Rejected, Rewind, RewindReason};
