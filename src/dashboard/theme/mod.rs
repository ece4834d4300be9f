//! Colours, by what the terminal can show and what a person chose. Colour is never the only carrier: numbers and signs
//! stay.

mod inks;
#[cfg(test)]
mod tests;

use inks::{DARK, HIGH_DARK, HIGH_LIGHT, Ink, Inks, LIGHT};
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

/// A person's choice of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// On the terminal's own ground, dark or light as it is.
    #[default]
    Auto,
    /// On a dark ground.
    Dark,
    /// On a light ground.
    Light,
    /// On black or white, whichever the terminal is nearer to.
    HighContrast,
    /// No colours: bold, dim and reverse alone, on the terminal's own ground.
    Mono,
}

impl Theme {
    /// All, in the order of the key.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Dark, Self::Light, Self::HighContrast, Self::Mono];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }

    /// The theme of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        let place = Self::ALL.iter().position(|theme| *theme == self).unwrap_or(0);
        Self::ALL.get((place + 1) % Self::ALL.len()).copied().unwrap_or_default()
    }

    /// Its colours, and whether it paints its own ground.
    fn inks(self, light: bool) -> (&'static Inks, bool) {
        match (self, light) {
            (Self::Auto | Self::Mono, false) => (&DARK, false),
            (Self::Auto | Self::Mono, true) => (&LIGHT, false),
            (Self::Dark, _) => (&DARK, true),
            (Self::Light, _) => (&LIGHT, true),
            (Self::HighContrast, false) => (&HIGH_DARK, true),
            (Self::HighContrast, true) => (&HIGH_LIGHT, true),
        }
    }
}

/// Styles by meaning.
#[derive(Clone, Debug)]
pub struct Palette {
    depth: ColourDepth,
    theme: Theme,
    inks: &'static Inks,
    tasks: Vec<Color>,
    /// What a cell without colours of its own gets; `None` leaves the terminal's.
    pub ground: Option<Style>,
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

impl Ink {
    /// The colour at a depth; none without colours.
    fn at(self, depth: ColourDepth) -> Option<Color> {
        let Self((red, green, blue), index, named) = self;
        match depth {
            ColourDepth::Mono => None,
            ColourDepth::Ansi16 => Some(named),
            ColourDepth::Ansi256 => Some(Color::Indexed(index)),
            ColourDepth::True => Some(Color::Rgb(red, green, blue)),
        }
    }

    fn style(self, depth: ColourDepth) -> Style {
        self.at(depth).map_or(Style::new(), |colour| Style::new().fg(colour))
    }
}

/// How bright a colour is, from 0 for black to 1 for white (the relative luminance of WCAG 2).
pub fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
    let linear = |channel: u8| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

impl Palette {
    /// The palette for a terminal, on its own ground.
    pub fn new(capabilities: Capabilities) -> Self {
        Self::themed(Theme::Auto, capabilities)
    }

    /// The palette of a theme in a terminal.
    pub fn themed(theme: Theme, capabilities: Capabilities) -> Self {
        let depth = if theme == Theme::Mono { ColourDepth::Mono } else { capabilities.colours };
        let (inks, paints) = theme.inks(capabilities.light);
        let plain = Style::new();
        let mono = depth == ColourDepth::Mono;
        let mono_reversed = |style: Style| if mono { plain.add_modifier(Modifier::REVERSED) } else { style };
        let bold = |ink: Ink| ink.style(depth).add_modifier(Modifier::BOLD);
        let ground = inks.ground.at(depth).zip(inks.text.at(depth)).filter(|_| paints);
        let mut tasks: Vec<Color> = inks.tasks.iter().filter_map(|ink| ink.at(depth)).collect();
        // Two colours of 24 bits may be one of 16.
        let mut seen = Vec::new();
        tasks.retain(|colour| {
            !seen.contains(colour) && {
                seen.push(*colour);
                true
            }
        });
        Self {
            depth,
            theme,
            inks,
            tasks: if tasks.is_empty() { vec![Color::Reset] } else { tasks },
            ground: ground.map(|(ground, text)| plain.bg(ground).fg(text)),
            dim: if mono { plain.add_modifier(Modifier::DIM) } else { inks.dim.style(depth) },
            // Written over a border, whose look must not shine through.
            title: if mono { plain } else { plain.fg(Color::Reset) }
                .add_modifier(Modifier::BOLD)
                .remove_modifier(Modifier::DIM),
            focus: mono_reversed(bold(inks.focus)).remove_modifier(Modifier::DIM),
            strong: plain.add_modifier(Modifier::BOLD),
            good: bold(inks.good),
            wait: bold(inks.wait),
            bad: mono_reversed(bold(inks.bad)),
            selected: plain.add_modifier(Modifier::BOLD),
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

    /// The same colour, faint: for what lies behind. Where faint would be too little contrast, the colour of what is
    /// secondary.
    pub fn faded(&self, style: Style) -> Style {
        let plain = self.depth == ColourDepth::Mono || self.theme == Theme::HighContrast;
        if plain { self.dim } else { style.add_modifier(Modifier::DIM) }
    }

    /// A cell of the heat map: blue for agreement, orange for conflict, none at 0; stronger with size.
    pub fn heat(&self, cosine: f64) -> Style {
        let size = if cosine.is_finite() { cosine.abs().min(1.0) } else { 0.0 };
        let agree = cosine >= 0.0;
        let plain = Style::new();
        let [high, low] = self.inks.heat;
        let full = if agree { high } else { low };
        match self.depth {
            ColourDepth::Mono if !agree && size >= 0.1 => plain.add_modifier(Modifier::REVERSED),
            ColourDepth::Mono if size >= 0.5 => plain.add_modifier(Modifier::BOLD),
            ColourDepth::Mono => plain,
            // Between ground and full colour no ink has this contrast; there are two strengths only.
            _ if self.theme == Theme::HighContrast || self.depth == ColourDepth::Ansi16 => {
                let (colour, ground) = (full.at(self.depth), self.inks.ground.at(self.depth));
                let ink = if self.theme == Theme::HighContrast { ground } else { Some(Color::Black) };
                match (size, colour, ink) {
                    (0.5.., Some(colour), Some(ink)) => plain.bg(colour).fg(ink),
                    (0.1.., Some(colour), _) => plain.fg(colour),
                    _ => plain,
                }
            }
            ColourDepth::Ansi256 => {
                let light = luminance(self.inks.ground.0) > 0.5;
                let steps: [u8; 5] = match (agree, light) {
                    (true, false) => [0, 17, 24, 31, 74],
                    (false, false) => [0, 52, 94, 130, 208],
                    (true, true) => [0, 195, 153, 117, 74],
                    (false, true) => [0, 230, 223, 216, 208],
                };
                let place = (size * 4.999).floor() as usize;
                let dark_ink = light || place == 4 || (agree && place == 3);
                match (place, steps.get(place)) {
                    (0, _) | (_, None) => plain,
                    (_, Some(&index)) => {
                        plain.bg(Color::Indexed(index)).fg(Color::Indexed(if dark_ink { 16 } else { 231 }))
                    }
                }
            }
            ColourDepth::Ansi16 | ColourDepth::True => {
                let share = size.sqrt();
                let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share) as u8;
                let (from, to) = (self.inks.ground.0, full.0);
                let (red, green, blue) = (mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2));
                // Black or white, whichever stands out more; the two are even at this luminance.
                let bright = luminance((red, green, blue)) > 0.179;
                let ink = if bright { Color::Rgb(0, 0, 0) } else { Color::Rgb(255, 255, 255) };
                plain.bg(Color::Rgb(red, green, blue)).fg(ink)
            }
        }
    }
}
