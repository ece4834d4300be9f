//! A CSV file in memory: a header and columns of text.
//!
//! Owns the cells. It must not know what a column means; `records` checks the form.

use super::records::{Records, find_column, separator_hint};
use crate::data::error::DataError;
use std::io::Read;

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

impl Sheet {
    /// Reads a CSV file with a header.
    pub fn read(file: &str, input: impl Read, separator: u8) -> Result<Self, DataError> {
        let mut records = Records::open(file, input, separator)?;
        let header = records.header().to_vec();
        let mut columns: Vec<Cells> = header.iter().map(|_| Cells::default()).collect();
        let mut lines = Vec::new();
        while let Some(row) = records.next()? {
            for (field, cells) in row.fields.iter().zip(&mut columns) {
                cells.text.push_str(field.trim());
                cells.ends.push(cells.text.len());
            }
            lines.push(row.line);
        }
        if lines.is_empty() {
            return Err(DataError::file(file, "a header but no rows"));
        }
        Ok(Self { file: file.to_owned(), header, columns, lines, fingerprint: records.fingerprint() })
    }

    /// A table whose rows come from elsewhere; a row has a cell a column.
    pub fn made(file: &str, header: Vec<String>, rows: &[Vec<String>], fingerprint: String) -> Self {
        let mut columns: Vec<Cells> = header.iter().map(|_| Cells::default()).collect();
        for row in rows {
            for (place, cells) in columns.iter_mut().enumerate() {
                cells.text.push_str(row.get(place).map_or("", |cell| cell.trim()));
                cells.ends.push(cells.text.len());
            }
        }
        let lines = (1..).take(rows.len()).collect();
        Self { file: file.to_owned(), header, columns, lines, fingerprint }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The place of a column, or a message with the nearest name.
    pub fn column(&self, name: &str) -> Result<usize, String> {
        find_column(&self.header, name).map_err(|message| message + &separator_hint(&self.header))
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

/// The cell's text, or `None` where it stands for a missing value.
pub(in crate::data) fn present(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    (!MISSING.contains(&cell)).then_some(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::records::{BUFFER, MOST_RECORD_BYTES, hexadecimal};
    use sha2::{Digest, Sha256};
    use std::io;

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
        assert_eq!(message(b"a,b\r\n1,2\r\n3\r\n"), message(b"a,b\n1,2\n3\n"));
        assert_eq!(
            message(b"a;b\n1,5;2\n"),
            "t.csv: row 1 (line 2): expected 1 field as in the header, found 2; the header has one column, 'a;b': \
             data.separator says what stands between columns"
        );
        assert_eq!(message(b"a,b\n1,2\n3\n"), "t.csv: row 2 (line 3): expected 2 fields as in the header, found 1");
        assert_eq!(message(b"a,b\n1,\"2\n2\"\n3,x\0y\n"), "t.csv: row 2 (line 4), column 'b': a NUL byte");
        assert_eq!(message(b"a,b\n1,\xff\n"), "t.csv: row 1 (line 2), column 'b': not UTF-8: '\u{fffd}'");
    }

    #[test]
    fn a_missing_column_names_the_nearest_and_the_separator() {
        let sheet = read(b"digit,ink\n1,2\n").unwrap();
        assert_eq!(sheet.column("digti").unwrap_err(), "no column 'digti' (did you mean 'digit'?)");
        let sheet = read(b"digit;ink\n1;2\n").unwrap();
        assert!(sheet.column("ink").unwrap_err().contains("data.separator says what stands between columns"));
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
