//! What the environment says about the terminal.

use super::look::LookArguments;
use super::preferences::Preferences;
use crate::dashboard::{self, ColourDepth, Theme, environment};
use std::io::{IsTerminal, stdin, stdout};

/// Whether there is a terminal that a dashboard can be shown on.
pub fn has_screen() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    stdin().is_terminal() && stdout().is_terminal() && !dumb && std::env::var_os("CI").is_none()
}

/// The same while standard input is a pipe: keys come from the terminal that the process belongs to.
pub fn has_screen_beside_a_pipe() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let keys = cfg!(unix) && std::fs::File::open("/dev/tty").is_ok();
    keys && stdout().is_terminal() && !dumb && std::env::var_os("CI").is_none()
}

/// How the screen shall look and which keys it has: as asked for on the command line, else as a person prefers, else as
/// the environment tells.
pub fn options(look: LookArguments, mouse: bool, preferences: Preferences) -> dashboard::Options {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let capabilities = environment::capabilities(&variable);
    // Without colours the ground does not matter.
    let ask_background = capabilities.colours != ColourDepth::Mono && environment::can_be_asked(&variable);
    dashboard::Options {
        capabilities,
        theme: if look.theme == Theme::Auto { preferences.theme.unwrap_or_default() } else { look.theme },
        markers: look.markers().or(preferences.markers).unwrap_or_else(|| environment::markers(&variable)),
        language: look.language().or(preferences.language).unwrap_or_else(|| environment::language(&variable)),
        mouse: mouse && preferences.mouse.unwrap_or(true),
        keymap: preferences.keymap,
        ask_background,
        ..dashboard::Options::default()
    }
}
