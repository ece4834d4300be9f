//! Inputs of any kind that a trained network shall answer: a table's rows, texts, recordings or pictures.
//!
//! Owns the forms in which they come and the bounds of a chunk of them. It must not learn anything from them, and it
//! holds one chunk at a time.

use super::batch::Inputs;
use super::error::DataError;
use super::files::Folder;
use super::image::Picture;
use super::input::{InputEncoding, InputRows};
use super::new_lines::NewLines;
use super::new_rows::{Chunk, NewRows};
use super::preprocessing::Preprocessing;
use super::speech::Sound;
use super::table::{Records, find_column, present, separator_hint};
use std::io::Read;
use std::path::Path;

/// The column of an input that came without a header.
const COLUMN: &str = "input";
/// Rows of a chunk at most.
const MOST_ROWS: usize = 256;
/// Tokens, or values of pictures, that a chunk is meant to hold; a row that has more is a chunk of its own.
const MOST_TOKENS: usize = 1 << 14;
const MOST_VALUES: usize = 1 << 20;
/// Recordings of a chunk at most: a minute of sound is thousands of frames.
const MOST_RECORDINGS: usize = 8;
/// Bytes of text after which a chunk ends.
const MOST_BYTES: usize = 4 << 20;

/// The form in which inputs come, as the name of their file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputForm {
    /// `.csv`, or `.tsv` with tabs: a table with a header.
    Table {
        /// Whether tabs separate its columns.
        tabs: bool,
    },
    /// `.wav`: one recording.
    Recording,
    /// `.png`: one picture.
    Picture,
    /// Anything else, such as stdin.
    Lines,
}

impl InputForm {
    /// The form of a file of this name.
    pub fn of(path: &Path) -> Self {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Self::Table { tabs: false },
            Some("tsv") => Self::Table { tabs: true },
            Some("wav") => Self::Recording,
            Some("png") => Self::Picture,
            _ => Self::Lines,
        }
    }
}

/// Inputs that are read chunk by chunk.
pub enum NewInputs<R> {
    /// Rows of a table, whose columns are the inputs.
    Rows(Box<NewRows<R>>),
    /// Rows that each have one cell as their input: a text, or the path of a file.
    Cells(Box<NewCells<R>>),
}

impl<R: Read> NewInputs<R> {
    /// A table. `column` holds the input where that is one cell; paths in it begin at `folder`. `file` is for messages.
    ///
    /// # Errors
    /// Where there is no header, or an input is not in it.
    pub fn table(
        file: &str,
        input: R,
        separator: u8,
        column: &str,
        folder: Folder,
        preprocessing: &Preprocessing,
    ) -> Result<Self, DataError> {
        if matches!(preprocessing.input, InputEncoding::Table { .. }) {
            return NewRows::open(file, input, separator, preprocessing.clone()).map(|rows| Self::Rows(Box::new(rows)));
        }
        let records = Records::open(file, input, separator)?;
        let header = records.header().to_vec();
        let place = find_column(&header, column).map_err(|message| {
            DataError::file(file, format!("{message}, needed as input{}", separator_hint(&header)))
        })?;
        let cells = Cells::Table { records: Box::new(records), place, column: column.trim().to_owned() };
        Ok(Self::Cells(Box::new(NewCells::new(header, cells, folder, preprocessing))))
    }

    /// Lines, each of which is a text or a path that begins at `folder`. Not for a source that is a table.
    pub fn lines(file: &str, input: R, folder: Folder, preprocessing: &Preprocessing) -> Self {
        let cells = Cells::Lines(NewLines::new(file, input));
        Self::Cells(Box::new(NewCells::new(vec![COLUMN.to_owned()], cells, folder, preprocessing)))
    }

    /// One file that is itself the input. Not for a source that is a table.
    pub fn one_file(path: &Path, preprocessing: &Preprocessing) -> Self {
        let cells = Cells::File(Some(path.display().to_string()));
        let folder = Folder::Disk(Path::new("").to_owned());
        Self::Cells(Box::new(NewCells::new(vec![COLUMN.to_owned()], cells, folder, preprocessing)))
    }

    /// Names of all columns.
    pub fn header(&self) -> &[String] {
        match self {
            Self::Rows(rows) => rows.header(),
            Self::Cells(cells) => &cells.header,
        }
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// With its place. All rows before the faulty one have come out then, whatever the size of a chunk is.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        match self {
            Self::Rows(rows) => rows.next_chunk(),
            Self::Cells(cells) => cells.next_chunk(),
        }
    }
}

/// Rows that each have one cell as their input.
pub struct NewCells<R> {
    header: Vec<String>,
    cells: Cells<R>,
    folder: Folder,
    encoding: InputEncoding,
    /// What ended the reading; told after the rows before it.
    fault: Option<DataError>,
}

/// Where cells come from.
enum Cells<R> {
    Table { records: Box<Records<R>>, place: usize, column: String },
    Lines(NewLines<R>),
    File(Option<String>),
}

impl<R: Read> NewCells<R> {
    fn new(header: Vec<String>, cells: Cells<R>, folder: Folder, preprocessing: &Preprocessing) -> Self {
        Self { header, cells, folder, encoding: preprocessing.input.clone(), fault: None }
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let most = self.encoding.rows_of_a_chunk();
        let (mut rows, mut bytes, mut inputs) = (Vec::new(), 0, self.encoding.no_rows());
        while rows.len() < most && bytes < MOST_BYTES && (rows.is_empty() || !self.cells.is_waiting()) {
            match self.cells.next(&self.encoding, &self.folder, &mut inputs) {
                Ok(Some(row)) => {
                    bytes += row.iter().map(String::len).sum::<usize>();
                    rows.push(row);
                }
                Ok(None) => break,
                Err(fault) if rows.is_empty() => return Err(fault),
                Err(fault) => {
                    self.fault = Some(fault);
                    break;
                }
            }
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let inputs = inputs.take(&(0..rows.len()).collect::<Vec<_>>());
        Ok(Some(Chunk { rows, inputs }))
    }
}

impl<R: Read> Cells<R> {
    /// Reads a row and appends its input.
    fn next(
        &mut self,
        encoding: &InputEncoding,
        folder: &Folder,
        inputs: &mut InputRows,
    ) -> Result<Option<Vec<String>>, DataError> {
        match self {
            Self::Table { records, place, column } => {
                let Some(row) = records.next()? else { return Ok(None) };
                let cell = row.fields.get(*place).copied().unwrap_or("");
                encoding.append(cell, folder, inputs).map_err(|message| row.fault(message).in_column(column))?;
                Ok(Some(row.fields.iter().map(|field| (*field).to_owned()).collect()))
            }
            Self::Lines(lines) => {
                let Some(line) = lines.next_line()? else { return Ok(None) };
                encoding.append(&line, folder, inputs).map_err(|message| lines.fault(message))?;
                Ok(Some(vec![line]))
            }
            Self::File(file) => {
                let Some(file) = file.take() else { return Ok(None) };
                let bytes = folder.read(&file);
                let appended = bytes.and_then(|bytes| encoding.append_file(&bytes, inputs));
                appended.map_err(|message| DataError::file(&file, message))?;
                Ok(Some(vec![file]))
            }
        }
    }

    /// Whether the next row may take a while to come, because whoever writes it has not done so.
    fn is_waiting(&self) -> bool {
        matches!(self, Self::Lines(lines) if !lines.is_next_here())
    }
}

impl InputEncoding {
    /// The input of one cell: a text, or the path of a file that begins at `folder`.
    ///
    /// # Errors
    /// A sentence: the file is missing or broken, or a table's row has more than one cell.
    pub fn one(&self, cell: &str, folder: &Folder) -> Result<Inputs, String> {
        let mut inputs = self.no_rows();
        self.append(cell, folder, &mut inputs)?;
        Ok(inputs.take(&[0]))
    }

    /// Inputs of this form, none yet.
    pub(super) fn no_rows(&self) -> InputRows {
        match self {
            Self::Table { .. } => InputRows::Vectors { values: Vec::new(), width: 0 },
            Self::Text(_) => InputRows::Tokens(Vec::new()),
            Self::Speech(speech) => InputRows::Frames { rows: Vec::new(), width: speech.width() },
            Self::Image(image) => InputRows::Pictures {
                values: Vec::new(),
                channels: image.channels,
                height: image.height,
                width: image.width,
            },
        }
    }

    fn rows_of_a_chunk(&self) -> usize {
        match self {
            Self::Table { .. } => MOST_ROWS,
            Self::Text(text) => (MOST_TOKENS / text.longest.max(1)).clamp(1, MOST_ROWS),
            Self::Speech(_) => MOST_RECORDINGS,
            Self::Image(image) => (MOST_VALUES / image.size().max(1)).clamp(1, MOST_ROWS),
        }
    }

    /// Appends the input of a cell, read as in training.
    pub(super) fn append(&self, cell: &str, folder: &Folder, inputs: &mut InputRows) -> Result<(), String> {
        let expected = match (self, &mut *inputs) {
            (Self::Text(text), InputRows::Tokens(rows)) => {
                rows.push(text.encode(present(cell).unwrap_or("")));
                return Ok(());
            }
            (Self::Speech(_), _) => "a WAV file",
            (Self::Image(_), _) => "a PNG file",
            _ => return Err("a table's row is more than one cell".to_owned()),
        };
        let file = present(cell).ok_or_else(|| format!("empty: expected the path of {expected}"))?;
        let appended = folder.read(file).and_then(|bytes| self.append_file(&bytes, inputs));
        appended.map_err(|message| format!("{file}: {message}"))
    }

    /// Appends the input that a file's bytes are.
    fn append_file(&self, bytes: &[u8], inputs: &mut InputRows) -> Result<(), String> {
        match (self, inputs) {
            (Self::Speech(speech), InputRows::Frames { rows, .. }) => rows.push(speech.encode(Sound::read(bytes)?)),
            (Self::Image(image), InputRows::Pictures { values, .. }) => {
                values.extend(image.encode(&Picture::read_png(bytes)?)?);
            }
            _ => return Err("neither a recording nor a picture is expected".to_owned()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::text::{TextEncoding, Unit, Vocabulary};
    use crate::data::{PREPROCESSING_VERSION, speech};

    fn preprocessing(input: InputEncoding) -> Preprocessing {
        Preprocessing { version: PREPROCESSING_VERSION, source: "s".to_owned(), input, targets: Vec::new() }
    }

    fn text() -> Preprocessing {
        let vocabulary = Vocabulary::learn(["a b"], Unit::Word, 1, 9);
        preprocessing(InputEncoding::Text(TextEncoding { vocabulary, longest: 64, turns: false }))
    }

    fn speech() -> Preprocessing {
        let log_mel = speech::LogMel::default();
        preprocessing(InputEncoding::Speech(speech::SpeechEncoding::learn(log_mel, std::iter::empty())))
    }

    fn folder(path: &Path) -> Folder {
        Folder::Disk(path.to_owned())
    }

    #[test]
    fn a_name_tells_the_form() {
        for (name, form) in [
            ("a.csv", InputForm::Table { tabs: false }),
            ("a.TSV", InputForm::Table { tabs: true }),
            ("b/a.Wav", InputForm::Recording),
            ("a.png", InputForm::Picture),
            ("a.txt", InputForm::Lines),
            ("-", InputForm::Lines),
            (".csv", InputForm::Lines),
        ] {
            assert_eq!(InputForm::of(Path::new(name)), form, "{name}");
        }
    }

    #[test]
    fn lines_and_cells_are_encoded_alike() {
        let here = folder(Path::new(""));
        let mut lines = NewInputs::lines("stdin", &b"b a\n\nx\n"[..], here.clone(), &text());
        assert_eq!(lines.header(), ["input"]);
        let table = &b"id,say\n1,b a\n2,\n3,x\n"[..];
        let mut cells = NewInputs::table("n.csv", table, b',', "say", here, &text()).unwrap();
        assert_eq!(cells.header(), ["id", "say"]);
        let (lines, cells) = (lines.next_chunk().unwrap().unwrap(), cells.next_chunk().unwrap().unwrap());
        assert_eq!(lines.inputs, Inputs::tokens(&[&[3, 2], &[0], &[0]]));
        assert_eq!(cells.inputs, lines.inputs);
        assert_eq!(lines.rows, [["b a"], [""], ["x"]]);
        assert_eq!(cells.rows[0], ["1", "b a"]);
    }

    #[test]
    fn rows_before_a_fault_come_out_first_and_many_come_in_chunks() {
        let many = "a\n".repeat(600) + "\0\n";
        let mut lines = NewInputs::lines("stdin", many.as_bytes(), folder(Path::new("")), &text());
        let mut sizes = Vec::new();
        let fault = loop {
            match lines.next_chunk() {
                Ok(chunk) => sizes.push(chunk.unwrap().rows.len()),
                Err(fault) => break fault.to_string(),
            }
        };
        assert_eq!(sizes, [256, 256, 88]);
        assert_eq!(fault, "stdin: row 601 (line 601): a NUL byte");
    }

    #[test]
    fn a_line_is_answered_before_the_next_is_there() {
        // Two reads, as of somebody who types.
        let typed = (&b"a\n"[..]).chain(&b"b\nb\n"[..]);
        let mut lines = NewInputs::lines("stdin", typed, folder(Path::new("")), &text());
        assert_eq!(lines.next_chunk().unwrap().unwrap().rows, [["a"]]);
        assert_eq!(lines.next_chunk().unwrap().unwrap().rows, [["b"], ["b"]]);
        assert_eq!(lines.next_chunk(), Ok(None));
    }

    #[test]
    fn files_that_do_not_fit_are_told_with_their_place() {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::write(scratch.path().join("b.wav"), b"RIFF").unwrap();
        for (cells, fault) in [
            ("1,a.wav\n", "n.csv: row 1 (line 2), column 'path': a.wav: no such file"),
            ("1,b.wav\n", "n.csv: row 1 (line 2), column 'path': b.wav: this is not a WAV file"),
            ("1,?\n", "n.csv: row 1 (line 2), column 'path': empty: expected the path of a WAV file"),
            ("1,.\n", "n.csv: row 1 (line 2), column 'path': .: a directory"),
        ] {
            let table = format!("id,path\n{cells}");
            let mut rows =
                NewInputs::table("n.csv", table.as_bytes(), b',', "path", folder(scratch.path()), &speech()).unwrap();
            let found = rows.next_chunk().unwrap_err().to_string();
            assert!(found.starts_with(fault), "{found}");
        }
        let broken = scratch.path().join("b.wav");
        let found = NewInputs::<&[u8]>::one_file(&broken, &speech()).next_chunk().unwrap_err().to_string();
        assert!(found.contains("b.wav: this is not a WAV file"), "{found}");
        let table = NewInputs::table("n.csv", &b"txt\na\n"[..], b',', "text", folder(Path::new("")), &text());
        let found = table.err().unwrap().to_string();
        assert_eq!(found, "n.csv: no column 'text' (did you mean 'txt'?), needed as input");
    }
}
