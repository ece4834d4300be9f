//! Drawing parts that know numbers and styles, not runs.

mod braille;
mod pen;
mod plot;
mod slider;
mod sparkline;
mod wrap;

pub use braille::{Braille, Depth};
pub use pen::{Pen, put};
pub use plot::{Curve, Flag, Plot};
pub use slider::slider;
pub use sparkline::sparkline;
pub use wrap::wrap;
