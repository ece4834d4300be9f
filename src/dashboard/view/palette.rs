//! The line of commands at the bottom of the screen, with what fits above it.

use super::question::frame;
use super::weights::first_shown;
use crate::dashboard::palette::{Candidate, CommandLine, Completion};
use crate::dashboard::state::State;
use crate::dashboard::steering::Refusal;
use crate::dashboard::widget::{Pen, put, wrap};
use crate::dashboard::words::fill;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Rows of candidates, at most.
const ROWS: usize = 10;
/// Columns of the window, at most.
const COLUMNS: u16 = 120;

/// Draws what fits and what is wrong over the rows above the last one, where the line itself stands.
pub fn render(state: &State, line: &CommandLine, area: Rect, buf: &mut Buffer) {
    if area.height < 6 {
        return;
    }
    let (completion, chosen) = line.completion(state);
    let columns = usize::from(area.width.min(COLUMNS)).saturating_sub(4);
    let below = match (&line.problem, completion.form) {
        (Some(problem), _) => wrap(problem, columns, usize::from(area.height - 4).min(3)),
        (None, Some(form)) => wrap(&fill(state.words.acting.expected, &[form.usage]), columns, 1),
        (None, None) => Vec::new(),
    };
    let room = usize::from(area.height).saturating_sub(4 + below.len()).min(ROWS);
    let rows = match completion.candidates.len() {
        0 if !below.is_empty() => 0,
        count => count.clamp(1, room.max(1)),
    };
    let high = ((rows + below.len() + 2) as u16).min(area.height - 1);
    let place = Rect { x: area.x, y: area.bottom() - 1 - high, width: area.width.min(COLUMNS), height: high };
    let inner = frame(state, state.words.acting.palette_title, place, buf);
    list(state, &completion, chosen, Rect { height: inner.height.min(rows as u16), ..inner }, buf);
    let style = if line.problem.is_some() { state.palette.bad } else { state.palette.dim };
    for (row, text) in below.iter().enumerate() {
        put(buf, inner, 0, (rows + row) as u16, text, style);
    }
}

fn list(state: &State, completion: &Completion, chosen: Option<usize>, area: Rect, buf: &mut Buffer) {
    let (palette, all) = (&state.palette, &completion.candidates);
    if all.is_empty() {
        // A number or a text of the person's own has no candidates.
        let text = if completion.form.is_some() { "" } else { state.words.acting.no_match };
        put(buf, area, 0, 0, text, palette.dim);
        return;
    }
    let rows = usize::from(area.height);
    let first = first_shown(chosen, all.len(), rows);
    let widest = |text: fn(&Candidate) -> &str| all.iter().map(|candidate| width(text(candidate))).max().unwrap_or(0);
    let marks = if all.len() > rows { 2 } else { 0 };
    let inside = Rect { width: area.width.saturating_sub(marks), ..area };
    let columns = usize::from(inside.width);
    let key = widest(|candidate| &candidate.key);
    let key = if columns > 50 { key } else { 0 };
    let name = widest(|candidate| &candidate.shown).min((columns / 2).max(columns.saturating_sub(40)));
    for (row, (place, candidate)) in all.iter().enumerate().skip(first).take(rows).enumerate() {
        let selected = chosen == Some(place);
        let style = match (selected, candidate.refusal) {
            (true, _) => palette.selected,
            (false, Some(_)) => palette.dim,
            (false, None) => Style::new(),
        };
        let mut pen = Pen::new(buf, inside, row as u16);
        pen.text(if selected { "> " } else { "  " }, palette.strong);
        pen.left(&candidate.shown, name, if selected { palette.focus } else { style }).text("  ", style);
        let reason = candidate.refusal.map_or("", |refusal| reason(state, refusal));
        let right = key + if key > 0 { 2 } else { 0 };
        if !reason.is_empty() {
            let cut = crate::text::truncate(&format!("{REFUSED}{reason}  "), pen.room().saturating_sub(right));
            pen.text(&cut, palette.dim);
        }
        let note = pen.room().saturating_sub(right);
        pen.left(&candidate.note, note, if selected { style } else { palette.dim });
        if key > 0 {
            pen.text("  ", style).right(
                &candidate.key,
                key,
                if candidate.refusal.is_some() { style } else { palette.strong },
            );
        }
    }
    let right = area.width.saturating_sub(1);
    if first > 0 {
        put(buf, area, right, 0, "↑", palette.focus);
    }
    if first + rows < all.len() {
        put(buf, area, right, area.height.saturating_sub(1), "↓", palette.focus);
    }
}

/// The sign of what would not be sent, so that colour is not the only one.
pub const REFUSED: &str = "×";

/// Why, in one or two words.
pub fn reason(state: &State, refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotTaken => state.words.acting.not_taken_short,
        Refusal::Over => state.words.acting.over_short,
        Refusal::Locked => state.words.acting.locked,
    }
}

/// Draws a line that is typed, with its caret, from the pen on.
pub fn typed(line: &crate::dashboard::prompt::Prompt, pen: &mut Pen<'_>, columns: usize) {
    let shown = line.shown(columns);
    let caret = if shown.at.is_empty() { " " } else { shown.at };
    pen.text(shown.before, Style::new());
    pen.text(caret, Style::new().add_modifier(Modifier::REVERSED)).text(shown.after, Style::new());
}
