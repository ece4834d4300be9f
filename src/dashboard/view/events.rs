//! What happened, the newest first, with a selected line.

use super::scalars::quoted;
use crate::dashboard::format;
use crate::dashboard::layout::Pane;
use crate::dashboard::model::{Entry, EntryKind, Run};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, wrap};
use crate::dashboard::words::fill;
use crate::text::{pad_left, truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// The entries that the filter lets through, with the selected one in sight.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let selected = state.panels.selected_event(run);
    if selected.is_none() && !run.log.is_empty() {
        let text = fill(state.words.panels.none_fits, &[&quoted(state, Pane::Events, 30)]);
        put(buf, area, 1, 0, &text, state.palette.wait);
        return;
    }
    let place = selected.map_or(0, |(place, _)| place);
    // The line is there for a person who is here or has left it on an event.
    let marked = (state.pane == Pane::Events || state.panels.event.is_some()).then_some(place);
    // A few newer ones stay in sight above the selected one.
    let above = place.saturating_sub(usize::from(area.height) / 3);
    let entries: Vec<&Entry> = run.log.listed().collect();
    list(state, run, entries.get(above..).unwrap_or_default(), marked.map(|place| place - above), area, buf);
}

/// As many entries as there is room for; what went wrong takes the lines it needs.
fn list(state: &State, run: &Run, entries: &[&Entry], marked: Option<usize>, area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    if entries.is_empty() {
        put(buf, area, 1, 0, state.words.no_events, palette.dim);
        return;
    }
    let rows = usize::from(area.height);
    let steps = step_columns(run);
    let text_columns = usize::from(area.width).saturating_sub(steps + 3);
    let mut row = 0;
    for (shown, entry) in entries.iter().enumerate() {
        if row >= rows {
            break;
        }
        let (sign, style) = look(state, entry.kind);
        let style = if entry.left_behind { palette.dim } else { style };
        let marked = marked == Some(shown);
        let style = if marked { style.patch(palette.selected) } else { style };
        let times = if entry.times > 1 { format!(" ×{}", entry.times) } else { String::new() };
        let most = most_lines(entry.kind).min(rows - row);
        let mut lines = wrap(&entry.text, text_columns.saturating_sub(width(&times)), most.max(1));
        let hidden = if row + lines.len().max(1) == rows { entries.len() - shown - 1 } else { 0 };
        let more = if hidden > 0 && rows > 2 {
            format!("  {}", fill(state.words.more, &[&hidden.to_string()]))
        } else {
            String::new()
        };
        if let Some(last) = lines.last_mut() {
            *last = truncate(last, text_columns.saturating_sub(width(&times) + width(&more)));
        }
        let count = lines.len().max(1);
        for (place, line) in lines.iter().enumerate() {
            let mut pen = Pen::new(buf, area, (row + place) as u16);
            if place == 0 {
                let number = pad_left(&format::thousands(entry.step), steps);
                // The mark stands in the first column, which no number takes.
                let number = if marked { number.replacen(' ', ">", 1) } else { number };
                pen.text(&number, if marked { palette.strong } else { palette.dim });
                pen.text(&format!(" {sign} "), style);
            } else {
                pen.skip(steps + 3);
            }
            pen.text(line, style);
            if place + 1 == count {
                pen.text(&times, palette.dim).text(&more, palette.dim);
            }
        }
        row += count;
    }
}

/// How many are listed, and by which filter.
pub fn detail(state: &State) -> String {
    let Some(run) = state.run().filter(|_| state.panels.events.is_set()) else { return String::new() };
    let (shown, all) = (run.log.listed().count().to_string(), run.log.len().to_string());
    format!("{} {}", quoted(state, Pane::Events, 30), fill(state.words.panels.listed, &[&shown, &all]))
}

/// Lines that a small screen should give to the newest event, or to why the run ended badly.
pub fn news_rows(state: &State, columns: u16) -> usize {
    let Some(run) = state.run() else { return 0 };
    match run.trouble() {
        Some(trouble) => wrap(trouble, usize::from(columns).saturating_sub(3), 3).len(),
        None => run.log.newest().next().map_or(0, |entry| {
            let columns = usize::from(columns).saturating_sub(step_columns(run) + 3);
            wrap(&entry.text, columns, most_lines(entry.kind)).len()
        }),
    }
}

/// The newest events; first of all why the run ended badly, where it did.
pub fn news(state: &State, area: Rect, buf: &mut Buffer) {
    let used = trouble(state, area, buf);
    let Some(run) = state.run() else { return };
    let newest: Vec<&Entry> = run.log.newest().take(usize::from(area.height) + 1).collect();
    list(state, run, &newest, None, Rect { y: area.y + used, height: area.height - used, ..area }, buf);
}

/// Why the run ended badly, in the last rows of an area; returns what is left of it.
pub fn trouble_below(state: &State, area: Rect, buf: &mut Buffer) -> Rect {
    let text = state.run().and_then(Run::trouble);
    let most = area.height.min(4);
    let rows =
        text.map_or(0, |text| wrap(text, usize::from(area.width).saturating_sub(3), usize::from(most)).len() as u16);
    let above = area.height - rows.min(area.height);
    trouble(state, Rect { y: area.y + above, height: area.height - above, ..area }, buf);
    Rect { height: above, ..area }
}

/// Writes why the run ended badly; returns the rows used.
fn trouble(state: &State, area: Rect, buf: &mut Buffer) -> u16 {
    let Some(text) = state.run().and_then(Run::trouble) else { return 0 };
    let lines = wrap(text, usize::from(area.width).saturating_sub(3), usize::from(area.height));
    for (row, line) in lines.iter().enumerate() {
        put(buf, area, 0, row as u16, if row == 0 { " ! " } else { "   " }, state.palette.bad);
        put(buf, area, 3, row as u16, line, state.palette.bad);
    }
    lines.len() as u16
}

/// Columns of the step numbers.
fn step_columns(run: &Run) -> usize {
    format::thousands(run.timeline.last_step().saturating_add(1)).len().max(3) + 1
}

/// Lines that one entry may take.
fn most_lines(kind: EntryKind) -> usize {
    match kind {
        EntryKind::Error => 6,
        EntryKind::Refused | EntryKind::Warning | EntryKind::Note => 2,
        EntryKind::Applied | EntryKind::Saved | EntryKind::Best | EntryKind::State | EntryKind::Information => 1,
    }
}

fn look(state: &State, kind: EntryKind) -> (char, Style) {
    let palette = &state.palette;
    match kind {
        EntryKind::Applied => (' ', Style::new()),
        EntryKind::Refused | EntryKind::Warning => ('!', palette.wait),
        EntryKind::Error => ('!', palette.bad),
        EntryKind::Saved => ('+', palette.dim),
        EntryKind::Best => ('*', palette.good.remove_modifier(Modifier::BOLD)),
        EntryKind::State => ('+', palette.good.remove_modifier(Modifier::BOLD)),
        EntryKind::Note => ('"', palette.strong),
        EntryKind::Information => (' ', palette.dim),
    }
}
