//! Writing text into cells without ever leaving an area.

use crate::text::{pad, pad_left, truncate, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Writes text at a column and row of an area, cut at its edge; returns the columns used.
pub fn put(buf: &mut Buffer, area: Rect, column: u16, row: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buf.area);
    let Some(room) = area.width.checked_sub(column).filter(|room| *room > 0 && row < area.height) else { return 0 };
    let text = truncate(text, usize::from(room));
    buf.set_stringn(area.x + column, area.y + row, &text, usize::from(room), style);
    width(&text) as u16
}

/// Writes pieces one after another along a row.
pub struct Pen<'a> {
    buf: &'a mut Buffer,
    area: Rect,
    row: u16,
    column: u16,
}

impl<'a> Pen<'a> {
    /// At the start of a row of an area.
    pub fn new(buf: &'a mut Buffer, area: Rect, row: u16) -> Self {
        Self { buf, area, row, column: 0 }
    }

    /// Columns left.
    pub fn room(&self) -> usize {
        usize::from(self.area.width.saturating_sub(self.column))
    }

    /// Writes text.
    pub fn text(&mut self, text: &str, style: Style) -> &mut Self {
        self.column += put(self.buf, self.area, self.column, self.row, text, style);
        self
    }

    /// Writes text in exactly so many columns, on the left.
    pub fn left(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        self.text(&pad(text, columns), style)
    }

    /// Writes text in exactly so many columns, on the right.
    pub fn right(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        self.text(&pad_left(text, columns), style)
    }

    /// Leaves columns as they are.
    pub fn skip(&mut self, columns: usize) -> &mut Self {
        self.column = self.column.saturating_add(columns.min(1000) as u16).min(self.area.width);
        self
    }
}
