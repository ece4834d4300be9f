//! How a run begins: a new network, maybe with values of another run, or a checkpoint and the record since then.

use super::alignment::impossible_alignments;
use super::build;
use super::checkpoint::{Progress, read_best, read_checkpoint};
use super::device::open_device;
use super::evidence::EvidenceState;
use super::job::{Connections, Job, Start, TrainError};
use super::optimizer::Optimizer;
use super::pacing::Pacing;
use super::record::{ACCEPTS, run_started};
use super::save::{Best, Saver};
use super::score::references;
use super::step::Learner;
use super::timing::Timing;
use super::trainer::{NetworkLearner, Trainer};
use crate::balance::Balancer;
use crate::data::{Draws, Part};
use crate::model::{ParameterTable, with_values};
use crate::protocol::{Alert, Event, Rewind, RewindReason};
use crate::run::Lineage;
use crate::steer::{Setup, Steer};
use std::path::Path;

impl Trainer {
    pub(super) fn begin(job: Job, connections: Connections) -> Result<(Self, NetworkLearner), TrainError> {
        let config = &job.config;
        let device = open_device(&config.train.device)?;
        let network = build::network(config, &job.sources)?;
        let plain = device.clone().without_autodiff();
        let references = references(&job.sources, &network.losses, &plain);
        let model = network.init(config.seed, &device);
        let table = ParameterTable::of(&model);
        let mut learner = Learner {
            optimizer: Optimizer::new(config.train.optimizer.clone(), table.len()),
            balancer: Balancer::new(
                &config.balance.weighting,
                &config.balance.aggregation,
                config.balance.settings,
                config.tasks.len(),
            )?,
            model,
            table,
            device,
            seed: config.seed,
        };
        let names: Vec<String> = config.tasks.iter().map(|task| task.name.clone()).collect();
        let steer = Steer::new(Setup {
            tasks: names.clone(),
            weights: config.tasks.iter().map(|task| task.weight).collect(),
            clip: config.train.clip,
            gradient_every: config.train.gradient_every.unwrap_or_else(|| 20.max(10 * names.len() as u64)),
            pace: config.train.pace.filter(|_| job.paced),
            frozen: config.train.freeze.clone(),
            accepts: ACCEPTS.to_vec(),
        })?;
        let draws = job.sources.iter().zip(&config.sources).map(|(source, options)| {
            let batch = options.batch.unwrap_or(config.train.batch);
            Draws::new(config.seed, source.name(), source.part(Part::Train), batch)
        });
        let mut trainer = Self {
            draws: draws.collect(),
            drawn: vec![0; job.sources.len()],
            step: 0,
            references,
            progress: Progress::default(),
            pacing: Pacing::new(0.0),
            timing: Timing::default(),
            saver: Saver::new(job.directory.clone(), config.train.keep_checkpoints),
            valid: None,
            mode: "running",
            evidence: EvidenceState::new(names.len()),
            probe_wanted: false,
            steer,
            job,
            connections,
        };
        let start = std::mem::replace(&mut trainer.job.start, Start::New(None));
        match start {
            Start::New(initial) => {
                if let Some(initial) = &initial {
                    learner.model = initial.apply(learner.model)?;
                }
                trainer.announce(&learner, initial.as_ref().map(|initial| initial.run.as_str()), None)?;
                trainer.evaluate(&learner)?;
                trainer.receive_first()?;
            }
            Start::Resume { checkpoint, lineage, damaged } => {
                learner = trainer.resume(learner, &checkpoint, lineage, &damaged)?;
            }
            Start::Fork { checkpoint, parent } => {
                learner = trainer.fork(learner, &checkpoint)?;
                trainer.announce(&learner, Some(&parent), Some(trainer.step))?;
                // So that it can be gone on with from here, whatever becomes of the other run.
                trainer.save(&learner, true)?;
                trainer.receive_first()?;
            }
        }
        Ok((trainer, learner))
    }

    /// The run's first events.
    fn announce(
        &self,
        learner: &NetworkLearner,
        parent: Option<&str>,
        forked_at: Option<u64>,
    ) -> Result<(), TrainError> {
        let Job { run, config, sources, baseline, directory, .. } = &self.job;
        let mut started = run_started(run, parent, config, sources, &learner.table, directory.as_ref());
        started.forked_at = forked_at;
        for task in &mut started.tasks {
            task.baseline = baseline.get(&task.name).cloned().unwrap_or_default();
        }
        self.emit(Event::Run(Box::new(started)))?;
        for alert in impossible_alignments(&config.tasks, sources) {
            self.emit(Event::Alert(alert))?;
        }
        Ok(())
    }

    /// Takes the requests that the run begins with.
    fn receive_first(&mut self) -> Result<(), TrainError> {
        for request in std::mem::take(&mut self.job.requests) {
            for event in self.steer.receive(Ok(request), self.step + 1) {
                self.emit(event)?;
            }
        }
        Ok(())
    }

    fn resume(
        &mut self,
        learner: NetworkLearner,
        checkpoint: &Path,
        lineage: Lineage,
        damaged: &[String],
    ) -> Result<NetworkLearner, TrainError> {
        let learner = self.continue_from(learner, checkpoint)?;
        let again = lineage.applied_after(self.step);
        self.steer.replay(again, lineage.answered, lineage.last_step);
        for problem in damaged {
            let message = format!("a checkpoint is damaged, the one before it is used: {problem}");
            self.emit(Event::Alert(Alert {
                step: self.step,
                code: "damaged_checkpoint".to_owned(),
                level: "warning".to_owned(),
                task: None,
                message,
            }))?;
        }
        self.emit(Event::Rewind(Rewind { to_step: self.step, why: RewindReason::Resume }))?;
        for incoming in self.connections.inbox.read_mailbox()? {
            for event in self.steer.receive_unattended(incoming, self.step + 1) {
                self.emit(event)?;
            }
        }
        Ok(learner)
    }

    fn fork(&mut self, learner: NetworkLearner, checkpoint: &Path) -> Result<NetworkLearner, TrainError> {
        let learner = self.continue_from(learner, checkpoint)?;
        self.steer.forget_open();
        let best_step = self.progress.best_step;
        self.saver.restore_best(read_best(checkpoint)?.map(|parameters| Best { step: best_step, parameters }))?;
        Ok(learner)
    }

    /// Takes over all that a checkpoint holds.
    fn continue_from(&mut self, mut learner: NetworkLearner, checkpoint: &Path) -> Result<NetworkLearner, TrainError> {
        let names: Vec<String> = self.job.config.tasks.iter().map(|task| task.name.clone()).collect();
        let saved = read_checkpoint(checkpoint, &learner.table)?;
        if saved.state.step >= self.job.config.train.steps {
            return Err(TrainError::Complete { run: self.job.run.clone(), steps: self.job.config.train.steps });
        }
        learner.model = with_values(learner.model, &saved.parameters)?;
        learner.optimizer.restore(saved.moments);
        learner.balancer = Balancer::from_state(&saved.state.balance, names.len())?;
        self.evidence = saved.state.evidence;
        self.step = saved.state.step;
        self.progress = saved.state.progress;
        self.pacing = Pacing::new(saved.state.time);
        for (drawn, source) in self.drawn.iter_mut().zip(&self.job.sources) {
            *drawn = saved.state.draws.get(source.name()).copied().unwrap_or(0);
        }
        self.steer = Steer::from_state(&names, ACCEPTS.to_vec(), saved.state.steer)?;
        if !self.job.paced {
            self.steer.free_pace();
        }
        Ok(learner)
    }
}
