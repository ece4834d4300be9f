//! How each event changes what is known of a run.

use super::evidence::RECENT;
use super::{EntryKind, Mark, MarkKind, Phase, Run, Task};
use crate::dashboard::advice::advise;
use crate::dashboard::compose;
use crate::dashboard::format;
use crate::dashboard::words::{Words, fill};
use crate::protocol::{
    Alert, Applied, Command, End, Eval, Event, Heartbeat, Real, Rewind, RewindReason, RunStarted, Step,
};
use crate::text::sanitise;
use serde_json::Value;
use std::time::Duration;

/// Steps from one thought to the next, at least.
const THINK_EVERY: u64 = 10;

impl Run {
    /// Takes in an event that came at `now`.
    pub fn ingest(&mut self, event: &Event, now: Duration, words: &Words) {
        self.heard = now;
        match event {
            Event::Run(run) => self.started(run),
            Event::Step(step) => self.stepped(step),
            Event::Eval(eval) => self.evaluated(eval, words),
            Event::Applied(applied) => self.applied(applied, words),
            Event::Rejected(rejected) => {
                self.pending.retain(|pending| pending.id != rejected.id);
                let text = format!("{}: {}", words.refused, sanitise(&rejected.reason));
                self.log.push(rejected.step, EntryKind::Refused, text);
            }
            Event::Checkpoint(saved) => {
                self.quiet.saved(saved.step);
                self.saved(saved.step);
                self.log.push(saved.step, EntryKind::Saved, fill(words.saved, &[&sanitise(&saved.path)]));
            }
            Event::Rewind(rewind) => self.rewound(*rewind, words),
            Event::Alert(alert) => self.alerted(alert),
            Event::Heartbeat(beat) => self.heartbeat(beat),
            Event::End(end) => self.ended(end, words),
            Event::Sample(sample) => {
                if let Some(task) = self.tasks.iter_mut().find(|task| task.name == sample.task) {
                    task.samples.push(sample, task.labels);
                }
            }
            Event::Balance(balance) => {
                self.balance.push(balance);
                self.evidence.balance(balance);
                self.think(balance.step, THINK_EVERY);
            }
            Event::Scalars(scalars) => self.scalars.push(scalars, self.smoothing),
            Event::System(system) => self.machine.heard(system),
            Event::Unknown(_) => {}
        }
    }

    /// The events stopped.
    pub fn disconnected(&mut self, words: &Words) {
        if !self.is_over() {
            self.phase = Phase::Lost;
            self.pending.clear();
            self.log.push(self.timeline.last_step(), EntryKind::Error, words.trainer_gone.to_owned());
        }
    }

    fn started(&mut self, run: &RunStarted) {
        self.name = sanitise(&run.run);
        self.steps = run.steps;
        self.accepts.clone_from(&run.accepts);
        self.sources = run.sources.iter().map(|source| sanitise(&source.name)).collect();
        self.methods.start(run);
        for (name, value) in &run.knobs {
            self.knobs.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self.machine.started(run);
        self.began_with_frozen(&run.frozen);
        // The first line of a run that goes on states the same tasks again; what is known of them stays.
        let same = self.tasks.iter().map(|task| &task.name).eq(run.tasks.iter().map(|task| &task.name));
        if !same || self.tasks.is_empty() {
            self.tasks = run.tasks.iter().map(|info| Task::new(info, self.smoothing)).collect();
            self.derive_again();
        }
    }

    /// What a run began with; it may be told again, after changes that are known by then.
    fn began_with_frozen(&mut self, parts: &[String]) {
        let known = self.frozen.first().is_some_and(|(step, _)| *step == 0);
        if !known && !parts.is_empty() {
            self.frozen.insert(0, (0, parts.to_vec()));
        }
    }

    fn stepped(&mut self, step: &Step) {
        if matches!(self.phase, Phase::Waiting | Phase::Evaluating) {
            self.phase = Phase::Running;
        }
        let number = step.step;
        if number <= self.timeline.last_step() && number > 0 && self.timeline.last_step() > 0 {
            return; // a step that was already seen, without a rewind
        }
        // Of a step that is over: its `balance` event comes after it.
        self.think(self.timeline.last_step(), THINK_EVERY + 1);
        self.step_age = 0.0;
        self.epochs = step.epoch.iter().map(|epoch| epoch.get()).collect();
        self.epoch = step.epoch.first().map(|epoch| epoch.get()).or(self.epoch);
        self.timeline.push(number, self.epoch, step.time.get());
        self.lr = step.lr.map(Real::get).or(self.lr);
        self.total = step.total.map(Real::get);
        self.update_norm = step.update_norm.map(Real::get);
        self.clip = step.clip.map(Real::get);
        let mut losses = Vec::with_capacity(self.tasks.len());
        for (place, task) in self.tasks.iter_mut().enumerate() {
            if let Some(weight) = step.weight.get(place) {
                task.set_weight(number, weight.get());
            }
            task.factor = step.factor.get(place).copied().flatten().map(Real::get);
            task.coefficient = step.coefficient.get(place).copied().flatten().map(Real::get);
            if let Some(&count) = step.labelled.get(place) {
                task.labelled = count > 0;
                if let Some(factor) = step.factor.get(place).filter(|_| count > 0) {
                    task.muted = factor.is_none();
                }
            }
            if let Some(loss) = step.loss.get(place).copied().flatten() {
                task.note_muted(number);
                task.loss.push(number, loss.get());
                losses.push((place, loss.get()));
            }
        }
        self.derive_step(number, &losses);
        let (count, smoothing) = (self.tasks.len(), self.smoothing);
        for (known, view) in
            [(&mut self.shared, &step.gradient.shared), (&mut self.representation, &step.gradient.representation)]
        {
            if let Some(view) = view {
                known.push(number, view, count, smoothing);
            }
        }
        if let Some(norm) = &step.part_norm {
            self.updates.push(number, norm, count, smoothing);
        }
        self.evidence.step(step);
    }

    /// Thinks advice over; not at every step, so that it neither costs much nor flickers.
    fn think(&mut self, step: u64, apart: u64) {
        if step.abs_diff(self.advised) >= apart {
            self.advised = step;
            self.advice = advise(self);
        }
    }

    fn evaluated(&mut self, eval: &Eval, words: &Words) {
        if eval.split == "test" {
            // The test part is read once, at the end; the table of metrics stays that of the validation part.
            self.tested = Some(eval.step);
            for (task, metrics) in self.tasks.iter_mut().zip(&eval.metric) {
                task.test = metrics.iter().map(|(name, value)| (name.clone(), value.get())).collect();
            }
            return;
        }
        self.quiet.evaluated(eval.step);
        for (place, task) in self.tasks.iter_mut().enumerate() {
            task.samples.evaluated();
            if let Some(loss) = eval.loss.get(place).copied().flatten() {
                task.validation_loss.push(eval.step, loss.get());
            }
            for history in &mut task.metrics {
                if let Some(value) = eval.metric.get(place).and_then(|values| values.get(&history.key)) {
                    history.push(eval.step, value.get());
                }
            }
        }
        self.score = eval.score.map(Real::get).or(self.score);
        if let Some(score) = eval.score.filter(|_| eval.best) {
            self.best_score = Some((score.get(), eval.step));
            // The one from before training is the best of one.
            if eval.step > 0 {
                self.log.push(eval.step, EntryKind::Best, fill(words.best_evaluation, &[&format::number(score.get())]));
            }
        }
    }

    fn applied(&mut self, applied: &Applied, words: &Words) {
        self.pending.retain(|pending| pending.id != applied.id);
        let command = applied.command();
        let text = compose::applied(applied, command.as_ref(), &self.tasks, words);
        let note = matches!(command, Some(Command::Note { .. }));
        if let Some((label, task)) = command.as_ref().and_then(|command| compose::mark(command, &self.tasks)) {
            let kind = if note { MarkKind::Note } else { MarkKind::Request };
            self.add_mark(Mark { step: applied.step, label, task, kind, text: text.clone() });
        }
        self.log.push(applied.step, if note { EntryKind::Note } else { EntryKind::Applied }, text);
        if let Some(command) = &command {
            self.methods.applied(applied, command, self.evidence.mean_norm(0, RECENT));
        }
        match command {
            Some(Command::SetWeight { task, value, over_steps }) => {
                // A ramp only starts here; the steps that follow say where it is.
                if over_steps.is_none_or(|steps| steps <= 1)
                    && let Some(task) = self.tasks.iter_mut().find(|known| known.name == task)
                {
                    task.set_weight(applied.step, applied.new.as_ref().and_then(real).unwrap_or(value));
                }
            }
            Some(Command::SetWeights { .. } | Command::Equalize {}) => {
                if let Some(Value::Array(weights)) = &applied.new {
                    for (task, weight) in self.tasks.iter_mut().zip(weights.iter().map(real)) {
                        task.set_weight(applied.step, weight.unwrap_or(task.weight));
                    }
                }
            }
            Some(Command::Mute { task }) => self.set_muted(|name, muted| muted || name == task),
            Some(Command::Unmute { task }) => self.set_muted(|name, muted| muted && name != task),
            Some(Command::SetMuted { tasks }) => self.set_muted(|name, _| tasks.iter().any(|task| task == name)),
            Some(Command::Pause {}) if !self.is_over() => self.phase = Phase::Paused,
            Some(Command::Resume {}) if !self.is_over() => self.phase = Phase::Running,
            Some(Command::Advance { steps }) => {
                self.advances_to = applied.step.saturating_add(steps);
            }
            Some(Command::SetPace { steps_per_second }) => self.pace = steps_per_second,
            Some(Command::SetLr { value }) => self.lr = Some(value),
            Some(Command::SetClip { value }) => self.clip = value,
            Some(Command::Set { parameter, value }) => {
                let new = applied.new.clone().unwrap_or(value);
                self.knobs.insert(parameter, new);
            }
            Some(Command::Freeze { .. } | Command::Unfreeze { .. }) => {
                let parts = applied.new.as_ref().and_then(|new| serde_json::from_value(new.clone()).ok());
                self.frozen.extend(parts.map(|parts: Vec<String>| (applied.step, parts)));
            }
            _ => {}
        }
    }

    fn saved(&mut self, step: u64) {
        if let Err(place) = self.checkpoints.binary_search(&step) {
            self.checkpoints.insert(place, step);
        }
    }

    fn set_muted(&mut self, muted: impl Fn(&str, bool) -> bool) {
        for task in &mut self.tasks {
            task.muted = muted(&task.name, task.muted);
        }
    }

    fn rewound(&mut self, rewind: Rewind, words: &Words) {
        let (to_step, keep) = (rewind.to_step, rewind.why == RewindReason::Restore);
        let before = self.timeline.last_step();
        self.timeline.rewind(to_step);
        self.tasks.iter_mut().for_each(|task| task.rewind(to_step, keep));
        self.shared.rewind(to_step, keep);
        self.representation.rewind(to_step, keep);
        self.updates.rewind(to_step, keep);
        self.scalars.rewind(to_step, keep);
        self.log.rewind(to_step);
        self.balance.rewind(to_step, keep);
        self.evidence.rewind(to_step);
        self.methods.rewind(to_step, keep);
        self.advice.clear();
        self.advised = to_step;
        if self.tested.take_if(|step| *step > to_step).is_some() {
            self.tasks.iter_mut().for_each(|task| task.test.clear());
        }
        self.derive_rewound();
        self.quiet.rewind(to_step);
        self.marks.retain(|mark| mark.step <= to_step);
        self.frozen.retain(|(step, _)| *step <= to_step);
        if self.best_score.is_some_and(|(_, step)| step > to_step) {
            self.best_score = None;
        }
        let text = fill(if keep { words.restored } else { words.rewound }, &[&to_step.to_string()]);
        // A run that goes on where it was left is no news on the curves.
        if keep || to_step < before {
            let label = if keep { "back" } else { "cut" }.to_owned();
            self.add_mark(Mark { step: to_step, label, task: None, kind: MarkKind::Rewind, text: text.clone() });
        }
        self.log.push(to_step, EntryKind::State, text);
        if self.is_over() {
            self.phase = Phase::Running;
            self.trouble = None;
        }
    }

    fn alerted(&mut self, alert: &Alert) {
        let kind = match alert.level.as_str() {
            "error" => EntryKind::Error,
            "warning" => EntryKind::Warning,
            _ => EntryKind::Information,
        };
        let message = sanitise(&alert.message);
        if kind == EntryKind::Error {
            self.trouble = Some(message.clone());
        }
        self.log.push(alert.step, kind, message);
    }

    fn heartbeat(&mut self, beat: &Heartbeat) {
        self.step_age = beat.step_age.get();
        if self.is_over() {
            return;
        }
        match beat.state.as_str() {
            "paused" => self.phase = Phase::Paused,
            "evaluating" => self.phase = Phase::Evaluating,
            // A trainer that makes a single step says that it runs; it is paused all the same.
            "running"
                if self.phase == Phase::Paused && (1..=self.advances_to).contains(&beat.step.saturating_add(1)) => {}
            "running" => self.phase = Phase::Running,
            _ => {}
        }
    }

    fn ended(&mut self, end: &End, words: &Words) {
        use crate::protocol::EndReason as Reason;
        self.phase = Phase::Ended(end.reason);
        self.pending.clear();
        let message = end.message.as_deref().map(sanitise);
        // The alert before has said it already.
        let new = message.filter(|message| self.trouble.as_ref() != Some(message));
        let kind = match end.reason {
            Reason::Failed | Reason::Diverged => EntryKind::Error,
            _ => EntryKind::State,
        };
        let name = compose::end_reason(end.reason, words).to_lowercase();
        let text = new.as_ref().map_or(name.clone(), |message| format!("{name}: {message}"));
        self.log.push(end.step, kind, text);
        self.trouble = new.or(self.trouble.take());
    }
}

/// A number of the contract inside a JSON value.
fn real(value: &Value) -> Option<f64> {
    serde_json::from_value::<Real>(value.clone()).ok().map(Real::get)
}
