//! Values over steps, ready to be drawn at any zoom: storage, smoothing, reduction to columns, tick marks.
//!
//! Owns numbers only. It must not know events, terminals, colours or time of day.

mod average;
mod bounds;
mod column;
mod line;
mod pyramid;
mod stretch;
mod thin;
mod ticks;
mod timeline;

pub use bounds::bounds;
pub use column::{Bucket, reduce};
pub use line::{Series, Track};
pub use pyramid::{Pyramid, Range};
pub use stretch::Stretch;
pub use ticks::{Scale, Tick, ticks};
pub use timeline::{Timeline, XAxis};
