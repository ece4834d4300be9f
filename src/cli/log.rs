//! Writing to stdout and stderr: sanitised, and without a panic where nobody reads.

use crate::text::sanitise;
use std::io::{self, Write};

/// Puts lines on stderr; control characters are shown, not sent. A stderr that is gone is no error.
pub fn message(prefix: &str, text: &str) {
    let mut stderr = io::stderr().lock();
    for line in text.lines() {
        let _ = writeln!(stderr, "{prefix}{}", sanitise(line));
    }
}

/// Puts text that is already fit for a terminal on stdout.
///
/// # Errors
/// Where nobody reads.
pub fn result(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
