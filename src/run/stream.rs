//! Events as lines from a pipe, in bounded memory.

use super::lines::{LONGEST_LINE, Line};
use super::reader::read;
use super::{ReadReport, RunError};
use crate::protocol::Event;
use std::io::{BufRead, ErrorKind};
use std::path::Path;

/// Reads events from a pipe, line by line; the last line needs no end.
#[derive(Debug)]
pub struct EventStream<R> {
    lines: R,
    line: Vec<u8>,
    report: ReadReport,
}

impl<R: BufRead> EventStream<R> {
    /// From where the pipe stands.
    pub fn new(lines: R) -> Self {
        Self { lines, line: Vec::new(), report: ReadReport::default() }
    }

    /// Lines that were no events so far.
    pub fn report(&self) -> ReadReport {
        self.report
    }

    /// The next line: its event, or `Some(None)` for one that is blank, no event, or too long, which is counted; `None`
    /// at the end.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn next_line(&mut self) -> Result<Option<Option<Event>>, RunError> {
        self.line.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let chunk = match self.lines.fill_buf() {
                Ok([]) => break,
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(RunError::io("read", Path::new("standard input"))(error)),
            };
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            too_long |= self.line.len() + part.len() > LONGEST_LINE;
            if !too_long {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.lines.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        let line = match std::str::from_utf8(&self.line) {
            _ if too_long => Line::TooLong,
            Ok(text) if text.trim().is_empty() => return Ok(Some(None)),
            Ok(text) => Line::Text(text.trim()),
            Err(_) => Line::NotText,
        };
        Ok(Some(read(&line, &mut self.report)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = r#"{"event":"checkpoint","step":3,"path":"checkpoints/step-00000003"}"#;

    fn count(bytes: &[u8]) -> (usize, ReadReport) {
        let mut stream = EventStream::new(bytes);
        let mut events = 0;
        while let Some(line) = stream.next_line().unwrap() {
            events += usize::from(line.is_some());
        }
        (events, stream.report())
    }

    #[test]
    fn rubbish_and_endless_lines_are_counted_and_the_last_line_needs_no_end() {
        let text = format!("{LINE}\n\nEpoch 1: loss 0.3\r\n[1]\n{LINE}\r\n{LINE}");
        assert_eq!(count(text.as_bytes()), (3, ReadReport { unreadable: 2, too_long: 0 }));
        let long = [vec![b'x'; LONGEST_LINE + 1], format!("\n{LINE}\n").into_bytes()].concat();
        assert_eq!(count(&long), (1, ReadReport { unreadable: 0, too_long: 1 }));
        assert_eq!(count(b""), (0, ReadReport::default()));
    }

    proptest! {
        #[test]
        fn any_bytes_before_leave_an_event_whole(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let all = [&bytes[..], b"\n", LINE.as_bytes(), b"\n"].concat();
            prop_assert!(count(&all).0 >= 1);
        }
    }
}
