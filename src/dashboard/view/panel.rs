//! A panel's border and title.

use crate::dashboard::layout::Pane;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::symbols::merge::MergeStrategy;
use ratatui::widgets::{Block, Widget};

/// Draws a panel's border, joined with its neighbours', and returns the room inside.
pub fn panel(state: &State, pane: Pane, detail: &str, area: Rect, buf: &mut Buffer) -> Rect {
    let name = title(state, pane);
    let taken = width(name) as u16 + 4;
    if !border(state, detail, area, taken, buf) {
        // What matters most stands first; the rest gives way.
        let room = usize::from(area.width.saturating_sub(taken + 3));
        side_note(state, &crate::text::truncate(detail, room), area, 0, buf);
    }
    let style = if state.pane == pane { state.palette.focus } else { state.palette.title };
    Pen::new(buf, title_area(area), 0).text(" ", state.palette.dim).text(name, style).text(" ", state.palette.dim);
    area.inner(Margin::new(1, 1))
}

/// The name alone in the first row, for small screens; returns the rows below.
pub fn headline(state: &State, pane: Pane, detail: &str, area: Rect, buf: &mut Buffer) -> Rect {
    let mut pen = Pen::new(buf, area, 0);
    pen.text(title(state, pane), state.palette.focus).text(" ", state.palette.dim).text(detail, state.palette.dim);
    Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area }
}

/// The same with the names of all panes in the title.
pub fn tabs(state: &State, detail: &str, area: Rect, buf: &mut Buffer) -> Rect {
    // Many names leave little room; what the pane's title says goes to the lower border then.
    let shown: Vec<Pane> = Pane::ALL.into_iter().filter(|pane| state.has(*pane)).collect();
    let names: u16 = shown.iter().map(|pane| width(name(state, *pane)) as u16 + 2).sum();
    if !border(state, detail, area, names + 2, buf) {
        side_note(state, detail, area, area.height.saturating_sub(1), buf);
    }
    let palette = &state.palette;
    let mut pen = Pen::new(buf, title_area(area), 0);
    let first = first_name(state, &shown, pen.room());
    for pane in shown.into_iter().skip(first) {
        let style = if state.pane == pane { palette.focus } else { palette.dim };
        let (open, close) = if state.pane == pane { ("[", "]") } else { (" ", " ") };
        pen.text(open, style).text(name(state, pane), style).text(close, style);
    }
    area.inner(Margin::new(1, 1))
}

/// The pane whose name stands at a column of the title that [`tabs`] draws.
pub fn tab_at(state: &State, area: Rect, column: u16) -> Option<Pane> {
    let title = title_area(area);
    let shown: Vec<Pane> = Pane::ALL.into_iter().filter(|pane| state.has(*pane)).collect();
    let first = first_name(state, &shown, usize::from(title.width));
    let mut end = usize::from(title.x);
    shown.into_iter().skip(first).find(|pane| {
        let start = end;
        end += width(name(state, *pane)) + 2;
        (start..end.min(usize::from(title.right()))).contains(&usize::from(column))
    })
}

/// The first name in the title, so that the focused one is seen where there is no room for all.
fn first_name(state: &State, shown: &[Pane], room: usize) -> usize {
    let focused = shown.iter().position(|pane| *pane == state.pane).unwrap_or(0);
    let columns = |from: usize| -> usize {
        shown.iter().take(focused + 1).skip(from).map(|pane| width(name(state, *pane)) + 2).sum()
    };
    (0..focused).find(|from| columns(*from) <= room).unwrap_or(focused)
}

/// A panel's name where there is room for it.
fn title(state: &State, pane: Pane) -> &'static str {
    match pane {
        Pane::Gradients if super::updates::are_shown(state) => state.words.panels.update_norms,
        Pane::Gradients => state.words.gradient_norms,
        _ => name(state, pane),
    }
}

/// A panel's name.
pub fn name(state: &State, pane: Pane) -> &'static str {
    let words = state.words;
    match pane {
        Pane::Loss => words.loss,
        Pane::Gradients => words.norms_short,
        Pane::Cosine => words.cosine_short,
        Pane::Balance => words.balance,
        Pane::Methods => words.methods,
        Pane::Validation => words.validation,
        Pane::Samples => words.samples,
        Pane::Weights => words.weights,
        Pane::Events => words.events,
        Pane::Scalars => words.panels.scalars,
        Pane::Compare => words.watch.compare,
        Pane::Machine => words.panels.machine,
    }
}

/// The border, with the detail at the right of the top row; returns whether `taken` columns left room for it.
fn border(state: &State, detail: &str, area: Rect, taken: u16, buf: &mut Buffer) -> bool {
    Block::bordered().border_style(state.palette.dim).merge_borders(MergeStrategy::Exact).render(area, buf);
    let fits = !detail.is_empty() && taken + width(detail) as u16 + 2 < area.width;
    if fits {
        side_note(state, detail, area, 0, buf);
    }
    fits
}

/// A text at the right of a row of the border.
fn side_note(state: &State, text: &str, area: Rect, row: u16, buf: &mut Buffer) {
    if !text.is_empty() {
        let start = area.width.saturating_sub(width(text) as u16 + 3);
        put(buf, area, start, row, &format!(" {text} "), state.palette.dim);
    }
}

/// A text at the left of the lower border, where that is free.
pub fn lower_note(state: &State, text: &str, area: Rect, buf: &mut Buffer) {
    let row = area.bottom().saturating_sub(1);
    let cells = Rect { x: area.x + 1, y: row, width: width(text) as u16 + 4, height: 1 };
    if cells.positions().all(|place| buf.cell(place).is_some_and(|cell| cell.symbol() == "─")) {
        put(buf, cells, 1, 0, &format!(" {text} "), state.palette.dim);
    }
}

fn title_area(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}
