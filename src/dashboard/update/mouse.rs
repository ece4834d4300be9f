//! What the mouse does: click to focus or select, drag a slider or over a chart, wheel to zoom or scroll.
//!
//! A weight changes only by a drag along its slider, and once, when the button is let go; a click changes nothing of
//! the run.

use super::{acting, charts as chart_keys, cursor as cursor_keys, panels, screen};
use crate::dashboard::action::Action;
use crate::dashboard::layout::Pane;
use crate::dashboard::message::Effect;
use crate::dashboard::model::Run;
use crate::dashboard::pointer::Held;
use crate::dashboard::state::{Mode, State};
use crate::dashboard::view::{Hit, chart_at, hit, slider_range};
use crate::protocol::Command;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

/// Lines that one turn of the wheel scrolls.
const WHEEL: usize = 3;

/// Takes a mouse event in.
pub fn pointed(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    if !state.look.mouse {
        return Vec::new();
    }
    let MouseEvent { kind, column, row, .. } = event;
    match (kind, &mut state.mode) {
        (MouseEventKind::ScrollDown | MouseEventKind::ScrollUp, Mode::Help { .. }) => {
            let down = kind == MouseEventKind::ScrollDown;
            let key = KeyEvent::new(KeyCode::Null, KeyModifiers::NONE);
            screen::look(state, if down { Action::ScrollDown } else { Action::ScrollUp }, key);
            state.touch();
        }
        (MouseEventKind::Up(MouseButton::Left), _) => return released(state, column, row),
        (_, Mode::Main) => match kind {
            MouseEventKind::Down(MouseButton::Left) => pressed(state, column, row),
            MouseEventKind::Drag(MouseButton::Left) => dragged(state, column),
            MouseEventKind::ScrollDown => wheel(state, column, row, true),
            MouseEventKind::ScrollUp => wheel(state, column, row, false),
            _ => {}
        },
        _ => {}
    }
    Vec::new()
}

/// A button went down: what is there is selected, and may be dragged from now on.
fn pressed(state: &mut State, column: u16, row: u16) {
    state.touch();
    state.clear_notice();
    state.pointer.held = Held::Nothing;
    match hit(state, column, row) {
        None => {}
        Some(Hit::Tab(pane) | Hit::Border(pane)) => state.focus(pane),
        Some(Hit::News) => state.focus(Pane::Events),
        Some(Hit::Task(place)) => select(state, place),
        Some(Hit::Slider(place, bar)) => {
            select(state, place);
            state.pointer.held = Held::Slider { place, bar, wanted: None };
        }
        Some(Hit::Inside(pane, _)) => {
            state.focus(pane);
            if let Some(room) = chart(state, column, row) {
                state.pointer.held = Held::Window { room, from: column, to: column };
            }
        }
    }
}

fn select(state: &mut State, place: usize) {
    if state.task != place {
        state.task = place;
        state.samples.scroll = 0;
    }
}

/// The mouse moved with the button down.
fn dragged(state: &mut State, column: u16) {
    match state.pointer.held {
        Held::Nothing => return,
        Held::Slider { place, bar, wanted } => {
            // A refusal is said once, not at the end of a drag in vain.
            if wanted.is_none() && !acting::accepts(state, Action::WeightExact) {
                state.pointer.held = Held::Nothing;
                return;
            }
            let Some(value) = state.run().and_then(|run| weight_at(run, bar, column)) else { return };
            state.pointer.held = Held::Slider { place, bar, wanted: Some(value) };
        }
        Held::Window { room, from, .. } => {
            let to = column.clamp(room.x, room.right().saturating_sub(1).max(room.x));
            state.pointer.held = Held::Window { room, from, to };
        }
    }
    state.touch();
}

/// The button was let go: a drag takes effect.
fn released(state: &mut State, column: u16, row: u16) -> Vec<Effect> {
    let held = std::mem::take(&mut state.pointer.held);
    if state.mode != Mode::Main {
        return Vec::new();
    }
    state.touch();
    match held {
        Held::Slider { place, wanted: Some(value), .. } => {
            let Some(task) = state.run().and_then(|run| run.tasks.get(place)).map(|task| task.name.clone()) else {
                return Vec::new();
            };
            return acting::send(state, Command::SetWeight { task, value, over_steps: None });
        }
        Held::Window { room, from, to } if from != to => select_window(state, room, from, to),
        Held::Window { .. } => {
            let now = state.now;
            if state.pointer.click(column, row, now) {
                whole_run(state);
            } else {
                point(state, column, row);
            }
        }
        Held::Slider { .. } | Held::Nothing => {}
    }
    Vec::new()
}

/// The weight at a column of a slider, with two digits; the ends of the slider bound it.
fn weight_at(run: &Run, bar: Rect, column: u16) -> Option<f64> {
    let last = bar.width.checked_sub(1).filter(|last| *last > 0)?;
    let share = f64::from(column.saturating_sub(bar.x).min(last)) / f64::from(last);
    let (low, high) = slider_range(run);
    let value = 10_f64.powf(low.log10() + share * (high.log10() - low.log10()));
    format!("{value:.1e}").parse().ok().filter(|value: &f64| value.is_finite())
}

/// The wheel turned: over a chart it zooms at the pointer, over a list it scrolls it, over tasks it selects.
fn wheel(state: &mut State, column: u16, row: u16, down: bool) {
    let step = |place: usize, most: usize, by: usize| {
        if down { place.saturating_add(by).min(most) } else { place.saturating_sub(by) }
    };
    match hit(state, column, row) {
        Some(Hit::Inside(..)) if chart(state, column, row).is_some() => zoom(state, column, row, !down),
        Some(Hit::Inside(list @ (Pane::Events | Pane::Scalars | Pane::Machine), _)) => scroll(state, list, down),
        Some(Hit::News) => scroll(state, Pane::Events, down),
        Some(Hit::Inside(Pane::Samples, _)) => {
            let most = screen::chosen_samples(state).saturating_sub(1);
            state.samples.scroll = step(state.samples.scroll, most, 1);
        }
        Some(Hit::Inside(Pane::Methods, _)) => {
            if let Some(run) = state.run_mut() {
                run.move_candidate(down);
            }
        }
        Some(Hit::Task(_) | Hit::Slider(..) | Hit::Inside(Pane::Weights | Pane::Validation, _)) => {
            let count = state.run().map_or(0, |run| run.tasks.len());
            let place = step(state.task.min(count.saturating_sub(1)), count.saturating_sub(1), 1);
            select(state, place);
        }
        _ => return,
    }
    state.touch();
}

fn scroll(state: &mut State, list: Pane, down: bool) {
    for _ in 0..WHEEL {
        panels::select(state, list, down);
    }
}

/// The cells of the chart at a place, where one is there.
fn chart(state: &State, column: u16, row: u16) -> Option<Rect> {
    chart_at(state, column, row).map(|(_, field)| field.area)
}

/// Zooms at a place of a chart.
fn zoom(state: &mut State, column: u16, row: u16, closer: bool) {
    if let Some((_, field)) = chart_at(state, column, row) {
        let fraction = field.fraction(column.saturating_sub(field.area.x));
        chart_keys::zoom_at(state, fraction, if closer { 0.8 } else { 1.25 });
    }
}

/// Shows what lies between two columns of a chart.
fn select_window(state: &mut State, room: Rect, from: u16, to: u16) {
    if let Some((_, field)) = chart_at(state, from, room.y) {
        let step = |column: u16| field.step(column.saturating_sub(field.area.x));
        let (one, other) = (step(from), step(to));
        chart_keys::select(state, one, other);
    }
}

/// Moves the cursor to a place of a chart, where there is a cursor.
fn point(state: &mut State, column: u16, row: u16) {
    if let (true, Some((_, field))) = (state.charts.cursor.is_some(), chart_at(state, column, row)) {
        cursor_keys::put(state, field.step(column.saturating_sub(field.area.x)));
    }
}

/// The whole run again.
fn whole_run(state: &mut State) {
    chart_keys::look(state, Action::ResetView);
}

#[cfg(test)]
#[path = "mouse_tests.rs"]
mod tests;
