//! What stands around and between the lines of a plot: axes with their numbers, marks of change, signs of values that
//! have no place, the cursor, a number at the end of each line.

use super::plot::{Field, Flag, LABELS, Parts, Plot};
use super::vertical::Vertical;
use super::{Markers, put};
use crate::series::{Bucket, ticks};
use crate::text::{pad_left, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A cell beside the lines that is taken: its row and its column.
type Taken = (u16, u16);

impl Plot<'_> {
    /// A character that every terminal has where lines are letters too.
    fn sign(&self, sign: &'static str) -> &'static str {
        match (self.markers, sign) {
            (Markers::Ascii, "│") => "|",
            (Markers::Ascii, "┤") => "+",
            (Markers::Ascii, "┊") => ":",
            (Markers::Ascii, "·") => ".",
            _ => sign,
        }
    }

    /// The vertical axis with its numbers.
    pub(super) fn draw_axes(&self, parts: Parts, vertical: &Vertical, buf: &mut Buffer) {
        let Parts { area, field, .. } = parts;
        if !parts.left {
            return;
        }
        for row in 0..field.height {
            put(buf, area, LABELS, row, self.sign("│"), self.dim);
        }
        let (low, high) = vertical.ends();
        for tick in ticks(vertical.scale(), low, high, usize::from(field.height / 2).clamp(1, 8)) {
            let Some(row) = vertical.row(tick.value, field.height) else { continue };
            put(buf, area, 0, row, &pad_left(&tick.label, usize::from(LABELS)), self.dim);
            put(buf, area, LABELS, row, self.sign("┤"), self.dim);
        }
    }

    /// The horizontal axis: quiet marks, and numbers between them.
    pub(super) fn draw_below(&self, parts: Parts, cells: &Field, buf: &mut Buffer) {
        let Parts { area, field, .. } = parts;
        let left = field.x - area.x;
        for notch in &self.notches {
            let from = notch.steps.partition_point(|&step| step < cells.step(0));
            let mut rest = notch.steps.get(from..).unwrap_or_default();
            // From one column that holds a mark to the next one: as many look-ups as columns, not as marks.
            while let Some(column) = rest.first().and_then(|&step| cells.column(step)) {
                put(buf, area, left + column, field.height, self.sign(notch.sign), notch.style);
                let end = cells.step(column + 1);
                rest = rest.get(rest.partition_point(|&step| step < end).max(1)..).unwrap_or_default();
            }
        }
        let mut free = 0;
        for tick in self.stretch.ticks(usize::from(field.width / 12).clamp(1, 8)) {
            let Some(place) = self.stretch.fraction(tick.value).filter(|place| (0.0..=1.0).contains(place)) else {
                continue;
            };
            let wide = width(&tick.label) as u16;
            let middle = left + (place * f64::from(field.width.saturating_sub(1))).round() as u16;
            let marked = buf.cell((area.x + middle, area.y + field.height)).is_some_and(|cell| cell.symbol() != " ");
            // Marks often stand at round numbers: the number gives way, to the right or at the end to the left.
            let start = match marked {
                false => middle.saturating_sub(wide / 2).max(free).min(area.width.saturating_sub(wide)),
                true if middle + 2 + wide <= area.width => (middle + 2).max(free),
                true => middle.saturating_sub(wide + 1),
            };
            if start >= free && start + wide <= area.width {
                // A blank on either side, so that a mark is not taken for a part of the number.
                let beside = [start.checked_sub(1).filter(|column| *column >= left), Some(start + wide)];
                for column in beside.into_iter().flatten().filter(|column| !(marked && *column == middle)) {
                    put(buf, area, column, field.height, " ", self.dim);
                }
                put(buf, area, start, field.height, &tick.label, self.dim);
                free = start + wide + 1;
            }
        }
    }

    /// The columns of the flags that are in sight.
    fn flag_columns<'a>(&'a self, cells: &Field) -> Vec<(u16, &'a Flag)> {
        let column = |flag: &'a Flag| {
            // A change that acts in the next step stands at the right end.
            let next = flag.step == self.timeline.last_step().saturating_add(1);
            let last = next.then(|| flag.step.saturating_sub(1));
            Some((cells.column(flag.step).or_else(|| cells.column(last?))?, flag))
        };
        self.flags.iter().filter_map(column).collect()
    }

    /// Lines through the plot where something was changed, and the cursor's.
    pub(super) fn draw_flags(&self, cells: &Field, buf: &mut Buffer) {
        let field = cells.area;
        let mut line = |column, sign, style| {
            for row in 0..field.height {
                put(buf, field, column, row, sign, style);
            }
        };
        for (column, _) in self.flag_columns(cells) {
            line(column, self.sign("┊"), self.dim);
        }
        if let Some(column) = self.cursor.and_then(|step| cells.column(step)) {
            line(column, self.sign("│"), self.strong);
        }
    }

    /// Labels beside their lines, the newest first: on the right or the left, in the first or the second row, best
    /// where no curve passes. One that fits nowhere without covering a mark or another label is left out.
    pub(super) fn draw_flag_labels(&self, cells: &Field, marked: &[Taken], buf: &mut Buffer) {
        let field = cells.area;
        let mut flags = self.flag_columns(cells);
        // A key held down leaves many marks of one name in one column.
        flags.dedup_by(|next, previous| next.0 == previous.0 && next.1.label == previous.1.label);
        let cursor = self.cursor.and_then(|step| cells.column(step));
        let lines: Vec<u16> = flags.iter().map(|(column, _)| *column).chain(cursor).collect();
        let mut taken: Vec<(u16, u16, u16)> = marked.iter().map(|&(row, column)| (row, column, column + 1)).collect();
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
            let covers = |&(row, start): &(u16, u16)| {
                (start..start + wide).filter_map(|x| buf.cell((field.x + x, field.y + row))).any(|c| c.symbol() != " ")
            };
            let free: Vec<_> = places.filter(free).collect();
            let best = free.iter().find(|place| !covers(place)).or(free.first()).copied();
            if let Some((row, start)) = best {
                put(buf, field, start, row, &flag.label, flag.style);
                taken.push((row, start, start + wide));
            }
        }
    }

    /// Signs of what no line can show: `x` for NaN and `^` for `+∞` on the top row, `v` for `-∞` on the last; faint `^`
    /// and `v` where a line behind goes on outside. Returns the cells.
    pub(super) fn draw_missing(
        &self,
        field: Rect,
        columns: &[Vec<Bucket>],
        vertical: &Vertical,
        buf: &mut Buffer,
    ) -> Vec<Taken> {
        let across = self.markers.across();
        let mut taken = Vec::new();
        let mut mark = |bucket: &Bucket, bottom: bool, sign, style| {
            let place = (if bottom { field.height - 1 } else { 0 }, (bucket.column / across) as u16);
            put(buf, field, place.1, place.0, sign, style);
            taken.push(place);
        };
        // What matters most is written last.
        for (curve, buckets) in self.curves.iter().zip(columns) {
            for bucket in buckets.iter().filter(|bucket| bucket.range.is_finite()) {
                if !curve.counts && vertical.outside(bucket.range.max) == Some(true) {
                    mark(bucket, false, "^", self.dim);
                }
                if vertical.outside(bucket.range.min) == Some(false) {
                    mark(bucket, true, "v", self.dim);
                }
            }
        }
        let gaps = || columns.iter().flatten().filter(|bucket| bucket.range.gap());
        gaps().filter(|bucket| bucket.range.below).for_each(|bucket| mark(bucket, true, "v", self.bad));
        gaps().filter(|bucket| bucket.range.above).for_each(|bucket| mark(bucket, false, "^", self.bad));
        gaps().filter(|bucket| bucket.range.nan).for_each(|bucket| mark(bucket, false, "x", self.bad));
        taken.sort_unstable();
        taken.dedup();
        taken
    }

    /// The number at each line's end: beside the field, or in it where lines end long before and nothing else is there.
    /// The topmost curve first, others where room is left.
    pub(super) fn draw_tags(&self, parts: Parts, columns: &[Vec<Bucket>], vertical: &Vertical, buf: &mut Buffer) {
        let Parts { field, tags, .. } = parts;
        let (across, rows) = (self.markers.across(), usize::from(field.height));
        let (mut early, mut late, mut furthest) = (Vec::new(), Vec::new(), 0);
        for (curve, buckets) in self.curves.iter().zip(columns).rev() {
            let Some(tag) = curve.tag.as_deref() else { continue };
            let Some(end) = buckets.iter().rev().find(|bucket| bucket.last.is_finite()) else { continue };
            let row = usize::from(vertical.row(end.last, field.height).unwrap_or(field.height - 1));
            let column = u16::try_from(end.column / across).unwrap_or(field.width).saturating_add(2);
            let is_early = column.saturating_add(tags + 2 + field.width / 8) < field.width;
            if is_early {
                furthest = column.max(furthest);
            }
            let group = if is_early { &mut early } else { &mut late };
            group.push(Tag { row, text: tag, style: curve.style });
        }
        let near = Rect { x: field.x + furthest, width: tags, ..field };
        let placed = spread(early.clone(), rows);
        let is_free = |tag: &Tag<'_>| {
            let cells = Rect { x: near.x - 1, y: field.y + tag.row as u16, width: tags + 2, height: 1 };
            cells.positions().all(|place| buf.cell(place).is_some_and(|cell| cell.symbol() == " "))
        };
        if !early.is_empty() && placed.iter().all(is_free) {
            for tag in &placed {
                tag.put(near, buf);
            }
        } else {
            late.extend(early);
        }
        let margin = Rect { x: field.x + field.width + 1, width: tags, ..field };
        for tag in spread(late, rows) {
            tag.put(margin, buf);
        }
    }
}

/// The number of a line beside its end.
#[derive(Clone, Copy)]
struct Tag<'a> {
    row: usize,
    text: &'a str,
    style: Style,
}

impl Tag<'_> {
    fn put(&self, area: Rect, buf: &mut Buffer) {
        put(buf, area, 0, self.row as u16, self.text, self.style);
    }
}

/// In the order of the lines' ends, each pushed down by the one above it, then back up from the last row.
fn spread(mut tags: Vec<Tag<'_>>, rows: usize) -> Vec<Tag<'_>> {
    tags.truncate(rows);
    tags.sort_by_key(|tag| tag.row);
    let mut free = 0;
    for tag in &mut tags {
        tag.row = tag.row.max(free);
        free = tag.row + 1;
    }
    let mut last = rows;
    for tag in tags.iter_mut().rev() {
        tag.row = tag.row.min(last.saturating_sub(1));
        last = tag.row;
    }
    tags
}
