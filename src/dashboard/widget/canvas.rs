//! A grid of dots on cells: lines between dots, one colour a cell. Braille has 2 × 4 dots a cell, half blocks 1 × 2, and
//! plain letters one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Which characters draw lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Markers {
    /// Braille, eight dots a cell.
    #[default]
    Braille,
    /// Upper and lower halves of a cell.
    HalfBlock,
    /// Letters that every terminal has: `*` and `|`, behind others `.` and `:`.
    Ascii,
}

impl Markers {
    /// All, the best first.
    pub const ALL: [Self; 3] = [Self::Braille, Self::HalfBlock, Self::Ascii];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Braille => "braille",
            Self::HalfBlock => "half",
            Self::Ascii => "ascii",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|markers| markers.name() == name)
    }

    /// Dots across a cell.
    pub const fn across(self) -> usize {
        match self {
            Self::Braille => 2,
            Self::HalfBlock | Self::Ascii => 1,
        }
    }

    /// Dots down a cell.
    pub const fn down(self) -> usize {
        match self {
            Self::Braille => 4,
            Self::HalfBlock => 2,
            Self::Ascii => 1,
        }
    }

    /// What a cell with these dots shows.
    fn symbol(self, dots: u8, depth: Depth) -> char {
        match self {
            Self::Braille => char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
            Self::HalfBlock => match dots {
                1 => '▀',
                2 => '▄',
                _ => '█',
            },
            Self::Ascii => match (dots & RUN != 0, depth) {
                (true, Depth::Front) => '|',
                (true, Depth::Behind) => ':',
                (false, Depth::Front) => '*',
                (false, Depth::Behind) => '.',
            },
        }
    }
}

/// Bits of the dots of a cell of braille, by column and row.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Bit of a cell of letters that a line passes through from above to below.
const RUN: u8 = 0x02;

/// How the dots of a layer meet those of others in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Gives way: a cell that a line in front passes through shows nothing of it.
    Behind,
    /// All dots in front are shown together, in the style of the layer that came last: no line has holes.
    Front,
}

/// Dots and owner of a cell.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    dots: u8,
    layer: u16,
}

/// Dots with a style a cell.
#[derive(Clone, Debug)]
pub struct Canvas {
    markers: Markers,
    columns: usize,
    rows: usize,
    cells: Vec<Cell>,
    layers: Vec<(Style, Depth)>,
}

impl Canvas {
    /// No dot yet, for an area of so many cells.
    pub fn new(markers: Markers, width: u16, height: u16) -> Self {
        let (columns, rows) = (usize::from(width), usize::from(height));
        Self { markers, columns, rows, cells: vec![Cell::default(); columns * rows], layers: Vec::new() }
    }

    /// Dots across.
    pub fn width(&self) -> usize {
        self.columns * self.markers.across()
    }

    /// Dots down.
    pub fn height(&self) -> usize {
        self.rows * self.markers.down()
    }

    /// Starts a layer; what follows is drawn in this style. Layers behind come first.
    pub fn layer(&mut self, style: Style, depth: Depth) {
        self.layers.push((style, depth));
    }

    /// Sets one dot; outside the grid nothing happens.
    pub fn dot(&mut self, x: i64, y: i64) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.width() || y >= self.height() {
            return;
        }
        let (across, down) = (self.markers.across(), self.markers.down());
        let bit = match self.markers {
            Markers::Braille => DOTS.get(x % across).and_then(|column| column.get(y % down)).copied().unwrap_or(0),
            Markers::HalfBlock | Markers::Ascii => 1 << (y % down),
        };
        self.mark(y / down * self.columns + x / across, bit);
    }

    fn mark(&mut self, place: usize, bit: u8) {
        let layer = self.layers.len().saturating_sub(1);
        let depth = |place: usize| self.layers.get(place).map_or(Depth::Front, |(_, depth)| *depth);
        let own = depth(layer);
        let before = self.cells.get(place).map_or(own, |cell| depth(usize::from(cell.layer)));
        if let Some(cell) = self.cells.get_mut(place) {
            let kept = if before == own { cell.dots } else { 0 };
            *cell = Cell { dots: kept | bit, layer: layer as u16 };
        }
    }

    /// A line between two dots, both included. Rows far outside are drawn as just outside.
    pub fn line(&mut self, from: (i64, i64), to: (i64, i64)) {
        let bound = |(x, y): (i64, i64)| (x.clamp(-1, signed(self.width())), y.clamp(-1, signed(self.height())));
        let ((mut x, mut y), (end_x, end_y)) = (bound(from), bound(to));
        let (dx, dy) = ((end_x - x).abs(), -(end_y - y).abs());
        let (step_x, step_y) = ((end_x - x).signum(), (end_y - y).signum());
        let mut error = dx + dy;
        let (top, bottom) = (y.min(end_y), y.max(end_y));
        loop {
            self.dot(x, y);
            // Between its ends an upright line of letters looks like one.
            if self.markers == Markers::Ascii
                && dx == 0
                && top < y
                && y < bottom
                && let (Ok(column), Ok(row)) = (usize::try_from(x), usize::try_from(y))
                && column < self.columns
                && row < self.rows
            {
                self.mark(row * self.columns + column, RUN);
            }
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
        for (place, cell) in self.cells.iter().enumerate().filter(|(_, cell)| cell.dots != 0) {
            let (style, depth) =
                self.layers.get(usize::from(cell.layer)).copied().unwrap_or((Style::new(), Depth::Front));
            let symbol = self.markers.symbol(cell.dots, depth);
            let (x, y) = ((place % self.columns) as u16, (place / self.columns) as u16);
            if x < area.width
                && y < area.height
                && let Some(cell) = buf.cell_mut((area.x + x, area.y + y))
            {
                cell.set_char(symbol).set_style(style);
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

    fn braille(width: u16, height: u16) -> Canvas {
        Canvas::new(Markers::Braille, width, height)
    }

    #[test]
    fn letters_draw_upright_lines_and_single_points() {
        let mut grid = Canvas::new(Markers::Ascii, 4, 4);
        grid.layer(Style::new(), Depth::Behind);
        grid.line((3, 0), (3, 3));
        grid.layer(Style::new(), Depth::Front);
        grid.line((0, 0), (0, 3));
        grid.line((0, 3), (2, 3));
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 4));
        grid.render(buf.area, &mut buf);
        assert_eq!(buf, Buffer::with_lines(["*  .", "|  :", "|  :", "***."]));
    }

    #[test]
    fn half_blocks_have_two_dots_a_cell() {
        let mut grid = Canvas::new(Markers::HalfBlock, 3, 1);
        grid.layer(Style::new(), Depth::Front);
        grid.dot(0, 0);
        grid.dot(1, 1);
        grid.line((2, 0), (2, 1));
        let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
        grid.render(buf.area, &mut buf);
        assert_eq!(buf, Buffer::with_lines(["▀▄█"]));
    }

    #[test]
    fn lines_in_front_share_a_cell_and_what_is_behind_gives_way() {
        let mut grid = braille(3, 1);
        grid.layer(Style::new().dim(), Depth::Behind);
        grid.line((0, 0), (5, 0));
        grid.layer(Style::new(), Depth::Front);
        grid.line((0, 0), (3, 3));
        grid.layer(Style::new().bold(), Depth::Front);
        grid.dot(0, 3);
        let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
        grid.render(buf.area, &mut buf);
        assert_eq!(buf, {
            let mut wanted = Buffer::with_lines(["⡑⢄⠉"]);
            wanted.set_style(Rect::new(0, 0, 1, 1), Style::new().bold());
            wanted.set_style(Rect::new(2, 0, 1, 1), Style::new().dim());
            wanted
        });
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics_or_runs_on(width in 0_u16..30, height in 0_u16..20, ends in proptest::array::uniform4(-1_000_000_i64..1_000_000)) {
            for markers in [Markers::Braille, Markers::HalfBlock, Markers::Ascii] {
                let mut grid = Canvas::new(markers, width, height);
                grid.layer(Style::new(), Depth::Front);
                grid.line((ends[0], ends[1]), (ends[2], ends[3]));
            }
        }
    }
}
