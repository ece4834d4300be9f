//! The loop that feeds messages to `update`, carries out its effects, and draws at most so often.
//!
//! Three threads: this one takes everything that is queued and draws into memory; one reads keys; one owns the
//! terminal's output. A terminal that stops reading costs frames, never events.

mod frame;
mod record;
mod screen;

use super::input::Reader;
use super::message::{Outcome, Signal};
use super::panic::{PanicNote, take_panic};
use super::reply;
use super::state::{Options, State};
use super::terminal;
use super::writer::Writer;
use crate::protocol::{Event, Request};
use crossbeam_channel::{Receiver, Sender};
pub use record::{Player, Record};
use screen::Screen;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use thiserror::Error;

/// Where one run comes from.
#[derive(Clone, Debug)]
pub enum Feed {
    /// A run that goes on.
    Live {
        /// What the run says.
        events: Receiver<Event>,
        /// What the run takes; a request that finds no room is not sent, and the person is told.
        requests: Sender<Request>,
        /// Once the events have stopped: the record, to be gone through; `crossbeam_channel::never()` where none will come.
        record: Receiver<Record>,
    },
    /// A run that is over.
    Record(Record),
}

/// All that the screen is connected with.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The runs; their place is the run index of messages and effects.
    pub feeds: Vec<Feed>,
    /// Signals that the caller caught; `crossbeam_channel::never()` where there are none.
    pub signals: Receiver<Signal>,
}

/// Why there is no screen.
#[derive(Debug, Error)]
pub enum ScreenError {
    /// The terminal cannot be used.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    /// A defect of the screen; the terminal was restored.
    #[error("the screen failed: {0}")]
    Panicked(PanicNote),
}

/// Shows the screen until it is left. The terminal is restored in every case; the inputs stay the caller's, so that a
/// run can go on without a screen.
///
/// # Errors
/// [`ScreenError`]: there is no usable terminal, or the screen has a defect.
pub fn run(inputs: &Inputs, options: &Options) -> Result<Outcome, ScreenError> {
    // crossterm would answer NO_COLOR with sequences that reset bold and reverse; the palette honours it instead.
    ratatui::crossterm::style::force_color_output(true);
    let writer = Writer::start(Box::new(io::stdout()))?;
    let shown = catch_unwind(AssertUnwindSafe(|| -> io::Result<Outcome> {
        terminal::hear_mouse(options.mouse);
        let guard = terminal::enter(&writer)?;
        let reader = Reader::start(options.ask_background)?;
        let mut screen = Screen::new(State::new(options), inputs, &reader.inputs, writer.clone(), terminal::size());
        if options.ask_background {
            screen.send_with_frame(reply::QUESTION);
        }
        screen.on_suspend = suspend;
        let outcome = screen.drive();
        drop(reader);
        drop(guard);
        Ok(outcome)
    }));
    if let Ok(outcome) = shown {
        return Ok(outcome?);
    }
    terminal::leave();
    let unknown = || PanicNote { message: "a panic without a message".to_owned(), place: None };
    Err(ScreenError::Panicked(take_panic().unwrap_or_else(unknown)))
}

/// Stops the process as Ctrl-Z does, with the terminal as it was found; comes back when the shell lets it go on.
fn suspend(writer: &Writer) -> io::Result<()> {
    terminal::leave();
    #[cfg(unix)]
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    // The guard that is alive leaves what is entered here.
    std::mem::forget(terminal::enter(writer)?);
    Ok(())
}

#[cfg(test)]
mod tests;
