//! `trimtab send`: steers a run from outside, through its mailbox.

use super::exit::{Exit, Failure};
use super::{SendArguments, log};
use crate::headless::Log;
use crate::protocol::{Event, Request, parse_command};
use crate::run::{EventTail, Liveness, RunDirectory, append_request, new_id, resolve, summarise};
use anyhow::anyhow;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Puts a request into the mailbox and waits for its answer.
pub fn run(arguments: &SendArguments) -> Result<Exit, Failure> {
    let run = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    let command = parse_command(&arguments.command).map_err(Failure::usage)?;
    if let Some(gone) = gone(&run)? {
        let hint = match gone {
            "finished" => "it has made all its steps".to_owned(),
            _ => format!("`trimtab resume {}` goes on with it", run.name()),
        };
        return Err(anyhow!("{} is not alive ({gone}); {hint}", run.name()).into());
    }
    // From the end of the record: the answer cannot be before it.
    let mut tail = EventTail::new(&run.events());
    while !tail.poll()?.is_empty() {}
    let request = Request { id: new_id("cli"), from: "cli".to_owned(), at_step: arguments.at_step, command };
    append_request(&run.requests(), &request)?;
    if arguments.no_wait {
        return Ok(Exit::Done);
    }
    let mut lines = Log::new();
    // Seen before the record is looked at once more: an answer may have come just before the end.
    let mut ended = None;
    loop {
        let events = tail.poll()?;
        for event in &events {
            let (id, exit) = match event {
                Event::Applied(applied) => (&applied.id, Exit::Done),
                Event::Rejected(rejected) => (&rejected.id, Exit::Failed),
                _ => continue,
            };
            if *id == request.id {
                let text = lines.lines(event, Duration::ZERO).join("\n");
                if exit == Exit::Done {
                    let _ = log::result(&(text + "\n"));
                } else {
                    log::message("", &text);
                }
                return Ok(exit);
            }
        }
        if events.is_empty() {
            if let Some(gone) = ended {
                return Err(anyhow!("{} ended before it answered ({gone})", run.name()).into());
            }
            ended = gone(&run)?;
            if ended.is_none() {
                std::thread::sleep(LOOK_EVERY);
            }
        }
    }
}

/// Why nobody will answer; `None` where a trainer holds the run.
fn gone(run: &RunDirectory) -> Result<Option<&'static str>, Failure> {
    use crate::run::LockState;
    match run.lock_state() {
        LockState::Held { .. } | LockState::Unknown => Ok(None),
        LockState::Free => {
            let liveness = summarise(run)?.liveness;
            Ok(Some(if liveness == Liveness::Alive { "no trainer" } else { liveness.word() }))
        }
    }
}
