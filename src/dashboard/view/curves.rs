//! The charts over steps: losses and gradient norms. What they show is put together here, for drawing and for those who
//! ask which step lies where.

use super::{arranged, cursor, multiples};
use crate::dashboard::charts::{LossView, Window};
use crate::dashboard::format;
use crate::dashboard::layout::{Layout, Pane};
use crate::dashboard::model::{Mark, MarkKind, Place, Run, Task};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Axes, Curve, Field, Flag, Notch, Plot, put};
use crate::dashboard::words::fill;
use crate::series::{Scale, Series, XAxis};
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::style::Style;

/// With more tasks than this the lines of most are faint.
const CROWD: usize = 12;
/// Up to this many tasks each have their raw line behind the smoothed one; else only the selected one has.
const FEW: usize = 4;
/// A small screen with fewer columns has no axes.
const AXES: u16 = 30;
/// Columns of a chart that cannot be seen now, for moves of the cursor.
const UNSEEN: u16 = 100;

/// Losses of all tasks.
pub fn loss(state: &State, area: Rect, buf: &mut Buffer) {
    if state.charts.view == LossView::Multiples {
        multiples::render(state, area, buf);
        return;
    }
    let (Some(run), Some(plot)) = (state.run(), loss_plot(state)) else { return };
    render(state, &plot, area, buf);
    cursor::losses(state, run, plot.field(area).as_ref(), buf);
}

/// The focused task's loss alone: for small screens, which have no title to say what is shown.
pub fn focused_loss(state: &State, area: Rect, buf: &mut Buffer) {
    let (Some(run), Some(plot)) = (state.run(), focused_plot(state, area)) else {
        put(buf, area, 1, 0, state.words.nothing_yet, state.palette.dim);
        return;
    };
    render(state, &plot, area, buf);
    cursor::losses(state, run, plot.field(area).as_ref(), buf);
    if let Some(text) = window(state).filter(|_| state.charts.cursor.is_none()) {
        let start = area.width.saturating_sub(crate::text::width(&text) as u16);
        put(buf, area, start, 0, &text, state.palette.dim);
    }
}

/// Gradient norms of all tasks.
pub fn gradients(state: &State, area: Rect, buf: &mut Buffer) {
    let (Some(run), Some(plot)) = (state.run(), gradient_plot(state)) else {
        put(buf, area, 1, 0, state.words.no_gradients, state.palette.dim);
        return;
    };
    render(state, &plot, area, buf);
    cursor::norms(state, run, plot.field(area).as_ref(), buf);
}

fn render(state: &State, plot: &Plot<'_>, area: Rect, buf: &mut Buffer) {
    if plot.curves.iter().all(|curve| curve.track.steps().is_empty()) {
        put(buf, area, 1, 0, state.words.nothing_yet, state.palette.dim);
        return;
    }
    plot.render(area, buf);
}

/// Each chart over steps on a screen of the state's size, with its pane and where its lines are.
fn charts(state: &State) -> Vec<(Pane, Field)> {
    let screen = Rect::new(0, 0, state.size.0, state.size.1);
    let inside = |area: Rect| area.inner(Margin::new(1, 1));
    let shown = match arranged(state, screen) {
        Layout::Small { plot, .. } if !state.samples_are_large() => {
            return focused_plot(state, plot)
                .and_then(|chart| Some((Pane::Loss, chart.field(plot)?)))
                .into_iter()
                .collect();
        }
        Layout::Nothing | Layout::Line(_) | Layout::Small { .. } => Vec::new(),
        Layout::Tabs { body, .. } => vec![(state.pane, inside(body))],
        Layout::Wide { panes, .. } => panes.into_iter().map(|(pane, area)| (pane, inside(area))).collect(),
    };
    let mut fields = Vec::new();
    for (pane, area) in shown {
        let plots = match pane {
            Pane::Loss if state.charts.view == LossView::Multiples => multiples::plots(state, area),
            Pane::Loss => loss_plot(state).map(|plot| (area, plot)).into_iter().collect(),
            Pane::Gradients => gradient_plot(state).map(|plot| (area, plot)).into_iter().collect(),
            _ => Vec::new(),
        };
        fields.extend(plots.iter().filter_map(|(area, plot)| Some((pane, plot.field(*area)?))));
    }
    fields
}

/// The chart over steps at a cell of the screen, with its pane: which step lies in which column of it.
pub fn chart_at(state: &State, column: u16, row: u16) -> Option<(Pane, Field)> {
    charts(state).into_iter().find(|(_, field)| field.area.contains(Position::new(column, row)))
}

/// The columns that the cursor moves by: those of the first chart in sight, else of one that could be.
pub fn chart_field(state: &State) -> Option<Field> {
    if let Some((_, field)) = charts(state).into_iter().next() {
        return Some(field);
    }
    let timeline = &state.run()?.timeline;
    let area = Rect { width: UNSEEN, height: 1, ..Rect::default() };
    Some(Field { area, edges: state.charts.stretch(timeline).edges(timeline, usize::from(UNSEEN)) })
}

/// A plot of some curves of the run that is looked at, as a person wants all charts to be: the same steps, axes, cursor.
pub fn plot<'a>(state: &State, run: &'a Run, curves: Vec<Curve<'a>>) -> Plot<'a> {
    let below_zero =
        |curve: &Curve<'_>| curve.counts && curve.track.range(false, 0, u64::MAX).times(curve.factor).min < 0.0;
    let linear = curves.iter().any(below_zero);
    Plot {
        timeline: &run.timeline,
        stretch: state.charts.stretch(&run.timeline),
        scale: if linear { Scale::Linear } else { state.charts.scale },
        curves,
        flags: Vec::new(),
        notches: Vec::new(),
        cursor: state.charts.cursor_step(&run.timeline),
        markers: state.look.markers,
        dim: state.palette.dim,
        bad: state.palette.bad,
        strong: state.palette.focus,
        axes: Axes::Both,
    }
}

/// The same with the moments in which something was changed or looked at.
pub fn marked<'a>(state: &State, run: &'a Run, curves: Vec<Curve<'a>>) -> Plot<'a> {
    let palette = &state.palette;
    let (from, to) = state.charts.steps(&run.timeline);
    let style = |mark: &Mark| match (mark.kind, mark.task) {
        (MarkKind::Request, Some(place)) => palette.task(place),
        (MarkKind::Request, None) => palette.strong,
        (MarkKind::Note, _) => palette.dim,
        (MarkKind::Rewind, _) => palette.wait,
    };
    let flag = |mark: &Mark| Flag { step: mark.step, label: mark.label.clone(), style: style(mark) };
    // A change that acts in the step after the last one is seen too.
    let marks = run.marks_between(from, to.saturating_add(2));
    Plot {
        flags: marks.iter().map(flag).collect(),
        notches: vec![
            Notch { steps: &run.quiet.evaluations, sign: "·", style: palette.dim },
            Notch { steps: &run.quiet.checkpoints, sign: "+", style: Style::new() },
        ],
        ..plot(state, run, curves)
    }
}

fn loss_plot(state: &State) -> Option<Plot<'_>> {
    let run = state.run()?;
    let smooth = state.charts.smoothing > 0;
    let lines = run.tasks.iter().map(|task| (task.shown(), factor(state, task))).collect::<Vec<_>>();
    let mut curves = lines_behind(state, run);
    curves.extend(task_curves(state, &lines, smooth));
    Some(marked(state, run, curves))
}

fn focused_plot(state: &State, area: Rect) -> Option<Plot<'_>> {
    let (run, place) = (state.run()?, state.selected()?);
    let task = run.tasks.get(place)?;
    let mut plot = marked(state, run, one_task(state, task, place));
    if area.width < AXES {
        plot.axes = Axes::None;
    }
    Some(plot)
}

/// One task's loss with its raw line and what a restore left behind.
pub fn one_task<'a>(state: &State, task: &'a Task, place: usize) -> Vec<Curve<'a>> {
    let (series, factor, style) = (task.shown(), factor(state, task), state.palette.task(place));
    let smooth = state.charts.smoothing > 0;
    let left = |track| Curve { smooth, factor, counts: false, ..Curve::behind(track, state.palette.dim) };
    let mut curves: Vec<Curve<'_>> = series.abandoned().iter().map(left).collect();
    if smooth {
        curves.push(Curve { factor, ..Curve::behind(series.track(), state.palette.faded(style)) });
    }
    curves.push(Curve { smooth, factor, ..Curve::front(series.track(), style) });
    curves
}

/// What a task's values are multiplied by in the present view; not finite where it has no first value to stand beside.
pub fn factor(state: &State, task: &Task) -> f64 {
    match state.charts.view {
        LossView::Relative => task.loss.first().map_or(f64::NAN, |(_, first)| 1.0 / first),
        LossView::Share => 100.0,
        LossView::Raw | LossView::Weighted | LossView::Multiples => 1.0,
    }
}

fn gradient_plot(state: &State) -> Option<Plot<'_>> {
    let run = state.run()?;
    let gradients = run.gradients(run.gradient_place(state.charts.place));
    gradients.measured?;
    let lines: Vec<(&Series, f64)> = gradients.norms.iter().map(|series| (series, 1.0)).collect();
    Some(plot(state, run, task_curves(state, &lines, norms_smooth(state, run))))
}

/// An average over measurements far apart would lag behind by hundreds of steps.
pub fn norms_smooth(state: &State, run: &Run) -> bool {
    let gradients = run.gradients(run.gradient_place(state.charts.place));
    state.charts.smoothing > 0 && gradients.sparse(&run.timeline).is_none()
}

/// The selected task of all other runs, faint, with the letter of the run.
fn lines_behind<'a>(state: &'a State, run: &'a Run) -> Vec<Curve<'a>> {
    let Some(task) = state.selected().and_then(|place| run.tasks.get(place)) else { return Vec::new() };
    let others = state.runs.iter().enumerate().filter(|(place, _)| *place != state.active);
    let same = others.filter_map(|(place, run)| {
        let task = run.tasks.iter().find(|other| other.name == task.name)?;
        Some(Curve {
            timeline: Some(&run.timeline),
            smooth: state.charts.smoothing > 0,
            factor: factor(state, task),
            tag: Some(run_letter(place)),
            ..Curve::behind(task.shown().track(), state.palette.dim)
        })
    });
    same.filter(|curve| curve.factor.is_finite()).collect()
}

/// What a run is called beside its line: `A`, `B`, … `Z`, then its number.
pub fn run_letter(place: usize) -> String {
    match u8::try_from(place) {
        Ok(place @ 0..26) => char::from(b'A' + place).to_string(),
        _ => (place + 1).to_string(),
    }
}

/// Curves of all tasks, the focused one last, with raw values faint behind.
fn task_curves<'a>(state: &State, lines: &[(&'a Series, f64)], smooth: bool) -> Vec<Curve<'a>> {
    let palette = &state.palette;
    let focused = state.selected();
    let mut curves = Vec::new();
    let mut behind = |curve: Curve<'a>| {
        if curve.factor.is_finite() {
            curves.push(curve);
        }
    };
    for &(series, factor) in lines {
        let left = series.abandoned().iter();
        left.for_each(|track| behind(Curve { smooth, factor, counts: false, ..Curve::behind(track, palette.dim) }));
    }
    let coloured = coloured(lines.len(), focused.unwrap_or(0), palette.task_colours());
    let order = || (0..lines.len()).rev().filter(|place| Some(*place) != focused).chain(focused);
    for place in order().filter(|place| smooth && (lines.len() <= FEW || Some(*place) == focused)) {
        if let Some(&(series, factor)) = lines.get(place) {
            behind(Curve { factor, ..Curve::behind(series.track(), palette.faded(palette.task(place))) });
        }
    }
    for place in order() {
        let Some(&(series, factor)) = lines.get(place) else { continue };
        if !coloured.contains(&place) {
            behind(Curve { smooth, factor, ..Curve::behind(series.track(), palette.dim) });
            continue;
        }
        let style = palette.task(place);
        let style = if Some(place) == focused { style.patch(palette.selected) } else { style };
        behind(Curve { smooth, factor, tag: Some((place + 1).to_string()), ..Curve::front(series.track(), style) });
    }
    curves
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

/// What the loss chart's title says; what matters most first, for a title may be cut.
pub fn loss_detail(state: &State) -> String {
    let (charts, words) = (&state.charts, state.words);
    let mut parts: Vec<String> = window(state).into_iter().collect();
    let view = match charts.view {
        LossView::Raw => None,
        LossView::Weighted => Some(words.charts.weighted),
        LossView::Share => Some(words.charts.share_of_total),
        LossView::Relative => Some(words.charts.relative),
        LossView::Multiples => Some(words.charts.multiples),
    };
    parts.extend(view.map(str::to_owned));
    if state.runs.len() > 1 && charts.view != LossView::Multiples {
        parts.push(fill(words.charts.behind, &[&run_letter(state.active)]));
    }
    parts.push(smoothing(state));
    if charts.scale == Scale::Log {
        let negative =
            |task: &Task| task.shown().track().range(false, 0, u64::MAX).times(factor(state, task)).min < 0.0;
        let negative = state.run().is_some_and(|run| run.tasks.iter().any(negative));
        parts.push(if negative { words.below_zero } else { words.log_axis }.to_owned());
    }
    parts.push(axis(state));
    let thinned = |run: &Run| run.tasks.iter().any(|task| task.loss.track().thinned().is_some());
    if state.run().is_some_and(thinned) {
        parts.push(words.older.to_owned());
    }
    parts.join(", ")
}

/// `by step`, `by time, log x`.
fn axis(state: &State) -> String {
    let words = state.words;
    let axis = match state.charts.axis {
        XAxis::Step => words.by_step,
        XAxis::Epoch => words.by_epoch,
        XAxis::Time => words.by_time,
    };
    match state.charts.across {
        Scale::Linear => axis.to_owned(),
        Scale::Log => format!("{axis}, {}", words.charts.log_across),
    }
}

/// Which steps the charts show, where that is not the whole run.
pub fn window(state: &State) -> Option<String> {
    let words = &state.words.charts;
    match state.charts.window {
        Window::Whole => None,
        Window::Following { span } => Some(fill(words.following, &[&format::thousands(span)])),
        Window::Frozen { from, to } => {
            Some(fill(words.frozen_view, &[&format::thousands(from), &format::thousands(to)]))
        }
    }
}

/// What the gradient chart's title says.
pub fn gradient_detail(state: &State) -> String {
    let Some(run) = state.run() else { return String::new() };
    let place = run.gradient_place(state.charts.place);
    let gradients = run.gradients(place);
    let mut parts: Vec<String> = window(state).into_iter().chain([place_name(state, place).to_owned()]).collect();
    match gradients.sparse(&run.timeline) {
        _ if gradients.measured.is_none() => {}
        Some(interval) => {
            parts.push(fill(state.words.every, &[&format::thousands(interval)]));
            if gradients.norms.iter().any(|series| series.track().thinned().is_some()) {
                parts.push(state.words.older.to_owned());
            }
        }
        None => parts.push(smoothing(state)),
    }
    parts.join(", ")
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
