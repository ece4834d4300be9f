//! Losses side by side: a little chart a task, each with its own vertical axis.

use super::{cursor, curves};
use crate::dashboard::format;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Axes, Pen, Plot, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns and rows that a little chart needs, its title included.
const LEAST: (u16, u16) = (22, 5);
/// Columns a row of a chart that looks right.
const SHAPE: u16 = 5;

/// Where each task's little chart lies: as many as fit, around the selected one.
fn tiles(state: &State, area: Rect) -> Vec<(usize, Rect)> {
    let count = state.run().map_or(0, |run| run.tasks.len());
    if area.is_empty() || count == 0 {
        return Vec::new();
    }
    let most = ((area.width / LEAST.0).max(1), (area.height / LEAST.1).max(1));
    let rows_of = |columns: u16| (count.div_ceil(usize::from(columns)).min(200) as u16).clamp(1, most.1);
    // The number of columns that leaves the fewest tasks out, then the best shape.
    let columns = (1..=most.0.min(count.min(200) as u16)).min_by_key(|&columns| {
        let rows = rows_of(columns);
        let hidden = count.saturating_sub(usize::from(columns) * usize::from(rows));
        (hidden, (area.width / columns).abs_diff(area.height / rows * SHAPE))
    });
    let columns = columns.unwrap_or(1);
    let rows = rows_of(columns);
    let shown = usize::from(columns) * usize::from(rows);
    let first = state.selected().unwrap_or(0).saturating_sub(shown / 2).min(count.saturating_sub(shown));
    // Edges by proportion, so that no cell at the right or the bottom is left over.
    let cut = |length: u16, parts: u16, place: u16| (u32::from(length) * u32::from(place) / u32::from(parts)) as u16;
    (0..shown.min(count - first))
        .map(|tile| {
            let (column, row) = ((tile % usize::from(columns)) as u16, (tile / usize::from(columns)) as u16);
            let (left, right) = (cut(area.width, columns, column), cut(area.width, columns, column + 1));
            let (top, bottom) = (cut(area.height, rows, row), cut(area.height, rows, row + 1));
            // A blank column between neighbours.
            let gap = u16::from(column + 1 < columns && right - left > 4);
            (first + tile, Rect::new(area.x + left, area.y + top, right - left - gap, bottom - top))
        })
        .collect()
}

/// The little charts with the areas of their plots.
pub fn plots(state: &State, area: Rect) -> Vec<(Rect, Plot<'_>)> {
    let Some(run) = state.run() else { return Vec::new() };
    let tiles = tiles(state, area);
    // The lowest of each column has the numbers of the steps.
    let lowest: Vec<Rect> = tiles
        .iter()
        .map(|(_, tile)| *tile)
        .filter(|tile| !tiles.iter().any(|(_, other)| other.x == tile.x && other.y > tile.y))
        .collect();
    let plot = |(place, tile): (usize, Rect)| {
        let curves = curves::one_task(state, run.tasks.get(place)?, place);
        let mut plot = curves::marked(state, run, curves);
        // Lines say where something was changed; what it was is said where there is room.
        plot.flags.iter_mut().for_each(|flag| flag.label.clear());
        plot.axes = if lowest.contains(&tile) && tile.height > LEAST.1 { Axes::Both } else { Axes::Vertical };
        Some((Rect { y: tile.y + 1, height: tile.height.saturating_sub(1), ..tile }, plot))
    };
    tiles.into_iter().filter_map(plot).collect()
}

/// Draws them.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    if run.timeline.steps().is_empty() {
        put(buf, area, 1, 0, state.words.nothing_yet, state.palette.dim);
        return;
    }
    for (place, tile) in tiles(state, area) {
        let Some(task) = run.tasks.get(place) else { continue };
        let palette = &state.palette;
        let chosen = state.selected() == Some(place);
        let style = if chosen { palette.selected } else { Style::new() };
        let mut pen = Pen::new(buf, tile, 0);
        pen.text(if chosen { ">" } else { " " }, palette.strong);
        pen.text(&(place + 1).to_string(), palette.task(place).patch(style)).text(" ", style);
        let value = match state.charts.cursor_step(&run.timeline) {
            Some(step) => cursor::reading(task.loss.track(), step)
                .map(|(raw, smooth)| if state.charts.smoothing > 0 { smooth } else { raw }),
            None => task.loss.last_smooth(),
        };
        let value = value.map_or(String::new(), format::number);
        let name = pen.room().saturating_sub(crate::text::width(&value) + 1);
        pen.left(&task.label, name, style).text(" ", style).text(&value, palette.dim);
    }
    let plots = plots(state, area);
    for (area, plot) in &plots {
        plot.render(*area, buf);
    }
    let first = plots.first().and_then(|(area, plot)| plot.field(*area));
    cursor::heading(state, run, first.as_ref(), area, buf);
}
