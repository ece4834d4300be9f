//! The state machine: requests in, one answer each out, in one order; ramps and the count of updates.

use super::answer::{Answer, Mode};
use super::state::{STATE_VERSION, SteerError, SteerState};
use crate::protocol::{Alert, Applied, Command, Event, Part, Rejected, RejectedLine, Request};
use crate::text::{sanitise, truncate};
use std::collections::{BTreeSet, VecDeque};

/// Reason for whatever is still open at the end.
pub(super) const RUN_ENDED: &str = "run ended";

/// Longest id in bytes; a longer one could not be repeated in an answer of sensible length.
const LONGEST_ID: usize = 256;

/// Most requests that wait at once: each is looked at before every update and is part of every checkpoint.
pub(super) const MOST_OPEN: usize = 10_000;

/// What a trainer starts with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Task names; their order is the order of every per-task array.
    pub tasks: Vec<String>,
    /// λ at the start, one a task, finite and ≥ 0.
    pub weights: Vec<f64>,
    /// Bound of global-norm clipping; `None` is off.
    pub clip: Option<f64>,
    /// How often per-task gradients of the shared parameters are measured, in updates; 0 is never.
    pub gradient_every: u64,
    /// At most so many updates a second; `None` is as fast as it can.
    pub pace: Option<f64>,
    /// Parts that are not updated at the start; see [`Part::parse`].
    pub frozen: Vec<String>,
    /// Names of the commands this trainer takes, as in [`crate::protocol::COMMAND_NAMES`].
    pub accepts: Vec<&'static str>,
}

/// What a trainer does with requests. See the module for the loop around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Steer {
    pub(super) accepts: Vec<&'static str>,
    pub(super) state: SteerState,
    pub(super) mode: Mode,
    /// Recorded requests that act again, in the record's order.
    recorded: VecDeque<Applied>,
    /// The last update of the repeated stretch; 0 where nothing is repeated.
    repeat_until: u64,
}

/// Whether a trainer was alive when a request was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Alive,
    Unattended,
}

impl Steer {
    /// Starts with the given weights, running, nothing muted.
    ///
    /// # Errors
    /// [`SteerError::Count`], [`SteerError::Value`] and [`SteerError::Part`].
    pub fn new(setup: Setup) -> Result<Self, SteerError> {
        let count = setup.tasks.len();
        let mut state = SteerState {
            version: STATE_VERSION,
            muted: vec![false; count],
            ramps: vec![None; count],
            frozen: setup.frozen,
            weights: setup.weights,
            lr_multiplier: 1.0,
            clip: setup.clip,
            gradient_every: setup.gradient_every,
            pace: setup.pace,
            open: VecDeque::new(),
            answered: BTreeSet::new(),
            norms: VecDeque::new(),
            unreadable: 0,
            tasks: setup.tasks.clone(),
        };
        state.check(&setup.tasks)?;
        // In the order of the parts, each once.
        let parts = state.frozen_parts();
        state.freeze(&parts);
        Self::from_state(&setup.tasks, setup.accepts, state)
    }

    /// Goes on from a saved state, running. `tasks` are the run's, in order.
    ///
    /// # Errors
    /// Where the state is of another version, of other tasks, or out of range.
    pub fn from_state(tasks: &[String], accepts: Vec<&'static str>, state: SteerState) -> Result<Self, SteerError> {
        state.check(tasks)?;
        Ok(Self { accepts, state, mode: Mode::Running, recorded: VecDeque::new(), repeat_until: 0 })
    }

    /// What a checkpoint keeps.
    pub fn state(&self) -> &SteerState {
        &self.state
    }

    /// Goes back to a checkpoint's state in a running trainer. Answered ids, open requests and the pause stay as they
    /// are: what was in the checkpoint's queue has either been answered since or is still open.
    ///
    /// # Errors
    /// As [`Steer::from_state`]; nothing is changed then.
    pub fn restore(&mut self, mut state: SteerState) -> Result<(), SteerError> {
        state.check(&self.state.tasks)?;
        state.open = std::mem::take(&mut self.state.open);
        state.answered = std::mem::take(&mut self.state.answered);
        state.unreadable = self.state.unreadable;
        self.state = state;
        Ok(())
    }

    /// Drops the requests that wait: those of another run, at whose checkpoint this one begins.
    pub fn forget_open(&mut self) {
        self.state.open.clear();
    }

    /// After a resume: the requests `recorded` as applied act again at their steps, without a new event; every id in
    /// `answered` (from `applied` and `rejected` events) is never answered again; and other requests wait until the
    /// update after `until`, up to which the record had come.
    ///
    /// What has no place in a repetition is left out: pause, resume, advance, stop, checkpoint, restore, note.
    pub fn replay(&mut self, recorded: Vec<Applied>, answered: impl IntoIterator<Item = String>, until: u64) {
        // A checkpoint made at a request's own boundary already contains what came before it there.
        self.recorded = recorded.into_iter().filter(|applied| !self.state.answered.contains(&applied.id)).collect();
        self.state.answered.extend(answered);
        self.state.open.retain(|request| !self.state.answered.contains(&request.id));
        // What has yet to act again counts as answered only then: a checkpoint made before does not contain it.
        for applied in &self.recorded {
            self.state.answered.remove(&applied.id);
            self.state.open.retain(|request| request.id != applied.id);
        }
        self.repeat_until = until;
    }

    /// Takes a request, or a line that is none, before update `next_step`. What can never be carried out is rejected
    /// at once, the rest is queued for [`Steer::next_due`]. An id that was seen before is ignored.
    pub fn receive(&mut self, incoming: Result<Request, RejectedLine>, next_step: u64) -> Vec<Event> {
        self.take(incoming, next_step, Sent::Alive).into_iter().collect()
    }

    /// As [`Steer::receive`], for what was sent while no trainer was alive: only a future `at_step` is kept.
    pub fn receive_unattended(&mut self, incoming: Result<Request, RejectedLine>, next_step: u64) -> Vec<Event> {
        self.take(incoming, next_step, Sent::Unattended).into_iter().collect()
    }

    fn take(&mut self, incoming: Result<Request, RejectedLine>, next_step: u64, sent: Sent) -> Option<Event> {
        let (id, from, request) = match incoming {
            Ok(request) => (request.id.clone(), request.from.clone(), Ok(request)),
            Err(RejectedLine::WithId { id, from, reason }) => (id, from, Err(reason)),
            Err(RejectedLine::Unreadable { reason }) => return self.count_unreadable(&reason, next_step),
        };
        if id.is_empty() || id.len() > LONGEST_ID {
            return self.count_unreadable(&format!("an id has 1 to {LONGEST_ID} bytes"), next_step);
        }
        if self.state.answered.contains(&id)
            || self.state.open.iter().any(|open| open.id == id)
            || self.recorded.iter().any(|applied| applied.id == id)
        {
            return None;
        }
        let earliest = next_step.max(self.repeat_until.saturating_add(1));
        let taken = request.and_then(|request| {
            if self.mode == Mode::Ended {
                return Err(RUN_ENDED.to_owned());
            }
            match request.at_step {
                Some(at) if at < earliest => return Err(past(at, earliest)),
                None if sent == Sent::Unattended => return Err("sent while the run was not alive".to_owned()),
                _ => {}
            }
            self.check(&request.command)?;
            if self.state.open.len() >= MOST_OPEN {
                return Err(format!("{MOST_OPEN} requests wait already"));
            }
            Ok(request)
        });
        match taken {
            Ok(request) => {
                self.state.open.push_back(request);
                None
            }
            Err(reason) => Some(self.reject(id, &from, &reason, next_step)),
        }
    }

    /// The next answer that is due before update `next_step`, in order of arrival; `None` where there is none.
    /// `scheduled_lr` is the schedule's learning rate of that update.
    ///
    /// One at a time, so that an order is carried out before the next request is looked at: what follows a `restore`
    /// acts on the restored state, at its step.
    pub fn next_due(&mut self, next_step: u64, scheduled_lr: f64) -> Option<Answer> {
        if let Some(answer) = self.next_recorded(next_step, scheduled_lr) {
            return Some(answer);
        }
        if next_step <= self.repeat_until || matches!(self.mode, Mode::Stopping | Mode::Ended) {
            return None;
        }
        let place = self.state.open.iter().position(|open| open.at_step.is_none_or(|at| at <= next_step))?;
        let Request { id, from, at_step, command } = self.state.open.remove(place)?;
        let value = command.to_value();
        let changed = match at_step {
            Some(at) if at < next_step => Err(past(at, next_step)),
            _ => self.check(&command).and_then(|()| self.change(command, next_step, scheduled_lr)),
        };
        Some(match changed {
            Ok(change) => {
                self.state.answered.insert(id.clone());
                let from = short(&from);
                let applied = Applied { step: next_step, id, from, command: value, old: change.old, new: change.new };
                Answer { event: Some(Event::Applied(applied)), order: change.order }
            }
            Err(reason) => Answer { event: Some(self.reject(id, &from, &reason, next_step)), order: None },
        })
    }

    /// The next recorded request that acts again now.
    fn next_recorded(&mut self, next_step: u64, scheduled_lr: f64) -> Option<Answer> {
        while self.recorded.front().is_some_and(|applied| applied.step <= next_step) {
            let applied = self.recorded.pop_front()?;
            self.state.answered.insert(applied.id.clone());
            let command = match applied.command() {
                _ if applied.step < next_step => continue,
                Some(
                    Command::Pause {}
                    | Command::Resume {}
                    | Command::Advance { .. }
                    | Command::Stop {}
                    | Command::Checkpoint {}
                    | Command::Restore { .. }
                    | Command::Note { .. },
                ) => continue,
                Some(command) => self.check(&command).and_then(|()| self.change(command, next_step, scheduled_lr)),
                None => Err("this version does not know the command".to_owned()),
            };
            return Some(match command {
                Ok(change) => Answer { event: None, order: change.order },
                Err(reason) => {
                    let message = format!("the recorded request '{}' cannot act again: {reason}", short(&applied.id));
                    Answer { event: Some(alert(next_step, "replay", "error", message)), order: None }
                }
            });
        }
        None
    }

    /// Moves the ramps on to update `step`; call it right before that update.
    pub fn begin_step(&mut self, step: u64) {
        for (weight, ramp) in self.state.weights.iter_mut().zip(&mut self.state.ramps) {
            if let Some(running) = ramp {
                let (value, reached) = running.at(step);
                *weight = value;
                if reached {
                    *ramp = None;
                }
            }
        }
    }

    /// Counts an update that was made, for `advance`.
    pub fn step_done(&mut self) {
        if let Mode::Advancing { left } = self.mode {
            self.mode = if left > 1 { Mode::Advancing { left: left - 1 } } else { Mode::Paused };
        }
    }

    /// Keeps measured norms of the shared gradients, an entry a task, for `equalize`.
    pub fn measured(&mut self, shared_norms: &[Option<f64>]) {
        self.state.measured(shared_norms);
    }

    /// Ends: whatever is still open is rejected, and whatever comes later will be at once. `next_step` is the number
    /// of the update that would have been next.
    pub fn finish(&mut self, next_step: u64) -> Vec<Event> {
        self.mode = Mode::Ended;
        let open = std::mem::take(&mut self.state.open);
        open.into_iter().map(|request| self.reject(request.id, &request.from, RUN_ENDED, next_step)).collect()
    }

    /// Whether the trainer makes updates.
    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    /// Whether recorded requests are being repeated before update `next_step`.
    pub fn is_replaying(&self, next_step: u64) -> bool {
        next_step <= self.repeat_until
    }

    /// λ, one a task, finite and ≥ 0.
    pub fn weights(&self) -> &[f64] {
        &self.state.weights
    }

    /// Which tasks are muted, one a task.
    pub fn muted(&self) -> &[bool] {
        &self.state.muted
    }

    /// The parts that are not updated.
    pub fn frozen(&self) -> BTreeSet<Part> {
        self.state.frozen_parts()
    }

    /// The bound of global-norm clipping.
    pub fn clip(&self) -> Option<f64> {
        self.state.clip
    }

    /// How often shared gradients are measured, in updates; 0 is never.
    pub fn gradient_every(&self) -> u64 {
        self.state.gradient_every
    }

    /// At most so many updates a second.
    pub fn pace(&self) -> Option<f64> {
        self.state.pace
    }

    /// Lifts the pace, where nobody watches.
    pub fn free_pace(&mut self) {
        self.state.pace = None;
    }

    /// The learning rate to use where the schedule says `scheduled`; finite where that is.
    pub fn learning_rate(&self, scheduled: f64) -> f64 {
        let rate = scheduled * self.state.lr_multiplier;
        if rate == f64::INFINITY && scheduled.is_finite() { f64::MAX } else { rate }
    }

    /// How many requests wait.
    pub fn open_requests(&self) -> usize {
        self.state.open.len()
    }

    fn reject(&mut self, id: String, from: &str, reason: &str, step: u64) -> Event {
        self.state.answered.insert(id.clone());
        let reason = truncate(&sanitise(reason), 2000);
        Event::Rejected(Rejected { step, id, from: short(from), reason })
    }

    /// Alerts at 1, 2, 4, 8, … lines: a writer of nonsense must not flood the record.
    fn count_unreadable(&mut self, reason: &str, step: u64) -> Option<Event> {
        self.state.unreadable = self.state.unreadable.saturating_add(1);
        let count = self.state.unreadable;
        let lines = if count == 1 { "request" } else { "requests" };
        let message = format!("{count} {lines} without a readable id so far, the last one: {}", short(reason));
        count.is_power_of_two().then(|| alert(step, "unreadable_request", "warning", message))
    }
}

fn alert(step: u64, code: &str, level: &str, message: String) -> Event {
    Event::Alert(Alert { step, code: code.to_owned(), level: level.to_owned(), task: None, message })
}

fn past(at: u64, earliest: u64) -> String {
    format!("at_step {at} is in the past (the next update is {earliest})")
}

/// Text from outside at a length fit for an event.
fn short(text: &str) -> String {
    truncate(&sanitise(text), 200)
}

#[cfg(test)]
mod tests;
