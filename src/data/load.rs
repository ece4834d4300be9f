//! Reading a source of any kind: its rows as a table of text, then the inputs of all rows.
//!
//! Owns the order of reading and the faults of single files, told with their row. Only rows of the training part have a
//! say in what is learned.

use super::error::DataError;
use super::files::{Folder, open};
use super::image::{Idx, ImageEncoding, Listing, Picture, folder};
use super::input::{InputEncoding, InputRows};
use super::speech::{LogMel, Sound, SpeechEncoding};
use super::split::Parts;
use super::table::{Sheet, hexadecimal};
use super::table_input;
use super::text::{TextEncoding, Vocabulary};
use crate::config::{SourceConfig, SourceKind, TaskConfig};
use sha2::{Digest, Sha256};

/// A source's rows, its inputs not read yet.
#[derive(Debug)]
pub(super) struct Loaded {
    pub sheet: Sheet,
    folder: Folder,
    /// Pictures that came with the rows, in their order; else they lie in files that the rows name.
    pictures: Option<Vec<Picture>>,
}

/// The inputs of all rows.
#[derive(Debug)]
pub(super) struct LoadedInputs {
    pub encoding: InputEncoding,
    pub rows: InputRows,
    /// What a person knows each row by; empty where rows have only numbers.
    pub shown: Vec<String>,
    /// SHA-256 over the table and every file that was read.
    pub fingerprint: String,
}

/// Reads the rows of a source.
pub(super) fn load(config: &SourceConfig) -> Result<Loaded, DataError> {
    if config.kind == SourceKind::Image
        && let Some(folder) = Folder::of(&config.path)
    {
        return pictures_of(&config.path.to_string(), &config.input, folder);
    }
    let (table, folder) = open(&config.path)?;
    let sheet = Sheet::read(&config.path.to_string(), table, config.separator)?;
    Ok(Loaded { sheet, folder, pictures: None })
}

/// The rows of a folder of pictures: a column for the file, one for the part where there are parts, one a label.
fn pictures_of(name: &str, input: &str, place: Folder) -> Result<Loaded, DataError> {
    let fault = |message: String| DataError::file(name, message);
    let listing = place.files().and_then(|files| folder(&files)).map_err(fault)?;
    let mut hash = Sha256::new();
    let (mut header, mut rows, mut pictures) = (vec![input.to_owned()], Vec::new(), None);
    match listing {
        Listing::Pngs { rows: files } => {
            let parts = files.iter().any(|row| row.part.is_some());
            header.push("label".to_owned());
            header.extend(parts.then(|| "split".to_owned()));
            for row in files {
                let part = parts.then(|| row.part.unwrap_or_default());
                rows.push([row.file, row.label].into_iter().chain(part).collect::<Vec<_>>());
            }
        }
        Listing::Idx { parts } => {
            let read = |file: &str, hash: &mut Sha256| {
                let at = |message: String| DataError::file(&format!("{name}/{file}"), message);
                let bytes = place.read(file).map_err(at)?;
                hash.update(&bytes);
                Idx::read(&bytes).map_err(at)
            };
            header.push("split".to_owned());
            let mut all = Vec::new();
            for (number, part) in parts.into_iter().enumerate() {
                let images = read(&part.images, &mut hash)?;
                let mut labels = Vec::with_capacity(part.labels.len());
                for (column, file) in &part.labels {
                    if number == 0 {
                        header.push(column.clone());
                    }
                    let values = read(file, &mut hash)?.values;
                    if values.len() != images.rows() {
                        let message =
                            format!("{} labels for the {} pictures of {}", values.len(), images.rows(), part.images);
                        return Err(DataError::file(&format!("{name}/{file}"), message));
                    }
                    labels.push(values);
                }
                for row in 0..images.rows() {
                    let shown = format!("{} picture {}", part.part, row + 1);
                    let cells = labels.iter().map(|values| values.get(row).map_or(String::new(), u8::to_string));
                    rows.push([shown, part.part.clone()].into_iter().chain(cells).collect());
                    all.extend(images.picture(row));
                }
            }
            if all.len() != rows.len() {
                return Err(fault("expected pictures of rows and columns (IDX files of three dimensions)".to_owned()));
            }
            pictures = Some(all);
        }
    }
    if rows.is_empty() {
        return Err(fault("no pictures".to_owned()));
    }
    let sheet = Sheet::made(name, header, &rows, hexadecimal(&hash.finalize()));
    Ok(Loaded { sheet, folder: place, pictures })
}

impl Loaded {
    /// Rows that lie in no folder.
    #[cfg(test)]
    pub fn table(sheet: Sheet) -> Self {
        Self { sheet, folder: Folder::Builtin(String::new()), pictures: None }
    }

    /// Learns from the training rows how to encode, and encodes all rows.
    pub fn inputs(
        &mut self,
        config: &SourceConfig,
        tasks: &[Option<&TaskConfig>],
        parts: &Parts,
        notes: &mut Vec<String>,
    ) -> Result<LoadedInputs, DataError> {
        let mut fingerprint = Sha256::new();
        fingerprint.update(self.sheet.fingerprint.as_bytes());
        let (encoding, rows, shown) = match config.kind {
            SourceKind::Table => {
                let (features, columns) = table_input::features(&self.sheet, config, tasks, parts, notes)?;
                let width = features.iter().map(super::table::Feature::width).sum();
                let values = table_input::inputs(&self.sheet, &features, &columns, width)?;
                let rows = InputRows::Vectors { values, width };
                let fingerprint = self.sheet.fingerprint.clone();
                return Ok(LoadedInputs {
                    encoding: InputEncoding::Table { features },
                    rows,
                    shown: Vec::new(),
                    fingerprint,
                });
            }
            SourceKind::Text | SourceKind::Dialogue => self.texts(config, parts)?,
            SourceKind::Speech => self.speech(config, parts, &mut fingerprint)?,
            SourceKind::Image => self.images(config, parts, &mut fingerprint)?,
        };
        Ok(LoadedInputs { encoding, rows, shown, fingerprint: hexadecimal(&fingerprint.finalize()) })
    }

    fn texts(
        &self,
        config: &SourceConfig,
        parts: &Parts,
    ) -> Result<(InputEncoding, InputRows, Vec<String>), DataError> {
        let column = self.column(&config.input)?;
        let text = |row: usize| self.sheet.value(column, row).unwrap_or("");
        let turns = config.kind == SourceKind::Dialogue;
        let of_train: Vec<String> = parts.train.iter().map(|row| text(*row).replace(" | ", " ")).collect();
        let of_train: Vec<&str> = if turns {
            of_train.iter().map(String::as_str).collect()
        } else {
            parts.train.iter().map(|row| text(*row)).collect()
        };
        let options = &config.text;
        let vocabulary = Vocabulary::learn(of_train, options.unit, options.min_count, options.vocabulary);
        let encoding = TextEncoding { vocabulary, longest: options.longest, turns };
        let shown: Vec<String> = (0..self.sheet.rows()).map(|row| text(row).to_owned()).collect();
        let rows = shown.iter().map(|text| encoding.encode(text)).collect();
        Ok((InputEncoding::Text(encoding), InputRows::Tokens(rows), shown))
    }

    fn speech(
        &self,
        config: &SourceConfig,
        parts: &Parts,
        hash: &mut Sha256,
    ) -> Result<(InputEncoding, InputRows, Vec<String>), DataError> {
        let options = &config.speech;
        let log_mel = LogMel::checked(options.rate, options.window, options.hop, options.bands)
            .map_err(|message| DataError::file(&self.sheet.file, message))?;
        let column = self.column(&config.input)?;
        let (mut frames, mut shown) = (Vec::new(), Vec::new());
        for row in 0..self.sheet.rows() {
            let file = self.file(column, row, "a WAV file")?;
            let bytes = self.bytes(column, row, file)?;
            hash.update(&bytes);
            let sound = Sound::read(&bytes)
                .map_err(|message| self.sheet.cell_fault(column, row, format!("{file}: {message}")))?;
            frames.push(log_mel.hear(sound));
            shown.push(file.to_owned());
        }
        let of_train = parts.train.iter().filter_map(|row| frames.get(*row)).map(Vec::as_slice);
        let encoding = SpeechEncoding::learn(log_mel, of_train);
        let rows = frames.into_iter().map(|frames| encoding.scaled(frames)).collect();
        let width = encoding.width();
        Ok((InputEncoding::Speech(encoding), InputRows::Frames { rows, width }, shown))
    }

    fn images(
        &mut self,
        config: &SourceConfig,
        parts: &Parts,
        hash: &mut Sha256,
    ) -> Result<(InputEncoding, InputRows, Vec<String>), DataError> {
        let column = self.column(&config.input)?;
        let mut shown = Vec::with_capacity(self.sheet.rows());
        let pictures = match self.pictures.take() {
            Some(pictures) => pictures,
            None => (0..self.sheet.rows())
                .map(|row| {
                    let file = self.file(column, row, "a PNG file")?;
                    let bytes = self.bytes(column, row, file)?;
                    hash.update(&bytes);
                    Picture::read_png(&bytes)
                        .map_err(|message| self.sheet.cell_fault(column, row, format!("{file}: {message}")))
                })
                .collect::<Result<Vec<_>, _>>()?,
        };
        let of_train = parts.train.iter().filter_map(|row| pictures.get(*row));
        let encoding = ImageEncoding::learn(of_train).map_err(|message| DataError::file(&self.sheet.file, message))?;
        let mut values = Vec::with_capacity(encoding.size().saturating_mul(pictures.len()).min(1 << 29));
        for (row, picture) in pictures.iter().enumerate() {
            values.extend(encoding.encode(picture).map_err(|message| self.sheet.cell_fault(column, row, message))?);
            shown.push(self.sheet.value(column, row).unwrap_or("").to_owned());
        }
        let ImageEncoding { channels, height, width, .. } = encoding;
        Ok((InputEncoding::Image(encoding), InputRows::Pictures { values, channels, height, width }, shown))
    }

    fn column(&self, name: &str) -> Result<usize, DataError> {
        self.sheet.column(name).map_err(|message| DataError::file(&self.sheet.file, message))
    }

    /// The path in a cell.
    fn file(&self, column: usize, row: usize, expected: &str) -> Result<&str, DataError> {
        let missing = || self.sheet.cell_fault(column, row, format!("empty: expected the path of {expected}"));
        self.sheet.value(column, row).ok_or_else(missing)
    }

    fn bytes(&self, column: usize, row: usize, file: &str) -> Result<std::borrow::Cow<'static, [u8]>, DataError> {
        self.folder.read(file).map_err(|message| self.sheet.cell_fault(column, row, format!("{file}: {message}")))
    }
}
