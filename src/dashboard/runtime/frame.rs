//! What a terminal must be sent to show the next screen.

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::queue;
use ratatui::crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use std::io;

/// The bytes that turn one screen into the next; none where they are the same.
///
/// # Errors
/// Never in practice: writing into memory does not fail.
pub fn frame(shown: &Buffer, next: &Buffer, repaint: bool) -> io::Result<Vec<u8>> {
    let changes = shown.diff(next);
    if changes.is_empty() && !repaint {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    queue!(bytes, BeginSynchronizedUpdate)?;
    if repaint {
        queue!(bytes, Clear(ClearType::All))?;
    }
    CrosstermBackend::new(&mut bytes).draw(changes.into_iter())?;
    queue!(bytes, EndSynchronizedUpdate)?;
    Ok(bytes)
}
