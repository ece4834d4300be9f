//! The colours of each theme, each chosen for its ground: as 24 bits, as one of 256, as one of the terminal's 16.

use ratatui::style::Color;

/// One colour at each depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink(pub (u8, u8, u8), pub u8, pub Color);

/// All colours of a theme.
#[derive(Debug)]
pub struct Inks {
    /// Behind everything.
    pub ground: Ink,
    /// Plain text.
    pub text: Ink,
    pub dim: Ink,
    pub focus: Ink,
    pub good: Ink,
    pub wait: Ink,
    pub bad: Ink,
    /// Behind a cosine of 1 and of -1.
    pub heat: [Ink; 2],
    /// Tasks, in an order in which neighbours differ most. They differ with every common colour vision, and each can be
    /// read as text.
    pub tasks: &'static [Ink],
}

/// On a dark ground. The tasks' colours are Okabe and Ito's, their dark blue made lighter.
pub const DARK: Inks = Inks {
    ground: Ink((0x11, 0x15, 0x1c), 233, Color::Black),
    text: Ink((0xD5, 0xDA, 0xE3), 253, Color::Gray),
    dim: Ink((0x8A, 0x8F, 0x98), 245, Color::DarkGray),
    focus: Ink((0x56, 0xB4, 0xE9), 74, Color::Cyan),
    good: Ink((0x00, 0xB8, 0x86), 36, Color::Green),
    wait: Ink((0xE6, 0x9F, 0x00), 214, Color::Yellow),
    bad: Ink((0xFF, 0x6B, 0x4A), 209, Color::LightRed),
    heat: [Ink((0x56, 0xB4, 0xE9), 74, Color::Cyan), Ink((0xE6, 0x82, 0x00), 208, Color::Yellow)],
    tasks: &[
        Ink((0xE6, 0x9F, 0x00), 214, Color::Yellow),
        Ink((0x56, 0xB4, 0xE9), 74, Color::Cyan),
        Ink((0x00, 0x9E, 0x73), 36, Color::Green),
        Ink((0xCC, 0x79, 0xA7), 175, Color::Magenta),
        Ink((0xF0, 0xE4, 0x42), 227, Color::LightYellow),
        Ink((0xD5, 0x5E, 0x00), 166, Color::LightRed),
        Ink((0x3D, 0x85, 0xD8), 68, Color::LightBlue),
    ],
};

/// On a light ground. No yellow, and no two browns: those are one colour to many.
pub const LIGHT: Inks = Inks {
    ground: Ink((0xFB, 0xFB, 0xF9), 231, Color::White),
    text: Ink((0x24, 0x29, 0x2F), 235, Color::Black),
    dim: Ink((0x6B, 0x70, 0x78), 242, Color::DarkGray),
    focus: Ink((0x00, 0x66, 0xA8), 25, Color::Blue),
    good: Ink((0x00, 0x7A, 0x58), 23, Color::Green),
    wait: Ink((0x9A, 0x5C, 0x00), 94, Color::Yellow),
    bad: Ink((0xC4, 0x2B, 0x10), 124, Color::Red),
    heat: [Ink((0x56, 0xB4, 0xE9), 74, Color::Cyan), Ink((0xE6, 0x82, 0x00), 208, Color::Yellow)],
    tasks: &[
        Ink((0xCF, 0x31, 0x0D), 160, Color::Red),
        Ink((0x0F, 0x40, 0xE1), 27, Color::Blue),
        Ink((0x12, 0x80, 0x5C), 22, Color::Green),
        Ink((0xBC, 0x26, 0x97), 126, Color::Magenta),
        Ink((0x3C, 0x2B, 0x0B), 236, Color::Black),
        Ink((0x07, 0x30, 0x3D), 23, Color::Cyan),
    ],
};

/// On black, everything at 7 to 1 or more.
pub const HIGH_DARK: Inks = Inks {
    ground: Ink((0x00, 0x00, 0x00), 16, Color::Black),
    text: Ink((0xFF, 0xFF, 0xFF), 231, Color::White),
    dim: Ink((0xC8, 0xCC, 0xD2), 252, Color::Gray),
    focus: Ink((0x66, 0xCC, 0xFF), 117, Color::LightCyan),
    good: Ink((0x00, 0xD6, 0x9A), 42, Color::LightGreen),
    wait: Ink((0xFF, 0xB0, 0x00), 214, Color::LightYellow),
    bad: Ink((0xFF, 0x8F, 0x70), 209, Color::LightRed),
    heat: [Ink((0x66, 0xCC, 0xFF), 117, Color::LightCyan), Ink((0xFF, 0xB0, 0x00), 214, Color::LightYellow)],
    tasks: &[
        Ink((0xFA, 0xC9, 0x92), 223, Color::LightYellow),
        Ink((0x31, 0xA6, 0xFB), 75, Color::LightCyan),
        Ink((0xD3, 0xE7, 0x32), 184, Color::LightGreen),
        Ink((0xF2, 0x74, 0xAF), 211, Color::LightMagenta),
        Ink((0xA6, 0xF7, 0xE2), 158, Color::White),
        Ink((0xFE, 0x6A, 0x18), 208, Color::LightRed),
        Ink((0xB4, 0xC5, 0xF8), 146, Color::Gray),
    ],
};

/// On white, everything at 7 to 1 or more.
pub const HIGH_LIGHT: Inks = Inks {
    ground: Ink((0xFF, 0xFF, 0xFF), 231, Color::White),
    text: Ink((0x00, 0x00, 0x00), 16, Color::Black),
    dim: Ink((0x40, 0x45, 0x4C), 238, Color::Black),
    focus: Ink((0x00, 0x4F, 0x86), 18, Color::Blue),
    good: Ink((0x00, 0x58, 0x3F), 22, Color::Black),
    wait: Ink((0x6B, 0x43, 0x00), 52, Color::Magenta),
    bad: Ink((0x9C, 0x1C, 0x08), 88, Color::Red),
    heat: [Ink((0x00, 0x4F, 0x86), 18, Color::Blue), Ink((0x82, 0x41, 0x07), 88, Color::Red)],
    tasks: &[
        Ink((0x80, 0x40, 0x06), 88, Color::Red),
        Ink((0x19, 0x5B, 0x8F), 24, Color::Blue),
        Ink((0x03, 0x26, 0x1F), 234, Color::Black),
        Ink((0xA6, 0x1B, 0x58), 125, Color::Magenta),
        Ink((0x38, 0x27, 0x02), 22, Color::Black),
        Ink((0x01, 0x21, 0x8F), 18, Color::Blue),
    ],
};
