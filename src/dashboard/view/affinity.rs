//! Who helps whom: what a step along one task's gradient does to the loss of each.

use super::weights::first_shown;
use crate::dashboard::format;
use crate::dashboard::model::{Matrix, Run};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

const CELL: usize = 7;

/// Whether there is something to show.
pub fn is_known(run: &Run) -> bool {
    run.balance.affinity().is_some() || run.balance.probe.is_some()
}

/// The first-order matrix with the probed one beside or below it; where there is room for one, the probed one.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let count = run.tasks.len();
    let first = run.balance.affinity().map(|rows| (state.words.affinity.to_owned(), rows));
    let probe =
        run.balance.probe.clone().map(|(step, rows)| (fill(state.words.probe, &[&format::short_count(step)]), rows));
    let head = count.to_string().len() + 3;
    let wide = (head + count * CELL).max(35).min(usize::from(u16::MAX)) as u16;
    let high = count.min(200) as u16 + 2;
    match (first, probe) {
        (Some(first), Some(probe)) if area.width.saturating_sub(1) / 2 >= wide => {
            one(state, run, &first, Rect { width: wide, ..area }, buf);
            let right = wide + 1;
            one(state, run, &probe, Rect { x: area.x + right, width: area.width - right, ..area }, buf);
        }
        (Some(first), Some(probe)) if area.height >= 2 * high => {
            one(state, run, &first, Rect { height: high, ..area }, buf);
            one(state, run, &probe, Rect { y: area.y + high, height: area.height - high, ..area }, buf);
        }
        (_, Some(only)) | (Some(only), None) => one(state, run, &only, area, buf),
        (None, None) => {}
    }
}

fn one(state: &State, run: &Run, (title, rows): &(String, Matrix), area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    let count = run.tasks.len();
    let number = count.to_string().len();
    put(buf, area, 1, 0, title, palette.dim);
    let head = number + 2;
    let shown = (usize::from(area.width).saturating_sub(head) / CELL).min(count);
    let lines = usize::from(area.height.saturating_sub(2)).min(count);
    let left = first_shown(state.selected(), count, shown);
    let top = first_shown(state.selected(), count, lines);
    let mut pen = Pen::new(buf, area, 1);
    pen.skip(head);
    for column in left..left + shown {
        pen.right(&(column + 1).to_string(), CELL, palette.task(column));
    }
    for (line, place) in (top..top + lines).enumerate() {
        let selected = state.selected() == Some(place);
        let style = if selected { palette.selected } else { Style::new() };
        let mut pen = Pen::new(buf, area, line as u16 + 2);
        pen.text(if selected { ">" } else { " " }, palette.strong);
        pen.right(&(place + 1).to_string(), number, palette.task(place).patch(style)).text(" ", style);
        for column in left..left + shown {
            let value = rows.get(place).and_then(|row| row.get(column)).copied().flatten();
            let text = value.map_or("·".to_owned(), format::change);
            let style = match value {
                Some(value) if value < 0.0 => palette.bad,
                Some(_) if place == column => palette.dim,
                Some(_) => style,
                None => palette.dim,
            };
            pen.text(&" ".repeat(CELL.saturating_sub(crate::text::width(&text))), Style::new()).text(&text, style);
        }
    }
}
