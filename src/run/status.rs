//! What a run is doing, from outside: alive, stale, ended or died, and its last figures.

use super::lines::{Line, LineTail};
use super::lock::LockState;
use super::reader::read;
use super::{ReadReport, RunDirectory, RunError, RunStatus};
use crate::protocol::{EndReason, Eval, Event, Real, Step, System};
use serde::Serialize;
use std::collections::VecDeque;
use std::fs;
use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};

/// Steps that the median time of one is taken over.
const RECENT_STEPS: usize = 21;

/// Whether a run lives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Liveness {
    /// A trainer holds it and writes.
    Alive,
    /// A trainer holds it, but has written nothing for long: max(15 s, ten median steps).
    Stale,
    /// It ended.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// Its trainer is gone without a word.
    Died,
}

impl Liveness {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Stale => "stale",
            Self::Ended { reason } => reason.name(),
            Self::Died => "died",
        }
    }
}

/// A run in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    /// The directory's name.
    pub name: String,
    /// Task names in order.
    pub tasks: Vec<String>,
    /// The device.
    pub device: String,
    /// The seed.
    pub seed: u64,
    /// When it started, RFC 3339; empty where not known.
    pub start: String,
    /// Updates made.
    pub step: u64,
    /// Updates planned.
    pub steps: Option<u64>,
    /// Whether it lives.
    pub liveness: Liveness,
    /// What its trainer was doing at the last sign of life: `running`, `paused`, ….
    pub doing: Option<String>,
    /// Seconds since the trainer's last step at that sign of life.
    pub step_age: Option<Real>,
    /// Seconds since the last line was written.
    pub age: Option<f64>,
    /// The last step's losses, one a task.
    pub loss: Vec<Option<Real>>,
    /// The last step's weights, one a task.
    pub weight: Vec<Real>,
    /// Whether each task took no part in the last step although it had labels.
    pub muted: Vec<bool>,
    /// The last evaluation on the validation part.
    pub valid: Option<Eval>,
    /// The evaluation on the test part.
    pub test: Option<Eval>,
    /// The best evaluation so far.
    pub best: Option<Eval>,
    /// What the trainer last told of the machine and of where its time goes.
    pub system: Option<System>,
    /// Lines of the record that could not be read.
    pub unreadable: u64,
}

/// Reads a run's `run.json` and record, in bounded memory. A run without a readable `run.json` is summarised by its
/// record alone.
///
/// # Errors
/// [`RunError::Io`].
pub fn summarise(run: &RunDirectory) -> Result<RunSummary, RunError> {
    summarise_at(run, SystemTime::now())
}

fn summarise_at(run: &RunDirectory, now: SystemTime) -> Result<RunSummary, RunError> {
    // Before the record, so that a run that ends in between is not taken for one that died.
    let lock = run.lock_state();
    let json = run.read_json().unwrap_or_default();
    let mut seen = Seen::default();
    LineTail::new(&run.events()).poll(|line| {
        seen.line(&line);
        ControlFlow::Continue(())
    })?;
    let recent: Vec<Step> = seen.steps.iter().filter_map(|line| as_step(line)).collect();
    let age = fs::metadata(run.events()).and_then(|data| data.modified()).ok();
    let age = age.map(|written| now.duration_since(written).unwrap_or(Duration::ZERO).as_secs_f64());
    let quiet = age.is_none_or(|age| age > patience(&recent));
    let stated = match json.status {
        RunStatus::Ended(reason) => Some(reason),
        _ => None,
    };
    let liveness = match (seen.end, lock) {
        (Some(reason), _) => Liveness::Ended { reason },
        (None, LockState::Free) => stated.map_or(Liveness::Died, |reason| Liveness::Ended { reason }),
        (None, LockState::Held { .. } | LockState::Unknown) if quiet => Liveness::Stale,
        (None, LockState::Held { .. } | LockState::Unknown) => Liveness::Alive,
    };
    let last = recent.last();
    Ok(RunSummary {
        name: run.name(),
        tasks: if seen.tasks.is_empty() { json.tasks } else { seen.tasks },
        device: if seen.device.is_empty() { json.device } else { seen.device },
        seed: seen.seed.unwrap_or(json.seed),
        start: json.start,
        step: last.map_or(seen.step, |step| step.step.max(seen.step)),
        steps: seen.planned,
        liveness,
        doing: seen.doing,
        step_age: seen.step_age,
        age,
        loss: last.map(|step| step.loss.clone()).unwrap_or_default(),
        weight: last.map(|step| step.weight.clone()).unwrap_or_default(),
        muted: last.map(muted).unwrap_or_default(),
        valid: seen.valid,
        test: seen.test,
        best: seen.best,
        system: seen.system,
        unreadable: seen.report.unreadable + seen.report.too_long,
    })
}

/// A muted task has a loss, but no factor.
fn muted(step: &Step) -> Vec<bool> {
    step.loss.iter().zip(&step.factor).map(|(loss, factor)| loss.is_some() && factor.is_none()).collect()
}

/// What has been read of a record so far.
#[derive(Default)]
struct Seen {
    report: ReadReport,
    tasks: Vec<String>,
    device: String,
    seed: Option<u64>,
    planned: Option<u64>,
    step: u64,
    /// The last lines of steps, not yet parsed: they are most of a record, and only the last ones matter.
    steps: VecDeque<String>,
    doing: Option<String>,
    step_age: Option<Real>,
    valid: Option<Eval>,
    test: Option<Eval>,
    best: Option<Eval>,
    system: Option<System>,
    end: Option<EndReason>,
}

impl Seen {
    fn line(&mut self, line: &Line<'_>) {
        if let Line::Text(text) = line
            && text.starts_with(r#"{"event":"step""#)
            && text.ends_with('}')
        {
            self.keep_step((*text).to_owned());
        } else if let Some(event) = read(line, &mut self.report) {
            self.event(event);
        }
    }

    fn keep_step(&mut self, line: String) {
        self.end = None;
        if self.steps.len() >= RECENT_STEPS {
            self.steps.pop_front();
        }
        self.steps.push_back(line);
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Run(run) => {
                self.tasks = run.tasks.into_iter().map(|task| task.name).collect();
                (self.device, self.seed, self.planned) = (run.device, Some(run.seed), run.steps);
            }
            Event::Step(step) => self.keep_step(Event::Step(step).to_line().unwrap_or_default()),
            Event::Eval(eval) if eval.split == "test" => self.test = Some(eval),
            Event::Eval(eval) => {
                if eval.best {
                    self.best = Some(eval.clone());
                }
                self.valid = Some(eval);
            }
            Event::Rewind(rewind) => {
                self.steps.clear();
                self.step = rewind.to_step;
                self.end = None;
                for kept in [&mut self.valid, &mut self.best, &mut self.test] {
                    *kept = kept.take().filter(|eval| eval.step <= rewind.to_step);
                }
            }
            Event::Heartbeat(beat) => (self.doing, self.step_age) = (Some(beat.state), Some(beat.step_age)),
            Event::System(system) => self.system = Some(system),
            Event::End(end) => {
                self.end = Some(end.reason);
                self.step = self.step.max(end.step);
            }
            _ => {}
        }
    }
}

fn as_step(line: &str) -> Option<Step> {
    match Event::parse(line).ok()? {
        Event::Step(step) => Some(*step),
        _ => None,
    }
}

/// Seconds without a line after which a held run is stale.
fn patience(recent: &[Step]) -> f64 {
    let mut times: Vec<f64> = recent
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(b.time.get() - a.time.get()).filter(|time| time.is_finite() && *time >= 0.0),
            _ => None,
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).map_or(15.0, |median| (10.0 * median).max(15.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunJson;
    use serde_json::json;

    fn write(run: &RunDirectory, lines: &[serde_json::Value]) {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        fs::write(run.events(), lines.join("\n") + "\n").unwrap();
    }

    fn lines(step_time: f64) -> Vec<serde_json::Value> {
        let mut lines = vec![
            json!({"event":"run","schema":1,"run":"a","tasks":[{"name":"x"}],"steps":500,"seed":3,"device":"flex"}),
        ];
        lines.extend((1..=100).map(
            |s| json!({"event":"step","step":s,"time":s as f64 * step_time,"loss":[1.0 / s as f64],"weight":[1.0]}),
        ));
        lines.push(json!({"event":"eval","step":100,"split":"valid","loss":[0.1],"score":0.4,"best":true}));
        for (time, memory) in [(1.0, 7), (2.0, 8)] {
            lines.push(json!({"event":"system","time":time,"memory":memory,"parts":{"forward":0.5}}));
        }
        lines.push(json!({"event":"heartbeat","time":1.0,"state":"paused","step":100}));
        lines
    }

    #[test]
    fn a_run_is_alive_stale_died_or_ended() {
        let base = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(base.path(), "a").unwrap();
        run.write_json(&RunJson::starting("a", vec!["x".into()], 3, "flex", "")).unwrap();
        write(&run, &lines(3.0));
        let now = fs::metadata(run.events()).unwrap().modified().unwrap();
        let after = |seconds| summarise_at(&run, now + Duration::from_secs(seconds)).unwrap();
        assert_eq!(after(1).liveness, Liveness::Died);
        let lock = run.acquire().unwrap();
        let alive = after(29);
        assert_eq!((alive.liveness, alive.step, alive.steps, alive.age), (Liveness::Alive, 100, Some(500), Some(29.0)));
        assert_eq!(alive.loss, [Some(Real(0.01))]);
        assert_eq!(alive.best.unwrap().score, Some(Real(0.4)));
        assert_eq!(
            alive.system.map(|system| (system.time, system.memory, system.cpu)),
            Some((Real(2.0), Some(8), None))
        );
        assert_eq!(alive.doing.as_deref(), Some("paused"));
        assert_eq!(after(31).liveness, Liveness::Stale);
        drop(lock);
        write(&run, &[lines(3.0), vec![json!({"event":"end","step":100,"reason":"stopped"})]].concat());
        assert_eq!(summarise(&run).unwrap().liveness, Liveness::Ended { reason: EndReason::Stopped });
    }

    #[test]
    fn a_rewind_takes_back_and_a_foreign_record_is_enough() {
        let base = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(base.path(), "a").unwrap();
        let mut lines = lines(0.001);
        lines.push(json!({"event":"end","step":100,"reason":"interrupted"}));
        lines.push(json!({"event":"rewind","to_step":50,"why":"resume"}));
        lines.push(json!({"step":51,"event":"step","loss":[7.0]}));
        write(&run, &lines);
        fs::write(run.events(), fs::read_to_string(run.events()).unwrap() + "nonsense\n{\"event\":\"end\"").unwrap();
        let summary = summarise(&run).unwrap();
        assert_eq!((summary.step, summary.loss, summary.best), (51, vec![Some(Real(7.0))], None));
        assert_eq!((summary.liveness, summary.unreadable), (Liveness::Died, 1));
        assert_eq!((summary.tasks, summary.seed), (vec!["x".to_owned()], 3));
    }
}
