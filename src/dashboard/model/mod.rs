//! One run as its events tell it.
//!
//! Owns everything that is known of a run. Built from events alone, so that a live run and a recorded one look alike.

mod balance;
mod derived;
mod evidence;
mod gradients;
mod history;
mod ingest;
mod log;
mod machine;
mod marks;
mod methods;
mod pending;
mod samples;
mod scalars;
mod shadow;
mod task;
mod updates;

pub use balance::{Balance, Matrix};
pub use derived::Derived;
pub use evidence::{Evidence, Measured, RECENT, Weighed};
pub use gradients::{Gradients, Place};
pub use history::History;
pub use log::{Entry, EntryKind, Log};
pub use machine::Machine;
pub use marks::{Mark, MarkKind, Quiet, Slopes};
pub use methods::{MATCH_NORM, Methods, PROBE, RESET_MOMENTS};
pub use pending::Pending;
pub use samples::{Answer, Samples, Verdict};
pub use scalars::{MOST as MOST_SCALARS, Scalar, Scalars};
pub use shadow::{PLAIN, Shadow, Trial};
pub use task::Task;
pub use updates::Updates;

use super::advice::Advice;
use super::undo::Undo;
use crate::protocol::{EndReason, Part};
use crate::series::{Series, Timeline};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was heard yet.
    Waiting,
    /// Updates are made.
    Running,
    /// Looking at the validation part.
    Evaluating,
    /// Waiting for a person.
    Paused,
    /// Over.
    Ended(EndReason),
    /// The events stopped without an end.
    Lost,
}

/// Everything known of a run. Texts are fit for a terminal; [`Task::name`] alone is as the trainer wrote it.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// Planned updates.
    pub steps: Option<u64>,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Names of the commands it takes.
    pub accepts: Vec<String>,
    /// Methods over steps.
    pub methods: Methods,
    /// What it is doing.
    pub phase: Phase,
    /// The last error, or the message of the end.
    trouble: Option<String>,
    /// Steps with epoch and time.
    pub timeline: Timeline,
    /// Last epoch of the first source.
    pub epoch: Option<f64>,
    /// Last epochs of all sources.
    pub epochs: Vec<f64>,
    /// Names of the sources.
    pub sources: Vec<String>,
    /// Learning rate now.
    pub lr: Option<f64>,
    /// Σ λ L of the last step.
    pub total: Option<f64>,
    /// Norm of the last update before clipping, the bound, and the factor used.
    pub update_norm: Option<f64>,
    /// Bound of clipping.
    pub clip: Option<f64>,
    /// Highest pace in steps a second, as far as known; `None` is free.
    pub pace: Option<f64>,
    /// Last validation score, and the best with its step.
    pub score: Option<f64>,
    /// The best score and its step.
    pub best_score: Option<(f64, u64)>,
    /// Gradients on the shared parameters.
    pub shared: Gradients,
    /// Gradients at the representation.
    pub representation: Gradients,
    /// How far updates moved the parts of the network.
    pub updates: Updates,
    /// Named numbers.
    pub scalars: Scalars,
    /// What the run is made of, and its machine.
    pub machine: Machine,
    /// What `balance` events said.
    pub balance: Balance,
    /// The last steps and measurements.
    pub evidence: Evidence,
    /// What is worth saying now, the most important first.
    pub advice: Vec<Advice>,
    /// The step that advice was last thought over at.
    advised: u64,
    /// The method a person went to in the table of methods.
    pub candidate: Option<String>,
    /// Step of the evaluation of the test part.
    pub tested: Option<u64>,
    /// Moments of change, in the order of their steps.
    pub marks: Vec<Mark>,
    /// Evaluations and checkpoints.
    pub quiet: Quiet,
    /// Names of the frozen parts as the trainer writes them, from a step on; an entry where they changed.
    pub(super) frozen: Vec<(u64, Vec<String>)>,
    /// What happened, in words.
    pub log: Log,
    /// Requests of this screen without an answer.
    pub pending: Vec<Pending>,
    /// What this screen changed and can take back.
    pub undo: Undo,
    /// Steps whose state was saved, oldest first.
    pub checkpoints: Vec<u64>,
    /// Knobs that the trainer has, with their values as far as was heard.
    pub knobs: BTreeMap<String, Value>,
    /// Tasks that were muted before a solo.
    pub before_solo: Option<Vec<usize>>,
    /// When the last event came.
    pub heard: Duration,
    /// Age of the trainer's last step in the last heartbeat, in seconds, where no step came since.
    pub step_age: f64,
    /// The last step that was asked for while paused; 0 for none.
    advances_to: u64,
    /// β of the curves.
    smoothing: f64,
    /// What is kept beside the losses.
    deriver: derived::Deriver,
}

impl Run {
    /// A run of which nothing was heard.
    pub fn new(smoothing: f64, pace: Option<f64>) -> Self {
        Self {
            name: String::new(),
            steps: None,
            tasks: Vec::new(),
            accepts: Vec::new(),
            methods: Methods::default(),
            phase: Phase::Waiting,
            trouble: None,
            timeline: Timeline::default(),
            epoch: None,
            epochs: Vec::new(),
            sources: Vec::new(),
            lr: None,
            total: None,
            update_norm: None,
            clip: None,
            pace,
            score: None,
            best_score: None,
            shared: Gradients::default(),
            representation: Gradients::default(),
            updates: Updates::default(),
            scalars: Scalars::default(),
            machine: Machine::default(),
            balance: Balance::default(),
            evidence: Evidence::default(),
            advice: Vec::new(),
            advised: 0,
            candidate: None,
            tested: None,
            marks: Vec::new(),
            quiet: Quiet::default(),
            frozen: Vec::new(),
            log: Log::default(),
            pending: Vec::new(),
            undo: Undo::default(),
            checkpoints: Vec::new(),
            knobs: BTreeMap::new(),
            before_solo: None,
            heard: Duration::ZERO,
            step_age: 0.0,
            advances_to: 0,
            smoothing,
            deriver: derived::Deriver::default(),
        }
    }

    /// Whether the run is over.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Ended(_) | Phase::Lost)
    }

    /// Why the run ended, where it ended badly and said why.
    pub fn trouble(&self) -> Option<&str> {
        let bad = matches!(self.phase, Phase::Ended(EndReason::Failed | EndReason::Diverged) | Phase::Lost);
        self.trouble.as_deref().filter(|_| bad)
    }

    /// Whether the run takes a command.
    pub fn takes(&self, command: &str) -> bool {
        self.accepts.iter().any(|name| name == command)
    }

    /// Whether nothing was heard for longer than a living run is silent: max(15 s, ten median steps).
    pub fn is_stale(&self, now: Duration) -> bool {
        let limit = self.timeline.median_step().map_or(15.0, |median| (10.0 * median).max(15.0));
        let silent = now.saturating_sub(self.heard).as_secs_f64();
        let hangs = self.phase == Phase::Running && self.step_age > limit;
        !self.is_over() && self.phase != Phase::Waiting && (silent > limit || hangs)
    }

    /// Seconds until the last planned step at the present speed.
    pub fn eta(&self) -> Option<f64> {
        let left = self.steps?.saturating_sub(self.timeline.last_step());
        (!self.is_over()).then_some(left as f64 / self.timeline.rate(5.0)?)
    }

    /// A task's share of the shared update, |c|‖g‖ over all tasks'.
    pub fn share(&self, task: usize) -> Option<f64> {
        // What was not a sum of gradients has no shares, not even of the few that have a coefficient.
        if self.tasks.iter().any(Task::is_blended) {
            return None;
        }
        let part = |place: usize| {
            let coefficient = self.tasks.get(place)?.coefficient?;
            let norm = self.shared.norms.get(place)?.last()?.1;
            Some((coefficient * norm).abs()).filter(|part| part.is_finite())
        };
        let sum: f64 = (0..self.tasks.len()).filter_map(part).sum();
        part(task).filter(|_| sum > 0.0).map(|own| own / sum)
    }

    /// Whether a part of the network is frozen, as far as was heard.
    pub fn is_frozen(&self, part: Part) -> bool {
        let Some((_, words)) = self.frozen.last().filter(|(_, words)| !words.is_empty()) else { return false };
        let tasks: Vec<String> = self.tasks.iter().map(|task| task.name.clone()).collect();
        words.iter().any(|word| Part::parse(word, &tasks) == Ok(part))
    }

    /// The last gap over the mean norm of the shared gradients then.
    pub fn relative_gap(&self) -> Option<f64> {
        self.evidence.weighed().next_back()?.relative_gap()
    }

    /// The gradients measured at a place.
    pub fn gradients(&self, place: Place) -> &Gradients {
        match place {
            Place::Shared => &self.shared,
            Place::Representation => &self.representation,
        }
    }

    /// The place to show when `wanted` was asked for: the other one where only that was measured.
    pub fn gradient_place(&self, wanted: Place) -> Place {
        match (self.gradients(wanted).measured, self.gradients(wanted.other()).measured) {
            (None, Some(_)) => wanted.other(),
            _ => wanted,
        }
    }

    /// Smooths all curves with another β.
    pub fn set_smoothing(&mut self, smoothing: f64) {
        self.smoothing = smoothing;
        self.each_series(|series| series.set_smoothing(smoothing));
    }

    fn each_series(&mut self, mut change: impl FnMut(&mut Series)) {
        for task in &mut self.tasks {
            change(&mut task.loss);
            task.derived.as_mut().into_iter().for_each(&mut change);
        }
        self.shared.series().chain(self.representation.series()).for_each(&mut change);
        self.updates.series_mut().chain(self.scalars.series()).for_each(change);
    }
}
