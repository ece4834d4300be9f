//! `events.jsonl` as it is written: whole lines, or none.

use super::{LONGEST_LINE, RunError};
use crate::protocol::{Alert, Event};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file, of which only whole lines stay.
pub(super) struct Log {
    path: PathBuf,
    file: File,
    /// Length up to the end of the last line that was written whole.
    whole: u64,
    /// Whether a half line, left by a process that died, stands at the end.
    torn: bool,
}

impl Log {
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let open = || -> std::io::Result<(File, u64, bool)> {
            let mut file = File::options().read(true).append(true).create(true).open(path)?;
            let length = file.metadata()?.len();
            let mut last = [b'\n'];
            if length > 0 {
                file.seek(SeekFrom::Start(length - 1))?;
                file.read_exact(&mut last)?;
            }
            Ok((file, length, last != [b'\n']))
        };
        let (file, whole, torn) = open().map_err(RunError::io("open", path))?;
        Ok(Self { path: path.to_owned(), file, whole, torn })
    }

    /// Appends one line. `step` places the alert that stands in for an event that is too long.
    pub fn append(&mut self, event: &Event, step: u64) -> Result<(), String> {
        let fail = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", self.path.display());
        let mut line = event.to_line().map_err(|error| fail(&error))?;
        if line.len() > LONGEST_LINE {
            let message = format!("an event of {} bytes was left out", line.len());
            let alert =
                Alert { step, code: "event_too_long".to_owned(), level: "warning".to_owned(), task: None, message };
            line = Event::Alert(alert).to_line().map_err(|error| fail(&error))?;
        }
        if self.torn {
            line.insert(0, '\n');
        }
        line.push('\n');
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // Half a line must not stay; where it cannot be taken back, the next line starts on a new one.
            if self.file.set_len(self.whole).is_err() {
                self.torn = true;
            }
            return Err(fail(&error));
        }
        self.whole += line.len() as u64;
        self.torn = false;
        Ok(())
    }

    /// Waits until what was written is on the disk.
    pub fn sync(&self) -> Result<(), String> {
        self.file.sync_data().map_err(|error| format!("cannot sync {}: {error}", self.path.display()))
    }

    /// Whether nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.whole == 0
    }
}
