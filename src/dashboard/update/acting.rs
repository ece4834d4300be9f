//! What is sent to the run, and what it does not take.

use crate::dashboard::action::{Action, command_of};
use crate::dashboard::compose;
use crate::dashboard::message::Effect;
use crate::dashboard::model::{Pending, Run};
use crate::dashboard::state::State;
use crate::dashboard::steering::{self, Refusal, refusal};
use crate::dashboard::undo::{self, Direction, Movement, can_be_undone};
use crate::dashboard::words::{Words, fill};
use crate::protocol::{Command, Event, RewindReason};
use crate::text::sanitise;

/// Whether the run takes what the action sends; says so where it does not.
pub fn accepts(state: &mut State, action: Action) -> bool {
    takes(state, command_of(action).unwrap_or_default())
}

fn takes(state: &mut State, command: &str) -> bool {
    if super::replay::refuses(state) {
        return false;
    }
    let refusal = refusal(state, command);
    if let Some(refusal) = refusal {
        let text = why(state, refusal, command);
        state.notify(text);
    }
    refusal.is_none()
}

/// Why a command is not sent, in words.
pub fn why(state: &State, refusal: Refusal, command: &str) -> String {
    match refusal {
        Refusal::Over => state.words.run_over.to_owned(),
        Refusal::NotTaken => fill(state.words.not_accepted, &[command]),
        Refusal::Locked => fill(state.words.acting.locked_notice, &[&state.keymap.label(Action::Lock)]),
    }
}

/// Says that keys are locked, and which one unlocks them.
pub fn say_locked(state: &mut State) {
    let text = why(state, Refusal::Locked, "");
    state.notify(text);
}

/// Locks the keys that change the run, or unlocks them.
pub fn lock(state: &mut State) {
    state.locked = !state.locked;
    if state.locked {
        say_locked(state);
    } else {
        state.notify(state.words.acting.unlocked_notice.to_owned());
    }
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
    if !takes(state, command.name()) {
        return Vec::new();
    }
    let request = state.request(command);
    let run = state.active;
    if let Some(known) = state.run_mut() {
        known.pending.push(Pending { id: request.id.clone(), command: request.command.clone() });
    }
    vec![Effect::Send { run, request }]
}

/// Takes the last change of this screen back, or makes it again; where the change is not answered yet, as soon as it is.
pub fn undo(state: &mut State, action: Action) -> Vec<Effect> {
    let direction = if action == Action::Undo { Direction::Undo } else { Direction::Redo };
    if state.run().is_some_and(is_moving) {
        if let Some(run) = state.run_mut() {
            run.undo.wait(direction);
        }
        state.notify(state.words.acting.undo_waits.to_owned());
        return Vec::new();
    }
    carry_out(state, direction)
}

/// Whether a change of this screen is not answered yet.
fn is_moving(run: &Run) -> bool {
    let moves = |pending: &Pending| can_be_undone(&pending.command) && !run.undo.is_flying(&pending.id);
    run.pending.iter().any(moves)
}

fn carry_out(state: &mut State, direction: Direction) -> Vec<Effect> {
    let acting = &state.words.acting;
    let Some(movement) = state.run_mut().and_then(|run| run.undo.take(direction)) else {
        state.notify(
            match direction {
                Direction::Undo => acting.nothing_to_undo,
                Direction::Redo => acting.nothing_to_redo,
            }
            .to_owned(),
        );
        return Vec::new();
    };
    let command = match direction {
        Direction::Undo => movement.back.clone(),
        Direction::Redo => movement.forth.clone(),
    };
    let effects = send(state, command);
    if let Some(run) = state.run_mut() {
        match effects.first() {
            Some(Effect::Send { request, .. }) => {
                if matches!(request.command, Command::SetMuted { .. }) {
                    run.before_solo = None;
                }
                run.undo.sent(request.id.clone(), direction, movement);
            }
            _ => run.undo.lay_back(direction, movement),
        }
    }
    effects
}

/// Carries out what was asked for before the change was answered that it means.
pub fn undo_that_waited(state: &mut State, run: usize) -> Vec<Effect> {
    let Some(known) = state.runs.get_mut(run).filter(|_| run == state.active) else { return Vec::new() };
    if is_moving(known) {
        return Vec::new();
    }
    let waited = known.undo.take_waiting();
    if known.is_over() {
        return Vec::new();
    }
    waited.into_iter().flat_map(|direction| carry_out(state, direction)).collect()
}

/// A movement that was taken back or made again.
pub struct Undone {
    direction: Direction,
    movement: Movement,
}

/// Lets the record of changes take in an event before the run does.
pub fn before(run: &mut Run, event: &Event) -> Option<Undone> {
    match event {
        Event::Applied(applied) => {
            undo::answered(run, applied).map(|(direction, movement)| Undone { direction, movement })
        }
        Event::Rejected(rejected) => {
            run.undo.rejected(&rejected.id);
            None
        }
        Event::Rewind(rewind) if rewind.why == RewindReason::Restore => {
            run.undo.clear();
            None
        }
        _ => None,
    }
}

impl Undone {
    /// `undid: weight heating 2.00 → 1.00`, from the answer.
    pub fn said(self, run: &Run, event: &Event, words: &Words) -> String {
        let Event::Applied(applied) = event else { return String::new() };
        let text = compose::applied(applied, applied.command().as_ref(), &run.tasks, words);
        let text = match self.direction {
            Direction::Undo => fill(words.acting.undid, &[&text]),
            Direction::Redo => fill(words.acting.redid, &[&text]),
        };
        match &self.movement.changed_by {
            Some(from) => fill(words.acting.changed_since, &[&text, &sanitise(from)]),
            None => text,
        }
    }
}
