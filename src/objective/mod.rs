//! What is minimised and what is reported.
//!
//! Owns losses (Burn, feature `train`) and metrics (plain numbers on the host). It knows no network and no trainer.

pub mod ctc;
#[cfg(feature = "train")]
mod ctc_loss;
#[cfg(feature = "train")]
mod loss;
pub mod metrics;
#[cfg(feature = "train")]
mod next_token;

#[cfg(feature = "train")]
pub use ctc_loss::ctc_loss;
#[cfg(feature = "train")]
pub use loss::{Loss, LossValue};
#[cfg(feature = "train")]
pub use next_token::{END, next_token, wanted};
