//! The question whether to stop, and the frame of what lies over the screen.

use super::footer;
use crate::dashboard::action::Context;
use crate::dashboard::model::Run;
use crate::dashboard::state::State;
use crate::dashboard::widget::put;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::widgets::{Block, Clear, Widget};

/// Draws the question over the screen; on a small one its keys stand in the last line alone.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    if area.height < 6 {
        return;
    }
    let words = state.words;
    let wide = (width(words.question) + 6).max(36) as u16;
    let paused = state.run().is_some_and(Run::wanted_paused);
    let title = if paused { words.question_title_paused } else { words.question_title };
    let inner = window(state, title, wide, 5, area, buf);
    put(buf, inner, 1, 0, words.question, Style::new());
    if state.locked {
        put(buf, inner, 1, 1, words.acting.stop_is_not_locked, state.palette.dim);
    }
    let last = Rect { y: inner.y + inner.height.saturating_sub(1), height: inner.height.min(1), ..inner };
    footer::keys_line(state, &[Context::Question], last, 0, buf);
}

/// An empty framed window in the middle, no larger than the screen; returns the room inside.
pub fn window(state: &State, title: &str, wide: u16, high: u16, area: Rect, buf: &mut Buffer) -> Rect {
    let (wide, high) = (wide.min(area.width), high.min(area.height));
    let place =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: wide, height: high };
    frame(state, title, place, buf)
}

/// An empty framed window in a place; returns the room inside.
pub fn frame(state: &State, title: &str, place: Rect, buf: &mut Buffer) -> Rect {
    let place = place.intersection(buf.area);
    halve_no_letter(place, buf);
    Clear.render(place, buf);
    Block::bordered().border_style(state.palette.strong).render(place, buf);
    put(buf, place, 2, 0, &format!(" {title} "), state.palette.focus);
    place.inner(Margin::new(2, 1))
}

/// A wide letter whose second half is under the left edge of a place would hide the edge.
fn halve_no_letter(place: Rect, buf: &mut Buffer) {
    for y in place.top()..place.bottom() {
        if let Some(before) = place.x.checked_sub(1).and_then(|x| buf.cell_mut((x, y)))
            && width(before.symbol()) > 1
        {
            before.set_symbol(" ");
        }
    }
}
