//! What an action asks of the run: the command it means in the present situation.

use super::action::{Action, command_of};
use super::model::{MATCH_NORM, PROBE, Phase, RESET_MOMENTS, Run, Trial};
use super::state::State;
use crate::protocol::{Command, parse_command};
use serde_json::{Map, Value};

/// Paces a person can step through, in steps a second; beyond the last is free.
const PACES: [f64; 12] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0];

/// The weight that an up key starts from where it is 0.
const SMALLEST: f64 = 0.01;

/// Why a command is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The trainer does not take it.
    NotTaken,
    /// The run is over.
    Over,
    /// The keys that change the run are locked.
    Locked,
}

/// Why a command, by its JSON name, would not be sent now; a stop is never locked, since it asks first.
pub fn refusal(state: &State, command: &str) -> Option<Refusal> {
    let Some(run) = state.run().filter(|run| !run.is_over()) else { return Some(Refusal::Over) };
    // Before the trainer has said what it takes, nothing is known.
    let unknown = run.phase == Phase::Waiting && run.accepts.is_empty();
    if !unknown && !run.takes(command) {
        return Some(Refusal::NotTaken);
    }
    (state.locked && command != "stop").then_some(Refusal::Locked)
}

/// The same for an action; what only changes the view is never refused.
pub fn refusal_of(state: &State, action: Action) -> Option<Refusal> {
    let command = command_of(action)?;
    let either = |other| refusal(state, command).and(refusal(state, other));
    match action {
        Action::ChooseMethod => either("set_weighting"),
        Action::Freeze => either("unfreeze"),
        // What they send depends on what was done.
        Action::Undo | Action::Redo => refusal(state, command).filter(|refusal| *refusal != Refusal::NotTaken),
        _ => refusal(state, command),
    }
}

/// The command that an action means, or `None` where there is nothing to do (no task, nothing would change).
pub fn command(state: &mut State, action: Action) -> Option<Command> {
    let place = state.selected();
    let run = state.run_mut()?;
    match action {
        Action::WeightUp => scaled(run, place?, 1.1),
        Action::WeightDown => scaled(run, place?, 1.0 / 1.1),
        Action::WeightDouble => scaled(run, place?, 2.0),
        Action::WeightHalve => scaled(run, place?, 0.5),
        Action::Mute => {
            let task = run.tasks.get(place?)?.name.clone();
            Some(if run.wanted_muted(place?) { Command::Unmute { task } } else { Command::Mute { task } })
        }
        Action::Solo => Some(solo(run, place?)),
        Action::Equalize => Some(Command::Equalize {}),
        Action::TryMethod => try_method(run),
        Action::Probe => Some(set(PROBE, true)),
        Action::MatchNorm => Some(set(MATCH_NORM, !run.wanted_knob(MATCH_NORM))),
        Action::ResetMoments => Some(set(RESET_MOMENTS, !run.wanted_knob(RESET_MOMENTS))),
        Action::PauseResume => Some(if run.wanted_paused() { Command::Resume {} } else { Command::Pause {} }),
        Action::SingleStep => Some(if run.wanted_paused() { Command::Advance { steps: 1 } } else { Command::Pause {} }),
        Action::Slower => Some(Command::SetPace { steps_per_second: Some(slower(run)) }),
        Action::Faster => {
            let now = run.wanted_pace()?;
            let next = PACES.iter().copied().find(|pace| *pace > now * 1.001);
            Some(Command::SetPace { steps_per_second: next })
        }
        Action::Evaluate => Some(Command::Evaluate {}),
        Action::Checkpoint => Some(Command::Checkpoint {}),
        Action::StopAndSave => Some(Command::Stop {}),
        _ => None,
    }
}

/// The weight asked for last, times a factor, with four digits.
fn scaled(run: &Run, place: usize, factor: f64) -> Option<Command> {
    let task = run.tasks.get(place)?;
    let now = run.wanted_weight(place).unwrap_or(task.weight);
    let wanted = if now == 0.0 && factor > 1.0 { SMALLEST } else { four_digits(now * factor) };
    (wanted.is_finite() && wanted >= 0.0 && wanted != now).then(|| Command::SetWeight {
        task: task.name.clone(),
        value: wanted,
        over_steps: None,
    })
}

fn set(parameter: &str, on: bool) -> Command {
    Command::Set { parameter: parameter.to_owned(), value: Value::Bool(on) }
}

/// The method gone to in the table of methods; where that is in use or asked for already, the one before it.
fn try_method(run: &mut Run) -> Option<Command> {
    match run.trial()? {
        Trial::Try(name) => {
            // Kept, so that the same key goes back.
            run.candidate = Some(name.clone());
            Some(Command::SetAggregation { name, options: Map::new() })
        }
        Trial::Back(before) => {
            let words: Vec<&str> = std::iter::once("aggregation").chain(before.split(' ')).collect();
            parse_command(&words).ok()
        }
    }
}

/// The value with four digits, as keys set it.
pub fn four_digits(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// All others muted; where that is so already, what was muted before.
fn solo(run: &mut Run, place: usize) -> Command {
    let muted: Vec<usize> = (0..run.tasks.len()).filter(|&task| run.wanted_muted(task)).collect();
    let others: Vec<usize> = (0..run.tasks.len()).filter(|&task| task != place).collect();
    let wanted = if muted == others {
        run.before_solo.take().filter(|before| *before != others).unwrap_or_default()
    } else {
        run.before_solo.get_or_insert(muted);
        others
    };
    let tasks = wanted.iter().filter_map(|&task| Some(run.tasks.get(task)?.name.clone())).collect();
    Command::SetMuted { tasks }
}

/// The next lower pace; from free, the next below the measured speed.
fn slower(run: &Run) -> f64 {
    let measured = if run.phase == Phase::Paused { None } else { run.timeline.rate(5.0) };
    let now = run.wanted_pace().or(measured).unwrap_or(f64::INFINITY);
    let below = PACES.iter().rev().copied().find(|pace| *pace < now * 0.999);
    below.unwrap_or_else(|| PACES.first().copied().unwrap_or(1.0).min(now))
}
