//! Curves over a common horizontal axis: labelled axes, gaps where values are missing, marks of change, a number at
//! the end of each line.

use super::{Braille, Depth, put};
use crate::series::{Bucket, Scale, Timeline, Track, XAxis, reduce, ticks};
use crate::text::{pad_left, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// One line.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// Its points.
    pub track: &'a Track,
    /// Whether the moving average is drawn.
    pub smooth: bool,
    /// How it looks.
    pub style: Style,
    /// The number at its end, in its style; none for a background line.
    pub tag: Option<String>,
    /// Whether it gives way to others.
    pub depth: Depth,
    /// Whether the axes make room for it.
    pub counts: bool,
}

/// A moment in which something was changed.
#[derive(Clone, Debug)]
pub struct Flag {
    /// When.
    pub step: u64,
    /// A few letters.
    pub label: String,
    /// How it looks.
    pub style: Style,
}

/// The plot. Later curves lie above earlier ones; those behind come first.
#[derive(Debug)]
pub struct Plot<'a> {
    /// Steps with their epoch and time.
    pub timeline: &'a Timeline,
    /// The horizontal axis.
    pub axis: XAxis,
    /// The vertical axis.
    pub scale: Scale,
    /// The step that the horizontal axis reaches at least, where it counts steps.
    pub reach: u64,
    /// The lines.
    pub curves: Vec<Curve<'a>>,
    /// Moments of change.
    pub flags: Vec<Flag>,
    /// Style of axes and marks.
    pub dim: Style,
    /// Style of the marks of missing values.
    pub bad: Style,
    /// Whether axes are drawn.
    pub axes: bool,
}

/// Columns of the numbers beside the vertical axis.
const LABELS: u16 = 6;

impl Plot<'_> {
    /// Draws it.
    pub fn render(&self, area: Rect, buf: &mut Buffer) {
        let tags = self.curves.iter().filter_map(|curve| curve.tag.as_deref()).map(width).max().unwrap_or(0) as u16;
        let right = if tags > 0 { tags + 1 } else { 0 };
        let axes = self.axes && area.width > LABELS + right + 8 && area.height >= 4;
        let (left, below) = if axes { (LABELS + 1, 1) } else { (0, 0) };
        let Some(width) = area.width.checked_sub(left + right).filter(|width| *width > 0) else { return };
        let Some(height) = area.height.checked_sub(below).filter(|height| *height > 0) else { return };
        let field = Rect { x: area.x + left, y: area.y, width, height };
        let Some((from, to)) = self.window() else { return };
        let edges = self.timeline.edges(self.axis, from, to, usize::from(width) * 2);
        let columns: Vec<Vec<Bucket>> = self
            .curves
            .iter()
            .map(|curve| {
                let values = if curve.smooth { curve.track.smooth() } else { curve.track.raw() };
                reduce(curve.track.steps(), values, &edges)
            })
            .collect();
        let vertical = self.vertical(&columns);
        if axes {
            self.draw_axes(area, field, &vertical, (from, to), buf);
        }
        self.draw_flags(field, &edges, buf);
        let mut grid = Braille::new(width, height);
        for (curve, buckets) in self.curves.iter().zip(&columns) {
            grid.layer(curve.style, curve.depth);
            draw_curve(&mut grid, buckets, &vertical);
        }
        grid.render(field, buf);
        let gaps = self.draw_gaps(field, &columns, buf);
        self.draw_flag_labels(field, &edges, &gaps, buf);
        self.draw_tags(field, tags, &columns, &vertical, buf);
    }

    /// First and last value on the horizontal axis.
    fn window(&self) -> Option<(f64, f64)> {
        let steps = || self.curves.iter().filter(|curve| curve.counts).map(|curve| curve.track.steps());
        let first = steps().filter_map(|steps| steps.first()).min()?;
        let last = steps().filter_map(|steps| steps.last()).max()?;
        let (from, to) = (self.timeline.value(self.axis, *first), self.timeline.value(self.axis, *last));
        let to = if self.axis == XAxis::Step { to.max(self.reach as f64) } else { to };
        // The start is the origin once the run is well beyond it, so that the axis does not begin at step 1.
        let from = if to > 20.0 * from { 0.0 } else { from };
        Some(if to > from { (from, to) } else { (from, from + 1.0) })
    }

    fn vertical(&self, columns: &[Vec<Bucket>]) -> Vertical {
        let counted = || {
            let curves = self.curves.iter().zip(columns).filter(|(curve, _)| curve.counts);
            curves.flat_map(|(_, buckets)| buckets).flat_map(|bucket| {
                [bucket.range.min, bucket.range.max, bucket.first, bucket.last]
                    .into_iter()
                    .filter(|value| value.is_finite())
            })
        };
        let scale = if counted().any(|value| value > 0.0) { self.scale } else { Scale::Linear };
        let places = counted().filter_map(|value| scale.place(value));
        let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return Vertical { scale: Scale::Linear, low: 0.0, high: 1.0 };
        }
        let least = match scale {
            Scale::Log => 0.1,
            Scale::Linear => (low.abs().max(high.abs()) * 1e-3).max(1e-12),
        };
        let middle = low / 2.0 + high / 2.0;
        let half = ((high / 2.0 - low / 2.0) * 1.06).max(least).min(f64::MAX / 4.0);
        Vertical { scale, low: middle - half, high: middle + half }
    }

    fn draw_axes(&self, area: Rect, field: Rect, vertical: &Vertical, (from, to): (f64, f64), buf: &mut Buffer) {
        let corner = LABELS;
        for row in 0..field.height {
            put(buf, area, corner, row, "│", self.dim);
        }
        let (low, high) = (vertical.value(vertical.low), vertical.value(vertical.high));
        for tick in ticks(vertical.scale, low, high, usize::from(field.height / 2).clamp(1, 8)) {
            let Some(row) = vertical.row(tick.value, field.height) else { continue };
            put(buf, area, 0, row, &pad_left(&tick.label, usize::from(LABELS)), self.dim);
            put(buf, area, corner, row, "┤", self.dim);
        }
        let mut free = 0;
        for tick in ticks(Scale::Linear, from, to, usize::from(field.width / 12).clamp(1, 8)) {
            let place = (tick.value - from) / (to - from) * f64::from(field.width.saturating_sub(1));
            let label = match self.axis {
                XAxis::Time => crate::dashboard::format::duration(tick.value),
                _ => tick.label,
            };
            let wide = width(&label) as u16;
            let middle = corner + 1 + place.round().clamp(0.0, f64::from(field.width)) as u16;
            let start = middle.saturating_sub(wide / 2).max(free).min(area.width.saturating_sub(wide));
            if start >= free {
                put(buf, area, start, field.height, &label, self.dim);
                free = start + wide + 1;
            }
        }
    }

    /// Each flag's column of cells.
    fn flag_columns<'a>(&'a self, edges: &'a [u64], field: Rect) -> impl Iterator<Item = (u16, &'a Flag)> {
        self.flags.iter().filter_map(move |flag| {
            let column = edges.partition_point(|&edge| edge <= flag.step).checked_sub(1)?;
            let cell = (column / 2) as u16;
            let after = flag.step >= edges.last().copied().unwrap_or(0);
            Some((cell.min(field.width - 1), flag)).filter(|_| !after || flag.step <= self.timeline.last_step() + 1)
        })
    }

    fn draw_flags(&self, field: Rect, edges: &[u64], buf: &mut Buffer) {
        for (column, _) in self.flag_columns(edges, field) {
            for row in 0..field.height {
                put(buf, field, column, row, "┊", self.dim);
            }
        }
    }

    /// Labels beside their lines, the newest first: on the right or the left, in the first or the second row. One that
    /// fits nowhere without covering a line or another label is left out.
    fn draw_flag_labels(&self, field: Rect, edges: &[u64], gaps: &[u16], buf: &mut Buffer) {
        let mut flags: Vec<_> = self.flag_columns(edges, field).collect();
        // A key held down leaves many marks of one name in one column.
        flags.dedup_by(|next, previous| next.0 == previous.0 && next.1.label == previous.1.label);
        let lines: Vec<u16> = flags.iter().map(|(column, _)| *column).collect();
        let mut taken: Vec<(u16, u16, u16)> = gaps.iter().map(|&column| (0, column, column + 1)).collect();
        for (column, flag) in flags.into_iter().rev() {
            let wide = width(&flag.label) as u16;
            let sides =
                [Some(column + 1), column.checked_sub(wide)].map(|start| start.filter(|s| s + wide <= field.width));
            let places =
                (0..field.height.min(2)).flat_map(|row| sides.into_iter().flatten().map(move |start| (row, start)));
            let free = |&(row, start): &(u16, u16)| {
                let hidden = lines.iter().any(|line| (start..start + wide).contains(line));
                let touches =
                    |&(other, from, to): &(u16, u16, u16)| other == row && start <= to && from <= start + wide;
                !hidden && !taken.iter().any(touches)
            };
            if let Some((row, start)) = places.into_iter().find(free) {
                put(buf, field, start, row, &flag.label, flag.style);
                taken.push((row, start, start + wide));
            }
        }
    }

    /// An `x` on the top row where a value is missing; returns the columns.
    fn draw_gaps(&self, field: Rect, columns: &[Vec<Bucket>], buf: &mut Buffer) -> Vec<u16> {
        let missing = columns.iter().flatten().filter(|bucket| bucket.range.gap);
        let mut cells: Vec<u16> = missing.map(|bucket| (bucket.column / 2) as u16).collect();
        cells.sort_unstable();
        cells.dedup();
        for &cell in &cells {
            put(buf, field, cell, 0, "x", self.bad);
        }
        cells
    }

    /// The number at each line's end, beside the field; the topmost curve first, others where room is left.
    fn draw_tags(&self, field: Rect, tags: u16, columns: &[Vec<Bucket>], vertical: &Vertical, buf: &mut Buffer) {
        let margin = Rect { x: field.x + field.width + 1, width: tags, ..field };
        let rows = usize::from(field.height);
        let ends = self.curves.iter().zip(columns).rev().filter_map(|(curve, buckets)| {
            let tag = curve.tag.as_deref()?;
            let last = buckets.iter().rev().map(|bucket| bucket.last).find(|last| last.is_finite())?;
            Some((usize::from(vertical.row(last, field.height).unwrap_or(field.height - 1)), tag, curve.style))
        });
        // In the order of the lines' ends, each pushed down by the one above it, then back up from the last row.
        let mut ends: Vec<_> = ends.take(rows).collect();
        ends.sort_by_key(|(row, ..)| *row);
        let mut free = 0;
        for (row, ..) in &mut ends {
            *row = (*row).max(free);
            free = *row + 1;
        }
        let mut last = rows;
        for (row, tag, style) in ends.iter_mut().rev() {
            *row = (*row).min(last.saturating_sub(1));
            last = *row;
            put(buf, margin, 0, *row as u16, tag, *style);
        }
    }
}

/// The vertical axis: which values lie at the bottom and the top, on the scale.
struct Vertical {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Vertical {
    fn value(&self, place: f64) -> f64 {
        match self.scale {
            Scale::Linear => place,
            Scale::Log => 10_f64.powf(place.clamp(-300.0, 300.0)),
        }
    }

    /// 0 at the top, 1 at the bottom; `None` where the value has no place on the scale.
    fn depth(&self, value: f64) -> Option<f64> {
        let place = self.scale.place(value)?;
        let depth = (self.high / 2.0 - place / 2.0) / (self.high / 2.0 - self.low / 2.0);
        depth.is_finite().then_some(depth)
    }

    fn row(&self, value: f64, height: u16) -> Option<u16> {
        let depth = self.depth(value)?;
        Some((depth.clamp(0.0, 1.0) * f64::from(height)).floor().min(f64::from(height) - 1.0).max(0.0) as u16)
    }

    /// The row of dots; a value without a place lies below the field.
    fn dot(&self, value: f64, dots: usize) -> i64 {
        let below = i64::try_from(dots).unwrap_or(i64::MAX);
        self.depth(value).map_or(below, |depth| ((depth * dots as f64).floor() as i64).clamp(-1, below))
    }
}

fn draw_curve(grid: &mut Braille, buckets: &[Bucket], vertical: &Vertical) {
    let dots = grid.height();
    let mut pen: Option<(i64, i64)> = None;
    for bucket in buckets {
        if !bucket.range.is_finite() {
            pen = None;
            continue;
        }
        let column = i64::try_from(bucket.column).unwrap_or(i64::MAX);
        let at = |value: f64| (column, vertical.dot(value, dots));
        if let Some(from) = pen.filter(|_| !bucket.range.gap) {
            grid.line(from, at(bucket.first));
        }
        grid.line(at(bucket.range.max), at(bucket.range.min));
        pen = (!bucket.breaks).then(|| at(bucket.last));
    }
}
