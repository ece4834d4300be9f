//! A CSV file in memory: a header and columns of text.
//!
//! Owns reading with bounded memory a record, and the checks of form: header, field counts, UTF-8, NUL bytes. It must
//! not know what a column means.

use crate::data::error::{DataError, shown};
use crate::text::nearest;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fmt::Write;
use std::io::{self, Read};

/// The longest record, in bytes; a longer one is some other file.
pub const MOST_RECORD_BYTES: usize = 1 << 20;

const BUFFER: usize = 1 << 16;

/// What stands for a value that is not there.
const MISSING: &[&str] = &["", "NA", "NaN", "nan", "?", "null"];

/// A table of text.
#[derive(Debug)]
pub(in crate::data) struct Sheet {
    /// For messages.
    pub file: String,
    /// Column names; none empty, all distinct.
    pub header: Vec<String>,
    columns: Vec<Cells>,
    /// The line on which each row begins.
    lines: Vec<u64>,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub fingerprint: String,
}

/// One column's cells, one after the other in one text.
#[derive(Debug, Default)]
struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    fn get(&self, row: usize) -> &str {
        let begin = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(row).and_then(|end| self.text.get(begin..*end)).unwrap_or("")
    }
}

/// Counts the bytes of the current record, refuses more than a record may have, and hashes all of them.
struct Capped<R> {
    inner: R,
    since: usize,
    over: bool,
    hash: Sha256,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since > MOST_RECORD_BYTES + BUFFER {
            self.over = true;
            return Err(io::Error::other("record too long"));
        }
        let count = self.inner.read(buffer)?;
        self.since += count;
        self.hash.update(buffer.get(..count).unwrap_or(&[]));
        Ok(count)
    }
}

impl Sheet {
    /// Reads a CSV file with a header.
    pub fn read(file: &str, input: impl Read, separator: u8) -> Result<Self, DataError> {
        let capped = Capped { inner: input, since: 0, over: false, hash: Sha256::new() };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .buffer_capacity(BUFFER)
            .from_reader(capped);
        let mut record = csv::ByteRecord::new();
        if !next(&mut reader, &mut record, file, None)? {
            return Err(DataError::file(file, "an empty file: expected a header and rows"));
        }
        let header = header(file, &record)?;
        let mut sheet = Self {
            file: file.to_owned(),
            columns: header.iter().map(|_| Cells::default()).collect(),
            header,
            lines: Vec::new(),
            fingerprint: String::new(),
        };
        while next(&mut reader, &mut record, file, Some(sheet.lines.len()))? {
            sheet.push(&record)?;
        }
        if sheet.lines.is_empty() {
            return Err(DataError::file(file, "a header but no rows"));
        }
        sheet.fingerprint = hexadecimal(&reader.into_inner().hash.finalize());
        Ok(sheet)
    }

    fn push(&mut self, record: &csv::ByteRecord) -> Result<(), DataError> {
        let row = self.lines.len();
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != self.header.len() {
            let message = format!("expected {} fields as in the header, found {}", self.header.len(), record.len());
            return Err(DataError::file(&self.file, message).in_row(row, line));
        }
        for ((field, cells), name) in record.iter().zip(&mut self.columns).zip(&self.header) {
            let text = text_of(field)
                .map_err(|message| DataError::file(&self.file, message).in_row(row, line).in_column(name))?;
            cells.text.push_str(text);
            cells.ends.push(cells.text.len());
        }
        self.lines.push(line);
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The place of a column, or a message with the nearest name.
    pub fn column(&self, name: &str) -> Result<usize, String> {
        if let Some(place) = self.header.iter().position(|column| column == name.trim()) {
            return Ok(place);
        }
        let near = nearest(name, self.header.iter().map(String::as_str));
        let near = near.map_or(String::new(), |near| format!(" (did you mean {}?)", shown(near)));
        let separator = match self.header.as_slice() {
            [only] if only.contains([';', '\t', '|', ',']) => {
                format!("; the header has one column, {}: is another separator meant?", shown(only))
            }
            _ => String::new(),
        };
        Err(format!("no column {}{near}{separator}", shown(name)))
    }

    /// The text of a cell, without blanks around it; `None` where the value is missing.
    pub fn value(&self, column: usize, row: usize) -> Option<&str> {
        present(self.columns.get(column)?.get(row))
    }

    /// A fault of one cell.
    pub fn cell_fault(&self, column: usize, row: usize, message: impl Into<String>) -> DataError {
        self.column_fault(column, message).in_row(row, self.lines.get(row).copied().unwrap_or(0))
    }

    /// A fault of one column.
    pub fn column_fault(&self, column: usize, message: impl Into<String>) -> DataError {
        DataError::file(&self.file, message).in_column(self.header.get(column).map_or("", String::as_str))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The cell's text, or `None` where it stands for a missing value.
pub(in crate::data) fn present(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    (!MISSING.contains(&cell)).then_some(cell)
}

/// Reads a record; `false` at the end. `row` is `None` for the header.
fn next<R: Read>(
    reader: &mut csv::Reader<Capped<R>>,
    record: &mut csv::ByteRecord,
    file: &str,
    row: Option<usize>,
) -> Result<bool, DataError> {
    let line = reader.position().line();
    let fault = |message: String| match row {
        Some(row) => DataError::file(file, message).in_row(row, line),
        None => DataError::file(file, format!("the header: {message}")),
    };
    let read = reader.read_byte_record(record);
    let capped = reader.get_mut();
    if capped.over || record.as_slice().len() > MOST_RECORD_BYTES {
        return Err(fault("longer than 1 MiB".to_owned()));
    }
    capped.since = 0;
    read.map_err(|error| match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::IsADirectory => {
            DataError::file(file, "a directory, not a CSV file")
        }
        _ => fault(error.to_string()),
    })
}

fn text_of(field: &[u8]) -> Result<&str, String> {
    if field.contains(&0) {
        return Err("a NUL byte".to_owned());
    }
    std::str::from_utf8(field).map(str::trim).map_err(|_| {
        let text = String::from_utf8_lossy(field);
        format!("not UTF-8: {}", shown(&text))
    })
}

fn header(file: &str, record: &csv::ByteRecord) -> Result<Vec<String>, DataError> {
    let mut seen = HashSet::new();
    let mut names = Vec::with_capacity(record.len());
    for (place, field) in record.iter().enumerate() {
        let fault = |message: String| DataError::file(file, format!("the header, column {}: {message}", place + 1));
        let name = text_of(field).map_err(fault)?;
        let name = if place == 0 { name.trim_start_matches('\u{feff}').trim() } else { name };
        if name.is_empty() {
            return Err(fault("no name".to_owned()));
        }
        if !seen.insert(name.to_owned()) {
            return Err(fault(format!("a second column {}", shown(name))));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Sheet, String> {
        Sheet::read("t.csv", bytes, b',').map_err(|error| error.to_string())
    }

    #[test]
    fn cells_come_back_trimmed_and_missing_ones_are_none() {
        let sheet = read("\u{feff}a, b\n1,\" x, y\"\n?,NA\n,é\n".as_bytes()).unwrap();
        assert_eq!(sheet.header, ["a", "b"]);
        let cells: Vec<_> = (0..3).map(|row| (sheet.value(0, row), sheet.value(1, row))).collect();
        assert_eq!(cells, [(Some("1"), Some("x, y")), (None, None), (None, Some("é"))]);
        assert_eq!(sheet.value(5, 0), None);
        let digest = Sha256::digest("\u{feff}a, b\n1,\" x, y\"\n?,NA\n,é\n".as_bytes());
        assert_eq!(sheet.fingerprint, hexadecimal(&digest));
    }

    #[test]
    fn faults_of_form_name_the_row() {
        let message = |bytes: &[u8]| read(bytes).unwrap_err();
        assert_eq!(message(b""), "t.csv: an empty file: expected a header and rows");
        assert_eq!(message(b"a,b\n"), "t.csv: a header but no rows");
        assert_eq!(message(b"a,a\n1,2\n"), "t.csv: the header, column 2: a second column 'a'");
        assert_eq!(message(b"a,\n1,2\n"), "t.csv: the header, column 2: no name");
        assert_eq!(message(b"a,b\n1,2\n3\n"), "t.csv: row 2 (line 3): expected 2 fields as in the header, found 1");
        assert_eq!(message(b"a,b\n1,\"2\n2\"\n3,x\0y\n"), "t.csv: row 2 (line 4), column 'b': a NUL byte");
        assert_eq!(message(b"a,b\n1,\xff\n"), "t.csv: row 1 (line 2), column 'b': not UTF-8: '\u{fffd}'");
    }

    #[test]
    fn a_missing_column_names_the_nearest_and_the_separator() {
        let sheet = read(b"digit,ink\n1,2\n").unwrap();
        assert_eq!(sheet.column("digti").unwrap_err(), "no column 'digti' (did you mean 'digit'?)");
        let sheet = read(b"digit;ink\n1;2\n").unwrap();
        assert!(sheet.column("ink").unwrap_err().contains("is another separator meant?"));
    }

    /// Endless bytes without a line's end, counted.
    struct Endless<'a>(&'a mut usize, &'static [u8]);

    impl Read for Endless<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len();
            for (place, byte) in buffer.iter_mut().enumerate() {
                *byte = self.1.get(*self.0 + place).copied().unwrap_or(b'x');
            }
            *self.0 += count;
            Ok(count)
        }
    }

    #[test]
    fn a_line_without_end_is_refused_after_little_more_than_its_bound() {
        for (begin, message) in [
            (&b"a,b\n1,2\n"[..], "t.csv: row 2 (line 3): longer than 1 MiB"),
            (b"", "t.csv: the header: longer than 1 MiB"),
            (b"a\n\"", "t.csv: row 1 (line 2): longer than 1 MiB"),
        ] {
            let mut count = 0;
            let error = Sheet::read("t.csv", Endless(&mut count, begin), b',').unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(count < MOST_RECORD_BYTES + 4 * BUFFER, "{count}");
        }
    }

    #[test]
    fn a_record_of_just_a_mebibyte_is_read() {
        let mut bytes = b"a\n".to_vec();
        bytes.extend(vec![b'x'; MOST_RECORD_BYTES]);
        assert!(read(&bytes).is_ok());
        bytes.push(b'x');
        assert!(read(&bytes).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(
            proptest::prop_oneof![
                proptest::prelude::any::<u8>(), proptest::sample::select(b"a,\n\"\r1".to_vec())], 0..80)) {
            if let Ok(sheet) = read(&bytes) {
                for row in 0..=sheet.rows() {
                    for column in 0..=sheet.header.len() {
                        let _ = sheet.value(column, row);
                    }
                }
            }
        }
    }
}
