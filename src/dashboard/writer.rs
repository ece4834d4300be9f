//! The thread that owns the terminal's output. Whoever draws hands it whole frames, one at a time; a terminal that
//! stops reading stops this thread and nobody else.

use crossbeam_channel::{Receiver, Sender, bounded};
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes for the terminal, and who wants to know when they were written.
struct Frame {
    bytes: Vec<u8>,
    written: Option<Sender<()>>,
}

/// The drawing side.
#[derive(Clone)]
pub struct Writer {
    slot: Sender<Frame>,
    taken: Receiver<()>,
    failed: Receiver<()>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(mut out: Box<dyn Write + Send>) -> io::Result<Self> {
        let (slot, frames) = bounded::<Frame>(1);
        let (take, taken) = bounded(1);
        let (fail, failed) = bounded::<()>(1);
        thread::Builder::new().name("screen writer".to_owned()).spawn(move || {
            for frame in &frames {
                // The drawing side only wants to know that there is room; one such word is enough.
                let _ = take.try_send(());
                if out.write_all(&frame.bytes).and_then(|()| out.flush()).is_err() {
                    let _ = fail.try_send(());
                    return;
                }
                if let Some(written) = frame.written {
                    let _ = written.try_send(());
                }
            }
        })?;
        Ok(Self { slot, taken, failed })
    }

    /// Whether the last frame was taken, so that the next one would not be kept waiting.
    pub fn is_ready(&self) -> bool {
        self.slot.is_empty()
    }

    /// Told when a frame is taken.
    pub fn taken(&self) -> &Receiver<()> {
        &self.taken
    }

    /// Told, or closed, when the terminal cannot be written to any more.
    pub fn failed(&self) -> &Receiver<()> {
        &self.failed
    }

    /// Hands a frame over without waiting; `false` where it was not taken.
    pub fn offer(&self, bytes: Vec<u8>) -> bool {
        self.slot.try_send(Frame { bytes, written: None }).is_ok()
    }

    /// Hands bytes over and waits until they are written, at most so long; `false` where they are not.
    pub fn write_within(&self, bytes: Vec<u8>, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let (done, written) = bounded(1);
        self.slot.send_timeout(Frame { bytes, written: Some(done) }, limit).is_ok()
            && written.recv_deadline(end).is_ok()
    }
}
