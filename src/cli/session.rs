//! A run in this process: recorder, trainer and screen or log, from start to exit code.

use super::exit::{Exit, Failure};
use super::follow::{Followed, Follower, Form};
use super::preferences::Preferences;
use super::signals::Signals;
use super::{WatchArguments, log, preferences, terminal};
use crate::config::Config;
use crate::dashboard::{self, Feed, Inputs, Outcome};
use crate::data::Source;
use crate::headless::ResultTable;
use crate::protocol::{EndReason, Event, Real, Request};
use crate::run::{MailboxTail, Recorder, RecorderOptions, RunDirectory, RunJson, RunLock, new_id};
use crate::train::{self, Connections, Ending, Fault, Inbox, Job, Start};
use anyhow::{Context, anyhow, bail};
use crossbeam_channel::{Receiver, Sender, never, unbounded};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Where a run is kept, with the lock that makes this process its trainer.
pub struct Home {
    /// The directory.
    pub directory: RunDirectory,
    /// `run.json` as it stands.
    pub json: RunJson,
    /// Held until the end.
    pub lock: RunLock,
}

/// All that a session needs.
pub struct Plan {
    /// The run's name.
    pub run: String,
    /// What to train.
    pub config: Config,
    /// The data.
    pub sources: Vec<Source>,
    /// Where it is kept; `None` leaves nothing on the disk.
    pub home: Option<Home>,
    /// What it begins with.
    pub start: Start,
    /// Requests that wait from the start.
    pub requests: Vec<Request>,
    /// A fault to provoke.
    pub fault: Option<Fault>,
    /// Test metrics of each task trained alone, by task and metric.
    pub baseline: BTreeMap<String, BTreeMap<String, Real>>,
    /// What the person at the screen prefers.
    pub preferences: Preferences,
}

/// How the run is watched.
enum View {
    Screen,
    Lines,
    Json,
}

fn view(watch: &WatchArguments) -> View {
    match watch {
        WatchArguments { json: true, .. } => View::Json,
        WatchArguments { headless: false, .. } if terminal::has_screen() => View::Screen,
        _ => View::Lines,
    }
}

/// What the person at the screen prefers; without a screen nothing is read.
pub fn preferences(watch: &WatchArguments) -> Result<Preferences, Failure> {
    match view(watch) {
        View::Screen => preferences::load(watch.keymap.as_deref()),
        View::Lines | View::Json => Ok(Preferences::default()),
    }
}

/// Trains, shows, saves; returns how the process shall end.
pub fn run(plan: Plan, watch: &WatchArguments) -> Result<Exit, Failure> {
    let view = view(watch);
    dashboard::install_panic_hook();
    let signals = Signals::listen().context("cannot listen for signals")?;
    let (events_in, events) = unbounded();
    let (requests, requests_out) = unbounded();
    let events_path = plan.home.as_ref().map(|home| home.directory.events());
    let mailbox = plan.home.as_ref().map(|home| MailboxTail::new(&home.directory.requests()));
    let pace = plan.config.train.pace;
    let past = match (&plan.start, &events_path) {
        (Start::Resume { .. }, Some(path)) => read_past(path)?,
        _ => Vec::new(),
    };
    let (step, time) = past
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Step(step) => Some((step.step, step.time.get())),
            _ => None,
        })
        .unwrap_or_default();
    let options = RecorderOptions { step, time, ..RecorderOptions::default() };
    let recorder = Recorder::start(events_path.as_deref(), Some(events_in), &options)?;
    let job = Job {
        run: plan.run,
        config: plan.config,
        sources: plan.sources,
        directory: plan.home.as_ref().map(|home| home.directory.clone()),
        start: plan.start,
        requests: plan.requests,
        paced: matches!(view, View::Screen),
        fault: plan.fault,
        baseline: plan.baseline,
    };
    let connections = Connections {
        recorder: recorder.handle(),
        inbox: Inbox::new(requests_out, mailbox),
        interrupt: signals.interrupt.clone(),
    };
    let last_panic = || dashboard::take_panic().map(|note| note.to_string());
    let trainer = train::start(job, connections, last_panic)?;

    let (ending, followed) = match view {
        View::Screen => {
            let options =
                dashboard::Options { pace, ..terminal::options(watch.look, !watch.no_mouse, plan.preferences) };
            screen(past, &events, requests, &signals, options, trainer)
        }
        View::Lines | View::Json => {
            let form = if matches!(view, View::Json) { Form::Json } else { Form::Lines };
            let followed = Follower::new(form, past, None).follow(&events);
            (trainer.join(), followed)
        }
    };
    let written = recorder.finish();
    let reason = match &ending {
        Ending::Done(report) => report.reason,
        Ending::Error(_) | Ending::Panic(_) => EndReason::Failed,
    };
    // What ended the run is said first: a disk that is full refuses this as well.
    let closed = plan.home.map_or(Ok(()), |home| {
        let written = home.directory.write_json(&home.json.ended(reason));
        drop(home.lock);
        written
    });
    // The log has said it with its last line.
    let said = matches!(view, View::Lines);
    match ending {
        Ending::Panic(_) if said => return Ok(Exit::Internal),
        Ending::Error(_) if said => return Ok(Exit::Failed),
        Ending::Panic(message) => return Err(Failure::internal(anyhow!("internal error: {message}"))),
        Ending::Error(error) => return Err(error.into()),
        Ending::Done(_) => log::message("", &followed.last_words.join("\n")),
    }
    written?;
    closed?;
    if !matches!(view, View::Json) {
        // Whoever closed stdout does not want the table.
        let _ = log::result(&followed.table.text());
    }
    Ok(match reason {
        EndReason::Finished | EndReason::EarlyStopped | EndReason::Stopped => Exit::Done,
        EndReason::Interrupted => Exit::Signal(signals.number()),
        EndReason::Diverged => Exit::Diverged,
        EndReason::Failed => Exit::Failed,
    })
}

/// The record so far, so that a resumed run's curves begin where they did.
fn read_past(path: &std::path::Path) -> Result<Vec<Event>, Failure> {
    let mut past = Vec::new();
    crate::run::read_events(path, |event| past.push(event))?;
    Ok(past)
}

/// The dashboard until it is left; then, where the run goes on, lines.
fn screen(
    past: Vec<Event>,
    events: &Receiver<Event>,
    requests: Sender<Request>,
    signals: &Signals,
    options: dashboard::Options,
    trainer: train::TrainerThread,
) -> (Ending, Followed) {
    let (to_screen, for_screen) = unbounded();
    let follower = Follower::new(Form::Lines, past, Some(to_screen));
    let quiet = follower.quiet();
    std::thread::scope(|scope| {
        let following = scope.spawn(|| follower.follow(events));
        let joining = scope.spawn(|| {
            let ending = trainer.join();
            if matches!(ending, Ending::Panic(_)) {
                signals.dismiss_screen();
            }
            ending
        });
        let inputs = Inputs {
            feeds: vec![Feed::Live { events: for_screen, requests, record: never() }],
            signals: signals.receiver.clone(),
        };
        let options = dashboard::Options { id_prefix: new_id("dashboard"), ..options };
        let left = dashboard::run(&inputs, &options);
        log::screen_left();
        quiet.store(false, Ordering::SeqCst);
        match left {
            Ok(Outcome::Finished | Outcome::Stopped) => {}
            // A signal that the process caught is already on its way to the trainer; a key is not.
            Ok(Outcome::Signalled(_)) => {
                if !signals.interrupt.load(Ordering::SeqCst) && !joining.is_finished() {
                    signals.raise(2);
                }
            }
            Ok(Outcome::ScreenLost) => log::message("", "the screen is gone; training goes on"),
            Err(error) => log::message("", &format!("{error}; training goes on without a screen")),
        }
        drop(inputs);
        let panicked = || "a thread of the session panicked".to_owned();
        let ending = joining.join().unwrap_or_else(|_| Ending::Panic(panicked()));
        let followed =
            following.join().unwrap_or_else(|_| Followed { table: ResultTable::new(), last_words: Vec::new() });
        (ending, followed)
    })
}

/// A fault to provoke, from `TRIMTAB_FAULT`: `panic@STEP` or `nan@STEP:TASK`.
pub fn fault(config: &Config) -> Result<Option<Fault>, Failure> {
    let Some(text) = std::env::var_os("TRIMTAB_FAULT") else { return Ok(None) };
    let tasks: Vec<&str> = config.tasks.iter().map(|task| task.name.as_str()).collect();
    parse_fault(&text.to_string_lossy(), &tasks).map(Some).map_err(Failure::usage)
}

fn parse_fault(text: &str, tasks: &[&str]) -> anyhow::Result<Fault> {
    let step = |word: &str| word.parse().with_context(|| format!("TRIMTAB_FAULT: '{word}' is no step"));
    match text.split_once('@') {
        Some(("panic", at)) => Ok(Fault::Panic { step: step(at)? }),
        Some(("nan", at)) => match at.split_once(':') {
            Some((_, task)) if !tasks.contains(&task) => {
                bail!("TRIMTAB_FAULT: no task named '{task}' (tasks: {})", tasks.join(", "))
            }
            Some((at, task)) => Ok(Fault::NonFinite { step: step(at)?, task: task.to_owned() }),
            None => bail!("TRIMTAB_FAULT: expected nan@STEP:TASK, got '{text}'"),
        },
        _ => bail!("TRIMTAB_FAULT: expected panic@STEP or nan@STEP:TASK, got '{text}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_or_refused() {
        let tasks = ["a:b"];
        assert_eq!(parse_fault("panic@50", &tasks).unwrap(), Fault::Panic { step: 50 });
        assert_eq!(parse_fault("nan@7:a:b", &tasks).unwrap(), Fault::NonFinite { step: 7, task: "a:b".into() });
        for wrong in ["", "panic", "panic@x", "nan@7", "nan@7:c", "boom@3"] {
            assert!(parse_fault(wrong, &tasks).is_err(), "{wrong}");
        }
    }
}
