//! Lines of text from outside, one at a time.
//!
//! Owns what a line may be: UTF-8, of bounded length, without NUL bytes. It must not know what a line says.

use super::error::{DataError, shown};
use std::io::{BufRead, BufReader, ErrorKind, Read};

/// The longest line, in bytes; a longer one is some other file.
const MOST_LINE_BYTES: usize = 1 << 20;

/// A text that is read line by line, in bounded memory.
pub struct NewLines<R> {
    file: String,
    reader: BufReader<R>,
    /// Lines read so far.
    count: usize,
}

impl<R: Read> NewLines<R> {
    /// Begins to read. `file` is for messages.
    pub fn new(file: &str, input: R) -> Self {
        Self { file: file.to_owned(), reader: BufReader::new(input), count: 0 }
    }

    /// The next line without its end, or `None` behind the last. An end after the last line begins no other.
    ///
    /// # Errors
    /// A line that is longer than 1 MiB, no UTF-8 or holds a NUL byte, or a read that fails, with the line's number.
    pub fn next_line(&mut self) -> Result<Option<String>, DataError> {
        self.count += 1;
        let mut line = Vec::new();
        let mut ended = false;
        while !ended {
            let bytes = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.fault(error.to_string())),
            };
            if bytes.is_empty() {
                if line.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(bytes.len());
            line.extend_from_slice(bytes.get(..taken).unwrap_or_default());
            ended = end.is_some();
            self.reader.consume(taken + usize::from(ended));
            if line.len() > MOST_LINE_BYTES {
                return Err(self.fault("longer than 1 MiB"));
            }
        }
        if line.contains(&0) {
            return Err(self.fault("a NUL byte"));
        }
        let mut line = String::from_utf8(line).map_err(|error| {
            let text = String::from_utf8_lossy(error.as_bytes());
            self.fault(format!("not UTF-8: {}", shown(&text)))
        })?;
        if line.ends_with('\r') {
            line.pop();
        }
        if self.count == 1 && line.starts_with('\u{feff}') {
            line.remove(0);
        }
        Ok(Some(line))
    }

    /// Whether a whole line is here already, so that the next one needs no waiting.
    pub fn is_next_here(&self) -> bool {
        self.reader.buffer().contains(&b'\n')
    }

    /// A fault of the line that was read last. Every line is a row.
    pub fn fault(&self, message: impl Into<String>) -> DataError {
        DataError::file(&self.file, message).in_row(self.count.saturating_sub(1), self.count as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> (Vec<String>, Option<String>) {
        let mut lines = NewLines::new("stdin", bytes);
        let mut out = Vec::new();
        loop {
            match lines.next_line() {
                Ok(Some(line)) => out.push(line),
                Ok(None) => return (out, None),
                Err(fault) => return (out, Some(fault.to_string())),
            }
        }
    }

    #[test]
    fn ends_of_lines_are_no_part_of_them() {
        assert_eq!(lines("\u{feff}a\r\n\n  b ".as_bytes()).0, ["a", "", "  b "]);
        assert_eq!(lines(b"a\n").0, ["a"]);
        assert_eq!(lines(b""), (Vec::new(), None));
    }

    #[test]
    fn faults_are_told_with_their_line() {
        let long = [b"a\n".repeat(2), vec![b'x'; MOST_LINE_BYTES + 1]].concat();
        for (bytes, fault) in [
            (b"a\nb\n\xff\xfe\nc\n".as_slice(), "stdin: row 3 (line 3): not UTF-8: '\u{fffd}\u{fffd}'"),
            (b"a\nb\nc\0\n", "stdin: row 3 (line 3): a NUL byte"),
            (&long, "stdin: row 3 (line 3): longer than 1 MiB"),
        ] {
            let (before, found) = lines(bytes);
            assert_eq!((before.len(), found.as_deref()), (2, Some(fault)));
        }
        assert_eq!(lines(&[vec![b'x'; MOST_LINE_BYTES], b"\ny".to_vec()].concat()).0.len(), 2);
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_lost(texts in proptest::collection::vec("[a-zé ]{0,9}", 0..9)) {
            let text: String = texts.iter().map(|line| line.clone() + "\n").collect();
            proptest::prop_assert_eq!(lines(text.as_bytes()), (texts, None));
        }
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(
            proptest::sample::select(b"a\r\n\0\xff\xef\xbb\xbf".to_vec()), 0..40)) {
            lines(&bytes);
        }
    }
}
