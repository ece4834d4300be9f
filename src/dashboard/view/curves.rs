//! The two plots over steps: losses and gradient norms.

use crate::dashboard::format;
use crate::dashboard::model::{Place, Run};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Curve, Depth, Flag, Plot, put};
use crate::dashboard::words::fill;
use crate::series::{Scale, Series, Track, XAxis};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// With more tasks than this the lines of most are faint.
const CROWD: usize = 12;

/// Losses of all tasks.
pub fn loss(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let series: Vec<&Series> = run.tasks.iter().map(|task| task.weighted.as_ref().unwrap_or(&task.loss)).collect();
    plot(state, run, &series, state.charts.smoothing > 0, true, area, buf);
}

/// The focused task's loss alone, without axes: for small screens.
pub fn focused_loss(state: &State, area: Rect, buf: &mut Buffer) {
    let (Some(run), Some(place)) = (state.run(), state.selected()) else { return };
    let Some(task) = run.tasks.get(place) else { return };
    let series = task.weighted.as_ref().unwrap_or(&task.loss);
    let smooth = state.charts.smoothing > 0;
    let mut curves = Vec::new();
    if smooth {
        curves.push(background(series.track(), false, state.palette.dim));
    }
    let style = state.palette.task(place);
    curves.push(Curve { track: series.track(), smooth, style, tag: None, depth: Depth::Front, counts: true });
    draw(state, run, curves, true, area, buf);
}

/// Gradient norms of all tasks.
pub fn gradients(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let gradients = run.gradients(run.gradient_place(state.charts.place));
    if gradients.measured.is_none() {
        put(buf, area, 1, 0, state.words.no_gradients, state.palette.dim);
        return;
    }
    let series: Vec<&Series> = gradients.norms.iter().collect();
    // An average over measurements far apart would lag behind by hundreds of steps.
    let smooth = state.charts.smoothing > 0 && gradients.sparse(&run.timeline).is_none();
    plot(state, run, &series, smooth, false, area, buf);
}

/// What the loss plot's title says.
pub fn loss_detail(state: &State) -> String {
    let (charts, words) = (&state.charts, state.words);
    let mut parts = Vec::new();
    parts.push(smoothing(state));
    if charts.scale == Scale::Log {
        let negative = state.run().is_some_and(|run| run.tasks.iter().any(|task| has_negative(&task.loss)));
        parts.push(if negative { words.below_zero } else { words.log_axis }.to_owned());
    }
    let axis = match charts.axis {
        XAxis::Step => words.by_step,
        XAxis::Epoch => words.by_epoch,
        XAxis::Time => words.by_time,
    };
    parts.push(axis.to_owned());
    let thinned = |run: &Run| run.tasks.iter().any(|task| task.loss.track().thinned().is_some());
    if state.run().is_some_and(thinned) {
        parts.push(words.older.to_owned());
    }
    parts.join(", ")
}

/// Whether a series holds a value below 0, which has no place on a logarithmic axis.
fn has_negative(series: &Series) -> bool {
    series.track().range(false, 0, u64::MAX).min < 0.0
}

/// What the gradient plot's title says.
pub fn gradient_detail(state: &State) -> String {
    let Some(run) = state.run() else { return String::new() };
    let place = run.gradient_place(state.charts.place);
    let gradients = run.gradients(place);
    let name = place_name(state, place).to_owned();
    match gradients.sparse(&run.timeline) {
        _ if gradients.measured.is_none() => name,
        Some(interval) if gradients.norms.iter().any(|series| series.track().thinned().is_some()) => {
            format!("{name}, {}, {}", fill(state.words.every, &[&format::thousands(interval)]), state.words.older)
        }
        Some(interval) => format!("{name}, {}", fill(state.words.every, &[&format::thousands(interval)])),
        None => format!("{name}, {}", smoothing(state)),
    }
}

/// `EMA 0.9`, or that nothing is smoothed.
pub fn smoothing(state: &State) -> String {
    match state.charts.smoothing {
        0 => state.words.raw.to_owned(),
        _ => format!("{} {}", state.words.smoothed, state.charts.beta()),
    }
}

/// What a place of the network is called.
pub fn place_name(state: &State, place: Place) -> &'static str {
    match place {
        Place::Shared => state.words.at_shared,
        Place::Representation => state.words.at_representation,
    }
}

/// Curves of all tasks, the focused one last and with its raw values faint behind.
fn plot(state: &State, run: &Run, series: &[&Series], smooth: bool, flags: bool, area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    let focused = state.selected();
    let mut curves = Vec::new();
    for one in series {
        curves.extend(one.abandoned().iter().map(|track| background(track, smooth, palette.dim)));
    }
    if let Some(one) = focused.and_then(|place| series.get(place)).filter(|_| smooth) {
        curves.push(background(one.track(), false, palette.dim));
    }
    let coloured = coloured(series.len(), focused.unwrap_or(0), palette.task_colours());
    let order = (0..series.len()).rev().filter(|place| Some(*place) != focused).chain(focused);
    for place in order {
        let Some(one) = series.get(place) else { continue };
        if !coloured.contains(&place) {
            curves.push(Curve { counts: true, ..background(one.track(), smooth, palette.dim) });
            continue;
        }
        let style = palette.task(place);
        let style = if Some(place) == focused { style.patch(palette.selected) } else { style };
        let tag = Some((place + 1).to_string());
        curves.push(Curve { track: one.track(), smooth, style, tag, depth: Depth::Front, counts: true });
    }
    draw(state, run, curves, flags, area, buf);
}

/// A faint line behind all others.
fn background(track: &Track, smooth: bool, style: Style) -> Curve<'_> {
    Curve { track, smooth, style, tag: None, depth: Depth::Behind, counts: false }
}

/// The tasks that are drawn in colour: all, or of a crowd those around the focused one, so that no colour comes twice.
fn coloured(count: usize, focused: usize, colours: usize) -> std::ops::Range<usize> {
    if count <= CROWD {
        return 0..count;
    }
    let colours = colours.clamp(5, CROWD);
    let first = focused.saturating_sub(colours / 2).min(count - colours);
    first..first + colours
}

fn draw(state: &State, run: &Run, curves: Vec<Curve<'_>>, flags: bool, area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    if curves.iter().all(|curve| curve.track.steps().is_empty()) {
        put(buf, area, 1, 0, state.words.nothing_yet, palette.dim);
        return;
    }
    let below_zero = curves.iter().any(|curve| curve.counts && curve.track.range(false, 0, u64::MAX).min < 0.0);
    let flags = run.marks.iter().filter(|_| flags).map(|mark| Flag {
        step: mark.step,
        label: mark.label.clone(),
        style: mark.task.map_or(palette.strong, |place| palette.task(place)),
    });
    let plot = Plot {
        timeline: &run.timeline,
        axis: state.charts.axis,
        // A replay grows to the right on the axis of the whole record.
        reach: state.replay().map_or(0, |replay| replay.moments().furthest_step()),
        scale: if below_zero { Scale::Linear } else { state.charts.scale },
        curves,
        flags: flags.collect(),
        dim: palette.dim,
        bad: palette.bad,
        axes: area.width >= 30,
    };
    plot.render(area, buf);
}
