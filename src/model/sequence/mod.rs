//! Encoders over positions: convolution, recurrence, attention.
//!
//! Owns layers from rows × positions × width to the same shape, with lengths. It must not know sources, tasks or losses.
