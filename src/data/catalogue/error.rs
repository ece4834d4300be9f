//! What can go wrong between a source and a data set.

use crate::text::sanitise;
use std::io;
use std::path::{Path, PathBuf};

/// A data set that could not be made. Displays fit for a terminal.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", sanitise(&path.display().to_string()))]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The source does not hold what the set is made of.
    #[error("the source holds no {}: {}", sanitise(what), sanitise(expected))]
    Missing {
        /// The file or files.
        what: String,
        /// What the source is expected to be.
        expected: String,
    },
    /// A file of the source does not read as what it must be.
    #[error("{}{}: {}", sanitise(file), line.map_or(String::new(), |line| format!(":{line}")), sanitise(message))]
    Content {
        /// The file, inside the source.
        file: String,
        /// The line, counted from 1, where it is one line's fault.
        line: Option<usize>,
        /// What is wrong and what was expected.
        message: String,
    },
    /// None of the programs that could fetch the source is there.
    #[error(
        "`trimtab data get {set}` needs {tool}, which is not here; {install}, or fetch {package} yourself and \
         `trimtab data add {set} PATH`"
    )]
    NoTool {
        /// The data set.
        set: &'static str,
        /// The program.
        tool: &'static str,
        /// How to come by it.
        install: &'static str,
        /// What to fetch by hand.
        package: String,
    },
    /// The program that fetches did not succeed.
    #[error("`{}` failed ({status}){}", sanitise(command), lines(last))]
    ToolFailed {
        /// The command, as one would type it.
        command: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        last: Vec<String>,
    },
    /// What was derived is not what it was when the catalogue was written.
    #[error("the source changed: expected digest {expected}, got {got}")]
    Changed {
        /// The digest in the catalogue.
        expected: String,
        /// The digest of what was derived.
        got: String,
    },
    /// A signal asked for the end.
    #[error("interrupted")]
    Interrupted,
}

impl CatalogueError {
    /// A closure for `map_err` on a path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// A fault of a file as a whole.
    pub(super) fn content(file: &str, message: impl Into<String>) -> Self {
        Self::Content { file: file.to_owned(), line: None, message: message.into() }
    }

    /// A fault of a line, counted from 1.
    pub(super) fn line(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self::Content { file: file.to_owned(), line: Some(line), message: message.into() }
    }
}

fn lines(last: &[String]) -> String {
    last.iter().fold(String::new(), |text, line| text + "\n  " + &sanitise(line))
}
