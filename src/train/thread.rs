//! The trainer's thread: started, watched for panics, joined; every run gets exactly one `end`.

use super::job::{Connections, Job, Report, TrainError};
use super::trainer::train;
use crate::protocol::{End, EndReason, Event};
use crate::run::RunError;
use crossbeam_channel::{Receiver, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread::JoinHandle;

/// How the trainer's thread ended.
#[derive(Debug)]
pub enum Ending {
    /// As a run should.
    Done(Report),
    /// With an error.
    Error(TrainError),
    /// With a panic; the message and, where known, its place.
    Panic(String),
}

/// A run in a thread of its own.
#[derive(Debug)]
pub struct TrainerThread {
    thread: JoinHandle<()>,
    ending: Receiver<Ending>,
}

/// Starts the trainer. `last_panic` tells what the process's panic hook kept of a panic in this thread.
///
/// # Errors
/// Where the system has no thread left.
pub fn start(
    job: Job,
    connections: Connections,
    last_panic: impl Fn() -> Option<String> + Send + 'static,
) -> Result<TrainerThread, RunError> {
    let (sender, ending) = bounded(1);
    let path = job.directory.as_ref().map_or_else(|| Path::new(".").to_owned(), |run| run.path().to_owned());
    let work = move || {
        let recorder = connections.recorder.clone();
        let result = catch_unwind(AssertUnwindSafe(|| train(job, connections)));
        let ending = match result {
            Ok(Ok(report)) => Ending::Done(report),
            Ok(Err(error)) => Ending::Error(error),
            Err(payload) => Ending::Panic(last_panic().unwrap_or_else(|| {
                let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
                text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
            })),
        };
        let (reason, message) = match &ending {
            Ending::Done(report) => (report.reason, None),
            Ending::Error(error) => (EndReason::Failed, Some(error.to_string())),
            Ending::Panic(message) => (EndReason::Failed, Some(format!("internal error: {message}"))),
        };
        let step = match &ending {
            Ending::Done(report) => report.step,
            _ => recorder.last_step(),
        };
        // A record that cannot be written has no better place to say so; the caller prints the ending.
        let _ = recorder.send(Event::End(End { step, reason, message }));
        let _ = sender.send(ending);
    };
    let thread = std::thread::Builder::new().name("trainer".to_owned()).spawn(work).map_err(|source| RunError::Io {
        action: "start the trainer of",
        path,
        source,
    })?;
    Ok(TrainerThread { thread, ending })
}

impl TrainerThread {
    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the end.
    pub fn join(self) -> Ending {
        let ending = self.ending.recv();
        let _ = self.thread.join();
        ending.unwrap_or_else(|_| Ending::Panic("the trainer's thread ended without a word".to_owned()))
    }
}
