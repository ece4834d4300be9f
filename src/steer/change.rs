//! What one command does to the state, and why it may be refused.

use super::answer::{Mode, Order};
use super::machine::Steer;
use super::state::{Ramp, is_positive, is_weight};
use crate::protocol::{Command, Part};
use crate::text::{nearest, sanitise, truncate};
use serde_json::Value;

/// Longest command in JSON bytes: its answer must stay far below the longest line that readers take.
const LONGEST_COMMAND: usize = 64 * 1024;

/// What a command changed.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub old: Option<Value>,
    pub new: Option<Value>,
    pub order: Option<Order>,
}

impl Change {
    fn values(old: impl Into<Value>, new: impl Into<Value>) -> Self {
        Self { old: Some(old.into()), new: Some(new.into()), order: None }
    }

    fn order(order: Order) -> Self {
        Self { order: Some(order), ..Self::default() }
    }
}

impl Steer {
    /// Whether a command can be taken at all, whatever the state will be when it is due.
    pub(super) fn check(&self, command: &Command) -> Result<(), String> {
        if !self.accepts.contains(&command.name()) {
            return Err(format!(
                "this trainer does not take {} (it takes: {})",
                command.name(),
                self.accepts.join(", ")
            ));
        }
        if command.to_value().to_string().len() > LONGEST_COMMAND {
            return Err(format!("the command is longer than {LONGEST_COMMAND} bytes"));
        }
        let weight = |value: f64| {
            if is_weight(value) { Ok(()) } else { Err(format!("a weight must be finite and at least 0, got {value}")) }
        };
        let positive = |what: &str, value: f64| {
            if is_positive(value) { Ok(()) } else { Err(format!("{what} must be finite and above 0, got {value}")) }
        };
        match command {
            Command::SetWeight { task, value, over_steps } => {
                self.task(task)?;
                weight(*value)?;
                if *over_steps == Some(0) { Err("over_steps must be at least 1".to_owned()) } else { Ok(()) }
            }
            Command::SetWeights { weights } => {
                if weights.len() != self.state.tasks.len() {
                    return Err(format!(
                        "{} weights for {} tasks ({})",
                        weights.len(),
                        self.state.tasks.len(),
                        self.task_list()
                    ));
                }
                weights.iter().try_for_each(|value| weight(*value))
            }
            Command::Mute { task } | Command::Unmute { task } => self.task(task).map(|_| ()),
            Command::SetMuted { tasks } => tasks.iter().try_for_each(|task| self.task(task).map(|_| ())),
            Command::Freeze { part } | Command::Unfreeze { part } => Part::parse(part, &self.state.tasks).map(|_| ()),
            Command::SetLr { value } => positive("the learning rate", *value),
            Command::SetClip { value } => value.map_or(Ok(()), |value| positive("the clipping bound", value)),
            Command::SetPace { steps_per_second } => {
                steps_per_second.map_or(Ok(()), |value| positive("the pace", value))
            }
            Command::Advance { steps: 0 } => Err("advance needs at least 1 step".to_owned()),
            _ => Ok(()),
        }
    }

    /// Carries out a command that was checked, so that it acts in update `step` for the first time.
    pub(super) fn change(&mut self, command: Command, step: u64, scheduled_lr: f64) -> Result<Change, String> {
        match command {
            Command::SetWeight { task, value, over_steps } => self.set_weight(&task, value, over_steps, step),
            Command::SetWeights { weights } => {
                let old = std::mem::replace(&mut self.state.weights, weights);
                self.state.ramps.fill(None);
                Ok(Change::values(old, self.state.weights.clone()))
            }
            Command::Mute { task } => self.set_muted(&task, true),
            Command::Unmute { task } => self.set_muted(&task, false),
            Command::SetMuted { tasks } => {
                let old = self.muted_names();
                for (muted, name) in self.state.muted.iter_mut().zip(&self.state.tasks) {
                    *muted = tasks.contains(name);
                }
                Ok(Change::values(old, self.muted_names()))
            }
            Command::Equalize {} => self.equalize(),
            Command::SetLr { value } => self.set_lr(value, scheduled_lr),
            Command::SetClip { value } => Ok(Change::values(std::mem::replace(&mut self.state.clip, value), value)),
            Command::SetGradientEvery { steps } => {
                Ok(Change::values(std::mem::replace(&mut self.state.gradient_every, steps), steps))
            }
            Command::SetPace { steps_per_second: pace } => {
                Ok(Change::values(std::mem::replace(&mut self.state.pace, pace), pace))
            }
            Command::Pause {} => self.set_mode(match self.mode {
                Mode::Running | Mode::Advancing { .. } => Ok(Mode::Paused),
                Mode::Paused => Err("already paused"),
                Mode::Stopping | Mode::Ended => Err(super::machine::RUN_ENDED),
            }),
            Command::Resume {} => self.set_mode(match self.mode {
                Mode::Paused | Mode::Advancing { .. } => Ok(Mode::Running),
                Mode::Running => Err("not paused"),
                Mode::Stopping | Mode::Ended => Err(super::machine::RUN_ENDED),
            }),
            Command::Advance { steps } => self.set_mode(match self.mode {
                Mode::Paused => Ok(Mode::Advancing { left: steps }),
                Mode::Advancing { left } => Ok(Mode::Advancing { left: left.saturating_add(steps) }),
                Mode::Running => Err("advance works only while paused"),
                Mode::Stopping | Mode::Ended => Err(super::machine::RUN_ENDED),
            }),
            Command::Stop {} => self.set_mode(Ok(Mode::Stopping)),
            Command::Note { .. } => Ok(Change::default()),
            Command::Evaluate {} => Ok(Change::order(Order::Evaluate)),
            Command::Checkpoint {} => Ok(Change::order(Order::Checkpoint)),
            Command::Restore { step } => Ok(Change::order(Order::Restore { step })),
            Command::SetWeighting { name, options } => Ok(Change::order(Order::SetWeighting { name, options })),
            Command::SetAggregation { name, options } => Ok(Change::order(Order::SetAggregation { name, options })),
            Command::Freeze { part } => self.set_frozen(&part, true),
            Command::Unfreeze { part } => self.set_frozen(&part, false),
            Command::Set { parameter, value } => Ok(Change::order(Order::Set { parameter, value })),
        }
    }

    fn set_weight(&mut self, task: &str, value: f64, over_steps: Option<u64>, step: u64) -> Result<Change, String> {
        let task = self.task(task)?;
        let (Some(weight), Some(ramp)) = (self.state.weights.get_mut(task), self.state.ramps.get_mut(task)) else {
            return Err("no such task".to_owned());
        };
        let old = *weight;
        *ramp = None;
        match over_steps {
            Some(steps) if steps > 1 => *ramp = Some(Ramp { from: old, to: value, start: step, steps }),
            _ => *weight = value,
        }
        Ok(Change::values(old, value))
    }

    fn set_muted(&mut self, task: &str, muted: bool) -> Result<Change, String> {
        let task = self.task(task)?;
        if let Some(slot) = self.state.muted.get_mut(task) {
            *slot = muted;
        }
        Ok(Change::default())
    }

    /// What is frozen or not already stays so: like `mute`, the command says how things shall be.
    fn set_frozen(&mut self, word: &str, frozen: bool) -> Result<Change, String> {
        let part = Part::parse(word, &self.state.tasks)?;
        let old = self.state.frozen.clone();
        let mut parts = self.state.frozen_parts();
        if frozen {
            parts.insert(part);
        } else {
            parts.remove(&part);
        }
        self.state.freeze(&parts);
        Ok(Change::values(old, self.state.frozen.clone()))
    }

    fn set_mode(&mut self, mode: Result<Mode, &str>) -> Result<Change, String> {
        self.mode = mode?;
        Ok(Change::default())
    }

    fn set_lr(&mut self, value: f64, scheduled: f64) -> Result<Change, String> {
        if !is_positive(scheduled) {
            return Err(format!("the schedule is at {scheduled} here, no factor makes it {value}"));
        }
        let multiplier = value / scheduled;
        if !is_positive(multiplier) {
            return Err(format!("{value} is too far from the schedule's {scheduled}"));
        }
        let old = self.learning_rate(scheduled);
        self.state.lr_multiplier = multiplier;
        Ok(Change::values(old, value))
    }

    /// Weights proportional to one over the gradient's norm, over the tasks concerned, their sum kept.
    fn equalize(&mut self) -> Result<Change, String> {
        if self.state.norms.is_empty() {
            return Err("no shared gradient norm was measured yet".to_owned());
        }
        let concerned: Vec<(usize, f64, f64)> = (self.state.weights.iter().zip(&self.state.muted).enumerate())
            .filter(|(_, (weight, muted))| **weight > 0.0 && !**muted)
            .filter_map(|(task, (weight, _))| {
                let norm = self.state.mean_norm(task).filter(|norm| is_positive(*norm))?;
                Some((task, *weight, norm))
            })
            .collect();
        if concerned.is_empty() {
            return Err("no unmuted task with a weight above 0 has a measured gradient norm above 0".to_owned());
        }
        // In ratios to the largest weight and the smallest norm, so that nothing overflows on the way.
        let largest = concerned.iter().fold(0.0_f64, |max, (_, weight, _)| max.max(*weight));
        let smallest = concerned.iter().fold(f64::INFINITY, |min, (_, _, norm)| min.min(*norm));
        let sum: f64 = concerned.iter().map(|(_, weight, _)| weight / largest).sum();
        let shares: f64 = concerned.iter().map(|(_, _, norm)| smallest / norm).sum();
        let mut weights = self.state.weights.clone();
        for (task, _, norm) in &concerned {
            let value = smallest / norm / shares * sum * largest;
            if !is_weight(value) {
                return Err("the weights are too large to be equalized".to_owned());
            }
            if let (Some(weight), Some(ramp)) = (weights.get_mut(*task), self.state.ramps.get_mut(*task)) {
                (*weight, *ramp) = (value, None);
            }
        }
        let old = std::mem::replace(&mut self.state.weights, weights);
        Ok(Change::values(old, self.state.weights.clone()))
    }

    /// A task's place.
    fn task(&self, name: &str) -> Result<usize, String> {
        if let Some(place) = self.state.tasks.iter().position(|task| task == name) {
            return Ok(place);
        }
        // The nearest name is only needed where the list does not show it; very long words are no misspelling.
        let near = (self.state.tasks.len() > SHOWN_TASKS && name.len() < 100)
            .then(|| nearest(name, self.state.tasks.iter().map(String::as_str)))
            .flatten()
            .map_or(String::new(), |near| format!(", did you mean '{}'?", truncate(&sanitise(near), 60)));
        Err(format!("no task named '{}'{near} (tasks: {})", truncate(&sanitise(name), 60), self.task_list()))
    }

    fn task_list(&self) -> String {
        let shown: Vec<String> =
            self.state.tasks.iter().take(SHOWN_TASKS).map(|task| truncate(&sanitise(task), 60)).collect();
        let rest = if self.state.tasks.len() > SHOWN_TASKS { ", …" } else { "" };
        shown.join(", ") + rest
    }

    fn muted_names(&self) -> Vec<String> {
        (self.state.tasks.iter().zip(&self.state.muted))
            .filter(|(_, muted)| **muted)
            .map(|(task, _)| task.clone())
            .collect()
    }
}

/// How many tasks a reason lists.
const SHOWN_TASKS: usize = 20;
