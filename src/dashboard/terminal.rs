//! The terminal's state: raw mode, alternate screen, cursor, bracketed paste, mouse. Entered and left as a whole, left
//! once.

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
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// How long leaving waits for a terminal that does not read.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// The screen that is on, with the thread that draws it.
static ACTIVE: Mutex<Option<(ThreadId, Writer)>> = Mutex::new(None);

/// Buttons, the wheel, and motion while a button is down, with places beyond column 223; motion alone would be a flood.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Whether the mouse is to be heard while the screen is on; kept over a suspension.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Says whether the mouse is to be heard from now on; returns what tells a screen that is on.
pub fn hear_mouse(on: bool) -> &'static [u8] {
    MOUSE.store(on, Ordering::Relaxed);
    if on { MOUSE_ON } else { MOUSE_OFF }
}

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
    if MOUSE.load(Ordering::Relaxed) {
        bytes.extend_from_slice(MOUSE_ON);
    }
    writer.write_within(bytes, LEAVE_WITHIN);
    Ok(guard)
}

/// Turns the screen off again; does nothing where none is on. Waits at most a second for the terminal.
pub fn leave() {
    let active = ACTIVE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((_, writer)) = active else { return };
    let mut bytes = MOUSE_OFF.to_vec();
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
