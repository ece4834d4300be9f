//! Texts: tokens of words or characters, and the vocabulary that numbers them.
//!
//! Owns the cutting of texts and the numbers of tokens. It must not know tables, tasks or batches.

mod encoding;
mod letters;
mod spacing;
mod tokens;
mod vocabulary;

pub use encoding::TextEncoding;
pub use letters::Letters;
pub use tokens::{Unit, normalised, tokens};
pub use vocabulary::Vocabulary;
