//! What is minimised and what is reported.
//!
//! Owns losses (Burn, feature `train`) and metrics (plain numbers on the host). It knows no network and no trainer.

pub mod ctc;
#[cfg(feature = "train")]
mod loss;
pub mod metrics;

#[cfg(feature = "train")]
pub use loss::{Loss, LossValue};
