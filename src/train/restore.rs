//! Going back to a checkpoint within a run: everything it holds comes back, but answered requests and the pause.

use super::checkpoint::{read_best, read_checkpoint};
use super::job::TrainError;
use super::pacing::Pacing;
use super::save::Best;
use super::trainer::{NetworkLearner, Trainer};
use crate::balance::Balancer;
use crate::model::with_values;
use crate::protocol::{Event, Rewind, RewindReason};
use crate::steer::Answer;
use std::path::Path;

impl Trainer {
    /// Goes back to the checkpoint of `step` and records it; refuses, with nothing changed, where that cannot be.
    pub(super) fn restore(
        &mut self,
        learner: &mut NetworkLearner,
        step: u64,
        answer: Answer,
    ) -> Result<(), TrainError> {
        let loaded = self.saver.checkpoint_at(step).and_then(|path| self.load(learner, &path));
        let best = match loaded {
            Ok(best) => best,
            Err(reason) => return self.emit_some(answer.refused(reason)),
        };
        // Set aside before it is recorded: whoever resumes after a crash in between finds none of them.
        self.saver.leave_after(self.step)?;
        self.saver.restore_best(best)?;
        self.emit_some(answer.event)?;
        self.emit(Event::Rewind(Rewind { to_step: self.step, why: RewindReason::Restore }))
    }

    /// Takes over what a checkpoint holds, all or nothing; returns the best parameters up to then.
    fn load(&mut self, learner: &mut NetworkLearner, path: &Path) -> Result<Option<Best>, String> {
        let saved = read_checkpoint(path, &learner.table).map_err(|error| error.to_string())?;
        let best = read_best(path).map_err(|error| error.to_string())?;
        let model = with_values(learner.model.clone(), &saved.parameters).map_err(|error| error.to_string())?;
        let tasks = self.job.config.tasks.len();
        let balancer = Balancer::from_state(&saved.state.balance, tasks).map_err(|error| error.to_string())?;
        // The last that can fail, and the first that changes anything.
        self.steer.restore(saved.state.steer).map_err(|error| error.to_string())?;
        learner.model = model;
        learner.optimizer.restore(saved.moments);
        learner.balancer = balancer;
        self.evidence = saved.state.evidence;
        self.step = saved.state.step;
        self.pacing = Pacing::new(saved.state.time);
        for (drawn, source) in self.drawn.iter_mut().zip(&self.job.sources) {
            *drawn = saved.state.draws.get(source.name()).copied().unwrap_or(0);
        }
        self.valid = None;
        self.probe_wanted = false;
        let best_step = saved.state.progress.best_step;
        self.progress = saved.state.progress;
        Ok(best.map(|parameters| Best { step: best_step, parameters }))
    }
}
