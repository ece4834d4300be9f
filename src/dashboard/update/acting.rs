//! What is sent to the run, and what it does not take.

use crate::dashboard::action::{Action, command_of};
use crate::dashboard::message::Effect;
use crate::dashboard::model::{Pending, Run};
use crate::dashboard::state::State;
use crate::dashboard::steering;
use crate::dashboard::words::fill;
use crate::protocol::Command;

/// Whether the run takes what the action sends; says so where it does not.
pub fn accepts(state: &mut State, action: Action) -> bool {
    let Some(run) = state.run() else { return false };
    let over = run.is_over();
    takes(state, command_of(action).unwrap_or_default(), over)
}

fn takes(state: &mut State, command: &str, over: bool) -> bool {
    if super::replay::refuses(state) {
        return false;
    }
    if over {
        state.notify(state.words.run_over.to_owned());
        return false;
    }
    let accepted = state.run().is_some_and(|run| run.takes(command));
    if !accepted {
        state.notify(fill(state.words.not_accepted, &[command]));
    }
    accepted
}

/// Tries the method gone to.
pub fn try_method(state: &mut State) -> Vec<Effect> {
    if !accepts(state, Action::TryMethod) {
        return Vec::new();
    }
    let effects = steer(state, Action::TryMethod);
    if effects.is_empty() {
        state.notify(state.words.no_candidate.to_owned());
    }
    effects
}

/// Sends what an action means now.
pub fn steer(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(command) = steering::command(state, action) else { return Vec::new() };
    let effects = send(state, command);
    if action == Action::SingleStep && effects.iter().any(is_pause) {
        state.notify(state.words.pausing_first.to_owned());
    }
    effects
}

fn is_pause(effect: &Effect) -> bool {
    matches!(effect, Effect::Send { request, .. } if request.command == Command::Pause {})
}

/// Sends a command to the run that is looked at and notes it as pending.
pub fn send(state: &mut State, command: Command) -> Vec<Effect> {
    let over = state.run().is_none_or(Run::is_over);
    if !takes(state, command.name(), over) {
        return Vec::new();
    }
    let request = state.request(command);
    let run = state.active;
    if let Some(known) = state.run_mut() {
        known.pending.push(Pending { id: request.id.clone(), command: request.command.clone() });
    }
    vec![Effect::Send { run, request }]
}
