//! One line an event that matters, and a step line at a sensible pace.

use super::number::{duration, short};
use crate::protocol::{Applied, Balance, EndReason, Eval, Event, Real, RunStarted, Step};
use crate::text::sanitise;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

/// Time between two step lines, at least.
const STEP_LINE_EVERY: Duration = Duration::from_secs(1);
/// A speed over a shorter time would be made up.
const SPEED_NEEDS: Duration = Duration::from_millis(100);

/// Turns events into lines.
#[derive(Clone, Debug, Default)]
pub struct Log {
    tasks: Vec<String>,
    sources: Vec<String>,
    steps: Option<u64>,
    /// The metric that each task's configuration names first, by the task's name as shown.
    first_metrics: HashMap<String, String>,
    /// The last step, and how often each source's training rows were passed over until then.
    epochs: (u64, Vec<Real>),
    /// Step and time of the last step line, to tell the speed.
    last: Option<(u64, Duration)>,
    /// When the last balance line came.
    balance: Option<Duration>,
}

impl Log {
    /// A log that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lines for an event that came `now` after the start; often none.
    pub fn lines(&mut self, event: &Event, now: Duration) -> Vec<String> {
        match event {
            Event::Run(run) => self.started(run),
            Event::Step(step) => self.step(step, now).into_iter().collect(),
            Event::Eval(eval) => vec![self.eval(eval)],
            Event::Applied(applied) => vec![self.at(applied.step, &applied_text(applied))],
            Event::Rejected(rejected) => {
                vec![self.at(rejected.step, &format!("rejected  {} (from {})", rejected.reason, rejected.from))]
            }
            Event::Checkpoint(checkpoint) => vec![self.at(checkpoint.step, &format!("saved  {}", checkpoint.path))],
            Event::Rewind(rewind) => vec![self.at(rewind.to_step, "goes on from here")],
            Event::Alert(alert) => vec![self.at(alert.step, &format!("{}: {}", alert.level, alert.message))],
            Event::End(end) => {
                let reason = match end.reason {
                    EndReason::Finished => "finished",
                    EndReason::EarlyStopped => "stopped early: the validation score no longer gets better",
                    EndReason::Stopped => "stopped on request, state saved",
                    EndReason::Interrupted => "interrupted, state saved",
                    EndReason::Diverged => "diverged, last good state saved",
                    EndReason::Failed => "failed",
                };
                let message = end.message.as_ref().map_or(String::new(), |message| format!(": {message}"));
                vec![self.at(end.step, &format!("{reason}{message}"))]
            }
            Event::Balance(balance) => self.balance(balance, now).into_iter().collect(),
            Event::Scalars(_) | Event::System(_) | Event::Sample(_) | Event::Heartbeat(_) | Event::Unknown(_) => {
                Vec::new()
            }
        }
    }

    fn started(&mut self, run: &RunStarted) -> Vec<String> {
        self.tasks = run.tasks.iter().map(|task| sanitise(&task.name)).collect();
        let firsts = run.tasks.iter().zip(&self.tasks);
        self.first_metrics =
            firsts.filter_map(|(task, name)| Some((name.clone(), task.metrics.first()?.name.clone()))).collect();
        self.sources = run.sources.iter().map(|source| sanitise(&source.name)).collect();
        self.steps = run.steps;
        let rows = run.sources.iter().map(|source| {
            let rows = source.rows;
            format!(
                "{}: {} rows to train on, {} to validate, {} to test",
                sanitise(&source.name),
                rows.train,
                rows.valid,
                rows.test
            )
        });
        let own: usize = run.parameters.own.iter().sum();
        let mut lines = vec![format!(
            "{}  tasks {}  parameters {} shared, {own} own  seed {}  device {}",
            sanitise(&run.run),
            self.tasks.join(", "),
            run.parameters.shared,
            run.seed,
            sanitise(&run.device),
        )];
        lines.extend(rows);
        if !run.weighting.is_empty() || !run.aggregation.is_empty() {
            let name = |name: &str| if name.is_empty() { "-".to_owned() } else { sanitise(name) };
            lines.push(format!("weighting {}  aggregation {}", name(&run.weighting), name(&run.aggregation)));
        }
        lines
    }

    /// `balance  health -0.21 (cooling)  gap 0.0310  share heating 91% cooling 9%  hurt cooling`, as seldom as steps.
    fn balance(&mut self, balance: &Balance, now: Duration) -> Option<String> {
        if self.balance.is_some_and(|last| now.saturating_sub(last) < STEP_LINE_EVERY) {
            return None;
        }
        self.balance = Some(now);
        let known = |values: &[Option<Real>]| -> Vec<(usize, f64)> {
            let all = values.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?.get())));
            all.filter(|(_, value)| value.is_finite()).collect()
        };
        let name = |place: usize| self.tasks.get(place).map_or("?", String::as_str);
        let cosines = known(&balance.update_cosine);
        let mut text = "balance".to_owned();
        if let Some((place, health)) = cosines.iter().min_by(|left, right| left.1.total_cmp(&right.1)) {
            let _ = write!(text, "  health {health:+.2} ({})", name(*place));
        }
        if let Some(gap) = balance.gap {
            let _ = write!(text, "  gap {}", short(gap.get()));
        }
        let share = |(place, share): &(usize, f64)| format!("{} {:.0}%", name(*place), share * 100.0);
        let shares: Vec<String> = known(&balance.share).iter().map(share).collect();
        if !shares.is_empty() {
            let _ = write!(text, "  share {}", shares.join(" "));
        }
        let hurt: Vec<&str> =
            cosines.iter().filter(|(_, cosine)| *cosine < 0.0).map(|(place, _)| name(*place)).collect();
        if !hurt.is_empty() {
            let _ = write!(text, "  hurt {}", hurt.join(", "));
        }
        Some(self.at(balance.step, &text))
    }

    fn step(&mut self, step: &Step, now: Duration) -> Option<String> {
        self.epochs = (step.step, step.epoch.clone());
        let (last_step, last_time) = *self.last.get_or_insert((step.step, now));
        let since = now.saturating_sub(last_time);
        let last = self.steps == Some(step.step);
        if since < STEP_LINE_EVERY && !last {
            return None;
        }
        self.last = Some((step.step, now));
        let made = step.step.saturating_sub(last_step) as f64;
        let speed = if since < SPEED_NEEDS { f64::NAN } else { made / since.as_secs_f64() };
        let mut text = String::new();
        text.push_str(&self.epochs(step.step));
        if speed.is_finite() && speed > 0.0 {
            let _ = write!(text, "{speed:.0} it/s  ");
            if let Some(steps) = self.steps.filter(|_| !last) {
                let _ = write!(text, "eta {}  ", duration(steps.saturating_sub(step.step) as f64 / speed));
            }
        }
        let _ = write!(text, "loss  {}", self.per_task(&step.loss));
        Some(self.at(step.step, &text))
    }

    fn eval(&self, eval: &Eval) -> String {
        let mut text = format!("{}{}  {}", self.epochs(eval.step), sanitise(&eval.split), self.per_task(&eval.loss));
        let metrics = self.tasks.iter().zip(&eval.metric).filter_map(|(task, metrics)| {
            let first = self.first_metrics.get(task).and_then(|name| metrics.get_key_value(name));
            let (name, value) = first.or_else(|| metrics.iter().next())?;
            Some(format!("{task} {} {}", sanitise(name), short(value.get())))
        });
        let metrics = metrics.collect::<Vec<_>>().join("  ");
        if !metrics.is_empty() {
            let _ = write!(text, "  |  {metrics}");
        }
        if let Some(score) = eval.score {
            let _ = write!(text, "  |  score {}", short(score.get()));
        }
        if eval.best {
            text.push_str("  best");
        }
        self.at(eval.step, &text)
    }

    /// `epoch 3.2`, with several sources `epoch speech 1.2, text 4.0`; nothing where it is not known of this step.
    fn epochs(&self, step: u64) -> String {
        let name = |place: usize| self.sources.get(place).filter(|_| self.epochs.1.len() > 1);
        let one = |(place, epoch): (usize, &Real)| match name(place) {
            Some(name) => format!("{name} {:.1}", epoch.get()),
            None => format!("{:.1}", epoch.get()),
        };
        let all: Vec<String> = self.epochs.1.iter().enumerate().map(one).collect();
        if self.epochs.0 == step && !all.is_empty() { format!("epoch {}  ", all.join(", ")) } else { String::new() }
    }

    fn per_task(&self, values: &[Option<Real>]) -> String {
        let one = |(task, value): (&String, &Option<Real>)| {
            format!("{task} {}", value.map_or_else(|| "-".to_owned(), |value| short(value.get())))
        };
        self.tasks.iter().zip(values).map(one).collect::<Vec<_>>().join("  ")
    }

    /// A line that begins with the step, aligned.
    fn at(&self, step: u64, text: &str) -> String {
        let steps = self.steps.map_or_else(String::new, |steps| format!("/{steps}"));
        let width = self.steps.map_or(6, |steps| steps.to_string().len());
        format!("step {step:>width$}{steps}  {}", sanitise(text))
    }
}

/// `weight heating 2 (1 → 2) from cli`
fn applied_text(applied: &Applied) -> String {
    let command = match applied.command() {
        Some(command) => command.to_string(),
        None => applied.command.to_string(),
    };
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "off".to_owned(), value_text);
    let change = match (&applied.old, &applied.new) {
        (None, None) => String::new(),
        (old, new) => format!(" ({} → {})", value(old), value(new)),
    };
    format!("applied  {command}{change} from {}", applied.from)
}

/// A value as people read it: numbers short, absent ones `off`.
fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "off".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), trimmed),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(value_text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// A number without zeros that say nothing.
fn trimmed(value: f64) -> String {
    let text = short(value);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(line: &str) -> Event {
        Event::parse(line).unwrap()
    }

    fn log() -> Log {
        let mut log = Log::new();
        let run = r#"{"event":"run","schema":1,"run":"r","steps":100,"tasks":[{"name":"a\u001b[2J"},{"name":"b"}]}"#;
        assert!(!log.lines(&event(run), Duration::ZERO).join("").contains('\u{1b}'));
        log
    }

    #[test]
    fn step_lines_keep_a_pace_and_other_lines_come_at_once() {
        let mut log = log();
        let step = |n: u64| event(&format!(r#"{{"event":"step","step":{n},"loss":[0.5,null]}}"#));
        assert_eq!(log.lines(&step(1), Duration::ZERO), Vec::<String>::new());
        assert_eq!(log.lines(&step(2), Duration::from_millis(500)), Vec::<String>::new());
        let line = log.lines(&step(11), Duration::from_secs(1)).remove(0);
        assert_eq!(line, "step  11/100  10 it/s  eta 00:09  loss  a␛[2J 0.5000  b -");
        assert_eq!(log.lines(&step(100), Duration::from_millis(1100)).len(), 1);
        assert!(!log.lines(&step(100), Duration::from_millis(1101)).join("").contains("it/s"));
    }

    #[test]
    fn every_source_has_its_epoch_in_lines_of_steps_and_evaluations() {
        let mut log = Log::new();
        let run = r#"{"event":"run","schema":1,"run":"r","steps":9,"tasks":[{"name":"a"}],"sources":[{"name":"sp\u001beech"},{"name":"text"}]}"#;
        log.lines(&event(run), Duration::ZERO);
        let step = event(r#"{"event":"step","step":9,"epoch":[1.24,4],"loss":[0.5]}"#);
        assert_eq!(log.lines(&step, Duration::ZERO), ["step 9/9  epoch sp␛eech 1.2, text 4.0  loss  a 0.5000"]);
        let eval = |step: u64| event(&format!(r#"{{"event":"eval","step":{step},"split":"valid","loss":[0.5]}}"#));
        let line = log.lines(&eval(9), Duration::ZERO).remove(0);
        assert_eq!(line, "step 9/9  epoch sp␛eech 1.2, text 4.0  valid  a 0.5000");
        // The best parameters are of an earlier step: its epoch is not the last one.
        assert_eq!(log.lines(&eval(4), Duration::ZERO), ["step 4/9  valid  a 0.5000"]);
        let mut one = self::log();
        let step = event(r#"{"event":"step","step":100,"epoch":[3.21],"loss":[0.5,null]}"#);
        assert!(one.lines(&step, Duration::ZERO).concat().contains("  epoch 3.2  loss"));
    }

    #[test]
    fn an_applied_request_tells_old_and_new() {
        let applied = event(
            r#"{"event":"applied","step":7,"id":"1","from":"cli","command":{"set_weight":{"task":"b","value":2}},"old":1,"new":2}"#,
        );
        assert_eq!(log().lines(&applied, Duration::ZERO), ["step   7/100  applied  weight b 2 (1 → 2) from cli"]);
    }

    #[test]
    fn the_balance_of_the_tasks_is_told_at_a_pace_and_the_methods_at_the_start() {
        let mut log = Log::new();
        let run = r#"{"event":"run","schema":1,"run":"r","steps":100,"tasks":[{"name":"a\u001b"},{"name":"b"},{"name":"c"}],"weighting":"manual","aggregation":"pc\u001bgrad"}"#;
        let lines = log.lines(&event(run), Duration::ZERO);
        assert_eq!(lines.last().unwrap(), "weighting manual  aggregation pc␛grad");
        let balance = event(
            r#"{"event":"balance","step":7,"gap":0.031,"update_cosine":[0.8,-0.21,null],"share":[0.91,0.09,null]}"#,
        );
        let want = "step   7/100  balance  health -0.21 (b)  gap 0.0310  share a␛ 91% b 9%  hurt b";
        assert_eq!(log.lines(&balance, Duration::ZERO), [want]);
        assert!(log.lines(&balance, Duration::from_millis(900)).is_empty());
        let bare = event(r#"{"event":"balance","step":8,"update_cosine":[null,"NaN"]}"#);
        assert_eq!(log.lines(&bare, Duration::from_secs(1)), ["step   8/100  balance"]);
    }

    #[test]
    fn a_fallback_is_told_as_other_alerts_are() {
        let alert = event(r#"{"event":"alert","step":7,"code":"balance_fallback","level":"warning","message":"kept"}"#);
        assert_eq!(log().lines(&alert, Duration::ZERO), ["step   7/100  warning: kept"]);
    }
}
