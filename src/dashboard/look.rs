//! How the screen looks, beside what it shows: a person's choices, and what the terminal can do.

use super::theme::{Capabilities, Palette, Theme};
pub use super::widget::Markers;

/// How the screen looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The theme asked for.
    pub theme: Theme,
    /// What the terminal can do.
    pub capabilities: Capabilities,
    /// What lines are made of.
    pub markers: Markers,
    /// Whether the mouse is heard; where it is not, the terminal selects text with it.
    pub mouse: bool,
}

impl Look {
    /// Its colours.
    pub fn palette(&self) -> Palette {
        Palette::themed(self.theme, self.capabilities)
    }

    /// Whether it depends on how bright the terminal's own ground is.
    pub fn follows_ground(&self) -> bool {
        matches!(self.theme, Theme::Auto | Theme::HighContrast)
    }

    /// Whether nothing but ASCII may be drawn.
    pub fn is_ascii(&self) -> bool {
        self.markers == Markers::Ascii
    }
}
