//! Pictures of a screen: a buffer of cells to text, SVG and (feature `picture`) PNG.
//!
//! Owns the way from cells to shapes: dots, blocks, lines, arrows and marks become vector shapes, so that charts look
//! the same everywhere; only letters need a font. It must not know what the screen shows, nor read system fonts.

mod block;
mod colour;
mod glyph;
mod line;
mod mark;
#[cfg(feature = "picture")]
mod png;
mod shape;
mod svg;

pub use colour::{Rgb, Theme};
#[cfg(feature = "picture")]
pub use png::{missing_glyphs, png};
pub use svg::svg;

use std::path::{Path, PathBuf};

use ratatui::buffer::{Buffer, Cell};

/// How a picture looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// A font file: a monospaced font draws the letters and the bundled one what it lacks; any other (often one for
    /// Chinese or Japanese) draws what the bundled one lacks. `None` is the bundled one alone.
    pub font: Option<PathBuf>,
    /// Width of a cell in SVG units, in [1, 200].
    pub cell_width: f64,
    /// Height of a cell in SVG units, in [1, 200].
    pub cell_height: f64,
    /// Empty border around the screen in SVG units, in [0, 200].
    pub margin: f64,
    /// Pixels of a PNG for one SVG unit, in [0.1, 8].
    pub scale: f64,
    /// Colours.
    pub theme: Theme,
}

impl Default for Options {
    fn default() -> Self {
        Self { font: None, cell_width: 9.0, cell_height: 20.0, margin: 10.0, scale: 2.0, theme: Theme::dark() }
    }
}

impl Options {
    /// The same with every number inside its bounds; what is not a number becomes the default.
    fn bounded(&self) -> Self {
        let default = Self::default();
        let bound =
            |value: f64, low: f64, high: f64, or: f64| if value.is_finite() { value.clamp(low, high) } else { or };
        Self {
            cell_width: bound(self.cell_width, 1.0, 200.0, default.cell_width),
            cell_height: bound(self.cell_height, 1.0, 200.0, default.cell_height),
            margin: bound(self.margin, 0.0, 200.0, default.margin),
            scale: bound(self.scale, 0.1, 8.0, default.scale),
            ..self.clone()
        }
    }
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The file's name says no known kind.
    #[error("cannot tell the kind of picture from '{0}': its name must end in .txt, .svg or .png")]
    UnknownKind(PathBuf),
    /// PNG asked of a program built without it.
    #[error("this program was built without the feature `picture`: .png is not available, .svg and .txt are")]
    WithoutPng,
    /// The font file cannot be read.
    #[error("cannot read the font '{path}': {source}")]
    Font {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The font file holds no font.
    #[error("'{0}' holds no TrueType or OpenType font")]
    NotAFont(PathBuf),
    /// The SVG is not one.
    #[error("cannot draw the picture: {0}")]
    Draw(String),
    /// More pixels than memory should be spent on.
    #[error("a picture of {width} × {height} pixels is too large")]
    TooLarge {
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
    },
    /// The file cannot be written.
    #[error("cannot write '{path}': {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// The screen as lines of text, each ended by a newline, blanks at their ends left out.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(buffer) {
        let line: String = placed(row).map(|(_, _, cell)| symbol(cell)).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Writes the screen to `path` as its extension says: `.txt`, `.svg` or `.png`.
///
/// # Errors
///
/// An unknown extension, `.png` without the feature `picture`, a font that cannot be used, a file that cannot be written.
pub fn write(buffer: &Buffer, path: &Path, options: &Options) -> Result<(), PictureError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let bytes = match extension.to_ascii_lowercase().as_str() {
        "txt" => text(buffer).into_bytes(),
        "svg" => svg(buffer, options).into_bytes(),
        #[cfg(feature = "picture")]
        "png" => png(&svg(buffer, options), options)?,
        #[cfg(not(feature = "picture"))]
        "png" => return Err(PictureError::WithoutPng),
        _ => return Err(PictureError::UnknownKind(path.to_owned())),
    };
    std::fs::write(path, bytes).map_err(|source| PictureError::Write { path: path.to_owned(), source })
}

/// The rows of a buffer; none where it has no width.
fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1)).take(usize::from(buffer.area.height))
}

/// The cells of a row that show something of their own: (column, columns taken, cell). A wide symbol hides the cells
/// it reaches over.
fn placed(row: &[Cell]) -> impl Iterator<Item = (usize, usize, &Cell)> {
    let mut column = 0;
    std::iter::from_fn(move || {
        let cell = row.get(column)?;
        let at = column;
        let wide = crate::text::width(&symbol(cell)).clamp(1, row.len() - at);
        column += wide;
        Some((at, wide, cell))
    })
}

/// What a cell shows, with characters that are no picture (controls, what XML forbids) replaced.
fn symbol(cell: &Cell) -> String {
    let fit = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c };
    cell.symbol().chars().map(fit).collect()
}

#[cfg(test)]
mod tests;
