//! The update rules, one pass over each parameter on the host.
//!
//! Definitions and defaults follow PyTorch 2 (Adam's ε is 1e-8, momentum has no dampening). The moments are kept by
//! place in the parameter table, so that a checkpoint stores them under stable path names.

use super::gradients::{Gradients, distance_squared};
use crate::config::{OptimizerConfig, OptimizerKind};
use burn::module::{Module, ModuleMapper, Param};
use burn::prelude::*;
use burn::tensor::TensorData;

/// What an optimizer remembers of one parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// Updates this parameter has had.
    pub updates: u64,
    /// Mean of gradients (Adam, momentum); empty before the first update.
    pub first: Vec<f32>,
    /// Mean of squared gradients (Adam, `RMSprop`); empty before the first update.
    pub second: Vec<f32>,
}

/// An optimizer with its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    config: OptimizerConfig,
    moments: Vec<Moments>,
}

impl Optimizer {
    /// A new optimizer for `parameters` parameter tensors.
    pub fn new(config: OptimizerConfig, parameters: usize) -> Self {
        Self { config, moments: vec![Moments::default(); parameters] }
    }

    /// What it remembers, in the order of the parameter table.
    pub fn moments(&self) -> &[Moments] {
        &self.moments
    }

    /// Forgets all moments, as before the first update.
    pub fn forget(&mut self) {
        self.moments.fill(Moments::default());
    }

    /// Takes saved moments back; the caller has checked their lengths.
    pub fn restore(&mut self, moments: Vec<Moments>) {
        self.moments = moments;
    }

    /// One update of every parameter that has a gradient.
    pub fn step<M: Module>(&mut self, model: M, gradients: &Gradients, lr: f64) -> M {
        self.step_measured(model, gradients, lr).0
    }

    /// The same, and how far each parameter moved: Σ (new − old)² in the order of the parameter table, `None` where it had
    /// no gradient.
    pub fn step_measured<M: Module>(&mut self, model: M, gradients: &Gradients, lr: f64) -> (M, Vec<Option<f64>>) {
        let moved = Vec::with_capacity(self.moments.len());
        let mut mapper = Update { optimizer: self, gradients, lr, old: Vec::new(), moved };
        let model = model.map(&mut mapper);
        (model, mapper.moved)
    }

    fn update(&mut self, place: usize, values: &mut [f32], gradient: &[f32], lr: f64) {
        let config = &self.config;
        let Some(moments) = self.moments.get_mut(place) else { return };
        moments.updates += 1;
        let decay = config.weight_decay as f32;
        let rate = lr as f32;
        let epsilon = config.epsilon as f32;
        let with_decay = |value: f32, gradient: f32| gradient + decay * value;
        match config.kind {
            OptimizerKind::Sgd => {
                for (value, gradient) in values.iter_mut().zip(gradient) {
                    *value -= rate * with_decay(*value, *gradient);
                }
            }
            OptimizerKind::Momentum => {
                moments.first.resize(values.len(), 0.0);
                let momentum = config.momentum as f32;
                for ((value, gradient), first) in values.iter_mut().zip(gradient).zip(&mut moments.first) {
                    *first = momentum * *first + with_decay(*value, *gradient);
                    *value -= rate * *first;
                }
            }
            OptimizerKind::Adam | OptimizerKind::Adamw => {
                moments.first.resize(values.len(), 0.0);
                moments.second.resize(values.len(), 0.0);
                let decoupled = config.kind == OptimizerKind::Adamw;
                let shrink = if decoupled { (1.0 - lr * config.weight_decay) as f32 } else { 1.0 };
                let decay = if decoupled { 0.0 } else { decay };
                let [beta1, beta2] = config.betas;
                let correction = |beta: f64| 1.0 - beta.powf(moments.updates as f64);
                let rate = (lr / correction(beta1)) as f32;
                let root = correction(beta2).sqrt() as f32;
                let (keep1, take1) = (beta1 as f32, (1.0 - beta1) as f32);
                let (keep2, take2) = (beta2 as f32, (1.0 - beta2) as f32);
                let state = moments.first.iter_mut().zip(&mut moments.second);
                for ((value, gradient), (first, second)) in values.iter_mut().zip(gradient).zip(state) {
                    *value *= shrink;
                    let gradient = gradient + decay * *value;
                    *first = keep1 * *first + take1 * gradient;
                    *second = keep2 * *second + take2 * gradient * gradient;
                    *value -= rate * *first / (second.sqrt() / root + epsilon);
                }
            }
            OptimizerKind::Rmsprop => {
                moments.second.resize(values.len(), 0.0);
                let (keep, take) = (config.alpha as f32, (1.0 - config.alpha) as f32);
                for ((value, gradient), second) in values.iter_mut().zip(gradient).zip(&mut moments.second) {
                    let gradient = with_decay(*value, *gradient);
                    *second = keep * *second + take * gradient * gradient;
                    *value -= rate * gradient / (second.sqrt() + epsilon);
                }
            }
        }
    }
}

struct Update<'a> {
    optimizer: &'a mut Optimizer,
    gradients: &'a Gradients,
    lr: f64,
    /// The values of the parameter at hand before its update.
    old: Vec<f32>,
    /// Σ (new − old)² of the parameters so far.
    moved: Vec<Option<f64>>,
}

impl ModuleMapper for Update<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let place = self.moved.len();
        let Some(gradient) = self.gradients.get(place) else {
            self.moved.push(None);
            return parameter;
        };
        parameter.map(|tensor| {
            let (device, shape, tracked) = (tensor.device(), tensor.shape(), tensor.is_require_grad());
            // Without another owner the buffer moves out and back without a copy.
            let Ok(mut values) = tensor.into_data().try_into_vec::<f32>() else {
                // Parameters are always 32-bit here; another type would be a bug in the network.
                unreachable!("a parameter that is not of 32-bit floats");
            };
            self.old.clone_from(&values);
            self.optimizer.update(place, &mut values, gradient, self.lr);
            self.moved.push(Some(distance_squared(&values, &self.old)));
            let updated = Tensor::from_data(TensorData::new(values, shape), &device);
            if tracked { updated.require_grad() } else { updated }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    /// f(p) = Σ ½ A p² + 0.1 Σ sin p, as in the fixture.
    #[test]
    fn every_rule_follows_the_reference() {
        let fixture: Value =
            serde_json::from_str(include_str!("../../tests/fixtures/pytorch/optimizers.json")).unwrap();
        for (name, kind) in [
            ("sgd", OptimizerKind::Sgd),
            ("momentum", OptimizerKind::Momentum),
            ("adam", OptimizerKind::Adam),
            ("adamw", OptimizerKind::Adamw),
            ("rmsprop", OptimizerKind::Rmsprop),
        ] {
            let case = &fixture[name];
            let number = |key: &str, default: f64| case[key].as_f64().unwrap_or(default);
            let betas = if case["betas"].is_array() { numbers(&case["betas"]) } else { vec![0.9, 0.999] };
            let config = OptimizerConfig {
                kind,
                lr: number("lr", 0.0),
                momentum: number("momentum", 0.9),
                betas: [betas[0], betas[1]],
                alpha: number("alpha", 0.99),
                epsilon: number("eps", 1e-8),
                weight_decay: number("weight_decay", 0.0),
            };
            let lr = config.lr;
            let mut optimizer = Optimizer::new(config, 1);
            let mut p = [1.0_f32, -2.0, 0.5, 3.0];
            let trace = case["trace"].as_array().unwrap();
            assert_eq!(trace.len(), 20);
            for (step, want) in trace.iter().enumerate() {
                let gradient: Vec<f32> =
                    p.iter().zip([1.0, 0.3, 4.0, 0.05]).map(|(p, a)| a * p + 0.1 * p.cos()).collect();
                optimizer.update(0, &mut p, &gradient, lr);
                for (got, want) in p.iter().zip(numbers(want)) {
                    assert!((f64::from(*got) - want).abs() < 1e-5, "{name}, step {step}: {got} instead of {want}");
                }
            }
        }
    }
}
