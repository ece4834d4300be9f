//! The cursor over all charts: one step of the run, moved by the columns of a chart and from mark to mark.

use super::charts::reveal;
use crate::dashboard::action::Action;
use crate::dashboard::state::State;
use crate::dashboard::view::chart_field;
use crate::dashboard::widget::Field;

/// Columns that a far move covers.
const FAR: u16 = 10;

/// Moves the cursor; `false` where the action is about something else.
pub fn look(state: &mut State, action: Action) -> bool {
    match action {
        Action::Cursor if state.charts.cursor.is_some() => state.charts.cursor = None,
        Action::CursorClose => state.charts.cursor = None,
        Action::Cursor | Action::CursorEnd => edge(state, true),
        Action::CursorStart => edge(state, false),
        Action::CursorLeft => step(state, false, 1),
        Action::CursorRight => step(state, true, 1),
        Action::CursorFarLeft => step(state, false, FAR),
        Action::CursorFarRight => step(state, true, FAR),
        Action::NextMark | Action::PreviousMark => mark(state, action == Action::NextMark),
        _ => return false,
    }
    true
}

/// Puts the cursor on a step of the run that is looked at, and brings it into sight.
pub fn put(state: &mut State, step: u64) {
    let found = state.run().and_then(|run| run.timeline.at_or_before(step));
    if let Some(step) = found {
        state.charts.cursor = Some(step);
        reveal(state, step);
    }
}

/// Where the cursor stands, 0 at the left end of the charts, 1 at the right one; `None` where it is out of sight.
pub fn fraction(state: &State) -> Option<f64> {
    let timeline = &state.run()?.timeline;
    let stretch = state.charts.stretch(timeline);
    let value = timeline.value(stretch.axis(), state.charts.cursor_step(timeline)?);
    stretch.fraction(value).filter(|fraction| (0.0..=1.0).contains(fraction))
}

/// To an end of what is shown.
fn edge(state: &mut State, right: bool) {
    let found = state.run().and_then(|run| {
        let (from, to) = state.charts.steps(&run.timeline);
        if right { run.timeline.at_or_before(to) } else { run.timeline.at_or_after(from) }
    });
    match found {
        Some(step) => state.charts.cursor = Some(step),
        None => state.notify(state.words.nothing_yet.to_owned()),
    }
}

/// By columns; to the next recorded step where one column holds less than a step.
fn step(state: &mut State, right: bool, columns: u16) {
    let found = chart_field(state).and_then(|field| moved(state, &field, right, columns));
    if let Some(step) = found {
        state.charts.cursor = Some(step);
        reveal(state, step);
    }
}

fn moved(state: &State, field: &Field, right: bool, columns: u16) -> Option<u64> {
    let timeline = &state.run()?.timeline;
    let now = state.charts.cursor_step(timeline)?;
    let Some(column) = field.column(now) else {
        // Out of sight: back to the end of the charts that it left by.
        return if now < field.step(0) {
            timeline.at_or_after(field.step(0))
        } else {
            timeline.at_or_before(field.step(field.area.width).saturating_sub(1))
        };
    };
    let last = field.area.width.saturating_sub(1);
    if right {
        let wanted = field.step(column.saturating_add(columns).min(last)).max(now.saturating_add(1));
        timeline.at_or_after(wanted)
    } else {
        let wanted = timeline.at_or_after(field.step(column.saturating_sub(columns)))?;
        if wanted < now { Some(wanted) } else { timeline.at_or_before(now.saturating_sub(1)) }
    }
}

/// To the next or previous moment with a label, or checkpoint.
fn mark(state: &mut State, forward: bool) {
    let found = state.run().and_then(|run| {
        let now = state.charts.cursor_step(&run.timeline)?;
        let marks = run.marks.iter().map(|mark| mark.step).chain(run.quiet.checkpoints.iter().copied());
        // A change that acts in the next step has no step to stand on yet.
        let steps = marks.filter_map(|step| run.timeline.at_or_before(step));
        if forward { steps.filter(|step| *step > now).min() } else { steps.filter(|step| *step < now).max() }
    });
    match found {
        Some(step) => put(state, step),
        None => state.notify(state.words.charts.no_mark.to_owned()),
    }
}
