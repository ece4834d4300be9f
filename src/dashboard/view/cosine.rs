//! Cosines between the tasks' gradients as a heat map with signs and numbers.

use super::curves::place_name;
use super::weights::first_shown;
use crate::dashboard::format;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From here on two tasks pull against each other clearly enough for a mark.
const CONFLICT: f64 = -0.1;

/// The panel.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let (Some(run), palette) = (state.run(), &state.palette) else { return };
    let count = run.tasks.len();
    let gradients = run.gradients(run.gradient_place(state.charts.place));
    let message = match (count, gradients.measured) {
        (1, _) => Some(state.words.one_task),
        (0, _) | (_, None) => Some(state.words.no_gradients),
        _ => None,
    };
    if let Some(message) = message {
        put(buf, area, 1, 0, message, palette.dim);
        return;
    }
    let number = count.to_string().len();
    let longest = run.tasks.iter().map(|task| width(&task.label)).max().unwrap_or(0).min(14);
    let room = usize::from(area.width);
    // Names give way to cells, and cells shrink, before columns are left out.
    let fits = |name: usize, cell: usize| number + 3 + name + count * cell <= room;
    let (name, cell) = [(longest, 7), (longest, 6), (longest.min(8), 6), (longest.min(6), 5), (0, 5), (0, 4), (0, 3)]
        .into_iter()
        .find(|&(name, cell)| fits(name, cell))
        .unwrap_or((0, 3));
    let head = number + 2 + name + usize::from(name > 0);
    let columns = (room.saturating_sub(head) / cell).min(count);
    let rows = usize::from(area.height.saturating_sub(1)).min(count);
    let left = first_shown(state.selected(), count, columns);
    let top = first_shown(state.selected(), count, rows);
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(head);
    for column in left..left + columns {
        pen.right(&centred(&(column + 1).to_string(), cell), cell, palette.task(column));
    }
    for (row, place) in (top..top + rows).enumerate() {
        let selected = state.selected() == Some(place);
        let style = if selected { palette.selected } else { ratatui::style::Style::new() };
        let mut pen = Pen::new(buf, area, row as u16 + 1);
        pen.text(if selected { ">" } else { " " }, palette.strong);
        pen.right(&(place + 1).to_string(), number, palette.task(place).patch(style)).text(" ", style);
        if name > 0 {
            pen.left(run.tasks.get(place).map_or("", |task| &task.label), name, style).text(" ", style);
        }
        for column in left..left + columns {
            let value = gradients.cosine(place, column);
            let text = match value {
                _ if place == column => "--".to_owned(),
                None => "·".to_owned(),
                Some(value) => cell_text(value, cell),
            };
            let style = value.map_or(palette.dim, |value| palette.heat(value));
            pen.text(&centred(&text, cell), style);
        }
    }
}

/// Where it was measured, how long ago, and how many pairs are in conflict.
pub fn detail(state: &State) -> String {
    let Some(run) = state.run() else { return String::new() };
    let place = run.gradient_place(state.charts.place);
    let gradients = run.gradients(place);
    let Some(measured) = gradients.measured else { return place_name(state, place).to_owned() };
    let mut text = place_name(state, place).to_owned();
    let age = run.timeline.last_step().saturating_sub(measured);
    if age > 0 {
        text = format!("{text}, {}", fill(state.words.age, &[&format::short_count(age)]));
    }
    let (conflicts, pairs) = gradients.conflicts();
    if pairs > 0 {
        text = format!("{text}, {} {conflicts}/{pairs}", state.words.conflicts);
    }
    text
}

/// As much of the number as the cell holds: `-.44!`, `-.44`, `-44`.
fn cell_text(value: f64, columns: usize) -> String {
    let text = format::cosine(value);
    match columns {
        ..4 => match text.as_str() {
            "+1.0" => "+1".to_owned(),
            "-1.0" => "-1".to_owned(),
            _ => text.replace('.', ""),
        },
        4 | 5 => text,
        _ if value <= CONFLICT => format!("{text}!"),
        _ => text,
    }
}

/// In the middle of so many columns; what is left over goes to the right.
fn centred(text: &str, columns: usize) -> String {
    let left = columns.saturating_sub(width(text)) / 2;
    crate::text::pad(&format!("{}{text}", " ".repeat(left)), columns)
}
