//! The help: every key, from the table that dispatches them.

use super::question::window;
use crate::dashboard::action::{Context, Group};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

enum Line {
    Heading(&'static str),
    Key(String, &'static str),
    Blank,
}

/// Draws it over the screen, from line `scroll` on.
pub fn render(state: &State, scroll: usize, area: Rect, buf: &mut Buffer) {
    // The last row says how to leave and scroll, so it stays free.
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    let lines = lines(state, area.width < 60);
    let key = lines.iter().map(|line| if let Line::Key(keys, _) = line { width(keys) } else { 0 }).max().unwrap_or(0);
    let help = lines.iter().map(|line| if let Line::Key(_, help) = line { width(help) } else { 0 }).max().unwrap_or(0);
    let column = key + help + 4;
    let two = usize::from(area.width) >= 2 * column + 6;
    let wide = if two { 2 * column + 4 } else { column + 3 };
    let columns = if two { split(&lines) } else { vec![&lines[..]] };
    let longest = columns.iter().map(|lines| lines.len()).max().unwrap_or(0);
    let inner = window(state, state.words.help_title, wide as u16, longest as u16 + 2, area, buf);
    let shown = usize::from(inner.height);
    let scroll = scroll.min(longest.saturating_sub(shown));
    for (place, lines) in columns.into_iter().enumerate() {
        let left = (place * column) as u16;
        let part = Rect { x: inner.x + left.min(inner.width), width: inner.width.saturating_sub(left), ..inner };
        for (row, line) in lines.iter().skip(scroll).take(shown).enumerate() {
            let mut pen = Pen::new(buf, part, row as u16);
            match line {
                Line::Heading(text) => pen.text(text, state.palette.focus),
                Line::Key(keys, help) => pen.skip(1).left(keys, key + 2, state.palette.strong).text(help, Style::new()),
                Line::Blank => &mut pen,
            };
        }
    }
    let right = inner.width.saturating_sub(1);
    if scroll > 0 {
        put(buf, inner, right, 0, "↑", state.palette.focus);
    }
    if scroll + shown < longest {
        put(buf, inner, right, inner.height.saturating_sub(1), "↓", state.palette.focus);
    }
}

/// Two halves, the second one starting with a heading.
fn split(lines: &[Line]) -> Vec<&[Line]> {
    let half = lines.len() / 2;
    let cut = (0..lines.len())
        .filter(|&place| matches!(lines.get(place), Some(Line::Heading(_))))
        .min_by_key(|place| place.abs_diff(half))
        .unwrap_or(half);
    let (left, right) = lines.split_at(cut);
    vec![left, right]
}

/// Headings and keys; on a narrow screen only the first key of each.
fn lines(state: &State, narrow: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    for group in Group::ALL {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(state.words.group(group)));
        let listed = |context| matches!(context, Context::Main | Context::Any | Context::Cursor | Context::Replay);
        for row in state.keymap.rows().iter().filter(|row| row.binding.group == group && listed(row.binding.context)) {
            let keys = match &row.keys[..] {
                [first, .., last] if row.keys.len() > 3 => {
                    format!("{}-{}", state.keymap.shown(first), state.keymap.shown(last))
                }
                [first, ..] if narrow => state.keymap.shown(first),
                all => all.iter().map(|name| state.keymap.shown(name)).collect::<Vec<_>>().join(" "),
            };
            lines.push(Line::Key(keys, state.words.action(row.binding.action).help));
        }
    }
    let mouse = &state.words.look.mouse;
    lines.extend([Line::Blank, Line::Heading(mouse.title)]);
    lines.extend(mouse.deeds.iter().map(|(deed, help)| Line::Key((*deed).to_owned(), help)));
    lines
}
