//! Whole lines of a file that grows: from an offset, in bounded memory, the last line only once it is ended.

use super::RunError;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Longest line in bytes that is read; longer ones are skipped and counted.
pub const LONGEST_LINE: usize = 1 << 20;

/// Lines that could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// Torn or otherwise not what a line must be.
    pub unreadable: u64,
    /// Longer than [`LONGEST_LINE`].
    pub too_long: u64,
}

impl ReadReport {
    /// Whether every line was read.
    pub fn is_clean(self) -> bool {
        self == Self::default()
    }
}

/// One whole line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Text that is not blank.
    Text(&'a str),
    /// Bytes that are no UTF-8.
    NotText,
    /// Left out for its length.
    TooLong,
}

/// A place in a growing file.
#[derive(Clone, Debug)]
pub(super) struct LineTail {
    path: PathBuf,
    /// Start of the first line that was not handed out.
    offset: u64,
    /// Whether the bytes at the offset belong to a line that is too long.
    skipping: bool,
    /// The file's length and time of change when everything in it had been looked at.
    seen: (u64, Option<SystemTime>),
    /// Whether a file that was written anew is read from its start.
    restarts: bool,
}

impl LineTail {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), offset: 0, skipping: false, seen: (0, None), restarts: false }
    }

    /// As [`LineTail::new`], for a file whose writers may empty it or write it anew, and whose lines may come twice.
    pub fn restarting(path: &Path) -> Self {
        Self { restarts: true, ..Self::new(path) }
    }

    /// Hands out the whole lines that are new until the sink breaks; a later call goes on after them. A file that is
    /// not there yet has none.
    pub fn poll(&mut self, mut sink: impl FnMut(Line<'_>) -> ControlFlow<()>) -> Result<(), RunError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(RunError::io("read", &self.path)(error)),
        };
        let metadata = file.metadata().map_err(RunError::io("read", &self.path))?;
        let length = metadata.len();
        let state = (length, metadata.modified().ok());
        if state == self.seen {
            return Ok(());
        }
        // An append makes the file longer; one that is shorter or has only changed was written anew.
        if self.restarts && (length < self.offset || length == self.seen.0) {
            (self.offset, self.skipping) = (0, false);
        }
        // A record never shrinks below its whole lines; one that does was replaced, and its lines are other ones.
        self.offset = self.offset.min(length);
        self.seen = (0, None);
        file.seek(SeekFrom::Start(self.offset)).map_err(RunError::io("read", &self.path))?;
        let mut reader = BufReader::with_capacity(1 << 16, file.take(length - self.offset));
        let mut line: Vec<u8> = Vec::new();
        loop {
            let chunk = match reader.fill_buf() {
                Ok([]) => break,
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(RunError::io("read", &self.path)(error)),
            };
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let used = part.len() + usize::from(end.is_some());
            let mut flow = ControlFlow::Continue(());
            if !self.skipping && line.len() + part.len() > LONGEST_LINE {
                self.skipping = true;
                self.offset += line.len() as u64;
                line.clear();
                flow = sink(Line::TooLong);
            }
            if self.skipping {
                self.offset += used as u64;
                self.skipping = end.is_none();
            } else {
                line.extend_from_slice(part);
                if end.is_some() {
                    self.offset += line.len() as u64 + 1;
                    flow = match std::str::from_utf8(&line) {
                        Ok(text) if text.trim().is_empty() => ControlFlow::Continue(()),
                        Ok(text) => sink(Line::Text(text.trim())),
                        Err(_) => sink(Line::NotText),
                    };
                    line.clear();
                }
            }
            reader.consume(used);
            if flow.is_break() {
                return Ok(());
            }
        }
        self.seen = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;
    use std::io::Write;

    fn poll(tail: &mut LineTail) -> Vec<String> {
        let mut lines = Vec::new();
        tail.poll(|line| {
            lines.push(match line {
                Line::Text(text) => text.to_owned(),
                other => format!("{other:?}"),
            });
            ControlFlow::Continue(())
        })
        .unwrap();
        lines
    }

    #[test]
    fn a_line_is_there_when_it_is_ended_and_long_ones_are_skipped() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("f");
        let mut tail = LineTail::new(&path);
        assert!(poll(&mut tail).is_empty());
        let mut file = File::options().create(true).append(true).open(&path).unwrap();
        let mut write = |bytes: &[u8]| file.write_all(bytes).unwrap();
        write(b"one\n\n  \r\ntwo\r\nthr");
        assert_eq!(poll(&mut tail), ["one", "two"]);
        assert!(poll(&mut tail).is_empty());
        write(b"ee\n\xff\n");
        assert_eq!(poll(&mut tail), ["three", "NotText"]);
        write(&vec![b'x'; LONGEST_LINE]);
        assert!(poll(&mut tail).is_empty());
        write(b"yz");
        assert_eq!(poll(&mut tail), ["TooLong"]);
        write(&vec![b'x'; LONGEST_LINE]);
        assert!(poll(&mut tail).is_empty());
        write(b"end of it\nnext\n");
        assert_eq!(poll(&mut tail), ["next"]);
        write(&[vec![b'y'; LONGEST_LINE], b"\nlast\n".to_vec()].concat());
        assert_eq!(poll(&mut tail).iter().map(String::len).collect::<Vec<_>>(), [LONGEST_LINE, 4]);
    }

    #[test]
    fn a_partial_line_may_be_taken_back_and_a_break_goes_on_later() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("f");
        fs::write(&path, "one\nhalf of").unwrap();
        let mut tail = LineTail::new(&path);
        assert_eq!(poll(&mut tail), ["one"]);
        fs::write(&path, "one\nother\nthree\n").unwrap();
        let mut first = String::new();
        tail.poll(|line| {
            first = format!("{line:?}");
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(first, "Text(\"other\")");
        assert_eq!(poll(&mut tail), ["three"]);
    }

    #[test]
    fn a_file_written_anew_is_read_from_its_start_where_that_is_wanted() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("f");
        let write = |text: &str, second: u64| {
            fs::write(&path, text).unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(second);
            File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        };
        let (mut record, mut mailbox) = (LineTail::new(&path), LineTail::restarting(&path));
        write("first\n", 1);
        assert_eq!((poll(&mut record), poll(&mut mailbox)), (vec!["first".to_owned()], vec!["first".to_owned()]));
        write("other\n", 2);
        assert_eq!((poll(&mut record), poll(&mut mailbox)), (vec![], vec!["other".to_owned()]));
        write("new\n", 3);
        assert_eq!((poll(&mut record), poll(&mut mailbox)), (vec![], vec!["new".to_owned()]));
        write("new\nmore\n", 4);
        assert_eq!((poll(&mut record), poll(&mut mailbox)), (vec!["more".to_owned()], vec!["more".to_owned()]));
        assert!(poll(&mut mailbox).is_empty());
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_lines(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'a'), any::<u8>()], 0..200),
            cuts in proptest::collection::vec(0..200_usize, 0..6),
        ) {
            let base = tempfile::tempdir().unwrap();
            let path = base.path().join("f");
            fs::write(&path, &bytes).unwrap();
            let whole = poll(&mut LineTail::new(&path));
            let mut tail = LineTail::new(&path);
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            for cut in cuts.into_iter().chain([bytes.len()]) {
                fs::write(&path, &bytes[..cut]).unwrap();
                pieces.extend(poll(&mut tail));
            }
            prop_assert_eq!(whole, pieces);
        }
    }
}
