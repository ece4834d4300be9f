//! What happened, the newest first.

use crate::dashboard::format;
use crate::dashboard::model::EntryKind;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// As many lines as there is room for, from `scroll` on.
pub fn render(state: &State, scroll: usize, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let palette = &state.palette;
    if run.log.is_empty() {
        put(buf, area, 1, 0, state.words.no_events, palette.dim);
        return;
    }
    let rows = usize::from(area.height);
    let scroll = scroll.min(run.log.len().saturating_sub(1));
    let steps = format::thousands(run.timeline.last_step().saturating_add(1)).len().max(3) + 1;
    for (row, entry) in run.log.newest().skip(scroll).take(rows).enumerate() {
        let (sign, style) = match entry.kind {
            EntryKind::Applied => (' ', Style::new()),
            EntryKind::Refused | EntryKind::Warning => ('!', palette.wait),
            EntryKind::Error => ('!', palette.bad),
            EntryKind::State => ('+', palette.good.remove_modifier(ratatui::style::Modifier::BOLD)),
            EntryKind::Note => ('"', palette.strong),
            EntryKind::Information => (' ', palette.dim),
        };
        let mut pen = Pen::new(buf, area, row as u16);
        pen.right(&format::thousands(entry.step), steps, palette.dim).text(&format!(" {sign} "), style);
        let times = if entry.times > 1 { format!(" ×{}", entry.times) } else { String::new() };
        let below = run.log.len() - scroll;
        let more = if row + 1 == rows && below > rows && rows > 2 {
            format!("  {}", fill(state.words.more, &[&(below - rows).to_string()]))
        } else {
            String::new()
        };
        let room = pen.room().saturating_sub(crate::text::width(&times) + crate::text::width(&more));
        pen.text(&crate::text::truncate(&entry.text, room), style).text(&times, palette.dim).text(&more, palette.dim);
    }
}
