//! What lies at a place on the screen: the geometry of the view, read backwards.

use super::{arranged, compact, panel, weights};
use crate::dashboard::layout::{Layout, Pane};
use crate::dashboard::state::State;
use ratatui::layout::{Margin, Position, Rect};

/// Something that can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A pane's name among the tabs.
    Tab(Pane),
    /// A task's slider, in these cells.
    Slider(usize, Rect),
    /// A task's row elsewhere.
    Task(usize),
    /// The inside of a pane, with its room.
    Inside(Pane, Rect),
    /// A pane's border.
    Border(Pane),
    /// The list of the newest events.
    News,
}

/// What lies at a column and row.
pub fn hit(state: &State, column: u16, row: u16) -> Option<Hit> {
    let area = Rect::new(0, 0, state.size.0, state.size.1);
    let at = Position { x: column, y: row };
    match arranged(state, area) {
        Layout::Nothing | Layout::Line(_) => None,
        Layout::Small { plot, tasks, .. } => {
            let task = || compact::line_at(state, tasks, at).map(Hit::Task);
            let pane = if state.samples_are_large() { Pane::Samples } else { Pane::Loss };
            plot.contains(at).then_some(Hit::Inside(pane, plot)).or_else(task)
        }
        Layout::Tabs { body, tasks, events, .. } => {
            if body.contains(at) {
                let tab = if row == body.y { panel::tab_at(state, body, column).map(Hit::Tab) } else { None };
                return tab.or_else(|| within(state, state.pane, body, at));
            }
            if events.contains(at) {
                return Some(Hit::News);
            }
            let place = compact::line_at(state, tasks, at)?;
            Some(slider_or_task(place, compact::bar(state, tasks, row), at))
        }
        Layout::Wide { panes, .. } => {
            // Neighbours share a border; a place inside belongs to one.
            let inside = |(pane, area): &&(Pane, Rect)| -> bool { inner(*area).contains(at) && state.has(*pane) };
            let found = panes.iter().find(inside).or_else(|| panes.iter().rev().find(|(_, area)| area.contains(at)));
            found.and_then(|(pane, area)| within(state, *pane, *area, at))
        }
    }
}

fn inner(area: Rect) -> Rect {
    area.inner(Margin::new(1, 1))
}

/// What lies at a place of a pane.
fn within(state: &State, pane: Pane, area: Rect, at: Position) -> Option<Hit> {
    let room = inner(area);
    if !room.contains(at) {
        return area.contains(at).then_some(Hit::Border(pane));
    }
    let task = if pane == Pane::Weights { weights::row_at(state, room, at.y) } else { None };
    let part = task.map(|place| slider_or_task(place, weights::bar(state, room, at.y), at));
    Some(part.unwrap_or(Hit::Inside(pane, room)))
}

fn slider_or_task(place: usize, bar: Rect, at: Position) -> Hit {
    if bar.contains(at) { Hit::Slider(place, bar) } else { Hit::Task(place) }
}
