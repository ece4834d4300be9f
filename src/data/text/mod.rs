//! Texts: tokens of words or characters, and the vocabulary that numbers them.
//!
//! Owns the cutting of texts and the numbers of tokens. It must not know tables, tasks or batches.
