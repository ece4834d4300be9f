//! The help: every key, from the table that dispatches them.

use super::palette::REFUSED;
use super::question::window;
use crate::dashboard::action::{Context, Group};
use crate::dashboard::keymap::Row;
use crate::dashboard::state::{Mode, State};
use crate::dashboard::steering::refusal_of;
use crate::dashboard::widget::{Pen, put, wrap};
use crate::dashboard::words::fill;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns that several keys of an action may take.
const KEYS: usize = 12;

enum Line {
    Heading(&'static str),
    Key { keys: String, help: String, refused: bool },
    Blank,
}

/// The help as it lies on a screen.
struct Sheet {
    lines: Vec<Line>,
    /// Where the columns begin and end in the lines.
    cuts: Vec<(usize, usize)>,
    /// Columns of keys, and of one column of the sheet with its gap.
    key: usize,
    column: usize,
}

impl Sheet {
    /// As many columns as fit, at most three; no more where all fits without another.
    fn new(state: &State, filter: &str, area: Rect) -> Self {
        let narrow = area.width < 60;
        let lines = lines(state, filter, narrow);
        let widest = |wide: fn(&Line) -> usize| lines.iter().map(wide).max().unwrap_or(0);
        let key = widest(|line| if let Line::Key { keys, .. } = line { width(keys) } else { 0 });
        let lines = if narrow { wrapped(lines, usize::from(area.width).saturating_sub(key + 7).max(8)) } else { lines };
        let widest = |wide: fn(&Line) -> usize| lines.iter().map(wide).max().unwrap_or(0);
        let help = widest(|line| if let Line::Key { help, .. } = line { width(help) } else { 0 });
        let column = key + help + 5;
        let room = usize::from(area.height.saturating_sub(2)).max(1);
        let fit = (usize::from(area.width).saturating_sub(6) / column.max(1)).clamp(1, 3);
        let count = fit.min(lines.len().div_ceil(room)).max(1);
        Self { cuts: cuts(&lines, count), lines, key, column }
    }

    fn high(&self) -> usize {
        self.cuts.iter().map(|(from, to)| to - from).max().unwrap_or(0)
    }
}

/// Draws it over the screen, from line `scroll` on; only lines that hold `filter`.
pub fn render(state: &State, scroll: usize, filter: &str, area: Rect, buf: &mut Buffer) {
    // The last row says how to leave and scroll, so it stays free.
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    let sheet = Sheet::new(state, filter, area);
    let words = state.words;
    let title = match filter {
        "" => words.help_title.to_owned(),
        filter => format!("{}: {}", words.help_title, fill(words.acting.help_filtered, &[filter])),
    };
    let wide = (sheet.cuts.len() * sheet.column + 4).max(width(&title) + 6);
    // What a window leaves of the screen at its sides is shown only where it can be read.
    let wide = if usize::from(area.width).saturating_sub(wide) < 40 { usize::from(area.width) } else { wide };
    let inner = window(state, &title, wide as u16, sheet.high().max(1) as u16 + 2, area, buf);
    if sheet.lines.is_empty() {
        put(buf, inner, 0, 0, words.acting.no_match, state.palette.dim);
    }
    let shown = usize::from(inner.height);
    let scroll = scroll.min(sheet.high().saturating_sub(shown));
    for (place, (from, to)) in sheet.cuts.iter().enumerate() {
        let left = (place * sheet.column) as u16;
        let part = Rect { x: inner.x + left.min(inner.width), width: inner.width.saturating_sub(left), ..inner };
        let lines = sheet.lines.get(*from..*to).unwrap_or_default();
        for (row, line) in lines.iter().skip(scroll).take(shown).enumerate() {
            let mut pen = Pen::new(buf, part, row as u16);
            match line {
                Line::Heading(text) => {
                    pen.text(text, state.palette.focus);
                }
                Line::Key { keys, help, refused } => {
                    let (strong, style, sign) = match refused {
                        true => (state.palette.dim, state.palette.dim, REFUSED),
                        false => (state.palette.strong, Style::new(), " "),
                    };
                    pen.skip(1).left(keys, sheet.key + 1, strong).text(sign, style).text(help, style);
                }
                Line::Blank => {}
            }
        }
    }
    let right = inner.width.saturating_sub(1);
    if scroll > 0 {
        put(buf, inner, right, 0, "↑", state.palette.focus);
    }
    if scroll + shown < sheet.high() {
        put(buf, inner, right, inner.height.saturating_sub(1), "↓", state.palette.focus);
    }
}

/// The furthest that the help can be scrolled.
pub fn last_line(state: &State) -> usize {
    let Mode::Help { filter, .. } = &state.mode else { return 0 };
    let (width, height) = state.size;
    let area = Rect::new(0, 0, width, height.saturating_sub(1));
    let sheet = Sheet::new(state, &filter.text, area);
    sheet.high().saturating_sub(usize::from(area.height.saturating_sub(2)))
}

/// Columns of about the same height, each but the first beginning with a heading.
fn cuts(lines: &[Line], count: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for left in (1..=count).rev() {
        let wanted = from + (lines.len() - from).div_ceil(left);
        let heading = |place: &usize| matches!(lines.get(*place), Some(Line::Heading(_)));
        let next = (from + 1..lines.len()).filter(heading).min_by_key(|place| place.abs_diff(wanted));
        let to = if left == 1 { lines.len() } else { next.unwrap_or(lines.len()) };
        found.push((from, to));
        from = to;
    }
    found
}

/// The same with what is too long on several lines.
fn wrapped(lines: Vec<Line>, columns: usize) -> Vec<Line> {
    let split = |line| match line {
        Line::Key { mut keys, help, refused } if width(&help) > columns => wrap(&help, columns, 4)
            .into_iter()
            .map(|help| Line::Key { keys: std::mem::take(&mut keys), help, refused })
            .collect(),
        line => vec![line],
    };
    lines.into_iter().flat_map(split).collect()
}

/// Headings and keys; on a narrow screen only the first key of each.
fn lines(state: &State, filter: &str, narrow: bool) -> Vec<Line> {
    let wanted = filter.trim().to_lowercase();
    let mut lines = Vec::new();
    for group in Group::ALL {
        let heading = state.words.group(group);
        let mut own = Vec::new();
        for row in rows(state, group) {
            let (action, help) = (row.binding.action, state.words.action(row.binding.action).help);
            let labels: Vec<String> = row.keys.iter().map(|name| state.keymap.shown(name)).collect();
            let keys = keys(&labels, narrow);
            let text = format!("{} {help} {}", labels.join(" "), action.name()).to_lowercase();
            if text.contains(&wanted) {
                own.push(Line::Key { keys, help: help.to_owned(), refused: refusal_of(state, action).is_some() });
            }
        }
        if !own.is_empty() {
            if !lines.is_empty() {
                lines.push(Line::Blank);
            }
            lines.push(Line::Heading(heading));
            lines.append(&mut own);
        }
    }
    let mouse = &state.words.look.mouse;
    let deeds = mouse.deeds.iter().filter(|(deed, help)| format!("{deed} {help}").to_lowercase().contains(&wanted));
    let mut own: Vec<Line> = deeds
        .map(|(deed, help)| Line::Key { keys: (*deed).to_owned(), help: (*help).to_owned(), refused: false })
        .collect();
    if !own.is_empty() {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(mouse.title));
        lines.append(&mut own);
    }
    lines
}

/// The keys of an action: the first always, of the others those that have room.
fn keys(labels: &[String], narrow: bool) -> String {
    match labels {
        [first, .., last] if labels.len() > 4 => format!("{first}-{last}"),
        [first, others @ ..] => others.iter().filter(|_| !narrow).fold(first.clone(), |shown, other| {
            if width(&shown) + 1 + width(other) <= KEYS { format!("{shown} {other}") } else { shown }
        }),
        [] => String::new(),
    }
}

/// The rows of a section that have a key: of the main screen and what lies over it; of the two kinds of a line of input
/// each action once.
fn rows(state: &State, group: Group) -> Vec<&Row> {
    let listed = |row: &&Row| match row.binding.context {
        Context::Main | Context::Any | Context::Cursor | Context::Replay | Context::Prompt | Context::Palette => true,
        Context::Help | Context::Question | Context::Chooser => false,
    };
    let mut rows: Vec<&Row> = Vec::new();
    let all = state.keymap.rows().iter().filter(|row| row.binding.group == group && !row.keys.is_empty());
    for row in all.filter(listed) {
        let twice =
            |known: &&Row| known.binding.action == row.binding.action && row.binding.context == Context::Palette;
        if !rows.iter().any(twice) {
            rows.push(row);
        }
    }
    rows
}
