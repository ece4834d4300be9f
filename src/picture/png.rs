//! SVG to PNG with the bundled font or one that is named; fonts of the system are never looked at.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

use super::glyph::glyph;
use super::shape::Size;
use super::{Options, PictureError, symbol};

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-Bold.ttf");
const FAMILY: &str = "JetBrains Mono";
/// A quarter of a gigabyte of pixels.
const MOST_PIXELS: u64 = 1 << 26;

/// An SVG as PNG, `options.scale` pixels a unit, letters from `options.font` or the bundled font.
///
/// # Errors
///
/// A font that cannot be used, text that is no SVG, a picture of more than 2²⁶ pixels.
pub fn png(svg: &str, options: &Options) -> Result<Vec<u8>, PictureError> {
    let options = options.bounded();
    let tree = parse(svg, options.font.as_deref())?;
    let pixels = |length: f32| (f64::from(length) * options.scale).round().max(1.0) as u64;
    let (width, height) = (pixels(tree.size().width()), pixels(tree.size().height()));
    let too_large = PictureError::TooLarge { width, height };
    if width.saturating_mul(height) > MOST_PIXELS {
        return Err(too_large);
    }
    let Some(mut pixmap) = Pixmap::new(width as u32, height as u32) else { return Err(too_large) };
    let scale = options.scale as f32;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    encode(&pixmap).map_err(|error| PictureError::Draw(error.to_string()))
}

/// The picture as PNG without alpha, which a screen does not have. Rows of a screen repeat, so they compress best as
/// they are, without a filter.
fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let opaque: Vec<u8> = pixmap.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&opaque)?;
    Ok(bytes)
}

/// Characters of the screen that neither shapes nor `font` (`None`: the bundled one) can show, in order, each once.
///
/// # Errors
///
/// A font that cannot be used.
pub fn missing_glyphs(buffer: &Buffer, font: Option<&Path>) -> Result<Vec<char>, PictureError> {
    let size = Size { width: 1.0, height: 2.0 };
    let letters: BTreeSet<char> = buffer
        .content
        .iter()
        .flat_map(|cell| symbol(cell).chars().collect::<Vec<_>>())
        .filter(|c| !c.is_whitespace() && glyph(*c, size).is_none())
        .collect();
    let mut svg = String::from(r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">"#);
    for c in &letters {
        let _ = write!(svg, r#"<text font-family="monospace" x="0" y="9">&#{};</text>"#, *c as u32);
    }
    svg.push_str("</svg>");
    let tree = parse(&svg, font)?;
    let texts = tree.root().children().iter().filter_map(|node| match node {
        usvg::Node::Text(text) => Some(text),
        _ => None,
    });
    let glyphs = texts.flat_map(|text| text.layouted()).flat_map(|span| &span.positioned_glyphs);
    let missing: BTreeSet<char> = glyphs.filter(|glyph| glyph.id.0 == 0).flat_map(|glyph| glyph.text.chars()).collect();
    Ok(missing.into_iter().collect())
}

/// The document, its letters laid out.
pub(super) fn parse(svg: &str, font: Option<&Path>) -> Result<usvg::Tree, PictureError> {
    let options =
        usvg::Options { font_family: FAMILY.to_owned(), fontdb: Arc::new(fonts(font)?), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).map_err(|error| PictureError::Draw(error.to_string()))
}

/// The bundled font, and the named one: as `monospace` where it is one, else for what the bundled one lacks.
fn fonts(font: Option<&Path>) -> Result<fontdb::Database, PictureError> {
    let mut fonts = fontdb::Database::new();
    for data in [REGULAR, BOLD] {
        fonts.load_font_source(fontdb::Source::Binary(Arc::new(data)));
    }
    fonts.set_monospace_family(FAMILY);
    if let Some(path) = font {
        let data = std::fs::read(path).map_err(|source| PictureError::Font { path: path.to_owned(), source })?;
        let faces = fonts.load_font_source(fontdb::Source::Binary(Arc::new(data)));
        if faces.is_empty() {
            return Err(PictureError::NotAFont(path.to_owned()));
        }
        let even = faces.iter().filter_map(|id| fonts.face(*id)).find(|face| face.monospaced);
        if let Some((family, _)) = even.and_then(|face| face.families.first()).cloned() {
            fonts.set_monospace_family(family);
        }
    }
    Ok(fonts)
}
