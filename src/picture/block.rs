//! Block elements (U+2580 to U+259F) and braille dots (U+2800 to U+28FF) as shapes.

use super::shape::{Shape, Size};

/// The whole cell.
pub fn full(size: Size) -> Vec<Shape> {
    vec![Shape::Rect(0.0, 0.0, size.width, size.height)]
}

/// The rects of a block element.
pub fn shapes(c: char, size: Size) -> Vec<Shape> {
    let Size { width, height } = size;
    let lower = |eighths: f64| vec![Shape::Rect(0.0, height * (8.0 - eighths) / 8.0, width, height * eighths / 8.0)];
    let left = |eighths: f64| vec![Shape::Rect(0.0, 0.0, width * eighths / 8.0, height)];
    match c {
        '▀' => vec![Shape::Rect(0.0, 0.0, width, height / 2.0)],
        '▁'..='█' => lower(f64::from(c as u32 - 0x2580)),
        '▉'..='▏' => left(f64::from(0x2590 - c as u32)),
        '▐' => vec![Shape::Rect(width / 2.0, 0.0, width / 2.0, height)],
        '▔' => vec![Shape::Rect(0.0, 0.0, width, height / 8.0)],
        '▕' => vec![Shape::Rect(width * 7.0 / 8.0, 0.0, width / 8.0, height)],
        '▖' => quadrants([false, false, true, false], size),
        '▗' => quadrants([false, false, false, true], size),
        '▘' => quadrants([true, false, false, false], size),
        '▙' => quadrants([true, false, true, true], size),
        '▚' => quadrants([true, false, false, true], size),
        '▛' => quadrants([true, true, true, false], size),
        '▜' => quadrants([true, true, false, true], size),
        '▝' => quadrants([false, true, false, false], size),
        '▞' => quadrants([false, true, true, false], size),
        '▟' => quadrants([false, true, true, true], size),
        _ => Vec::new(),
    }
}

/// Filled quarters: left upper, right upper, left lower, right lower.
fn quadrants(filled: [bool; 4], size: Size) -> Vec<Shape> {
    let (width, height) = (size.width / 2.0, size.height / 2.0);
    let corners = [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)];
    let quarters = filled.into_iter().zip(corners).filter(|(filled, _)| *filled);
    quarters.map(|(_, (x, y))| Shape::Rect(x, y, width, height)).collect()
}

/// Column and row of a dot by its bit in the character's number.
const DOTS: [(f64, f64); 8] =
    [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (0.0, 3.0), (1.0, 3.0)];

/// The circles of a braille character, evenly spaced within and between cells.
pub fn braille(c: char, size: Size) -> Vec<Shape> {
    let bits = (c as u32) & 0xff;
    let (across, down) = (size.width / 2.0, size.height / 4.0);
    let radius = across.min(down) * 0.4;
    let set = DOTS.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
    set.map(|(_, (column, row))| Shape::Circle(((column + 0.5) * across, (row + 0.5) * down), radius)).collect()
}
