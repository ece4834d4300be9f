//! A decoder that writes a response token by token.
//!
//! A gated recurrent unit over embeddings of the tokens so far; each of its states looks at the encoder's positions by
//! scaled dot products (Luong et al. 2015), and both together say the next token. It must not know words.

use super::Representation;
use super::sequence::{Gru, GruConfig, attend, mask, masked_mean, score_bias};
use crate::objective::{END, wanted};
use burn::nn;
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::tanh;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;

/// The token for words outside the vocabulary; it is read, never written.
const UNKNOWN: u32 = super::input::UNKNOWN;

/// Shape of a [`Decoder`].
#[derive(Clone, Debug, PartialEq)]
pub struct DecoderConfig {
    /// Width of z.
    pub width: usize,
    /// Width of embeddings and state.
    pub hidden: usize,
    /// Number of tokens: 0 is unknown, 1 the end, words from 2 on.
    pub vocabulary: usize,
    /// Share of activations dropped in training, of embeddings and before the output.
    pub dropout: f64,
    /// Tokens of a response at most; longer ones are cut.
    pub longest: usize,
}

impl DecoderConfig {
    /// Itself, if a decoder of this shape can be made.
    ///
    /// # Errors
    /// What is wrong and what was expected.
    pub fn checked(self) -> Result<Self, String> {
        let Self { width, hidden, vocabulary, dropout, longest } = self;
        if width == 0 || hidden == 0 || longest == 0 {
            return Err(format!("width, hidden and longest must be at least 1, got {width}, {hidden} and {longest}"));
        }
        if vocabulary <= END as usize {
            return Err(format!("vocabulary must hold the unknown token and the end, 2 at least; got {vocabulary}"));
        }
        if !(0.0..1.0).contains(&dropout) {
            return Err(format!("dropout must be at least 0 and below 1, got {dropout}"));
        }
        Ok(self)
    }

    /// A new decoder of a shape that [`checked`](Self::checked) let pass; values are drawn when it is materialized.
    pub fn init(&self, device: &Device) -> Decoder {
        let Self { width, hidden, .. } = *self;
        Decoder {
            start: nn::LinearConfig::new(width, hidden).init(device),
            embedding: nn::EmbeddingConfig::new(self.vocabulary, hidden)
                .with_initializer(nn::Initializer::Normal { mean: 0.0, std: 0.3 })
                .init(device),
            unit: GruConfig { input: hidden, hidden }.init(device),
            key: nn::LinearConfig::new(width, hidden).init(device),
            joined: nn::LinearConfig::new(hidden + width, hidden).init(device),
            output: nn::LinearConfig::new(hidden, self.vocabulary).init(device),
            dropout: nn::DropoutConfig::new(self.dropout).init(),
            longest: self.longest,
        }
    }
}

/// How generation picks a token.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one a generation")]
pub enum Choice {
    /// The likeliest.
    Greedy,
    /// One drawn from softmax(logits / temperature); a temperature of 0 is greedy.
    Sampled {
        /// Below 1 keeps to likely tokens, above 1 strays from them.
        temperature: f64,
        /// Where the draws come from.
        generator: ChaCha8Rng,
    },
}

/// From z to a response.
#[derive(Module, Debug)]
pub struct Decoder {
    start: nn::Linear,
    embedding: nn::Embedding,
    unit: Gru,
    key: nn::Linear,
    joined: nn::Linear,
    output: nn::Linear,
    dropout: nn::Dropout,
    longest: usize,
}

/// What a decoder looks at while it writes.
struct Seen {
    /// Rows × positions × hidden.
    keys: Tensor<3>,
    /// Rows × positions × width.
    values: Tensor<3>,
    /// Rows × 1 × positions.
    bias: Tensor<3>,
}

impl Decoder {
    /// z as positions with their lengths: a row without positions is one position.
    pub fn positions(z: &Representation) -> (Tensor<3>, Vec<usize>) {
        match z {
            Representation::Rows(values) => (values.clone().unsqueeze_dim(1), vec![1; values.dims()[0]]),
            Representation::Positions { values, lengths } => (values.clone(), lengths.clone()),
        }
    }

    /// Tokens of a response at most.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Logits rows × steps × vocabulary for what follows each token of `targets`, one target a row, when the right
    /// tokens came before (teacher forcing). Step s of a row is about the s-th token of
    /// [`wanted`](crate::objective::wanted); steps after its end mean nothing.
    ///
    /// `values` are rows × positions × width, of which row r has `lengths[r]` real positions.
    pub fn forward(&self, values: Tensor<3>, lengths: &[usize], targets: &[Vec<u32>]) -> Tensor<3> {
        let ([rows, _, _], device) = (values.dims(), values.device());
        let [vocabulary, _] = self.embedding.weight.val().dims();
        let steps = targets.iter().map(|target| target.len().min(self.longest)).max().unwrap_or(0) + 1;
        let mut given = vec![END as i32; steps * rows];
        for (row, target) in targets.iter().enumerate().take(rows) {
            // A step is given what was wanted at the one before; the first is given the end.
            for (step, token) in wanted(target, self.longest).enumerate().take(steps - 1) {
                let known = if (token as usize) < vocabulary { token } else { UNKNOWN };
                given[(step + 1) * rows + row] = known as i32;
            }
        }
        let given = Tensor::<2, Int>::from_data(TensorData::new(given, [steps, rows]), &device);
        let input = self.dropout.forward(self.embedding.forward(given));
        let (state, seen) = self.start(values, lengths);
        let states = self.unit.states(input, state).swap_dims(0, 1);
        self.logits(states, &seen)
    }

    /// A response for each row, without the end. A network in training would leave a graph behind: generate with
    /// [`Module::valid`] and plain `values`.
    pub fn generate(&self, values: Tensor<3>, lengths: &[usize], choice: &mut Choice) -> Vec<Vec<u32>> {
        let ([rows, _, _], device) = (values.dims(), values.device());
        let (mut state, seen) = self.start(values, lengths);
        let mut responses = vec![Vec::new(); rows];
        let mut ended = vec![false; rows];
        let mut given = vec![END; rows];
        for _ in 0..self.longest {
            let tokens: Vec<i32> = given.iter().map(|token| *token as i32).collect();
            let tokens = Tensor::<2, Int>::from_data(TensorData::new(tokens, [1, rows]), &device);
            let states = self.unit.states(self.embedding.forward(tokens), state);
            state = states.clone().squeeze_dim(0);
            let logits = self.logits(states.swap_dims(0, 1), &seen);
            let [_, _, vocabulary] = logits.dims();
            let logits = logits.into_data().try_into_vec::<f32>().unwrap_or_default();
            for (row, logits) in logits.chunks_exact(vocabulary).enumerate() {
                if ended[row] {
                    continue;
                }
                given[row] = choice.token(logits);
                if given[row] == END { ended[row] = true } else { responses[row].push(given[row]) }
            }
            if ended.iter().all(|ended| *ended) {
                break;
            }
        }
        responses
    }

    /// The first state, and what all states look at.
    fn start(&self, values: Tensor<3>, lengths: &[usize]) -> (Tensor<2>, Seen) {
        let ([_, positions, _], device) = (values.dims(), values.device());
        // A row without real positions attends to all of its padding, which must then be zeros.
        let values = values * mask(lengths, positions, &device);
        let state = tanh(self.start.forward(masked_mean(values.clone(), lengths)));
        let bias = score_bias(lengths, positions, &device);
        let depth = self.key.weight.val().dims()[1];
        let keys = self.key.forward(values.clone()) * (1.0 / (depth as f64).sqrt());
        (state, Seen { keys, values, bias })
    }

    /// Rows × steps × hidden to rows × steps × vocabulary, all steps at once.
    fn logits(&self, states: Tensor<3>, seen: &Seen) -> Tensor<3> {
        let context = attend(states.clone(), seen.keys.clone(), seen.values.clone(), seen.bias.clone());
        let joined = tanh(self.joined.forward(Tensor::cat(vec![states, context], 2)));
        self.output.forward(self.dropout.forward(joined))
    }
}

impl Choice {
    /// The next token, never the unknown one; the end where no other logit is a number.
    fn token(&mut self, logits: &[f32]) -> u32 {
        let allowed = || {
            let known = logits.iter().enumerate().filter(|(token, _)| *token != UNKNOWN as usize);
            known.filter(|(_, logit)| !logit.is_nan()).map(|(token, logit)| (token as u32, f64::from(*logit)))
        };
        let Some((likeliest, highest)) = allowed().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else {
            return END;
        };
        let Self::Sampled { temperature, generator } = self else { return likeliest };
        if *temperature <= 0.0 || !highest.is_finite() {
            return likeliest;
        }
        let weight = |logit: f64| ((logit - highest) / *temperature).exp();
        let total: f64 = allowed().map(|(_, logit)| weight(logit)).sum();
        // 53 random bits as a number in [0, 1).
        let mut left = (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * total;
        for (token, logit) in allowed() {
            left -= weight(logit);
            if left < 0.0 {
                return token;
            }
        }
        likeliest
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
