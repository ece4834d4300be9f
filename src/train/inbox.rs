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

    /// All that has come, in order of arrival as far as it can be known.
    ///
    /// # Errors
    /// Where the mailbox cannot be read.
    pub fn drain(&mut self) -> Result<Vec<Incoming>, RunError> {
        let mut incoming = std::mem::take(&mut self.waiting);
        if let Some(channel) = &self.channel {
            incoming.extend(channel.try_iter().map(Ok));
        }
        if self.looked.is_none_or(|looked| looked.elapsed() >= MAILBOX_SPARING) {
            incoming.extend(self.read_mailbox()?);
        }
        Ok(incoming)
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
