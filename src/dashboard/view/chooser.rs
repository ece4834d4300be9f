//! The list of methods over the screen, with what the selected one does.

use super::question::window;
use super::weights::first_shown;
use crate::balance::{Kind, Method};
use crate::dashboard::chooser::{Chooser, in_use, methods};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, wrap};
use crate::dashboard::words::fill;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Lines at the bottom that tell of the selected method, where there is room.
const ABOUT: u16 = 5;

enum Line {
    Heading(&'static str),
    Method(usize, &'static Method),
}

/// Draws it.
pub fn render(state: &State, chooser: Chooser, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let (words, palette) = (state.words, &state.palette);
    // The last row says what the keys do, so it stays free.
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    let all = methods(run);
    let mut lines = Vec::new();
    let mut kind = None;
    for (place, method) in all.iter().enumerate() {
        if kind != Some(method.kind()) {
            kind = Some(method.kind());
            lines.push(Line::Heading(match method.kind() {
                Kind::Weighting => words.weightings,
                Kind::Aggregation => words.aggregations,
            }));
        }
        lines.push(Line::Method(place, method));
    }
    let name = all.iter().map(|method| width(method.name)).max().unwrap_or(0);
    let about = if area.height >= 14 { ABOUT } else { 0 };
    let high = lines.len().min(200) as u16 + about + 2;
    let inner = window(state, words.chooser_title, 100, high, area, buf);
    let shown = usize::from(inner.height.saturating_sub(about));
    let chosen = lines.iter().position(|line| matches!(line, Line::Method(place, _) if *place == chooser.place));
    let first = first_shown(chosen, lines.len(), shown);
    // The last columns are those of the marks of more lines.
    let marks = if lines.len() > shown { 2 } else { 0 };
    let listed = Rect { width: inner.width.saturating_sub(marks), ..inner };
    for (row, line) in lines.iter().skip(first).take(shown).enumerate() {
        let mut pen = Pen::new(buf, listed, row as u16);
        match line {
            Line::Heading(text) => {
                pen.text(text, palette.focus);
            }
            Line::Method(place, method) => {
                let selected = *place == chooser.place;
                let style = if selected { palette.selected } else { Style::new() };
                pen.text(if selected { "> " } else { "  " }, palette.strong);
                pen.text(if in_use(run, method) { "* " } else { "  " }, palette.good);
                pen.left(method.name, name + 2, if selected { palette.focus } else { style });
                pen.text(method.what, if selected { style } else { palette.dim });
            }
        }
    }
    let right = inner.width.saturating_sub(1);
    if first > 0 {
        put(buf, inner, right, 0, "↑", palette.focus);
    }
    if first + shown < lines.len() {
        put(buf, inner, right, shown.saturating_sub(1) as u16, "↓", palette.focus);
    }
    if let Some(method) = all.get(chooser.place).filter(|_| about > 0) {
        let above = shown as u16 + 1;
        let below = Rect { y: inner.y + above, height: inner.height.saturating_sub(above), ..inner };
        tell(state, method, name + 6 + usize::from(marks), below, buf);
    }
}

/// What it does where `taken` columns left no room for that, who wrote it up, what it costs, how the user's weight reaches it.
fn tell(state: &State, method: &Method, taken: usize, area: Rect, buf: &mut Buffer) {
    let (words, palette) = (state.words, &state.palette);
    let year = method.year.map_or(String::new(), |year| format!(" ({year})"));
    let source = [method.paper, &year].concat();
    let facts = [source.trim().to_owned(), fill(words.needs, &[method.cost()])];
    let facts = facts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    let columns = usize::from(area.width);
    // What it does stands in its row already, unless it was cut there.
    let cut = width(method.what) + taken > columns;
    let mut lines = if cut { wrap(method.what, columns, 2) } else { Vec::new() };
    lines.extend(wrap(&facts, columns, 1));
    lines.extend(wrap(&fill(words.preference, &[method.preference]), columns, 2));
    for (row, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        put(buf, area, 0, row as u16, line, palette.dim);
    }
}
