//! Words of themes, markers and the mouse.

/// In one language.
#[derive(Debug)]
pub struct LookWords {
    pub mouse_on: &'static str,
    pub mouse_off: &'static str,
}

/// English.
pub const ENGLISH: LookWords = LookWords { mouse_on: "mouse on", mouse_off: "mouse off: text can be selected" };
