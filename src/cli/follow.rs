//! Whoever listens to a run in this process: the result table, and lines or JSON where no screen is on.

use super::log;
use crate::headless::{Log, ResultTable};
use crate::protocol::Event;
use crossbeam_channel::{Receiver, Sender};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What is written while the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Readable lines on stderr.
    Lines,
    /// Every event on stdout.
    Json,
}

/// Follows one run to its end.
pub struct Follower {
    table: ResultTable,
    lines: Log,
    form: Form,
    /// While set, a screen shows the run and nothing is written.
    quiet: Arc<AtomicBool>,
    screen: Option<Sender<Event>>,
    start: Instant,
    stdout_open: bool,
    last_words: Vec<String>,
}

/// What is left to say after the end.
pub struct Followed {
    /// The result.
    pub table: ResultTable,
    /// Errors and the end, where a screen kept them from being written.
    pub last_words: Vec<String>,
}

impl Follower {
    /// A follower that has seen the events of `past`, and passes all on to `screen`.
    pub fn new(form: Form, past: Vec<Event>, screen: Option<Sender<Event>>) -> Self {
        let mut follower = Self {
            table: ResultTable::new(),
            lines: Log::new(),
            form,
            quiet: Arc::new(AtomicBool::new(screen.is_some())),
            screen,
            start: Instant::now(),
            stdout_open: true,
            last_words: Vec::new(),
        };
        for event in past {
            follower.table.take(&event);
            if matches!(event, Event::Run(_)) {
                follower.write(&event);
            }
            follower.pass_on(event);
        }
        follower
    }

    /// Clear it when the screen is gone.
    pub fn quiet(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.quiet)
    }

    /// Takes events until the last one.
    pub fn follow(mut self, events: &Receiver<Event>) -> Followed {
        for event in events {
            self.table.take(&event);
            self.write(&event);
            // The recorder stays open for its owner, so the channel does not close by itself.
            let last = matches!(event, Event::End(_));
            self.pass_on(event);
            if last {
                break;
            }
        }
        Followed { table: self.table, last_words: self.last_words }
    }

    fn write(&mut self, event: &Event) {
        if self.form == Form::Json {
            // Whoever closed stdout has seen enough; training goes on.
            if self.stdout_open
                && let Ok(line) = event.to_line()
            {
                self.stdout_open = log::result(&(line + "\n")).is_ok();
            }
            return;
        }
        let lines = self.lines.lines(event, self.start.elapsed());
        if !self.quiet.load(Ordering::SeqCst) {
            log::message("", &lines.join("\n"));
        } else if matches!(event, Event::End(_)) || matches!(event, Event::Alert(alert) if alert.level == "error") {
            self.last_words.extend(lines);
        }
    }

    fn pass_on(&mut self, event: Event) {
        if let Some(screen) = &self.screen
            && screen.send(event).is_err()
        {
            self.screen = None;
        }
    }
}
