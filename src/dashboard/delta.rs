//! Δm: how much better the tasks are together than each alone.
//!
//! Owns which of a task's values count. The formula is `study::delta`'s.

use super::model::{History, Task};
use crate::protocol::MetricInfo;
use crate::study::delta::gain;

/// The change of a task's metric: of its test value where that is known, else of the last one on the validation part.
pub fn of_metric(task: &Task, history: &History) -> Option<f64> {
    let baseline = *task.baseline.get(&history.key)?;
    let tested = task.test.get(&history.key).copied();
    let value = tested.or_else(|| history.series.last().map(|(_, value)| value))?;
    let metric = MetricInfo { name: history.key.clone(), better: history.better };
    Some(gain(&metric, value, baseline)? / 100.0)
}

/// Δm as a share, over the tasks that have a baseline; `None` where none has.
pub fn of_all(tasks: &[Task]) -> Option<f64> {
    mean(tasks.iter().filter_map(|task| mean(task.metrics.iter().filter_map(|history| of_metric(task, history)))))
}

/// The mean change of some tasks over others of the same names, over the metrics that both have: of test values where
/// both were tested, else of the last ones on the validation part. `None` where there is nothing to compare.
pub fn between(tasks: &[Task], others: &[Task]) -> Option<f64> {
    let value = |task: &Task, history: &History, tested: bool| match task.test.get(&history.key) {
        Some(value) if tested => Some(*value),
        _ => history.series.last().map(|(_, value)| value),
    };
    let of_task = |task: &Task| {
        let other = others.iter().find(|other| other.name == task.name)?;
        mean(task.metrics.iter().filter_map(|history| {
            let than = other.metrics.iter().find(|than| than.key == history.key)?;
            let tested = task.test.contains_key(&history.key) && other.test.contains_key(&history.key);
            let metric = MetricInfo { name: history.key.clone(), better: history.better };
            Some(gain(&metric, value(task, history, tested)?, value(other, than, tested)?)? / 100.0)
        }))
    };
    mean(tasks.iter().filter_map(of_task))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::TaskInfo;

    fn task(line: &str, values: &[(usize, f64)]) -> Task {
        let mut task = Task::new(&serde_json::from_str::<TaskInfo>(line).unwrap(), 0.0);
        for (place, value) in values {
            task.metrics[*place].push(1, *value);
        }
        task
    }

    #[test]
    fn tasks_count_alike_whatever_the_number_of_their_metrics_and_more_is_better() {
        let tasks = [
            task(
                r#"{"name":"a","metrics":[{"name":"accuracy","better":"higher"},{"name":"f1","better":"higher"}],"baseline":{"accuracy":0.8,"f1":0.5}}"#,
                &[(0, 0.88), (1, 0.4)],
            ),
            task(r#"{"name":"b","metrics":[{"name":"mae","better":"lower"}],"baseline":{"mae":2.0}}"#, &[(0, 1.0)]),
            task(r#"{"name":"c","metrics":[{"name":"mae","better":"lower"}]}"#, &[(0, 9.0)]),
        ];
        // a: (+10 % − 20 %) / 2; b: +50 %; c has no baseline.
        assert!((of_all(&tasks).unwrap() - 0.225).abs() < 1e-12);
        assert_eq!(of_all(&tasks[2..]), None);
    }

    #[test]
    fn two_runs_are_compared_on_what_both_have() {
        let line = r#"{"name":"b","metrics":[{"name":"mae","better":"lower"}]}"#;
        let (mut worse, mut better) = (task(line, &[(0, 2.0)]), task(line, &[(0, 1.0)]));
        let only = task(r#"{"name":"c","metrics":[{"name":"mae","better":"lower"}]}"#, &[(0, 9.0)]);
        let tasks = |task: &Task| [task.clone(), only.clone()];
        assert_eq!(between(&tasks(&better), &[worse.clone()]), Some(0.5));
        assert_eq!(between(&tasks(&worse), &[better.clone()]), Some(-1.0));
        // One that was tested is not compared with one that was not.
        worse.test.insert("mae".to_owned(), 1.0);
        assert_eq!(between(&[better.clone()], &[worse.clone()]), Some(0.5));
        better.test.insert("mae".to_owned(), 3.0);
        assert_eq!(between(&[better], &[worse]), Some(-2.0));
        assert_eq!(between(&[only], &[]), None);
    }

    #[test]
    fn the_test_part_counts_once_it_was_read() {
        let line = r#"{"name":"b","metrics":[{"name":"mae","better":"lower"}],"baseline":{"mae":2.0}}"#;
        let mut task = task(line, &[(0, 1.0)]);
        task.test.insert("mae".to_owned(), 3.0);
        assert_eq!(of_metric(&task, &task.metrics[0]), Some(-0.5));
    }
}
