//! The last line: a line of input, a notice, or what the keys do.

use super::palette::{REFUSED, typed};
use crate::dashboard::action::{Action, Context};
use crate::dashboard::layout::Pane;
use crate::dashboard::model::Run;
use crate::dashboard::prompt::{Prompt, Purpose};
use crate::dashboard::state::{Mode, State};
use crate::dashboard::steering::{Refusal, refusal_of};
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
    let area = lock(state, area, buf);
    let line = match &state.mode {
        Mode::Prompt(prompt) | Mode::Help { filter: prompt, typing: true, .. } => Some(prompt),
        Mode::Palette(line) => Some(&line.prompt),
        _ => None,
    };
    if let Some(prompt) = line {
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
    let asked = state.run().map_or(String::new(), |run| asked(state, run, usize::from(area.width) / 3));
    let mut notes = Vec::new();
    if !state.look.mouse {
        notes.push((state.words.look.mouse_off.to_owned(), state.palette.dim));
    }
    if !asked.is_empty() {
        notes.push((asked, state.palette.wait));
    }
    let reserved = notes.iter().map(|(text, _)| width(text) + 2).sum::<usize>();
    keys_line(state, &state.contexts(), area, reserved, buf);
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(usize::from(area.width).saturating_sub(reserved));
    for (text, style) in notes {
        pen.text(" ", style).text(&text, style).text(" ", style);
    }
}

/// Says at the right that keys are locked; returns the room that is left.
pub fn lock(state: &State, area: Rect, buf: &mut Buffer) -> Rect {
    if !state.locked {
        return area;
    }
    let text = format!(" {} ", state.words.acting.locked);
    let wide = (width(&text) as u16).min(area.width);
    let left = area.width - wide;
    put(buf, area, left, 0, &text, Style::new().add_modifier(Modifier::REVERSED));
    Rect { width: left.saturating_sub(1), ..area }
}

/// What was asked for and is not answered yet: the command where it is one and fits, else how many.
fn asked(state: &State, run: &Run, columns: usize) -> String {
    let pending = state.words.pending;
    match run.pending.as_slice() {
        [] => String::new(),
        [one] => {
            let text = format!("{pending} {}", crate::text::sanitise(&one.command.to_string()));
            if width(&text) <= columns { text } else { format!("{pending} 1") }
        }
        several => format!("{pending} {}", several.len()),
    }
}

/// Keys with what they do, as many as fit beside `reserved` columns.
pub fn keys_line(state: &State, contexts: &[Context], area: Rect, reserved: usize, buf: &mut Buffer) {
    let palette = &state.palette;
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1);
    let over = state.replay().is_some() || state.run().is_some_and(Run::is_over);
    let mut hinted = state.keymap.hints(contexts);
    if over {
        hinted.retain(|row| !row.binding.changes_run());
        hinted.sort_by_key(|row| match row.binding.action {
            Action::Quit => 0,
            Action::Help => 1,
            _ => 2,
        });
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
    // What the trainer does not take gives way to what it takes.
    hinted.sort_by_key(|row| refusal_of(state, row.binding.action) == Some(Refusal::NotTaken));
    for row in hinted {
        let key = row.keys.first().map_or(String::new(), |name| state.keymap.shown(name));
        let hint = hint(state, row.binding.action);
        if width(&key) + width(hint) + 3 + reserved > pen.room() {
            break;
        }
        let refused = refusal_of(state, row.binding.action).is_some();
        let (style, between) = if refused { (palette.dim, REFUSED) } else { (palette.strong, " ") };
        pen.text(&key, style).text(between, palette.dim).text(hint, palette.dim).text("  ", palette.dim);
    }
}

/// What the action would do now.
fn hint(state: &State, action: Action) -> &'static str {
    let (words, run) = (state.words, state.run());
    match action {
        Action::Quit if !state.trains() || run.is_some_and(Run::is_over) => words.leave,
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
    let mut pen = Pen::new(buf, area, 0);
    let context = if prompt.purpose == Purpose::Command {
        pen.text(" :", state.palette.strong);
        Context::Palette
    } else {
        let name = match prompt.purpose {
            Purpose::Weight(place) => {
                let label = state.run().and_then(|run| run.tasks.get(place)).map_or("", |task| &task.label);
                fill(words.prompt_weight, &[&crate::text::truncate(label, 20)])
            }
            Purpose::Help => words.acting.prompt_filter.to_owned(),
            Purpose::Filter(Pane::Scalars) => words.panels.prompt_scalars.to_owned(),
            Purpose::Filter(_) => words.panels.prompt_events.to_owned(),
            Purpose::Note | Purpose::Command => words.prompt_note.to_owned(),
        };
        // On a narrow screen the name gives way to what is typed.
        let name = crate::text::truncate(&name, usize::from(area.width).saturating_sub(TYPED + 3));
        pen.text(" ", Style::new()).text(&name, state.palette.strong).text(": ", state.palette.strong);
        Context::Prompt
    };
    let room = pen.room().saturating_sub(1);
    typed(prompt, &mut pen, room);
    if let Some(problem) = state.panels.problem.as_deref().filter(|_| matches!(prompt.purpose, Purpose::Filter(_))) {
        pen.text("  ", Style::new()).text(problem, state.palette.bad);
        return;
    }
    let left = pen.room();
    if left > 24 && state.notice().is_none() {
        let left = left as u16 - 2;
        let rest = Rect { x: area.x + area.width - left, width: left, ..area };
        keys_line(state, &[context], rest, 0, buf);
    }
}
