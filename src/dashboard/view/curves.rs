//! The two plots over steps: losses and gradient norms.

use crate::dashboard::model::{Place, Run};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Curve, Flag, Plot, put};
use crate::series::{Scale, Series, XAxis};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Losses of all tasks.
pub fn loss(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let series: Vec<&Series> = run.tasks.iter().map(|task| task.weighted.as_ref().unwrap_or(&task.loss)).collect();
    plot(state, run, &series, true, area, buf);
}

/// The focused task's loss alone, without axes: for small screens.
pub fn focused_loss(state: &State, area: Rect, buf: &mut Buffer) {
    let (Some(run), Some(place)) = (state.run(), state.selected()) else { return };
    let Some(task) = run.tasks.get(place) else { return };
    let series = task.weighted.as_ref().unwrap_or(&task.loss);
    let smooth = state.charts.smoothing > 0;
    let curve = |smooth, style, counts| Curve { track: series.track(), smooth, style, tag: None, counts };
    let mut curves = vec![curve(false, state.palette.dim, !smooth)];
    if smooth {
        curves.push(curve(true, state.palette.task(place), true));
    }
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
    plot(state, run, &series, false, area, buf);
}

/// What the loss plot's title says.
pub fn loss_detail(state: &State) -> String {
    let (charts, words) = (&state.charts, state.words);
    let mut parts = Vec::new();
    if charts.smoothing > 0 {
        parts.push(format!("{} {}", words.smoothed, charts.beta()));
    }
    if charts.scale == Scale::Log {
        parts.push(words.log_axis.to_owned());
    }
    let axis = match charts.axis {
        XAxis::Step => words.by_step,
        XAxis::Epoch => words.by_epoch,
        XAxis::Time => words.by_time,
    };
    parts.push(axis.to_owned());
    parts.join(", ")
}

/// What the gradient plot's title says.
pub fn gradient_detail(state: &State) -> String {
    let Some(run) = state.run() else { return String::new() };
    place_name(state, run.gradient_place(state.charts.place)).to_owned()
}

/// What a place of the network is called.
pub fn place_name(state: &State, place: Place) -> &'static str {
    match place {
        Place::Shared => state.words.at_shared,
        Place::Representation => state.words.at_representation,
    }
}

/// Curves of all tasks, the focused one last and with its raw values faint behind.
fn plot(state: &State, run: &Run, series: &[&Series], flags: bool, area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    let smooth = state.charts.smoothing > 0;
    let focused = state.selected();
    let mut curves = Vec::new();
    let alone = |track, smooth, style| Curve { track, smooth, style, tag: None, counts: false };
    for one in series {
        curves.extend(one.abandoned().iter().map(|track| alone(track, smooth, palette.dim)));
    }
    if let Some(one) = focused.and_then(|place| series.get(place)).filter(|_| smooth) {
        curves.push(alone(one.track(), false, palette.dim));
    }
    let order = (0..series.len()).rev().filter(|place| Some(*place) != focused).chain(focused);
    for place in order {
        let Some(one) = series.get(place) else { continue };
        let style = palette.task(place);
        let style = if Some(place) == focused { style.patch(palette.selected) } else { style };
        let tag = Some((place + 1).to_string());
        curves.push(Curve { track: one.track(), smooth, style, tag, counts: true });
    }
    draw(state, run, curves, flags, area, buf);
}

fn draw(state: &State, run: &Run, curves: Vec<Curve<'_>>, flags: bool, area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    if curves.iter().all(|curve| curve.track.steps().is_empty()) {
        put(buf, area, 1, 0, state.words.nothing_yet, palette.dim);
        return;
    }
    let flags = run.marks.iter().filter(|_| flags).map(|mark| Flag {
        step: mark.step,
        label: mark.label.clone(),
        style: mark.task.map_or(palette.strong, |place| palette.task(place)),
    });
    let plot = Plot {
        timeline: &run.timeline,
        axis: state.charts.axis,
        scale: state.charts.scale,
        curves,
        flags: flags.collect(),
        dim: palette.dim,
        bad: palette.bad,
        axes: area.width >= 30,
    };
    plot.render(area, buf);
}
