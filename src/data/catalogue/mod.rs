//! The data sets that can be fetched on request: where each comes from, how it is derived, what it must look like.
//!
//! Owns that list and the making of a set from its source. It must not know the command line or a network.
