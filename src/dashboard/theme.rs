//! Colours, chosen once from what the terminal can show. Colour is never the only carrier: numbers and signs stay.

use ratatui::style::{Color, Modifier, Style};

/// How many colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourDepth {
    /// None: attributes only (`NO_COLOR`, dumb terminals).
    Mono,
    /// The 16 of the user's theme.
    #[default]
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// 24 bits.
    True,
}

/// What the terminal can do, as the caller found out; nothing here reads the environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// How many colours.
    pub colours: ColourDepth,
    /// Whether the background is light.
    pub light: bool,
}

/// Styles by meaning.
#[derive(Clone, Debug)]
pub struct Palette {
    depth: ColourDepth,
    light: bool,
    tasks: Vec<Color>,
    /// Secondary text, borders, marks.
    pub dim: Style,
    /// Titles.
    pub title: Style,
    /// The title of the focused panel.
    pub focus: Style,
    /// Headings and keys.
    pub strong: Style,
    /// Going well.
    pub good: Style,
    /// Waiting, pending.
    pub wait: Style,
    /// Wrong.
    pub bad: Style,
    /// The selected row.
    pub selected: Style,
}

/// Okabe and Ito's colours, told apart with every common colour vision; the dark blue comes last.
const OKABE_ITO: [(u8, u8, u8); 7] = [
    (0xE6, 0x9F, 0x00),
    (0x56, 0xB4, 0xE9),
    (0x00, 0x9E, 0x73),
    (0xCC, 0x79, 0xA7),
    (0xF0, 0xE4, 0x42),
    (0xD5, 0x5E, 0x00),
    (0x00, 0x72, 0xB2),
];
const INDEXED: [u8; 7] = [214, 74, 36, 175, 227, 166, 32];
/// The same, dark enough for a light ground; yellow is left out.
const DARKER: [(u8, u8, u8); 6] = [
    (0xB8, 0x74, 0x00),
    (0x2A, 0x8F, 0xCC),
    (0x00, 0x7F, 0x5C),
    (0xB0, 0x50, 0x88),
    (0xC4, 0x4E, 0x00),
    (0x00, 0x4C, 0x8C),
];
const DARKER_INDEXED: [u8; 6] = [136, 32, 29, 132, 166, 24];
const NAMED: [Color; 7] =
    [Color::Yellow, Color::Cyan, Color::Green, Color::Magenta, Color::LightYellow, Color::Red, Color::Blue];

impl Palette {
    /// The palette for a terminal.
    pub fn new(capabilities: Capabilities) -> Self {
        let Capabilities { colours: depth, light } = capabilities;
        let plain = Style::new();
        let colour = |rgb: (u8, u8, u8), index: u8, named: Color| match depth {
            ColourDepth::Mono => plain,
            ColourDepth::Ansi16 => plain.fg(named),
            ColourDepth::Ansi256 => plain.fg(Color::Indexed(index)),
            ColourDepth::True => plain.fg(Color::Rgb(rgb.0, rgb.1, rgb.2)),
        };
        let dim = match (depth, light) {
            (ColourDepth::Mono, _) => plain.add_modifier(Modifier::DIM),
            (_, false) => colour((0x8A, 0x8F, 0x98), 245, Color::DarkGray),
            (_, true) => colour((0x70, 0x75, 0x7D), 243, Color::DarkGray),
        };
        let mono_reversed = |style: Style| match depth {
            ColourDepth::Mono => plain.add_modifier(Modifier::REVERSED),
            _ => style,
        };
        let rgb = |(r, g, b)| Color::Rgb(r, g, b);
        let tasks = match (depth, light) {
            (ColourDepth::Mono, _) => vec![Color::Reset],
            (ColourDepth::Ansi16, false) => NAMED.to_vec(),
            // Light yellow cannot be read on white.
            (ColourDepth::Ansi16, true) => NAMED.into_iter().filter(|name| *name != Color::LightYellow).collect(),
            (ColourDepth::Ansi256, false) => INDEXED.map(Color::Indexed).to_vec(),
            (ColourDepth::Ansi256, true) => DARKER_INDEXED.map(Color::Indexed).to_vec(),
            (ColourDepth::True, false) => OKABE_ITO.map(rgb).to_vec(),
            (ColourDepth::True, true) => DARKER.map(rgb).to_vec(),
        };
        let [focus, good, wait, bad] = if light {
            [
                colour((0x00, 0x66, 0xA8), 25, Color::Blue),
                colour((0x00, 0x7A, 0x58), 29, Color::Green),
                colour((0xA0, 0x62, 0x00), 130, Color::Yellow),
                colour((0xC4, 0x2B, 0x10), 160, Color::Red),
            ]
        } else {
            [
                colour((0x56, 0xB4, 0xE9), 74, Color::Cyan),
                colour((0x00, 0xB8, 0x86), 36, Color::Green),
                colour((0xE6, 0x9F, 0x00), 214, Color::Yellow),
                colour((0xFF, 0x6B, 0x4A), 203, Color::LightRed),
            ]
        };
        let bold = Modifier::BOLD;
        Self {
            depth,
            light,
            tasks,
            dim,
            title: plain.add_modifier(bold),
            focus: mono_reversed(focus.add_modifier(bold)),
            strong: plain.add_modifier(bold),
            good: good.add_modifier(bold),
            wait: wait.add_modifier(bold),
            bad: mono_reversed(bad.add_modifier(bold)),
            selected: plain.add_modifier(bold),
        }
    }

    /// How many tasks have a colour of their own.
    pub fn task_colours(&self) -> usize {
        self.tasks.len()
    }

    /// A task's colour, by its place.
    pub fn task(&self, place: usize) -> Style {
        match self.tasks.get(place % self.tasks.len().max(1)) {
            Some(&colour) if colour != Color::Reset => Style::new().fg(colour),
            _ => Style::new(),
        }
    }

    /// The same colour, faint: for what lies behind.
    pub fn faded(&self, style: Style) -> Style {
        if self.depth == ColourDepth::Mono { self.dim } else { style.add_modifier(Modifier::DIM) }
    }

    /// A cell of the heat map: blue for agreement, orange for conflict, none at 0; stronger with size.
    pub fn heat(&self, cosine: f64) -> Style {
        let size = if cosine.is_finite() { cosine.abs().min(1.0) } else { 0.0 };
        let agree = cosine >= 0.0;
        let plain = Style::new();
        match self.depth {
            ColourDepth::Mono if !agree && size >= 0.1 => plain.add_modifier(Modifier::REVERSED),
            ColourDepth::Mono if size >= 0.5 => plain.add_modifier(Modifier::BOLD),
            ColourDepth::Mono => plain,
            ColourDepth::Ansi16 => match size {
                ..0.1 => plain,
                ..0.5 => plain.fg(if agree { Color::Cyan } else { Color::Yellow }),
                _ => plain.fg(Color::Black).bg(if agree { Color::Cyan } else { Color::Yellow }),
            },
            ColourDepth::Ansi256 => {
                let steps: [u8; 5] = if agree { [0, 17, 24, 31, 74] } else { [0, 52, 94, 130, 208] };
                let place = (size * 4.999).floor() as usize;
                match (place, steps.get(place)) {
                    (0, _) | (_, None) => plain,
                    (4, Some(&index)) => plain.bg(Color::Indexed(index)).fg(Color::Indexed(16)),
                    (_, Some(&index)) => plain.bg(Color::Indexed(index)).fg(Color::Indexed(231)),
                }
            }
            ColourDepth::True => {
                let ground = if self.light { (255.0, 255.0, 255.0) } else { (24.0, 26.0, 30.0) };
                let full = if agree { (0x56 as f64, 0xB4 as f64, 0xE9 as f64) } else { (230.0, 130.0, 0.0) };
                let mix = |from: f64, to: f64| from + (to - from) * size.sqrt();
                let (r, g, b) = (mix(ground.0, full.0), mix(ground.1, full.1), mix(ground.2, full.2));
                let bright = 0.299 * r + 0.587 * g + 0.114 * b > 120.0;
                let ink = if bright { Color::Rgb(0, 0, 0) } else { Color::Rgb(235, 235, 235) };
                plain.bg(Color::Rgb(r as u8, g as u8, b as u8)).fg(ink)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_there_is_no_colour_at_all() {
        let palette = Palette::new(Capabilities { colours: ColourDepth::Mono, light: false });
        let mut styles = vec![palette.dim, palette.title, palette.focus, palette.good, palette.wait, palette.bad];
        styles.extend((0..9).map(|place| palette.task(place)));
        styles.extend([-1.0, -0.3, 0.0, 0.7, f64::NAN].map(|value| palette.heat(value)));
        assert!(styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()), "{styles:?}");
    }

    #[test]
    fn seven_tasks_have_seven_colours() {
        for colours in [ColourDepth::Ansi16, ColourDepth::Ansi256, ColourDepth::True] {
            let palette = Palette::new(Capabilities { colours, light: false });
            let mut seen: Vec<_> = (0..7).map(|place| palette.task(place).fg).collect();
            seen.dedup();
            assert_eq!(seen.len(), 7);
        }
    }
}
