//! Words of themes, markers and the mouse.

use crate::dashboard::theme::Theme;

/// What the mouse does, for the help.
#[derive(Debug)]
pub struct MouseWords {
    pub title: &'static str,
    /// What is done with it, and what that does.
    pub deeds: &'static [(&'static str, &'static str)],
}

/// In one language.
#[derive(Debug)]
pub struct LookWords {
    pub mouse_on: &'static str,
    pub mouse_off: &'static str,
    pub mouse_off_now: &'static str,
    pub mouse: MouseWords,
    pub rows_of: &'static str,
    pub theme: &'static str,
    pub theme_auto: &'static str,
    pub theme_dark: &'static str,
    pub theme_light: &'static str,
    pub theme_high_contrast: &'static str,
    pub theme_mono: &'static str,
}

impl LookWords {
    /// What a theme is called.
    pub fn theme_name(&self, theme: Theme) -> &'static str {
        match theme {
            Theme::Auto => self.theme_auto,
            Theme::Dark => self.theme_dark,
            Theme::Light => self.theme_light,
            Theme::HighContrast => self.theme_high_contrast,
            Theme::Mono => self.theme_mono,
        }
    }
}

/// English.
pub const ENGLISH: LookWords = LookWords {
    mouse_on: "mouse on; Shift and drag selects text",
    mouse_off: "mouse off",
    mouse_off_now: "mouse off: text can be selected",
    mouse: MouseWords {
        title: "Mouse",
        deeds: &[
            ("click", "go to a pane or tab, select a task"),
            ("drag", "along a slider: set the weight"),
            ("", "over a chart: zoom to what it spans"),
            ("", "with Shift: select text"),
            ("double", "the whole run in the charts again"),
            ("wheel", "zoom a chart at the pointer, or scroll"),
        ],
    },
    rows_of: "{}-{} of {}",
    theme: "theme: {}",
    theme_auto: "auto",
    theme_dark: "dark",
    theme_light: "light",
    theme_high_contrast: "high contrast",
    theme_mono: "mono",
};
