//! The screen as a picture of the state: one file a panel. Nothing here changes the state or looks elsewhere.

mod advice;
mod affinity;
mod balance;
mod chooser;
mod compact;
mod compare;
mod cosine;
mod cursor;
pub(super) mod curves;
mod events;
mod finish;
mod footer;
mod help;
mod hit;
mod lines;
mod machine;
mod methods;
mod multiples;
mod pair;
mod palette;
mod panel;
mod question;
mod samples;
mod scalars;
mod status;
mod timeline;
mod tradeoff;
mod updates;
mod validation;
mod weights;

pub use help::last_line as last_help_line;
pub use hit::{Hit, hit};
pub use weights::slider_range;

use super::layout::{Content, Layout, Pane, arrange};
use super::model::Run;
use super::state::{Mode, State};
pub use curves::{chart_at, chart_field};
pub use machine::row_count as facts_count;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the state into a frame.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    render(state, area, frame.buffer_mut());
}

/// Where each panel lies on an area of this size, so that a place on the screen can be told what it belongs to.
pub fn arranged(state: &State, area: Rect) -> Layout {
    let area = timeline::rest(state, area);
    let tasks = state.run().map_or(0, |run| run.tasks.len());
    let metrics = state.run().map_or(0, validation::row_count);
    let news = events::news_rows(state, area.width);
    let content = Content {
        tasks,
        metrics,
        news,
        zoomed: state.zoomed,
        advice: state.run().map_or(0, |run| if run.is_over() { 0 } else { run.advice.len() }),
        middle: Some(state.middle),
        evidence: state.run().is_some_and(|run| run.balance.last.is_some()),
        methods_rows: state.run().map_or(0, methods::row_count),
        pair: pair::is_shown(state),
        samples: state
            .run()
            .map_or(0, |run| run.tasks.iter().map(|task| task.samples.chosen(false).len()).max().unwrap_or(0)),
        middle_rows: state.run().map_or(0, |run| match state.middle {
            Pane::Balance => balance::row_count(run),
            Pane::Scalars => scalars::row_count(state),
            Pane::Machine => machine::row_count(state),
            Pane::Compare => compare::row_count(state),
            _ => methods::row_count(run),
        }),
    };
    arrange(area, state.pane, content)
}

/// Draws the state into a part of a buffer; any size will do.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    match arranged(state, area) {
        Layout::Nothing => return,
        Layout::Line(line) => {
            status::one_line(state, line, buf);
            finish::finish(state, area, buf);
            return;
        }
        Layout::Small { status, plot, tasks, footer } => {
            status::short(state, status, buf);
            let plot = events::trouble_below(state, plot, buf);
            if state.samples_are_large() {
                samples::small(state, plot, buf);
            } else if state.zoomed && state.pane != Pane::Loss {
                let inner = panel::headline(state, state.pane, &detail(state, state.pane), plot, buf);
                pane(state, state.pane, inner, buf);
            } else {
                compact::plot(state, plot, buf);
            }
            compact::lines(state, tasks, buf);
            footer::render(state, timeline::above(state, footer, area, buf), buf);
        }
        Layout::Tabs { status, body, tasks, events, advice, footer } => {
            status::render(state, status, buf);
            let inner = panel::tabs(state, &detail(state, state.pane), body, buf);
            pane(state, state.pane, inner, buf);
            compact::table(state, tasks, buf);
            if let Some(part) = compact::part(state, tasks) {
                panel::lower_note(state, &part, body, buf);
            }
            events::news(state, events, buf);
            advice::render(state, advice, buf);
            footer::render(state, timeline::above(state, footer, area, buf), buf);
        }
        Layout::Wide { status, panes, advice, footer } => {
            status::render(state, status, buf);
            for (name, area) in panes {
                let inner = panel::panel(state, name, &detail(state, name), area, buf);
                pane(state, name, inner, buf);
            }
            advice::render(state, advice, buf);
            footer::render(state, timeline::above(state, footer, area, buf), buf);
        }
    }
    match &state.mode {
        Mode::Help { scroll, filter, .. } => help::render(state, *scroll, &filter.text, area, buf),
        Mode::Palette(line) => palette::render(state, line, area, buf),
        Mode::Chooser(chooser) => chooser::render(state, *chooser, area, buf),
        Mode::Question => question::render(state, area, buf),
        Mode::Main | Mode::Prompt(_) | Mode::Leaving => {}
    }
    finish::finish(state, area, buf);
}

fn pane(state: &State, pane: Pane, area: Rect, buf: &mut Buffer) {
    match pane {
        Pane::Loss => curves::loss(state, area, buf),
        Pane::Gradients if updates::are_shown(state) => updates::render(state, area, buf),
        Pane::Gradients => curves::gradients(state, area, buf),
        Pane::Cosine if pair::is_shown(state) => pair::render(state, area, buf),
        Pane::Cosine => cosine::render(state, area, buf),
        Pane::Balance => balance::render(state, area, buf),
        Pane::Methods => methods::render(state, area, buf),
        Pane::Validation => validation::render(state, area, buf),
        Pane::Samples => samples::render(state, area, buf),
        Pane::Weights => weights::render(state, area, buf),
        Pane::Events => events::render(state, area, buf),
        Pane::Scalars => scalars::render(state, area, buf),
        Pane::Compare => compare::render(state, area, buf),
        Pane::Machine => machine::render(state, area, buf),
    }
}

/// What a panel's title says beside its name.
fn detail(state: &State, pane: Pane) -> String {
    match pane {
        Pane::Loss => curves::loss_detail(state),
        Pane::Gradients if updates::are_shown(state) => updates::detail(state),
        Pane::Gradients => curves::gradient_detail(state),
        Pane::Cosine if pair::is_shown(state) => pair::detail(state),
        Pane::Cosine => cosine::detail(state),
        Pane::Balance | Pane::Methods => balance::detail(state),
        Pane::Validation => validation::detail(state),
        Pane::Samples => samples::detail(state),
        Pane::Weights => state.run().map_or(String::new(), Run::method),
        Pane::Scalars => scalars::detail(state),
        Pane::Compare => compare::detail(state),
        Pane::Machine => machine::detail(state),
        Pane::Events => events::detail(state),
    }
}

#[cfg(test)]
mod chinese_tests;
#[cfg(test)]
mod matrix_tests;
#[cfg(test)]
mod panel_tests;
#[cfg(test)]
mod tests;
