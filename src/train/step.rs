//! One training step: batches, λ and mutes in, an updated network and its measurements out.
//!
//! Owns the order of passes (see ARCHITECTURE.md, "One training step"). It must not decide when to measure, record or
//! stop; it knows no channel and no file, and a clock only as a stopwatch that decides nothing.

use super::gradients::{Gradients, dot};
use super::measure::{Measurements, NonFinite, empty_view, largest, part_norms, total, view};
use super::optimizer::Optimizer;
use super::probe::whole_gradients;
use super::timing::Stopwatch;
use crate::balance::{Balancer, Place};
use crate::data::{Batch, Targets};
use crate::model::{MultiTaskModel, ParameterTable, Representation};
use crate::protocol::{Part, PartNorm, StepPart};
use crate::random;
use burn::prelude::*;
use std::collections::BTreeSet;

/// A network with all that its next step depends on.
pub struct Learner<M> {
    /// The network, on an autodiff device.
    pub model: M,
    /// Its parameters.
    pub table: ParameterTable,
    /// The update rule and its moments.
    pub optimizer: Optimizer,
    /// Losses, λ and gradients to factors and coefficients.
    pub balancer: Balancer,
    /// The autodiff device.
    pub device: Device,
    /// The run's seed.
    pub seed: u64,
}

/// What a step is told.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The update, counted from 1.
    pub step: u64,
    /// Passes over the data so far, of the source that has had the fewest.
    pub epoch: f64,
    /// A batch a source.
    pub batches: &'a [Batch],
    /// λ.
    pub weights: &'a [f64],
    /// Muted tasks.
    pub muted: &'a [bool],
    /// Parts that are measured like all others, but not updated.
    pub frozen: &'a BTreeSet<Part>,
    /// Learning rate.
    pub lr: f64,
    /// Bound of the global gradient norm.
    pub clip: Option<f64>,
    /// Whether per-task gradients of the shared parameters are wanted.
    pub measure_shared: bool,
    /// Whether the losses before and after the update are compared with what the gradients foretell.
    pub foretell: bool,
    /// A task whose loss is made NaN, to test what then happens.
    pub poisoned: Option<usize>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Parameters changed.
    Updated(Measurements),
    /// No task took part, or all that they reach is frozen, so nothing changed.
    Idle(Measurements),
    /// A task under λ > 0 was not finite, so nothing changed.
    Diverged(Measurements, NonFinite),
}

/// A pass through one head and back.
pub(super) struct HeadPass {
    /// L.
    pub(super) loss: f32,
    /// ∂L/∂z; `None` where the head does not reach z.
    pub(super) cotangent: Option<Vec<f32>>,
    /// The head's gradients.
    pub(super) own: Gradients,
}

/// One task's own pass: from a detached z through its head and back.
pub(super) struct Pass {
    pub(super) task: usize,
    pub(super) source: usize,
    /// ∂L/∂z.
    pub(super) cotangent: Vec<f32>,
    /// The head's gradients.
    pub(super) own: Gradients,
    /// The task's gradients before the head, where it alone has this source: they come with its only backward pass.
    pub(super) raw: Option<Gradients>,
    finite: bool,
}

impl<M: MultiTaskModel> Learner<M> {
    /// Makes one update. Panics of the tensor library pass through; the caller catches them.
    pub fn step(self, plan: &Plan<'_>) -> (Self, Outcome) {
        self.step_timed(plan, &mut Stopwatch::stopped())
    }

    /// The same, with a stopwatch that sees where its time goes.
    pub fn step_timed(mut self, plan: &Plan<'_>, watch: &mut Stopwatch) -> (Self, Outcome) {
        let tasks = plan.weights.len();
        let mut seen = Measurements {
            loss: vec![None; tasks],
            labelled: vec![0; tasks],
            factor: vec![None; tasks],
            coefficient: vec![None; tasks],
            representation: empty_view(tasks),
            ..Measurements::default()
        };
        let mut encoded = Vec::new();
        for batch in plan.batches {
            if (0..tasks).any(|task| takes_part(task, batch, plan)) {
                encoded.push((batch, self.encode(batch, plan.step)));
            }
            self.measure_without_graph(batch, plan, encoded.last(), &mut seen);
        }
        watch.lap(StepPart::Forward);
        let mut passes = self.own_passes(plan, &encoded, &mut seen, watch);
        let losses: Vec<Option<f64>> = (0..tasks)
            .map(|task| passes.iter().find(|pass| pass.task == task).and(seen.loss[task]).map(f64::from))
            .collect();
        seen.total = total(&losses, plan.weights);
        let measured: Vec<usize> = passes.iter().map(|pass| pass.task).collect();
        seen.representation = view(tasks, &measured, |i, j| {
            (passes[i].source == passes[j].source).then(|| dot(&passes[i].cotangent, &passes[j].cotangent))
        });

        watch.lap(StepPart::Backward);
        let present: Vec<bool> = losses.iter().map(Option::is_some).collect();
        let asks = self.balancer.asks_for_gradients(plan.step, plan.weights, &present)
            && self.balancer.settings().at == Place::Shared
            && self.table.any_shared();
        let encoded = self.spend(&mut passes, encoded, plan.step, asks);
        watch.lap(if asks { StepPart::Balance } else { StepPart::Backward });
        if let Some(trouble) = trouble(&passes, &seen, plan) {
            // The open graphs are spent, else they would stay in memory.
            for (_, z) in &encoded {
                release(z);
            }
            return (self, Outcome::Diverged(seen, trouble));
        }
        // Where every task has a source to itself its shared gradient is there anyway.
        let free = !passes.is_empty() && passes.iter().all(|pass| pass.raw.is_some());
        let measure = free || plan.measure_shared || plan.foretell || asks;
        let rows = (measure && self.table.any_shared()).then(|| self.shared_rows(&passes, &encoded, plan.step));
        let gram = rows.as_deref().map(|rows| self.shared_gram(rows));
        seen.shared = gram.as_ref().map(|gram| view(tasks, &measured, |i, j| Some(gram.get(i, j))));
        watch.lap(if asks { StepPart::Balance } else { StepPart::Evidence });
        let combined = self.balance(plan, &losses, &measured, gram.as_ref().zip(rows.as_deref()), &passes, &mut seen);
        watch.lap(StepPart::Balance);
        let foretold = match (rows, plan.foretell) {
            (Some(rows), true) => Some(whole_gradients(rows, &passes)),
            _ => None,
        };
        (seen.gram, seen.measured) = (gram, measured);
        let compare = foretold.is_some() || self.balancer.needs().second_forward;
        let comparing = if foretold.is_some() { StepPart::Evidence } else { StepPart::Balance };
        let before = compare.then(|| self.losses_without_graph(plan.batches, &present));
        watch.lap(comparing);

        if passes.is_empty() {
            return (self, Outcome::Idle(seen));
        }
        let mut update = self.combine(passes, &encoded, &seen);
        if let Some(row) = combined {
            self.put(&mut update, row);
        }
        watch.lap(StepPart::Backward);
        self.drop_frozen(&mut update, plan.frozen);
        if update.is_empty() {
            return (self, Outcome::Idle(seen));
        }
        let norm = update.norm();
        seen.update_norm = Some(norm);
        if !norm.is_finite() {
            let task = largest(&seen);
            return (self, Outcome::Diverged(seen, NonFinite { task, what: "gradient" }));
        }
        // The small constant keeps the bound strict, as PyTorch's clip_grad_norm_ does.
        let scale = plan.clip.map_or(1.0, |bound| (bound / (norm + 1e-6)).min(1.0));
        seen.clip_scale = Some(scale);
        if scale < 1.0 {
            update.scale(scale);
        }
        drop(encoded);
        watch.lap(StepPart::Optimizer);
        let values = foretold.is_some().then(|| Gradients::of_values(&self.model));
        watch.lap(StepPart::Evidence);
        let moved;
        (self.model, moved) = self.optimizer.step_measured(self.model, &update, plan.lr);
        seen.moved = Some(self.part_norms(tasks, &moved));
        watch.lap(StepPart::Optimizer);
        if let Some(before) = before {
            let after = self.losses_without_graph(plan.batches, &present);
            self.balancer.after_step(&before, &after);
            if let Some((whole, old)) = foretold.zip(values) {
                self.hold_against(whole, old, [&before, &after], &mut seen);
            }
            watch.lap(comparing);
        }
        (self, Outcome::Updated(seen))
    }

    /// Takes the entries of frozen parts out.
    fn drop_frozen(&self, update: &mut Gradients, frozen: &BTreeSet<Part>) {
        for (place, parameter) in self.table.iter().enumerate() {
            if parameter.part().is_some_and(|part| frozen.contains(&part)) {
                update.set(place, None);
            }
        }
    }

    /// The encoder's pass over a batch; the same random numbers each time it is asked at the same step.
    pub(super) fn encode(&self, batch: &Batch, step: u64) -> Vec<Option<Representation>> {
        self.device.seed(random::derive(self.seed, step, &format!("encoder {}", batch.source)));
        self.model.encode(batch.source, &batch.inputs, &self.device)
    }

    /// Losses of muted tasks: measured, but never part of a graph.
    fn measure_without_graph(
        &self,
        batch: &Batch,
        plan: &Plan<'_>,
        encoded: Option<&(&Batch, Vec<Option<Representation>>)>,
        seen: &mut Measurements,
    ) {
        let mut untracked: Option<(M, Vec<Option<Representation>>)> = None;
        for (task, targets) in batch.targets.iter().enumerate() {
            let Some(targets) = targets else { continue };
            seen.labelled[task] = targets.labelled() as u64;
            if !plan.muted[task] || targets.labelled() == 0 {
                continue;
            }
            let (model, z) = untracked.get_or_insert_with(|| {
                let model = self.model.valid();
                let z = match encoded.filter(|(of, _)| of.source == batch.source) {
                    Some((_, z)) => z.iter().map(|z| z.as_ref().map(Representation::plain)).collect(),
                    None => model.encode(batch.source, &batch.inputs, &self.device.clone().without_autodiff()),
                };
                (model, z)
            });
            if let Some(Some(z)) = z.get(task) {
                seen.loss[task] = model.loss(task, z, targets).map(|loss| loss.value.into_scalar());
            }
        }
    }

    /// Every task's own pass that takes part.
    fn own_passes(
        &self,
        plan: &Plan<'_>,
        encoded: &[(&Batch, Vec<Option<Representation>>)],
        seen: &mut Measurements,
        watch: &mut Stopwatch,
    ) -> Vec<Pass> {
        let mut passes = Vec::new();
        for (batch, z) in encoded {
            for (task, z) in z.iter().enumerate().filter(|(task, _)| takes_part(*task, batch, plan)) {
                let Some(z) = z else { continue };
                passes.extend(self.own_pass(task, batch, z, plan, seen, watch));
            }
        }
        passes
    }

    fn own_pass(
        &self,
        task: usize,
        batch: &Batch,
        z: &Representation,
        plan: &Plan<'_>,
        seen: &mut Measurements,
        watch: &mut Stopwatch,
    ) -> Option<Pass> {
        let targets = batch.targets.get(task)?.as_ref()?;
        let HeadPass { loss, cotangent, own } =
            self.head_pass(task, z, targets, plan.step, plan.poisoned == Some(task), watch)?;
        seen.loss[task] = Some(loss);
        let cotangent = cotangent?;
        let finite = dot(&cotangent, &cotangent).is_finite() && own.norm().is_finite();
        Some(Pass { task, source: batch.source, cotangent, own, raw: None, finite })
    }

    /// Through a task's head and back, from a detached z; `None` where the head has no loss for these targets.
    pub(super) fn head_pass(
        &self,
        task: usize,
        z: &Representation,
        targets: &Targets,
        step: u64,
        poisoned: bool,
        watch: &mut Stopwatch,
    ) -> Option<HeadPass> {
        let leaf = z.leaf();
        self.device.seed(random::derive(self.seed, step, &format!("head {task}")));
        let mut loss = self.model.loss(task, &leaf, targets)?.value;
        if poisoned {
            loss = loss * f32::NAN;
        }
        let value: f32 = loss.clone().into_scalar();
        watch.lap(StepPart::Forward);
        let mut tape = loss.backward();
        let cotangent = leaf.take_gradient(&mut tape);
        let own = Gradients::take(&self.model, &mut tape);
        watch.lap(StepPart::Backward);
        Some(HeadPass { loss: value, cotangent, own })
    }

    /// Norms of the way of each part, from Σ (new − old)² of each parameter.
    fn part_norms(&self, tasks: usize, moved: &[Option<f64>]) -> PartNorm {
        let of_parts = self.table.iter().zip(moved);
        part_norms(tasks, of_parts.filter_map(|(parameter, square)| Some((parameter.part()?, (*square)?))))
    }

    /// The backward pass of every source that one task alone uses in this step, and with `each` one backward
    /// pass a task of the others; graphs that are still open come back.
    fn spend<'b>(
        &self,
        passes: &mut [Pass],
        encoded: Vec<(&'b Batch, Vec<Option<Representation>>)>,
        step: u64,
        each: bool,
    ) -> Vec<(&'b Batch, Vec<Option<Representation>>)> {
        let mut open = Vec::new();
        for (batch, z) in encoded {
            let mut of_source: Vec<&mut Pass> = passes.iter_mut().filter(|pass| pass.source == batch.source).collect();
            if of_source.is_empty() || (of_source.len() > 1 && !each) {
                open.push((batch, z));
                continue;
            }
            // The first task takes the graph that is there, each other one its own with the same random numbers.
            let mut first = Some(z);
            for pass in &mut of_source {
                let z = first.take().unwrap_or_else(|| self.encode(batch, step));
                pass.raw = Some(self.row(pass, z));
            }
        }
        open
    }

    /// A task's gradient before its head, through the encoder's pass that gave `z`.
    pub(super) fn row(&self, pass: &Pass, z: Vec<Option<Representation>>) -> Gradients {
        match z.into_iter().nth(pass.task).flatten().filter(Representation::is_tracked) {
            Some(z) => {
                let mut tape = z.inner_product(pass.cotangent.clone()).backward();
                Gradients::take(&self.model, &mut tape)
            }
            None => Gradients::none(self.table.len()),
        }
    }

    /// Σ c_i g_i on what is shared, f_i ∇L_i on what one task has alone: one encoder backward a source.
    fn combine(
        &self,
        passes: Vec<Pass>,
        encoded: &[(&Batch, Vec<Option<Representation>>)],
        seen: &Measurements,
    ) -> Gradients {
        let mut update = Gradients::none(self.table.len());
        for (batch, z) in encoded {
            let terms = passes.iter().filter(|pass| pass.source == batch.source).filter_map(|pass| {
                let z = z.get(pass.task)?.as_ref().filter(|z| z.is_tracked())?;
                let coefficient = seen.coefficient[pass.task].unwrap_or(0.0) as f32;
                Some((z, pass, coefficient))
            });
            let mut sum: Option<(&Representation, Vec<f32>)> = None;
            for (z, pass, coefficient) in terms {
                let (_, sum) = sum.get_or_insert_with(|| (z, vec![0.0; pass.cotangent.len()]));
                if coefficient != 0.0 {
                    sum.iter_mut().zip(&pass.cotangent).for_each(|(sum, value)| *sum += coefficient * value);
                }
            }
            if let Some((z, cotangent)) = sum {
                let mut tape = z.inner_product(cotangent).backward();
                update.add(Gradients::take(&self.model, &mut tape), 1.0);
            }
        }
        let shared: Vec<bool> = self.table.iter().map(crate::model::Parameter::is_shared).collect();
        for pass in passes {
            let factor = seen.factor[pass.task].unwrap_or(0.0);
            let coefficient = seen.coefficient[pass.task].unwrap_or(0.0);
            if let Some(raw) = pass.raw {
                // What two or more tasks reach gets c, this task's own input part f.
                update.add_scaled(raw, |place| if shared[place] { coefficient } else { factor });
            }
            update.add(pass.own, factor);
        }
        update
    }
}

/// Whether a task is unmuted and labelled in this batch.
fn takes_part(task: usize, batch: &Batch, plan: &Plan<'_>) -> bool {
    let labelled = batch.targets.get(task).and_then(Option::as_ref).is_some_and(|t| t.labelled() > 0);
    labelled && !plan.muted[task]
}

/// Spends the graph behind z without using its gradients.
fn release(z: &[Option<Representation>]) {
    if let Some(z) = z.iter().flatten().find(|z| z.is_tracked()) {
        drop(z.inner_product(vec![0.0; z.elements()]).backward());
    }
}

/// The first task under λ > 0 that is not finite.
fn trouble(passes: &[Pass], seen: &Measurements, plan: &Plan<'_>) -> Option<NonFinite> {
    passes.iter().filter(|pass| plan.weights[pass.task] > 0.0).find_map(|pass| {
        let finite = seen.loss[pass.task].is_some_and(f32::is_finite);
        let what = match (finite, pass.finite) {
            (false, _) => "loss",
            (true, false) => "gradient",
            (true, true) => return None,
        };
        Some(NonFinite { task: pass.task, what })
    })
}
