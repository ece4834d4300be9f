//! What can go wrong in a run directory, always with the path.

use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// An error of a run directory.
#[derive(Debug, Error)]
pub enum RunError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file of the run does not read as what it must be.
    #[error("{}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Another trainer holds the run.
    #[error("{} is being trained by another process{}", path.display(), holder(*pid))]
    Locked {
        /// The run directory.
        path: PathBuf,
        /// The holder's process id, where it could be read.
        pid: Option<u32>,
    },
    /// Recording failed earlier; nothing more is written.
    #[error("the run cannot be recorded: {message}")]
    Recording {
        /// The first failure.
        message: String,
    },
    /// No run of this name.
    #[error("no run '{spec}' (neither a run directory nor a name under {}){hint}", base.display())]
    NoSuchRun {
        /// What was asked for.
        spec: String,
        /// Where runs were looked for.
        base: PathBuf,
        /// The nearest names.
        hint: String,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or(String::new(), |pid| format!(" (pid {pid})"))
}

impl RunError {
    /// For `map_err`: an [`RunError::Io`].
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
