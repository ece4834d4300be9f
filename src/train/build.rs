//! From a configuration and its data to a network.

use crate::config::{Activation, Config, LossKind, TaskConfig};
use crate::data::{Preprocessing, Source, TargetColumn};
use crate::model::{HeadConfig, MlpConfig, NetworkConfig};
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
    /// Sources of different width cannot share one encoder of rows.
    #[error("the sources have different numbers of input values ({widths}), which one encoder cannot share")]
    Widths {
        /// The widths.
        widths: String,
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
    let widths: Vec<usize> = sources.iter().map(|source| source.width()).collect();
    let Some(input) = widths.first().copied().filter(|first| widths.iter().all(|width| width == first)) else {
        let widths = widths.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(BuildError::Widths { widths });
    };
    let encoder = MlpConfig {
        input,
        hidden: config.encoder.hidden.clone(),
        activation: config.encoder.activation,
        dropout: config.encoder.dropout,
        layer_norm: config.encoder.layer_norm,
    };
    let mut network = NetworkConfig { encoder, heads: Vec::new(), losses: Vec::new(), sources: Vec::new() };
    for (place, task) in config.tasks.iter().enumerate() {
        let missing = || BuildError::Source { task: task.name.clone(), name: task.source.clone() };
        let source = sources.iter().position(|source| source.source == task.source).ok_or_else(missing)?;
        let target = sources[source].target(place).ok_or_else(missing)?;
        let loss = loss(task, target)?;
        network.heads.push(HeadConfig {
            body: head_body(&network.encoder, task, config.encoder.activation),
            outputs: outputs(task.loss, target),
            log_probabilities: loss.wants_log_probabilities(),
        });
        network.losses.push(loss);
        network.sources.push(source);
    }
    Ok(network)
}

fn head_body(encoder: &MlpConfig, task: &TaskConfig, activation: Activation) -> MlpConfig {
    MlpConfig {
        input: encoder.output(),
        hidden: task.hidden.clone(),
        activation,
        dropout: encoder.dropout,
        layer_norm: encoder.layer_norm,
    }
}

fn outputs(loss: LossKind, target: &TargetColumn) -> usize {
    match (loss, target) {
        // The mean and the logarithm of the variance.
        (LossKind::GaussianNll, _) => 2,
        (LossKind::Bce, _) | (_, TargetColumn::Number(_)) => 1,
        (_, TargetColumn::Classes(classes)) => classes.labels.len(),
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
