//! How each message changes the state, and what it asks for. Pure: no clock, no randomness, no environment.

mod acting;
pub mod charts;
pub mod cursor;
mod dialogs;
mod look;
mod mouse;
mod palette;
mod panels;
mod replay;
mod screen;

use super::action::Action;
use super::message::{Effect, Message, Outcome, Signal};
use super::prompt::{Prompt, Purpose};
use super::replay::Origin;
use super::state::{Mode, State};
use super::steering::{Refusal, refusal_of};
use crate::protocol::Event;
use acting::{accepts, steer};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
pub use replay::jump_to_step;

/// Takes in a message.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let effects = take_in(state, message);
    state.charts.reach = state.replay().map_or(0, |replay| replay.moments().furthest_step());
    panels::follow(state);
    effects
}

fn take_in(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Event { run, event } => heard(state, run, &event),
        Message::Disconnected { run } => {
            let words = state.words;
            if let Some(run) = state.runs.get_mut(run) {
                run.disconnected(words);
            }
            state.touch();
            leave_if_over(state)
        }
        Message::Restarted { run } => {
            state.restart(run);
            state.touch();
            Vec::new()
        }
        Message::Recorded { run, replay } => {
            if let Some(origin) = state.origins.get_mut(run) {
                *origin = Origin::Record(*replay);
            }
            state.touch();
            Vec::new()
        }
        Message::SendFailed { run, id } => {
            if let Some(run) = state.runs.get_mut(run) {
                run.pending.retain(|pending| pending.id != id);
            }
            if state.mode == Mode::Leaving {
                state.mode = Mode::Main;
            }
            state.notify(state.words.not_sent.to_owned());
            Vec::new()
        }
        Message::Key(key) if key.kind == KeyEventKind::Press => {
            state.touch();
            pressed(state, key)
        }
        Message::Key(_) => Vec::new(),
        Message::Mouse(event) => mouse::pointed(state, event),
        Message::Background { light } => {
            look::background(state, light);
            Vec::new()
        }
        Message::Paste(text) => {
            if dialogs::typed(state, &text) {
                state.touch();
            }
            Vec::new()
        }
        Message::Resize(width, height) => {
            state.size = (width, height);
            state.touch();
            Vec::new()
        }
        Message::Tick { now } => {
            state.tick(now);
            replay::tick(state)
        }
    }
}

fn heard(state: &mut State, run: usize, event: &Event) -> Vec<Effect> {
    let (now, words, active) = (state.now, state.words, state.active);
    let asked = matches!(event, Event::Rejected(rejected) if state.sent(&rejected.id));
    let Some(known) = state.runs.get_mut(run) else { return Vec::new() };
    let was_stopping = known.is_stopping();
    let was_over = known.is_over();
    let undone = acting::before(known, event);
    known.ingest(event, now, words);
    let undone = undone.map(|undone| undone.said(known, event, words));
    if run == active && state.origins.get(run).is_none_or(|origin| origin.replay().is_none()) {
        match event {
            Event::Rejected(rejected) if asked => {
                let reason = crate::text::sanitise(&rejected.reason);
                // A refused stop must not leave the screen waiting for an end that will not come.
                if was_stopping && state.mode == Mode::Leaving && !known.is_stopping() {
                    state.mode = Mode::Main;
                }
                state.notify(format!("{}: {reason}", words.refused));
            }
            // Nothing is left to stop.
            Event::End(_) if !was_over && state.mode == Mode::Question => state.mode = Mode::Main,
            _ => {}
        }
    }
    if run == active
        && let Some(undone) = undone
    {
        state.notify(undone);
    }
    state.touch();
    let mut effects = acting::undo_that_waited(state, run);
    effects.extend(leave_if_over(state));
    effects
}

fn leave_if_over(state: &mut State) -> Vec<Effect> {
    if state.mode == Mode::Leaving && state.runs.iter().all(super::model::Run::is_over) {
        return vec![Effect::Quit(state.leave(Outcome::Stopped))];
    }
    Vec::new()
}

fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    state.clear_notice();
    if let Some(binding) = state.keymap.lookup(&state.contexts(), key) {
        return act(state, binding.action, key);
    }
    if let KeyCode::Char(letter) = key.code
        && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    {
        dialogs::typed(state, letter.encode_utf8(&mut [0; 4]));
    }
    Vec::new()
}

/// Carries out an action.
fn act(state: &mut State, action: Action, key: KeyEvent) -> Vec<Effect> {
    if refusal_of(state, action) == Some(Refusal::Locked) {
        acting::say_locked(state);
        return Vec::new();
    }
    if let Some(effects) = look::look(state, action).or_else(|| replay::act(state, action)) {
        return effects;
    }
    match action {
        Action::Interrupt => return vec![Effect::Quit(state.leave(Outcome::Signalled(Signal::Interrupt)))],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Quit => return quit(state),
        Action::StopAndSave => {
            state.mode = Mode::Main;
            let effects = steer(state, action);
            if !effects.is_empty() {
                state.mode = Mode::Leaving;
                state.notify(state.words.stopping_notice.to_owned());
            }
            return effects;
        }
        Action::PromptCancel if dialogs::leave_filter(state) => {}
        Action::Stay | Action::HelpClose | Action::PromptCancel | Action::ChooserCancel => state.mode = Mode::Main,
        Action::Help => state.mode = Mode::help(),
        Action::Filter if dialogs::filter_help(state) => {}
        Action::WeightExact => {
            if let Some(place) = state.selected().filter(|_| accepts(state, action)) {
                state.mode = Mode::Prompt(Prompt::new(Purpose::Weight(place)));
            }
        }
        Action::Note => {
            if accepts(state, action) {
                state.mode = Mode::Prompt(Prompt::new(Purpose::Note));
            }
        }
        Action::Lock => acting::lock(state),
        Action::Undo | Action::Redo => return acting::undo(state, action),
        Action::Palette | Action::Ramp | Action::LearningRate | Action::Clip | Action::Freeze | Action::Restore => {
            palette::open(state, action);
        }
        Action::ChooseMethod => dialogs::choose(state),
        Action::ChooserAccept => return dialogs::accept_choice(state),
        Action::ChooserDown | Action::ChooserUp => {
            if let (Mode::Chooser(chooser), Some(run)) = (&mut state.mode, state.runs.get(state.active)) {
                chooser.move_by(run, action == Action::ChooserDown);
            }
        }
        Action::TryMethod => return acting::try_method(state),
        Action::PromptAccept => return dialogs::accept(state),
        _ if dialogs::edit(state, action) => {}
        Action::WeightUp
        | Action::WeightDown
        | Action::WeightDouble
        | Action::WeightHalve
        | Action::Mute
        | Action::Solo
        | Action::Equalize
        | Action::Probe
        | Action::MatchNorm
        | Action::ResetMoments
        | Action::PauseResume
        | Action::SingleStep
        | Action::Slower
        | Action::Faster
        | Action::Evaluate
        | Action::Checkpoint => return steer(state, action),
        _ if panels::look(state, action) || charts::look(state, action) => {}
        _ => screen::look(state, action, key),
    }
    Vec::new()
}

/// Asks first while a run goes on that can be stopped; otherwise leaves.
fn quit(state: &mut State) -> Vec<Effect> {
    let stoppable = state.trains() && state.runs.iter().any(|run| !run.is_over() && run.takes("stop"));
    match state.mode {
        Mode::Leaving => state.notify(state.words.stopping_notice.to_owned()),
        _ if stoppable => state.mode = Mode::Question,
        _ => return vec![Effect::Quit(state.leave(Outcome::Finished))],
    }
    Vec::new()
}

#[cfg(test)]
mod chart_tests;
#[cfg(test)]
mod panel_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
