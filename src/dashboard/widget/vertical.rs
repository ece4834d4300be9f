//! The vertical axis of a plot: which value lies in which row.

use crate::series::{Bucket, Scale, bounds};

/// Its ends, as places on the scale.
#[derive(Clone, Copy, Debug)]
pub struct Vertical {
    scale: Scale,
    low: f64,
    high: f64,
    /// The same as values, exact, so that a round end carries its number.
    ends: (f64, f64),
}

impl Vertical {
    /// An axis around the points of some columns. It is linear where nothing has a place on a logarithmic one.
    pub fn around<'a>(wanted: Scale, buckets: impl Iterator<Item = &'a Bucket>) -> Self {
        let (mut low, mut high, mut least) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        for bucket in buckets {
            for value in [bucket.range.min, bucket.range.max, bucket.first, bucket.last] {
                if value.is_finite() {
                    (low, high) = (low.min(value), high.max(value));
                    least = if value > 0.0 { least.min(value) } else { least };
                }
            }
        }
        if low > high {
            return Self { scale: Scale::Linear, low: 0.0, high: 1.0, ends: (0.0, 1.0) };
        }
        let scale = if high > 0.0 { wanted } else { Scale::Linear };
        let ends = bounds(scale, if scale == Scale::Log { least } else { low }, high);
        match (scale.place(ends.0), scale.place(ends.1)) {
            (Some(low), Some(high)) if low < high => Self { scale, low, high, ends },
            _ => Self { scale: Scale::Linear, low: ends.0, high: ends.1, ends },
        }
    }

    /// Its scale.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The values at its lower and upper end.
    pub fn ends(&self) -> (f64, f64) {
        self.ends
    }

    /// 0 at the top, 1 at the bottom; `None` where the value has no place on the scale.
    fn depth(&self, value: f64) -> Option<f64> {
        let place = self.scale.place(value)?;
        let depth = (self.high / 2.0 - place / 2.0) / (self.high / 2.0 - self.low / 2.0);
        depth.is_finite().then_some(depth)
    }

    /// The row of dots; -1 above the field, `dots` below it, where a value without a place lies too.
    pub fn dot(&self, value: f64, dots: usize) -> i64 {
        let below = i64::try_from(dots).unwrap_or(i64::MAX);
        let last = dots.saturating_sub(1) as f64;
        self.depth(value).map_or(below, |depth| {
            // A hair of tolerance, so that a value at an end lies in the first or last row.
            let row = (depth * last).round();
            if (-1e-6..=1.0 + 1e-6).contains(&depth) {
                row.clamp(0.0, last) as i64
            } else {
                (row as i64).clamp(-1, below)
            }
        })
    }

    /// The row of cells, for what stands beside the lines.
    pub fn row(&self, value: f64, height: u16) -> Option<u16> {
        let dots = usize::from(height) * 4;
        self.depth(value)?;
        let dot = self.dot(value, dots).clamp(0, i64::from(height) * 4 - 1);
        u16::try_from(dot / 4).ok()
    }

    /// Whether a value lies above (`true`) or below (`false`) what is shown.
    pub fn outside(&self, value: f64) -> Option<bool> {
        if !value.is_finite() {
            return None;
        }
        match self.depth(value) {
            None => Some(false),
            Some(depth) if depth < -1e-6 => Some(true),
            Some(depth) if depth > 1.0 + 1e-6 => Some(false),
            Some(_) => None,
        }
    }
}
