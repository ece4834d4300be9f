//! Requests that were sent and not answered yet: what a person asked for, as against what is.

use super::Run;
use crate::protocol::{Command, Part};

/// A request without an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// Its id.
    pub id: String,
    /// What it asks for.
    pub command: Command,
}

impl Run {
    /// The weight asked for, where it is not in force yet.
    pub fn wanted_weight(&self, task: usize) -> Option<f64> {
        let name = &self.tasks.get(task)?.name;
        self.pending.iter().rev().find_map(|pending| match &pending.command {
            Command::SetWeight { task, value, .. } if task == name => Some(*value),
            Command::SetWeights { weights } => weights.get(task).copied(),
            _ => None,
        })
    }

    /// Whether the task is muted, or will be when all is answered.
    pub fn wanted_muted(&self, task: usize) -> bool {
        let Some(task) = self.tasks.get(task) else { return false };
        self.pending.iter().fold(task.muted, |muted, pending| match &pending.command {
            Command::Mute { task: name } if *name == task.name => true,
            Command::Unmute { task: name } if *name == task.name => false,
            Command::SetMuted { tasks } => tasks.contains(&task.name),
            _ => muted,
        })
    }

    /// Whether the run is paused, or will be when all is answered.
    pub fn wanted_paused(&self) -> bool {
        self.pending.iter().fold(self.phase == super::Phase::Paused, |paused, pending| match pending.command {
            Command::Pause {} => true,
            Command::Resume {} => false,
            _ => paused,
        })
    }

    /// The pace in force, or asked for.
    pub fn wanted_pace(&self) -> Option<f64> {
        self.pending.iter().fold(self.pace, |pace, pending| match pending.command {
            Command::SetPace { steps_per_second } => steps_per_second,
            _ => pace,
        })
    }

    /// The learning rate asked for, where it is not in force yet.
    pub fn wanted_lr(&self) -> Option<f64> {
        self.pending.iter().rev().find_map(|pending| match pending.command {
            Command::SetLr { value } => Some(value),
            _ => None,
        })
    }

    /// The bound of clipping in force, or asked for; `None` is off.
    pub fn wanted_clip(&self) -> Option<f64> {
        self.pending.iter().fold(self.clip, |clip, pending| match pending.command {
            Command::SetClip { value } => value,
            _ => clip,
        })
    }

    /// Whether a part is frozen, or will be when all is answered.
    pub fn wanted_frozen(&self, part: Part) -> bool {
        let tasks: Vec<String> = self.tasks.iter().map(|task| task.name.clone()).collect();
        let same = |word: &str| Part::parse(word, &tasks) == Ok(part);
        self.pending.iter().fold(self.is_frozen(part), |frozen, pending| match &pending.command {
            Command::Freeze { part } if same(part) => true,
            Command::Unfreeze { part } if same(part) => false,
            _ => frozen,
        })
    }

    /// Whether a stop was asked for.
    pub fn is_stopping(&self) -> bool {
        self.pending.iter().any(|pending| pending.command == Command::Stop {})
    }
}
