//! Connectionist temporal classification (Graves et al. 2006) on the host: loss, gradient, decoding.
//!
//! Owns plain numbers: log-probabilities in, values and gradients out. It must not know Burn or letters.
