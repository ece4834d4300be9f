//! Input parts: from what a kind of source gives to what the shared encoder takes.
//!
//! Owns one part a kind of data. It must not know tasks or losses.
