//! Drawing parts that know numbers and styles, not runs.

mod axes;
mod canvas;
mod pen;
mod plot;
mod slider;
mod sparkline;
mod vertical;
mod wrap;

pub use canvas::{Canvas, Depth, Markers};
pub use pen::{Pen, put};
pub use plot::{Axes, Curve, Field, Flag, Notch, Plot};
pub use slider::slider;
pub use sparkline::sparkline;
pub use wrap::wrap;
