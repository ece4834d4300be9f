//! Input parts: from what a kind of source gives to what the shared encoder takes.
//!
//! Owns one part a kind of data. It must not know tasks or losses.

mod frames;
mod picture;
#[cfg(test)]
mod tests;
mod tokens;
mod vector;

pub use frames::{FrameInput, FrameInputConfig};
pub use picture::{PictureEnd, PictureInput, PictureInputConfig};
pub use tokens::{TokenInput, TokenInputConfig, UNKNOWN};
pub use vector::{VectorInput, VectorInputConfig};
