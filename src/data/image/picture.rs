//! One picture as numbers.
//!
//! Owns the order of its values and the way from colour to grey. It must not read files.

/// Weights of red, green and blue in grey, ITU-R BT.601.
const GREY: [f32; 3] = [0.299, 0.587, 0.114];

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// 1 for grey, 3 for red, green, blue.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels a row.
    pub width: usize,
    /// `channels · height · width` values from 0 to 1: channel by channel, each row by row.
    pub values: Vec<f32>,
}

impl Picture {
    /// The picture in grey: colours weighed by ITU-R BT.601, any other number of channels by their plain mean.
    #[must_use]
    pub fn to_grey(&self) -> Self {
        if self.channels <= 1 {
            return self.clone();
        }
        let mean = [1.0 / self.channels as f32];
        let weights: &[f32] = if self.channels == GREY.len() { &GREY } else { &mean };
        let mut values = vec![0.0; self.height.saturating_mul(self.width).min(self.values.len())];
        let planes = self.values.chunks_exact(values.len().max(1));
        for (plane, weight) in planes.zip(weights.iter().cycle()) {
            for (grey, value) in values.iter_mut().zip(plane) {
                *grey += weight * value;
            }
        }
        Self { channels: 1, height: self.height, width: self.width, values }
    }

    /// Its size for messages: `28 x 28`, height first.
    pub(super) fn size(&self) -> String {
        format!("{} x {}", self.height, self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_is_the_weighted_sum() {
        let colour = Picture { channels: 3, height: 1, width: 2, values: vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.5] };
        assert_eq!(colour.to_grey(), Picture { channels: 1, height: 1, width: 2, values: vec![0.299, 0.644] });
        assert_eq!(colour.to_grey().to_grey(), colour.to_grey());
        let two = Picture { channels: 2, height: 1, width: 1, values: vec![0.5, 1.0] };
        assert_eq!(two.to_grey().values, [0.75]);
        // Fields are open, so fewer values than they promise must not panic.
        let broken = Picture { channels: 3, height: 2, width: 2, values: Vec::new() };
        assert_eq!(broken.to_grey().values, Vec::<f32>::new());
    }
}
