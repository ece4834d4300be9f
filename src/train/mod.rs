//! The trainer: everything that needs Burn and changes parameters.
//!
//! Owns the training step, the optimizer, evaluation, checkpoints, beginning with another run's values, and the trainer thread. It must not know a screen:
//! it emits events and takes requests.

mod alignment;
mod answers;
mod balancing;
mod begin;
mod build;
mod checkpoint;
mod device;
mod evaluate;
mod evidence;
mod gradients;
mod inbox;
mod job;
mod look;
mod measure;
mod methods;
mod optimizer;
mod pacing;
mod probe;
mod process;
mod record;
mod restore;
mod samples;
mod save;
mod schedule;
mod score;
mod step;
mod thread;
mod timing;
mod trained;
mod trainer;
mod transfer;

pub use alignment::impossible_alignments;
pub use answers::{Answers, Label};
pub use build::{BuildError, network};
pub use checkpoint::{
    CHECKPOINT_VERSION, Checkpoint, CheckpointError, MODEL_FILE, Progress, State, read_checkpoint, read_model,
    verify_checkpoint, write_checkpoint, write_model,
};
pub use device::{DEVICES, UnknownDevice, open_device};
pub use evaluate::{Evaluation, evaluate};
pub use evidence::{EvidenceState, Moment};
pub use gradients::Gradients;
pub use inbox::Inbox;
pub use job::{Connections, Fault, Job, Report, Start, TrainError};
pub use measure::{Measurements, NonFinite};
pub use optimizer::{Moments, Optimizer};
pub use record::{ACCEPTS, eval_event, metric_infos};
pub use samples::Shown;
pub use save::PREPROCESSING_FILE;
pub use schedule::learning_rate;
pub use score::{Reference, references};
pub use step::{Learner, Outcome, Plan};
pub use thread::{Ending, TrainerThread, start};
pub use timing::Stopwatch;
pub use trained::TrainedModel;
pub use trainer::train;
pub use transfer::{Misfit, Mismatch, Origin, Transfer};
