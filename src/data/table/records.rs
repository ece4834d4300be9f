//! A CSV file record by record, in bounded memory.
//!
//! Owns the form of a table: its header, field counts, UTF-8, NUL bytes, the longest record. It must not know what a
//! column means, and it keeps no row.

use crate::data::error::{DataError, shown};
use crate::text::nearest;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fmt::Write;
use std::io::{self, Read};

/// The longest record, in bytes; a longer one is some other file.
pub const MOST_RECORD_BYTES: usize = 1 << 20;

/// Bytes read at once.
pub(super) const BUFFER: usize = 1 << 16;

/// Counts the bytes of the current record, refuses more than a record may have, and hashes all of them.
struct Capped<R> {
    inner: R,
    since: usize,
    over: bool,
    hash: Sha256,
    /// Whether lines end in CR LF, of which the csv reader counts only the LF, with the record after it.
    crlf: bool,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since > MOST_RECORD_BYTES + BUFFER {
            self.over = true;
            return Err(io::Error::other("record too long"));
        }
        let count = self.inner.read(buffer)?;
        self.since += count;
        let bytes = buffer.get(..count).unwrap_or(&[]);
        self.crlf |= bytes.windows(2).any(|pair| pair == b"\r\n");
        self.hash.update(bytes);
        Ok(count)
    }
}

/// A table that is read once, from its first row to its last.
pub(in crate::data) struct Records<R> {
    file: String,
    header: Vec<String>,
    reader: csv::Reader<Capped<R>>,
    record: csv::ByteRecord,
    rows: usize,
}

/// One row, its form checked.
pub(in crate::data) struct Row<'a> {
    /// A field a column of the header, as they stand in the file: blanks around them are kept.
    pub fields: Vec<&'a str>,
    /// The line on which it begins.
    pub line: u64,
    file: &'a str,
    place: usize,
}

impl Row<'_> {
    /// A fault of this row.
    pub fn fault(&self, message: impl Into<String>) -> DataError {
        DataError::file(self.file, message).in_row(self.place, self.line)
    }
}

impl<R: Read> Records<R> {
    /// Reads the header. `file` is for messages.
    pub fn open(file: &str, input: R, separator: u8) -> Result<Self, DataError> {
        let capped = Capped { inner: input, since: 0, over: false, hash: Sha256::new(), crlf: false };
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
        Ok(Self { file: file.to_owned(), header, reader, record, rows: 0 })
    }

    /// Column names; none empty, all distinct.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The next row, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<Row<'_>>, DataError> {
        if !next(&mut self.reader, &mut self.record, &self.file, Some(self.rows))? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line) + u64::from(self.reader.get_ref().crlf);
        let mut row = Row { fields: Vec::with_capacity(self.header.len()), line, file: &self.file, place: self.rows };
        if self.record.len() != self.header.len() {
            let (expected, found) = (self.header.len(), self.record.len());
            let fields = if expected == 1 { "field" } else { "fields" };
            let hint = separator_hint(&self.header);
            return Err(row.fault(format!("expected {expected} {fields} as in the header, found {found}{hint}")));
        }
        for (field, name) in self.record.iter().zip(&self.header) {
            let text = text_of(field).map_err(|message| row.fault(message).in_column(name))?;
            row.fields.push(text);
        }
        self.rows += 1;
        Ok(Some(row))
    }

    /// SHA-256 of the bytes read so far, in hexadecimal.
    pub fn fingerprint(self) -> String {
        hexadecimal(&self.reader.into_inner().hash.finalize())
    }
}

/// The place of a column in a header, or a message with the nearest name.
pub(in crate::data) fn find_column(header: &[String], name: &str) -> Result<usize, String> {
    if let Some(place) = header.iter().position(|column| column == name.trim()) {
        return Ok(place);
    }
    let near = nearest(name, header.iter().map(String::as_str));
    let near = near.map_or(String::new(), |near| format!(" (did you mean {}?)", shown(near)));
    Err(format!("no column {}{near}", shown(name)))
}

/// What may be wrong where columns are not found; empty where nothing hints at it.
pub(in crate::data) fn separator_hint(header: &[String]) -> String {
    match header {
        [only] if only.contains([';', '\t', '|', ',']) => {
            format!("; the header has one column, {}: data.separator says what stands between columns", shown(only))
        }
        _ => String::new(),
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Reads a record; `false` at the end. `row` is `None` for the header.
fn next<R: Read>(
    reader: &mut csv::Reader<Capped<R>>,
    record: &mut csv::ByteRecord,
    file: &str,
    row: Option<usize>,
) -> Result<bool, DataError> {
    let line = reader.position().line() + u64::from(row.is_some() && reader.get_ref().crlf);
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
    std::str::from_utf8(field).map_err(|_| {
        let text = String::from_utf8_lossy(field);
        format!("not UTF-8: {}", shown(&text))
    })
}

fn header(file: &str, record: &csv::ByteRecord) -> Result<Vec<String>, DataError> {
    let mut seen = HashSet::new();
    let mut names = Vec::with_capacity(record.len());
    for (place, field) in record.iter().enumerate() {
        let fault = |message: String| DataError::file(file, format!("the header, column {}: {message}", place + 1));
        let name = text_of(field).map_err(fault)?.trim();
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
