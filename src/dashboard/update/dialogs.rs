//! The list of methods and the line of input: what they begin with and what comes of them.

use super::acting::send;
use super::palette;
use crate::dashboard::action::Action;
use crate::dashboard::chooser::Chooser;
use crate::dashboard::message::Effect;
use crate::dashboard::prompt::{Prompt, Purpose, TypedWeight, Way};
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

/// Puts text into the line that is being typed; whether there is one.
pub fn typed(state: &mut State, text: &str) -> bool {
    let Some(prompt) = state.mode.line_mut() else { return false };
    prompt.insert(text);
    edited(state);
    true
}

/// Edits the line that is being typed, or goes through what completes it; whether the action is one of these.
pub fn edit(state: &mut State, action: Action) -> bool {
    if matches!(
        action,
        Action::PaletteComplete | Action::PaletteCompleteBack | Action::PalettePrevious | Action::PaletteNext
    ) {
        palette::look(state, action);
        return true;
    }
    let deed: fn(&mut Prompt) = match action {
        Action::PromptErase => Prompt::erase,
        Action::PromptEraseRight => Prompt::erase_right,
        Action::PromptEraseWord => Prompt::erase_word,
        Action::PromptEraseRest => Prompt::erase_rest,
        Action::PromptClear => Prompt::clear,
        Action::PromptLeft => |prompt| prompt.go(Way::Left),
        Action::PromptRight => |prompt| prompt.go(Way::Right),
        Action::PromptWordLeft => |prompt| prompt.go(Way::WordLeft),
        Action::PromptWordRight => |prompt| prompt.go(Way::WordRight),
        Action::PromptStart => |prompt| prompt.go(Way::Start),
        Action::PromptEnd => |prompt| prompt.go(Way::End),
        _ => return false,
    };
    if let Some(prompt) = state.mode.line_mut() {
        deed(prompt);
        edited(state);
    }
    true
}

fn edited(state: &mut State) {
    match &mut state.mode {
        Mode::Palette(line) => line.edited(),
        Mode::Help { scroll, .. } => *scroll = 0,
        _ => {}
    }
}

/// Begins to type what the help shall show; whether the help is open.
pub fn filter_help(state: &mut State) -> bool {
    let Mode::Help { typing, .. } = &mut state.mode else { return false };
    *typing = true;
    true
}

/// Shows the whole help again; whether its filter was being typed.
pub fn leave_filter(state: &mut State) -> bool {
    let typing = matches!(state.mode, Mode::Help { typing: true, .. });
    if typing {
        state.mode = Mode::help();
    }
    typing
}

/// Takes what was typed.
pub fn accept(state: &mut State) -> Vec<Effect> {
    match &mut state.mode {
        Mode::Palette(_) => palette::run(state),
        Mode::Help { typing, .. } => {
            *typing = false;
            Vec::new()
        }
        _ => accept_prompt(state),
    }
}

fn accept_prompt(state: &mut State) -> Vec<Effect> {
    let Mode::Prompt(prompt) = &state.mode else { return Vec::new() };
    let command = match prompt.purpose {
        Purpose::Weight(place) => {
            let task = state.run().and_then(|run| run.tasks.get(place)).map(|task| task.name.clone());
            match (task, prompt.weight()) {
                (Some(task), Some(TypedWeight { value, over_steps })) => {
                    Some(Command::SetWeight { task, value, over_steps })
                }
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
        Purpose::Command | Purpose::Help => None,
    };
    state.mode = Mode::Main;
    command.map_or(Vec::new(), |command| send(state, command))
}
