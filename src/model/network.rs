//! The built-in network: one hard-shared encoder and a head a task.

use super::head::{Head, HeadConfig};
use super::mlp::{Mlp, MlpConfig};
use super::{MultiTaskModel, Representation, TaskOutput, TaskSet};
use crate::data::{Inputs, Targets};
use crate::objective::Loss;
use burn::prelude::*;
use burn::tensor::TensorData;

/// Shape of a [`Network`].
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkConfig {
    /// The shared part.
    pub encoder: MlpConfig,
    /// A head a task.
    pub heads: Vec<HeadConfig>,
    /// A loss a task.
    pub losses: Vec<Loss>,
    /// The source of each task.
    pub sources: Vec<usize>,
}

impl NetworkConfig {
    /// A new network whose values are all drawn now, from `seed`.
    pub fn init(&self, seed: u64, device: &Device) -> Network {
        device.seed(crate::random::derive(seed, 0, "initial values"));
        Network {
            encoder: Encoder::Mlp(self.encoder.init(device)),
            heads: self.heads.iter().map(|head| head.init(device)).collect(),
            losses: self.losses.clone(),
            sources: self.sources.clone(),
        }
        .materialize()
    }
}

/// The shared part of a network.
#[derive(Module, Debug)]
pub enum Encoder {
    /// Fully connected layers over rows of numbers.
    Mlp(Mlp),
}

/// One encoder, several heads.
#[derive(Module, Debug)]
pub struct Network {
    encoder: Encoder,
    heads: Vec<Head>,
    #[module(skip)]
    losses: Vec<Loss>,
    #[module(skip)]
    sources: Vec<usize>,
}

impl Network {
    /// What the head itself says: rows × outputs.
    fn output(&self, task: usize, z: &Representation) -> Tensor<2> {
        let rows = match z {
            Representation::Rows(values) => values.clone(),
            // A head over rows reads a sequence as its mean over positions.
            Representation::Positions { values, .. } => values.clone().mean_dim(1).squeeze_dim(1),
        };
        self.heads[task].forward(rows)
    }
}

impl MultiTaskModel for Network {
    fn encode(&self, source: usize, inputs: &Inputs, device: &Device) -> Vec<Option<Representation>> {
        let Inputs::Vectors { values, rows, width } = inputs;
        let input = Tensor::<2>::from_data(TensorData::new(values.clone(), [*rows, *width]), device);
        let Encoder::Mlp(encoder) = &self.encoder;
        let z = encoder.forward(input);
        self.sources.iter().map(|of| (*of == source).then(|| Representation::Rows(z.clone()))).collect()
    }

    fn predict(&self, task: usize, z: &Representation) -> Tensor<2> {
        self.losses[task].predictions(self.output(task, z))
    }

    fn loss(&self, task: usize, z: &Representation, targets: &Targets) -> TaskOutput {
        let (output, loss) = (self.output(task, z), &self.losses[task]);
        // Nobody differentiates a prediction, so it stays out of the graph.
        TaskOutput {
            loss: loss.value(output.clone(), targets),
            predictions: loss.predictions(output.without_autodiff()),
        }
    }

    fn reach(&self, path: &str) -> TaskSet {
        match path.strip_prefix("heads.").and_then(|rest| rest.split('.').next()) {
            Some(place) => place.parse().ok().into_iter().collect(),
            None => (0..self.heads.len()).collect(),
        }
    }
}
