//! Which characters are drawn as shapes, and how.
//!
//! Owns the choice between shape and letter. It must not know colours or where a cell lies.

use super::shape::{Shape, Size};
use super::{block, line, mark};

/// A character as shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// Filled outlines, the cell's left upper corner at (0, 0).
    pub shapes: Vec<Shape>,
    /// Share of the foreground in the fill; below 1 for shades.
    pub density: f64,
}

/// The shapes of a character; `None` where it is for a font.
pub fn glyph(c: char, size: Size) -> Option<Glyph> {
    let solid = |shapes| Some(Glyph { shapes, density: 1.0 });
    match c {
        '\u{2500}'..='\u{257f}' => solid(line::shapes(c, size)),
        '\u{2591}' => Some(Glyph { shapes: block::full(size), density: 0.25 }),
        '\u{2592}' => Some(Glyph { shapes: block::full(size), density: 0.5 }),
        '\u{2593}' => Some(Glyph { shapes: block::full(size), density: 0.75 }),
        '\u{2580}'..='\u{259f}' => solid(block::shapes(c, size)),
        '\u{2800}'..='\u{28ff}' => solid(block::braille(c, size)),
        _ => mark::shapes(c, size).and_then(solid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 9.0, height: 20.0 };

    fn shapes(c: char) -> Vec<Shape> {
        glyph(c, SIZE).unwrap().shapes
    }

    /// Whether some outline covers the point; circles, rects and polygons only.
    fn covered(shapes: &[Shape], x: f64, y: f64) -> bool {
        let inside = |points: &[(f64, f64)]| {
            let mut odd = false;
            for (a, b) in points.iter().zip(points.iter().cycle().skip(1)) {
                if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
                    odd = !odd;
                }
            }
            odd
        };
        let one = |shape: &Shape| match shape {
            Shape::Rect(left, top, width, height) => {
                (*left..=left + width).contains(&x) && (*top..=top + height).contains(&y)
            }
            Shape::Circle(middle, radius) => (middle.0 - x).hypot(middle.1 - y) <= *radius,
            Shape::Ring(middle, radius, thickness) => {
                ((middle.0 - x).hypot(middle.1 - y) - radius).abs() <= thickness / 2.0
            }
            Shape::Polygon(points) => inside(points),
            Shape::Hole(_) => false,
        };
        let hole = |shape: &Shape| matches!(shape, Shape::Hole(points) if inside(points));
        shapes.iter().any(one) && !shapes.iter().any(hole)
    }

    #[test]
    fn full_braille_has_eight_dots_apart_inside_the_cell() {
        let dots = shapes('⣿');
        assert_eq!(dots.len(), 8);
        for (place, dot) in dots.iter().enumerate() {
            let Shape::Circle(middle, radius) = dot else { panic!("{dot:?} is no circle") };
            assert!(middle.0 - radius > 0.0 && middle.0 + radius < 9.0);
            assert!(middle.1 - radius > 0.0 && middle.1 + radius < 20.0);
            for other in &dots[..place] {
                let Shape::Circle(there, _) = other else { panic!("{other:?} is no circle") };
                assert!((middle.0 - there.0).hypot(middle.1 - there.1) > 2.0 * radius);
            }
        }
        assert!(shapes('⠀').is_empty());
    }

    #[test]
    fn braille_dots_are_where_unicode_numbers_them() {
        let place = |c| match shapes(c)[..] {
            [Shape::Circle((x, y), _)] => (x < 4.5, (y / 5.0) as usize),
            _ => panic!("one dot"),
        };
        assert_eq!(['⠁', '⠂', '⠄', '⡀'].map(place), [(true, 0), (true, 1), (true, 2), (true, 3)]);
        assert_eq!(['⠈', '⠐', '⠠', '⢀'].map(place), [(false, 0), (false, 1), (false, 2), (false, 3)]);
    }

    #[test]
    fn blocks_fill_their_share() {
        assert_eq!(shapes('█'), [Shape::Rect(0.0, 0.0, 9.0, 20.0)]);
        assert_eq!(shapes('▄'), [Shape::Rect(0.0, 10.0, 9.0, 10.0)]);
        assert_eq!(shapes('▁'), [Shape::Rect(0.0, 17.5, 9.0, 2.5)]);
        assert_eq!(shapes('▏'), [Shape::Rect(0.0, 0.0, 1.125, 20.0)]);
        assert_eq!(shapes('▐'), [Shape::Rect(4.5, 0.0, 4.5, 20.0)]);
        assert_eq!(shapes('▚'), [Shape::Rect(0.0, 0.0, 4.5, 10.0), Shape::Rect(4.5, 10.0, 4.5, 10.0)]);
        assert_eq!(glyph('▒', SIZE).unwrap(), Glyph { shapes: shapes('█'), density: 0.5 });
    }

    #[test]
    fn lines_reach_the_edges_that_they_join() {
        // Left, upper, right and lower edge.
        let ends = |c| {
            let shapes = shapes(c);
            [(0.01, 10.0), (4.5, 0.01), (8.99, 10.0), (4.5, 19.99)].map(|(x, y)| covered(&shapes, x, y))
        };
        let (l, o) = (true, false);
        assert_eq!(ends('┼'), [l, l, l, l]);
        assert_eq!(ends('─'), [l, o, l, o]);
        assert_eq!(ends('┌'), [o, o, l, l]);
        assert_eq!(ends('╭'), [o, o, l, l]);
        assert_eq!(ends('╮'), [l, o, o, l]);
        assert_eq!(ends('╯'), [l, l, o, o]);
        assert_eq!(ends('╰'), [o, l, l, o]);
        assert_eq!(ends('┤'), [l, l, o, l]);
        assert_eq!(ends('┻'), [l, l, l, o]);
        assert_eq!(ends('╴'), [l, o, o, o]);
        assert_eq!(ends('╷'), [o, o, o, l]);
    }

    #[test]
    fn heavy_lines_are_thicker_and_dashes_have_gaps() {
        assert!(!covered(&shapes('─'), 4.0, 10.9) && covered(&shapes('━'), 4.0, 10.9));
        assert_eq!([shapes('┊').len(), shapes('┆').len(), shapes('╌').len()], [4, 3, 2]);
        assert!(covered(&shapes('╔'), 8.9, 8.5) && !covered(&shapes('╔'), 8.9, 10.0));
        assert!(covered(&shapes('╔'), 3.6, 8.6) && !covered(&shapes('╒'), 3.6, 9.0));
    }

    #[test]
    fn arrows_point_their_way() {
        // Near its tip an arrow is narrow, near its tail too; behind the tip the head is wide.
        let head = |c, points: [(f64, f64); 2]| points.map(|(x, y)| covered(&shapes(c), x, y));
        assert_eq!(head('→', [(5.6, 8.2), (3.4, 8.2)]), [true, false]);
        assert_eq!(head('←', [(5.6, 8.2), (3.4, 8.2)]), [false, true]);
        assert_eq!(head('↑', [(2.8, 7.6), (2.8, 12.4)]), [true, false]);
        assert_eq!(head('↓', [(2.8, 7.6), (2.8, 12.4)]), [false, true]);
    }

    #[test]
    fn outlined_marks_are_hollow() {
        for (full, hollow) in [('●', '○'), ('■', '□'), ('▲', '△'), ('▼', '▽'), ('▶', '▷'), ('◀', '◁'), ('◆', '◇')]
        {
            assert!(covered(&shapes(full), 4.5, 10.0), "{full}");
            assert!(!covered(&shapes(hollow), 4.5, 10.0), "{hollow}");
        }
    }

    #[test]
    fn every_line_and_block_has_a_shape_and_letters_have_none() {
        for c in ('\u{2500}'..='\u{259f}').chain('\u{2801}'..='\u{28ff}') {
            assert!(!shapes(c).is_empty(), "{c}");
        }
        assert!("aλ0Ж中·…".chars().all(|c| glyph(c, SIZE).is_none()));
    }
}
