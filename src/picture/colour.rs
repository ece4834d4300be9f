//! Terminal colours as red, green and blue.
//!
//! Owns the palettes and the meaning of modifiers for colours. It must not know shapes.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// As SVG writes it: `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// This colour over another, `share` of it in [0, 1].
    #[must_use]
    pub fn over(self, under: Self, share: f64) -> Self {
        let mix = |a: u8, b: u8| (f64::from(a) * share + f64::from(b) * (1.0 - share)).round() as u8;
        Self(mix(self.0, under.0), mix(self.1, under.1), mix(self.2, under.2))
    }
}

/// What a terminal makes of colours without numbers of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Behind everything.
    pub background: Rgb,
    /// Letters without a colour.
    pub foreground: Rgb,
    /// The sixteen named colours in the order of their numbers: black to white, then bright.
    pub palette: [Rgb; 16],
}

impl Theme {
    /// Light letters on dark ground.
    pub const fn dark() -> Self {
        Self {
            background: Rgb(0x11, 0x15, 0x1c),
            foreground: Rgb(0xd5, 0xda, 0xe3),
            palette: [
                Rgb(0x2a, 0x31, 0x3c),
                Rgb(0xe5, 0x61, 0x6b),
                Rgb(0x8f, 0xc1, 0x72),
                Rgb(0xe2, 0xb8, 0x5f),
                Rgb(0x62, 0xa3, 0xf0),
                Rgb(0xc0, 0x83, 0xe0),
                Rgb(0x4f, 0xb8, 0xc2),
                Rgb(0xb8, 0xc0, 0xcc),
                Rgb(0x6b, 0x74, 0x82),
                Rgb(0xff, 0x8a, 0x8f),
                Rgb(0xb1, 0xde, 0x8f),
                Rgb(0xf5, 0xd6, 0x8a),
                Rgb(0x8f, 0xc3, 0xff),
                Rgb(0xdb, 0xa8, 0xf5),
                Rgb(0x80, 0xdb, 0xe2),
                Rgb(0xf4, 0xf6, 0xfa),
            ],
        }
    }

    /// Dark letters on light ground.
    pub const fn light() -> Self {
        Self {
            background: Rgb(0xfb, 0xfb, 0xf9),
            foreground: Rgb(0x24, 0x29, 0x2f),
            palette: [
                Rgb(0x24, 0x29, 0x2f),
                Rgb(0xc4, 0x31, 0x3b),
                Rgb(0x22, 0x86, 0x3a),
                Rgb(0x9a, 0x67, 0x00),
                Rgb(0x0b, 0x61, 0xc4),
                Rgb(0x82, 0x50, 0xdf),
                Rgb(0x1b, 0x7c, 0x83),
                Rgb(0x6e, 0x77, 0x81),
                Rgb(0x57, 0x60, 0x6a),
                Rgb(0xa4, 0x0e, 0x26),
                Rgb(0x1a, 0x7f, 0x37),
                Rgb(0x7d, 0x4e, 0x00),
                Rgb(0x21, 0x8b, 0xff),
                Rgb(0xa4, 0x75, 0xf9),
                Rgb(0x31, 0x92, 0xaa),
                Rgb(0x8c, 0x95, 0x9f),
            ],
        }
    }

    /// A colour of 256: the named ones, a cube of six levels, a ramp of grey.
    fn indexed(&self, index: u8) -> Rgb {
        match index {
            0..=15 => self.palette[usize::from(index)],
            16..=231 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = index - 16;
                Rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
            }
            232..=255 => {
                let grey = 8 + 10 * (index - 232);
                Rgb(grey, grey, grey)
            }
        }
    }

    fn resolve(&self, colour: Color, reset: Rgb) -> Rgb {
        match colour {
            Color::Reset => reset,
            Color::Black => self.palette[0],
            Color::Red => self.palette[1],
            Color::Green => self.palette[2],
            Color::Yellow => self.palette[3],
            Color::Blue => self.palette[4],
            Color::Magenta => self.palette[5],
            Color::Cyan => self.palette[6],
            Color::Gray => self.palette[7],
            Color::DarkGray => self.palette[8],
            Color::LightRed => self.palette[9],
            Color::LightGreen => self.palette[10],
            Color::LightYellow => self.palette[11],
            Color::LightBlue => self.palette[12],
            Color::LightMagenta => self.palette[13],
            Color::LightCyan => self.palette[14],
            Color::White => self.palette[15],
            Color::Indexed(index) => self.indexed(index),
            Color::Rgb(red, green, blue) => Rgb(red, green, blue),
        }
    }

    /// Foreground and background of a cell, with `REVERSED`, `DIM` and `HIDDEN` done.
    pub(super) fn colours(&self, cell: &Cell) -> (Rgb, Rgb) {
        let mut front = self.resolve(cell.fg, self.foreground);
        let mut back = self.resolve(cell.bg, self.background);
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut front, &mut back);
        }
        if cell.modifier.contains(Modifier::DIM) {
            front = front.over(back, 0.6);
        }
        if cell.modifier.contains(Modifier::HIDDEN) {
            front = back;
        }
        (front, back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    #[test]
    fn indices_follow_the_usual_table() {
        let theme = Theme::dark();
        assert_eq!(theme.indexed(1), theme.palette[1]);
        assert_eq!([theme.indexed(16), theme.indexed(231)], [Rgb(0, 0, 0), Rgb(255, 255, 255)]);
        assert_eq!([theme.indexed(208), theme.indexed(21)], [Rgb(255, 135, 0), Rgb(0, 0, 255)]);
        assert_eq!([theme.indexed(232), theme.indexed(255)], [Rgb(8, 8, 8), Rgb(238, 238, 238)]);
    }

    #[test]
    fn modifiers_change_colours() {
        let theme = Theme::dark();
        let colours = |style: Style| theme.colours(Cell::default().set_style(style));
        assert_eq!(colours(Style::new()), (theme.foreground, theme.background));
        assert_eq!(colours(Style::new().add_modifier(Modifier::REVERSED)), (theme.background, theme.foreground));
        let (dim, _) = colours(Style::new().fg(Color::Rgb(100, 100, 100)).bg(Color::Black).add_modifier(Modifier::DIM));
        assert_eq!(dim, Rgb(100, 100, 100).over(theme.palette[0], 0.6));
        let (front, back) = colours(Style::new().add_modifier(Modifier::HIDDEN));
        assert_eq!(front, back);
    }
}
