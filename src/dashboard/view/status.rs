//! The first line: which run, what it does, how far it is.

use super::scalars::quoted;
use crate::dashboard::compose;
use crate::dashboard::filter::Filter;
use crate::dashboard::format;
use crate::dashboard::layout::Pane;
use crate::dashboard::model::{Phase, Run};
use crate::dashboard::replay::Origin;
use crate::dashboard::state::{Mode, State};
use crate::dashboard::widget::Pen;
use crate::dashboard::words::fill;
use crate::protocol::EndReason as Reason;
use crate::text::{truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// One piece of the line; those of the highest rank give way first.
struct Field {
    rank: u8,
    name: &'static str,
    value: String,
    style: Style,
}

/// The full line.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let (words, palette) = (state.words, &state.palette);
    let (doing, style) = phase(state, state.active);
    let plain = Style::new();
    let mut fields = Vec::new();
    let mut add = |rank, name, value: Option<String>, style| {
        if let Some(value) = value {
            fields.push(Field { rank, name, value, style });
        }
    };
    let name = Some(truncate(&run.name, 28)).filter(|name| !name.is_empty());
    let letter = Some(format::letter(state.active)).filter(|_| state.runs.len() > 1);
    add(1, "", letter, palette.strong);
    // The name gives way to what the run does and how it is looked at.
    add(2, "", name, palette.title);
    add(0, "", Some(doing), style);
    let last = format::thousands(run.timeline.last_step());
    let step = run.steps.map_or(last.clone(), |steps| format!("{last}/{}", format::thousands(steps)));
    add(0, words.step, Some(step), plain);
    add(4, words.epoch, epochs(run), plain);
    let speed = run.timeline.rate(3.0).filter(|_| !run.is_over() && run.phase != Phase::Paused);
    add(2, "", speed.map(|rate| format!("{} {}", format::speed(rate), words.per_second)), plain);
    let over = run.is_over() && run.timeline.last_step() > 0;
    let mean = run.timeline.rate(f64::INFINITY).filter(|_| over);
    add(2, words.mean, mean.map(|rate| format!("{} {}", format::speed(rate), words.per_second)), plain);
    add(3, words.elapsed, over.then(|| format::duration(run.timeline.last_time())), plain);
    let eta = run.eta().filter(|_| speed.is_some() && state.replay().is_none());
    add(3, words.eta, eta.map(format::duration), plain);
    let health = run.balance.worst().map(|(_, health)| health);
    let style = if health.is_some_and(|health| health < 0.0) { palette.bad } else { plain };
    add(4, words.health, health.map(format::cosine), style);
    match run.wanted_lr() {
        Some(asked) => add(5, words.lr, Some(format!("→{}", format::rate(asked))), palette.wait),
        None => add(5, words.lr, run.lr.map(format::rate), plain),
    }
    let pace = run.wanted_pace();
    if pace == run.pace {
        add(6, words.pace, pace.map(format::speed).filter(|_| !run.is_over()), plain);
    } else {
        let asked = pace.map_or(words.pace_free.to_owned(), format::speed);
        add(6, words.pace, Some(format!("→{asked}")), palette.wait);
    }
    // What is looked at in another way than usual has to be seen.
    let view = view_state(state);
    let rank = if view.len() > 1 { 1 } else { 2 };
    add(rank, "", Some(format!("[{}]", view.join(", "))), if view.len() > 1 { palette.wait } else { palette.dim });
    let wide = |field: &Field| {
        let gap = usize::from(!field.name.is_empty());
        width(field.name) + gap + width(&field.value) + 2
    };
    while fields.iter().map(wide).sum::<usize>() > usize::from(area.width) {
        let weakest = (0..fields.len()).max_by_key(|&at| fields.get(at).map_or(0, |field| field.rank));
        match weakest {
            Some(at) if fields.get(at).is_some_and(|field| field.rank > 0) => fields.remove(at),
            _ => break,
        };
    }
    let mut pen = Pen::new(buf, area, 0);
    for field in &fields {
        pen.text(" ", plain);
        if !field.name.is_empty() {
            pen.text(field.name, palette.dim).text(" ", plain);
        }
        pen.text(&field.value, field.style).text(" ", plain);
    }
}

/// How the run is looked at, the most important first: live, ended or stale; then all that hides or holds something.
pub fn view_state(state: &State) -> Vec<String> {
    let words = state.words;
    let Some(run) = state.run() else { return Vec::new() };
    let source = match state.origins.get(state.active) {
        Some(Origin::Record(_)) => words.watch.replay,
        Some(Origin::Heard) => words.watch.read_only,
        _ if run.is_over() => words.panels.view_ended,
        _ if state.is_stale() => words.panels.view_stale,
        _ => words.live,
    };
    let mut said = vec![source.to_owned()];
    let filtered = |pane: &Pane| state.panels.filter(*pane).is_some_and(Filter::is_set);
    match Pane::ALL.into_iter().filter(filtered).collect::<Vec<_>>().as_slice() {
        [] => {}
        [pane] => said.push(format!("{} {}", words.panels.filter, quoted(state, *pane, 16))),
        several => said.push(fill(words.panels.filters, &[&several.len().to_string()])),
    }
    said
}

/// `1.2`, with several sources `speech 1.2, text 4.0`.
fn epochs(run: &Run) -> Option<String> {
    let one = |(place, epoch): (usize, &f64)| match run.sources.get(place) {
        Some(name) => format!("{} {epoch:.1}", truncate(name, 12)),
        None => format!("{epoch:.1}"),
    };
    match run.epochs.as_slice() {
        [] | [_] => run.epoch.map(|epoch| format!("{epoch:.1}")),
        several => Some(several.iter().enumerate().map(one).collect::<Vec<_>>().join(", ")),
    }
}

/// The line of a small screen: `RUN 12.4k/50.0k 412 it/s`.
pub fn short(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let (phase, style) = short_phase(state, run);
    let mut pen = Pen::new(buf, area, 0);
    pen.text(&phase, style).text(" ", Style::new()).text(&progress(run), Style::new());
    let rate = run.timeline.rate(3.0).filter(|_| !run.is_over() && run.phase != Phase::Paused);
    let text = match rate {
        Some(rate) => Some(format!(" {} {}", format::speed(rate), state.words.per_second)),
        None if run.is_over() => Some(format!(" {}", format::duration(run.timeline.last_time()))),
        None => None,
    };
    if let Some(text) = text.filter(|text| width(text) <= pen.room()) {
        pen.text(&text, Style::new());
    }
    let view = view_state(state);
    if let Some(text) = view.get(1..).filter(|more| !more.is_empty()).map(|more| format!(" [{}]", more.join(", "))) {
        let text = truncate(&text, pen.room());
        pen.text(&text, state.palette.wait);
    }
    let name = truncate(&run.name, pen.room().saturating_sub(1));
    if width(&name) > 2 {
        pen.text(" ", Style::new()).text(&name, state.palette.dim);
    }
}

/// Everything in one line.
pub fn one_line(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    if matches!(state.mode, Mode::Question | Mode::Prompt(_) | Mode::Palette(_) | Mode::Help { typing: true, .. }) {
        super::footer::render(state, area, buf);
        return;
    }
    let area = super::footer::lock(state, area, buf);
    let (phase, style) = short_phase(state, run);
    let mut pen = Pen::new(buf, area, 0);
    pen.text(&phase, style).text(" ", Style::new()).text(&progress(run), Style::new());
    if state.replay().is_some() {
        pen.text(" [", state.palette.wait)
            .text(state.words.watch.replay, state.palette.wait)
            .text("]", state.palette.wait);
    }
}

fn progress(run: &Run) -> String {
    let last = format::short_count(run.timeline.last_step());
    run.steps.map_or(last.clone(), |steps| format!("{last}/{}", format::short_count(steps)))
}

/// What a run is doing, in a word or two.
pub fn phase(state: &State, place: usize) -> (String, Style) {
    let (words, palette) = (state.words, &state.palette);
    let Some(run) = state.runs.get(place) else { return Default::default() };
    if state.is_run_stale(place) {
        let silent = state.now.saturating_sub(run.heard).as_secs_f64().max(run.step_age);
        return (format!("{} {silent:.0} s", words.stale), palette.bad);
    }
    if !run.is_over() && (state.mode == Mode::Leaving || run.is_stopping()) {
        return (words.stopping.to_owned(), palette.wait);
    }
    let (word, style) = match run.phase {
        Phase::Waiting => (words.waiting, palette.wait),
        Phase::Running if run.wanted_paused() => return (format!("→{}", words.paused), palette.wait),
        Phase::Paused if !run.wanted_paused() => return (format!("→{}", words.running), palette.wait),
        Phase::Running => (words.running, palette.good),
        Phase::Evaluating => (words.evaluating, palette.good),
        Phase::Paused => (words.paused, palette.wait),
        Phase::Ended(reason @ (Reason::Failed | Reason::Diverged)) => (compose::end_reason(reason, words), palette.bad),
        Phase::Ended(reason) => (compose::end_reason(reason, words), palette.good),
        Phase::Lost => (words.lost, palette.bad),
    };
    (word.to_owned(), style)
}

fn short_phase(state: &State, run: &Run) -> (String, Style) {
    let (long, style) = phase(state, state.active);
    let words = state.words;
    let short = match run.phase {
        _ if state.is_stale() || state.mode == Mode::Leaving => return (long, style),
        Phase::Running if run.wanted_paused() => return (format!("→{}", words.paused_short), style),
        Phase::Paused if !run.wanted_paused() => return (format!("→{}", words.running_short), style),
        Phase::Running | Phase::Evaluating => words.running_short,
        Phase::Paused => words.paused_short,
        Phase::Ended(Reason::Finished) => words.ended_short,
        _ => return (long, style),
    };
    (short.to_owned(), style)
}
