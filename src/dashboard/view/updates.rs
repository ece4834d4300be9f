//! How far each update moved the encoder and each head.

use super::curves;
use super::lines::{self, Chart, Line};
use crate::dashboard::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// More lines than this are those around the selected task.
const CROWD: usize = 12;

/// Whether they take the place of the gradient norms.
pub fn are_shown(state: &State) -> bool {
    state.run().is_some_and(|run| state.panels.shows_updates(run))
}

/// The encoder's line, tagged `e`, and each head's, tagged with its task's number.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let palette = &state.palette;
    let heads = &run.updates.heads;
    let selected = state.selected().unwrap_or(0);
    let first = if heads.len() > CROWD { selected.saturating_sub(CROWD / 2).min(heads.len() - CROWD) } else { 0 };
    let head = |(place, series)| Line {
        series,
        style: if place == selected { palette.task(place).patch(palette.selected) } else { palette.task(place) },
        tag: Some((place + 1).to_string()),
    };
    let mut shown: Vec<Line<'_>> = heads.iter().enumerate().skip(first).take(CROWD).rev().map(head).collect();
    shown.extend(run.updates.encoder.iter().map(|series| Line {
        series,
        style: palette.strong,
        tag: Some("e".to_owned()),
    }));
    let smooth = state.charts.smoothing > 0;
    let chart = Chart { lines: shown, guides: Vec::new(), smooth, scale: state.charts.scale };
    lines::draw(state, run, &chart, area, buf);
}

/// What the title says.
pub fn detail(state: &State) -> String {
    let words = &state.words.panels;
    format!("{}, {}, {}", words.updates, words.encoder, curves::smoothing(state))
}
