//! What the panes list and which pair of tasks they show: filters, selections, the jump to an event.

use crate::dashboard::action::Action;
use crate::dashboard::filter::{Filter, FilterError};
use crate::dashboard::format;
use crate::dashboard::layout::Pane;
use crate::dashboard::model::{EntryKind, Place};
use crate::dashboard::prompt::{Prompt, Purpose};
use crate::dashboard::state::{Mode, State};
use crate::dashboard::words::{Words, fill};

/// Changes what the panes show; `false` where the action is about something else.
pub fn look(state: &mut State, action: Action) -> bool {
    match action {
        Action::Filter => open_filter(state),
        Action::JumpToEvent => jump(state),
        Action::NextPair => next_pair(state),
        Action::PairMatrix => state.panels.pair = None,
        Action::GradientPlace => next_place(state),
        Action::ScrollDown | Action::ScrollUp => return scroll(state, action == Action::ScrollDown),
        _ => return false,
    }
    true
}

/// Opens the line for the filter of the focused pane, or of the events.
fn open_filter(state: &mut State) {
    let pane = if state.panels.filter(state.pane).is_some() { state.pane } else { Pane::Events };
    let Some(filter) = state.panels.filter(pane).cloned() else { return };
    state.focus(pane);
    let mut prompt = Prompt::new(Purpose::Filter(pane));
    prompt.insert(filter.text());
    state.panels.before = Some((pane, filter));
    state.mode = Mode::Prompt(prompt);
}

/// Takes the filter that was typed; one that is none keeps the line open.
pub fn accept_filter(state: &mut State) {
    if state.panels.problem.is_none() {
        state.panels.before = None;
        state.mode = Mode::Main;
    }
}

/// Lets the lists follow what is typed and what was left; to be called after each message.
pub fn follow(state: &mut State) {
    if let Mode::Prompt(Prompt { purpose: Purpose::Filter(pane), text, .. }) = &state.mode {
        let (pane, text) = (*pane, text.clone());
        // What is the same is not read again; what is broken is, as the filter in force is the one before.
        if state.panels.filter(pane).is_some_and(|filter| filter.text() != text) || state.panels.problem.is_some() {
            let words = state.words;
            state.panels.problem = set(state, pane, &text).err().map(|error| reason(&error, words));
        }
    } else {
        // The line was left without taking it.
        if let Some((pane, before)) = state.panels.before.take()
            && let Some(filter) = state.panels.filter_mut(pane)
        {
            *filter = before;
        }
        state.panels.problem = None;
    }
    let panels = &state.panels;
    for run in &mut state.runs {
        run.log.set_filter(&panels.events);
        run.scalars.set_filter(&panels.scalars);
    }
}

/// Sets a pane's filter; the one before stays where the text is none.
fn set(state: &mut State, pane: Pane, text: &str) -> Result<(), FilterError> {
    let filter = if pane == Pane::Events { Filter::events(text)? } else { Filter::expression(text)? };
    if let Some(known) = state.panels.filter_mut(pane) {
        *known = filter;
    }
    Ok(())
}

/// Why a text is no filter, in words.
fn reason(error: &FilterError, words: &Words) -> String {
    match error {
        FilterError::Expression(why) => fill(words.panels.no_expression, &[why]),
        FilterError::Kind(word, near) => {
            let all = EntryKind::ALL.map(EntryKind::name).join(", ");
            fill(words.panels.no_kind, &[word, near.unwrap_or(&all)])
        }
    }
}

/// Puts the charts' cursor on the selected event, or on the newest.
fn jump(state: &mut State) {
    let entry = state.run().and_then(|run| state.panels.selected_event(run)).map(|(_, entry)| entry.step);
    match entry {
        Some(step) => {
            super::cursor::put(state, step);
            state.notify(fill(state.words.panels.jumped, &[&format::thousands(step)]));
        }
        None => state.notify(state.words.panels.no_event.to_owned()),
    }
}

fn next_pair(state: &mut State) {
    let tasks = state.run().map_or(0, |run| run.tasks.len());
    let selected = state.selected().unwrap_or(0);
    match state.panels.next_pair(tasks, selected) {
        Some(pair) => {
            state.panels.pair = Some(pair);
            if state.pane != Pane::Validation {
                state.focus(Pane::Cosine);
            }
        }
        None => state.notify(state.words.one_task.to_owned()),
    }
}

/// Shared parameters, z, updates: the next place where something was measured.
fn next_place(state: &mut State) {
    #[derive(Clone, Copy, PartialEq)]
    enum Shown {
        Gradients(Place),
        Updates,
    }
    let Some(run) = state.runs.get(state.active) else { return };
    let measured = |shown: Shown| match shown {
        Shown::Gradients(place) => run.gradients(place).measured.is_some(),
        Shown::Updates => run.updates.is_told(),
    };
    let all = [Shown::Gradients(Place::Shared), Shown::Gradients(Place::Representation), Shown::Updates];
    let gradients = Shown::Gradients(run.gradient_place(state.charts.place));
    let now = if state.panels.shows_updates(run) { Shown::Updates } else { gradients };
    let at = all.iter().position(|shown| *shown == now).unwrap_or(0);
    let next = all.iter().cycle().skip(at + 1).take(all.len()).copied().find(|shown| measured(*shown));
    match next {
        Some(Shown::Updates) => state.panels.updates = true,
        Some(Shown::Gradients(place)) => (state.panels.updates, state.charts.place) = (false, place),
        None => {}
    }
}

/// Moves the selection of the focused list; a pane that lists nothing gives the focus to the events.
fn scroll(state: &mut State, down: bool) -> bool {
    if state.mode != Mode::Main || state.pane == Pane::Samples {
        return false;
    }
    let list = if matches!(state.pane, Pane::Scalars | Pane::Machine) { state.pane } else { Pane::Events };
    select(state, list, down);
    state.pane = list;
    true
}

/// Moves the selection of a pane's list, or the facts of a run, by one line.
pub fn select(state: &mut State, list: Pane, down: bool) {
    let Some(run) = state.runs.get(state.active) else { return };
    match list {
        Pane::Scalars => {
            let place = state.panels.selected_scalar(run).map_or(0, |(place, _)| place);
            let next = moved(place, down, run.scalars.listed().count());
            state.panels.scalar = run.scalars.listed().nth(next).map(|scalar| scalar.name.clone());
        }
        Pane::Machine => {
            let most = crate::dashboard::view::facts_count(state).saturating_sub(1);
            state.panels.facts = moved(state.panels.facts.min(most), down, most + 1);
        }
        _ => {
            let place = state.panels.selected_event(run).map_or(0, |(place, _)| place);
            let next = moved(place, down, run.log.listed().count());
            // The first place is that of the newest, whichever comes.
            let entry = run.log.listed().nth(next).filter(|_| next > 0);
            state.panels.event = entry.map(|entry| entry.number);
        }
    }
}

fn moved(place: usize, down: bool, count: usize) -> usize {
    if down { (place + 1).min(count.saturating_sub(1)) } else { place.saturating_sub(1) }
}
