//! Reads `events.jsonl`, whole or as it grows.

use super::lines::{Line, LineTail};
use super::{ReadReport, RunError};
use crate::protocol::Event;
use std::ops::ControlFlow;
use std::path::Path;

/// Bytes of lines that one poll hands out at most, about.
pub(super) const POLL_BYTES: usize = 4 << 20;

/// Follows an `events.jsonl`.
#[derive(Clone, Debug)]
pub struct EventTail {
    lines: LineTail,
    report: ReadReport,
}

impl EventTail {
    /// From the start of the file, which need not be there yet.
    pub fn new(events: &Path) -> Self {
        Self { lines: LineTail::new(events), report: ReadReport::default() }
    }

    /// The events that are new, about 4 MiB of lines at a time; empty where there is nothing more for now.
    ///
    /// # Errors
    /// [`RunError::Io`]; a later poll goes on at the same place.
    pub fn poll(&mut self) -> Result<Vec<Event>, RunError> {
        let (mut events, mut bytes) = (Vec::new(), 0);
        let report = &mut self.report;
        self.lines.poll(|line| {
            if let Line::Text(text) = line {
                bytes += text.len();
            }
            events.extend(read(&line, report));
            if bytes >= POLL_BYTES && !events.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(events)
    }

    /// What could not be read so far.
    pub fn report(&self) -> ReadReport {
        self.report
    }
}

/// Reads every event of an `events.jsonl`, in bounded memory. A file that is not there has none.
///
/// # Errors
/// [`RunError::Io`].
pub fn read_events(events: &Path, mut sink: impl FnMut(Event)) -> Result<ReadReport, RunError> {
    let mut report = ReadReport::default();
    LineTail::new(events).poll(|line| {
        read(&line, &mut report).into_iter().for_each(&mut sink);
        ControlFlow::Continue(())
    })?;
    Ok(report)
}

/// The event of a line, or a count in the report.
pub(super) fn read(line: &Line<'_>, report: &mut ReadReport) -> Option<Event> {
    let event = match line {
        Line::Text(text) => Event::parse(text).ok(),
        Line::NotText => None,
        Line::TooLong => {
            report.too_long += 1;
            return None;
        }
    };
    if event.is_none() {
        report.unreadable += 1;
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs::{self, File};
    use std::io::Write;

    const LINE: &str = r#"{"event":"checkpoint","step":3,"path":"checkpoints/step-00000003"}"#;

    #[test]
    fn a_torn_line_in_the_middle_is_counted_and_a_torn_last_line_is_not_there() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("events.jsonl");
        fs::write(&path, format!("{LINE}\n{}\n{{\"event\":\"new\"}}\n{}", &LINE[..30], &LINE[..30])).unwrap();
        let mut events = Vec::new();
        let report = read_events(&path, |event| events.push(event)).unwrap();
        assert_eq!(report, ReadReport { unreadable: 1, too_long: 0 });
        assert!(matches!(events[..], [Event::Checkpoint(_), Event::Unknown(_)]), "{events:?}");
    }

    #[test]
    fn a_tail_loses_nothing_over_many_polls() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("events.jsonl");
        let mut tail = EventTail::new(&path);
        assert!(tail.poll().unwrap().is_empty());
        let mut file = File::create(&path).unwrap();
        let pad = "x".repeat(500_000);
        let mut seen = 0;
        for _ in 0..3 {
            for _ in 0..10 {
                writeln!(file, r#"{{"event":"other","pad":"{pad}"}}"#).unwrap();
            }
            let first = tail.poll().unwrap().len();
            assert!((1..10).contains(&first), "{first}");
            seen += first;
        }
        loop {
            match tail.poll().unwrap().len() {
                0 => break,
                count => seen += count,
            }
        }
        assert_eq!(seen, 30);
        assert!(tail.report().is_clean());
    }

    proptest! {
        #[test]
        fn any_bytes_leave_whole_lines_readable(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..8),
        ) {
            let base = tempfile::tempdir().unwrap();
            let path = base.path().join("events.jsonl");
            let mut bytes = Vec::new();
            for part in &parts {
                bytes.extend_from_slice(part);
                bytes.extend_from_slice(format!("\n{LINE}\n").as_bytes());
            }
            fs::write(&path, &bytes).unwrap();
            let expected = Event::parse(LINE).unwrap();
            let mut whole = 0;
            read_events(&path, |event| whole += usize::from(event == expected)).unwrap();
            prop_assert_eq!(whole, parts.len());
        }
    }
}
