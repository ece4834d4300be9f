//! The lock of a run: held by the one trainer, freed by the operating system when it dies.

use super::RunError;
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Proof that this process is the run's trainer; dropped, the lock is free.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// Whether a trainer holds a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockState {
    /// Nobody does.
    Free,
    /// A process does.
    Held {
        /// Its id, where it could be read.
        pid: Option<u32>,
    },
    /// The file system does not say.
    Unknown,
}

impl RunLock {
    /// Takes the lock file and writes this process's id into it.
    ///
    /// # Errors
    /// [`RunError::Locked`] with the holder's pid, [`RunError::Io`].
    pub fn acquire(path: &Path) -> Result<Self, RunError> {
        let open = || File::options().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = open().map_err(RunError::io("open", path))?;
        // A reader that looks whether the lock is held holds it itself for a moment, so one refusal proves nothing.
        let mut tries = 20;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries > 0 => {
                    tries -= 1;
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    let directory = path.parent().map_or_else(PathBuf::new, Path::to_owned);
                    return Err(RunError::Locked { path: directory, pid: read_pid(path) });
                }
                Err(TryLockError::Error(error)) => return Err(RunError::io("lock", path)(error)),
            }
        }
        let line = format!("{}\n", std::process::id());
        file.set_len(0).and_then(|()| file.write_all(line.as_bytes())).map_err(RunError::io("write", path))?;
        Ok(Self { _file: file })
    }

    /// Looks whether a lock file is held, without taking it.
    pub fn probe(path: &Path) -> LockState {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return LockState::Free,
            Err(_) => return LockState::Unknown,
        };
        match file.try_lock_shared() {
            Ok(()) => LockState::Free,
            Err(TryLockError::WouldBlock) => LockState::Held { pid: read_pid(path) },
            Err(TryLockError::Error(_)) => LockState::Unknown,
        }
    }
}

/// The id in a lock file. Where locks are mandatory (Windows) a held file cannot be read.
fn read_pid(path: &Path) -> Option<u32> {
    let mut text = String::new();
    File::open(path).ok()?.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_the_first_ones_pid() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("lock");
        assert_eq!(RunLock::probe(&path), LockState::Free);
        let first = RunLock::acquire(&path).unwrap();
        let pid = if cfg!(windows) { None } else { Some(std::process::id()) };
        assert_eq!(RunLock::probe(&path), LockState::Held { pid });
        match RunLock::acquire(&path) {
            Err(RunError::Locked { pid: holder, path }) => assert_eq!((holder, path.as_path()), (pid, base.path())),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert_eq!(RunLock::probe(&path), LockState::Free);
        RunLock::acquire(&path).unwrap();
    }
}
