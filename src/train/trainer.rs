//! The trainer's loop: requests at step boundaries, steps, evaluations, checkpoints, the end.
//!
//! Owns the order of things in a run. What a step does is `step`'s, what a request does is `steer`'s, what lies on the
//! disk is `save`'s.

use super::checkpoint::{CHECKPOINT_VERSION, Progress, State};
use super::evaluate::{Evaluation, evaluate};
use super::evidence::{EvidenceState, Moment, fallback_alert};
use super::job::{Connections, Fault, Job, Report, TrainError};
use super::measure::{Measurements, NonFinite};
use super::methods::Changed;
use super::pacing::Pacing;
use super::record::{StepFacts, eval_event, step_event};
use super::save::{Best, Saver};
use super::schedule::learning_rate;
use super::score::{Reference, Standing};
use super::step::{Learner, Outcome, Plan};
use super::timing::Timing;
use crate::balance::Kind;
use crate::config::TasksPerStep;
use crate::data::{Draws, Part, TargetColumn};
use crate::model::{Network, with_values};
use crate::protocol::{Alert, EndReason, Event, Real, StepPart, pairs};
use crate::random;
use crate::steer::{Answer, Mode, Order, Steer};
use burn::module::Module;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A run under way, all but the learner, which every step takes and gives back.
pub(super) struct Trainer {
    pub(super) job: Job,
    pub(super) connections: Connections,
    pub(super) steer: Steer,
    pub(super) draws: Vec<Draws>,
    /// Batches drawn from each source.
    pub(super) drawn: Vec<u64>,
    pub(super) step: u64,
    /// What losses are held against in the score, a task each; a function of the data, so no part of a checkpoint.
    pub(super) references: Vec<Option<Reference>>,
    pub(super) progress: Progress,
    pub(super) pacing: Pacing,
    pub(super) timing: Timing,
    pub(super) saver: Saver,
    pub(super) valid: Option<(u64, Evaluation)>,
    pub(super) mode: &'static str,
    /// What later evidence is held against.
    pub(super) evidence: EvidenceState,
    /// Whether the next update is to be preceded by a probe of the affinity between tasks.
    pub(super) probe_wanted: bool,
}

pub(super) type NetworkLearner = Learner<Network>;

/// Trains until the end. Runs in the trainer's thread: all random numbers of the tensor library are drawn here.
///
/// # Errors
/// [`TrainError`]; the caller records the `end`.
pub fn train(job: Job, connections: Connections) -> Result<Report, TrainError> {
    let (trainer, learner) = Trainer::begin(job, connections)?;
    trainer.run(learner)
}

impl Trainer {
    fn run(mut self, mut learner: NetworkLearner) -> Result<Report, TrainError> {
        loop {
            if self.connections.interrupt.load(Ordering::Relaxed) {
                return self.end(&learner, EndReason::Interrupted);
            }
            self.take_requests(&mut learner)?;
            let complete = self.step >= self.job.config.train.steps;
            match self.steer.mode() {
                Mode::Stopping | Mode::Ended => return self.end(&learner, EndReason::Stopped),
                // Nothing is left to wait for, paused or not.
                _ if complete => return self.end(&learner, EndReason::Finished),
                Mode::Paused => {
                    self.pacing.pause();
                    self.timing.pause();
                    self.connections.inbox.wait(Duration::MAX);
                    continue;
                }
                Mode::Running | Mode::Advancing { .. } => {
                    self.pacing.resume();
                    self.timing.resume();
                }
            }
            if let Some(wait) = self.pacing.must_wait(self.steer.pace()) {
                self.timing.watch.lap(StepPart::Rest);
                self.connections.inbox.wait(wait);
                self.timing.watch.waited();
                continue;
            }
            let (next, trouble) = self.advance(learner)?;
            learner = next;
            if let Some(trouble) = trouble {
                return self.diverged(&learner, &trouble);
            }
            let train = &self.job.config.train;
            let due = |every: u64| every > 0 && self.step.is_multiple_of(every);
            let (evaluation_due, checkpoint_due) = (due(train.evaluate_every), due(train.checkpoint_every));
            if evaluation_due {
                self.evaluate(&learner)?;
                let patience = self.job.config.train.patience;
                if patience.is_some_and(|patience| self.progress.evaluations_without_better >= patience) {
                    return self.end(&learner, EndReason::EarlyStopped);
                }
            }
            // The end saves by itself.
            if checkpoint_due && self.step < self.job.config.train.steps {
                self.checkpoint(&learner)?;
            }
            if self.timing.is_due() {
                self.tell_system()?;
            }
        }
    }

    /// One update and its event.
    fn advance(&mut self, learner: NetworkLearner) -> Result<(NetworkLearner, Option<NonFinite>), TrainError> {
        let step = self.step + 1;
        let poisoned = match &self.job.fault {
            #[expect(clippy::panic, reason = "provoked on purpose, to test what then happens")]
            Some(Fault::Panic { step: at }) if *at == step => panic!("a panic was provoked at step {step}"),
            Some(Fault::NonFinite { step: at, task }) if *at == step => {
                self.job.config.tasks.iter().position(|config| config.name == *task)
            }
            _ => None,
        };
        self.timing.watch.lap(StepPart::Rest);
        let drawn_task = self.drawn_task(step);
        let mut rows_of = Vec::with_capacity(self.draws.len());
        let mut took = vec![false; self.draws.len()];
        let mut batches = Vec::with_capacity(self.draws.len());
        for (place, source) in self.job.sources.iter().enumerate() {
            if drawn_task.is_some_and(|task| source.target(task).is_none()) {
                continue;
            }
            let rows = self.draws[place].rows(self.drawn[place]);
            self.drawn[place] += 1;
            took[place] = true;
            let mut batch = source.batch(&rows);
            if let Some(drawn) = drawn_task {
                let others = batch.targets.iter_mut().enumerate().filter(|(task, _)| *task != drawn);
                others.for_each(|(_, targets)| *targets = None);
            }
            batches.push(batch);
            rows_of.push(rows);
        }
        self.timing.watch.lap(StepPart::Data);
        self.steer.begin_step(step);
        let lr = self.learning_rate(step);
        let every = self.steer.gradient_every();
        let frozen = self.steer.frozen();
        let look = every > 0 && step.is_multiple_of(every);
        let half = look.then(|| self.half_batches(&batches, &rows_of, step / every)).flatten();
        let noise = half.map(|(task, halves)| (task, learner.cosine_between(task, [&halves[0], &halves[1]], step)));
        let probe = if std::mem::take(&mut self.probe_wanted) {
            learner.affinity(&batches, &self.present(&batches), step, lr)
        } else {
            Vec::new()
        };
        self.timing.watch.lap(StepPart::Evidence);
        let plan = Plan {
            step,
            epoch: self.least_epoch(),
            batches: &batches,
            weights: self.steer.weights(),
            muted: self.steer.muted(),
            frozen: &frozen,
            lr,
            clip: self.steer.clip(),
            measure_shared: look || !probe.is_empty(),
            foretell: look,
            poisoned,
        };
        self.pacing.step(self.steer.pace());
        let (mut learner, outcome) = learner.step_timed(&plan, &mut self.timing.watch);
        let (seen, trouble) = match outcome {
            Outcome::Updated(seen) | Outcome::Idle(seen) => (seen, None),
            Outcome::Diverged(seen, trouble) => (seen, Some(trouble)),
        };
        if let (Some(shared), None) = (&seen.shared, &trouble) {
            let norms: Vec<Option<f64>> = shared.norm.iter().map(|norm| norm.map(Real::get)).collect();
            self.steer.measured(&norms);
        }
        let fallbacks = learner.balancer.take_fallbacks();
        let looked = (look || !probe.is_empty()) && trouble.is_none();
        let moment = Moment { number: step, lr, seed: random::derive(learner.seed, step, "balance") };
        let evidence = looked.then(|| self.evidence.event(&seen, moment, noise, probe));
        self.evidence.saw(&seen.loss);
        self.timing.watch.lap(StepPart::Evidence);
        self.record_step(step, lr, seen)?;
        for fallback in fallbacks {
            self.emit(Event::Alert(fallback_alert(&fallback, step, &self.job.config.tasks)))?;
        }
        if let Some(Some(evidence)) = evidence {
            self.emit(Event::Balance(Box::new(evidence)))?;
        }
        self.timing.watch.lap(StepPart::Record);
        if trouble.is_some() {
            // The update was not made, so its batches count as not drawn.
            self.drawn.iter_mut().zip(took).for_each(|(drawn, took)| *drawn -= u64::from(took));
        } else {
            self.step = step;
            self.steer.step_done();
            self.timing.step_done();
        }
        Ok((learner, trouble))
    }

    /// Passes over the source that has had the fewest.
    fn least_epoch(&self) -> f64 {
        let epochs = self.draws.iter().zip(&self.drawn).map(|(draws, drawn)| draws.epoch(*drawn));
        epochs.fold(f64::INFINITY, f64::min)
    }

    /// The one task of a step, where steps have one: drawn among those that are not muted, by their training rows.
    fn drawn_task(&self, step: u64) -> Option<usize> {
        let TasksPerStep::One(sampling) = self.job.config.train.tasks_per_step else { return None };
        let muted = self.steer.muted();
        let all_muted = muted.iter().all(|muted| *muted);
        let share = |task: usize| {
            let rows = self.job.sources.iter().find_map(|source| source.target(task)).map_or(0, TargetColumn::labelled);
            if muted[task] && !all_muted { 0.0 } else { sampling.share(rows) }
        };
        let shares: Vec<f64> = (0..muted.len()).map(share).collect();
        Some(random::weighted(&mut random::generator(self.job.config.seed, step, "task"), &shares))
    }

    fn record_step(&self, step: u64, lr: f64, seen: Measurements) -> Result<(), TrainError> {
        debug_assert_eq!(seen.representation.cosine.len(), pairs(seen.loss.len()).count());
        let facts = StepFacts {
            step,
            epoch: self.draws.iter().zip(&self.drawn).map(|(draws, drawn)| draws.epoch(*drawn)).collect(),
            time: self.pacing.seconds(),
            weights: self.steer.weights(),
            lr,
            clip: self.steer.clip(),
        };
        self.emit(Event::Step(Box::new(step_event(&facts, seen))))
    }

    /// Takes what has come and answers what is due before the next update.
    fn take_requests(&mut self, learner: &mut NetworkLearner) -> Result<(), TrainError> {
        let mut next = self.step + 1;
        for incoming in self.connections.inbox.drain()? {
            for event in self.steer.receive(incoming, next) {
                self.emit(event)?;
            }
        }
        while let Some(answer) = self.steer.next_due(next, self.scheduled(next)) {
            match answer.order.clone() {
                None => self.emit_some(answer.event)?,
                Some(Order::Evaluate) => {
                    self.emit_some(answer.event)?;
                    self.look(learner)?;
                }
                Some(Order::Checkpoint) => {
                    self.emit_some(answer.event)?;
                    self.save(learner, true)?;
                }
                Some(Order::SetWeighting { name, options }) => {
                    let changed = self.switch_method(learner, Kind::Weighting, &name, options);
                    self.emit_changed(answer, changed)?;
                }
                Some(Order::SetAggregation { name, options }) => {
                    let changed = self.switch_method(learner, Kind::Aggregation, &name, options);
                    self.emit_changed(answer, changed)?;
                }
                Some(Order::Set { parameter, value }) => {
                    let changed = self.set_parameter(learner, &parameter, &value);
                    self.emit_changed(answer, changed)?;
                }
                Some(Order::Restore { step }) => {
                    self.restore(learner, step, answer)?;
                    next = self.step + 1;
                }
            }
        }
        self.report_mode()
    }

    fn emit_changed(&self, answer: Answer, changed: Result<Changed, String>) -> Result<(), TrainError> {
        self.emit_some(match changed {
            Ok((old, new)) => answer.done(old, new),
            Err(reason) => answer.refused(reason),
        })
    }

    fn report_mode(&mut self) -> Result<(), TrainError> {
        let mode = self.steer.mode().name();
        if mode != self.mode {
            self.mode = mode;
            self.connections.recorder.set_mode(mode)?;
        }
        Ok(())
    }

    fn scheduled(&self, step: u64) -> f64 {
        let train = &self.job.config.train;
        learning_rate(&train.schedule, train.optimizer.lr, step, train.steps)
    }

    fn learning_rate(&self, step: u64) -> f64 {
        self.steer.learning_rate(self.scheduled(step))
    }

    /// Evaluates the validation part; keeps the parameters where `train.best` finds the best so far.
    pub(super) fn evaluate(&mut self, learner: &NetworkLearner) -> Result<(), TrainError> {
        self.timing.watch.lap(StepPart::Rest);
        let found = self.measure(&learner.model.valid(), learner, Part::Valid);
        let score = found.score(&self.references);
        let standing = found.standing(self.job.config.train.best, score, &self.references, self.progress.best_value);
        match standing {
            Standing::Better(value) => {
                self.progress = Progress { best_value: value, best_step: self.step, evaluations_without_better: 0 };
                self.saver.keep_best(Best::of(&learner.model, self.step));
            }
            Standing::NoBetter => self.progress.evaluations_without_better += 1,
            Standing::Unknown => {}
        }
        let best = matches!(standing, Standing::Better(_));
        self.emit(Event::Eval(eval_event(self.step, "valid", &found, score, best)))?;
        self.show_samples(&found)?;
        self.valid = Some((self.step, found));
        self.timing.watch.lap(StepPart::Evaluation);
        Ok(())
    }

    pub(super) fn measure(&self, model: &Network, learner: &NetworkLearner, part: Part) -> Evaluation {
        let device = learner.device.clone().without_autodiff();
        evaluate(model, &self.job.sources, &self.job.config.tasks, part, &device)
    }

    pub(super) fn checkpoint(&mut self, learner: &NetworkLearner) -> Result<(), TrainError> {
        self.save(learner, false)
    }

    /// Saves the state; one that was asked for is kept for good.
    pub(super) fn save(&mut self, learner: &NetworkLearner, asked: bool) -> Result<(), TrainError> {
        self.timing.watch.lap(StepPart::Rest);
        let state = self.state(learner);
        if let Some(path) = self.saver.checkpoint(&state, learner, &self.job.sources, asked)? {
            self.emit(Event::Checkpoint(crate::protocol::Checkpoint { step: self.step, path }))?;
        }
        self.timing.watch.lap(StepPart::Checkpoint);
        Ok(())
    }

    /// The small part of a checkpoint, as the run stands now.
    fn state(&self, learner: &NetworkLearner) -> State {
        let names = self.job.sources.iter().map(|source| source.name().to_owned());
        let updates = learner.table.iter().zip(learner.optimizer.moments());
        State {
            version: CHECKPOINT_VERSION,
            step: self.step,
            time: self.pacing.seconds(),
            draws: names.zip(self.drawn.iter().copied()).collect(),
            steer: self.steer.state().clone(),
            progress: self.progress.clone(),
            balance: learner.balancer.state(),
            evidence: self.evidence.clone(),
            updates: updates.map(|(parameter, moments)| (parameter.path.clone(), moments.updates)).collect(),
        }
    }

    /// A number that is not finite: the last good state is saved.
    fn diverged(self, learner: &NetworkLearner, trouble: &NonFinite) -> Result<Report, TrainError> {
        let task = self.job.config.tasks[trouble.task].name.clone();
        let message = format!(
            "the {} of task '{}' is not a finite number at step {}; no update was made and the state after step {} is saved",
            trouble.what,
            crate::text::sanitise(&task),
            self.step + 1,
            self.step
        );
        self.emit(Event::Alert(Alert {
            step: self.step + 1,
            code: format!("non_finite_{}", trouble.what),
            level: "error".to_owned(),
            task: Some(task),
            message,
        }))?;
        self.end(learner, EndReason::Diverged)
    }

    /// Answers what is open, saves, and reports. The `end` event is the caller's, once all else went well.
    fn end(mut self, learner: &NetworkLearner, reason: EndReason) -> Result<Report, TrainError> {
        if self.timing.has_something_to_tell() {
            self.tell_system()?;
        }
        let complete = matches!(reason, EndReason::Finished | EndReason::EarlyStopped);
        let seen = self.valid.as_ref().is_some_and(|(step, _)| *step == self.step);
        if !seen && reason != EndReason::Diverged {
            let before = self.progress.clone();
            self.evaluate(learner)?;
            // An evaluation that only being cut short brought about must not count against patience after a resume.
            if !complete {
                self.progress = before;
            }
        }
        // Once more, so that what came during the last step is answered too.
        for incoming in self.connections.inbox.drain_all()? {
            for event in self.steer.receive(incoming, self.step + 1) {
                self.emit(event)?;
            }
        }
        for event in self.steer.finish(self.step + 1) {
            self.emit(event)?;
        }
        self.checkpoint(learner)?;
        if reason != EndReason::Diverged {
            self.saver.write_final(learner, &self.job.sources, self.step)?;
        }
        let test = if complete { self.test(learner)? } else { None };
        Ok(Report { step: self.step, reason, valid: self.valid, test })
    }

    /// The test part, read once, with the best parameters.
    fn test(&self, learner: &NetworkLearner) -> Result<Option<(u64, Evaluation)>, TrainError> {
        if self.job.sources.iter().all(|source| source.part(Part::Test).is_empty()) {
            return Ok(None);
        }
        let (step, model) = match self.saver.best()? {
            Some(best) => (best.step, with_values(learner.model.valid(), &best.parameters)?),
            None => (self.step, learner.model.valid()),
        };
        let found = self.measure(&model, learner, Part::Test);
        self.emit(Event::Eval(eval_event(step, "test", &found, None, false)))?;
        Ok(Some((step, found)))
    }

    /// Where the time since the last such event went.
    fn tell_system(&mut self) -> Result<(), TrainError> {
        self.timing.watch.lap(StepPart::Rest);
        let event = self.timing.tell(self.pacing.seconds());
        self.emit(Event::System(event))
    }

    pub(super) fn emit(&self, event: Event) -> Result<(), TrainError> {
        Ok(self.connections.recorder.send(event)?)
    }

    pub(super) fn emit_some(&self, event: Option<Event>) -> Result<(), TrainError> {
        event.map_or(Ok(()), |event| self.emit(event))
    }
}
