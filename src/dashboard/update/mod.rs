//! How each message changes the state, and what it asks for. Pure: no clock, no randomness, no environment.

use super::action::{self, Action};
use super::chooser::Chooser;
use super::layout::Pane;
use super::message::{Effect, Message, Outcome, Signal};
use super::model::Pending;
use super::prompt::{Prompt, Purpose};
use super::state::{Mode, SMOOTHINGS, State};
use super::steering;
use super::words::fill;
use crate::protocol::{Command, Event};
use crate::series::{Scale, XAxis};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Lines that one press scrolls.
const SCROLL: usize = 5;

/// Takes in a message.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
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
        Message::Paste(text) => {
            if let Mode::Prompt(prompt) = &mut state.mode {
                prompt.insert(&text);
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
            Vec::new()
        }
    }
}

fn heard(state: &mut State, run: usize, event: &Event) -> Vec<Effect> {
    let (now, words, active) = (state.now, state.words, state.active);
    let Some(known) = state.runs.get_mut(run) else { return Vec::new() };
    let was_stopping = known.is_stopping();
    let was_over = known.is_over();
    known.ingest(event, now, words);
    if run == active {
        match event {
            Event::Rejected(rejected) if rejected.from == "dashboard" => {
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
    state.touch();
    leave_if_over(state)
}

fn leave_if_over(state: &mut State) -> Vec<Effect> {
    if state.mode == Mode::Leaving && state.runs.iter().all(super::model::Run::is_over) {
        return vec![Effect::Quit(state.leave(Outcome::Stopped))];
    }
    Vec::new()
}

fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    state.clear_notice();
    let binding = action::lookup(state.mode.context(), key);
    match (binding, &mut state.mode) {
        (Some(binding), _) => act(state, binding.action, key),
        (None, Mode::Prompt(prompt)) => {
            if let KeyCode::Char(letter) = key.code
                && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
            {
                prompt.insert(letter.encode_utf8(&mut [0; 4]));
            }
            Vec::new()
        }
        (None, _) => Vec::new(),
    }
}

/// Carries out an action.
fn act(state: &mut State, action: Action, key: KeyEvent) -> Vec<Effect> {
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
        Action::Stay | Action::HelpClose | Action::PromptCancel | Action::ChooserCancel => state.mode = Mode::Main,
        Action::Help => state.mode = Mode::Help { scroll: 0 },
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
        Action::ChooseMethod => choose(state),
        Action::ChooserAccept => return accept_choice(state),
        Action::ChooserDown | Action::ChooserUp => {
            if let (Mode::Chooser(chooser), Some(run)) = (&mut state.mode, state.runs.get(state.active)) {
                chooser.move_by(run, action == Action::ChooserDown);
            }
        }
        Action::TryMethod => return try_method(state),
        Action::PromptAccept => return accept_prompt(state),
        Action::PromptErase | Action::PromptClear => {
            if let Mode::Prompt(prompt) = &mut state.mode {
                if action == Action::PromptErase { prompt.erase() } else { prompt.text.clear() }
            }
        }
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
        _ => look(state, action, key),
    }
    Vec::new()
}

/// Changes what is seen, not the run.
fn look(state: &mut State, action: Action, key: KeyEvent) {
    let count = state.run().map_or(0, |run| run.tasks.len());
    if matches!(action, Action::TaskDown | Action::TaskUp | Action::SelectTask) {
        state.samples.scroll = 0;
    }
    let charts = &mut state.charts;
    match action {
        Action::TaskDown => state.task = (state.task + 1).min(count.saturating_sub(1)),
        Action::TaskUp => state.task = state.task.min(count.saturating_sub(1)).saturating_sub(1),
        Action::SelectTask => {
            if let KeyCode::Char(digit) = key.code
                && let Some(place) = digit.to_digit(10).map(|digit| digit as usize)
                && (1..=count).contains(&place)
            {
                state.task = place - 1;
            }
        }
        Action::LogAxis => charts.scale = if charts.scale == Scale::Log { Scale::Linear } else { Scale::Log },
        Action::SmoothMore | Action::SmoothLess => {
            let more = (charts.smoothing + 1).min(SMOOTHINGS.len() - 1);
            charts.smoothing = if action == Action::SmoothMore { more } else { charts.smoothing.saturating_sub(1) };
            let beta = charts.beta();
            state.runs.iter_mut().for_each(|run| run.set_smoothing(beta));
        }
        Action::HorizontalAxis => {
            charts.axis = match charts.axis {
                XAxis::Step => XAxis::Epoch,
                XAxis::Epoch => XAxis::Time,
                XAxis::Time => XAxis::Step,
            }
        }
        Action::LossView => {
            charts.weighted = !charts.weighted;
            let weighted = charts.weighted;
            state.runs.iter_mut().for_each(|run| run.set_weighted(weighted));
        }
        Action::GradientPlace => {
            let shown = state.runs.get(state.active).map_or(charts.place, |run| run.gradient_place(charts.place));
            charts.place = shown.other();
        }
        Action::NextPane => state.focus(state.pane.next()),
        Action::PreviousPane => state.focus(state.pane.previous()),
        Action::BalancePane => state.focus(match state.pane {
            Pane::Balance => Pane::Methods,
            Pane::Methods => Pane::Gradients,
            _ => Pane::Balance,
        }),
        Action::MethodDown | Action::MethodUp => {
            state.focus(Pane::Methods);
            if let Some(run) = state.run_mut() {
                run.move_candidate(action == Action::MethodDown);
            }
        }
        Action::Zoom => state.zoomed = !state.zoomed,
        Action::Samples if state.samples_are_large() => {
            (state.pane, state.zoomed) = state.samples.before.take().unwrap_or((Pane::Loss, false));
        }
        Action::Samples => {
            state.samples.before = Some((state.pane, state.zoomed));
            (state.pane, state.zoomed) = (Pane::Samples, true);
        }
        Action::WrongOnly => {
            state.samples.wrong_only = !state.samples.wrong_only;
            (state.pane, state.samples.scroll) = (Pane::Samples, 0);
        }
        Action::ScrollDown | Action::ScrollUp => scroll(state, action == Action::ScrollDown),
        _ => {}
    }
}

fn scroll(state: &mut State, down: bool) {
    let entries = state.run().map_or(0, |run| run.log.len());
    let samples = chosen_samples(state);
    let (place, step, most) = match &mut state.mode {
        Mode::Help { scroll } => (scroll, 1, action::BINDINGS.len() + 8),
        Mode::Main if state.pane == Pane::Samples => (&mut state.samples.scroll, 1, samples.saturating_sub(1)),
        _ => (&mut state.scroll, SCROLL, entries.saturating_sub(1)),
    };
    *place = if down { (*place + step).min(most) } else { place.saturating_sub(step) };
    if matches!(state.mode, Mode::Main) && !matches!(state.pane, Pane::Events | Pane::Samples) {
        state.pane = Pane::Events;
    }
}

/// How many samples of the selected task there are to scroll over.
fn chosen_samples(state: &State) -> usize {
    let task = state.selected().and_then(|place| state.run()?.tasks.get(place));
    task.map_or(0, |task| task.samples.chosen(state.samples.wrong_only).len())
}

/// Asks first while a run goes on that can be stopped; otherwise leaves.
fn quit(state: &mut State) -> Vec<Effect> {
    let stoppable = state.runs.iter().any(|run| !run.is_over() && run.takes("stop"));
    match state.mode {
        Mode::Leaving => state.notify(state.words.stopping_notice.to_owned()),
        _ if stoppable => state.mode = Mode::Question,
        _ => return vec![Effect::Quit(state.leave(Outcome::Finished))],
    }
    Vec::new()
}

/// Whether the run takes what the action sends; says so where it does not.
fn accepts(state: &mut State, action: Action) -> bool {
    let Some(run) = state.run() else { return false };
    let name = action::BINDINGS.iter().find(|row| row.action == action).and_then(|row| row.command);
    takes(state, name.unwrap_or_default(), run.is_over())
}

fn takes(state: &mut State, command: &str, over: bool) -> bool {
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

/// Opens the list of methods, where the run takes another one.
fn choose(state: &mut State) {
    let Some(run) = state.run() else { return };
    if run.is_over() {
        return state.notify(state.words.run_over.to_owned());
    }
    match Chooser::new(run) {
        Some(chooser) => state.mode = Mode::Chooser(chooser),
        None => state.notify(state.words.no_choice.to_owned()),
    }
}

fn accept_choice(state: &mut State) -> Vec<Effect> {
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

fn try_method(state: &mut State) -> Vec<Effect> {
    if !accepts(state, Action::TryMethod) {
        return Vec::new();
    }
    let effects = steer(state, Action::TryMethod);
    if effects.is_empty() {
        state.notify(state.words.no_candidate.to_owned());
    }
    effects
}

fn steer(state: &mut State, action: Action) -> Vec<Effect> {
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
fn send(state: &mut State, command: Command) -> Vec<Effect> {
    let over = state.run().is_none_or(super::model::Run::is_over);
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

fn accept_prompt(state: &mut State) -> Vec<Effect> {
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
        Purpose::Note => {
            let text = prompt.text.trim().to_owned();
            (!text.is_empty()).then_some(Command::Note { text })
        }
    };
    state.mode = Mode::Main;
    command.map_or(Vec::new(), |command| send(state, command))
}

#[cfg(test)]
mod tests;
