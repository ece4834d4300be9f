//! A screen as SVG: one layer of grounds, one path a colour for shapes, letters placed on the grid.
//!
//! The same buffer and options give the same text, to the byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;

use super::colour::Rgb;
use super::glyph::glyph;
use super::shape::{Point, Shape, Size, number};
use super::{Options, placed, rows, symbol};

/// Families in order of preference; the first is the bundled font.
const FAMILIES: &str = "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace";
/// Advance of a letter as a share of the bundled font's size.
const ADVANCE: f64 = 0.6;
/// Share of a cell's height that lies above the baseline.
const ASCENT: f64 = 0.77;

/// The screen as an SVG document; `options.scale` has no part in it.
pub fn svg(buffer: &Buffer, options: &Options) -> String {
    let options = options.bounded();
    let mut picture = Picture::new(&options);
    let mut width = 0;
    let mut height = 0;
    for (place, row) in rows(buffer).enumerate() {
        picture.row(place, row);
        width = width.max(row.len());
        height = place + 1;
    }
    picture.finish(width, height)
}

/// How a letter is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ink {
    colour: Rgb,
    bold: bool,
    italic: bool,
}

/// Places and letters of one row by style.
type Letters = BTreeMap<Ink, (String, String)>;

struct Picture<'a> {
    options: &'a Options,
    size: Size,
    grounds: String,
    /// Path data by colour.
    shapes: BTreeMap<Rgb, String>,
    letters: String,
}

impl<'a> Picture<'a> {
    fn new(options: &'a Options) -> Self {
        let size = Size { width: options.cell_width, height: options.cell_height };
        Self { options, size, grounds: String::new(), shapes: BTreeMap::new(), letters: String::new() }
    }

    fn row(&mut self, place: usize, row: &[Cell]) {
        let top = self.options.margin + place as f64 * self.size.height;
        let mut ground = Ground { from: 0, to: 0, colour: self.options.theme.background };
        let mut letters = Letters::new();
        for (column, wide, cell) in placed(row) {
            let (front, back) = self.options.theme.colours(cell);
            if back != ground.colour {
                self.ground(top, ground);
                ground = Ground { from: column, to: column, colour: back };
            }
            ground.to = column + wide;
            let left = self.options.margin + column as f64 * self.size.width;
            self.decorate(cell.modifier, (left, top), wide, front);
            self.symbol(cell, (left, top), wide, &mut letters);
        }
        self.ground(top, ground);
        for (ink, (places, text)) in letters {
            self.text(ink, &places, top, &text);
        }
    }

    /// What a cell shows: shapes, a letter for the row's lists, or a text element of its own.
    fn symbol(&mut self, cell: &Cell, (left, top): Point, wide: usize, letters: &mut Letters) {
        let symbol = symbol(cell);
        if symbol.chars().all(char::is_whitespace) {
            return;
        }
        let (front, back) = self.options.theme.colours(cell);
        let mut chars = symbol.chars();
        let single = chars.next().filter(|_| chars.next().is_none());
        if let Some(glyph) = single.and_then(|c| glyph(c, self.size)) {
            let path = self.shapes.entry(front.over(back, glyph.density)).or_default();
            glyph.shapes.iter().for_each(|shape| shape.path((left, top), path));
            return;
        }
        let ink = Ink {
            colour: front,
            bold: cell.modifier.contains(Modifier::BOLD),
            italic: cell.modifier.contains(Modifier::ITALIC),
        };
        if let Some(c) = single.filter(|c| wide == 1 && shares_a_list(*c)) {
            let (places, text) = letters.entry(ink).or_default();
            let _ = write!(places, "{}{}", if places.is_empty() { "" } else { " " }, number(left));
            escape(c, text);
        } else {
            let middle = left + wide as f64 * self.size.width / 2.0;
            let mut text = String::new();
            symbol.chars().for_each(|c| escape(c, &mut text));
            self.text(ink, &format!("{}\" text-anchor=\"middle", number(middle)), top, &text);
        }
    }

    fn ground(&mut self, top: f64, ground: Ground) {
        if ground.colour == self.options.theme.background || ground.from == ground.to {
            return;
        }
        let _ = writeln!(
            self.grounds,
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>"#,
            number(self.options.margin + ground.from as f64 * self.size.width),
            number(top),
            number((ground.to - ground.from) as f64 * self.size.width),
            number(self.size.height),
            ground.colour.hex()
        );
    }

    /// Lines under and through a cell.
    fn decorate(&mut self, modifier: Modifier, (left, top): Point, wide: usize, colour: Rgb) {
        let line = |share: f64| {
            let thickness = self.size.light();
            Shape::Rect(0.0, self.size.height * share - thickness / 2.0, wide as f64 * self.size.width, thickness)
        };
        let lines = [(Modifier::UNDERLINED, 0.875), (Modifier::CROSSED_OUT, 0.525)];
        for shape in lines.into_iter().filter(|(kind, _)| modifier.contains(*kind)).map(|(_, share)| line(share)) {
            shape.path((left, top), self.shapes.entry(colour).or_default());
        }
    }

    /// A text element in the row at `top`; `places` is the value of its attribute x.
    fn text(&mut self, ink: Ink, places: &str, top: f64, text: &str) {
        let baseline = top + self.size.height * ASCENT;
        let weight = if ink.bold { r#" font-weight="700""# } else { "" };
        // The bundled font has no italic: letters lean around their baseline.
        let lean = if ink.italic {
            format!(r#" transform="matrix(1 0 -0.2 1 {} 0)""#, number(0.2 * baseline))
        } else {
            String::new()
        };
        let _ = writeln!(
            self.letters,
            r#"<text x="{places}" y="{}" fill="{}"{weight}{lean}>{text}</text>"#,
            number(baseline),
            ink.colour.hex()
        );
    }

    fn finish(self, columns: usize, rows: usize) -> String {
        let margin = 2.0 * self.options.margin;
        // A drawing without extent is no valid SVG.
        let width = number((columns as f64 * self.size.width + margin).max(1.0));
        let height = number((rows as f64 * self.size.height + margin).max(1.0));
        let families = if self.options.font.is_some() { "monospace" } else { FAMILIES };
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n<g shape-rendering=\"crispEdges\">\n{}</g>\n",
            self.options.theme.background.hex(),
            self.grounds
        );
        for (colour, path) in &self.shapes {
            let _ = writeln!(out, r#"<path fill="{}" d="{path}"/>"#, colour.hex());
        }
        let _ = write!(
            out,
            "<g font-family=\"{families}\" font-size=\"{}\" font-variant-ligatures=\"none\">\n{}</g>\n</svg>\n",
            number(self.size.width / ADVANCE),
            self.letters
        );
        out
    }
}

/// Neighbouring cells of one background.
#[derive(Clone, Copy)]
struct Ground {
    from: usize,
    to: usize,
    colour: Rgb,
}

/// Whether a list of places may hold the character: it has one code unit, stands alone and runs left to right.
fn shares_a_list(c: char) -> bool {
    matches!(c, '\u{20}'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{58f}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2070}'..='\u{20cf}' | '\u{2100}'..='\u{2bff}')
}

fn escape(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&apos;"),
        c => out.push(c),
    }
}
