//! Passes that look at a network and change nothing: losses without a graph, noise between half-batches, trial steps.
//!
//! Owns what a person sees beside a step. Every pass seeds its own random numbers, so no later draw depends on it.

use super::gradients::Gradients;
use super::measure::Measurements;
use super::optimizer::Optimizer;
use super::step::{Learner, Pass};
use super::timing::Stopwatch;
use crate::config::{OptimizerConfig, OptimizerKind};
use crate::data::Batch;
use crate::model::{MultiTaskModel, Representation};
use burn::prelude::*;
use std::borrow::Cow;

impl<M: MultiTaskModel> Learner<M> {
    /// Losses on this step's batches without a graph and without dropout, of the tasks that are `present`.
    pub(super) fn losses_without_graph(&self, batches: &[Batch], present: &[bool]) -> Vec<Option<f64>> {
        losses_of(&self.model.valid(), batches, present, &self.device.clone().without_autodiff())
    }

    /// What became of the losses, before and after the update, beside what the tasks' whole gradients foretell for the way
    /// from the `old` values.
    pub(super) fn hold_against(
        &self,
        whole: Vec<(usize, Gradients)>,
        old: Gradients,
        [before, after]: [&[Option<f64>]; 2],
        seen: &mut Measurements,
    ) {
        let mut moved = Gradients::of_values(&self.model);
        moved.add(old, -1.0);
        seen.observed = before.iter().zip(after).map(|(before, after)| Some((*after)? - (*before)?)).collect();
        seen.predicted = vec![None; before.len()];
        for (task, gradients) in whole {
            seen.predicted[task] = Some(gradients.dot(&moved, |_| true));
        }
    }

    /// cos of the gradients that two batches of one task have on the shared parameters; `None` where one of them has no
    /// label or a gradient is 0.
    pub fn cosine_between(&self, task: usize, halves: [&Batch; 2], step: u64) -> Option<f64> {
        let [first, second] = halves.map(|batch| self.shared_gradient(task, batch, step));
        let (first, second) = (first?, second?);
        let product = |a: &Gradients, b: &Gradients| a.dot(b, |place| self.table.is_shared(place));
        let scale = (product(&first, &first) * product(&second, &second)).sqrt();
        (scale.is_finite() && scale > 0.0).then(|| (product(&first, &second) / scale).clamp(-1.0, 1.0))
    }

    /// One task's gradient before its head.
    fn shared_gradient(&self, task: usize, batch: &Batch, step: u64) -> Option<Gradients> {
        let targets = batch.targets.get(task)?.as_ref().filter(|targets| targets.labelled() > 0)?;
        let z = self.encode(batch, step).into_iter().nth(task).flatten().filter(Representation::is_tracked)?;
        let pass = self.head_pass(task, &z, targets, step, false, &mut Stopwatch::stopped());
        let cotangent = pass.and_then(|pass| pass.cotangent);
        // The graph is spent in any case, else it would stay in memory.
        let mut tape = z.inner_product(cotangent.unwrap_or_else(|| vec![0.0; z.elements()])).backward();
        Some(Gradients::take(&self.model, &mut tape))
    }

    /// Row i, column j: the share of its loss that task j loses on these batches by one step of size `lr` along task
    /// i's gradient on the shared parameters alone (TAG, Fifty et al. 2021, equation 1). No trial is kept.
    pub fn affinity(&self, batches: &[Batch], present: &[bool], step: u64, lr: f64) -> Vec<Vec<Option<f64>>> {
        let tasks = present.len();
        let before = self.losses_without_graph(batches, present);
        let sgd = OptimizerConfig {
            kind: OptimizerKind::Sgd,
            lr,
            momentum: 0.0,
            betas: [0.0; 2],
            alpha: 0.0,
            epsilon: 0.0,
            weight_decay: 0.0,
        };
        let row = |task: usize| {
            let batch = batches.iter().find(|batch| batch.targets.get(task).is_some_and(Option::is_some));
            let gradient = batch.filter(|_| present[task]).and_then(|batch| self.shared_gradient(task, batch, step));
            let Some(mut gradient) = gradient else { return vec![None; tasks] };
            (0..self.table.len())
                .filter(|place| !self.table.is_shared(*place))
                .for_each(|place| gradient.set(place, None));
            let tried = Optimizer::new(sgd.clone(), self.table.len()).step(self.model.valid(), &gradient, lr);
            let after = losses_of(&tried, batches, present, &self.device.clone().without_autodiff());
            let lost = before.iter().zip(after).map(|(before, after)| {
                let share = 1.0 - after? / (*before)?;
                share.is_finite().then_some(share)
            });
            lost.collect()
        };
        (0..tasks).map(row).collect()
    }
}

/// Losses of a network on the plain device.
fn losses_of<M: MultiTaskModel>(model: &M, batches: &[Batch], present: &[bool], device: &Device) -> Vec<Option<f64>> {
    let mut losses = vec![None; present.len()];
    for batch in batches {
        let mut wanted = batch.targets.iter().zip(present).enumerate().filter_map(|(task, (targets, present))| {
            targets.as_ref().filter(|_| *present).map(|targets| (task, targets))
        });
        let Some(first) = wanted.next() else { continue };
        let z = model.encode(batch.source, &batch.inputs, device);
        for (task, targets) in std::iter::once(first).chain(wanted) {
            let Some(Some(z)) = z.get(task) else { continue };
            losses[task] = model.loss(task, z, targets).map(|loss| f64::from(loss.value.into_scalar::<f32>()));
        }
    }
    losses
}

/// Every task's gradient on all parameters that it reaches.
pub(super) fn whole_gradients(rows: Vec<Cow<'_, Gradients>>, passes: &[Pass]) -> Vec<(usize, Gradients)> {
    let whole = rows.into_iter().zip(passes).map(|(row, pass)| {
        let mut row = row.into_owned();
        row.add(pass.own.clone(), 1.0);
        (pass.task, row)
    });
    whole.collect()
}
