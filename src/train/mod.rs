//! The trainer: everything that needs Burn and changes parameters.
//!
//! Owns the training step, the optimizer, evaluation, checkpoints and the trainer thread. It must not know a screen:
//! it emits events and takes requests.

mod checkpoint;
mod device;
mod gradients;
mod optimizer;
mod schedule;
mod step;

pub use checkpoint::{
    CHECKPOINT_VERSION, Checkpoint, CheckpointError, MODEL_FILE, MethodState, Progress, State, read_checkpoint,
    read_model, write_checkpoint, write_model,
};
pub use device::{DEVICES, UnknownDevice, open_device};
pub use gradients::Gradients;
pub use optimizer::{Moments, Optimizer};
pub use schedule::learning_rate;
pub use step::{Learner, Measurements, NonFinite, Outcome, Plan};
