//! One training step: batches, λ and mutes in, an updated network and its measurements out.
//!
//! Owns the order of passes (see ARCHITECTURE.md, "One training step"). It must not decide when to measure, record or
//! stop; it knows no channel, no file and no clock.

use super::gradients::{Gradients, dot};
use super::measure::{Measurements, NonFinite, empty_view, largest, total, view};
use super::optimizer::Optimizer;
use crate::balance::{Aggregation, Gram, Observation, Weighting};
use crate::data::{Batch, Targets};
use crate::model::{MultiTaskModel, ParameterTable, Representation};
use crate::protocol::{Part, Real};
use crate::random;
use burn::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A network with all that its next step depends on.
pub struct Learner<M> {
    /// The network, on an autodiff device.
    pub model: M,
    /// Its parameters.
    pub table: ParameterTable,
    /// The update rule and its moments.
    pub optimizer: Optimizer,
    /// λ and losses to factors.
    pub weighting: Box<dyn Weighting>,
    /// Factors and gradients to coefficients.
    pub aggregation: Box<dyn Aggregation>,
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

/// One task's own pass: from a detached z through its head and back.
struct Pass {
    task: usize,
    source: usize,
    /// ∂L/∂z.
    cotangent: Vec<f32>,
    /// The head's gradients.
    own: Gradients,
    /// The task's gradients before the head, where it alone has this source: they come with its only backward pass.
    raw: Option<Gradients>,
    finite: bool,
}

impl<M: MultiTaskModel> Learner<M> {
    /// Makes one update. Panics of the tensor library pass through; the caller catches them.
    pub fn step(mut self, plan: &Plan<'_>) -> (Self, Outcome) {
        let tasks = plan.weights.len();
        let mut seen = Measurements {
            loss: vec![None; tasks],
            labelled: vec![0; tasks],
            factor: vec![None; tasks],
            coefficient: vec![None; tasks],
            representation: empty_view(tasks),
            ..Measurements::default()
        };
        let mut passes = Vec::new();
        let mut encoded = Vec::new();
        for batch in plan.batches {
            if (0..tasks).any(|task| takes_part(task, batch, plan)) {
                encoded.push((batch, self.encode(batch, plan.step)));
            }
            self.measure_without_graph(batch, plan, encoded.last(), &mut seen);
        }
        for (batch, z) in &encoded {
            for task in (0..tasks).filter(|task| takes_part(*task, batch, plan)) {
                let (Some(Some(z)), Some(Some(targets))) = (z.get(task), batch.targets.get(task)) else { continue };
                passes.extend(self.own_pass(task, batch.source, z, targets, plan, &mut seen));
            }
        }
        let losses: Vec<Option<f64>> = (0..tasks)
            .map(|task| passes.iter().find(|pass| pass.task == task).and(seen.loss[task]).map(f64::from))
            .collect();
        seen.total = total(&losses, plan.weights);
        let measured: Vec<usize> = passes.iter().map(|pass| pass.task).collect();
        seen.representation = view(tasks, &measured, |i, j| {
            (passes[i].source == passes[j].source).then(|| dot(&passes[i].cotangent, &passes[j].cotangent))
        });

        let encoded = self.spend_alone(&mut passes, encoded);
        let needs = self.weighting.needs().and(self.aggregation.needs());
        // Where every task has a source to itself its shared gradient is there anyway.
        let free = !passes.is_empty() && passes.iter().all(|pass| pass.raw.is_some());
        let measure = self.table.any_shared() && (free || plan.measure_shared || needs.shared_gradients());
        let gram = measure.then(|| self.shared_gram(&passes, &encoded, plan.step));
        seen.shared = gram.as_ref().map(|gram| view(tasks, &measured, |i, j| Some(gram.get(i, j))));

        let norms = seen.shared.as_ref().map(|view| view.norm.iter().map(|n| n.map(Real::get)).collect::<Vec<_>>());
        seen.factor = self.weighting.factors(&Observation {
            step: plan.step,
            weights: plan.weights,
            losses: &losses,
            norms: norms.as_deref(),
        });
        seen.surrogate = self.weighting.surrogate();
        self.coefficients(&passes, gram.as_ref(), &mut seen);

        if let Some(trouble) = trouble(&passes, &seen, plan) {
            // The open graphs are spent, else they would stay in memory.
            for (_, z) in &encoded {
                release(z);
            }
            return (self, Outcome::Diverged(seen, trouble));
        }
        if passes.is_empty() {
            return (self, Outcome::Idle(seen));
        }
        let mut update = self.combine(passes, &encoded, &seen);
        for (place, parameter) in self.table.iter().enumerate() {
            if parameter.part().is_some_and(|part| plan.frozen.contains(&part)) {
                update.set(place, None);
            }
        }
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
        self.model = self.optimizer.step(self.model, &update, plan.lr);
        (self, Outcome::Updated(seen))
    }

    /// The encoder's pass over a batch; the same random numbers each time it is asked at the same step.
    fn encode(&self, batch: &Batch, step: u64) -> Vec<Option<Representation>> {
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

    fn own_pass(
        &self,
        task: usize,
        source: usize,
        z: &Representation,
        targets: &Targets,
        plan: &Plan<'_>,
        seen: &mut Measurements,
    ) -> Option<Pass> {
        let leaf = z.leaf();
        self.device.seed(random::derive(self.seed, plan.step, &format!("head {task}")));
        let mut loss = self.model.loss(task, &leaf, targets)?.value;
        if plan.poisoned == Some(task) {
            loss = loss * f32::NAN;
        }
        let value: f32 = loss.clone().into_scalar();
        seen.loss[task] = Some(value);
        let mut tape = loss.backward();
        let cotangent = leaf.take_gradient(&mut tape)?;
        let own = Gradients::take(&self.model, &mut tape);
        let finite = dot(&cotangent, &cotangent).is_finite() && own.norm().is_finite();
        Some(Pass { task, source, cotangent, own, raw: None, finite })
    }

    /// The backward pass of every source that one task alone uses in this step; the graphs of the others come back.
    fn spend_alone<'b>(
        &self,
        passes: &mut [Pass],
        encoded: Vec<(&'b Batch, Vec<Option<Representation>>)>,
    ) -> Vec<(&'b Batch, Vec<Option<Representation>>)> {
        let mut open = Vec::new();
        for (batch, z) in encoded {
            let mut of_source = passes.iter_mut().filter(|pass| pass.source == batch.source);
            match (of_source.next(), of_source.next()) {
                (Some(pass), None) => {
                    let z = z.into_iter().nth(pass.task).flatten().filter(Representation::is_tracked);
                    pass.raw = Some(match z {
                        Some(z) => {
                            let mut tape = z.inner_product(pass.cotangent.clone()).backward();
                            Gradients::take(&self.model, &mut tape)
                        }
                        None => Gradients::none(self.table.len()),
                    });
                }
                _ => open.push((batch, z)),
            }
        }
        open
    }

    /// ⟨g_i, g_j⟩ on the shared parameters: what came with a task's own backward pass, else one more encoder pass a
    /// task, with the same random numbers as the first.
    fn shared_gram(&self, passes: &[Pass], encoded: &[(&Batch, Vec<Option<Representation>>)], step: u64) -> Gram {
        let rows: Vec<Cow<'_, Gradients>> = passes
            .iter()
            .map(|pass| {
                if let Some(raw) = &pass.raw {
                    return Cow::Borrowed(raw);
                }
                let batch = encoded.iter().find(|(batch, _)| batch.source == pass.source);
                let z = batch.and_then(|(batch, _)| self.encode(batch, step).into_iter().nth(pass.task).flatten());
                Cow::Owned(match z {
                    Some(z) if z.is_tracked() => {
                        let mut tape = z.inner_product(pass.cotangent.clone()).backward();
                        Gradients::take(&self.model, &mut tape)
                    }
                    _ => Gradients::none(self.table.len()),
                })
            })
            .collect();
        let shared: Vec<bool> = self.table.iter().map(crate::model::Parameter::is_shared).collect();
        Gram::from_products(rows.len(), |i, j| rows[i].dot(&rows[j], |place| shared[place]))
    }

    /// c_i: only tasks with f > 0 reach the aggregation; f = 0 is c = 0.
    fn coefficients(&mut self, passes: &[Pass], gram: Option<&Gram>, seen: &mut Measurements) {
        seen.coefficient.clone_from(&seen.factor);
        let keep: Vec<usize> =
            (0..passes.len()).filter(|place| seen.factor[passes[*place].task].is_some_and(|f| f > 0.0)).collect();
        // With nothing shared there is nothing to aggregate: every part is some task's own and takes f.
        if keep.is_empty() || !self.table.any_shared() {
            return;
        }
        let factors: Vec<f64> = keep.iter().filter_map(|place| seen.factor[passes[*place].task]).collect();
        let gram = gram.map(|gram| gram.select(&keep));
        let coefficients = self.aggregation.coefficients(&factors, gram.as_ref());
        for (place, coefficient) in keep.iter().zip(coefficients) {
            seen.coefficient[passes[*place].task] = Some(coefficient);
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
        let size = match z {
            Representation::Rows(values) => values.shape().num_elements(),
            Representation::Positions { values, .. } => values.shape().num_elements(),
        };
        drop(z.inner_product(vec![0.0; size]).backward());
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
