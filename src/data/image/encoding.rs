//! From pictures to the inputs of a network.
//!
//! Owns the size and the scaling learned from training pictures. It must not read files, and it never changes a
//! picture's size.

use super::picture::Picture;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// The size of pictures and the scaling of their values, one for all pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageEncoding {
    /// 1 for grey, 3 for colour.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels a row.
    pub width: usize,
    /// Mean of all values of the training pictures.
    pub mean: f32,
    /// Their standard deviation; 1 where all values are one.
    pub deviation: f32,
}

impl ImageEncoding {
    /// Learns from the training pictures. The first decides on size and colour.
    ///
    /// # Errors
    /// Where there is no picture, or one of another size than the first; it is counted from 1.
    pub fn learn(pictures: impl IntoIterator<Item = impl Borrow<Picture>>) -> Result<Self, String> {
        let mut encoding: Option<Self> = None;
        let (mut count, mut sum, mut squares) = (0_u64, 0.0_f64, 0.0_f64);
        for (place, picture) in pictures.into_iter().enumerate() {
            let picture = picture.borrow();
            let (channels, height, width) = (picture.channels, picture.height, picture.width);
            let encoding = encoding.get_or_insert(Self { channels, height, width, mean: 0.0, deviation: 1.0 });
            let values = encoding.fitted(picture).map_err(|message| format!("picture {}: {message}", place + 1))?;
            count += values.len() as u64;
            for value in values.iter().copied().map(f64::from) {
                sum += value;
                squares += value * value;
            }
        }
        let mut encoding = encoding.ok_or("no pictures to learn from")?;
        if count == 0 {
            return Err("pictures without pixels".to_owned());
        }
        let mean = sum / count as f64;
        let deviation = (squares / count as f64 - mean * mean).max(0.0).sqrt();
        encoding.mean = mean as f32;
        // Below the rounding of an f32 the values are one, and dividing would blow up noise.
        encoding.deviation = if deviation > 1e-6 { deviation as f32 } else { 1.0 };
        Ok(encoding)
    }

    /// Values a picture: `channels · height · width`.
    pub fn size(&self) -> usize {
        self.channels.saturating_mul(self.height).saturating_mul(self.width)
    }

    /// The inputs of a picture, [`Self::size`] values in the order of [`Picture::values`], less the mean, by the
    /// deviation.
    ///
    /// Colour becomes grey where one channel is expected; grey is repeated where three are.
    ///
    /// # Errors
    /// Where the picture has another size.
    pub fn encode(&self, picture: &Picture) -> Result<Vec<f32>, String> {
        let mut values = self.fitted(picture)?;
        let scale = if self.deviation > 0.0 { self.deviation } else { 1.0 };
        for value in &mut values {
            *value = (*value - self.mean) / scale;
        }
        Ok(values)
    }

    /// The values in the expected channels, not scaled.
    fn fitted(&self, picture: &Picture) -> Result<Vec<f32>, String> {
        if (picture.height, picture.width) != (self.height, self.width) {
            let (found, expected) = (picture.size(), format!("{} x {}", self.height, self.width));
            return Err(format!("is {found} pixels (height x width), expected {expected}"));
        }
        let values = match (picture.channels, self.channels) {
            (found, expected) if found == expected => picture.values.clone(),
            (_, 1) => picture.to_grey().values,
            (1, expected) => picture.values.repeat(expected),
            (found, expected) => return Err(format!("has {found} channels, expected {expected}")),
        };
        let (found, expected) = (values.len(), self.size());
        if found != expected {
            return Err(format!("holds {found} values, expected {expected}"));
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(channels: usize, height: usize, width: usize, values: &[f32]) -> Picture {
        Picture { channels, height, width, values: values.to_vec() }
    }

    #[test]
    fn scaled_to_mean_zero_and_deviation_one() {
        let pictures = [picture(1, 1, 2, &[0.0, 1.0]), picture(1, 1, 2, &[1.0, 0.0])];
        let encoding = ImageEncoding::learn(&pictures).unwrap();
        assert_eq!(encoding, ImageEncoding { channels: 1, height: 1, width: 2, mean: 0.5, deviation: 0.5 });
        assert_eq!(encoding.encode(&pictures[0]).unwrap(), [-1.0, 1.0]);
        let json = serde_json::to_string(&encoding).unwrap();
        assert_eq!(serde_json::from_str::<ImageEncoding>(&json).unwrap(), encoding);
        let constant = ImageEncoding::learn([picture(1, 1, 2, &[0.3; 2])]).unwrap();
        assert_eq!(constant.deviation, 1.0);
    }

    #[test]
    fn colour_and_grey_become_what_is_expected() {
        let grey = ImageEncoding { channels: 1, height: 1, width: 1, mean: 0.0, deviation: 1.0 };
        assert_eq!(grey.encode(&picture(3, 1, 1, &[1.0, 0.0, 0.0])).unwrap(), [0.299]);
        let colour = ImageEncoding { channels: 3, ..grey };
        assert_eq!(colour.encode(&picture(1, 1, 1, &[0.5])).unwrap(), [0.5; 3]);
        assert!(colour.encode(&picture(2, 1, 1, &[0.5; 2])).unwrap_err().contains("2 channels, expected 3"));
    }

    #[test]
    fn another_size_is_named() {
        let pictures = [picture(1, 1, 2, &[0.0; 2]), picture(1, 2, 1, &[0.0; 2])];
        let message = ImageEncoding::learn(&pictures).unwrap_err();
        assert_eq!(message, "picture 2: is 2 x 1 pixels (height x width), expected 1 x 2");
        let none: [Picture; 0] = [];
        assert_eq!(ImageEncoding::learn(none).unwrap_err(), "no pictures to learn from");
        assert_eq!(ImageEncoding::learn([picture(1, 0, 0, &[])]).unwrap_err(), "pictures without pixels");
        let broken = ImageEncoding::learn([picture(1, 2, 2, &[0.0; 3])]).unwrap_err();
        assert_eq!(broken, "picture 1: holds 3 values, expected 4");
    }
}
