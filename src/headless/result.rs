//! The result of a run as a table on stdout.

use super::number::short;
use crate::protocol::{Better, Eval, Event, MetricInfo};
use crate::text::{pad, pad_left, sanitise, width};

/// Collects what the table shows.
#[derive(Clone, Debug, Default)]
pub struct ResultTable {
    tasks: Vec<(String, Vec<MetricInfo>)>,
    valid: Option<Eval>,
    best: Option<Eval>,
    test: Option<Eval>,
}

impl ResultTable {
    /// A table that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Run(run) => {
                self.tasks = run.tasks.iter().map(|task| (task.name.clone(), task.metrics.clone())).collect();
            }
            Event::Eval(eval) if eval.split == "test" => self.test = Some(eval.clone()),
            Event::Eval(eval) if eval.split == "valid" => {
                if eval.best {
                    self.best = Some(eval.clone());
                }
                self.valid = Some(eval.clone());
            }
            _ => {}
        }
    }

    /// The table; empty where nothing was evaluated. With a test part its column is first what counts: the best
    /// parameters on rows that were never looked at before. Else the validation part's last figures.
    pub fn text(&self) -> String {
        let columns: Vec<(String, &Eval)> = match (&self.test, &self.best, &self.valid) {
            (Some(test), best, _) => {
                let best = best.iter().map(|best| (format!("valid @{}", best.step), best));
                std::iter::once((format!("test @{}", test.step), test)).chain(best).collect()
            }
            (None, best, Some(valid)) => {
                let best = best.iter().filter(|best| best.step != valid.step);
                std::iter::once((format!("valid @{}", valid.step), valid))
                    .chain(best.map(|best| (format!("best @{}", best.step), best)))
                    .collect()
            }
            (None, _, None) => return String::new(),
        };
        let columns: Vec<(&str, &Eval)> = columns.iter().map(|(title, eval)| (title.as_str(), *eval)).collect();
        figures(&self.tasks, &columns)
    }
}

/// The table of one evaluation. `tasks` are names and what is measured of each, in the run's order.
pub fn evaluation_table(tasks: &[(String, Vec<MetricInfo>)], eval: &Eval) -> String {
    figures(tasks, &[(&format!("{} @{}", eval.split, eval.step), eval)])
}

/// A row a loss or metric, a column an evaluation.
fn figures(tasks: &[(String, Vec<MetricInfo>)], columns: &[(&str, &Eval)]) -> String {
    let titles = columns.iter().map(|(title, _)| sanitise(title));
    let mut rows = vec![row("task", "metric", titles)];
    for (place, (task, metrics)) in tasks.iter().enumerate() {
        let task = sanitise(task);
        let loss = |eval: &Eval| eval.loss.get(place).copied().flatten();
        rows.push(row(&task, "loss ↓", columns.iter().map(|(_, eval)| cell(loss(eval)))));
        for metric in metrics {
            let arrow = if metric.better == Better::Higher { '↑' } else { '↓' };
            let name = format!("{} {arrow}", sanitise(&metric.name));
            let value = |eval: &Eval| eval.metric.get(place).and_then(|all| all.get(&metric.name)).copied();
            rows.push(row(&task, &name, columns.iter().map(|(_, eval)| cell(value(eval)))));
        }
    }
    align(&rows, 2)
}

fn cell(value: Option<crate::protocol::Real>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| short(value.get()))
}

fn row(task: &str, metric: &str, values: impl Iterator<Item = String>) -> Vec<String> {
    [task.to_owned(), metric.to_owned()].into_iter().chain(values).collect()
}

/// The first columns hold names and begin at the left, the others hold numbers and end at the right.
pub(super) fn align(rows: &[Vec<String>], names: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|c| rows.iter().filter_map(|row| row.get(c)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| if column < names { pad(cell, *width) } else { pad_left(cell, *width) });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_part_comes_first_and_names_align() {
        let mut table = ResultTable::new();
        for line in [
            r#"{"event":"run","schema":1,"run":"r","tasks":[{"name":"情感","metrics":[{"name":"accuracy","better":"higher"}]},{"name":"b"}]}"#,
            r#"{"event":"eval","step":10,"split":"valid","loss":[0.5,1],"metric":[{"accuracy":0.75},{}],"best":true}"#,
            r#"{"event":"eval","step":20,"split":"valid","loss":[0.6,1],"metric":[{"accuracy":0.5},{}]}"#,
            r#"{"event":"eval","step":10,"split":"test","loss":[0.4,null],"metric":[{},{}]}"#,
        ] {
            table.take(&Event::parse(line).unwrap());
        }
        let want = "task  metric      test @10  valid @10\n\
                    情感  loss ↓        0.4000     0.5000\n\
                    情感  accuracy ↑         -     0.7500\n\
                    b     loss ↓             -      1.000\n";
        assert_eq!(table.text(), want);
    }
}
