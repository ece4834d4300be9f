//! What is looked at: tasks, panes, lists.

use crate::dashboard::action::Action;
use crate::dashboard::layout::Pane;
use crate::dashboard::state::{Mode, State};
use crate::dashboard::view::last_help_line;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

/// Changes which task, pane or line is looked at.
pub fn look(state: &mut State, action: Action, key: KeyEvent) {
    let count = state.run().map_or(0, |run| run.tasks.len());
    if matches!(action, Action::TaskDown | Action::TaskUp | Action::SelectTask) {
        state.samples.scroll = 0;
    }
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
        Action::NextPane => state.focus(state.next_pane(true)),
        Action::PreviousPane => state.focus(state.next_pane(false)),
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
    let samples = chosen_samples(state);
    let last = last_help_line(state);
    let (place, most) = match &mut state.mode {
        Mode::Help { scroll, .. } => (scroll, last),
        _ => (&mut state.samples.scroll, samples.saturating_sub(1)),
    };
    *place = if down { (*place + 1).min(most) } else { place.saturating_sub(1) };
}

/// How many samples of the selected task there are to scroll over.
pub fn chosen_samples(state: &State) -> usize {
    let task = state.selected().and_then(|place| state.run()?.tasks.get(place));
    task.map_or(0, |task| task.samples.chosen(state.samples.wrong_only).len())
}
