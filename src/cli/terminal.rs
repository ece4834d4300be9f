//! What the environment says about the terminal.

use crate::dashboard::{Capabilities, ColourDepth};
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

/// Colours as `NO_COLOR`, `COLORTERM` and `TERM` tell, and the background as `COLORFGBG` does.
pub fn capabilities() -> Capabilities {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let colours = if !variable("NO_COLOR").is_empty() {
        ColourDepth::Mono
    } else if matches!(variable("COLORTERM").as_str(), "truecolor" | "24bit") {
        ColourDepth::True
    } else if variable("TERM").contains("256color") {
        ColourDepth::Ansi256
    } else {
        ColourDepth::Ansi16
    };
    // "foreground;background": 7 and 9 to 15 are light.
    let background = variable("COLORFGBG").rsplit(';').next().and_then(|number| number.parse::<u8>().ok());
    Capabilities { colours, light: background.is_some_and(|number| number == 7 || number >= 9) }
}
