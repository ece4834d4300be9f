//! From files to batches on the host.
//!
//! Owns sources, splits, preprocessing and draws. Batches leave as plain vectors: nothing here knows Burn, and no row
//! of the test part reaches a training batch or a scaling.

mod batch;

pub use batch::{Batch, Inputs, Targets};
