//! Exit codes, and errors that know theirs.

use super::log;
use std::process::ExitCode;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, also stopped on request.
    Done,
    /// 1: failed.
    Failed,
    /// 2: arguments, configuration or data do not fit.
    Usage,
    /// 3: a loss or gradient was not finite.
    Diverged,
    /// 70: a panic.
    Internal,
    /// 128 + the signal's number: state saved.
    Signal(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Diverged => 3,
            Exit::Internal => 70,
            Exit::Signal(number) => 128_u8.saturating_add(number),
        })
    }
}

/// An error with its exit code.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    error: anyhow::Error,
}

impl Failure {
    /// Something a person gave does not fit.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// A panic somewhere, caught.
    #[cfg(feature = "train")]
    pub fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Internal, error: error.into() }
    }

    /// Says what is wrong on stderr.
    pub fn report(self) -> Exit {
        // Most errors already tell their cause; only what is not yet said is added.
        let text = self.error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
            "" => cause,
            text if text.contains(&cause) => said,
            text => format!("{text}: {cause}"),
        });
        log::message("error: ", &text);
        self.exit
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failed, error: error.into() }
    }
}
