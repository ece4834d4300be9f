//! From a configuration and its data to a network.

use crate::config::{Config, EncoderKind, LossKind, TaskConfig};
use crate::data::{InputShape, Preprocessing, Source, TargetColumn};
use crate::model::input::{FrameInputConfig, PictureEnd, PictureInputConfig, TokenInputConfig, VectorInputConfig};
use crate::model::sequence::{SequenceConfig, SequenceKind};
use crate::model::{DecoderConfig, EncoderShape, HeadConfig, InputPartConfig, MlpConfig, NetworkConfig, ReadoutConfig};
use crate::objective::Loss;
use thiserror::Error;

/// A configuration that its data cannot serve.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BuildError {
    /// A task's source is not there.
    #[error("task '{task}': no source '{name}'")]
    Source {
        /// The task.
        task: String,
        /// The source it names.
        name: String,
    },
    /// A task's class weights do not fit its labels.
    #[error("task '{task}': {given} class weights for {labels} labels")]
    ClassWeights {
        /// The task.
        task: String,
        /// Weights given.
        given: usize,
        /// Labels found.
        labels: usize,
    },
    /// A part of the network cannot have this shape.
    #[error("{part}: {message}")]
    Shape {
        /// Which part.
        part: String,
        /// What is wrong and what was expected.
        message: String,
    },
}

/// The network that serves these tasks on these sources.
///
/// # Errors
/// [`BuildError`].
pub fn network(config: &Config, sources: &[Source]) -> Result<NetworkConfig, BuildError> {
    let sources: Vec<&Preprocessing> = sources.iter().map(Source::preprocessing).collect();
    network_for(config, &sources)
}

/// The same from what was learned of the sources alone, in the order of the configuration: no row is needed.
///
/// # Errors
/// [`BuildError`].
pub fn network_for(config: &Config, sources: &[&Preprocessing]) -> Result<NetworkConfig, BuildError> {
    let inputs = inputs(config, sources)?;
    let encoder = encoder(config, sources)?;
    let mut network = NetworkConfig { inputs, encoder, heads: Vec::new(), losses: Vec::new(), sources: Vec::new() };
    for (place, task) in config.tasks.iter().enumerate() {
        let missing = || BuildError::Source { task: task.name.clone(), name: task.source.clone() };
        let source = sources.iter().position(|source| source.source == task.source).ok_or_else(missing)?;
        let target = sources[source].target(place).ok_or_else(missing)?;
        let loss = loss(task, target)?;
        network.heads.push(head(&network.encoder, config, task, target, &loss)?);
        network.losses.push(loss);
        network.sources.push(source);
    }
    Ok(network)
}

/// An input part a source. Tables of one width need none before layers over rows.
fn inputs(config: &Config, sources: &[&Preprocessing]) -> Result<Vec<Option<InputPartConfig>>, BuildError> {
    let encoder = &config.encoder;
    let plain = takes_rows_as_they_are(config, sources);
    let part = |source: &&Preprocessing| {
        let fault = |message: String| {
            let part = format!("the input part of source '{}'", source.source);
            BuildError::Shape { part, message }
        };
        let options = config.sources.iter().find(|options| options.name == source.source);
        let input_dropout = options.map_or(0.0, |options| options.input_dropout);
        let (width, activation, dropout) = (encoder.width, encoder.activation, encoder.dropout);
        Ok(Some(match source.input.shape() {
            InputShape::Vectors { .. } if plain => return Ok(None),
            InputShape::Vectors { width: input } => {
                InputPartConfig::Vectors(VectorInputConfig { input, width, activation })
            }
            InputShape::Frames { width: bands } => {
                InputPartConfig::Frames(FrameInputConfig { bands, width, activation, dropout: input_dropout })
            }
            InputShape::Tokens { vocabulary } => {
                InputPartConfig::Tokens(TokenInputConfig { vocabulary, width, dropout, word_dropout: input_dropout })
            }
            InputShape::Pictures { channels: colours, height, width } => {
                let channels = options.map_or_else(Vec::new, |options| options.channels.clone());
                let end = if encoder.kind.is_of_sequences() { PictureEnd::Positions } else { PictureEnd::Rows };
                let output = encoder.width;
                let part = PictureInputConfig { colours, height, width, channels, activation, dropout, end, output };
                InputPartConfig::Pictures(part.checked().map_err(fault)?)
            }
        }))
    };
    sources.iter().map(part).collect()
}

/// Whether every source gives rows of one width, which fully connected layers take without an input part.
fn takes_rows_as_they_are(config: &Config, sources: &[&Preprocessing]) -> bool {
    let shapes: Vec<InputShape> = sources.iter().map(|source| source.input.shape()).collect();
    !config.encoder.kind.is_of_sequences()
        && matches!(shapes.first(), Some(InputShape::Vectors { .. }))
        && shapes.windows(2).all(|pair| pair[0] == pair[1])
}

fn encoder(config: &Config, sources: &[&Preprocessing]) -> Result<EncoderShape, BuildError> {
    let encoder = &config.encoder;
    let (activation, dropout) = (encoder.activation, encoder.dropout);
    let kind = match encoder.kind {
        EncoderKind::Conv => SequenceKind::Conv,
        EncoderKind::Recurrent => SequenceKind::Recurrent,
        EncoderKind::Attention => SequenceKind::Attention,
        EncoderKind::Mlp => {
            let input = match sources.first().map(|source| source.input.shape()) {
                Some(InputShape::Vectors { width }) if takes_rows_as_they_are(config, sources) => width,
                _ => encoder.width,
            };
            let (hidden, layer_norm) = (encoder.hidden.clone(), encoder.layer_norm);
            return Ok(EncoderShape::Mlp(MlpConfig { input, hidden, activation, dropout, layer_norm }));
        }
    };
    let (width, layers, heads) = (encoder.width, encoder.layers, encoder.heads);
    let sequence = SequenceConfig { kind, width, layers, heads, dropout, activation };
    let checked = sequence.checked();
    checked.map(EncoderShape::Sequence).map_err(|message| BuildError::Shape { part: "the encoder".to_owned(), message })
}

fn head(
    encoder: &EncoderShape,
    config: &Config,
    task: &TaskConfig,
    target: &TargetColumn,
    loss: &Loss,
) -> Result<HeadConfig, BuildError> {
    let (width, dropout) = (encoder.output(), config.encoder.dropout);
    let readout = |outputs| ReadoutConfig {
        body: MlpConfig {
            input: width,
            hidden: task.hidden.clone(),
            activation: config.encoder.activation,
            dropout,
            layer_norm: config.encoder.layer_norm,
        },
        outputs,
        log_probabilities: loss.wants_log_probabilities(),
    };
    Ok(match target {
        TargetColumn::Number(_) | TargetColumn::Classes(_) => HeadConfig::Rows(readout(outputs(task.loss, target))),
        TargetColumn::Transcript(transcript) => HeadConfig::Letters(readout(transcript.letters.classes())),
        TargetColumn::Text(text) => {
            let hidden = task.hidden.first().copied().unwrap_or(width);
            let (vocabulary, longest) = (text.vocabulary.len(), text.longest);
            let decoder = DecoderConfig { width, hidden, vocabulary, dropout, longest }.checked();
            let part = || format!("the head of task '{}'", task.name);
            HeadConfig::Text(decoder.map_err(|message| BuildError::Shape { part: part(), message })?)
        }
    })
}

fn outputs(loss: LossKind, target: &TargetColumn) -> usize {
    match (loss, target) {
        // The mean and the logarithm of the variance.
        (LossKind::GaussianNll, _) => 2,
        (LossKind::Bce, _) | (_, TargetColumn::Number(_)) => 1,
        _ => target.labels().len(),
    }
}

fn loss(task: &TaskConfig, target: &TargetColumn) -> Result<Loss, BuildError> {
    let class_weights = class_weights(task, target)?;
    Ok(match task.loss {
        LossKind::Mse => Loss::Mse,
        LossKind::L1 => Loss::L1,
        LossKind::Huber => Loss::Huber { delta: task.delta },
        LossKind::CrossEntropy => Loss::CrossEntropy { smoothing: task.label_smoothing, class_weights },
        // One logit knows only the ratio of the two weights.
        LossKind::Bce => {
            let positive_weight = class_weights.map_or(1.0, |weights| weights[1] / weights[0]);
            Loss::Bce { positive_weight }
        }
        LossKind::Nll => Loss::Nll { class_weights },
        LossKind::GaussianNll => Loss::GaussianNll,
        LossKind::PoissonNll => Loss::PoissonNll,
        LossKind::Ctc => Loss::Ctc,
        LossKind::NextToken => Loss::NextToken,
    })
}

fn class_weights(task: &TaskConfig, target: &TargetColumn) -> Result<Option<Vec<f64>>, BuildError> {
    let TargetColumn::Classes(classes) = target else { return Ok(None) };
    let labels = classes.labels.len();
    match classes.weights(&task.class_weights) {
        Some(weights) if weights.len() != labels => {
            Err(BuildError::ClassWeights { task: task.name.clone(), given: weights.len(), labels })
        }
        weights => Ok(weights),
    }
}
