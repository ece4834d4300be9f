//! Curves over a common horizontal axis: each column shows the smallest and the largest value of what it covers.

use super::vertical::Vertical;
use super::{Canvas, Depth, Markers};
use crate::series::{Bucket, Scale, Stretch, Timeline, Track, reduce};
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// One line.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// Its points.
    pub track: &'a Track,
    /// The steps of its run, where that is another one than the plot's.
    pub timeline: Option<&'a Timeline>,
    /// Whether the moving average is drawn.
    pub smooth: bool,
    /// What its values are multiplied by.
    pub factor: f64,
    /// How it looks.
    pub style: Style,
    /// The number or letter at its end, in its style; none for a background line.
    pub tag: Option<String>,
    /// Whether it gives way to others.
    pub depth: Depth,
    /// Whether the axes make room for it; where they do not, a mark says that it goes on outside.
    pub counts: bool,
}

impl<'a> Curve<'a> {
    /// A line in front, of the values as they are.
    pub fn front(track: &'a Track, style: Style) -> Self {
        Self { track, timeline: None, smooth: false, factor: 1.0, style, tag: None, depth: Depth::Front, counts: true }
    }

    /// A line behind all others.
    pub fn behind(track: &'a Track, style: Style) -> Self {
        Self { depth: Depth::Behind, ..Self::front(track, style) }
    }
}

/// A moment in which something was changed: a line through the plot.
#[derive(Clone, Debug)]
pub struct Flag {
    /// When.
    pub step: u64,
    /// A few letters.
    pub label: String,
    /// How it looks.
    pub style: Style,
}

/// Quiet moments: one character each on the row of the horizontal axis.
#[derive(Clone, Copy, Debug)]
pub struct Notch<'a> {
    /// When, ascending.
    pub steps: &'a [u64],
    /// What stands there.
    pub sign: &'static str,
    /// How it looks.
    pub style: Style,
}

/// Which axes are drawn, where there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axes {
    /// None.
    None,
    /// The vertical one.
    Vertical,
    /// Both.
    Both,
}

/// The plot. Later curves lie above earlier ones; those behind come first.
#[derive(Debug)]
pub struct Plot<'a> {
    /// Steps with their epoch and time.
    pub timeline: &'a Timeline,
    /// What the horizontal axis shows.
    pub stretch: Stretch,
    /// The vertical axis.
    pub scale: Scale,
    /// The lines.
    pub curves: Vec<Curve<'a>>,
    /// Moments of change.
    pub flags: Vec<Flag>,
    /// Moments of other kinds.
    pub notches: Vec<Notch<'a>>,
    /// The step of the cursor.
    pub cursor: Option<u64>,
    /// What draws the lines.
    pub markers: Markers,
    /// Style of axes and marks.
    pub dim: Style,
    /// Style of the marks of missing values.
    pub bad: Style,
    /// Style of the cursor.
    pub strong: Style,
    /// Which axes are drawn.
    pub axes: Axes,
}

/// Where the lines of a plot are drawn, and which steps lie in which column of cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The cells.
    pub area: Rect,
    /// The first step of each column, and the first step after the last one.
    pub edges: Vec<u64>,
}

impl Field {
    /// The column of cells, counted from the field's left end, that holds a step; `None` outside.
    pub fn column(&self, step: u64) -> Option<u16> {
        let column = self.edges.partition_point(|&edge| edge <= step).checked_sub(1)?;
        u16::try_from(column).ok().filter(|column| *column < self.area.width)
    }

    /// The first step at or after the left end of a column, counted from the field's left end.
    pub fn step(&self, column: u16) -> u64 {
        self.edges.get(usize::from(column)).or(self.edges.last()).copied().unwrap_or(0)
    }

    /// Where the middle of a column lies: 0 at the left end of the field, 1 at the right one.
    pub fn fraction(&self, column: u16) -> f64 {
        ((f64::from(column) + 0.5) / f64::from(self.area.width.max(1))).clamp(0.0, 1.0)
    }
}

/// The parts of a plot's area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// The whole.
    pub area: Rect,
    /// Where the lines are.
    pub field: Rect,
    /// Whether numbers stand on the left.
    pub left: bool,
    /// Whether numbers stand below.
    pub below: bool,
    /// Columns of the tags.
    pub tags: u16,
}

/// Columns of the numbers beside the vertical axis.
pub(super) const LABELS: u16 = 6;

impl Plot<'_> {
    /// Where the lines would be drawn on an area; `None` where there is no room.
    pub fn field(&self, area: Rect) -> Option<Field> {
        let field = self.parts(area)?.field;
        Some(Field { area: field, edges: self.stretch.edges(self.timeline, usize::from(field.width)) })
    }

    fn parts(&self, area: Rect) -> Option<Parts> {
        let tags = self.curves.iter().filter_map(|curve| curve.tag.as_deref()).map(width).max().unwrap_or(0) as u16;
        let right = if tags > 0 { tags + 1 } else { 0 };
        let room = area.width > LABELS + right + 8 && area.height >= 3;
        let left = self.axes != Axes::None && room;
        let below = self.axes == Axes::Both && room && area.height >= 4;
        let start = if left { LABELS + 1 } else { 0 };
        let width = area.width.checked_sub(start + right).filter(|width| *width > 0)?;
        let height = area.height.checked_sub(u16::from(below)).filter(|height| *height > 0)?;
        Some(Parts { area, field: Rect { x: area.x + start, y: area.y, width, height }, left, below, tags })
    }

    /// Draws it.
    pub fn render(&self, area: Rect, buf: &mut Buffer) {
        let Some(parts) = self.parts(area) else { return };
        let Rect { width, height, .. } = parts.field;
        let across = self.markers.across();
        let dots = usize::from(width) * across;
        let edges = self.stretch.edges(self.timeline, dots);
        let columns: Vec<Vec<Bucket>> = self.curves.iter().map(|curve| self.cut(curve, &edges)).collect();
        let counted = self.curves.iter().zip(&columns).filter(|(curve, _)| curve.counts);
        let vertical = Vertical::around(self.scale, counted.flat_map(|(_, buckets)| buckets));
        let cells: Vec<u64> = edges.iter().step_by(across).copied().collect();
        let cells = Field { area: parts.field, edges: cells };
        self.draw_axes(parts, &vertical, buf);
        self.draw_flags(&cells, buf);
        let mut canvas = Canvas::new(self.markers, width, height);
        for (curve, buckets) in self.curves.iter().zip(&columns) {
            canvas.layer(curve.style, curve.depth);
            draw_curve(&mut canvas, buckets, &vertical);
        }
        canvas.render(parts.field, buf);
        let marked = self.draw_missing(parts.field, &columns, &vertical, buf);
        self.draw_flag_labels(&cells, &marked, buf);
        if parts.below {
            self.draw_below(parts, &cells, buf);
        }
        self.draw_tags(parts, &columns, &vertical, buf);
    }

    /// A curve's points, by column of dots.
    fn cut(&self, curve: &Curve<'_>, edges: &[u64]) -> Vec<Bucket> {
        let values = if curve.smooth { curve.track.smooth() } else { curve.track.raw() };
        let foreign = curve.timeline.map(|timeline| self.stretch.edges(timeline, edges.len().saturating_sub(1)));
        let mut buckets = reduce(curve.track.steps(), values, foreign.as_deref().unwrap_or(edges));
        if curve.factor != 1.0 {
            for bucket in &mut buckets {
                *bucket = bucket.times(curve.factor);
            }
        }
        buckets
    }
}

fn draw_curve(canvas: &mut Canvas, buckets: &[Bucket], vertical: &Vertical) {
    let dots = canvas.height();
    let mut pen: Option<(i64, i64)> = None;
    for bucket in buckets {
        if !bucket.range.is_finite() {
            pen = None;
            continue;
        }
        let column = i64::try_from(bucket.column).unwrap_or(i64::MAX);
        let at = |value: f64| (column, vertical.dot(value, dots));
        if let Some(from) = pen.filter(|_| !bucket.range.gap()) {
            canvas.line(from, at(bucket.first));
        }
        canvas.line(at(bucket.range.max), at(bucket.range.min));
        pen = (!bucket.breaks).then(|| at(bucket.last));
    }
}

#[cfg(test)]
mod tests;
