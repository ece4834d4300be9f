//! The cosine of two tasks over steps, from -1 to 1 with a line at 0.

use super::curves::place_name;
use super::lines::{self, Chart, Line};
use crate::dashboard::format;
use crate::dashboard::model::Run;
use crate::dashboard::panels::ALL_PAIRS;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use crate::series::Scale;
use crate::text::truncate;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Measurements that the share of conflicts looks back on.
const LAST: usize = 100;

/// Whether it takes the place of the matrix.
pub fn is_shown(state: &State) -> bool {
    state.run().is_some_and(|run| state.panels.pair(run).is_some())
}

/// A line in words, the chart below.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let Some((left, right)) = state.panels.pair(run) else { return };
    let palette = &state.palette;
    let gradients = run.gradients(run.gradient_place(state.charts.place));
    if gradients.measured.is_none() {
        put(buf, area, 1, 0, state.words.no_gradients, palette.dim);
        return;
    }
    let Some(series) = gradients.pair(left, right) else {
        put(buf, area, 1, 0, state.words.panels.pair_not_kept, palette.dim);
        return;
    };
    let mut pen = Pen::new(buf, area, 0);
    let last = gradients.cosine(left, right);
    pen.text(" ", palette.dim);
    pen.text(&last.map_or("·".to_owned(), format::cosine), last.map_or(palette.dim, |value| palette.heat(value)));
    if let Some(conflict) = gradients.conflict(left, right, LAST) {
        let share = format!("{:.0}", conflict.share * 100.0);
        let text = fill(state.words.panels.below_zero, &[&share, &conflict.of.to_string()]);
        pen.text("  ", palette.dim).text(&text, palette.dim);
    }
    if run.tasks.len() > ALL_PAIRS {
        let text = fill(state.words.panels.pairs_of, &[&(state.selected().unwrap_or(0) + 1).to_string()]);
        pen.text("  ", palette.dim).text(&text, palette.dim);
    }
    let guides = [-1.0, 0.0, 1.0].map(|value| lines::guide(value, series)).to_vec();
    let line = Line { series, style: palette.task(left), tag: None };
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    // An average over measurements far apart would lag behind by hundreds of steps.
    let smooth = state.charts.smoothing > 0 && gradients.sparse(&run.timeline).is_none();
    let chart = Chart { lines: vec![line], guides, smooth, scale: Scale::Linear };
    lines::draw(state, run, &chart, below, buf);
}

/// The two tasks, and where it was measured.
pub fn detail(state: &State) -> String {
    let Some(run) = state.run() else { return String::new() };
    let Some(pair) = state.panels.pair(run) else { return String::new() };
    format!("{}, {}", names(run, pair, 10), place_name(state, run.gradient_place(state.charts.place)))
}

/// `1 heating × 2 cooling`, each name in at most so many columns.
pub fn names(run: &Run, (left, right): (usize, usize), columns: usize) -> String {
    let name = |place: usize| {
        let label = run.tasks.get(place).map_or("", |task| &task.label);
        format!("{} {}", place + 1, truncate(label, columns))
    };
    format!("{} × {}", name(left), name(right))
}
