//! What small screens show of the tasks: one line each.

use super::weights::{condition, first_shown, slider_look, slider_range};
use super::{curves, validation};
use crate::dashboard::format;
use crate::dashboard::model::{Run, Task};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, slider};
use crate::dashboard::words::fill;
use crate::series::Series;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// The focused task's loss.
pub fn plot(state: &State, area: Rect, buf: &mut Buffer) {
    curves::focused_loss(state, area, buf);
}

/// `>1 digit   0.412 w1.00 41%`, a line a task.
pub fn lines(state: &State, area: Rect, buf: &mut Buffer) {
    each(state, area, |run, place, task, line| {
        let (palette, style) = (&state.palette, row_style(state, place));
        let digits = run.tasks.len().to_string().len();
        let name = usize::from(area.width).saturating_sub(digits + 2 + 8 + 9 + 8).clamp(3, 24);
        let mut pen = Pen::new(buf, line, 0);
        start(&mut pen, state, run, place);
        pen.left(&task.label, name, style).text(" ", style);
        pen.right(&loss(task), 7, style).text(" w", palette.dim).left(&format::weight(task.weight), 7, style);
        let (text, style) = condition(state, run, place, task);
        pen.text(&text, style);
    });
}

/// The table below a tab: weight with its slider, loss, gradient norm, last metric.
pub fn table(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let range = slider_range(run);
    let gradients = run.gradients(run.gradient_place(state.charts.place));
    let (_, name, bar) = columns(run, area);
    let widest = |wide: fn((&str, &str, String)) -> usize| run.tasks.iter().filter_map(last_metric).map(wide).max();
    let labels = widest(|(label, ..)| width(label)).unwrap_or(0);
    let numbers = widest(|(.., value)| width(&value)).unwrap_or(0);
    each(state, area, |run, place, task, line| {
        let (palette, style) = (&state.palette, row_style(state, place));
        let mut pen = Pen::new(buf, line, 0);
        start(&mut pen, state, run, place);
        pen.left(&task.label, name, style).text(" ", style);
        let (at, number, colour) = slider_look(state, place, task);
        let dragged = state.pointer.wanted_weight(place).is_some();
        pen.text(&slider(at, range.0, range.1, bar), colour);
        pen.right(&format::weight(number), 7, if dragged { palette.wait } else { style });
        let (text, condition_style) = condition(state, run, place, task);
        pen.text(" ", style).right(&text, 7, condition_style);
        pen.text("  ", style).text(&state.words.loss.to_lowercase(), palette.dim).right(&loss(task), 7, style);
        let norm = gradients.norms.get(place).and_then(Series::last);
        let norm = norm.map_or("-".to_owned(), |(_, norm)| format::number(norm));
        pen.text("  ‖g‖", palette.dim).right(&norm, 7, style);
        if let Some((label, arrow, value)) = last_metric(task) {
            let room = pen.room().saturating_sub(numbers + 4).min(labels);
            if room >= 2 {
                let blank = room.saturating_sub(width(label));
                pen.text("  ", style).text(&crate::text::truncate(label, room), palette.dim).text(arrow, palette.dim);
                pen.skip(blank).text(" ", style).right(&value, numbers, style);
            }
        }
    });
}

/// The first metric that was measured: its name, which way is better, its last value.
fn last_metric(task: &Task) -> Option<(&str, &'static str, String)> {
    let last = |history: &'_ crate::dashboard::model::History| history.series.last().map(|(_, value)| value);
    let (history, value) = task.metrics.iter().find_map(|history| Some((history, last(history)?)))?;
    Some((&history.label, validation::arrow(history.better), format::number(value)))
}

/// Which of many tasks are in sight, where not all are.
pub fn part(state: &State, area: Rect) -> Option<String> {
    let (count, rows) = (state.run()?.tasks.len(), usize::from(area.height));
    let first = first_shown(state.selected(), count, rows);
    let part = [first + 1, first + rows, count].map(|number| number.to_string());
    (rows > 0 && rows < count).then(|| fill(state.words.look.rows_of, &part.each_ref().map(String::as_str)))
}

/// Columns of the number with its margin, of the name, and of the slider.
fn columns(run: &Run, area: Rect) -> (usize, usize, usize) {
    let longest = run.tasks.iter().map(|task| width(&task.label)).max().unwrap_or(0);
    let digits = run.tasks.len().to_string().len();
    // All but name and slider: number, weight, condition, loss, norm.
    let fixed = digits + 3 + 8 + 8 + 13 + 12;
    let left = usize::from(area.width).saturating_sub(fixed);
    let name = longest.clamp(3, 14).min(left.saturating_sub(6).max(3));
    (digits + 2, name, left.saturating_sub(name + 1 + 16).clamp(5, 16))
}

/// The cells of the slider at a row of the table.
pub fn bar(state: &State, area: Rect, row: u16) -> Rect {
    let Some(run) = state.run() else { return Rect::ZERO };
    let (number, name, bar) = columns(run, area);
    let left = (number + name + 1) as u16;
    Rect { x: area.x + left, y: row, width: bar as u16, height: 1 }.intersection(area)
}

/// The task whose line is at a place.
pub fn line_at(state: &State, area: Rect, at: Position) -> Option<usize> {
    let run = state.run().filter(|_| area.contains(at))?;
    let first = first_shown(state.selected(), run.tasks.len(), usize::from(area.height));
    Some(first + usize::from(at.y - area.y)).filter(|place| *place < run.tasks.len())
}

fn each(state: &State, area: Rect, mut draw: impl FnMut(&Run, usize, &Task, Rect)) {
    let Some(run) = state.run() else { return };
    let rows = usize::from(area.height);
    let first = first_shown(state.selected(), run.tasks.len(), rows);
    for (row, (place, task)) in run.tasks.iter().enumerate().skip(first).take(rows).enumerate() {
        draw(run, place, task, Rect { y: area.y + row as u16, height: 1, ..area });
    }
}

fn start(pen: &mut Pen<'_>, state: &State, run: &Run, place: usize) {
    let digits = run.tasks.len().to_string().len();
    let style = row_style(state, place);
    pen.text(if state.selected() == Some(place) { ">" } else { " " }, state.palette.strong);
    pen.right(&(place + 1).to_string(), digits, state.palette.task(place).patch(style)).text(" ", style);
}

fn row_style(state: &State, place: usize) -> Style {
    if state.selected() == Some(place) { state.palette.selected } else { Style::new() }
}

fn loss(task: &Task) -> String {
    task.loss.last_smooth().map_or("-".to_owned(), format::number)
}
