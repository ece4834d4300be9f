//! What the trainer shows besides its steps: halves of a batch to tell noise by, an evaluation that a person asks for,
//! samples.
//!
//! Owns looks that decide nothing: neither `best` nor patience nor any later number depends on them.

use super::evaluate::Evaluation;
use super::job::TrainError;
use super::record::eval_event;
use super::trainer::{NetworkLearner, Trainer};
use crate::data::{Batch, Part};
use crate::protocol::{Event, Sample, StepPart};
use burn::module::Module;

impl Trainer {
    /// Which tasks are unmuted and have a label in these batches.
    pub(super) fn present(&self, batches: &[Batch]) -> Vec<bool> {
        let labelled = |task: usize| {
            let targets = batches.iter().filter_map(|batch| batch.targets.get(task)?.as_ref());
            targets.into_iter().any(|targets| targets.labelled() > 0)
        };
        self.steer.muted().iter().enumerate().map(|(task, muted)| !muted && labelled(task)).collect()
    }

    /// The two halves of a task's batch, another task at every look.
    pub(super) fn half_batches(
        &self,
        batches: &[Batch],
        rows: &[Vec<usize>],
        look: u64,
    ) -> Option<(usize, [Batch; 2])> {
        let present = self.present(batches);
        let tasks: Vec<usize> = (0..present.len()).filter(|task| present[*task]).collect();
        let task = *tasks.get(usize::try_from(look % (tasks.len().max(1) as u64)).ok()?)?;
        let place = batches.iter().position(|batch| batch.targets.get(task).is_some_and(Option::is_some))?;
        let (batch, rows) = (batches.get(place)?, rows.get(place)?);
        let source = self.job.sources.get(batch.source)?;
        let (first, second) = rows.split_at(rows.len() / 2);
        (!first.is_empty()).then(|| (task, [source.batch(first), source.batch(second)]))
    }

    /// Evaluates the validation part because a person asked: neither best nor patience know of it.
    pub(super) fn look(&mut self, learner: &NetworkLearner) -> Result<(), TrainError> {
        self.timing.watch.lap(StepPart::Rest);
        let found = self.measure(&learner.model.valid(), learner, Part::Valid);
        let score = found.score(&self.references);
        self.emit(Event::Eval(eval_event(self.step, "valid", &found, score, false)))?;
        self.show_samples(&found)?;
        self.timing.watch.lap(StepPart::Evaluation);
        Ok(())
    }

    /// A few rows of the last evaluation.
    pub(super) fn show_samples(&self, found: &Evaluation) -> Result<(), TrainError> {
        for shown in &found.samples {
            let task = self.job.config.tasks[shown.task].name.clone();
            let (input, want, got) = (shown.input.clone(), shown.want.clone(), shown.got.clone());
            self.emit(Event::Sample(Sample { step: self.step, task, input, want, got }))?;
        }
        Ok(())
    }
}
