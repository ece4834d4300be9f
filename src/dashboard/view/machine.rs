//! The run itself: configuration, machine, where the time goes.

use crate::dashboard::state::State;
use crate::dashboard::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    put(buf, area, 1, 0, state.words.nothing_yet, state.palette.dim);
}

/// What the title says.
pub fn detail(_state: &State) -> String {
    String::new()
}

/// Rows that it would like to have.
pub fn row_count(_state: &State) -> usize {
    1
}
