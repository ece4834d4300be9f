//! Runs side by side as text, CSV and JSON.

use super::number::short;
use super::result::align;
use super::sweep::csv;
use crate::protocol::{Better, MetricInfo, TaskInfo};
use crate::study::delta::gain;
use crate::study::{ABSOLUTE, CONVENTION, Figures, convention};
use crate::text::sanitise;
use serde_json::{Value, json};

/// Metrics of all runs, a column a run; below each task and at the end the gain over single tasks, where known.
pub fn comparison_table(runs: &[Figures], hint: &str) -> String {
    let alone = same_baselines(runs);
    let column = |cells: [String; 2], alone: Option<String>, values: Vec<String>| {
        cells.into_iter().chain(alone).chain(values).collect::<Vec<String>>()
    };
    let head = |word: &str| alone.then(|| word.to_owned());
    let words = |first: &str, second: &str| [first.to_owned(), second.to_owned()];
    let mut rows = vec![
        column(words("task", "metric"), head("alone"), runs.iter().map(|run| sanitise(&run.name)).collect()),
        column(words("", ""), head("test"), runs.iter().map(part).collect()),
    ];
    let changes: Vec<_> = runs.iter().map(Figures::change).collect();
    let knows_gains = changes.iter().any(|change| change.tasks.iter().any(Option::is_some));
    for (task, metrics) in tasks(runs) {
        for metric in metrics {
            let arrow = if metric.better == Better::Higher { '↑' } else { '↓' };
            let name = [sanitise(&task), format!("{} {arrow}", sanitise(&metric.name))];
            let values = runs.iter().map(|run| run.value(&task, &metric.name).map_or("–".to_owned(), short));
            let baseline = runs.iter().find_map(|run| baseline(run, &task, &metric.name));
            let baseline = alone.then(|| baseline.map_or("–".to_owned(), short));
            rows.push(column(name, baseline, values.collect()));
        }
        if knows_gains {
            let gains = runs.iter().zip(&changes).map(|(run, change)| {
                let place = run.tasks.iter().position(|known| known.name == task);
                percent(place.and_then(|place| change.tasks.get(place).copied().flatten()))
            });
            rows.push(column([sanitise(&task), "Δ %".to_owned()], head(""), gains.collect()));
        }
    }
    if knows_gains {
        let totals = changes.iter().map(|change| percent(change.delta_m)).collect();
        rows.push(column(words("all", "Δm %"), head(""), totals));
    }
    let mut text = align(&rows, 2);
    text.push('\n');
    if runs.iter().any(|run| !run.is_tested()) {
        text.push_str("a run without figures on the test part shows the best ones on the validation part, and no Δ\n");
    }
    let notes = if knows_gains { vec![CONVENTION, ABSOLUTE] } else { vec![hint] };
    for note in notes {
        text.push_str(note);
        text.push('\n');
    }
    text
}

/// Every metric of every run a record, with its baseline and gain where known; Δm has a record of its own.
pub fn comparison_csv(runs: &[Figures]) -> String {
    let head = ["run", "part", "step", "task", "metric", "better", "value", "baseline", "gain_percent"];
    let mut records = vec![head.map(str::to_owned).to_vec()];
    let text = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for run in runs {
        let (part, step) = run
            .eval
            .as_ref()
            .map_or((String::new(), String::new()), |eval| (eval.split.clone(), eval.step.to_string()));
        let mut record = |task: &str, metric: &str, better: &str, values: [Option<f64>; 3]| {
            let words = [&run.name, &part, &step, task, metric, better].map(str::to_owned);
            records.push(words.into_iter().chain(values.map(text)).collect());
        };
        for task in &run.tasks {
            for metric in &task.metrics {
                let better = if metric.better == Better::Higher { "higher" } else { "lower" };
                let (value, alone, gain) = measured(run, task, metric);
                record(&task.name, &metric.name, better, [value, alone, gain]);
            }
        }
        let change = run.change();
        for (task, gain) in run.tasks.iter().zip(&change.tasks) {
            record(&task.name, "delta", "higher", [*gain, None, None]);
        }
        record("", "delta_m", "higher", [change.delta_m, None, None]);
    }
    csv(&records)
}

/// The same as JSON.
pub fn comparison_json(runs: &[Figures]) -> Value {
    let runs = runs.iter().map(|run| {
        let change = run.change();
        let tasks = run.tasks.iter().enumerate().map(|(place, task)| {
            let metrics = task.metrics.iter().map(|metric| {
                let (value, baseline, gain) = measured(run, task, metric);
                json!({ "name": metric.name, "better": metric.better, "value": value, "baseline": baseline,
                    "gain_percent": gain })
            });
            json!({ "task": task.name, "metrics": metrics.collect::<Vec<_>>(),
                "gain_percent": change.tasks.get(place).copied().flatten() })
        });
        json!({
            "run": run.name,
            "seed": run.json.seed,
            "weighting": run.methods.0,
            "aggregation": run.methods.1,
            "part": run.eval.as_ref().map(|eval| &eval.split),
            "step": run.eval.as_ref().map(|eval| eval.step),
            "tasks": tasks.collect::<Vec<_>>(),
            "delta_m": change.delta_m,
            "ms_per_step": run.step_seconds.map(|seconds| 1e3 * seconds),
        })
    });
    json!({ "convention": convention(), "runs": runs.collect::<Vec<_>>() })
}

/// Value, baseline and gain; no gain of figures that are not of the test part.
fn measured(run: &Figures, task: &TaskInfo, metric: &MetricInfo) -> (Option<f64>, Option<f64>, Option<f64>) {
    let value = run.value(&task.name, &metric.name);
    let alone = baseline(run, &task.name, &metric.name);
    let gain = value.zip(alone).filter(|_| run.is_tested()).and_then(|(value, alone)| gain(metric, value, alone));
    (value, alone, gain)
}

fn baseline(run: &Figures, task: &str, metric: &str) -> Option<f64> {
    let task = run.tasks.iter().find(|known| known.name == task)?;
    Some(task.baseline.get(metric)?.get())
}

/// Whether there are baselines, and those that are known are the same for all runs.
fn same_baselines(runs: &[Figures]) -> bool {
    let known = |run: &Figures| run.tasks.iter().any(|task| !task.baseline.is_empty());
    let all: Vec<Vec<_>> = runs
        .iter()
        .filter(|run| known(run))
        .map(|run| run.tasks.iter().map(|task| (&task.name, &task.baseline)).collect())
        .collect();
    all.first().is_some_and(|first| all.iter().all(|other| other == first))
}

/// Which figures a run's column shows.
fn part(run: &Figures) -> String {
    run.eval.as_ref().map_or("not measured".to_owned(), |eval| format!("{} @{}", sanitise(&eval.split), eval.step))
}

fn percent(gain: Option<f64>) -> String {
    gain.map_or("–".to_owned(), |gain| format!("{gain:+.2}"))
}

/// Every task of any run with its metrics, in the order they come.
fn tasks(runs: &[Figures]) -> Vec<(String, Vec<MetricInfo>)> {
    let mut all: Vec<(String, Vec<MetricInfo>)> = Vec::new();
    for task in runs.iter().flat_map(|run| &run.tasks) {
        let place = all.iter().position(|(name, _)| *name == task.name).unwrap_or_else(|| {
            all.push((task.name.clone(), Vec::new()));
            all.len() - 1
        });
        let Some((_, metrics)) = all.get_mut(place) else { continue };
        for metric in &task.metrics {
            if !metrics.contains(metric) {
                metrics.push(metric.clone());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Eval, Real};
    use crate::run::RunJson;
    use std::collections::BTreeMap;

    fn run(name: &str, split: &str, value: f64, baseline: Option<f64>) -> Figures {
        let one = |value: f64| BTreeMap::from([("mae".to_owned(), Real(value))]);
        Figures {
            name: name.to_owned(),
            json: RunJson::default(),
            tasks: vec![TaskInfo {
                name: "heat".to_owned(),
                source: String::new(),
                loss: String::new(),
                weight: Real(1.0),
                metrics: vec![MetricInfo { name: "mae".to_owned(), better: Better::Lower }],
                baseline: baseline.map(one).unwrap_or_default(),
            }],
            methods: ("manual".to_owned(), "sum".to_owned()),
            eval: Some(Eval { step: 9, split: split.to_owned(), metric: vec![one(value)], ..Eval::default() }),
            step_seconds: Some(0.002),
        }
    }

    #[test]
    fn runs_stand_side_by_side_with_what_they_gained() {
        let runs = [run("a", "test", 1.5, Some(2.0)), run("b\u{1b}", "valid", 3.0, Some(2.0))];
        let text = comparison_table(&runs, "hint");
        let want = "task  metric  alone        a        b␛\n\
                    \x20              test  test @9  valid @9\n\
                    heat  mae ↓   2.000    1.500     3.000\n\
                    heat  Δ %             +25.00         –\n\
                    all   Δm %            +25.00         –\n";
        let (table, notes) = text.split_once("\n\n").unwrap();
        assert_eq!(format!("{table}\n"), want, "{text}");
        assert!(notes.contains("higher is better") && notes.contains("validation part"));
        let text = comparison_table(&[run("a", "test", 1.5, None)], "hint");
        assert!(text.ends_with("hint\n") && !text.contains("alone") && !text.contains('Δ'), "{text}");
    }

    #[test]
    fn csv_and_json_have_value_baseline_and_gain() {
        let runs = [run("a", "test", 1.5, Some(2.0)), run("b", "valid", 3.0, Some(2.0))];
        let text = comparison_csv(&runs);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "a,test,9,heat,mae,lower,1.5,2,25");
        assert_eq!(lines[3], "a,test,9,,delta_m,higher,25,,");
        assert_eq!(lines[4], "b,valid,9,heat,mae,lower,3,2,");
        let json = comparison_json(&runs);
        assert_eq!(json["runs"][0]["tasks"][0]["metrics"][0]["gain_percent"], 25.0);
        assert_eq!((&json["runs"][0]["delta_m"], &json["runs"][1]["delta_m"]), (&json!(25.0), &Value::Null));
    }
}
