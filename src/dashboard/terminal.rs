//! The terminal's state: raw mode, alternate screen, cursor, bracketed paste. Entered and left as a whole, left once.

use super::writer::Writer;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::style::{Attribute, ResetColor, SetAttribute};
use ratatui::crossterm::terminal::{
    Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use ratatui::crossterm::{queue, terminal};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// How long leaving waits for a terminal that does not read.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// The screen that is on, with the thread that draws it.
static ACTIVE: Mutex<Option<(ThreadId, Writer)>> = Mutex::new(None);

/// The screen is on while this lives.
pub struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Turns the screen on.
///
/// # Errors
/// Where standard input is no terminal.
pub fn enter(writer: &Writer) -> io::Result<Guard> {
    enable_raw_mode()?;
    *ACTIVE.lock().unwrap_or_else(PoisonError::into_inner) = Some((thread::current().id(), writer.clone()));
    let guard = Guard;
    let mut bytes = Vec::new();
    queue!(bytes, EnterAlternateScreen, Hide, EnableBracketedPaste, Clear(ClearType::All))?;
    writer.write_within(bytes, LEAVE_WITHIN);
    Ok(guard)
}

/// Turns the screen off again; does nothing where none is on. Waits at most a second for the terminal.
pub fn leave() {
    let active = ACTIVE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((_, writer)) = active else { return };
    let mut bytes = Vec::new();
    let queued = queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        ResetColor,
        SetAttribute(Attribute::Reset),
        Show,
        LeaveAlternateScreen
    );
    if queued.is_ok() {
        writer.write_within(bytes, LEAVE_WITHIN);
    }
    // There is nothing left to try where this fails: the terminal is gone.
    let _ = disable_raw_mode();
}

/// Whether this thread draws the screen that is on.
pub fn is_screen_thread() -> bool {
    let active = ACTIVE.lock().unwrap_or_else(PoisonError::into_inner);
    active.as_ref().is_some_and(|(id, _)| *id == thread::current().id())
}

/// Columns and rows; 80 × 24 where the terminal does not say.
pub fn size() -> (u16, u16) {
    terminal::size().unwrap_or((80, 24))
}
