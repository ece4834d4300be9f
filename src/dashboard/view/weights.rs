//! Task weights: what is, what was asked for, and what share of the update each has.

use crate::dashboard::format;
use crate::dashboard::model::{Run, Task};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, slider};
use crate::dashboard::words::fill;
use crate::protocol::Part;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The panel: a heading, a row a task, a line of totals.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    if run.tasks.is_empty() {
        put(buf, area, 1, 0, state.words.nothing_yet, state.palette.dim);
        return;
    }
    let columns = Columns::new(run, usize::from(area.width));
    let (words, dim) = (state.words, state.palette.dim);
    let mut pen = Pen::new(buf, area, 0);
    pen.left("", columns.number + 3, dim).left(words.task, columns.name + 1, dim).left("", columns.slider, dim);
    pen.right(words.weight, VALUE + 1, dim).right(words.share, STATE + 1, dim);
    if columns.loss {
        pen.right(words.loss.to_lowercase().as_str(), LOSS + 1, dim);
    }
    let (first, rows) = window(state, run, area);
    let totals = u16::from(area.height > 2);
    let range = slider_range(run);
    for (row, (place, task)) in run.tasks.iter().enumerate().skip(first).take(usize::from(rows)).enumerate() {
        let line = Rect { y: area.y + 1 + row as u16, height: 1, ..area };
        task_row(state, run, place, task, &columns, range, line, buf);
    }
    if totals == 1 {
        let line = Rect { y: area.y + area.height - 1, height: 1, ..area };
        let (count, rows) = (run.tasks.len(), usize::from(rows));
        let part = if count > rows {
            let part = [first + 1, (first + rows).min(count), count].map(|number| number.to_string());
            fill(words.look.rows_of, &part.each_ref().map(String::as_str))
        } else {
            String::new()
        };
        // Which of many tasks are seen goes before sums.
        let left = area.width.saturating_sub(width(&part) as u16 + 1);
        totals_line(state, run, Rect { width: left, ..line }, buf);
        put(buf, line, left, 0, &part, dim);
    }
}

/// The first task shown, and how many rows there are for tasks.
fn window(state: &State, run: &Run, area: Rect) -> (usize, u16) {
    let rows = area.height.saturating_sub(1 + u16::from(area.height > 2));
    (first_shown(state.selected(), run.tasks.len(), usize::from(rows)), rows)
}

/// The task whose line is at a row of the screen.
pub fn row_at(state: &State, area: Rect, row: u16) -> Option<usize> {
    let run = state.run()?;
    let (first, rows) = window(state, run, area);
    let place = row.checked_sub(area.y + 1).filter(|line| *line < rows)?;
    Some(first + usize::from(place)).filter(|place| *place < run.tasks.len())
}

/// The cells of the slider at a row of the screen.
pub fn bar(state: &State, area: Rect, row: u16) -> Rect {
    let Some(run) = state.run() else { return Rect::ZERO };
    let columns = Columns::new(run, usize::from(area.width));
    let left = (columns.number + 3 + columns.name + 1) as u16;
    Rect { x: area.x + left, y: row, width: columns.slider as u16, height: 1 }.intersection(area)
}

/// The slider of a task with the number beside it: while it is dragged, dim and where it is dragged to.
pub fn slider_look(state: &State, place: usize, task: &Task) -> (f64, f64, Style) {
    let palette = &state.palette;
    match state.pointer.wanted_weight(place) {
        Some(wanted) => (wanted, wanted, palette.dim),
        None if task.muted => (0.0, task.weight, palette.dim),
        None => (task.weight, task.weight, palette.task(place)),
    }
}

/// The first row shown so that the selected one is among them.
pub fn first_shown(selected: Option<usize>, count: usize, rows: usize) -> usize {
    let most = count.saturating_sub(rows);
    selected.map_or(0, |place| (place + 1).saturating_sub(rows.max(1))).min(most)
}

/// What stands beside a weight: muted, asked for, or the share of the update; and whether the head is frozen.
pub fn condition(state: &State, run: &Run, place: usize, task: &Task) -> (String, Style) {
    let palette = &state.palette;
    let wanted = run.wanted_weight(place).filter(|wanted| *wanted != task.weight);
    if let Some(wanted) = wanted {
        return (format!("→{}", format::weight(wanted)), palette.wait);
    }
    let part = Part::Head(place);
    if run.wanted_frozen(part) != run.is_frozen(part) {
        return (asked(state.words.frozen, run.wanted_frozen(part)), palette.wait);
    }
    let frozen = |text: String| match (run.is_frozen(part), text.is_empty()) {
        (false, _) => text,
        (true, true) => state.words.frozen.to_owned(),
        (true, false) => format!("{text} {}", state.words.frozen),
    };
    match (task.muted, run.wanted_muted(place)) {
        (was, wanted) if was != wanted => (asked(state.words.muted, wanted), palette.wait),
        (true, _) => (state.words.muted.to_owned(), palette.bad),
        (false, _) if !task.labelled => (frozen(state.words.no_label.to_owned()), palette.dim),
        (false, _) => {
            let share = run.share(place).map_or(String::new(), |share| format!("{:.0}%", share * 100.0));
            (frozen(share), Style::new())
        }
    }
}

/// A state that was asked for and is not in force yet, or one that shall end.
fn asked(word: &str, on: bool) -> String {
    if on { format!("→{word}") } else { format!("{word}→") }
}

/// Ends of all sliders: one decade to each side of 1, more where a weight lies beyond.
pub fn slider_range(run: &Run) -> (f64, f64) {
    let sizes = run.tasks.iter().map(|task| task.weight).filter(|weight| weight.is_finite() && *weight > 0.0);
    let decades = sizes.map(|weight| weight.log10().abs()).fold(1.0, f64::max).ceil();
    (10_f64.powf(-decades), 10_f64.powf(decades))
}

const VALUE: usize = 7;
const STATE: usize = 7;
const LOSS: usize = 7;

struct Columns {
    number: usize,
    name: usize,
    slider: usize,
    loss: bool,
}

impl Columns {
    fn new(run: &Run, room: usize) -> Self {
        let number = run.tasks.len().to_string().len();
        let longest = run.tasks.iter().map(|task| width(&task.label)).max().unwrap_or(0);
        let fixed = number + 3 + 1 + VALUE + 1 + STATE + 1;
        let loss = room >= fixed + LOSS + 1 + 16;
        let left = room.saturating_sub(fixed + if loss { LOSS + 1 } else { 0 });
        let name = longest.clamp(4, 20).min(left.saturating_sub(6).max(left / 2));
        Self { number, name, slider: left.saturating_sub(name).min(40), loss }
    }
}

#[expect(clippy::too_many_arguments, reason = "one row of one table; a struct would only rename the arguments")]
fn task_row(
    state: &State,
    run: &Run,
    place: usize,
    task: &Task,
    columns: &Columns,
    range: (f64, f64),
    line: Rect,
    buf: &mut Buffer,
) {
    let palette = &state.palette;
    let selected = state.selected() == Some(place);
    let colour = palette.task(place);
    let text = if selected { palette.selected } else { Style::new() };
    let mut pen = Pen::new(buf, line, 0);
    pen.text(if selected { "> " } else { "  " }, palette.strong);
    pen.right(&(place + 1).to_string(), columns.number, colour.patch(text)).text(" ", text);
    pen.left(&task.label, columns.name, text).text(" ", text);
    let (at, number, style) = slider_look(state, place, task);
    pen.text(&slider(at, range.0, range.1, columns.slider), style);
    let dragged = state.pointer.wanted_weight(place).is_some();
    pen.text(" ", text).right(&format::weight(number), VALUE, if dragged { palette.wait } else { text });
    pen.text(" ", text);
    let (condition, style) = condition(state, run, place, task);
    pen.right(&condition, STATE, style);
    if columns.loss {
        let loss = task.loss.last_smooth().filter(|_| task.labelled || task.loss.last().is_some());
        let bad = loss.is_some_and(|loss| !loss.is_finite());
        let style = if bad { palette.bad } else { palette.dim };
        pen.text(" ", text).right(&loss.map_or("-".to_owned(), format::number), LOSS, style);
    }
}

fn totals_line(state: &State, run: &Run, line: Rect, buf: &mut Buffer) {
    let (words, dim) = (state.words, state.palette.dim);
    let plain = Style::new();
    let mut pen = Pen::new(buf, line, 0);
    pen.text("  ", dim);
    let (is_frozen, wanted) = (run.is_frozen(Part::Encoder), run.wanted_frozen(Part::Encoder));
    if is_frozen != wanted {
        pen.text(&asked(words.encoder_frozen, wanted), state.palette.wait).text("  ", plain);
    } else if is_frozen {
        pen.text(words.encoder_frozen, state.palette.wait).text("  ", plain);
    }
    let number = |value: Option<f64>| value.map(|value| (format::number(value), plain));
    let clip = match run.wanted_clip() {
        same if same == run.clip => number(same),
        bound => {
            let bound = bound.map_or("off".to_owned(), format::number);
            Some((format!("→{bound}"), state.palette.wait))
        }
    };
    let values = [(words.total, number(run.total)), (words.update, number(run.update_norm)), (words.clip, clip)];
    for (name, (value, style)) in values.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        if width(name) + width(&value) + 2 > pen.room() {
            break;
        }
        pen.text(name, dim).text(" ", plain).text(&value, style).text("  ", plain);
    }
}
