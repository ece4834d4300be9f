//! Recordings: PCM files to samples of one rate, samples to log-mel frames.
//!
//! Owns what is read from a sound file and what of it a network hears. It must not know tables, tasks or batches.

mod encoding;
mod log_mel;
mod resample;
mod sound;
mod wav;

pub use encoding::SpeechEncoding;
pub use log_mel::{FLOOR, LogMel};
pub use sound::{HIGHEST_RATE, LONGEST_SECONDS, LOWEST_RATE, Sound};
