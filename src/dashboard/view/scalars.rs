//! Numbers of other kinds: a list with last, smallest and largest value, and the curve of the selected one.

use super::curves;
use super::lines::{self, Chart, Line};
use super::weights::first_shown;
use crate::dashboard::format;
use crate::dashboard::layout::Pane;
use crate::dashboard::model::{MOST_SCALARS, Scalar};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, sparkline};
use crate::dashboard::words::fill;
use crate::series::Series;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns of a number.
const NUMBER: usize = 10;
/// From here on there is room for a curve above the list.
const ROOMY: u16 = 12;

/// Draws it.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let (words, palette) = (state.words, &state.palette);
    if run.scalars.is_empty() {
        put(buf, area, 1, 0, words.panels.no_scalars, palette.dim);
        return;
    }
    let shown: Vec<&Scalar> = run.scalars.listed().collect();
    let selected = state.panels.selected_scalar(run);
    let Some((chosen, scalar)) = selected else {
        put(buf, area, 1, 0, &fill(words.panels.none_fits, &[&quoted(state, Pane::Scalars, 30)]), palette.wait);
        return;
    };
    let list = if area.height >= ROOMY { (area.height / 2).min(shown.len() as u16 + 2) } else { area.height };
    let above = area.height - list;
    if above > 0 {
        heading(state, scalar, Rect { height: 1, ..area }, buf);
        let line = Line { series: &scalar.series, style: palette.task(state.selected().unwrap_or(0)), tag: None };
        let plot = Rect { y: area.y + 1, height: above - 1, ..area };
        let smooth = state.charts.smoothing > 0;
        let chart = Chart { lines: vec![line], guides: Vec::new(), smooth, scale: state.charts.scale };
        lines::draw(state, run, &chart, plot, buf);
    }
    table(state, &shown, chosen, Rect { y: area.y + above, height: list, ..area }, buf);
}

/// The name of the curve, and how it is drawn.
fn heading(state: &State, scalar: &Scalar, line: Rect, buf: &mut Buffer) {
    let older =
        if scalar.series.track().thinned().is_some() { format!(", {}", state.words.older) } else { String::new() };
    let how = format!("{}{older}", curves::smoothing(state));
    let room = usize::from(line.width).saturating_sub(width(&how) + 4);
    let mut pen = Pen::new(buf, line, 0);
    pen.text(" ", Style::new()).text(&crate::text::truncate(&scalar.label, room), state.palette.strong);
    pen.text("  ", Style::new()).text(&how, state.palette.dim);
}

fn table(state: &State, shown: &[&Scalar], chosen: usize, area: Rect, buf: &mut Buffer) {
    let (words, dim) = (state.words, state.palette.dim);
    let left_out = state.run().map_or(0, |run| run.scalars.left_out());
    let note = u16::from(left_out > 0 && area.height > 3);
    let rows = usize::from(area.height.saturating_sub(1 + note));
    let first = first_shown(Some(chosen), shown.len(), rows);
    let visible = || shown.iter().enumerate().skip(first).take(rows);
    let room = usize::from(area.width);
    // Smallest and largest give way to the name, then the trend does.
    let wide = room >= 62;
    let numbers = if wide { 3 * NUMBER } else { NUMBER };
    let longest = visible().map(|(_, scalar)| width(&scalar.label)).max().unwrap_or(0);
    let name = longest.clamp(8, 48).min(room.saturating_sub(numbers + 14).max(8));
    let mut pen = Pen::new(buf, area, 0);
    pen.left("", 2, dim).left(words.panels.name, name, dim).right(words.last, NUMBER, dim);
    if wide {
        pen.right(words.panels.smallest, NUMBER, dim).right(words.panels.largest, NUMBER, dim);
    }
    pen.text("  ", dim).text(words.trend, dim);
    for (place, scalar) in visible() {
        let style = if place == chosen { state.palette.selected } else { Style::new() };
        let mut pen = Pen::new(buf, area, (place - first) as u16 + 1);
        pen.text(if place == chosen { "> " } else { "  " }, state.palette.strong).left(&scalar.label, name, style);
        let track = scalar.series.track();
        let last = scalar.series.last();
        let bad = last.is_some_and(|(_, value)| !value.is_finite());
        let text = last.map_or("-".to_owned(), |(_, value)| format::number(value));
        pen.right(&text, NUMBER, if bad { state.palette.bad } else { style });
        if wide {
            let range = track.range(false, 0, u64::MAX);
            for value in [range.min, range.max] {
                let text = if range.is_finite() { format::number(value) } else { "-".to_owned() };
                pen.right(&text, NUMBER, style);
            }
        }
        pen.text("  ", dim);
        let room = pen.room().saturating_sub(1).min(40);
        pen.text(&sparkline(&trend(&scalar.series, room), room), dim);
    }
    if note > 0 {
        let text = fill(words.panels.not_kept, &[&left_out.to_string(), &format::thousands(MOST_SCALARS as u64)]);
        put(buf, area, 2, area.height - 1, &text, state.palette.wait);
    }
}

/// As many values as there are columns, evenly over the run.
fn trend(series: &Series, columns: usize) -> Vec<f64> {
    let values = series.track().smooth().values();
    if values.len() <= columns {
        return values.to_vec();
    }
    let at = |column: usize| (column + 1).saturating_mul(values.len()) / columns.max(1);
    (0..columns).filter_map(|column| values.get(at(column).saturating_sub(1)).copied()).collect()
}

/// What was typed as a pane's filter, fit for the screen: `/lr/`.
pub fn quoted(state: &State, pane: Pane, columns: usize) -> String {
    let text = state.panels.filter(pane).map_or("", |filter| filter.text());
    format!("/{}/", crate::text::truncate(&crate::text::sanitise(text), columns))
}

/// How many are listed, and by which filter.
pub fn detail(state: &State) -> String {
    let Some(run) = state.run().filter(|run| !run.scalars.is_empty()) else { return String::new() };
    if !state.panels.scalars.is_set() {
        return run.scalars.len().to_string();
    }
    let (shown, all) = (run.scalars.listed().count().to_string(), run.scalars.len().to_string());
    format!("{} {}", quoted(state, Pane::Scalars, 30), fill(state.words.panels.listed, &[&shown, &all]))
}

/// Rows that it would like to have.
pub fn row_count(state: &State) -> usize {
    state.run().map_or(1, |run| run.scalars.listed().count() + 1 + usize::from(ROOMY))
}
