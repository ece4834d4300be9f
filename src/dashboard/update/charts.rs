//! How the charts are drawn: views, axes, smoothing, and which steps they show. Keys and mouse end here.

use super::cursor;
use crate::dashboard::action::Action;
use crate::dashboard::charts::{LossView, SMOOTHINGS, Window};
use crate::dashboard::state::State;
use crate::series::{Scale, Timeline, XAxis};

/// What one press of a key leaves of the horizontal axis.
const ZOOM: f64 = 0.5;
/// What one press of a key moves it by, as a share of what is shown.
const PAN: f64 = 0.25;
/// A window shows this many recorded steps at least.
const LEAST: u64 = 4;

/// Changes how the charts are drawn; `false` where the action is about something else.
pub fn look(state: &mut State, action: Action) -> bool {
    let charts = &mut state.charts;
    match action {
        Action::LogAxis => charts.scale = other(charts.scale),
        Action::LogHorizontal => charts.across = other(charts.across),
        Action::SmoothMore | Action::SmoothLess => {
            let more = (charts.smoothing + 1).min(SMOOTHINGS.len() - 1);
            let wanted = if action == Action::SmoothMore { more } else { charts.smoothing.saturating_sub(1) };
            // To average anew looks at every point; not for a key at its end.
            if std::mem::replace(&mut charts.smoothing, wanted) != wanted {
                let beta = charts.beta();
                state.runs.iter_mut().for_each(|run| run.set_smoothing(beta));
            }
        }
        Action::HorizontalAxis => {
            charts.axis = match charts.axis {
                XAxis::Step => XAxis::Epoch,
                XAxis::Epoch => XAxis::Time,
                XAxis::Time => XAxis::Step,
            }
        }
        Action::LossView | Action::LossViewBack => {
            let view = charts.view.moved(action == Action::LossView);
            show(state, view);
        }
        Action::ZoomIn | Action::ZoomOut => {
            let factor = if action == Action::ZoomIn { ZOOM } else { 1.0 / ZOOM };
            let fraction = cursor::fraction(state).unwrap_or(1.0);
            zoom_at(state, fraction, factor);
        }
        Action::PanLeft => pan(state, -PAN),
        Action::PanRight => pan(state, PAN),
        Action::Follow => follow(state),
        Action::ResetView => charts.window = Window::Whole,
        _ => return cursor::look(state, action),
    }
    true
}

fn other(scale: Scale) -> Scale {
    if scale == Scale::Log { Scale::Linear } else { Scale::Log }
}

/// Goes to a view of the losses.
fn show(state: &mut State, view: LossView) {
    let before = std::mem::replace(&mut state.charts.view, view).derived();
    if before != view.derived() {
        state.runs.iter_mut().for_each(|run| run.derive(view.derived()));
    }
}

/// Zooms the horizontal axis of all charts: `factor` below 1 shows less, above 1 more; what lies at `fraction` (0 at the
/// left end, 1 at the right one) stays where it is.
pub fn zoom_at(state: &mut State, fraction: f64, factor: f64) {
    let Some((timeline, (first, last))) = whole(state) else { return };
    if !(fraction.is_finite() && factor.is_finite() && factor > 0.0) {
        return;
    }
    let fraction = fraction.clamp(0.0, 1.0);
    let stretch = state.charts.stretch(timeline);
    let (from, to) = stretch.steps();
    let step = |place: f64| timeline.step_at(stretch.axis(), stretch.value(place));
    let (low, high) = (fraction * (1.0 - factor), fraction + (1.0 - fraction) * factor);
    // An end that stays must not move by rounding.
    let from = if low == 0.0 { from } else { step(low) };
    let to = if high == 1.0 { to } else { step(high) };
    let least = timeline.interval().unwrap_or(1).saturating_mul(LEAST);
    let (from, to) = (from.clamp(first, last), to.clamp(first, last));
    let (from, to) = match to.checked_sub(from) {
        Some(span) if span >= least => (from, to),
        _ if fraction > 0.5 => (to.saturating_sub(least).max(first), to.max(first.saturating_add(least)).min(last)),
        _ => (from, from.saturating_add(least).min(last)),
    };
    state.charts.window = match state.charts.window {
        Window::Frozen { .. } => Window::Frozen { from, to },
        _ if to < last => Window::Frozen { from, to },
        _ if from <= first => Window::Whole,
        _ => Window::Following { span: to - from },
    };
}

/// Shows these steps of the run and no others, in whichever order they are given.
pub fn select(state: &mut State, one: u64, other: u64) {
    let Some((timeline, (first, last))) = whole(state) else { return };
    let least = timeline.interval().unwrap_or(1).saturating_mul(LEAST);
    let from = one.min(other).clamp(first, last);
    let to = one.max(other).clamp(first, last).max(from.saturating_add(least).min(last));
    state.charts.window = Window::Frozen { from: from.min(to.saturating_sub(least).max(first)), to };
}

/// Moves what is shown by a share of itself, to earlier steps where it is below 0.
pub fn pan(state: &mut State, by: f64) {
    let Some((timeline, (first, last))) = whole(state) else { return };
    let (from, to) = state.charts.steps(timeline);
    let span = to.saturating_sub(from);
    let distance = ((span as f64 * by.abs()).round() as u64).max(1);
    let moved = if by < 0.0 {
        let from = from.saturating_sub(distance).max(first);
        (from, from.saturating_add(span))
    } else {
        let to = to.saturating_add(distance).min(last.max(to));
        (to.saturating_sub(span), to)
    };
    if moved == (from, to) {
        let text = if by < 0.0 { state.words.charts.no_earlier } else { state.words.charts.no_later };
        state.notify(text.to_owned());
    } else {
        state.charts.window = Window::Frozen { from: moved.0, to: moved.1 };
    }
}

/// Freezes what is shown, or goes on with the run: with as many steps as are shown, or with all of them.
fn follow(state: &mut State) {
    let Some((timeline, (first, last))) = whole(state) else { return };
    state.charts.window = match state.charts.window {
        Window::Frozen { from, .. } if from <= first => Window::Whole,
        Window::Frozen { from, to } => Window::Following { span: to.saturating_sub(from) },
        Window::Whole => Window::Frozen { from: first, to: last },
        Window::Following { .. } => {
            let (from, to) = state.charts.steps(timeline);
            Window::Frozen { from, to }
        }
    };
}

/// Brings a step into sight, where it is not, with as much around it as is shown now.
pub fn reveal(state: &mut State, step: u64) {
    let Some((timeline, (first, last))) = whole(state) else { return };
    let (from, to) = state.charts.steps(timeline);
    if (from..=to).contains(&step) {
        return;
    }
    let span = to.saturating_sub(from);
    let from = step.saturating_sub(span / 2).clamp(first, last.saturating_sub(span).max(first));
    state.charts.window = Window::Frozen { from, to: from.saturating_add(span) };
}

/// The timeline of the run that is looked at, with its first and last step; `None` before the first step.
fn whole(state: &State) -> Option<(&Timeline, (u64, u64))> {
    let timeline = &state.run()?.timeline;
    (!timeline.steps().is_empty()).then(|| (timeline, (timeline.first_step(), timeline.last_step())))
}
