//! The recorder: a thread that appends every event to `events.jsonl`, hands it on, and gives signs of life.

use super::RunError;
use super::log::Log;
use crate::protocol::{Event, Heartbeat, Real};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How a recorder works.
#[derive(Clone, Debug, PartialEq)]
pub struct RecorderOptions {
    /// Time between signs of life.
    pub heartbeat: Duration,
    /// Events that wait at most before the sender does; none is lost.
    pub capacity: usize,
    /// Updates made before (after a resume).
    pub step: u64,
    /// Seconds that passed in the run before (after a resume).
    pub time: f64,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self { heartbeat: Duration::from_secs(5), capacity: 1024, step: 0, time: 0.0 }
    }
}

enum Record {
    Event(Box<Event>),
    Mode(String),
    Sync(Sender<()>),
    Finish,
}

/// The running recorder. Dropped, it writes what was sent and ends.
#[derive(Debug)]
pub struct Recorder {
    handle: RecorderHandle,
    thread: Option<JoinHandle<()>>,
}

/// The trainer's end of a recorder.
#[derive(Clone, Debug)]
pub struct RecorderHandle {
    sender: Sender<Record>,
    failure: Arc<OnceLock<String>>,
    step: Arc<AtomicU64>,
}

impl Recorder {
    /// Starts it. `events` is the file to append to; `None` records nothing (`--no-record`). `forward` gets every
    /// event after it was written; a receiver that is gone is no error.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn start(
        events: Option<&Path>,
        forward: Option<Sender<Event>>,
        options: &RecorderOptions,
    ) -> Result<Self, RunError> {
        let log = events.map(Log::open).transpose()?;
        let (sender, receiver) = bounded(options.capacity.max(1));
        let failure = Arc::new(OnceLock::new());
        let begin = Instant::now();
        let worker = Worker {
            begun: log.as_ref().is_some_and(|log| !log.is_empty()),
            log,
            forward,
            failure: Arc::clone(&failure),
            begin,
            before: options.time,
            heartbeat: options.heartbeat.max(Duration::from_millis(1)),
            mode: "running".to_owned(),
            step: options.step,
            step_at: begin,
            ended: false,
        };
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || worker.work(&receiver))
            .map_err(RunError::io("start the recorder of", events.unwrap_or(Path::new("."))))?;
        Ok(Self {
            handle: RecorderHandle { sender, failure, step: Arc::new(AtomicU64::new(options.step)) },
            thread: Some(thread),
        })
    }

    /// An end to send into.
    pub fn handle(&self) -> RecorderHandle {
        self.handle.clone()
    }

    /// Writes and syncs all that was sent, then ends the thread. Handles that are left fail from then on.
    ///
    /// # Errors
    /// [`RunError::Recording`] where anything could not be written.
    pub fn finish(mut self) -> Result<(), RunError> {
        self.end();
        self.handle.check()
    }

    fn end(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = self.handle.sender.send(Record::Finish);
            if thread.join().is_err() {
                let _ = self.handle.failure.set("the recorder's thread panicked".to_owned());
            }
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

impl RecorderHandle {
    /// Sends an event; waits where the recorder is behind. After a failure events are still handed on to the screen,
    /// and an `end` is still tried, but every call returns the error.
    ///
    /// # Errors
    /// [`RunError::Recording`] where an earlier event could not be written.
    pub fn send(&self, event: Event) -> Result<(), RunError> {
        match &event {
            Event::Step(step) => self.step.store(step.step, Ordering::Relaxed),
            Event::Rewind(rewind) => self.step.store(rewind.to_step, Ordering::Relaxed),
            _ => {}
        }
        self.put(Record::Event(Box::new(event)))
    }

    /// Says what the trainer is doing, for the signs of life: `running`, `paused`, `evaluating`.
    ///
    /// # Errors
    /// As [`RecorderHandle::send`].
    pub fn set_mode(&self, mode: &str) -> Result<(), RunError> {
        self.put(Record::Mode(mode.to_owned()))
    }

    /// Waits until all that was sent is on the disk.
    ///
    /// # Errors
    /// As [`RecorderHandle::send`].
    pub fn sync(&self) -> Result<(), RunError> {
        let (done, wait) = bounded(1);
        self.put(Record::Sync(done))?;
        let _ = wait.recv();
        self.check()
    }

    /// The last step that was sent.
    pub fn last_step(&self) -> u64 {
        self.step.load(Ordering::Relaxed)
    }

    /// Whether recording has failed.
    ///
    /// # Errors
    /// As [`RecorderHandle::send`].
    pub fn check(&self) -> Result<(), RunError> {
        self.failure.get().map_or(Ok(()), |message| Err(RunError::Recording { message: message.clone() }))
    }

    fn put(&self, record: Record) -> Result<(), RunError> {
        let sent = self.sender.send(record);
        self.check()?;
        sent.map_err(|_| RunError::Recording { message: "the recorder has ended".to_owned() })
    }
}

/// The thread's state.
struct Worker {
    log: Option<Log>,
    forward: Option<Sender<Event>>,
    failure: Arc<OnceLock<String>>,
    begin: Instant,
    before: f64,
    heartbeat: Duration,
    mode: String,
    step: u64,
    step_at: Instant,
    /// Whether the first line, `run`, is there: nothing may come before it.
    begun: bool,
    /// Whether the last event was `end`: no sign of life may follow it.
    ended: bool,
}

impl Worker {
    fn work(mut self, receiver: &Receiver<Record>) {
        let mut next = Instant::now() + self.heartbeat;
        loop {
            match receiver.recv_deadline(next) {
                Ok(Record::Event(event)) => self.take(*event),
                Ok(Record::Mode(mode)) => self.mode = mode,
                Ok(Record::Sync(done)) => {
                    self.sync();
                    let _ = done.send(());
                }
                Ok(Record::Finish) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if now >= next {
                next = now + self.heartbeat;
                if self.begun && !self.ended {
                    self.put(self.sign_of_life(now));
                }
            }
        }
        self.sync();
    }

    fn sign_of_life(&self, now: Instant) -> Event {
        Event::Heartbeat(Heartbeat {
            time: Real(milliseconds(self.before + now.duration_since(self.begin).as_secs_f64())),
            state: self.mode.clone(),
            step: self.step,
            step_age: Real(milliseconds(now.duration_since(self.step_at).as_secs_f64())),
        })
    }

    fn take(&mut self, event: Event) {
        let step = match &event {
            Event::Step(step) => Some(step.step),
            Event::Rewind(rewind) => Some(rewind.to_step),
            _ => None,
        };
        if let Some(step) = step {
            (self.step, self.step_at) = (step, Instant::now());
        }
        self.ended = matches!(event, Event::End(_));
        self.begun = true;
        let lasting = matches!(event, Event::Checkpoint(_) | Event::End(_));
        self.put(event);
        if lasting {
            self.sync();
        }
    }

    /// Writes an event, then hands it on.
    fn put(&mut self, event: Event) {
        // After a failure only the end is still tried: a record with a hole must not look whole.
        if let Some(log) = self.log.as_mut().filter(|_| self.failure.get().is_none() || self.ended)
            && let Err(message) = log.append(&event, self.step)
        {
            let _ = self.failure.set(message);
        }
        if self.forward.as_ref().is_some_and(|forward| forward.send(event).is_err()) {
            self.forward = None;
        }
    }

    fn sync(&mut self) {
        if let Some(log) = &self.log
            && let Err(message) = log.sync()
        {
            let _ = self.failure.set(message);
        }
    }
}

/// Rounded, so that a line stays short.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
