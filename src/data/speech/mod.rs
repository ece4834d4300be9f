//! Recordings: PCM files to samples of one rate, samples to log-mel frames.
//!
//! Owns what is read from a sound file and what of it a network hears. It must not know tables, tasks or batches.
