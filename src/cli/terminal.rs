//! What the environment says about the terminal.

use super::look::LookArguments;
use crate::dashboard::{self, ColourDepth, environment};
use std::io::{IsTerminal, stdin, stdout};

/// Whether there is a terminal that a dashboard can be shown on.
pub fn has_screen() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    stdin().is_terminal() && stdout().is_terminal() && !dumb && std::env::var_os("CI").is_none()
}

/// How the screen shall look: as asked for, and else as the environment tells.
pub fn options(look: &LookArguments, mouse: bool) -> dashboard::Options {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let capabilities = environment::capabilities(&variable);
    // Without colours the ground does not matter.
    let ask_background = capabilities.colours != ColourDepth::Mono && environment::can_be_asked(&variable);
    dashboard::Options {
        capabilities,
        theme: look.theme,
        markers: look.markers().unwrap_or_else(|| environment::markers(&variable)),
        language: look.language().unwrap_or_else(|| environment::language(&variable)),
        mouse,
        ask_background,
        ..dashboard::Options::default()
    }
}
