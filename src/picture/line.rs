//! Box drawing characters (U+2500 to U+257F) as shapes.
//!
//! Most are four arms from the middle of the cell to its edges; dashes, round corners and diagonals are drawn apart.

use super::shape::{Point, Shape, Size};

/// Left, up, right, down: 0 none, 1 light, 2 heavy, 3 double. Dots: drawn another way.
const ARMS: &str = "\
    1010 2020 0101 0202 .... .... .... .... .... .... .... .... 0011 0021 0012 0022 \
    1001 2001 1002 2002 0110 0120 0210 0220 1100 2100 1200 2200 0111 0121 0211 0112 \
    0212 0221 0122 0222 1101 2101 1201 1102 1202 2201 2102 2202 1011 2011 1021 2021 \
    1012 2012 1022 2022 1110 2110 1120 2120 1210 2210 1220 2220 1111 2111 1121 2121 \
    1211 1112 1212 2211 1221 2112 1122 2221 2122 2212 1222 2222 .... .... .... .... \
    3030 0303 0031 0013 0033 3001 1003 3003 0130 0310 0330 3100 1300 3300 0131 0313 \
    0333 3101 1303 3303 3031 1013 3033 3130 1310 3330 3131 1313 3333 .... .... .... \
    .... .... .... .... 1000 0100 0010 0001 2000 0200 0020 0002 1020 0102 2010 0201";

/// How an arm is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arm {
    None,
    Light,
    Heavy,
    Double,
}

/// The shapes of a box drawing character; none for others.
pub fn shapes(c: char, size: Size) -> Vec<Shape> {
    let Size { width, height } = size;
    let (light, heavy) = (size.light(), 2.0 * size.light());
    match c {
        '┄' => dashes(3, false, light, size),
        '┅' => dashes(3, false, heavy, size),
        '┆' => dashes(3, true, light, size),
        '┇' => dashes(3, true, heavy, size),
        '┈' => dashes(4, false, light, size),
        '┉' => dashes(4, false, heavy, size),
        '┊' => dashes(4, true, light, size),
        '┋' => dashes(4, true, heavy, size),
        '╌' => dashes(2, false, light, size),
        '╍' => dashes(2, false, heavy, size),
        '╎' => dashes(2, true, light, size),
        '╏' => dashes(2, true, heavy, size),
        '╭' => corner(1.0, 1.0, size),
        '╮' => corner(-1.0, 1.0, size),
        '╯' => corner(-1.0, -1.0, size),
        '╰' => corner(1.0, -1.0, size),
        '╱' => vec![Shape::line((0.0, height), (width, 0.0), light)],
        '╲' => vec![Shape::line((0.0, 0.0), (width, height), light)],
        '╳' => ['╱', '╲'].into_iter().flat_map(|c| shapes(c, size)).collect(),
        _ => arms(c).map(|arms| crossing(arms, size)).unwrap_or_default(),
    }
}

/// The four arms of a character.
fn arms(c: char) -> Option<[Arm; 4]> {
    let place = (c as u32).checked_sub(0x2500)? as usize;
    let code = ARMS.split_ascii_whitespace().nth(place)?.as_bytes();
    let arm = |place: usize| match code.get(place) {
        Some(b'1') => Arm::Light,
        Some(b'2') => Arm::Heavy,
        Some(b'3') => Arm::Double,
        _ => Arm::None,
    };
    Some([arm(0), arm(1), arm(2), arm(3)])
}

/// Arms that meet in the middle.
fn crossing(arms: [Arm; 4], size: Size) -> Vec<Shape> {
    let light = size.light();
    let mut shapes = Vec::new();
    for direction in 0..4 {
        // As seen along the arm from the middle: what lies behind, and on the sides of smaller and of larger x or y.
        let [behind, small, large] = match direction {
            0 => [arms[2], arms[1], arms[3]],
            1 => [arms[3], arms[0], arms[2]],
            2 => [arms[0], arms[1], arms[3]],
            _ => [arms[1], arms[0], arms[2]],
        };
        let mut stroke = |offset: f64, thickness: f64, from: f64| {
            shapes.push(arm_rect(direction, offset, thickness, from, size));
        };
        let widest = [small, large].contains(&Arm::Heavy);
        // Where arms turn, both go on to the outer edge of the other, so that the corner is filled.
        let overlap = if widest { light } else { light / 2.0 };
        match arms[direction] {
            Arm::None => {}
            Arm::Light | Arm::Heavy => {
                let thickness = if arms[direction] == Arm::Heavy { 2.0 * light } else { light };
                let from = match (behind, small, large) {
                    (Arm::None, Arm::Double, Arm::Double) => light,
                    (Arm::None, Arm::Double, _) | (Arm::None, _, Arm::Double) => -1.5 * light,
                    _ => -overlap,
                };
                stroke(0.0, thickness, from);
            }
            Arm::Double => {
                // A line turns into the arm on its own side, or goes round the outer corner.
                let from = |near: Arm| match near {
                    Arm::Double => 0.5 * light,
                    Arm::None if [small, large].contains(&Arm::Double) => -1.5 * light,
                    Arm::None | Arm::Light | Arm::Heavy => -overlap,
                };
                stroke(-light, light, from(small));
                stroke(light, light, from(large));
            }
        }
    }
    shapes
}

/// A straight piece of an arm: across the arm at `offset` from the middle, along it from `from` to the edge.
fn arm_rect(direction: usize, offset: f64, thickness: f64, from: f64, size: Size) -> Shape {
    let (x, y) = (size.width / 2.0, size.height / 2.0);
    match direction {
        0 => Shape::Rect(0.0, y + offset - thickness / 2.0, x - from, thickness),
        1 => Shape::Rect(x + offset - thickness / 2.0, 0.0, thickness, y - from),
        2 => Shape::Rect(x + from, y + offset - thickness / 2.0, x - from, thickness),
        _ => Shape::Rect(x + offset - thickness / 2.0, y + from, thickness, y - from),
    }
}

/// Equal dashes with equal gaps, evenly spaced over cells.
fn dashes(count: u32, down: bool, thickness: f64, size: Size) -> Vec<Shape> {
    let length = if down { size.height } else { size.width };
    let pitch = length / f64::from(count);
    let dash = |place: u32| {
        let from = (f64::from(place) + 0.25) * pitch;
        if down {
            Shape::Rect((size.width - thickness) / 2.0, from, thickness, pitch / 2.0)
        } else {
            Shape::Rect(from, (size.height - thickness) / 2.0, pitch / 2.0, thickness)
        }
    };
    (0..count).map(dash).collect()
}

/// A light corner around a quarter of a circle; `right` and `down` are the signs of its arms' directions.
fn corner(right: f64, down: f64, size: Size) -> Vec<Shape> {
    const PIECES: u32 = 10;
    let (x, y, half) = (size.width / 2.0, size.height / 2.0, size.light() / 2.0);
    let radius = x.min(y);
    let middle = (x + right * radius, y + down * radius);
    let arc = |radius: f64| {
        (0..=PIECES).map(move |piece| {
            let angle = f64::from(piece) / f64::from(PIECES) * std::f64::consts::FRAC_PI_2;
            (middle.0 - right * radius * angle.cos(), middle.1 - down * radius * angle.sin())
        })
    };
    let mut outline: Vec<Point> = arc(radius + half).collect();
    outline.extend(arc((radius - half).max(0.0)).collect::<Vec<_>>().into_iter().rev());
    let below = if down > 0.0 { (middle.1, size.height) } else { (0.0, middle.1) };
    let beside = if right > 0.0 { (middle.0, size.width) } else { (0.0, middle.0) };
    vec![
        Shape::Polygon(outline),
        Shape::Rect(x - half, below.0, 2.0 * half, below.1 - below.0),
        Shape::Rect(beside.0, y - half, beside.1 - beside.0, 2.0 * half),
    ]
}
