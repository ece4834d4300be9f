//! What the cursor over the charts reads: the value of each line at its step, and on a mark what was done there and what
//! the losses did before and after.

use super::curves;
use super::weights::first_shown;
use crate::dashboard::format;
use crate::dashboard::model::{Run, Slopes};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Field, put};
use crate::series::{Series, Track};
use crate::text::{pad, pad_left, truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns of a task's name, at most.
const NAME: usize = 14;

/// Pieces of a line of the table.
type Line = Vec<(String, Style)>;

/// The raw and the smoothed value of a line at a step: of its last point there or before.
pub fn reading(track: &Track, step: u64) -> Option<(f64, f64)> {
    let place = track.place(step.saturating_add(1)).checked_sub(1)?;
    Some((*track.raw().values().get(place)?, *track.smooth().values().get(place)?))
}

/// Beside the lines of the loss chart.
pub fn losses(state: &State, run: &Run, field: Option<&Field>, buf: &mut Buffer) {
    let (Some(field), Some(step)) = (field, state.charts.cursor_step(&run.timeline)) else { return };
    let lines: Vec<(&Series, f64)> = run.tasks.iter().map(|task| (task.shown(), curves::factor(state, task))).collect();
    let (text, slopes) = event(state, run, field, step);
    let head: Vec<String> = [Some(place(state, run, field, step)), text].into_iter().flatten().collect();
    table(state, run, &head, &lines, state.charts.smoothing > 0, slopes.as_deref(), field, buf);
}

/// Beside the lines of the gradient norms.
pub fn norms(state: &State, run: &Run, field: Option<&Field>, buf: &mut Buffer) {
    let (Some(field), Some(_)) = (field, state.charts.cursor_step(&run.timeline)) else { return };
    let gradients = run.gradients(run.gradient_place(state.charts.place));
    let lines: Vec<(&Series, f64)> = gradients.norms.iter().map(|series| (series, 1.0)).collect();
    table(state, run, &[], &lines, curves::norms_smooth(state, run), None, field, buf);
}

/// One line over little charts, whose titles have the values.
pub fn heading(state: &State, run: &Run, field: Option<&Field>, area: Rect, buf: &mut Buffer) {
    let (Some(field), Some(step)) = (field, state.charts.cursor_step(&run.timeline)) else { return };
    let mut text = place(state, run, field, step);
    if let (Some(what), _) = event(state, run, field, step) {
        text = format!("{text}  {what}");
    }
    let text = format!(" {} ", truncate(&text, usize::from(area.width).saturating_sub(2)));
    let row = area.height.saturating_sub(1);
    put(buf, area, area.width.saturating_sub(width(&text) as u16), row, &text, state.palette.focus);
}

/// `step 1,234  epoch 2.1  0:31`.
fn place(state: &State, run: &Run, field: &Field, step: u64) -> String {
    use crate::series::XAxis;
    let words = state.words;
    let epoch = run.timeline.value(XAxis::Epoch, step);
    let time = format::duration(run.timeline.value(XAxis::Time, step));
    let mut text = format!("{} {}  {} {epoch:.1}  {time}", words.step, format::thousands(step), words.epoch);
    if field.column(step).is_none() {
        text = format!("{text}  {}", words.charts.out_of_sight);
    }
    text
}

/// What happened in the column of the cursor, and the slopes around it where that has some.
fn event(state: &State, run: &Run, field: &Field, step: u64) -> (Option<String>, Option<Vec<Slopes>>) {
    let Some(column) = field.column(step) else { return (None, None) };
    let (from, to) = (field.step(column), field.step(column.saturating_add(1)));
    // A change that acts in the step to come stands in the last column.
    let to = if to > run.timeline.last_step() { to.saturating_add(1) } else { to };
    let marks = run.marks_between(from, to);
    let more = if marks.len() > 1 { format!(" (+{})", marks.len() - 1) } else { String::new() };
    if let Some(mark) = marks.iter().min_by_key(|mark| mark.step.abs_diff(step)) {
        let at = format!("{}{more}", mark.text);
        return (Some(at), Some(run.slopes(mark.step)));
    }
    let holds = |steps: &[u64]| {
        let place = steps.partition_point(|&other| other < from);
        steps.get(place).is_some_and(|&other| other < to)
    };
    let words = &state.words.charts;
    let text = match (holds(&run.quiet.checkpoints), holds(&run.quiet.evaluations)) {
        (true, _) => Some(words.checkpoint),
        (false, true) => Some(words.evaluation),
        (false, false) => None,
    };
    (text.map(str::to_owned), None)
}

/// A table over the half of the field that the cursor is not in; one line where there is no room for it.
#[expect(clippy::too_many_arguments, reason = "what a table is made of, given once by each of two callers")]
fn table(
    state: &State,
    run: &Run,
    head: &[String],
    lines: &[(&Series, f64)],
    smooth: bool,
    slopes: Option<&[Slopes]>,
    field: &Field,
    buf: &mut Buffer,
) {
    let Some(step) = state.charts.cursor_step(&run.timeline) else { return };
    let room = usize::from(field.area.width).saturating_sub(4);
    let one = |place: usize| row(state, run, place, lines.get(place).copied(), step, smooth, slopes);
    let selected = state.selected().unwrap_or(0);
    if room < 30 || usize::from(field.area.height) < head.len() + 2 {
        let mut line: Line = vec![(format!("@{} ", format::thousands(step)), state.palette.focus)];
        line.extend(one(selected));
        return write(&[line], field, step, buf);
    }
    let mut table: Vec<Line> = Vec::new();
    for (place, text) in head.iter().enumerate() {
        let style = if place == 0 { state.palette.focus } else { state.palette.strong };
        table.push(vec![(truncate(text, room), style)]);
    }
    let rows = usize::from(field.area.height) - table.len();
    let titled = rows > lines.len() || rows > 4;
    if titled {
        table.push(title(state, run, smooth, slopes.is_some()));
    }
    let rows = rows - usize::from(titled);
    let first = first_shown(Some(selected), lines.len(), rows);
    table.extend((first..lines.len()).take(rows).map(one));
    write(&table, field, step, buf);
}

fn name_columns(run: &Run) -> usize {
    run.tasks.iter().map(|task| width(&task.label)).max().unwrap_or(0).clamp(3, NAME)
}

fn number_columns(run: &Run) -> usize {
    run.tasks.len().to_string().len()
}

fn title(state: &State, run: &Run, smooth: bool, slopes: bool) -> Line {
    let dim = state.palette.dim;
    let mut text = pad("", number_columns(run) + 1 + name_columns(run));
    text.push_str(&pad_left(state.words.raw, 9));
    if smooth {
        text.push_str(&pad_left(state.words.smoothed, 9));
    }
    if slopes {
        text.push_str("  ");
        text.push_str(state.words.charts.slopes);
    }
    vec![(text, dim)]
}

/// `1 heating  0.412  0.430  -1.2% → -3.4%`.
fn row(
    state: &State,
    run: &Run,
    place: usize,
    line: Option<(&Series, f64)>,
    step: u64,
    smooth: bool,
    slopes: Option<&[Slopes]>,
) -> Line {
    let style = state.palette.task(place);
    let own = if state.selected() == Some(place) { state.palette.selected } else { Style::new() };
    let name = run.tasks.get(place).map_or("", |task| task.label.as_str());
    let read = line.and_then(|(series, factor)| {
        let (raw, smooth) = reading(series.track(), step)?;
        Some((raw * factor, smooth * factor))
    });
    let value = |value: Option<f64>| pad_left(&value.map_or("-".to_owned(), format::number), 9);
    let mut pieces = vec![
        (pad_left(&(place + 1).to_string(), number_columns(run)), style.patch(own)),
        (format!(" {}", pad(name, name_columns(run))), own),
        (value(read.map(|(raw, _)| raw)), own),
    ];
    if smooth {
        pieces.push((value(read.map(|(_, smooth)| smooth)), own));
    }
    if let Some(slopes) = slopes.and_then(|slopes| slopes.get(place)) {
        let text = |slope: Option<f64>| slope.map_or("-".to_owned(), format::change);
        pieces.push((format!("  {} → {}", pad_left(&text(slopes.before), 6), pad(&text(slopes.after), 6)), own));
    }
    pieces
}

/// Puts lines over the field, on the side that the cursor is not on, where they hide least: at the edge or beside the
/// cursor, at the top or further down.
fn write(lines: &[Line], field: &Field, step: u64, buf: &mut Buffer) {
    let wide = |line: &Line| line.iter().map(|(text, _)| width(text)).sum::<usize>();
    let most = usize::from(field.area.width);
    let columns = lines.iter().map(wide).max().unwrap_or(0).saturating_add(2).min(most) as u16;
    let rows = (lines.len() as u16).min(field.area.height);
    let left = field.column(step).is_none_or(|column| column >= field.area.width / 2);
    let edge = if left { field.area.x } else { field.area.right() - columns };
    let cursor = field.column(step).unwrap_or(field.area.width / 2);
    let beside = if left { cursor.saturating_sub(columns) } else { cursor.saturating_add(1) };
    let beside = field.area.x + beside.min(field.area.width - columns);
    // A strip beside the cursor too narrow for anything to be read in it is covered as well.
    let edge = if edge.abs_diff(beside) <= 4 { beside } else { edge };
    let places = [edge, beside].into_iter().flat_map(|x| {
        let at = move |y| Rect { x, y, width: columns, height: rows };
        (field.area.y..=field.area.bottom() - rows).map(at)
    });
    let hidden = |area: &Rect| {
        area.positions().filter(|place| buf.cell(*place).is_some_and(|cell| cell.symbol() != " ")).count()
    };
    let Some(area) = places.min_by_key(hidden) else { return };
    let blank = " ".repeat(usize::from(columns));
    for (row, line) in lines.iter().enumerate().take(usize::from(rows)) {
        let row = row as u16;
        put(buf, area, 0, row, &blank, Style::reset());
        let mut column = 1;
        for (text, style) in line {
            column += put(buf, area, column, row, text, *style);
        }
    }
}
