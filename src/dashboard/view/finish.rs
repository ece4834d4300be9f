//! The last pass over the cells: what is dragged, the theme's ground, and ASCII where nothing else may be drawn.

use super::super::ascii;
use crate::dashboard::pointer::Held;
use crate::dashboard::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

/// Finishes an area that everything else was drawn on.
pub fn finish(state: &State, area: Rect, buf: &mut Buffer) {
    if let Held::Window { room, from, to, .. } = state.pointer.held
        && from != to
    {
        for column in [from, to] {
            let edge = Rect { x: column, width: 1, ..room }.intersection(room).intersection(area);
            buf.set_style(edge, state.palette.focus.add_modifier(Modifier::REVERSED));
        }
    }
    let ground = state.palette.ground;
    if ground.is_none() && !state.look.is_ascii() {
        return;
    }
    for row in area.rows() {
        for column in row.columns() {
            let Some(cell) = buf.cell_mut((column.x, column.y)) else { continue };
            if let Some(ground) = ground {
                cell.fg = Some(cell.fg).filter(|fg| *fg != Color::Reset).or(ground.fg).unwrap_or_default();
                cell.bg = Some(cell.bg).filter(|bg| *bg != Color::Reset).or(ground.bg).unwrap_or_default();
            }
            if state.look.is_ascii()
                && let Some(plain) = ascii::of(cell.symbol())
            {
                cell.set_char(plain);
            }
        }
    }
}
