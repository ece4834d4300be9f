//! Requests on their way in: those of the channel and those of the mailbox, brought into one order.

use crate::protocol::{RejectedLine, Request};
use crate::run::{MailboxTail, RunError};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often the mailbox is looked at while waiting.
const MAILBOX_EVERY: Duration = Duration::from_millis(50);
/// How often the mailbox is looked at, at most, between quick steps.
const MAILBOX_SPARING: Duration = Duration::from_millis(5);

/// A request, or a line that is none.
pub type Incoming = Result<Request, RejectedLine>;

/// Both ways in.
#[derive(Debug)]
pub struct Inbox {
    channel: Option<Receiver<Request>>,
    mailbox: Option<MailboxTail>,
    looked: Option<Instant>,
    waiting: Vec<Incoming>,
}

impl Inbox {
    /// From a channel and, where the run has a directory, its mailbox.
    pub fn new(channel: Receiver<Request>, mailbox: Option<MailboxTail>) -> Self {
        Self { channel: Some(channel), mailbox, looked: None, waiting: Vec::new() }
    }

    /// What has come, in order of arrival as far as it can be known; between quick steps the mailbox is spared.
    ///
    /// # Errors
    /// Where the mailbox cannot be read.
    pub fn drain(&mut self) -> Result<Vec<Incoming>, RunError> {
        if self.looked.is_some_and(|looked| looked.elapsed() < MAILBOX_SPARING) {
            return Ok(self.take_channel());
        }
        self.drain_all()
    }

    /// All that has come, the mailbox included: before the end, after which nothing is answered.
    ///
    /// # Errors
    /// Where the mailbox cannot be read.
    pub fn drain_all(&mut self) -> Result<Vec<Incoming>, RunError> {
        let mut incoming = self.take_channel();
        incoming.extend(self.read_mailbox()?);
        Ok(incoming)
    }

    fn take_channel(&mut self) -> Vec<Incoming> {
        let mut incoming = std::mem::take(&mut self.waiting);
        incoming.extend(self.channel.iter().flat_map(Receiver::try_iter).map(Ok));
        incoming
    }

    /// All that lies in the mailbox and was not read yet.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read_mailbox(&mut self) -> Result<Vec<Incoming>, RunError> {
        self.looked = Some(Instant::now());
        let mut incoming = Vec::new();
        if let Some(mailbox) = &mut self.mailbox {
            // A poll is bounded, so a full mailbox takes several.
            loop {
                let more = mailbox.poll()?;
                if more.is_empty() {
                    break;
                }
                incoming.extend(more);
            }
        }
        Ok(incoming)
    }

    /// Waits for a request of the channel, at most `longest` and at most until the mailbox is to be looked at.
    pub fn wait(&mut self, longest: Duration) {
        let longest = longest.min(MAILBOX_EVERY);
        let Some(channel) = &self.channel else {
            std::thread::sleep(longest);
            return;
        };
        match channel.recv_timeout(longest) {
            Ok(request) => self.waiting.push(Ok(request)),
            Err(RecvTimeoutError::Timeout) => {}
            // Nobody can send any more; without this the wait would return at once for ever.
            Err(RecvTimeoutError::Disconnected) => self.channel = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Command;
    use crate::run::append_request;

    #[test]
    fn before_the_end_the_mailbox_is_not_spared() {
        let folder = tempfile::tempdir().unwrap();
        let mailbox = folder.path().join("requests.jsonl");
        let request = Request { id: "a".into(), from: "test".into(), at_step: None, command: Command::Pause {} };
        let mut inbox = Inbox::new(crossbeam_channel::never(), Some(MailboxTail::new(&mailbox)));
        assert_eq!(inbox.drain().unwrap().len(), 0);
        append_request(&mailbox, &request).unwrap();
        assert_eq!(inbox.drain_all().unwrap(), [Ok(request)]);
    }
}
