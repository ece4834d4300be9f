//! What the selected task answered in the latest evaluation, beside what was wanted.

use crate::dashboard::format;
use crate::dashboard::model::{Answer, Task, Verdict};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, wrap};
use crate::dashboard::words::fill;
use crate::text::{truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

/// From so many columns on, an answer has one line; else its texts stand below each other.
const TABLE: u16 = 70;

/// Columns of the mark, and between columns of text.
const GAP: usize = 2;

/// The panel.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let answers = selected(state).map(|task| (task.samples.chosen(state.samples.wrong_only), task.samples.step()));
    let message = match &answers {
        None | Some((_, None)) => Some(state.words.no_samples),
        Some((chosen, _)) if chosen.is_empty() => Some(state.words.none_wrong),
        _ => None,
    };
    if let Some(message) = message {
        let lines = wrap(message, usize::from(area.width).saturating_sub(1), usize::from(area.height));
        for (row, line) in lines.iter().enumerate() {
            put(buf, area, 1, row as u16, line, state.palette.dim);
        }
        return;
    }
    let chosen = answers.map(|(chosen, _)| chosen).unwrap_or_default();
    let from = state.samples.scroll.min(chosen.len().saturating_sub(1));
    if area.width >= TABLE {
        table(state, &chosen, from, area, buf);
    } else {
        stack(state, chosen.get(from..).unwrap_or_default(), area, buf);
    }
}

/// The same on a screen without borders, the title in its first line.
pub fn small(state: &State, area: Rect, buf: &mut Buffer) {
    put(buf, area, 0, 0, &detail(state), state.palette.title);
    render(state, Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, buf);
}

/// Whose answers they are, how many are right, of how many, and the step they are of.
pub fn detail(state: &State) -> String {
    let Some(task) = selected(state) else { return String::new() };
    let (words, name) = (state.words, truncate(&task.label, 12));
    let Some(step) = task.samples.step() else { return name };
    let mut parts = Vec::new();
    let (right, judged) = task.samples.right();
    if judged > 0 {
        let (text, count) =
            if state.samples.wrong_only { (words.wrong_of, judged - right) } else { (words.right_of, right) };
        parts.push(fill(text, &[&count.to_string(), &judged.to_string()]));
    }
    parts.extend(task.samples.mean_off().map(|off| fill(words.mean_absolute, &[&format::number(off)])));
    parts.push(format!("{} {}", words.step, format::short_count(step)));
    format!("{name}: {}", parts.join(", "))
}

fn selected(state: &State) -> Option<&Task> {
    state.run()?.tasks.get(state.selected()?)
}

/// A line an answer: mark, input, wanted, got, and how far a number is off.
fn table(state: &State, chosen: &[&Answer], from: usize, area: Rect, buf: &mut Buffer) {
    let (words, palette) = (state.words, &state.palette);
    let off = |answer: &Answer| if let Verdict::Off(by) = answer.verdict { signed(by) } else { String::new() };
    let numbers = chosen.iter().any(|answer| matches!(answer.verdict, Verdict::Off(_)));
    let longest = |heading: &str, text: &dyn Fn(&Answer) -> usize| {
        chosen.iter().map(|answer| text(answer)).fold(width(heading), usize::max)
    };
    let mut wanted = vec![
        longest(words.input, &|answer| width(&answer.input)),
        longest(words.wanted, &|answer| width(&answer.want)),
        longest(words.got, &|answer| width(&answer.got)),
    ];
    if numbers {
        wanted.push(longest(words.off_by, &|answer| width(&off(answer))));
    }
    let room = usize::from(area.width).saturating_sub(GAP * wanted.len());
    let mut left = usize::from(area.x) + GAP;
    let columns: Vec<Rect> = share(room, &wanted)
        .into_iter()
        .map(|columns| {
            let column = Rect { x: left as u16, width: columns as u16, ..area };
            left += columns + GAP;
            column
        })
        .collect();
    for (column, heading) in columns.iter().zip([words.input, words.wanted, words.got, words.off_by]) {
        put(buf, *column, 0, 0, heading, palette.dim);
    }
    let shown = chosen.get(from..).unwrap_or_default();
    let rows = usize::from(area.height.saturating_sub(1));
    let rows = if shown.len() > rows { rows.saturating_sub(1) } else { rows };
    for (row, answer) in shown.iter().take(rows).enumerate() {
        let row = row as u16 + 1;
        mark(state, answer, area, row, buf);
        if let [input, want, got, rest @ ..] = columns.as_slice() {
            put(buf, *input, 0, row, &answer.input, Style::new());
            text(state, &answer.want, &answer.got, false, at(*want, row), buf);
            text(state, &answer.got, &answer.want, answer.verdict == Verdict::Wrong, at(*got, row), buf);
            for column in rest {
                Pen::new(buf, *column, row).right(&off(answer), usize::from(column.width), Style::new());
            }
        }
    }
    more(state, shown.len().saturating_sub(rows), area, buf);
}

/// Two or three lines an answer: the input, and below it what was wanted and what was got.
fn stack(state: &State, shown: &[&Answer], area: Rect, buf: &mut Buffer) {
    let words = state.words;
    let columns = usize::from(area.width);
    let name = width(words.wanted).max(width(words.got)) + 1;
    let got = |answer: &Answer| match answer.verdict {
        Verdict::Off(by) => format!("{} ({})", answer.got, signed(by)),
        _ => answer.got.clone(),
    };
    let one_line = |answer: &Answer| {
        let both = width(words.wanted) + width(&answer.want) + width(words.got) + width(&got(answer));
        GAP + both + 2 + GAP <= columns
    };
    let lines = |answer: &Answer| match answer.verdict {
        Verdict::Right => 2,
        _ if one_line(answer) => 2,
        _ => 3,
    };
    let rows = usize::from(area.height);
    let all: usize = shown.iter().map(|answer| lines(answer)).sum();
    let rows = if all > rows { rows.saturating_sub(1) } else { rows };
    let dim = state.palette.dim;
    let (mut row, mut count) = (0, 0);
    for answer in shown {
        // One that does not fit is left for scrolling, except where there would be none.
        if row >= rows || (count > 0 && row + lines(answer) > rows) {
            break;
        }
        let line = |below: usize| {
            let place = (row + below).min(usize::from(u16::MAX)) as u16;
            if row + below < rows { at(area, place) } else { Rect::ZERO }
        };
        mark(state, answer, line(0), 0, buf);
        put(buf, line(0), GAP as u16, 0, &answer.input, Style::new());
        if answer.verdict != Verdict::Right && one_line(answer) {
            let mut pen = Pen::new(buf, line(1), 0);
            pen.skip(GAP).text(words.wanted, dim).text(" ", dim).text(&answer.want, Style::new());
            pen.skip(GAP).text(words.got, dim).text(" ", dim);
            let rest = columns - pen.room();
            let wrong = answer.verdict == Verdict::Wrong;
            text(state, &got(answer), &answer.want, wrong, right_of(line(1), rest), buf);
        } else {
            let mut below = 1;
            if answer.verdict != Verdict::Right {
                put(buf, line(below), GAP as u16, 0, words.wanted, dim);
                text(state, &answer.want, &answer.got, false, right_of(line(below), GAP + name), buf);
                below += 1;
            }
            put(buf, line(below), GAP as u16, 0, words.got, dim);
            let wrong = answer.verdict == Verdict::Wrong;
            text(state, &got(answer), &answer.want, wrong, right_of(line(below), GAP + name), buf);
        }
        row += lines(answer);
        count += 1;
    }
    more(state, shown.len() - count, area, buf);
}

/// How many there was no room for, in the last row.
fn more(state: &State, hidden: usize, area: Rect, buf: &mut Buffer) {
    if hidden > 0 && area.height > 1 {
        let text = fill(state.words.more, &[&hidden.to_string()]);
        put(buf, area, GAP as u16, area.height - 1, &text, state.palette.dim);
    }
}

/// A sign before the answer: the colour alone does not say it.
fn mark(state: &State, answer: &Answer, area: Rect, row: u16, buf: &mut Buffer) {
    let (sign, style) = match answer.verdict {
        Verdict::Right | Verdict::Off(0.0) => ("=", state.palette.good),
        Verdict::Off(_) => ("~", state.palette.dim),
        Verdict::Wrong => ("x", state.palette.bad),
    };
    put(buf, area, 0, row, sign, style);
}

/// A text cut so that the place where it differs from `other` stays in sight; there it is marked where asked for.
fn text(state: &State, text: &str, other: &str, marked: bool, line: Rect, buf: &mut Buffer) {
    let columns = usize::from(line.width);
    let (start, end) = difference(text, other);
    let (same, differs) = (text.get(..start).unwrap_or_default(), text.get(start..end).unwrap_or_default());
    let mut shown = text.to_owned();
    let mut skipped = 0;
    let after = width(text.get(end..).unwrap_or_default()).min(columns / 6);
    if width(text) > columns && width(same) + width(differs) + after >= columns {
        // Two columns for `…` at both ends.
        let room = columns.saturating_sub(width(differs).min(columns * 2 / 3) + after + 2);
        let kept = tail(same, room);
        if kept.len() < same.len() {
            skipped = same.len() - kept.len();
            shown = format!("…{}", text.get(skipped..).unwrap_or_default());
        }
    }
    let lead = if skipped > 0 { '…'.len_utf8() } else { 0 };
    let cut = truncate(&shown, columns);
    let whole = if cut.len() == shown.len() { cut.len() } else { cut.len().saturating_sub('…'.len_utf8()) };
    let place = |of: usize| (of.saturating_sub(skipped) + lead).min(whole);
    let (start, end) = (place(start), place(end));
    let strong = if marked { state.palette.bad.add_modifier(Modifier::UNDERLINED) } else { Style::new() };
    let part = |from: usize, to: usize| cut.get(from..to).unwrap_or_default();
    let mut pen = Pen::new(buf, line, 0);
    pen.text(part(0, start), Style::new());
    pen.text(part(start, end), strong).text(part(end, cut.len()), Style::new());
}

/// The bytes of `text` between the start and the end that it has in common with `other`.
fn difference(text: &str, other: &str) -> (usize, usize) {
    let left: Vec<&str> = text.graphemes(true).collect();
    let right: Vec<&str> = other.graphemes(true).collect();
    let start = left.iter().zip(&right).take_while(|(one, two)| one == two).count();
    let most = left.len().min(right.len()) - start;
    let end = left.iter().rev().zip(right.iter().rev()).take(most).take_while(|(one, two)| one == two).count();
    let bytes = |clusters: usize| left.iter().take(clusters).map(|cluster| cluster.len()).sum();
    (bytes(start), bytes(left.len() - end))
}

/// The end of a text, of at most so many columns.
fn tail(text: &str, columns: usize) -> &str {
    let (mut from, mut used) = (text.len(), 0);
    for (place, cluster) in text.grapheme_indices(true).rev() {
        used += width(cluster);
        if used > columns {
            break;
        }
        from = place;
    }
    text.get(from..).unwrap_or_default()
}

/// Columns for each: what it wants, or an equal part of what those that want less leave.
fn share(room: usize, wanted: &[usize]) -> Vec<usize> {
    let mut order: Vec<(usize, usize)> = wanted.iter().copied().enumerate().collect();
    order.sort_by_key(|&(_, columns)| columns);
    let (mut left, mut given) = (room, vec![0; wanted.len()]);
    for (done, (place, columns)) in order.into_iter().enumerate() {
        let columns = columns.min(left / (wanted.len() - done));
        left -= columns;
        if let Some(slot) = given.get_mut(place) {
            *slot = columns;
        }
    }
    given
}

/// `+0.300`
fn signed(by: f64) -> String {
    let sign = if by < 0.0 { "-" } else { "+" };
    if by == 0.0 { "0".to_owned() } else { format!("{sign}{}", format::number(by.abs())) }
}

/// One row of an area.
fn at(area: Rect, row: u16) -> Rect {
    let row = row.min(area.height);
    Rect { y: area.y + row, height: u16::from(row < area.height), ..area }
}

/// What lies right of so many columns.
fn right_of(area: Rect, columns: usize) -> Rect {
    let columns = columns.min(usize::from(area.width)) as u16;
    Rect { x: area.x + columns, width: area.width - columns, ..area }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn middle<'a>(text: &'a str, other: &str) -> &'a str {
        let (start, end) = difference(text, other);
        &text[start..end]
    }

    #[test]
    fn what_differs_is_found_by_whole_characters() {
        assert_eq!(middle("weather fine", "weather find"), "e");
        assert_eq!(middle("aaa", "aa"), "a");
        assert_eq!(middle("aa", "aaa"), "");
        assert_eq!(middle("cafe\u{301} x", "cafe x"), "e\u{301}");
        assert_eq!(middle("same", "same"), "");
        assert_eq!(middle("", "x"), "");
    }

    #[test]
    fn columns_give_way_to_those_that_want_little() {
        assert_eq!(share(30, &[5, 6, 7]), [5, 6, 7]);
        assert_eq!(share(30, &[50, 4, 50]), [13, 4, 13]);
        assert_eq!(share(0, &[50, 4]), [0, 0]);
    }

    proptest! {
        #[test]
        fn a_difference_lies_inside_and_takes_no_more_room_than_there_is(
            text in "[ab情e\u{301} ]{0,30}", other in "[ab情e\u{301} ]{0,30}", room in 0_usize..40, wanted in prop::collection::vec(0_usize..40, 0..5),
        ) {
            let (start, end) = difference(&text, &other);
            prop_assert!(start <= end && text.get(start..end).is_some());
            prop_assert_eq!(text == other, start == end && text.len() == other.len());
            prop_assert!(width(tail(&text, room)) <= room);
            prop_assert!(share(room, &wanted).into_iter().sum::<usize>() <= room);
        }
    }
}
