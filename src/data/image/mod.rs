//! Pictures: IDX files and PNG files to rows of grey or colour values.
//!
//! Owns what is read from picture files. It must not know tables, tasks or batches.

mod encoding;
mod idx;
mod listing;
mod picture;
mod png_file;

pub use encoding::ImageEncoding;
pub use idx::Idx;
pub use listing::{IdxPart, Listing, PngRow, folder};
pub use picture::Picture;
