//! A run's figures, read from its directory: what a study and a comparison show of it.
//!
//! Owns which evaluation speaks for a run. It must not compare runs.

use super::delta::Change;
use crate::protocol::{EndReason, Eval, Event, Real, TaskInfo};
use crate::run::{RunDirectory, RunError, RunJson, RunStatus, read_events};
use std::collections::BTreeMap;

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The directory's name.
    pub name: String,
    /// `run.json`; empty where it cannot be read.
    pub json: RunJson,
    /// Its tasks with their metrics and, where known, baselines.
    pub tasks: Vec<TaskInfo>,
    /// The weighting and the aggregation at the start.
    pub methods: (String, String),
    /// The evaluation that speaks for it: of the test part, else the best of the validation part, else its last.
    pub eval: Option<Eval>,
    /// The median time of a step in seconds, where two steps in a row were recorded.
    pub step_seconds: Option<f64>,
}

impl Figures {
    /// Reads a run.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn read(run: &RunDirectory) -> Result<Self, RunError> {
        let mut seen = Seen::default();
        read_events(&run.events(), |event| seen.take(event))?;
        let step_seconds = median(&mut seen.seconds);
        let (tasks, methods) = seen.started.unwrap_or_default();
        let eval = seen.test.or(seen.best).or(seen.valid);
        Ok(Self { name: run.name(), json: run.read_json().unwrap_or_default(), tasks, methods, eval, step_seconds })
    }

    /// Whether it came to its end and was measured.
    pub fn is_done(&self) -> bool {
        matches!(self.json.status, RunStatus::Ended(EndReason::Finished | EndReason::EarlyStopped))
            && self.eval.is_some()
    }

    /// Whether its figures are of the test part.
    pub fn is_tested(&self) -> bool {
        self.eval.as_ref().is_some_and(|eval| eval.split == "test")
    }

    /// A task's value of a metric in the evaluation that speaks for the run.
    pub fn value(&self, task: &str, metric: &str) -> Option<f64> {
        let place = self.tasks.iter().position(|known| known.name == task)?;
        Some(self.eval.as_ref()?.metric.get(place)?.get(metric)?.get())
    }

    /// What it gained over its tasks trained alone; nothing where it was not tested, or no baseline is known.
    pub fn change(&self) -> Change {
        match &self.eval {
            Some(eval) if eval.split == "test" => Change::of(&self.tasks, &eval.metric),
            _ => Change { tasks: vec![None; self.tasks.len()], delta_m: None },
        }
    }

    /// Takes other baselines than the run's own record states.
    pub fn set_baselines(&mut self, of_task: impl Fn(&str) -> BTreeMap<String, Real>) {
        for task in &mut self.tasks {
            task.baseline = of_task(&task.name);
        }
    }
}

#[derive(Default)]
struct Seen {
    started: Option<(Vec<TaskInfo>, (String, String))>,
    test: Option<Eval>,
    best: Option<Eval>,
    valid: Option<Eval>,
    last: Option<(u64, f64)>,
    seconds: Vec<f64>,
}

impl Seen {
    fn take(&mut self, event: Event) {
        match event {
            Event::Run(run) => self.started = Some((run.tasks, (run.weighting, run.aggregation))),
            Event::Step(step) => {
                let time = step.time.get();
                if let Some((before, then)) = self.last
                    && before + 1 == step.step
                    && time >= then
                {
                    self.seconds.push(time - then);
                }
                self.last = Some((step.step, time));
            }
            // What was measured before belongs to steps that no longer count.
            Event::Rewind(_) => self.last = None,
            Event::Eval(eval) if eval.split == "test" => self.test = Some(eval),
            Event::Eval(eval) if eval.split == "valid" => {
                if eval.best {
                    self.best = Some(eval.clone());
                }
                self.valid = Some(eval);
            }
            _ => {}
        }
    }
}

/// The middle of some numbers, the mean of the two middle ones of an even count.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(upper, *values.get(middle.checked_sub(1)?)?)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_test_part_speaks_first_and_a_slow_step_does_not_count() {
        let base = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(base.path(), "a").unwrap();
        let head = r#"{"event":"run","schema":1,"run":"a","weighting":"dwa","aggregation":"sum","tasks":[{"name":"x","metrics":[{"name":"mae","better":"lower"}],"baseline":{"mae":2.0}}]}"#;
        let step = |step: u64, time: f64| format!(r#"{{"event":"step","step":{step},"time":{time},"loss":[1.0]}}"#);
        let valid = r#"{"event":"eval","step":3,"split":"valid","loss":[1.0],"metric":[{"mae":3.0}],"best":true}"#;
        let mut lines = vec![head.to_owned(), step(1, 0.5), step(2, 0.75), step(3, 7.75), step(4, 8.0), step(6, 99.0)];
        lines.push(valid.to_owned());
        let write = |lines: &[String]| fs::write(run.events(), lines.join("\n") + "\n").unwrap();
        write(&lines);
        let figures = Figures::read(&run).unwrap();
        assert_eq!(figures.step_seconds, Some(0.25));
        assert_eq!((figures.value("x", "mae"), figures.is_tested()), (Some(3.0), false));
        assert_eq!(figures.change().delta_m, None, "validation figures are not held against test baselines");
        lines.push(r#"{"event":"eval","step":3,"split":"test","loss":[1.0],"metric":[{"mae":1.0}]}"#.to_owned());
        write(&lines);
        let figures = Figures::read(&run).unwrap();
        assert_eq!((figures.value("x", "mae"), figures.value("y", "mae")), (Some(1.0), None));
        assert_eq!(figures.change().delta_m, Some(50.0));
        assert!(!figures.is_done(), "run.json does not say that it ended");
    }

    #[test]
    fn the_middle_of_an_even_count_is_between_two() {
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut []), None);
    }
}
