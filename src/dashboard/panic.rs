//! A panic hook that never writes over the screen: it restores the terminal first where the screen's own thread
//! panics, and elsewhere only keeps message and place for whoever catches the panic.

use super::terminal;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

/// What a panic said, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicNote {
    /// Its message, fit for a terminal.
    pub message: String,
    /// `file:line:column`, where known.
    pub place: Option<String>,
}

impl std::fmt::Display for PanicNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{} ({place})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// The last panic of each thread that was not taken yet.
static KEPT: Mutex<Vec<(ThreadId, PanicNote)>> = Mutex::new(Vec::new());

/// Installs the hook, once in a process. The hook that was there still answers for the main thread without a screen.
pub fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            keep(info);
            if terminal::is_screen_thread() {
                terminal::leave();
            } else if thread::current().name() == Some("main") {
                previous(info);
            }
        }));
    });
}

/// The note of this thread's last panic; for the one who caught it.
pub fn take_panic() -> Option<PanicNote> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let place = kept.iter().rposition(|(id, _)| *id == thread::current().id())?;
    Some(kept.remove(place).1)
}

fn keep(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned());
    let message = crate::text::sanitise(&message);
    let place = info.location().map(ToString::to_string);
    let id = thread::current().id();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.retain(|(other, _)| *other != id);
    kept.push((id, PanicNote { message, place }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caught_panic_has_its_message_and_place() {
        install_panic_hook();
        let note = thread::spawn(|| {
            let caught = std::panic::catch_unwind(|| panic!("shape {}", 7));
            assert!(caught.is_err());
            (take_panic(), take_panic())
        })
        .join()
        .unwrap();
        let first = note.0.unwrap();
        assert_eq!(first.message, "shape 7");
        assert!(first.place.unwrap().contains("panic.rs"));
        assert_eq!(note.1, None);
    }
}
