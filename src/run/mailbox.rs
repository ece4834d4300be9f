//! `requests.jsonl`: any process may append, the trainer follows.

use super::RunError;
use super::lines::{LONGEST_LINE, Line, LineTail};
use super::reader::POLL_BYTES;
use crate::protocol::{RejectedLine, Request};
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Appends a request to a `requests.jsonl` under a file lock in one write, framed by line ends on both sides, so that
/// a half-written line of a writer that died cannot swallow it.
///
/// # Errors
/// [`RunError::Io`]; [`RunError::Content`] where the request is longer than a reader takes.
pub fn append_request(requests: &Path, request: &Request) -> Result<(), RunError> {
    let content = |message: String| RunError::Content { path: requests.to_owned(), message };
    let line = request.to_line().map_err(|error| content(error.to_string()))?;
    if line.len() > LONGEST_LINE {
        return Err(content(format!("a request is at most {LONGEST_LINE} bytes long, this one has {}", line.len())));
    }
    let open = File::options().append(true).create(true).open(requests);
    let mut file = open.map_err(RunError::io("open", requests))?;
    file.lock().map_err(RunError::io("lock", requests))?;
    // The lock goes with the file's end.
    file.write_all(format!("\n{line}\n").as_bytes()).map_err(RunError::io("write", requests))
}

/// Follows a `requests.jsonl`.
#[derive(Clone, Debug)]
pub struct MailboxTail {
    lines: LineTail,
}

impl MailboxTail {
    /// From the start of the file, which need not be there yet: what was answered before is known by its id. So a file
    /// that a writer emptied or wrote anew is read from its start again.
    pub fn new(requests: &Path) -> Self {
        Self { lines: LineTail::restarting(requests) }
    }

    /// The lines that are new, about 4 MiB at a time, in order; empty where there is nothing more for now.
    ///
    /// # Errors
    /// [`RunError::Io`]; a later poll goes on at the same place.
    pub fn poll(&mut self) -> Result<Vec<Result<Request, RejectedLine>>, RunError> {
        let (mut requests, mut bytes) = (Vec::new(), 0);
        self.lines.poll(|line| {
            let unreadable = |reason: String| Err(RejectedLine::Unreadable { reason });
            requests.push(match line {
                Line::Text(text) => {
                    bytes += text.len();
                    Request::parse(text)
                }
                Line::NotText => unreadable("no UTF-8".to_owned()),
                Line::TooLong => unreadable(format!("longer than {LONGEST_LINE} bytes")),
            });
            if bytes >= POLL_BYTES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(requests)
    }
}

/// An id that no other call, on this machine or another, makes: a prefix, time, process and a count.
pub fn new_id(prefix: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{}-{}-{count}", base36(time), base36(u64::from(std::process::id())))
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Command;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::fs;

    fn note(id: String) -> Request {
        Request { id, from: "test".into(), at_step: None, command: Command::Note { text: "x\ny".into() } }
    }

    #[test]
    fn interleaved_appends_lose_nothing() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("requests.jsonl");
        let mut tail = MailboxTail::new(&path);
        let mut seen = BTreeSet::new();
        std::thread::scope(|scope| {
            let path = &path;
            let writers: Vec<_> = (0..4)
                .map(|_| scope.spawn(move || (0..50).for_each(|_| append_request(path, &note(new_id("t"))).unwrap())))
                .collect();
            while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                seen.extend(tail.poll().unwrap().into_iter().map(|request| request.unwrap().id));
            }
        });
        seen.extend(tail.poll().unwrap().into_iter().map(|request| request.unwrap().id));
        assert_eq!(seen.len(), 200);
    }

    #[test]
    fn bad_lines_are_answered_or_counted_and_a_torn_one_swallows_nothing() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("requests.jsonl");
        fs::write(&path, "{\"id\":\"a\",\"command\":{\"explode\":{}}}\n{\"id\":\"half").unwrap();
        append_request(&path, &note("whole".into())).unwrap();
        let read = MailboxTail::new(&path).poll().unwrap();
        assert!(
            matches!(&read[..], [
            Err(RejectedLine::WithId { .. }),
            Err(RejectedLine::Unreadable { .. }),
            Ok(request),
        ] if request.id == "whole"),
            "{read:?}"
        );
        let long = Request { command: Command::Note { text: "x".repeat(LONGEST_LINE) }, ..note("long".into()) };
        assert!(append_request(&path, &long).is_err());
        fs::write(&path, [vec![b'x'; LONGEST_LINE + 1], b"\n".to_vec()].concat()).unwrap();
        assert!(matches!(MailboxTail::new(&path).poll().unwrap()[..], [Err(RejectedLine::Unreadable { .. })]));
    }

    proptest! {
        #[test]
        fn any_bytes_before_and_after_leave_a_request_whole(
            before in proptest::collection::vec(any::<u8>(), 0..200),
            after in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let base = tempfile::tempdir().unwrap();
            let path = base.path().join("requests.jsonl");
            fs::write(&path, before).unwrap();
            append_request(&path, &note("a".into())).unwrap();
            File::options().append(true).open(&path).unwrap().write_all(&after).unwrap();
            append_request(&path, &note("b".into())).unwrap();
            let read = MailboxTail::new(&path).poll().unwrap();
            let ids: Vec<_> = read.into_iter().filter_map(Result::ok).map(|request| request.id).collect();
            prop_assert_eq!(ids, ["a", "b"]);
        }
    }
}
