//! Writing to stdout and stderr: sanitised, without a panic where nobody reads, and without a hang after a screen.

use crate::text::sanitise;
use crossbeam_channel::bounded;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long the words after a screen wait for a terminal that does not read.
const AFTER_SCREEN: Duration = Duration::from_secs(1);

/// Whether a screen was on: its terminal may still not read, and must not hold the end up.
static HAD_SCREEN: AtomicBool = AtomicBool::new(false);
/// Whether such a terminal was waited for in vain; it is not waited for again.
static GAVE_UP: AtomicBool = AtomicBool::new(false);

/// Says that a screen was on until now.
pub fn screen_left() {
    HAD_SCREEN.store(true, Ordering::SeqCst);
}

/// Puts lines on stderr; control characters are shown, not sent. A stderr that is gone is no error.
pub fn message(prefix: &str, text: &str) {
    let mut lines = String::new();
    for line in text.lines() {
        let _ = writeln!(lines, "{prefix}{}", sanitise(line));
    }
    let _ = write(lines, io::stderr);
}

/// Puts text that is already fit for a terminal on stdout.
///
/// # Errors
/// Where nobody reads.
pub fn result(text: &str) -> io::Result<()> {
    write(text.to_owned(), io::stdout)
}

fn write<W: Write + 'static>(text: String, out: fn() -> W) -> io::Result<()> {
    let all = move || {
        let mut out = out();
        out.write_all(text.as_bytes())?;
        out.flush()
    };
    if !HAD_SCREEN.load(Ordering::SeqCst) {
        return all();
    }
    let nobody_reads = || io::Error::from(io::ErrorKind::TimedOut);
    if GAVE_UP.load(Ordering::SeqCst) {
        return Err(nobody_reads());
    }
    let (done, written) = bounded(1);
    thread::Builder::new().spawn(move || done.send(all()))?;
    written.recv_timeout(AFTER_SCREEN).unwrap_or_else(|_| {
        GAVE_UP.store(true, Ordering::SeqCst);
        Err(nobody_reads())
    })
}
