//! Who helps whom: what a step along one task's gradient does to the loss of each.

use super::weights::first_shown;
use crate::dashboard::format;
use crate::dashboard::model::{Matrix, Run};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

const CELL: usize = 5;

/// A matrix with what it is called where there is room, and where there is less.
struct Table {
    long: String,
    short: String,
    exponent: i32,
    rows: Matrix,
}

impl Table {
    fn new(long: &str, short: &str, rows: Matrix) -> Self {
        // Shares of a loss that one step moves: often far below one in a hundred, so the entries have a unit in common.
        let exponent = format::common_exponent(rows.iter().flatten().flatten().copied());
        let unit = format::unit(exponent);
        Self { long: format!("{long}{unit}"), short: format!("{short}{unit}"), exponent, rows }
    }

    /// Its name in so many columns.
    fn title(&self, columns: usize) -> &str {
        if width(&self.long) < columns { &self.long } else { &self.short }
    }
}

/// Whether there is something to show.
pub fn is_known(run: &Run) -> bool {
    run.balance.affinity().is_some() || run.balance.probe.is_some()
}

/// The first-order matrix with the probed one beside or below it; where there is room for one, the probed one.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let (words, count) = (state.words, run.tasks.len());
    let first = run.balance.affinity().map(|rows| Table::new(words.affinity, words.affinity_short, rows));
    let probe = run.balance.probe.clone().map(|(step, rows)| {
        let step = format::short_count(step);
        Table::new(&fill(words.probe, &[&step]), &fill(words.probe_short, &[&step]), rows)
    });
    let head = count.to_string().len() + 3;
    let columns = |title: &str| (head + count * CELL).max(width(title) + 2).min(usize::from(u16::MAX / 4)) as u16;
    let high = count.min(200) as u16 + 2;
    match (first, probe) {
        (Some(first), Some(probe)) => {
            let right = columns(&probe.short);
            let beside = [&first.long, &first.short].map(|title| columns(title) + 1);
            if let Some(left) = beside.into_iter().find(|left| area.width >= left + right) {
                one(state, run, &first, Rect { width: left - 1, ..area }, buf);
                one(state, run, &probe, Rect { x: area.x + left, width: area.width - left, ..area }, buf);
            } else if area.height >= 2 * high {
                one(state, run, &first, Rect { height: high, ..area }, buf);
                one(state, run, &probe, Rect { y: area.y + high, height: area.height - high, ..area }, buf);
            } else {
                one(state, run, &probe, area, buf);
            }
        }
        (None, Some(only)) | (Some(only), None) => one(state, run, &only, area, buf),
        (None, None) => {}
    }
}

fn one(state: &State, run: &Run, table: &Table, area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    let count = run.tasks.len();
    let number = count.to_string().len();
    put(buf, area, 1, 0, table.title(usize::from(area.width)), palette.dim);
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
            let value = table.rows.get(place).and_then(|row| row.get(column)).copied().flatten();
            let text = value.map_or("·".to_owned(), |value| format::in_units(value, table.exponent));
            let style = match value {
                Some(value) if value < 0.0 => palette.bad,
                Some(_) if place == column => palette.dim,
                Some(_) => style,
                None => palette.dim,
            };
            pen.text(&" ".repeat(CELL.saturating_sub(width(&text))), Style::new()).text(&text, style);
        }
    }
}
