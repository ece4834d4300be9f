//! What is wrong with data, with file, row and column.

use crate::text::{sanitise, truncate};
use std::fmt;

/// A row of a file, as people count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowPlace {
    /// Rows of data, counted from 1; the header is none.
    pub row: usize,
    /// The line of the file on which it begins, counted from 1.
    pub line: u64,
}

/// Data that does not fit. Displays on one line, fit for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct DataError {
    /// The file, or `builtin:NAME`.
    pub file: String,
    /// The row, where it is one row's fault.
    pub row: Option<RowPlace>,
    /// The column, where it is one column's fault.
    pub column: Option<String>,
    /// What is wrong and what was expected.
    pub message: String,
}

impl DataError {
    /// A fault of a file as a whole.
    pub(super) fn file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), row: None, column: None, message: message.into() }
    }

    /// The same fault, said to lie in a row.
    pub(super) fn in_row(mut self, row: usize, line: u64) -> Self {
        self.row = Some(RowPlace { row: row + 1, line });
        self
    }

    /// The same fault, said to lie in a column.
    pub(super) fn in_column(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", sanitise(&self.file))?;
        if let Some(place) = self.row {
            write!(f, "row {} (line {})", place.row, place.line)?;
            f.write_str(if self.column.is_some() { ", " } else { ": " })?;
        }
        if let Some(column) = &self.column {
            write!(f, "column '{}': ", sanitise(&truncate(column, 60)))?;
        }
        f.write_str(&sanitise(&self.message))
    }
}

/// A foreign text for a message: quoted and cut.
pub(super) fn shown(text: &str) -> String {
    format!("'{}'", truncate(text, 40))
}
