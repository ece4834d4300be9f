//! The balance of the tasks: what the last update did to each, the health number, the gap, who helps whom.

use super::affinity;
use super::weights::first_shown;
use crate::dashboard::format;
use crate::dashboard::model::{Run, Task};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put, sparkline};
use crate::dashboard::words::{Words, fill};
use crate::protocol::{Balance, Real};
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Rows that the panel would like to have.
pub fn row_count(run: &Run) -> usize {
    let tasks = run.tasks.len();
    // Of many tasks only a corner would be seen; the losses need that room more.
    let affinities = if tasks <= 6 && affinity::is_known(run) { tasks + 2 } else { 0 };
    tasks + 2 + affinities
}

/// The panel.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let Some(last) = &run.balance.last else {
        put(buf, area, 1, 0, state.words.no_balance, state.palette.dim);
        return;
    };
    // The table and its line of totals first; affinities take what is left where that is enough for two rows.
    let table = (run.tasks.len().min(200) as u16 + 1).min(area.height.saturating_sub(1).max(1));
    tasks(state, run, last, Rect { height: table, ..area }, buf);
    if table < area.height {
        totals(state, run, Rect { y: area.y + table, height: 1, ..area }, buf);
    }
    let used = table + 1;
    if area.height >= used + 4 {
        affinity::render(state, Rect { y: area.y + used, height: area.height - used, ..area }, buf);
    }
}

/// How old the measurement is.
pub fn detail(state: &State) -> String {
    let Some(run) = state.run() else { return String::new() };
    let Some(last) = &run.balance.last else { return String::new() };
    let age = run.timeline.last_step().saturating_sub(last.step);
    let method = run.method();
    if age == 0 { method } else { format!("{method}, {}", fill(state.words.age, &[&format::short_count(age)])) }
}

/// A column: its title, its width, and how much it is missed, the least first.
struct Column {
    title: &'static str,
    wide: usize,
    rank: u8,
    cell: fn(&Cells<'_>) -> (String, Tone),
}

/// What a row's cells are made of.
struct Cells<'a> {
    task: &'a Task,
    place: usize,
    last: &'a Balance,
    share: Option<f64>,
    /// Whether it went into the update whole, so that there is neither coefficient nor share.
    blended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Plain,
    Dim,
    Bad,
}

fn value(values: &[Option<Real>], place: usize) -> Option<f64> {
    values.get(place).copied().flatten().map(Real::get)
}

fn shown(value: Option<f64>, show: impl Fn(f64) -> String) -> (String, Tone) {
    value.map_or(("·".to_owned(), Tone::Dim), |value| (show(value), Tone::Plain))
}

impl Cells<'_> {
    /// What only a sum of gradients has.
    fn part(&self, known: Option<f64>, show: impl Fn(f64) -> String) -> (String, Tone) {
        if self.blended { ("–".to_owned(), Tone::Dim) } else { shown(known, show) }
    }
}

fn columns(words: &Words) -> [Column; 8] {
    let column = |title, wide, rank, cell| Column { title, wide, rank, cell };
    [
        column(words.relative_loss, 7, 4, |at| shown(value(&at.last.relative_loss, at.place), format::number)),
        column(words.weight, 7, 3, |at| shown(Some(at.task.weight), format::weight)),
        column(words.coefficient, 7, 2, |at| at.part(at.task.coefficient, format::weight)),
        column(words.share, 6, 1, |at| at.part(at.share, |share| format!("{:.0}%", share * 100.0))),
        column(words.update_cosine, 7, 0, |at| match value(&at.last.update_cosine, at.place) {
            // The mark says without colour that this step goes against the task.
            Some(cosine) if cosine < 0.0 => (format!("{}!", format::cosine(cosine)), Tone::Bad),
            known => shown(known, |cosine| format!("{} ", format::cosine(cosine))),
        }),
        column(words.noise, 6, 5, |at| (shown(value(&at.last.noise, at.place), format::cosine).0, Tone::Dim)),
        column(words.predicted, 9, 6, |at| shown(value(&at.last.predicted, at.place), signed)),
        column(words.observed, 9, 7, |at| match value(&at.last.observed, at.place) {
            Some(change) if change > 0.0 => (signed(change), Tone::Bad),
            known => shown(known, signed),
        }),
    ]
}

/// A change of a loss; its sign is always there.
fn signed(change: f64) -> String {
    let text = format::number(change);
    if change > 0.0 && change.is_finite() { format!("+{text}") } else { text }
}

fn tasks(state: &State, run: &Run, last: &Balance, area: Rect, buf: &mut Buffer) {
    let palette = &state.palette;
    let number = run.tasks.len().to_string().len();
    let longest = run.tasks.iter().map(|task| width(&task.label)).max().unwrap_or(0);
    let mut columns: Vec<Column> = columns(state.words).into_iter().collect();
    let room = usize::from(area.width).saturating_sub(number + 3 + 1);
    let taken = |columns: &[Column]| columns.iter().map(|column| column.wide).sum::<usize>();
    // Columns that are missed least give way until eight letters of the names are seen.
    while columns.len() > 1 && room < taken(&columns) + longest.clamp(4, 8) {
        let weakest = (0..columns.len()).max_by_key(|&at| columns.get(at).map_or(0, |column| column.rank));
        weakest.map(|at| columns.remove(at));
    }
    let name = longest.clamp(4, 16).min(room.saturating_sub(taken(&columns)));
    let mut pen = Pen::new(buf, area, 0);
    pen.left("", number + 3, palette.dim).left(state.words.task, name + 1, palette.dim);
    for column in &columns {
        pen.right(column.title, column.wide, palette.dim);
    }
    let rows = usize::from(area.height.saturating_sub(1));
    let first = first_shown(state.selected(), run.tasks.len(), rows);
    for (row, (place, task)) in run.tasks.iter().enumerate().skip(first).take(rows).enumerate() {
        let selected = state.selected() == Some(place);
        let style = if selected { palette.selected } else { Style::new() };
        let mut pen = Pen::new(buf, area, row as u16 + 1);
        pen.text(if selected { "> " } else { "  " }, palette.strong);
        pen.right(&(place + 1).to_string(), number, palette.task(place).patch(style)).text(" ", style);
        pen.left(&task.label, name, style).text(" ", style);
        let share = if last.share.is_empty() { run.share(place) } else { value(&last.share, place) };
        let cells = Cells { task, place, last, share, blended: task.is_blended() };
        for column in &columns {
            let (text, tone) = (column.cell)(&cells);
            let style = match tone {
                Tone::Plain => style,
                Tone::Dim => palette.dim,
                Tone::Bad => palette.bad,
            };
            pen.skip(column.wide.saturating_sub(width(&text))).text(&text, style);
        }
    }
}

/// `  health -.12! cooling  gap 0.031 (4.0 % of mean norm) ▂▃▅`
fn totals(state: &State, run: &Run, line: Rect, buf: &mut Buffer) {
    let (words, palette, plain) = (state.words, &state.palette, Style::new());
    let mut pen = Pen::new(buf, line, 0);
    pen.text("  ", plain);
    if let Some((task, health)) = run.balance.worst() {
        let (mark, style) = if health < 0.0 { ("!", palette.bad) } else { ("", palette.good) };
        pen.text(words.health, palette.dim).text(" ", plain);
        pen.text(&format!("{}{mark}", format::cosine(health)), style).text(" ", plain);
        let label = run.tasks.get(task).map_or("", |task| &task.label);
        pen.text(&crate::text::truncate(label, 12), palette.task(task)).text("  ", plain);
    }
    if let Some((_, gap)) = run.balance.gap.last() {
        pen.text(words.gap, palette.dim).text(" ", plain).text(&format::number(gap), plain);
        if let Some(relative) = run.relative_gap() {
            let text = fill(words.of_mean_norm, &[&format!("{:.1}", relative * 100.0)]);
            pen.text(&format!(" ({text})"), palette.dim);
        }
        pen.text("  ", plain);
    }
    let room = pen.room().min(24);
    let values = run.balance.health.track().raw().values();
    if values.len() > 2 && room >= 6 {
        pen.text(&sparkline(values, room), palette.dim);
    }
}
