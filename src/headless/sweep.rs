//! A sweep as text, CSV and JSON.

use super::number::short;
use super::result::align;
use crate::protocol::Better;
use crate::study::{ABSOLUTE, Baseline, CONVENTION, Spread, SweepColumn, SweepResult, SweepRow, convention};
use crate::text::sanitise;
use serde_json::{Value, json};

/// The table with a line below for each thing a reader must know of it. `hint` stands where no baseline is known.
pub fn sweep_table(result: &SweepResult, hint: &str) -> String {
    let titles = result.columns.iter().map(title);
    let head = std::iter::once("method".to_owned()).chain(titles);
    let mut rows = vec![head.chain(["Δm %  ", "ms/step", ""].map(str::to_owned)).collect::<Vec<_>>()];
    let best: Vec<Option<usize>> = (0..result.columns.len()).map(|column| result.best(column)).collect();
    let best_delta = result.best_delta();
    for (place, row) in result.rows.iter().enumerate() {
        let mut cells = vec![sanitise(&row.method)];
        for (column, best) in best.iter().enumerate() {
            cells.push(marked(row.spread(column).map(|spread| figure(&spread)), *best == Some(place)));
        }
        let delta = row.delta_spread().map(|spread| percent(&spread));
        cells.push(marked(delta, best_delta == Some(place)));
        cells.push(row.step_ms.map_or_else(|| "–".to_owned(), short));
        cells.push(what_lacks(row));
        rows.push(cells);
    }
    let mut text = align(&rows, 1);
    let seeds = result.rows.iter().map(|row| row.runs.len() + row.diverged + row.missing).max().unwrap_or(0);
    let mut note = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    note("");
    note(&match seeds {
        0 | 1 => format!("{} part, one seed: no spread, so nothing is marked best", result.part),
        seeds => format!("{} part, mean ± sample standard deviation over {seeds} seeds", result.part),
    });
    if best.iter().chain([&best_delta]).any(Option::is_some) {
        note("* leads the second by more than the larger spread of the two");
    }
    if result.has_delta() {
        note(CONVENTION);
        note(ABSOLUTE);
    } else {
        note(hint);
    }
    text
}

fn title(column: &SweepColumn) -> String {
    let arrow = if column.metric.better == Better::Higher { '↑' } else { '↓' };
    format!("{} {} {arrow}  ", sanitise(&column.task), sanitise(&column.metric.name))
}

/// Room for the mark on every figure, so that they stand below each other.
fn marked(figure: Option<String>, best: bool) -> String {
    format!("{}{}", figure.unwrap_or_else(|| "–".to_owned()), if best { " *" } else { "  " })
}

fn what_lacks(row: &SweepRow) -> String {
    let all = row.runs.len() + row.diverged + row.missing;
    let words = [(row.diverged, "diverged"), (row.missing, "missing")];
    let words = words.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} of {all} {word}"));
    words.collect::<Vec<_>>().join(", ")
}

/// Mean and spread with the same number of decimals.
fn figure(spread: &Spread) -> String {
    let mean = short(spread.mean);
    let Some(deviation) = spread.deviation else { return mean };
    let decimals = mean.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if mean.contains('e') {
        format!("{mean} ± {}", short(deviation))
    } else {
        format!("{mean} ± {deviation:.decimals$}")
    }
}

/// What each task reaches alone.
pub fn baseline_table(baseline: &Baseline) -> String {
    let mut rows = vec![["task", "metric", "alone"].map(str::to_owned).to_vec()];
    for task in &baseline.tasks {
        for metric in &task.metrics {
            let arrow = if metric.better == Better::Higher { '↑' } else { '↓' };
            let value = metric.spread.map_or_else(|| "–".to_owned(), |spread| figure(&spread));
            rows.push(vec![sanitise(&task.name), format!("{} {arrow}", sanitise(&metric.name)), value]);
        }
    }
    let seeds = match baseline.seeds.as_slice() {
        [seed] => format!("seed {seed}"),
        seeds => format!("mean ± sample standard deviation over {} seeds", seeds.len()),
    };
    format!("{}\ntest part, {seeds}\n", align(&rows, 2))
}

/// A gain with its sign.
fn percent(spread: &Spread) -> String {
    let mean = format!("{:+.2}", spread.mean);
    spread.deviation.map_or_else(|| mean.clone(), |deviation| format!("{mean} ± {deviation:.2}"))
}

/// The table as CSV: a row a method, full precision, empty where there is no figure.
pub fn sweep_csv(result: &SweepResult) -> String {
    let mut head = vec!["method".to_owned(), "runs".to_owned(), "diverged".to_owned(), "missing".to_owned()];
    for column in &result.columns {
        let name = format!("{} {} {}", result.part, column.task, column.metric.name);
        head.extend([format!("{name} mean"), format!("{name} spread"), format!("{name} best")]);
    }
    head.extend(["delta_m mean", "delta_m spread", "delta_m best", "ms_per_step"].map(str::to_owned));
    let mut lines = vec![head];
    for (place, row) in result.rows.iter().enumerate() {
        let counts = [row.runs.len(), row.diverged, row.missing].map(|count| count.to_string());
        let mut cells: Vec<String> = std::iter::once(row.method.clone()).chain(counts).collect();
        let columns = (0..result.columns.len()).map(|column| (row.spread(column), result.best(column)));
        for (spread, best) in columns.chain([(row.delta_spread(), result.best_delta())]) {
            cells.push(number(spread.map(|spread| spread.mean)));
            cells.push(number(spread.and_then(|spread| spread.deviation)));
            cells.push(u8::from(best == Some(place)).to_string());
        }
        cells.push(number(row.step_ms));
        lines.push(cells);
    }
    csv(&lines)
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Records as CSV, fit for a terminal; a field is quoted where it must be.
pub(super) fn csv(records: &[Vec<String>]) -> String {
    let field = |field: &String| {
        let field = sanitise(field);
        if field.contains(['"', ',']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    };
    records.iter().map(|record| record.iter().map(field).collect::<Vec<_>>().join(",") + "\n").collect()
}

/// The table as JSON, with every run's figures.
pub fn sweep_json(result: &SweepResult) -> Value {
    let rows = result.rows.iter().enumerate().map(|(place, row)| {
        let tasks = result.columns.iter().enumerate().map(|(column, of)| {
            json!({
                "task": of.task,
                "metric": of.metric.name,
                "better": of.metric.better,
                "values": row.values.get(column),
                "spread": row.spread(column),
                "best": result.best(column) == Some(place),
            })
        });
        json!({
            "method": row.method,
            "runs": row.runs,
            "diverged": row.diverged,
            "missing": row.missing,
            "tasks": tasks.collect::<Vec<_>>(),
            "delta_m": {
                "values": row.delta_m,
                "spread": row.delta_spread(),
                "best": result.best_delta() == Some(place),
            },
            "ms_per_step": row.step_ms,
        })
    });
    json!({ "part": result.part, "convention": convention(), "rows": rows.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::MetricInfo;

    fn result() -> SweepResult {
        let row = |method: &str, values: &[f64], delta: &[f64], missing: usize| SweepRow {
            method: method.to_owned(),
            runs: values.iter().map(|value| format!("run {value}")).collect(),
            values: vec![values.to_vec()],
            delta_m: delta.to_vec(),
            step_ms: Some(1.5),
            diverged: 0,
            missing,
        };
        let metric = MetricInfo { name: "accuracy".to_owned(), better: Better::Higher };
        SweepResult {
            part: "test".to_owned(),
            columns: vec![SweepColumn { task: "情感".to_owned(), metric }],
            rows: vec![
                row("equal", &[0.5, 0.5125], &[-1.0, -2.0], 0),
                row("weights 1, \"2\"", &[0.75, 0.7625], &[], 0),
                row("dwa", &[], &[], 2),
            ],
        }
    }

    #[test]
    fn the_table_marks_the_best_and_says_what_lacks() {
        let want = "method          情感 accuracy ↑            Δm %    ms/step\n\
                    equal           0.5062 ± 0.0088    -1.50 ± 0.71      1.500\n\
                    weights 1, \"2\"  0.7562 ± 0.0088 *             –      1.500\n\
                    dwa                           –               –      1.500  2 of 2 missing\n";
        let text = sweep_table(&result(), "hint");
        let (table, notes) = text.split_once("\n\n").unwrap();
        assert_eq!(format!("{table}\n").replace("  \n", "\n"), want, "{text}");
        assert_eq!(notes.lines().count(), 4);
        assert!(notes.contains("over 2 seeds") && notes.contains("* leads") && notes.contains("higher is better"));
        let single = SweepResult { rows: vec![result().rows[2].clone()], ..result() };
        assert!(sweep_table(&single, "hint").ends_with("hint\n"));
    }

    #[test]
    fn csv_is_quoted_and_json_has_every_value() {
        let text = sweep_csv(&result());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("method,runs,diverged,missing,test 情感 accuracy mean,"), "{text}");
        assert!(lines[2].starts_with(r#""weights 1, ""2""",2,0,0,0.75625,"#), "{text}");
        assert!(lines[3].starts_with("dwa,0,0,2,,,0,,,0,"), "{text}");
        let json = sweep_json(&result());
        assert_eq!(json["rows"][1]["tasks"][0]["values"][1], 0.7625);
        assert_eq!(
            (json["rows"][1]["tasks"][0]["best"].as_bool(), json["rows"][0]["delta_m"]["best"].as_bool()),
            (Some(true), Some(false))
        );
    }
}
