//! What a sweep came to: a row a method, a column a task, means with their spread over seeds.
//!
//! Owns which figures stand in a row and which of them is marked best. It must not write text.

use super::delta::{Spread, leader};
use super::record::{Figures, median};
use crate::protocol::{Better, MetricInfo};

/// The first metric of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepColumn {
    /// The task.
    pub task: String,
    /// Its metric.
    pub metric: MetricInfo,
}

/// One method.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepRow {
    /// The method, as it was named.
    pub method: String,
    /// Names of its runs that were trained and measured.
    pub runs: Vec<String>,
    /// Values a column, an entry a run; a run without the metric has none.
    pub values: Vec<Vec<f64>>,
    /// Δm, an entry a run; empty where one of the runs has none.
    pub delta_m: Vec<f64>,
    /// The median time of a step in milliseconds, the middle one of its runs.
    pub step_ms: Option<f64>,
    /// Runs that diverged.
    pub diverged: usize,
    /// Runs that failed, or are still to be made.
    pub missing: usize,
}

impl SweepRow {
    /// Mean and spread of a column.
    pub fn spread(&self, column: usize) -> Option<Spread> {
        Spread::of(self.values.get(column)?)
    }

    /// Mean and spread of Δm.
    pub fn delta_spread(&self) -> Option<Spread> {
        Spread::of(&self.delta_m)
    }

    /// Whether every seed has its run.
    pub fn is_whole(&self) -> bool {
        self.diverged + self.missing == 0
    }
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepResult {
    /// The part that was measured on: `test`, or `valid` where the data has no test part.
    pub part: String,
    /// A column a task with a metric.
    pub columns: Vec<SweepColumn>,
    /// A row a method, in the order they were named in.
    pub rows: Vec<SweepRow>,
}

impl SweepResult {
    /// From the runs of each method: name, runs that are done, and how many diverged or are missing.
    pub fn of(rows: Vec<(String, Vec<Figures>, usize, usize)>) -> Self {
        let first = rows.iter().flat_map(|(_, runs, _, _)| runs).next();
        let columns: Vec<SweepColumn> = first
            .iter()
            .flat_map(|run| &run.tasks)
            .filter_map(|task| Some(SweepColumn { task: task.name.clone(), metric: task.metrics.first()?.clone() }))
            .collect();
        let part = first.and_then(|run| run.eval.as_ref()).map_or("test", |eval| eval.split.as_str()).to_owned();
        let rows = rows
            .into_iter()
            .map(|(method, runs, diverged, missing)| {
                let values = columns
                    .iter()
                    .map(|column| runs.iter().filter_map(|run| run.value(&column.task, &column.metric.name)).collect());
                let delta_m: Option<Vec<f64>> = runs.iter().map(|run| run.change().delta_m).collect();
                let mut times: Vec<f64> = runs.iter().filter_map(|run| run.step_seconds).collect();
                SweepRow {
                    method,
                    values: values.collect(),
                    delta_m: delta_m.unwrap_or_default(),
                    step_ms: median(&mut times).map(|seconds| 1e3 * seconds),
                    runs: runs.into_iter().map(|run| run.name).collect(),
                    diverged,
                    missing,
                }
            })
            .collect();
        Self { part, columns, rows }
    }

    /// Whether any run's gain over single tasks is known.
    pub fn has_delta(&self) -> bool {
        self.rows.iter().any(|row| !row.delta_m.is_empty())
    }

    /// The row that is best in a column by more than the spread. Rows that lack a run do not take part: the runs that
    /// are there may be the lucky ones.
    pub fn best(&self, column: usize) -> Option<usize> {
        let better = self.columns.get(column)?.metric.better;
        self.leader(better, |row| row.spread(column))
    }

    /// The row whose Δm is best by more than the spread.
    pub fn best_delta(&self) -> Option<usize> {
        self.leader(Better::Higher, SweepRow::delta_spread)
    }

    fn leader(&self, better: Better, figure: impl Fn(&SweepRow) -> Option<Spread>) -> Option<usize> {
        let figures: Vec<Option<Spread>> = self
            .rows
            .iter()
            .map(|row| figure(row).filter(|spread| row.is_whole() && spread.count == row.runs.len()))
            .collect();
        leader(&figures, better)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Eval, Real, TaskInfo};
    use crate::run::RunJson;
    use std::collections::BTreeMap;

    fn run(accuracy: f64, baseline: f64, seconds: f64) -> Figures {
        let value = |value: f64| BTreeMap::from([("accuracy".to_owned(), Real(value))]);
        Figures {
            name: format!("run {accuracy}"),
            json: RunJson::default(),
            tasks: vec![TaskInfo {
                name: "digit".to_owned(),
                source: String::new(),
                loss: String::new(),
                weight: Real(1.0),
                metrics: vec![MetricInfo { name: "accuracy".to_owned(), better: Better::Higher }],
                baseline: value(baseline),
            }],
            methods: (String::new(), String::new()),
            eval: Some(Eval { split: "test".to_owned(), metric: vec![value(accuracy)], ..Eval::default() }),
            step_seconds: Some(seconds),
        }
    }

    #[test]
    fn rows_hold_means_and_a_row_that_lacks_a_run_is_not_the_best() {
        let result = SweepResult::of(vec![
            ("sum".to_owned(), vec![run(0.5, 0.5, 0.001), run(0.6, 0.5, 0.003)], 0, 0),
            ("dwa".to_owned(), vec![run(0.8, 0.5, 0.002), run(0.9, 0.5, 0.002)], 0, 0),
            ("famo".to_owned(), vec![run(0.99, 0.5, 0.002)], 1, 0),
            ("pcgrad".to_owned(), vec![], 0, 2),
        ]);
        assert_eq!((result.part.as_str(), result.columns.len(), result.has_delta()), ("test", 1, true));
        assert!((result.rows[0].spread(0).unwrap().mean - 0.55).abs() < 1e-12);
        assert!((result.rows[1].delta_spread().unwrap().mean - 70.0).abs() < 1e-9);
        assert_eq!(result.rows[0].step_ms, Some(2.0));
        assert_eq!((result.best(0), result.best_delta(), result.best(1)), (Some(1), Some(1), None));
        assert_eq!(result.rows[3].spread(0), None);
        assert!(!SweepResult::of(vec![("sum".to_owned(), vec![], 0, 3)]).has_delta());
    }
}
