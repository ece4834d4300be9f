//! Metrics on the validation part: last, best, and the way between.

use super::tradeoff;
use super::weights::first_shown;
use crate::dashboard::model::{History, Run};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, sparkline};
use crate::dashboard::words::fill;
use crate::dashboard::{delta, format};
use crate::protocol::Better;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

const NUMBER: usize = 7;
const CHANGE: usize = 9;
/// Columns that the table needs to say all.
const TABLE: u16 = 78;

/// Rows that the table would like to have.
pub fn row_count(run: &Run) -> usize {
    run.tasks.iter().map(|task| task.metrics.len().max(1)).sum::<usize>() + usize::from(has_baseline(run))
}

/// Whether something is known of networks trained on a task alone.
fn has_baseline(run: &Run) -> bool {
    run.tasks.iter().any(|task| !task.baseline.is_empty())
}

/// The panel: the table, and where there is room the trade-off of two tasks beside or below it.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    match split(state, run, area) {
        Some((list, plot)) => {
            metrics(state, list, buf);
            tradeoff::render(state, plot, buf);
        }
        None => metrics(state, area, buf),
    }
}

/// Room for the table and for the trade-off; `None` where the table takes it all.
fn split(state: &State, run: &Run, area: Rect) -> Option<(Rect, Rect)> {
    tradeoff::tasks(state, run)?;
    let (columns, rows) = tradeoff::LEAST;
    let wanted = row_count(run) as u16 + 2;
    let left = area.height.saturating_sub(wanted);
    if left >= rows {
        let list = Rect { height: wanted, ..area };
        return Some((list, Rect { y: area.y + wanted, height: left, ..area }));
    }
    // Many tasks: beside the table, or below its part.
    if area.width >= TABLE + columns && area.height >= rows {
        let plot = (area.width - TABLE).min(80);
        let list = Rect { width: area.width - plot - 1, ..area };
        return Some((list, Rect { x: area.x + area.width - plot, width: plot, ..area }));
    }
    let half = area.height / 2;
    (half >= rows && area.width >= columns && state.zoomed).then(|| {
        (Rect { height: area.height - half, ..area }, Rect { y: area.y + area.height - half, height: half, ..area })
    })
}

/// The table.
fn metrics(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let compared = has_baseline(run) && area.height > 2;
    let rows = usize::from(area.height.saturating_sub(1 + u16::from(compared)));
    let all = table(run, false);
    let shown = if all.len() <= rows { all } else { table(run, true) };
    if shown.iter().all(|(_, _, history)| history.series.last().is_none()) {
        put(buf, area, 1, 0, state.words.no_validation, state.palette.dim);
        return;
    }
    let (words, palette) = (state.words, &state.palette);
    let number = run.tasks.len().to_string().len();
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let name = longest(&mut run.tasks.iter().map(|task| width(&task.label))).clamp(4, 16);
    let metric = longest(&mut shown.iter().map(|(_, _, history)| width(&history.label))).clamp(6, 18);
    let best_step = format::short_count(run.timeline.last_step()).len().max(3);
    let dim = palette.dim;
    let mut pen = Pen::new(buf, area, 0);
    pen.left("", number + 3, dim).left(words.task, name + 1, dim).left(words.metric, metric + 3, dim);
    pen.right(words.last, NUMBER, dim).right(words.best, NUMBER + 2, dim).left(
        &format!(" @{}", words.step),
        best_step + 4,
        dim,
    );
    if compared {
        pen.right(words.alone, CHANGE, dim).text(" ", dim);
    }
    pen.text(words.trend, dim);
    if compared {
        let row = 1 + shown.len().min(rows) as u16;
        compared_line(state, run, Rect { y: area.y + row, height: 1, ..area }, buf);
    }
    let chosen = shown.iter().position(|(place, ..)| Some(*place) == state.selected());
    let first = first_shown(chosen, shown.len(), rows);
    for (row, (place, leads, history)) in shown.iter().enumerate().skip(first).take(rows) {
        let selected = state.selected() == Some(*place);
        let style = if selected { palette.selected } else { Style::new() };
        let mut pen = Pen::new(buf, area, (row - first) as u16 + 1);
        pen.text(if selected && *leads { "> " } else { "  " }, palette.strong);
        if *leads {
            let label = run.tasks.get(*place).map_or("", |task| &task.label);
            pen.right(&(place + 1).to_string(), number, palette.task(*place).patch(style)).text(" ", style);
            pen.left(label, name, style).text(" ", style);
        } else {
            pen.skip(number + 1 + name + 1);
        }
        let label = crate::text::truncate(&history.label, metric);
        pen.text(&label, style).text(arrow(history.better), dim).skip(metric + 2 - width(&label));
        let Some((_, last)) = history.series.last() else {
            pen.right("-", NUMBER, dim);
            continue;
        };
        pen.right(&format::number(last), NUMBER, style);
        match history.best {
            Some((best, step)) => {
                let here = if best == last { palette.good } else { Style::new() };
                pen.text("  ", style).right(&format::number(best), NUMBER, here);
                pen.left(&format!(" @{}", format::short_count(step)), best_step + 4, dim);
            }
            None => {
                pen.skip(NUMBER + best_step + 6);
            }
        }
        if compared {
            let change = run.tasks.get(*place).and_then(|task| delta::of_metric(task, history));
            let style = if change.is_some_and(|change| change < 0.0) { palette.bad } else { Style::new() };
            let text = change.map_or("·".to_owned(), format::change);
            pen.skip(CHANGE.saturating_sub(width(&text))).text(&text, style).text(" ", dim);
        }
        let room = pen.room();
        pen.text(&sparkline(trend(history), room.min(40)), palette.task(*place));
    }
}

/// `Δm ↑ +1.3% against single-task runs (test)`
fn compared_line(state: &State, run: &Run, line: Rect, buf: &mut Buffer) {
    let text = if run.tested.is_some() { state.words.delta_test } else { state.words.delta_valid };
    let change = delta::of_all(&run.tasks).map_or("-".to_owned(), format::change);
    put(buf, line, 2, 0, &fill(text, &[&change]), state.palette.strong);
}

/// The values of the trend. The one from before training is left out once others say enough: it would squash them.
fn trend(history: &History) -> &[f64] {
    let track = history.series.track();
    let before_training = track.steps().len() >= 4 && track.steps().first() == Some(&0);
    track.raw().values().get(usize::from(before_training)..).unwrap_or_default()
}

/// The score that chooses `best`.
pub fn detail(state: &State) -> String {
    let Some(run) = state.run() else { return String::new() };
    let Some(score) = run.score else { return String::new() };
    let best = run.best_score.map_or(String::new(), |(best, step)| {
        format!(", {} {} @{}", state.words.best, format::number(best), format::short_count(step))
    });
    format!("{} {}{best}", state.words.score, format::number(score))
}

/// Which way is better.
pub fn arrow(better: Better) -> &'static str {
    match better {
        Better::Higher => "↑",
        Better::Lower => "↓",
    }
}

/// A task's place, whether it is the task's first row, and the metric; the loss where there is no metric.
fn table(run: &Run, first_only: bool) -> Vec<(usize, bool, &History)> {
    let mut rows = Vec::new();
    for (place, task) in run.tasks.iter().enumerate() {
        if task.metrics.is_empty() {
            rows.push((place, true, &task.validation_loss));
        }
        let most = if first_only { 1 } else { usize::MAX };
        rows.extend(task.metrics.iter().enumerate().take(most).map(|(row, history)| (place, row == 0, history)));
    }
    rows
}
