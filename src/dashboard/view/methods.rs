//! The shadow table: what each aggregation would have done at the last measured step.

use super::weights::first_shown;
use crate::dashboard::format;
use crate::dashboard::model::{Run, Shadow, Trial};
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

const COEFFICIENT: usize = 7;
const COSINE: usize = 6;

/// Rows that the panel would like to have.
pub fn row_count(run: &Run) -> usize {
    match run.shadow_count() {
        0 => 1,
        rows => rows + 3,
    }
}

/// The panel: a row a method; for each task the coefficient and the cosine of the update with its gradient.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let Some(run) = state.run() else { return };
    let (words, palette) = (state.words, &state.palette);
    let rows = run.shadows();
    if rows.is_empty() {
        put(buf, area, 1, 0, words.no_balance, palette.dim);
        return;
    }
    let count = run.tasks.len();
    let longest = rows.iter().map(|row| width(&row.label)).max().unwrap_or(0).max(width(words.method));
    let name = longest.min(16);
    let head = 4 + name + 1 + 7;
    let room = usize::from(area.width).saturating_sub(head);
    // Where not all tasks fit with their coefficients, only the cosines are shown.
    let both = room >= count * (COEFFICIENT + COSINE) || room < 2 * COSINE || count <= 2;
    let cell = if both { COEFFICIENT + COSINE } else { COSINE };
    let shown = (room / cell).min(count);
    let left = first_shown(state.selected(), count, shown);
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(4).left(words.method, name + 1, palette.dim).right(words.worst, 7, palette.dim);
    for task in left..left + shown {
        let title = if both { format!("{} cos", task + 1) } else { (task + 1).to_string() };
        pen.right(&title, cell, palette.task(task));
    }
    let candidate = run.candidate();
    let notes = u16::from(area.height > 3);
    let lines = usize::from(area.height.saturating_sub(1 + notes));
    let chosen = rows.iter().position(|row| Some(&row.name) == candidate.as_ref());
    let first = first_shown(chosen, rows.len(), lines);
    let shown_rows = rows.iter().skip(first).take(lines);
    for (line, row) in shown_rows.enumerate() {
        let picked = Some(&row.name) == candidate.as_ref();
        let style = match (picked, row.in_use) {
            (true, _) => palette.selected,
            (_, true) => palette.good,
            _ => Style::new(),
        };
        let mut pen = Pen::new(buf, area, line as u16 + 1);
        pen.text(if picked { "> " } else { "  " }, palette.strong);
        pen.text(if row.in_use { "* " } else { "  " }, palette.good);
        pen.left(&row.label, name, style).text(" ", style);
        cosine(state, &mut pen, row.worst(), 7, style);
        for task in left..left + shown {
            if both {
                // A cosine without a coefficient is that of an update of whole gradients.
                let none = if value(&row.cosines, task).is_some() { "–" } else { "·" };
                let text = value(&row.coefficients, task).map_or(none.to_owned(), format::weight);
                pen.right(&text, COEFFICIENT, style);
            }
            cosine(state, &mut pen, value(&row.cosines, task), COSINE, style);
        }
    }
    let below = 1 + rows.len().min(lines) as u16;
    if let Some(row) = chosen.and_then(|place| rows.get(place)).filter(|_| !both && area.height > below + 1) {
        // Without room for them in every row, coefficients are those of the row gone to.
        let mut pen = Pen::new(buf, area, below + 1);
        pen.skip(4).left(words.coefficient, name + 1 + 7, palette.dim);
        for task in left..left + shown {
            let text = value(&row.coefficients, task).map_or("· ".to_owned(), format::weight);
            pen.right(&text, COSINE, palette.dim);
        }
    }
    if notes == 1 {
        let line = Rect { y: area.y + below, height: 1, ..area };
        note(state, run, &rows, line, buf);
    }
}

/// `* in use   t tries pcgrad`
fn note(state: &State, run: &Run, rows: &[Shadow], line: Rect, buf: &mut Buffer) {
    use crate::dashboard::action::Action;
    let label = |action| state.keymap.label(action);
    let (words, palette) = (state.words, &state.palette);
    let mut pen = Pen::new(buf, line, 0);
    pen.text("  * ", palette.good).text(words.in_use, palette.dim);
    if rows.len() < 2 {
        pen.text("   ", palette.dim).text(words.no_shadow, palette.dim);
        return;
    }
    let keys = format!("{} {}", label(Action::MethodUp), label(Action::MethodDown));
    pen.text("   ", palette.dim).text(&keys, palette.strong).text(" ", palette.dim).text(words.go_to, palette.dim);
    let taken = state.replay().is_none() && !run.is_over();
    if let Some(trial) = run.trial().filter(|_| taken) {
        let (text, name) = match &trial {
            Trial::Try(name) => (words.advice_tries, name),
            Trial::Back(name) => (words.goes_back, name),
        };
        let text = crate::dashboard::words::fill(text, &[&crate::text::truncate(&crate::text::sanitise(name), 16)]);
        pen.text("   ", palette.dim).text(&label(Action::TryMethod), palette.strong).text(" ", palette.dim);
        pen.text(&text, palette.dim);
    }
}

fn value(values: &[Option<f64>], place: usize) -> Option<f64> {
    values.get(place).copied().flatten()
}

/// A cosine; a negative one has a mark.
fn cosine(state: &State, pen: &mut Pen<'_>, cosine: Option<f64>, columns: usize, style: Style) {
    let (text, style) = match cosine {
        Some(cosine) if cosine < 0.0 => (format!("{}!", format::cosine(cosine)), state.palette.bad),
        Some(cosine) => (format!("{} ", format::cosine(cosine)), style),
        None => ("· ".to_owned(), state.palette.dim),
    };
    pen.skip(columns.saturating_sub(width(&text))).text(&text, style);
}
