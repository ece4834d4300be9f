//! Tokens of a text.

use crate::model::sequence::mask;
use burn::nn;
use burn::prelude::*;

/// The token that stands for every word outside the vocabulary.
pub const UNKNOWN: u32 = 0;

/// Standard deviation of new embeddings: small beside the sinusoids of attention, large enough to learn from at once.
const SPREAD: f64 = 0.3;

/// Shape of a [`TokenInput`].
#[derive(Clone, Debug, PartialEq)]
pub struct TokenInputConfig {
    /// Number of tokens, the unknown one among them.
    pub vocabulary: usize,
    /// Width of the output.
    pub width: usize,
    /// Share of activations dropped in training.
    pub dropout: f64,
    /// Share of tokens replaced by [`UNKNOWN`] in training.
    pub word_dropout: f64,
}

impl TokenInputConfig {
    /// A new part; values are drawn when it is materialized.
    pub fn init(&self, device: &Device) -> TokenInput {
        TokenInput {
            embedding: nn::EmbeddingConfig::new(self.vocabulary, self.width)
                .with_initializer(nn::Initializer::Normal { mean: 0.0, std: SPREAD })
                .init(device),
            dropout: nn::DropoutConfig::new(self.dropout).init(),
            word_dropout: nn::DropoutConfig::new(self.word_dropout).init(),
        }
    }
}

/// A vector for every token.
#[derive(Module, Debug)]
pub struct TokenInput {
    embedding: nn::Embedding,
    dropout: nn::Dropout,
    word_dropout: nn::Dropout,
}

impl TokenInput {
    /// Rows × positions of token numbers to rows × positions × width, zeros at padding. A number outside the vocabulary
    /// counts as [`UNKNOWN`].
    pub fn forward(&self, tokens: Tensor<2, Int>, lengths: &[usize]) -> Tensor<3> {
        let [rows, positions] = tokens.dims();
        let weight = self.embedding.weight.val();
        let ([vocabulary, _], device) = (weight.dims(), weight.device());
        let outside = tokens.clone().greater_equal_elem(vocabulary as i64).bool_or(tokens.clone().lower_elem(0));
        let mut tokens = tokens.mask_fill(outside, UNKNOWN);
        if self.word_dropout.prob > 0.0 {
            // Burn's dropout decides whether this is training; what it zeroes is replaced.
            let kept = self.word_dropout.forward(Tensor::<2>::ones([rows, positions], &device));
            tokens = tokens.mask_fill(kept.equal_elem(0.0), UNKNOWN);
        }
        self.dropout.forward(self.embedding.forward(tokens)) * mask(lengths, positions, &device)
    }
}
