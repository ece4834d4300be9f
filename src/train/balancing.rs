//! The middle of a training step: per-task gradients of what is shared, and what the balancer makes of them.
//!
//! Owns the way from passes to factors, coefficients or a whole update. What a method does is `balance`'s; when gradients
//! are measured is `step`'s.

use super::gradients::{Gradients, dot};
use super::measure::Measurements;
use super::step::{Learner, Pass, Plan};
use crate::balance::{Gram, Observation, Place};
use crate::data::Batch;
use crate::model::{MultiTaskModel, Representation};
use crate::random;
use std::borrow::Cow;

impl<M: MultiTaskModel> Learner<M> {
    /// Each task's gradient before its head: what came with its own backward pass, else one more encoder pass, with the
    /// same random numbers as the first.
    pub(super) fn shared_rows<'p>(
        &self,
        passes: &'p [Pass],
        encoded: &[(&Batch, Vec<Option<Representation>>)],
        step: u64,
    ) -> Vec<Cow<'p, Gradients>> {
        passes
            .iter()
            .map(|pass| {
                if let Some(raw) = &pass.raw {
                    return Cow::Borrowed(raw);
                }
                let batch = encoded.iter().find(|(batch, _)| batch.source == pass.source);
                Cow::Owned(match batch {
                    Some((batch, _)) => self.row(pass, self.encode(batch, step)),
                    None => Gradients::none(self.table.len()),
                })
            })
            .collect()
    }

    /// ⟨g_i, g_j⟩ on the shared parameters.
    pub(super) fn shared_gram(&self, rows: &[Cow<'_, Gradients>]) -> Gram {
        let shared: Vec<bool> = self.table.iter().map(crate::model::Parameter::is_shared).collect();
        Gram::from_products(rows.len(), |i, j| rows[i].dot(&rows[j], |place| shared[place]))
    }

    /// Factors and coefficients; and the shared update itself, where the aggregation works on whole gradients.
    pub(super) fn balance(
        &mut self,
        plan: &Plan<'_>,
        losses: &[Option<f64>],
        measured: &[usize],
        shared: Option<(&Gram, &[Cow<'_, Gradients>])>,
        passes: &[Pass],
        seen: &mut Measurements,
    ) -> Option<Vec<f32>> {
        let at_representation = self.balancer.settings().at == Place::Representation;
        let one_batch = passes.windows(2).all(|pair| pair[0].source == pair[1].source);
        let here = (at_representation && one_batch && self.balancer.needs().gradients())
            .then(|| Gram::from_products(passes.len(), |i, j| dot(&passes[i].cotangent, &passes[j].cotangent)));
        let gram = if at_representation { here.as_ref() } else { shared.map(|(gram, _)| gram) };
        let mut norms = vec![None; losses.len()];
        if let Some(gram) = gram {
            measured.iter().enumerate().for_each(|(place, task)| norms[*task] = Some(gram.norm(place)));
        }
        let observation = Observation {
            step: plan.step,
            epoch: plan.epoch,
            seed: random::derive(self.seed, plan.step, "balance"),
            weights: plan.weights,
            losses,
            norms: gram.is_some().then_some(&norms),
        };
        seen.factor = self.balancer.factors(&observation);
        seen.surrogate = self.balancer.surrogate();
        // With nothing shared there is nothing to aggregate: every part is some task's own and takes f.
        seen.coefficient = if self.table.any_shared() {
            self.balancer.coefficients(&observation, &seen.factor, measured, gram)
        } else {
            seen.factor.clone()
        };
        let (gram, rows) = shared.filter(|_| self.balancer.needs().rows)?;
        let flat: Vec<Vec<f32>> = rows.iter().map(|row| self.flat(row)).collect();
        let update = self.balancer.combine(&observation, &seen.factor, measured, &flat, gram)?;
        // Its update is no sum of gradients, so there are no coefficients to tell.
        let length = dot(&update, &update).sqrt();
        seen.update_cosine = vec![None; losses.len()];
        for (place, (task, row)) in measured.iter().zip(&flat).enumerate() {
            let cosine = dot(row, &update) / (length * gram.norm(place));
            seen.update_cosine[*task] = cosine.is_finite().then_some(cosine);
            if seen.factor[*task].is_some_and(|factor| factor > 0.0) {
                seen.coefficient[*task] = None;
            }
        }
        Some(update)
    }

    /// A gradient on the shared parameters as one row, zeros where it has no entry.
    fn flat(&self, gradients: &Gradients) -> Vec<f32> {
        let shared = self.table.iter().enumerate().filter(|(_, parameter)| parameter.is_shared());
        shared
            .flat_map(|(place, parameter)| {
                gradients.get(place).map_or_else(|| vec![0.0; parameter.len()], <[f32]>::to_vec)
            })
            .collect()
    }

    /// Puts a row of [`Learner::flat`] in place of what is shared.
    pub(super) fn put(&self, update: &mut Gradients, mut row: Vec<f32>) {
        for (place, parameter) in self.table.iter().enumerate().filter(|(_, parameter)| parameter.is_shared()) {
            let rest = row.split_off(parameter.len().min(row.len()));
            update.set(place, Some(row));
            row = rest;
        }
    }
}
