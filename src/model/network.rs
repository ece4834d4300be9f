//! The built-in network: an input part a source, one hard-shared encoder, a head a task.

use super::decoder::{Choice, Decoder};
use super::head::{Head, HeadConfig};
use super::input::{
    FrameInput, FrameInputConfig, PictureInput, PictureInputConfig, TokenInput, TokenInputConfig, VectorInput,
    VectorInputConfig,
};
use super::mlp::{Mlp, MlpConfig};
use super::sequence::{SequenceConfig, SequenceEncoder, masked_mean};
use super::{MultiTaskModel, Prediction, Representation, TaskSet};
use crate::data::{Inputs, Targets};
use crate::objective::{Loss, LossValue, ctc_loss, next_token};
use burn::prelude::*;
use burn::tensor::TensorData;

/// Shape of a [`Network`].
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkConfig {
    /// An input part a source; `None` where the encoder takes its rows as they are.
    pub inputs: Vec<Option<InputPartConfig>>,
    /// The shared part.
    pub encoder: EncoderShape,
    /// A head a task.
    pub heads: Vec<HeadConfig>,
    /// A loss a task.
    pub losses: Vec<Loss>,
    /// The source of each task.
    pub sources: Vec<usize>,
}

/// Shape of an [`InputPart`].
#[derive(Clone, Debug, PartialEq)]
pub enum InputPartConfig {
    /// Of rows of numbers.
    Vectors(VectorInputConfig),
    /// Of frames of sound.
    Frames(FrameInputConfig),
    /// Of tokens.
    Tokens(TokenInputConfig),
    /// Of pictures.
    Pictures(PictureInputConfig),
}

/// Shape of an [`Encoder`].
#[derive(Clone, Debug, PartialEq)]
pub enum EncoderShape {
    /// Fully connected layers over rows of numbers.
    Mlp(MlpConfig),
    /// Layers over positions.
    Sequence(SequenceConfig),
}

impl EncoderShape {
    /// Width of z.
    pub fn output(&self) -> usize {
        match self {
            Self::Mlp(mlp) => mlp.output(),
            Self::Sequence(sequence) => sequence.width,
        }
    }
}

impl NetworkConfig {
    /// A new network whose values are all drawn now, from `seed`.
    pub fn init(&self, seed: u64, device: &Device) -> Network {
        device.seed(crate::random::derive(seed, 0, "initial values"));
        let part = |part: &InputPartConfig| match part {
            InputPartConfig::Vectors(vectors) => InputPart::Vectors(vectors.init(device)),
            InputPartConfig::Frames(frames) => InputPart::Frames(frames.init(device)),
            InputPartConfig::Tokens(tokens) => InputPart::Tokens(tokens.init(device)),
            InputPartConfig::Pictures(pictures) => InputPart::Pictures(pictures.init(device)),
        };
        Network {
            inputs: self.inputs.iter().map(|config| config.as_ref().map(part)).collect(),
            encoder: match &self.encoder {
                EncoderShape::Mlp(mlp) => Encoder::Mlp(mlp.init(device)),
                EncoderShape::Sequence(sequence) => Encoder::Sequence(sequence.init(device)),
            },
            heads: self.heads.iter().map(|head| head.init(device)).collect(),
            losses: self.losses.clone(),
            sources: self.sources.clone(),
        }
        .materialize()
    }
}

/// What brings one source's rows into the form that the encoder takes.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one a source")]
pub enum InputPart {
    /// Of rows of numbers.
    Vectors(VectorInput),
    /// Of frames of sound.
    Frames(FrameInput),
    /// Of tokens.
    Tokens(TokenInput),
    /// Of pictures.
    Pictures(PictureInput),
}

/// The shared part of a network.
#[derive(Module, Debug)]
pub enum Encoder {
    /// Fully connected layers over rows of numbers.
    Mlp(Mlp),
    /// Layers over positions.
    Sequence(SequenceEncoder),
}

/// Input parts, one encoder, several heads.
#[derive(Module, Debug)]
pub struct Network {
    inputs: Vec<Option<InputPart>>,
    encoder: Encoder,
    heads: Vec<Head>,
    #[module(skip)]
    losses: Vec<Loss>,
    #[module(skip)]
    sources: Vec<usize>,
}

impl Network {
    /// What the encoder is given for a source's rows.
    fn input(&self, source: usize, inputs: &Inputs, device: &Device) -> Representation {
        match (inputs, self.inputs.get(source).and_then(Option::as_ref)) {
            (Inputs::Vectors { values, rows, width }, part) => {
                let input = Tensor::<2>::from_data(TensorData::new(values.clone(), [*rows, *width]), device);
                match part {
                    Some(InputPart::Vectors(part)) => Representation::Rows(part.forward(input)),
                    _ => Representation::Rows(input),
                }
            }
            (Inputs::Frames { values, lengths, positions, width }, Some(InputPart::Frames(part))) => {
                let shape = [lengths.len(), *positions, *width];
                let frames = Tensor::<3>::from_data(TensorData::new(values.clone(), shape), device);
                let (values, lengths) = part.forward(frames, lengths);
                Representation::Positions { values, lengths }
            }
            (Inputs::Tokens { values, lengths, positions }, Some(InputPart::Tokens(part))) => {
                let values: Vec<i32> = values.iter().map(|token| i32::try_from(*token).unwrap_or(0)).collect();
                let data = TensorData::new(values, [lengths.len(), *positions]);
                let values = part.forward(Tensor::<2, Int>::from_data(data, device), lengths);
                Representation::Positions { values, lengths: lengths.clone() }
            }
            (Inputs::Pictures { values, rows, channels, height, width }, Some(InputPart::Pictures(part))) => {
                let data = TensorData::new(values.clone(), [*rows, *channels, *height, *width]);
                part.forward(Tensor::<4>::from_data(data, device))
            }
            // A batch comes from the source that its part was made for; anything else is a bug in this program.
            _ => unreachable!("inputs of another kind than their input part"),
        }
    }

    /// What the head itself says of rows: rows × outputs.
    fn rows(z: &Representation) -> Tensor<2> {
        match z {
            Representation::Rows(values) => values.clone(),
            // A head over rows reads a sequence as its mean over positions.
            Representation::Positions { values, lengths } => masked_mean(values.clone(), lengths),
        }
    }

    /// What a head says where `choice` picks the tokens of those that write; the others say what they always do.
    pub fn predict_with(&self, task: usize, z: &Representation, choice: &mut Choice) -> Prediction {
        match self.heads.get(task) {
            Some(Head::Text(decoder)) => Prediction::Tokens(written(decoder, z, choice)),
            _ => self.predict(task, z),
        }
    }
}

/// A text a row, as tokens.
fn written(decoder: &Decoder, z: &Representation, choice: &mut Choice) -> Vec<Vec<u32>> {
    let (values, lengths) = Decoder::positions(z);
    decoder.generate(values, &lengths, choice)
}

impl MultiTaskModel for Network {
    fn encode(&self, source: usize, inputs: &Inputs, device: &Device) -> Vec<Option<Representation>> {
        let z = match (&self.encoder, self.input(source, inputs, device)) {
            (Encoder::Mlp(encoder), input) => Representation::Rows(encoder.forward(Self::rows(&input))),
            (Encoder::Sequence(encoder), input) => {
                let (values, lengths) = Decoder::positions(&input);
                Representation::Positions { values: encoder.forward(values, &lengths), lengths }
            }
        };
        self.sources.iter().map(|of| (*of == source).then(|| z.clone())).collect()
    }

    fn predict(&self, task: usize, z: &Representation) -> Prediction {
        match &self.heads[task] {
            Head::Rows(head) => Prediction::Rows(self.losses[task].predictions(head.forward(Self::rows(z)))),
            Head::Letters(head) => {
                let (values, lengths) = Decoder::positions(z);
                Prediction::Letters { logits: head.positions(values), lengths }
            }
            Head::Text(decoder) => Prediction::Tokens(written(decoder, z, &mut Choice::Greedy)),
        }
    }

    fn loss(&self, task: usize, z: &Representation, targets: &Targets) -> Option<LossValue> {
        match (&self.heads[task], targets) {
            (Head::Rows(head), targets) => self.losses[task].value(head.forward(Self::rows(z)), targets),
            (Head::Letters(head), Targets::Sequences(targets)) => {
                let (values, lengths) = Decoder::positions(z);
                ctc_loss(head.positions(values), &lengths, targets)
            }
            (Head::Text(decoder), Targets::Sequences(targets)) => {
                let (values, lengths) = Decoder::positions(z);
                let given: Vec<Vec<u32>> = targets.iter().map(|target| target.clone().unwrap_or_default()).collect();
                let logits = decoder.forward(values, &lengths, &given);
                let labelled = targets.iter().flatten().count();
                let (value, tokens) = next_token(logits, targets, decoder.longest())?;
                Some(LossValue { value, labelled, weight: tokens as f64 })
            }
            _ => None,
        }
    }

    fn reach(&self, path: &str) -> TaskSet {
        let mut names = path.split('.');
        let (part, place) = (names.next(), names.next().and_then(|place| place.parse::<usize>().ok()));
        match (part, place) {
            (Some("heads"), Some(task)) => std::iter::once(task).collect(),
            (Some("inputs"), Some(source)) => {
                (0..self.sources.len()).filter(|task| self.sources[*task] == source).collect()
            }
            _ => (0..self.heads.len()).collect(),
        }
    }
}
