//! Arrows, triangles, circles, squares and a few signs that monospace fonts lack or draw unevenly, as shapes.

use super::shape::{Point, Shape, Size};

/// Where a pointed mark points.
#[derive(Clone, Copy)]
enum Way {
    Left,
    Up,
    Right,
    Down,
}

/// The shapes of a mark; `None` where it is for a font.
pub fn shapes(c: char, size: Size) -> Option<Vec<Shape>> {
    let middle = (size.width / 2.0, size.height / 2.0);
    let unit = size.width.min(size.height / 2.0);
    let thin = 1.2 * size.light();
    let large = 0.42 * unit;
    let small = 0.24 * unit;
    Some(match c {
        '●' | '⏺' => vec![Shape::Circle(middle, large)],
        '○' => vec![Shape::Ring(middle, large - thin / 2.0, thin)],
        '◉' => vec![Shape::Ring(middle, large - thin / 2.0, thin), Shape::Circle(middle, 0.5 * large)],
        '■' | '⏹' => polygon(square(middle, 0.9 * large)),
        '□' => outline(square(middle, 0.9 * large), middle, thin / (0.9 * large)),
        '▪' => polygon(square(middle, small)),
        '▫' => outline(square(middle, small), middle, thin / small),
        '◆' => polygon(diamond(middle, 1.15 * large)),
        '◇' => outline(diamond(middle, 1.15 * large), middle, 1.3 * thin / large),
        '★' => polygon(star(middle, 1.15 * large)),
        '☆' => outline(star(middle, 1.15 * large), middle, 2.2 * thin / (1.15 * large)),
        '▲' => polygon(triangle(Way::Up, middle, large)),
        '▼' => polygon(triangle(Way::Down, middle, large)),
        '▶' | '►' | '⏵' => polygon(triangle(Way::Right, middle, large)),
        '◀' | '◄' | '⏴' => polygon(triangle(Way::Left, middle, large)),
        '▴' => polygon(triangle(Way::Up, middle, small)),
        '▾' => polygon(triangle(Way::Down, middle, small)),
        '▸' => polygon(triangle(Way::Right, middle, small)),
        '◂' => polygon(triangle(Way::Left, middle, small)),
        '△' => hollow_triangle(Way::Up, middle, large, thin),
        '▽' => hollow_triangle(Way::Down, middle, large, thin),
        '▷' => hollow_triangle(Way::Right, middle, large, thin),
        '◁' => hollow_triangle(Way::Left, middle, large, thin),
        '∇' => nabla(size, thin),
        '←' => arrow(Way::Left, middle, size),
        '↑' => arrow(Way::Up, middle, size),
        '→' => arrow(Way::Right, middle, size),
        '↓' => arrow(Way::Down, middle, size),
        '↔' => double_arrow(Way::Left, Way::Right, middle, size),
        '↕' => double_arrow(Way::Up, Way::Down, middle, size),
        '‖' | '∥' => bars(middle, 0.32 * unit, thin, 0.33 * size.height),
        '⏸' => bars(middle, 0.4 * unit, 0.22 * unit, 0.2 * size.height),
        _ => return None,
    })
}

fn polygon(points: Vec<Point>) -> Vec<Shape> {
    vec![Shape::Polygon(points)]
}

/// The polygon with its inside taken out: its own form around `middle`, smaller by `share`.
fn outline(points: Vec<Point>, middle: Point, share: f64) -> Vec<Shape> {
    let keep = (1.0 - share).max(0.0);
    let toward = |(x, y): &Point| (middle.0 + (x - middle.0) * keep, middle.1 + (y - middle.1) * keep);
    let hole = points.iter().map(toward).collect();
    vec![Shape::Polygon(points), Shape::Hole(hole)]
}

fn square((x, y): Point, half: f64) -> Vec<Point> {
    vec![(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
}

fn diamond((x, y): Point, half: f64) -> Vec<Point> {
    vec![(x, y - half), (x + half, y), (x, y + half), (x - half, y)]
}

fn star(middle: Point, radius: f64) -> Vec<Point> {
    let corner = |place: u32| {
        let angle = f64::from(place) * std::f64::consts::PI / 5.0;
        let reach = if place.is_multiple_of(2) { radius } else { 0.42 * radius };
        (middle.0 + reach * angle.sin(), middle.1 - reach * angle.cos())
    };
    (0..10).map(corner).collect()
}

/// A point `along` the way from `middle`, and `across` it.
fn toward(way: Way, middle: Point, along: f64, across: f64) -> Point {
    match way {
        Way::Left => (middle.0 - along, middle.1 - across),
        Way::Up => (middle.0 + across, middle.1 - along),
        Way::Right => (middle.0 + along, middle.1 + across),
        Way::Down => (middle.0 - across, middle.1 + along),
    }
}

/// A triangle whose base is 2 `half` wide.
fn triangle(way: Way, middle: Point, half: f64) -> Vec<Point> {
    let at = |along, across| toward(way, middle, along, across);
    vec![at(0.9 * half, 0.0), at(-0.85 * half, half), at(-0.85 * half, -half)]
}

fn hollow_triangle(way: Way, middle: Point, half: f64, thickness: f64) -> Vec<Shape> {
    // The middle of the inscribed circle is as far from all sides, so the line is even.
    let points = triangle(way, middle, half);
    let height = 1.75 * half;
    let inscribed = half * height / (half + half.hypot(height));
    let centre = toward(way, middle, -0.85 * half + inscribed, 0.0);
    outline(points, centre, thickness / inscribed)
}

/// As high as a capital letter.
fn nabla(size: Size, thickness: f64) -> Vec<Shape> {
    let (left, right, top, bottom) = (0.07 * size.width, 0.93 * size.width, 0.23 * size.height, 0.77 * size.height);
    let points = vec![(left, top), (right, top), (size.width / 2.0, bottom)];
    let (half, height) = ((right - left) / 2.0, bottom - top);
    let inscribed = half * height / (half + half.hypot(height));
    outline(points, (size.width / 2.0, top + inscribed), thickness / inscribed)
}

/// From the middle to the tip of an arrow.
fn reach(way: Way, size: Size) -> f64 {
    match way {
        Way::Left | Way::Right => 0.42 * size.width,
        Way::Up | Way::Down => 0.27 * size.height,
    }
}

fn arrow(way: Way, middle: Point, size: Size) -> Vec<Shape> {
    let tail = toward(way, middle, -reach(way, size), 0.0);
    vec![head(way, 0.4 * size.width, middle, size), stem(way, tail, middle, size)]
}

fn double_arrow(one: Way, other: Way, middle: Point, size: Size) -> Vec<Shape> {
    let half = |way| [head(way, 0.27 * size.width, middle, size), stem(way, middle, middle, size)];
    [half(one), half(other)].concat()
}

/// The tip, `length` long.
fn head(way: Way, length: f64, middle: Point, size: Size) -> Shape {
    let tip = reach(way, size);
    let half = 0.77 * length;
    let at = |along, across| toward(way, middle, along, across);
    Shape::Polygon(vec![at(tip, 0.0), at(tip - length, half), at(tip - length, -half)])
}

/// The stem from `from` to inside the head.
fn stem(way: Way, from: Point, middle: Point, size: Size) -> Shape {
    let to = toward(way, middle, reach(way, size) - 0.2 * size.width, 0.0);
    Shape::line(from, to, 1.3 * size.light())
}

/// Two upright bars, their outer edges `half` from the middle.
fn bars((x, y): Point, half: f64, thickness: f64, reach: f64) -> Vec<Shape> {
    vec![
        Shape::Rect(x - half, y - reach, thickness, 2.0 * reach),
        Shape::Rect(x + half - thickness, y - reach, thickness, 2.0 * reach),
    ]
}
