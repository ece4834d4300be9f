//! The last line: a line of input, a notice, or what the keys do.

use crate::dashboard::action::{Action, Context};
use crate::dashboard::keys;
use crate::dashboard::layout::Pane;
use crate::dashboard::model::Run;
use crate::dashboard::prompt::{Prompt, Purpose};
use crate::dashboard::state::{Mode, State};
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use crate::series::Scale;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Columns that a line of input has for what is typed, at least.
const TYPED: usize = 10;

/// Draws it.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    if let Mode::Prompt(prompt) = &state.mode {
        input(state, prompt, area, buf);
        if let Some(notice) = state.notice() {
            let wide = width(notice) as u16 + 1;
            put(buf, area, area.width.saturating_sub(wide), 0, notice, state.palette.bad);
        }
        return;
    }
    if let Some(notice) = state.notice().filter(|_| state.mode != Mode::Question) {
        put(buf, area, 1, 0, notice, state.palette.wait);
        return;
    }
    let pending = state.run().map_or(0, |run| run.pending.len());
    let reserved = if pending > 0 { width(state.words.pending) + 5 } else { 0 };
    keys_line(state, &state.contexts(), area, reserved, buf);
    if pending > 0 {
        let text = format!("{} {pending}", state.words.pending);
        put(buf, area, area.width.saturating_sub(width(&text) as u16 + 1), 0, &text, state.palette.wait);
    }
}

/// Keys with what they do, as many as fit beside `reserved` columns.
pub fn keys_line(state: &State, contexts: &[Context], area: Rect, reserved: usize, buf: &mut Buffer) {
    let palette = &state.palette;
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1);
    let over = state.run().is_some_and(Run::is_over);
    let mut hinted = state.keymap.hints(contexts);
    if over {
        hinted.retain(|row| !row.binding.changes_run());
        hinted.sort_by_key(|row| row.binding.action != Action::Quit);
    }
    if state.pane == Pane::Samples {
        hinted.sort_by_key(|row| match row.binding.action {
            Action::Help | Action::Quit => 0,
            Action::WrongOnly => 1,
            _ => 2,
        });
    }
    if matches!(state.pane, Pane::Balance | Pane::Methods) {
        hinted.sort_by_key(|row| match row.binding.action {
            Action::Help | Action::Quit => 0,
            Action::ChooseMethod | Action::TryMethod | Action::Probe | Action::BalancePane => 1,
            _ => 2,
        });
    }
    let own: &[Action] = match state.pane {
        Pane::Events => &[Action::Filter, Action::JumpToEvent],
        Pane::Scalars => &[Action::Filter],
        Pane::Cosine => &[Action::NextPair, Action::PairMatrix],
        Pane::Validation => &[Action::NextPair],
        Pane::Gradients => &[Action::GradientPlace],
        _ => &[],
    };
    if !own.is_empty() {
        hinted.sort_by_key(|row| match row.binding.action {
            Action::Help | Action::Quit => 0,
            action if own.contains(&action) => 1,
            _ => 2,
        });
    }
    for row in hinted {
        let key = row.keys.first().map_or(String::new(), |name| keys::label(name));
        let hint = hint(state, row.binding.action);
        if width(&key) + width(hint) + 3 + reserved > pen.room() {
            break;
        }
        pen.text(&key, palette.strong).text(" ", palette.dim).text(hint, palette.dim).text("  ", palette.dim);
    }
}

/// What the action would do now.
fn hint(state: &State, action: Action) -> &'static str {
    let (words, run) = (state.words, state.run());
    match action {
        Action::Quit if run.is_some_and(Run::is_over) => words.leave,
        Action::PauseResume if run.is_some_and(Run::wanted_paused) => words.go_on,
        Action::Mute if state.selected().is_some_and(|task| run.is_some_and(|run| run.wanted_muted(task))) => {
            words.unmute
        }
        Action::Solo if run.is_some_and(|run| run.before_solo.is_some()) => words.unsolo,
        Action::LogAxis if state.charts.scale == Scale::Log => words.linear,
        Action::Zoom if state.zoomed => words.whole,
        Action::Samples if state.samples_are_large() => words.whole,
        Action::WrongOnly if state.samples.wrong_only => words.all_samples,
        _ => words.action(action).hint,
    }
}

fn input(state: &State, prompt: &Prompt, area: Rect, buf: &mut Buffer) {
    let words = state.words;
    let name = match prompt.purpose {
        Purpose::Note => words.prompt_note.to_owned(),
        Purpose::Filter(Pane::Scalars) => words.panels.prompt_scalars.to_owned(),
        Purpose::Filter(_) => words.panels.prompt_events.to_owned(),
        Purpose::Weight(place) => {
            let label = state.run().and_then(|run| run.tasks.get(place)).map_or("", |task| &task.label);
            fill(words.prompt_weight, &[&crate::text::truncate(label, 20)])
        }
    };
    // On a narrow screen the name gives way to what is typed.
    let name = crate::text::truncate(&name, usize::from(area.width).saturating_sub(TYPED + 3));
    let mut pen = Pen::new(buf, area, 0);
    pen.text(" ", Style::new()).text(&name, state.palette.strong).text(": ", state.palette.strong);
    let room = pen.room().saturating_sub(1);
    pen.text(prompt.tail(room), Style::new()).text(" ", Style::new().add_modifier(Modifier::REVERSED));
    if let Some(problem) = state.panels.problem.as_deref().filter(|_| matches!(prompt.purpose, Purpose::Filter(_))) {
        pen.text("  ", Style::new()).text(problem, state.palette.bad);
        return;
    }
    let left = pen.room();
    if left > 24 && state.notice().is_none() {
        let rest = Rect { x: area.x + area.width - left as u16, width: left as u16, ..area };
        keys_line(state, &[Context::Prompt], rest, 0, buf);
    }
}
