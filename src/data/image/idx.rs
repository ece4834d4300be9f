//! IDX files: arrays of bytes, as the MNIST digits come.
//!
//! Owns the format: two zero bytes, the type, the number of dimensions, each dimension in four bytes with the highest
//! first, then the values. A gzip file is unpacked on the way. It must not know what the values mean.

use super::picture::Picture;
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// The most values that are read.
const MOST: usize = 1 << 30;

/// The one type of value that is read: unsigned bytes.
const UNSIGNED_BYTE: u8 = 0x08;

/// The most dimensions.
const MOST_DIMENSIONS: u8 = 4;

/// An array of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    /// 1 to 4 sizes, none of them 0; the first counts the rows.
    pub dims: Vec<usize>,
    /// Row by row; as many as the product of `dims`.
    pub values: Vec<u8>,
}

impl Idx {
    /// Reads a file, plain or gzip as its first bytes say.
    ///
    /// # Errors
    /// Where it is no IDX file of bytes, says to hold nothing or too much, or holds fewer or more values than it says.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.starts_with(&[0x1f, 0x8b]) { unpacked(MultiGzDecoder::new(bytes)) } else { unpacked(bytes) }
    }

    /// How many pictures or labels it holds.
    pub fn rows(&self) -> usize {
        self.dims.first().copied().unwrap_or(0)
    }

    /// A row as a picture with values from 0 to 1; `None` past the last row or where `dims` are none of pictures:
    /// `[rows, height, width]` or `[rows, channels, height, width]`.
    pub fn picture(&self, row: usize) -> Option<Picture> {
        let (channels, height, width) = match *self.dims.as_slice() {
            [_, height, width] => (1, height, width),
            [_, channels, height, width] => (channels, height, width),
            _ => return None,
        };
        let size = channels.checked_mul(height)?.checked_mul(width)?;
        let from = row.checked_mul(size)?;
        let values = self.values.get(from..from.checked_add(size)?)?;
        Some(Picture {
            channels,
            height,
            width,
            values: values.iter().map(|value| f32::from(*value) / 255.0).collect(),
        })
    }
}

/// Reads the header and exactly the values that it promises.
fn unpacked(mut from: impl Read) -> Result<Idx, String> {
    let mut head = [0; 4];
    let no_header = |error: std::io::Error| format!("no IDX file: it ends or breaks in its header ({error})");
    from.read_exact(&mut head).map_err(no_header)?;
    let [zero, null, kind, dimensions] = head;
    if (zero, null) != (0, 0) {
        return Err(format!("no IDX file: it starts with bytes {zero} and {null}, expected two zeros"));
    }
    if kind != UNSIGNED_BYTE {
        let known = type_name(kind).map_or_else(|| format!("of unknown type {kind}"), |name| format!("{name}s"));
        return Err(format!("an IDX file of values {known}; only unsigned bytes (type 8) are read"));
    }
    if dimensions == 0 || dimensions > MOST_DIMENSIONS {
        return Err(format!("an IDX file of {dimensions} dimensions; 1 to {MOST_DIMENSIONS} are read"));
    }
    let mut dims = Vec::new();
    for _ in 0..dimensions {
        let mut size = [0; 4];
        from.read_exact(&mut size).map_err(no_header)?;
        dims.push(u32::from_be_bytes(size) as usize);
    }
    let written = dims.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
    let count = dims.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
    let count = match count {
        // A product of 0 may come after one that overflows; both hold nothing to learn from.
        _ if dims.contains(&0) => return Err(format!("an IDX file that says to hold nothing ({written})")),
        Some(count) if count <= MOST => count,
        _ => return Err(format!("an IDX file that says to hold {written} values; at most {MOST} are read")),
    };
    // One value more than promised is asked for, so that a longer file is found without unpacking it.
    let mut values = Vec::new();
    let ended = from.take(count as u64 + 1).read_to_end(&mut values);
    let rows = dims.first().copied().unwrap_or(1);
    let what = if dims.len() == 1 { "labels" } else { "pictures" };
    if values.len() < count {
        let whole = values.len() / (count / rows);
        let why = ended.err().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(format!("holds {whole} of {rows} {what}: it ends early{why}"));
    }
    if values.len() > count {
        return Err(format!("goes on after the {rows} {what} that it says to hold ({written})"));
    }
    ended.map_err(|error| format!("damaged after its last value ({error})"))?;
    Ok(Idx { dims, values })
}

/// The name of a type that IDX knows.
fn type_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0x09 => "signed byte",
        0x0b => "16-bit integer",
        0x0c => "32-bit integer",
        0x0d => "32-bit float",
        0x0e => "64-bit float",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn file(kind: u8, dims: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, kind, dims.len() as u8];
        bytes.extend(dims.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(values);
        bytes
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_packed_are_alike() {
        let plain = file(8, &[2, 1, 2], &[0, 255, 51, 102]);
        let idx = Idx::read(&plain).unwrap();
        assert_eq!(idx, Idx { dims: vec![2, 1, 2], values: vec![0, 255, 51, 102] });
        assert_eq!(Idx::read(&packed(&plain)).unwrap(), idx);
        let second = Picture { channels: 1, height: 1, width: 2, values: vec![0.2, 0.4] };
        assert_eq!((idx.rows(), idx.picture(1), idx.picture(2)), (2, Some(second), None));
        let colour = Idx::read(&file(8, &[1, 3, 1, 1], &[0, 0, 255])).unwrap();
        assert_eq!(colour.picture(0).unwrap().values, [0.0, 0.0, 1.0]);
        assert_eq!(Idx::read(&file(8, &[2], &[7, 9])).unwrap().picture(0), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |bytes: &[u8]| Idx::read(bytes).unwrap_err();
        let short = file(8, &[1000, 2, 2], &vec![1; 3998]);
        assert_eq!(message(&short), "holds 999 of 1000 pictures: it ends early");
        let long = file(8, &[2], &[1, 2, 3]);
        assert_eq!(message(&long), "goes on after the 2 labels that it says to hold (2)");
        let noise: Vec<u8> = (0..40_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let whole = packed(&file(8, &[100, 20, 20], &noise));
        let cut = message(whole.get(..whole.len() / 2).unwrap());
        assert!(cut.starts_with("holds ") && cut.contains(" of 100 pictures: it ends early ("), "{cut}");
        let mut damaged = whole.clone();
        let last = damaged.len() - 6;
        damaged[last] ^= 1;
        assert!(message(&damaged).starts_with("damaged after its last value"), "{}", message(&damaged));
        assert!(message(&file(0x0d, &[1], &[0; 4])).contains("32-bit floats; only unsigned bytes"));
        assert!(message(&file(7, &[1], &[0])).contains("unknown type 7"));
        assert!(message(&file(8, &[1, 1, 1, 1, 1], &[0])).contains("5 dimensions"));
        assert!(message(&file(8, &[u32::MAX; 4], &[])).contains("at most"));
        assert!(message(&file(8, &[u32::MAX, u32::MAX, u32::MAX, 0], &[])).contains("nothing"));
        assert!(message(b"PNG!").contains("expected two zeros"));
        assert!(message(&[0, 0]).contains("header"));
        assert!(message(&[0x1f, 0x8b, 8]).contains("header"));
    }

    #[test]
    fn a_packed_file_is_unpacked_no_further_than_it_says() {
        let bomb = packed(&file(8, &[3], &vec![0; 50_000_000]));
        assert!(Idx::read(&bomb).unwrap_err().contains("goes on after the 3 labels"));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Idx::read(&bytes);
            let _ = Idx::read(&file(8, &[2, 2], &bytes));
        }
        #[test]
        fn what_is_read_is_whole(place: proptest::sample::Index, value: u8, pack: bool) {
            let mut bytes = file(8, &[3, 2, 2], &[9; 12]);
            if pack {
                bytes = packed(&bytes);
            }
            *place.get_mut(&mut bytes) = value;
            if let Ok(idx) = Idx::read(&bytes) {
                prop_assert_eq!(idx.values.len(), idx.dims.iter().product::<usize>());
            }
        }
    }
}
