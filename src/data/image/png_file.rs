//! PNG files.
//!
//! Owns the way from any kind of PNG to grey or colour values. It must not know folders.

use super::picture::Picture;
use png::{BitDepth, ColorType, Decoder, Transformations};
use std::io::Cursor;

/// The most pixels of a picture.
const MOST_PIXELS: u64 = 1 << 26;

/// No byte of a packed stream yields more bytes than this.
const MOST_PER_BYTE: u64 = 1032;

impl Picture {
    /// Reads a PNG file of any colour type and bit depth; of an animation, its still picture.
    ///
    /// Palettes and low bit depths are expanded. Where there is an alpha channel, the picture is laid on black: each
    /// value is multiplied by alpha.
    ///
    /// # Errors
    /// Where it is no PNG file, is damaged or truncated, or has more than 64 million pixels.
    pub fn read_png(bytes: &[u8]) -> Result<Self, String> {
        let unreadable = |error: png::DecodingError| match error {
            png::DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                "no whole PNG file: it ends early".to_owned()
            }
            error => format!("no readable PNG file: {error}"),
        };
        let mut decoder = Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder.read_info().map_err(unreadable)?;
        let (width, height) = reader.info().size();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MOST_PIXELS {
            return Err(format!("a picture of {height} x {width} pixels; at most {MOST_PIXELS} pixels are read"));
        }
        // Room for the values is only made where the file is long enough to fill it.
        let packed = pixels * reader.info().bits_per_pixel() as u64 / 8;
        if packed / MOST_PER_BYTE > bytes.len() as u64 {
            return Err(format!("no whole PNG file: {} bytes cannot hold {height} x {width} pixels", bytes.len()));
        }
        let size = reader.output_buffer_size().ok_or("a picture larger than memory")?;
        let mut samples = vec![0; size];
        let info = reader.next_frame(&mut samples).map_err(unreadable)?;
        samples.truncate(info.buffer_size());
        let (colours, alpha) = match info.color_type {
            ColorType::Grayscale => (1, false),
            ColorType::GrayscaleAlpha => (1, true),
            ColorType::Rgb => (3, false),
            ColorType::Rgba => (3, true),
            ColorType::Indexed => return Err("a PNG file whose palette is missing".to_owned()),
        };
        let wide = match info.bit_depth {
            BitDepth::Eight => false,
            BitDepth::Sixteen => true,
            other => return Err(format!("a PNG file of unexpected bit depth {other:?}")),
        };
        let values = planes(&samples, colours, alpha, wide);
        Ok(Self { channels: colours, height: info.height as usize, width: info.width as usize, values })
    }
}

/// From samples pixel by pixel to values channel by channel; `wide` samples have two bytes, the high one first.
fn planes(samples: &[u8], colours: usize, alpha: bool, wide: bool) -> Vec<f32> {
    let value = |pixel: &[u8], place: usize| {
        let byte = |index: usize| pixel.get(index).copied().unwrap_or(0);
        if wide {
            f32::from(u16::from_be_bytes([byte(2 * place), byte(2 * place + 1)])) / 65535.0
        } else {
            f32::from(byte(place)) / 255.0
        }
    };
    let bytes = (colours + usize::from(alpha)) * if wide { 2 } else { 1 };
    let mut values = Vec::with_capacity(samples.len() / bytes * colours);
    for colour in 0..colours {
        values.extend(samples.chunks_exact(bytes).map(|pixel| {
            let opaque = if alpha { value(pixel, colours) } else { 1.0 };
            value(pixel, colour) * opaque
        }));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(width: u32, height: u32, colour: ColorType, depth: BitDepth, samples: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 255, 0, 51]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(samples).unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn every_kind_is_read() {
        let read = |width, colour, depth, samples: &[u8]| {
            let picture = Picture::read_png(&file(width, 1, colour, depth, samples)).unwrap();
            assert_eq!((picture.height, picture.width), (1, width as usize));
            (picture.channels, picture.values)
        };
        assert_eq!(read(2, ColorType::Grayscale, BitDepth::Eight, &[0, 51]), (1, vec![0.0, 0.2]));
        assert_eq!(read(3, ColorType::Grayscale, BitDepth::One, &[0b1010_0000]), (1, vec![1.0, 0.0, 1.0]));
        assert_eq!(read(1, ColorType::Grayscale, BitDepth::Sixteen, &[0x33, 0x33]), (1, vec![0.2]));
        assert_eq!(read(1, ColorType::GrayscaleAlpha, BitDepth::Eight, &[255, 51]), (1, vec![0.2]));
        let rgb = read(2, ColorType::Rgb, BitDepth::Eight, &[255, 0, 51, 0, 255, 0]);
        assert_eq!(rgb, (3, vec![1.0, 0.0, 0.0, 1.0, 0.2, 0.0]));
        assert_eq!(read(1, ColorType::Rgba, BitDepth::Eight, &[255, 0, 255, 0]), (3, vec![0.0; 3]));
        let wide = [0xff, 0xff, 0, 0, 0x33, 0x33, 0xff, 0xff];
        assert_eq!(read(1, ColorType::Rgba, BitDepth::Sixteen, &wide), (3, vec![1.0, 0.0, 0.2]));
        let palette = read(2, ColorType::Indexed, BitDepth::Two, &[0b0100_0000]);
        assert_eq!(palette, (3, vec![1.0, 0.0, 0.0, 0.0, 0.2, 0.0]));
    }

    #[test]
    fn rows_come_from_the_top() {
        let picture = Picture::read_png(&file(1, 2, ColorType::Grayscale, BitDepth::Eight, &[255, 0])).unwrap();
        assert_eq!((picture.height, picture.width, picture.values), (2, 1, vec![1.0, 0.0]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |bytes: &[u8]| Picture::read_png(bytes).unwrap_err();
        assert!(message(b"GIF89a").starts_with("no "), "{}", message(b"GIF89a"));
        let noise: Vec<u8> = (0..10_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let whole = file(100, 100, ColorType::Grayscale, BitDepth::Eight, &noise);
        assert_eq!(message(whole.get(..whole.len() / 2).unwrap()), "no whole PNG file: it ends early");
        // The decoder checks the sum of the header, which is made anew for a size that was changed.
        let sized = |width: u32, height: u32| {
            let mut bytes = whole.clone();
            bytes[16..20].copy_from_slice(&width.to_be_bytes());
            bytes[20..24].copy_from_slice(&height.to_be_bytes());
            let mut sum = flate2::Crc::new();
            sum.update(&bytes[12..29]);
            bytes[29..33].copy_from_slice(&sum.sum().to_be_bytes());
            bytes
        };
        assert!(message(&sized(100_000, 100_000)).contains("at most 67108864 pixels"));
        assert!(message(&sized(8000, 8000)).contains("cannot hold 8000 x 8000"));
        assert!(message(&sized(0, 5)).starts_with("no readable PNG file"));
    }

    proptest! {
        #[test]
        fn damaged_files_never_panic(
            place: proptest::sample::Index, value: u8, cut: proptest::sample::Index, noise in any::<[u8; 32]>(),
        ) {
            let mut bytes = file(4, 2, ColorType::Rgba, BitDepth::Eight, &noise);
            *place.get_mut(&mut bytes) = value;
            let _ = Picture::read_png(&noise);
            let _ = Picture::read_png(bytes.get(..cut.index(bytes.len())).unwrap());
            if let Ok(picture) = Picture::read_png(&bytes) {
                prop_assert_eq!(picture.values.len(), picture.channels * picture.height * picture.width);
            }
        }
    }
}
