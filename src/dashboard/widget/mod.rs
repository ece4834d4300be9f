//! Drawing parts that know numbers and styles, not runs.

mod braille;
mod pen;
mod plot;
mod slider;
mod sparkline;

pub use braille::Braille;
pub use pen::{Pen, put};
pub use plot::{Curve, Flag, Plot};
pub use slider::slider;
pub use sparkline::sparkline;
