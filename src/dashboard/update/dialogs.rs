//! The list of methods and the line of input: what they begin with and what comes of them.

use super::acting::send;
use crate::dashboard::chooser::Chooser;
use crate::dashboard::message::Effect;
use crate::dashboard::prompt::Purpose;
use crate::dashboard::state::{Mode, State};
use crate::dashboard::words::fill;
use crate::protocol::Command;

/// Opens the list of methods, where the run takes another one.
pub fn choose(state: &mut State) {
    let Some(run) = state.run() else { return };
    if run.is_over() {
        return state.notify(state.words.run_over.to_owned());
    }
    match Chooser::new(run) {
        Some(chooser) => state.mode = Mode::Chooser(chooser),
        None => state.notify(state.words.no_choice.to_owned()),
    }
}

/// Uses the method that is selected in the list.
pub fn accept_choice(state: &mut State) -> Vec<Effect> {
    let Mode::Chooser(chooser) = state.mode else { return Vec::new() };
    state.mode = Mode::Main;
    let Some(run) = state.run() else { return Vec::new() };
    if let Some(command) = chooser.command(run) {
        return send(state, command);
    }
    let name = chooser.name(run).unwrap_or_default();
    state.notify(fill(state.words.already_in_use, &[name]));
    Vec::new()
}

/// Takes what was typed.
pub fn accept_prompt(state: &mut State) -> Vec<Effect> {
    let Mode::Prompt(prompt) = &state.mode else { return Vec::new() };
    let command = match prompt.purpose {
        Purpose::Weight(place) => {
            let task = state.run().and_then(|run| run.tasks.get(place)).map(|task| task.name.clone());
            match (task, prompt.weight()) {
                (Some(task), Some(value)) => Some(Command::SetWeight { task, value, over_steps: None }),
                (Some(_), None) => {
                    state.notify(state.words.bad_weight.to_owned());
                    return Vec::new();
                }
                (None, _) => None,
            }
        }
        Purpose::Filter(_) => {
            super::panels::accept_filter(state);
            return Vec::new();
        }
        Purpose::Note => {
            let text = prompt.text.trim().to_owned();
            (!text.is_empty()).then_some(Command::Note { text })
        }
    };
    state.mode = Mode::Main;
    command.map_or(Vec::new(), |command| send(state, command))
}
