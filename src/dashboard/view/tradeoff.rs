//! Two tasks against each other over the evaluations: what one gains, and what it costs the other.

use super::validation::arrow;
use crate::dashboard::model::{History, Run, Task};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use crate::protocol::Better;
use crate::series::{Scale, ticks};
use crate::text::{pad_left, truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Columns of the numbers beside the vertical axis.
const LABELS: u16 = 8;
/// Evaluations that are drawn at most, so that a frame costs the same however long the run is.
const MOST: usize = 2000;
/// Fewer rows and columns say nothing.
pub const LEAST: (u16, u16) = (34, 8);

/// One evaluation.
struct Dot {
    step: u64,
    x: f64,
    y: f64,
}

/// The two tasks: the pair that was chosen, else the selected one and the next.
pub fn tasks(state: &State, run: &Run) -> Option<(usize, usize)> {
    let count = run.tasks.len();
    let selected = state.selected()?;
    let other = (selected + 1) % count.max(1);
    state.panels.pair(run).or((other != selected).then_some((selected, other)))
}

/// Draws it.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let Some((left, right)) = tasks(state, run) else { return };
    // Wider says no more.
    let area = Rect { width: area.width.min(area.height.saturating_mul(4).max(80)), ..area };
    let (Some(first), Some(second)) = (run.tasks.get(left), run.tasks.get(right)) else { return };
    let (across, up) = (quantity(first), quantity(second));
    let best = run.best_score.map(|(_, step)| step);
    let (dots, apart) = dots(across, up, best);
    title(state, (right, second, up), apart, Rect { height: 1, ..area }, buf);
    if dots.is_empty() {
        put(buf, area, 1, 1, state.words.no_validation, state.palette.dim);
        return;
    }
    let field = Rect {
        x: area.x + LABELS + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(LABELS + 2),
        height: area.height.saturating_sub(3),
    };
    let (horizontal, vertical) = (Axis::of(dots.iter().map(|dot| dot.x)), Axis::of(dots.iter().map(|dot| dot.y)));
    axes(state, &horizontal, &vertical, area, field, buf);
    below(state, (left, first, across), Rect { y: field.y + field.height + 1, height: 1, ..area }, buf);
    let last = dots.len() - 1;
    let late = |place: usize| 3 * place / (last + 1);
    // Later ones lie above earlier ones, and those with a mark above all.
    for (place, dot) in dots.iter().enumerate() {
        let (sign, style) = match late(place) {
            0 => ("·", state.palette.dim),
            1 => ("•", state.palette.dim),
            _ => ("•", state.palette.task(left)),
        };
        set(field, &horizontal, &vertical, dot, sign, style, buf);
    }
    let strong = Style::new().add_modifier(Modifier::BOLD);
    for (place, dot) in dots.iter().enumerate() {
        let mark = match place {
            _ if Some(dot.step) == best => Some(("*", state.palette.good)),
            _ if place == last => Some(("●", state.palette.task(left).patch(strong))),
            0 => Some(("○", strong)),
            _ => None,
        };
        if let Some((sign, style)) = mark {
            set(field, &horizontal, &vertical, dot, sign, style, buf);
        }
    }
}

/// What a task is judged by: its loss on the validation part, else its first metric.
fn quantity(task: &Task) -> &History {
    let told = |history: &&History| history.series.last().is_some();
    Some(&task.validation_loss).filter(told).or(task.metrics.iter().find(told)).unwrap_or(&task.validation_loss)
}

/// Evaluations in which both were told, of very many one of so many and the best. The one from before training is left
/// out once others say enough: it would squash them.
fn dots(across: &History, up: &History, best: Option<u64>) -> (Vec<Dot>, usize) {
    let (one, two) = (across.series.track(), up.series.track());
    let count = one.steps().len();
    let apart = count.div_ceil(MOST).max(1);
    let taken = |place: usize| place.is_multiple_of(apart) || place + 1 == count;
    let mut places: Vec<usize> = (0..count).step_by(apart).chain(count.checked_sub(1)).collect();
    let best = best.map(|step| one.place(step)).filter(|place| *place < count && !taken(*place));
    places.extend(best);
    places.sort_unstable();
    places.dedup();
    let mut found = Vec::with_capacity(places.len());
    for place in places {
        let (Some(&step), Some(&x)) = (one.steps().get(place), one.raw().values().get(place)) else { continue };
        let other = two.place(step);
        let y = two.raw().values().get(other).filter(|_| two.steps().get(other) == Some(&step));
        if let Some(&y) = y.filter(|y| y.is_finite() && x.is_finite()) {
            found.push(Dot { step, x, y });
        }
    }
    if found.len() >= 4 && found.first().is_some_and(|dot| dot.step == 0) {
        found.remove(0);
    }
    (found, apart)
}

/// The quantity that goes up, with its better direction, and the signs.
fn title(state: &State, (place, task, history): (usize, &Task, &History), apart: usize, line: Rect, buf: &mut Buffer) {
    let (words, palette) = (state.words, &state.palette);
    let every =
        if apart > 1 { format!("{}  ", fill(words.panels.one_of, &[&apart.to_string()])) } else { String::new() };
    let signs = format!("{every}○ {}  ● {}  * {}", words.panels.first, words.last, words.best);
    let room = usize::from(line.width).saturating_sub(width(&signs) + 3);
    let mut pen = Pen::new(buf, line, 0);
    pen.text(&truncate(&name(place, task, history), room.saturating_sub(9)), palette.task(place));
    pen.text(&format!(" {} {}", arrow(history.better), words.panels.better), palette.dim);
    let start = line.width.saturating_sub(width(&signs) as u16 + 1);
    if pen.room() > width(&signs) + 2 {
        put(buf, line, start, 0, &signs, palette.dim);
    }
}

/// The quantity that goes to the right, with its better direction.
fn below(state: &State, (place, task, history): (usize, &Task, &History), line: Rect, buf: &mut Buffer) {
    let way = if history.better == Better::Higher { "→" } else { "←" };
    let better = format!(" {way} {}", state.words.panels.better);
    let label = truncate(&name(place, task, history), usize::from(line.width).saturating_sub(width(&better) + 1));
    let start = line.width.saturating_sub((width(&label) + width(&better)) as u16 + 1);
    let used = put(buf, line, start, 0, &label, state.palette.task(place));
    put(buf, line, start + used, 0, &better, state.palette.dim);
}

fn name(place: usize, task: &Task, history: &History) -> String {
    format!("{} {} {}", place + 1, truncate(&task.label, 16), history.label)
}

/// Which values lie at the ends; logarithmic where they differ much.
struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let scale = if low > 0.0 && high / low > 30.0 { Scale::Log } else { Scale::Linear };
        let least = match scale {
            Scale::Log => low,
            Scale::Linear => (low.abs().max(high.abs()) * 1e-3).max(1e-12),
        };
        // Halves, so that the widest ranges do not overflow.
        let widen = (least - (high / 2.0 - low / 2.0) * 2.0).max(0.0) / 2.0;
        let widen = if scale == Scale::Log { 0.0 } else { widen };
        Self { scale, low: low - widen, high: high + widen }
    }

    /// 0 at the low end, 1 at the high one.
    fn share(&self, value: f64) -> f64 {
        let place = |value: f64| self.scale.place(value).unwrap_or(0.0);
        let (low, high) = (place(self.low), place(self.high));
        let share = (place(value) / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 }
    }

    fn cell(&self, value: f64, cells: u16) -> u16 {
        (self.share(value) * f64::from(cells.saturating_sub(1))).round() as u16
    }
}

fn axes(state: &State, horizontal: &Axis, vertical: &Axis, area: Rect, field: Rect, buf: &mut Buffer) {
    let dim = state.palette.dim;
    for row in 0..field.height {
        put(buf, area, LABELS, row + 1, "│", dim);
    }
    let foot = Rect { y: field.y + field.height, height: 1, ..area };
    put(buf, foot, LABELS, 0, "└", dim);
    put(buf, foot, LABELS + 1, 0, &"─".repeat(usize::from(field.width)), dim);
    for tick in ticks(vertical.scale, vertical.low, vertical.high, usize::from(field.height / 3).clamp(2, 6)) {
        let row = field.height.saturating_sub(1) - vertical.cell(tick.value, field.height).min(field.height - 1);
        put(buf, area, 0, row + 1, &pad_left(&tick.label, usize::from(LABELS)), dim);
        put(buf, area, LABELS, row + 1, "┤", dim);
    }
    // The numbers of the horizontal axis stand on its line.
    let mut free = 0;
    for tick in ticks(horizontal.scale, horizontal.low, horizontal.high, usize::from(field.width / 12).clamp(2, 8)) {
        let wide = width(&tick.label) as u16;
        let column = horizontal.cell(tick.value, field.width).saturating_sub(wide / 2);
        let column = column.min(field.width.saturating_sub(wide));
        if column >= free {
            put(buf, foot, LABELS + 1 + column, 0, &tick.label, dim);
            free = column + wide + 1;
        }
    }
}

fn set(field: Rect, horizontal: &Axis, vertical: &Axis, dot: &Dot, sign: &str, style: Style, buf: &mut Buffer) {
    let column = horizontal.cell(dot.x, field.width);
    let row = field.height.saturating_sub(1).saturating_sub(vertical.cell(dot.y, field.height));
    put(buf, field, column, row, sign, style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_evaluations_the_first_the_last_and_the_best_are_drawn() {
        let mut history = History::new("loss", Better::Lower);
        (1..=50_001).for_each(|step| history.push(step, 1.0 / step as f64));
        let (dots, apart) = dots(&history, &history, Some(12_345));
        let steps: Vec<u64> = dots.iter().map(|dot| dot.step).collect();
        assert!(apart > 1 && steps.len() <= MOST + 2 && steps.is_sorted());
        assert_eq!((steps.first(), steps.last(), steps.contains(&12_345)), (Some(&1), Some(&50_001), true));
    }

    #[test]
    fn an_axis_takes_any_values() {
        for values in
            [&[][..], &[1.0], &[-f64::MAX, f64::MAX], &[1e-300, 1e300], &[0.0, 0.0], &[f64::MIN_POSITIVE, 1.0]]
        {
            let axis = Axis::of(values.iter().copied());
            assert!(values.iter().all(|value| axis.cell(*value, 40) < 40 && axis.cell(*value, 0) == 0), "{values:?}");
        }
        let axis = Axis::of([1.0, 2.0].into_iter());
        assert_eq!([1.0, 2.0].map(|value| axis.cell(value, 11)), [0, 10]);
    }
}
