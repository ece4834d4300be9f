//! The row of a replay, above the footer: that it is a record, whether it plays, where it stands, where requests acted.

use crate::dashboard::format;
use crate::dashboard::replay::{Fate, Replay};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use crate::text::{sanitise, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Rows and columns below which there is no room for it.
const LEAST: (u16, u16) = (7, 30);
/// Columns of the bar, at least.
const BAR: usize = 6;

/// What it leaves of an area for everything else.
pub fn rest(state: &State, area: Rect) -> Rect {
    if state.replay().is_some() && area.height >= LEAST.0 && area.width >= LEAST.1 {
        Rect { height: area.height - 1, ..area }
    } else {
        area
    }
}

/// Draws it in place of the footer, and returns what is left for the footer: the row below.
pub fn above(state: &State, footer: Rect, area: Rect, buf: &mut Buffer) -> Rect {
    match state.replay() {
        Some(replay) if rest(state, area) != area => {
            row(state, replay, footer, buf);
            Rect { y: footer.y + 1, ..footer }
        }
        Some(_) => {
            // Without the row at least the word.
            let word = format!("[{}]", state.words.watch.replay);
            let left = footer.width.saturating_sub(width(&word) as u16 + 1);
            put(buf, footer, left, 0, &word, state.palette.wait);
            Rect { width: left, ..footer }
        }
        None => footer,
    }
}

fn row(state: &State, replay: &Replay, line: Rect, buf: &mut Buffer) {
    let (words, palette) = (&state.words.watch, &state.palette);
    let motion = if replay.is_playing() { words.playing } else { words.held };
    let mut left = vec![
        (format!(" [{}]", words.replay), palette.wait),
        (format!(" {motion}"), if replay.is_playing() { palette.good } else { palette.strong }),
        (format!(" ×{} ", replay.speed()), Style::new()),
    ];
    let (moment, moments) = (replay.moment(), replay.moments());
    let place = format!(
        " {}/{}",
        format::thousands(moment.step),
        format::thousands(moments.furthest_step().max(moments.at(moments.last()).step))
    );
    let time = format!("  {}/{}", format::duration(moment.time), format::duration(moments.at(moments.last()).time));
    let (hint, short) = fate(state, replay.fate());
    let room = usize::from(line.width).saturating_sub(BAR + 2);
    let wide = |parts: &[&str]| parts.iter().map(|part| width(part)).sum::<usize>();
    let fixed = |left: &[(String, Style)]| left.iter().map(|(text, _)| width(text)).sum::<usize>() + width(&place);
    // What is less needed gives way first: the time, the age of a dead run, the speed.
    let hint = [hint, short].into_iter().find(|hint| fixed(&left) + wide(&[hint.as_str()]) <= room).unwrap_or_default();
    let time = if fixed(&left) + wide(&[hint.as_str(), time.as_str()]) + BAR <= room { time } else { String::new() };
    if fixed(&left) > room {
        left.pop();
    }
    let used = fixed(&left) + wide(&[hint.as_str(), time.as_str()]);
    let mut pen = Pen::new(buf, line, 0);
    for (text, style) in &left {
        pen.text(text, *style);
    }
    let columns = usize::from(line.width).saturating_sub(used + 1);
    let start = usize::from(line.width) - pen.room();
    pen.skip(columns).text(&place, Style::new()).text(&time, palette.dim).text(&hint, palette.bad);
    bar(state, replay, Rect { x: line.x + start as u16, width: columns as u16, ..line }, buf);
}

/// `━━━━●──┼───`: what is shown, the place, and where requests acted.
fn bar(state: &State, replay: &Replay, area: Rect, buf: &mut Buffer) {
    let Some(last) = area.width.checked_sub(1) else { return };
    let palette = &state.palette;
    let column = |place: usize| (replay.share(place) * f64::from(last)).round() as u16;
    let knob = column(replay.place());
    put(buf, area, 0, 0, &"━".repeat(usize::from(knob)), palette.strong);
    put(buf, area, knob, 0, &"─".repeat(usize::from(area.width - knob)), palette.dim);
    for mark in replay.moments().marks() {
        let at = column(*mark);
        put(buf, area, at, 0, "┼", if at < knob { palette.strong } else { palette.dim });
    }
    put(buf, area, knob, 0, "●", palette.wait);
}

/// What is said of a run that died, in full and in short.
fn fate(state: &State, fate: &Fate) -> (String, String) {
    let words = &state.words.watch;
    match fate {
        Fate::Ended | Fate::Open => (String::new(), String::new()),
        Fate::Died { silent, resume } => {
            let age = match silent {
                Some(silent) => fill(words.silent_for, &[&format::duration((*silent + state.now).as_secs_f64())]),
                None => words.no_trainer.to_owned(),
            };
            let hint =
                resume.as_ref().map_or(String::new(), |run| format!(": {}", fill(words.resume, &[&sanitise(run)])));
            (format!("  {age}{hint}"), format!("  {age}"))
        }
    }
}
