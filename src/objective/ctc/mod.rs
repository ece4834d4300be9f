//! Connectionist temporal classification (Graves et al. 2006) on the host: loss, gradient, decoding.
//!
//! Owns plain numbers: logits in, values, gradients and classes out. It must not know Burn or letters. Everywhere
//! logits are `positions × classes`, position by position; class 0 is the blank, the others are letters.

mod decode;
mod lexicon;
mod loss;

pub use decode::greedy;
pub use lexicon::WordList;
pub use loss::{Item, alignable, loss, uniform};

/// The class that stands for no letter.
const BLANK: u32 = 0;
