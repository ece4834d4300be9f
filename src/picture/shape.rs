//! Filled outlines and their SVG path data.
//!
//! Owns the geometry that glyphs are made of. It must not know characters or colours.

use std::fmt::Write as _;

/// A point: right, down.
pub type Point = (f64, f64);

/// Width and height of a cell, in units of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Across.
    pub width: f64,
    /// Down.
    pub height: f64,
}

impl Size {
    /// Thickness of a light line.
    pub fn light(self) -> f64 {
        self.width / 9.0
    }
}

/// A filled outline, in units of the picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Left, top, width and height.
    Rect(f64, f64, f64, f64),
    /// Middle and radius.
    Circle(Point, f64),
    /// Middle, radius of the line's middle, thickness.
    Ring(Point, f64, f64),
    /// Corners in any direction.
    Polygon(Vec<Point>),
    /// Corners of a hole in a polygon.
    Hole(Vec<Point>),
}

impl Shape {
    /// A straight line with ends cut at right angles.
    pub fn line(from: Point, to: Point, thickness: f64) -> Self {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy).max(f64::MIN_POSITIVE);
        let (nx, ny) = (-dy / length * thickness / 2.0, dx / length * thickness / 2.0);
        Self::Polygon(vec![
            (from.0 + nx, from.1 + ny),
            (from.0 - nx, from.1 - ny),
            (to.0 - nx, to.1 - ny),
            (to.0 + nx, to.1 + ny),
        ])
    }

    /// Appends the outline, moved by `origin`, as path data. Solid parts turn one way and holes the other, so that the
    /// nonzero rule fills overlapping parts and leaves holes.
    pub fn path(&self, origin: Point, out: &mut String) {
        match self {
            Self::Rect(x, y, width, height) => {
                let _ = write!(
                    out,
                    "M{} {}h{}v{}h{}z",
                    number(origin.0 + x),
                    number(origin.1 + y),
                    number(*width),
                    number(*height),
                    number(-width)
                );
            }
            Self::Circle(middle, radius) => circle(origin, *middle, *radius, 1, out),
            Self::Ring(middle, radius, thickness) => {
                circle(origin, *middle, radius + thickness / 2.0, 1, out);
                circle(origin, *middle, (radius - thickness / 2.0).max(0.0), 0, out);
            }
            Self::Polygon(points) => polygon(origin, points, true, out),
            Self::Hole(points) => polygon(origin, points, false, out),
        }
    }
}

fn circle(origin: Point, middle: Point, radius: f64, sweep: u8, out: &mut String) {
    let (x, y) = (number(origin.0 + middle.0 - radius), number(origin.1 + middle.1));
    let (r, d) = (number(radius), number(2.0 * radius));
    let _ = write!(out, "M{x} {y}a{r} {r} 0 1 {sweep} {d} 0a{r} {r} 0 1 {sweep} -{d} 0z");
}

fn polygon(origin: Point, points: &[Point], clockwise: bool, out: &mut String) {
    let next = points.iter().cycle().skip(1);
    let area: f64 = points.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    let mut corner = |place: usize, (x, y): &Point| {
        let letter = if place == 0 { 'M' } else { 'L' };
        let _ = write!(out, "{letter}{} {}", number(origin.0 + x), number(origin.1 + y));
    };
    if (area >= 0.0) == clockwise {
        points.iter().enumerate().for_each(|(place, point)| corner(place, point));
    } else {
        points.iter().rev().enumerate().for_each(|(place, point)| corner(place, point));
    }
    out.push('z');
}

/// A number with at most two decimals.
pub fn number(value: f64) -> String {
    // Adding 0 turns −0 into 0.
    format!("{}", (value * 100.0).round() / 100.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([number(1.0), number(-0.001), number(2.005_1), number(1.0 / 3.0)], ["1", "0", "2.01", "0.33"]);
    }

    #[test]
    fn holes_turn_against_polygons() {
        let corners = vec![(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)];
        let path = |shape: Shape| {
            let mut out = String::new();
            shape.path((1.0, 1.0), &mut out);
            out
        };
        assert_eq!(path(Shape::Polygon(corners.clone())), "M1 1L5 1L1 5z");
        assert_eq!(path(Shape::Polygon(corners.iter().copied().rev().collect())), "M1 1L5 1L1 5z");
        assert_eq!(path(Shape::Hole(corners)), "M1 5L5 1L1 1z");
    }
}
