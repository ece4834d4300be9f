//! Several runs beside each other: where each stands, its last losses, its best score, and what it gains over the run
//! that is looked at.

use super::status::phase;
use super::weights::first_shown;
use crate::dashboard::delta;
use crate::dashboard::format;
use crate::dashboard::model::Run;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Pen, put};
use crate::dashboard::words::fill;
use crate::text::{pad_left, truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

/// Columns of a number with the gap before it.
const NUMBER: usize = 9;
const STEP: usize = 8;
const SCORE: usize = 15;
const CHANGE: usize = 9;

/// Rows that the table would like to have.
pub fn row_count(state: &State) -> usize {
    state.runs.len() + 1
}

/// Draws it.
pub fn render(state: &State, area: Rect, buf: &mut Buffer) {
    let (words, palette) = (state.words, &state.palette);
    let Some(active) = state.run().filter(|_| state.runs.len() > 1) else {
        put(buf, area, 1, 0, words.watch.one_run, palette.dim);
        return;
    };
    let rows = usize::from(area.height.saturating_sub(1));
    let states: Vec<(String, Style)> = (0..state.runs.len()).map(|run| phase(state, run)).collect();
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let letter = longest(&mut (0..state.runs.len()).map(|run| format::letter(run).len()));
    let doing = longest(&mut states.iter().map(|(text, _)| width(text))).clamp(5, 13);
    let fixed = 2 + letter + 1 + 1 + doing + STEP + SCORE + CHANGE;
    let room = usize::from(area.width).saturating_sub(fixed);
    let wanted = longest(&mut state.runs.iter().map(|run| width(&run.name))).max(8);
    // Losses are worth more than the end of long names.
    let name = wanted.min(room.saturating_sub(active.tasks.len().min(4) * NUMBER)).max(8);
    let columns = (room.saturating_sub(name) / NUMBER).min(active.tasks.len());
    let name = wanted.min(room.saturating_sub(columns * NUMBER)).max(name);
    let tasks: Vec<usize> = (0..active.tasks.len()).take(columns).collect();

    let dim = palette.dim;
    let mut pen = Pen::new(buf, area, 0);
    pen.left("", 2 + letter + 1, dim).left(words.watch.run, name + 1, dim).left(words.watch.state, doing, dim);
    pen.right(words.step, STEP, dim);
    for task in &tasks {
        let label = active.tasks.get(*task).map_or("", |task| &task.label);
        pen.right(&truncate(label, NUMBER - 1), NUMBER, palette.task(*task));
    }
    pen.right(&format!("{} @{}", words.best, words.step), SCORE, dim);
    pen.right(&fill(words.watch.delta_to, &[&format::letter(state.active)]), CHANGE, dim);

    let lowest: Vec<Option<f64>> = tasks.iter().map(|task| lowest(&state.runs, active, *task)).collect();
    let first = first_shown(Some(state.active), state.runs.len(), rows);
    for (row, (place, run)) in state.runs.iter().enumerate().skip(first).take(rows).enumerate() {
        let chosen = place == state.active;
        let style = if chosen { palette.selected } else { Style::new() };
        let mut pen = Pen::new(buf, area, row as u16 + 1);
        pen.text(if chosen { "> " } else { "  " }, palette.strong);
        pen.left(&format::letter(place), letter, palette.strong).text(" ", style);
        pen.left(&both_ends(&run.name, name), name, style).text(" ", style);
        let (text, colour) = states.get(place).cloned().unwrap_or_default();
        pen.left(&text, doing, colour);
        pen.right(&format::short_count(run.timeline.last_step()), STEP, style);
        for (task, lowest) in tasks.iter().zip(&lowest) {
            let loss = loss(run, active, *task);
            let best = loss.is_some() && loss == *lowest;
            let text = loss.map_or("-".to_owned(), format::number);
            pen.right(&text, NUMBER, if best { palette.good } else { style });
        }
        let best = run.best_score.map_or("-".to_owned(), |(score, step)| {
            format!("{} @{}", format::number(score), pad_left(&format::short_count(step), 5).trim_start())
        });
        pen.right(&best, SCORE, style);
        let change = if chosen { None } else { delta::between(&run.tasks, &active.tasks) };
        let colour = if change.is_some_and(|change| change < 0.0) { palette.bad } else { style };
        pen.right(&change.map_or("·".to_owned(), format::change), CHANGE, colour);
    }
}

/// The last loss, smoothed as the charts are, of the task that is called like one of another run.
fn loss(run: &Run, named: &Run, task: usize) -> Option<f64> {
    let name = &named.tasks.get(task)?.name;
    run.tasks.iter().find(|task| task.name == *name)?.loss.last_smooth()
}

fn lowest(runs: &[Run], named: &Run, task: usize) -> Option<f64> {
    runs.iter().filter_map(|run| loss(run, named, task)).filter(|loss| loss.is_finite()).min_by(f64::total_cmp)
}

/// A name in so many columns: runs of one configuration differ at the end of their names.
fn both_ends(name: &str, columns: usize) -> String {
    if width(name) <= columns || columns < 8 {
        return truncate(name, columns);
    }
    let letters = name.graphemes(true).rev();
    let mut end: Vec<&str> = Vec::new();
    for letter in letters {
        if end.iter().copied().map(width).sum::<usize>() + width(letter) > columns.div_ceil(2) {
            break;
        }
        end.push(letter);
    }
    end.reverse();
    let end = end.concat();
    format!("{}{end}", truncate(name, columns - width(&end)))
}

/// What the title says.
pub fn detail(state: &State) -> String {
    if state.runs.len() < 2 {
        return String::new();
    }
    format!("{} {}", state.words.loss.to_lowercase(), super::curves::smoothing(state))
}
