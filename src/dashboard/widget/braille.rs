//! A grid of braille cells: 2 × 4 dots a cell, lines between dots, one owner a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Bits of the dots of a cell, by column and row.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Dots with a style a cell; what is drawn later takes a cell over, so that lines never mix their colours.
#[derive(Clone, Debug)]
pub struct Braille {
    columns: usize,
    rows: usize,
    cells: Vec<(u8, u16)>,
    styles: Vec<Style>,
}

impl Braille {
    /// No dot yet, for an area of so many cells.
    pub fn new(width: u16, height: u16) -> Self {
        let (columns, rows) = (usize::from(width), usize::from(height));
        Self { columns, rows, cells: vec![(0, 0); columns * rows], styles: Vec::new() }
    }

    /// Dots across.
    pub fn width(&self) -> usize {
        self.columns * 2
    }

    /// Dots down.
    pub fn height(&self) -> usize {
        self.rows * 4
    }

    /// Starts a layer; what follows is drawn in this style.
    pub fn layer(&mut self, style: Style) {
        self.styles.push(style);
    }

    /// Sets one dot; outside the grid nothing happens.
    pub fn dot(&mut self, x: i64, y: i64) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.width() || y >= self.height() {
            return;
        }
        let owner = self.styles.len().saturating_sub(1) as u16;
        let bit = DOTS.get(x % 2).and_then(|column| column.get(y % 4)).copied().unwrap_or(0);
        if let Some(cell) = self.cells.get_mut(y / 4 * self.columns + x / 2) {
            *cell = if cell.0 != 0 && cell.1 == owner { (cell.0 | bit, owner) } else { (bit, owner) };
        }
    }

    /// A line between two dots, both included. Rows far outside are drawn as just outside.
    pub fn line(&mut self, from: (i64, i64), to: (i64, i64)) {
        let bound = |(x, y): (i64, i64)| (x.clamp(-1, signed(self.width())), y.clamp(-1, signed(self.height())));
        let ((mut x, mut y), (end_x, end_y)) = (bound(from), bound(to));
        let (dx, dy) = ((end_x - x).abs(), -(end_y - y).abs());
        let (step_x, step_y) = ((end_x - x).signum(), (end_y - y).signum());
        let mut error = dx + dy;
        loop {
            self.dot(x, y);
            if x == end_x && y == end_y {
                break;
            }
            let twice = 2 * error;
            if twice >= dy {
                error += dy;
                x += step_x;
            }
            if twice <= dx {
                error += dx;
                y += step_y;
            }
        }
    }

    /// Puts the dots into the buffer; cells without a dot are left as they are.
    pub fn render(&self, area: Rect, buf: &mut Buffer) {
        for (place, &(dots, owner)) in self.cells.iter().enumerate().filter(|(_, (dots, _))| *dots != 0) {
            let (x, y) = ((place % self.columns) as u16, (place / self.columns) as u16);
            if x < area.width
                && y < area.height
                && let Some(cell) = buf.cell_mut((area.x + x, area.y + y))
            {
                let symbol = char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ');
                cell.set_char(symbol).set_style(self.styles.get(usize::from(owner)).copied().unwrap_or_default());
            }
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_layer_takes_the_cell_over() {
        let mut grid = Braille::new(2, 1);
        grid.layer(Style::new());
        grid.line((0, 0), (3, 3));
        grid.layer(Style::new().bold());
        grid.dot(0, 3);
        let mut buf = Buffer::empty(Rect::new(0, 0, 2, 1));
        grid.render(buf.area, &mut buf);
        assert_eq!(buf, {
            let mut wanted = Buffer::with_lines(["⡀⢄"]);
            wanted.set_style(Rect::new(0, 0, 1, 1), Style::new().bold());
            wanted
        });
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics_or_runs_on(width in 0_u16..30, height in 0_u16..20, ends in proptest::array::uniform4(-1_000_000_i64..1_000_000)) {
            let mut grid = Braille::new(width, height);
            grid.layer(Style::new());
            grid.line((ends[0], ends[1]), (ends[2], ends[3]));
        }
    }
}
