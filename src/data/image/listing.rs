//! What a folder of pictures holds, told by the names of its files.
//!
//! Owns the two layouts that are known: IDX files a part, and PNG files in folders of labels. It works on names alone
//! and must not open files.

use crate::data::Part;
use crate::text::nearest;
use std::collections::BTreeMap;

/// What ends the name of a file of pictures, before `.gz`.
const IMAGES: &str = "-images-idx3-ubyte";

/// What ends the name of a file of labels, before `.gz`.
const LABELS: &str = "-idx1-ubyte";

/// Pictures of kinds that are not read.
const OTHER_KINDS: [&str; 8] = ["jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "avif"];

/// The layouts, for messages.
const EXPECTED: &str = "expected IDX files (train-images-idx3-ubyte.gz with train-labels-idx1-ubyte.gz) or PNG files \
                        in folders of labels (LABEL/*.png, or PART/LABEL/*.png with train, valid, test as PART)";

/// The files of a folder of pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// IDX files.
    Idx {
        /// The parts in the order train, valid, test; all have the same label columns.
        parts: Vec<IdxPart>,
    },
    /// PNG files in folders of labels.
    Pngs {
        /// The pictures, ascending by file.
        rows: Vec<PngRow>,
    },
}

/// The IDX files of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxPart {
    /// `train`, `valid` or `test`.
    pub part: String,
    /// The file of pictures.
    pub images: String,
    /// Column and file of labels, at least one, ascending by column.
    pub labels: Vec<(String, String)>,
}

/// A PNG file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PngRow {
    /// The file.
    pub file: String,
    /// The folder it lies in.
    pub label: String,
    /// `train`, `valid` or `test`, where the folders of labels lie in folders of parts.
    pub part: Option<String>,
}

/// Tells what a folder is from its files, given relative to it with `/` between folders, in any order. Hidden files
/// are passed over, and so are files that are no pictures.
///
/// # Errors
/// Where neither layout is found or both are; where a part has no labels, labels no pictures, or parts have labels of
/// different columns; where a picture lies in the wrong place or is of a kind that is not read.
pub fn folder(files: &[String]) -> Result<Listing, String> {
    let mut files: Vec<&str> = files.iter().map(String::as_str).filter(|file| !is_hidden(file)).collect();
    files.sort_unstable();
    files.dedup();
    let ends = |file: &&str, kinds: &[&str]| {
        let kind = file.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, kind)| kind);
        kind.is_some_and(|kind| kinds.iter().any(|known| kind.eq_ignore_ascii_case(known)))
    };
    let idx: Vec<&str> =
        files.iter().copied().filter(|file| unpacked_name(file).ends_with(LABELS) || is_images(file)).collect();
    let pngs: Vec<&str> = files.iter().copied().filter(|file| ends(file, &["png"])).collect();
    match (idx.first(), pngs.first()) {
        (Some(idx), Some(png)) => Err(format!("holds both IDX files ('{idx}') and PNG files ('{png}'); {EXPECTED}")),
        (Some(_), None) => idx_parts(&idx).map(|parts| Listing::Idx { parts }),
        (None, png) => match (files.iter().find(|file| ends(file, &OTHER_KINDS)), png) {
            (Some(other), _) => Err(format!("'{other}' is a picture of a kind that is not read; {EXPECTED}")),
            (None, Some(_)) => png_rows(&pngs).map(|rows| Listing::Pngs { rows }),
            (None, None) => Err(format!("none of its {} files is a picture; {EXPECTED}", files.len())),
        },
    }
}

/// Whether a file or a folder on the way to it begins with a dot, or is what archives of macOS leave.
fn is_hidden(file: &str) -> bool {
    file.split('/').any(|name| name.starts_with('.') || name == "__MACOSX")
}

/// The name of a file without `.gz`.
fn unpacked_name(file: &str) -> &str {
    file.strip_suffix(".gz").unwrap_or(file)
}

fn is_images(file: &str) -> bool {
    unpacked_name(file).ends_with(IMAGES)
}

/// The part that a word in a name stands for.
fn part(word: &str, file: &str) -> Result<Part, String> {
    let known = if word == "t10k" { Some(Part::Test) } else { Part::parse(word) };
    known.ok_or_else(|| {
        let hint = nearest(word, ["train", "valid", "test"]).map(|near| format!(" (did you mean '{near}'?)"));
        format!("'{file}': '{word}' is no part; expected train, valid, test{}", hint.unwrap_or_default())
    })
}

/// Files of one part while they are collected.
#[derive(Default)]
struct Found<'a> {
    images: Option<&'a str>,
    labels: BTreeMap<String, &'a str>,
}

/// Puts a file in its place; of a file and its packed form, the plain one stays, whose name comes first.
fn place<'a>(slot: Option<&'a str>, file: &'a str) -> Result<&'a str, String> {
    match slot {
        None => Ok(file),
        Some(before) if unpacked_name(before) == unpacked_name(file) => Ok(before),
        Some(before) => Err(format!("'{before}' and '{file}' are files for the same thing; keep one")),
    }
}

/// Puts sorted IDX files together by part.
fn idx_parts(files: &[&str]) -> Result<Vec<IdxPart>, String> {
    let mut parts: [Found<'_>; 3] = Default::default();
    for file in files.iter().copied() {
        let name = unpacked_name(file);
        if file.contains('/') {
            return Err(format!("'{file}' lies in a folder of its own; IDX files lie together at the top"));
        }
        let stem = name.strip_suffix(IMAGES).map(|word| (word, None));
        let stem =
            stem.or_else(|| name.strip_suffix(LABELS)?.split_once('-').map(|(word, column)| (word, Some(column))));
        let Some((word, column)) = stem.filter(|(_, column)| *column != Some("")) else {
            return Err(format!("'{file}' names no part; expected PART-NAME{LABELS} with train, valid, test as PART"));
        };
        let [train, valid, test] = &mut parts;
        let found = match part(word, file)? {
            Part::Train => train,
            Part::Valid => valid,
            Part::Test => test,
        };
        match column {
            None => found.images = Some(place(found.images, file)?),
            Some(column) => {
                let column = if column == "labels" { "label" } else { column };
                let kept = place(found.labels.get(column).copied(), file)?;
                found.labels.insert(column.to_owned(), kept);
            }
        }
    }
    let mut listed: Vec<IdxPart> = Vec::new();
    for (part, Found { images, labels }) in [Part::Train, Part::Valid, Part::Test].iter().zip(parts) {
        let part = part.name().to_owned();
        let images = match (images, labels.first_key_value()) {
            (None, None) => continue,
            (Some(images), Some(_)) => images.to_owned(),
            (Some(images), None) => {
                return Err(format!("'{images}' has no file of labels; expected {part}-labels{LABELS}[.gz]"));
            }
            (None, Some((_, file))) => {
                return Err(format!("'{file}' has no file of pictures; expected {part}{IMAGES}[.gz]"));
            }
        };
        let labels = labels.into_iter().map(|(column, file)| (column, file.to_owned())).collect();
        listed.push(IdxPart { part, images, labels });
    }
    same_columns(&listed)?;
    Ok(listed)
}

/// Every part must have the columns of every other.
fn same_columns(parts: &[IdxPart]) -> Result<(), String> {
    for (one, other) in parts.iter().zip(parts.iter().skip(1)).flat_map(|(a, b)| [(a, b), (b, a)]) {
        let lacks = |column: &String| other.labels.iter().all(|(known, _)| known != column);
        if let Some((column, file)) = one.labels.iter().find(|(column, _)| lacks(column)) {
            let name = if column == "label" { "labels" } else { column };
            let part = &other.part;
            return Err(format!(
                "'{file}' gives {} labels that {part} lacks; expected {part}-{name}{LABELS}[.gz]",
                one.part
            ));
        }
    }
    Ok(())
}

/// Reads label and part off the folders of sorted PNG files.
fn png_rows(files: &[&str]) -> Result<Vec<PngRow>, String> {
    let mut rows = Vec::with_capacity(files.len());
    for file in files.iter().copied() {
        let names: Vec<&str> = file.split('/').collect();
        let (label, part) = match *names.as_slice() {
            [label, _] => (label, None),
            [word, label, _] => (label, Some(part(word, file)?.name().to_owned())),
            _ => return Err(format!("'{file}' lies in no folder of a label; {EXPECTED}")),
        };
        rows.push(PngRow { file: file.to_owned(), label: label.to_owned(), part });
    }
    let with = rows.iter().find(|row| row.part.is_some());
    let without = rows.iter().find(|row| row.part.is_none());
    if let (Some(with), Some(without)) = (with, without) {
        return Err(format!("'{}' lies in a part and '{}' in none; {EXPECTED}", with.file, without.file));
    }
    // A label may be called `test`, but not every one.
    if with.is_none() && rows.iter().all(|row| Part::parse(&row.label).is_some()) {
        let file = without.map_or("", |row| row.file.as_str());
        return Err(format!(
            "'{file}' lies right in a part, expected a folder for its label between: PART/LABEL/*.png"
        ));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn listed(files: &[&str]) -> Result<Listing, String> {
        folder(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>())
    }

    fn owned(labels: &[(&str, &str)]) -> Vec<(String, String)> {
        labels.iter().map(|(column, file)| ((*column).to_owned(), (*file).to_owned())).collect()
    }

    #[test]
    fn idx_files_of_parts() {
        let files = [
            "t10k-labels-idx1-ubyte",
            "README.md",
            "train-labels-idx1-ubyte.gz",
            "train-images-idx3-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-images-idx3-ubyte",
        ];
        let train = IdxPart {
            part: "train".to_owned(),
            images: "train-images-idx3-ubyte.gz".to_owned(),
            labels: owned(&[("label", "train-labels-idx1-ubyte.gz")]),
        };
        let test = IdxPart {
            part: "test".to_owned(),
            images: "t10k-images-idx3-ubyte".to_owned(),
            labels: owned(&[("label", "t10k-labels-idx1-ubyte")]),
        };
        assert_eq!(listed(&files), Ok(Listing::Idx { parts: vec![train, test] }));
        let two = ["train-images-idx3-ubyte", "train-garment-idx1-ubyte", "train-digit-idx1-ubyte"];
        let Ok(Listing::Idx { parts }) = listed(&two) else { panic!("two columns are read") };
        let labels = owned(&[("digit", "train-digit-idx1-ubyte"), ("garment", "train-garment-idx1-ubyte")]);
        assert_eq!(parts[0].labels, labels);
    }

    #[test]
    fn png_files_of_labels() {
        let row = |file: &str, label: &str, part: Option<&str>| PngRow {
            file: file.to_owned(),
            label: label.to_owned(),
            part: part.map(str::to_owned),
        };
        let rows = vec![row("bus/2.PNG", "bus", None), row("train/1.png", "train", None)];
        assert_eq!(
            listed(&["train/1.png", ".x/1.png", "bus/._2.png", "notes.txt", "bus/2.PNG"]),
            Ok(Listing::Pngs { rows })
        );
        let rows = vec![row("test/cat/1.png", "cat", Some("test")), row("train/dog/1.png", "dog", Some("train"))];
        assert_eq!(listed(&["train/dog/1.png", "test/cat/1.png"]), Ok(Listing::Pngs { rows }));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let images = "train-images-idx3-ubyte";
        for (files, words) in [
            (vec![], "none of its 0 files is a picture; expected IDX files"),
            (vec!["a.csv"], "none of its 1 files is a picture"),
            (vec![images], "has no file of labels; expected train-labels-idx1-ubyte[.gz]"),
            (vec!["test-labels-idx1-ubyte"], "has no file of pictures; expected test-images-idx3-ubyte[.gz]"),
            (
                vec![images, "train-a-idx1-ubyte", "test-images-idx3-ubyte", "test-b-idx1-ubyte"],
                "'train-a-idx1-ubyte' gives train labels that test lacks; expected test-a-idx1-ubyte[.gz]",
            ),
            (
                vec![
                    images,
                    "train-labels-idx1-ubyte",
                    "test-images-idx3-ubyte",
                    "test-labels-idx1-ubyte",
                    "test-b-idx1-ubyte",
                ],
                "expected train-b-idx1-ubyte[.gz]",
            ),
            (
                vec!["trian-images-idx3-ubyte"],
                "'trian' is no part; expected train, valid, test (did you mean 'train'?)",
            ),
            (vec![images, "t10k-images-idx3-ubyte", "test-images-idx3-ubyte"], "keep one"),
            (vec![images, "train-label-idx1-ubyte", "train-labels-idx1-ubyte"], "keep one"),
            (vec!["raw/train-images-idx3-ubyte"], "lie together at the top"),
            (vec!["train-idx1-ubyte"], "names no part"),
            (vec![images, "cat/1.png"], "holds both"),
            (vec!["cat/1.png", "cat/2.jpeg"], "'cat/2.jpeg' is a picture of a kind that is not read"),
            (vec!["1.png"], "'1.png' lies in no folder of a label"),
            (vec!["a/b/c/1.png"], "lies in no folder of a label"),
            (vec!["tets/cat/1.png"], "did you mean 'test'?"),
            (vec!["train/1.png", "test/2.png"], "expected a folder for its label between"),
            (vec!["train/cat/1.png", "cat/2.png"], "lies in a part and 'cat/2.png' in none"),
        ] {
            let message = listed(&files).unwrap_err();
            assert!(message.contains(words), "{files:?}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_names_are_listed_alike_in_any_order(
            mut files in proptest::collection::vec("(train/|test/|t10k-|valid-|train-|x/|é/){0,3}(images-idx3-ubyte|labels-idx1-ubyte|-idx1-ubyte|.{0,3})(\\.png|\\.gz)?", 0..6),
        ) {
            let first = folder(&files);
            files.reverse();
            prop_assert_eq!(first, folder(&files));
        }
    }
}
