//! What is worth saying about the balance of the tasks: a few lines, each with its number and the key that acts on it.
//!
//! A pure function of what is known of a run. A rule looks at a window of steps or measurements and goes on speaking
//! until its number is clearly on the other side, so that no line flickers. It must not know the screen.

mod rules;
#[cfg(test)]
mod tests;

use super::action::Action;
use super::format;
use super::keymap::Keymap;
use super::model::{PLAIN, Run, Trial};
use super::words::{Words, fill};
use crate::text::truncate;

/// Lines at a time.
pub const MOST: usize = 3;

/// Columns that a task's name takes in a line.
const NAME: usize = 16;

/// One thing worth saying; tasks by their places.
#[derive(Clone, Debug, PartialEq)]
pub enum Advice {
    /// A method that needs losses above 0 has met another one.
    NeedsPositive {
        /// The task.
        task: usize,
        /// Its loss.
        loss: f64,
        /// The method.
        method: String,
    },
    /// The update went against a task again and again.
    Hurt {
        /// The task.
        task: usize,
        /// How often in a row.
        times: usize,
        /// The mean cosine.
        cosine: f64,
    },
    /// The size of the updates changed with the method.
    NormChanged {
        /// By this factor.
        factor: f64,
        /// The method since.
        method: String,
    },
    /// Two tasks pull against each other.
    Conflict {
        /// One task.
        left: usize,
        /// The other.
        right: usize,
        /// In this share of the measured steps.
        share: f64,
        /// From the first to the last of them.
        steps: u64,
    },
    /// One task holds most of the shared update.
    Dominance {
        /// The task.
        task: usize,
        /// Its share.
        share: f64,
    },
    /// The weighting has all but left a task out.
    Pinned {
        /// The task.
        task: usize,
        /// Its factor over the mean factor.
        share: f64,
        /// The weighting.
        method: String,
    },
    /// No step helps all tasks any more.
    Stationary {
        /// The gap over the mean norm of the gradients.
        share: f64,
    },
    /// Tasks disagree no more than one task with itself.
    WithinNoise {
        /// One task.
        left: usize,
        /// The other.
        right: usize,
        /// In this share of the measured steps.
        share: f64,
        /// What two halves of a batch agree.
        noise: f64,
    },
    /// The optimizer remembers the method before.
    Lag {
        /// Steps since the switch.
        steps: u64,
        /// The method before.
        old: String,
    },
}

/// What to say now, the most important first; `run.advice` is what was said before.
pub fn advise(run: &Run) -> Vec<Advice> {
    let mut all = rules::all(run);
    all.truncate(MOST);
    all
}

impl Advice {
    /// The action that helps, where the run takes what it sends.
    pub fn action(&self, run: &Run) -> Option<Action> {
        let can_try = || matches!(run.trial(), Some(Trial::Try(name)) if name != PLAIN);
        let wanted = match self {
            Self::Hurt { .. } | Self::Conflict { .. } if can_try() => Action::TryMethod,
            Self::Hurt { .. } | Self::Pinned { .. } => Action::WeightUp,
            Self::NeedsPositive { .. } | Self::Conflict { .. } => Action::ChooseMethod,
            Self::NormChanged { .. } => Action::MatchNorm,
            Self::Dominance { .. } => Action::Equalize,
            Self::Stationary { .. } => Action::WeightExact,
            Self::Lag { .. } => Action::ResetMoments,
            Self::WithinNoise { .. } => return None,
        };
        let taken = super::action::command_of(wanted);
        taken.is_none_or(|command| run.takes(command)).then_some(wanted)
    }

    /// The line, and the key with what it does.
    pub fn text(&self, run: &Run, words: &Words, keymap: &Keymap) -> (String, Option<(String, String)>) {
        let name = |task: &usize| run.tasks.get(*task).map_or(String::new(), |task| truncate(&task.label, NAME));
        let percent = |share: f64| format!("{:.0}", share * 100.0);
        let fine = |share: f64| format!("{:.1}", share * 100.0);
        let method = |name: &str| truncate(name, NAME);
        let line = match self {
            Self::NeedsPositive { task, loss, method: by } => {
                fill(words.advice_positive, &[&name(task), &format::number(*loss), &method(by)])
            }
            Self::Hurt { task, times, cosine } => {
                fill(words.advice_hurt, &[&name(task), &times.to_string(), &format::cosine(*cosine)])
            }
            Self::NormChanged { factor, method: by } => {
                fill(words.advice_norm, &[&format::factor(*factor), &method(by)])
            }
            Self::Conflict { left, right, share, steps } => {
                fill(words.advice_conflict, &[&name(left), &name(right), &percent(*share), &steps.to_string()])
            }
            Self::Dominance { task, share } => fill(words.advice_dominance, &[&name(task), &percent(*share)]),
            Self::Pinned { task, share, method: by } => {
                fill(words.advice_pinned, &[&method(by), &name(task), &fine(*share)])
            }
            Self::Stationary { share } => fill(words.advice_stationary, &[&fine(*share)]),
            Self::WithinNoise { left, right, share, noise } => {
                fill(words.advice_noise, &[&name(left), &name(right), &percent(*share), &format::cosine(*noise)])
            }
            Self::Lag { steps, old } => fill(words.advice_lag, &[&steps.to_string(), &method(old)]),
        };
        let act = self.action(run).map(|action| {
            let what = match action {
                Action::TryMethod => {
                    let candidate = run.candidate().map_or(String::new(), |name| crate::text::sanitise(&name));
                    fill(words.advice_tries, &[&method(&candidate)])
                }
                Action::Equalize => words.advice_equalizes.to_owned(),
                Action::WeightUp => words.advice_raises.to_owned(),
                Action::ChooseMethod => words.advice_chooses.to_owned(),
                Action::MatchNorm => words.advice_matches.to_owned(),
                Action::ResetMoments => words.advice_clears.to_owned(),
                _ => words.advice_weighs.to_owned(),
            };
            (keymap.label(action), what)
        });
        (line, act)
    }
}
