//! What the screen is told, and what it asks for.

use super::replay::Replay;
use crate::protocol::{Event, Request};
use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use std::time::Duration;

/// One thing that happened.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a message lives for one call; a box would cost more")]
pub enum Message {
    /// A run said something.
    Event {
        /// Which run.
        run: usize,
        /// What it said.
        event: Event,
    },
    /// A run's events came to an end without an `end` event.
    Disconnected {
        /// Which run.
        run: usize,
    },
    /// A run is told again from its first event on: what is known of it is forgotten.
    Restarted {
        /// Which run.
        run: usize,
    },
    /// A run is over, and its record can be gone through; all of it was told.
    Recorded {
        /// Which run.
        run: usize,
        /// Held at the end.
        replay: Box<Replay>,
    },
    /// A request could not be handed over.
    SendFailed {
        /// Which run.
        run: usize,
        /// The request's id.
        id: String,
    },
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was moved or pressed.
    Mouse(MouseEvent),
    /// The terminal answered how bright its background is.
    Background {
        /// Light, or dark.
        light: bool,
    },
    /// Text was pasted.
    Paste(String),
    /// The terminal has so many columns and rows now.
    Resize(u16, u16),
    /// Time since the screen started; the only clock there is.
    Tick {
        /// Since the start.
        now: Duration,
    },
}

/// What the runtime shall do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hand a request to a run.
    Send {
        /// Which run.
        run: usize,
        /// With an id that was not used before.
        request: Request,
    },
    /// Show another moment of a run's record.
    Show {
        /// Which run.
        run: usize,
        /// A place of its replay.
        place: usize,
    },
    /// Leave the screen.
    Quit(Outcome),
    /// Stop the process as Ctrl-Z does, with the terminal restored.
    Suspend,
    /// Paint every cell again.
    Redraw,
    /// Hear the mouse, or leave it to the terminal.
    Mouse(bool),
}

/// A signal that the caller passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGUSR1: save and stop.
    Stop,
    /// SIGHUP: the terminal is gone.
    Hangup,
}

/// How the screen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// By a person, after all runs had ended, or where there was nothing to stop.
    Finished,
    /// A person asked to stop; the run was told and has ended.
    Stopped,
    /// Ctrl-C or a signal; the caller does what that signal does.
    Signalled(Signal),
    /// The terminal is gone or does not work; training may go on without it.
    ScreenLost,
}
