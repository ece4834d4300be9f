//! Lines of advice, each with the key that acts on it.

use crate::dashboard::state::State;
use crate::dashboard::widget::Pen;
use crate::text::{truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Draws as many as there are rows; on a narrow screen the number gives way to the key.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    for (row, advice) in run.advice.iter().take(usize::from(area.height)).enumerate() {
        let (line, act) = advice.text(run, state.words, &state.keymap);
        // Nobody takes requests in a record.
        let act = act.filter(|_| state.replay().is_none());
        let mut pen = Pen::new(buf, area, row as u16);
        pen.text(" » ", state.palette.wait);
        let taken = act.as_ref().map_or(0, |(key, what)| width(key) + width(what) + 3);
        let room = pen.room().saturating_sub(taken + 1);
        pen.text(&truncate(&line, room), Style::new());
        if let Some((key, what)) = act {
            pen.text("; ", state.palette.dim).text(&key, state.palette.strong).text(" ", state.palette.dim);
            pen.text(&what, state.palette.dim);
        }
    }
}
