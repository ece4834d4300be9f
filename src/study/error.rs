//! What can go wrong in a study, always with the path.

use crate::run::RunError;
use std::path::PathBuf;
use thiserror::Error;

/// An error of a study.
#[derive(Debug, Error)]
pub enum StudyError {
    /// A file or run directory of the study.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A file does not read as what it must be.
    #[error("{}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The directory holds another study.
    #[error("{} holds another study: {difference}; name another folder with --out, or remove it", path.display())]
    OtherPlan {
        /// The study's directory.
        path: PathBuf,
        /// What is not the same.
        difference: String,
    },
}
