//! The data sets that can be fetched on request: where each comes from, how it is derived, what it must look like.
//!
//! Owns that list, the fetching of a source by the registry's own client, and the making of a set from its source.
//! It must not know the command line or a network, and it writes nowhere but into its own temporary folder.

mod derived;
mod dialogue;
mod digit_pairs;
mod entry;
mod error;
mod fetch;
mod masking;
mod sentiment;
mod side;
mod spoken_digits;
mod tool;
mod tree;
mod weather;

pub use derived::{Derived, DerivedFile};
pub use entry::{CATALOGUE, Entry, Origin, find};
pub use error::CatalogueError;
pub use fetch::fetch;
pub use tree::SourceTree;
