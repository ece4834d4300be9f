//! The thread that reads keys, pasted text and changes of size.

use crossbeam_channel::{Receiver, Sender, bounded};
use ratatui::crossterm::event::{self, Event};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long a stop of the thread takes at most, and a change of size without a key.
const PATIENCE: Duration = Duration::from_millis(100);

/// What a person or the terminal did.
#[derive(Clone, Debug)]
pub enum Input {
    /// A key, pasted text, a new size.
    Event(Event),
    /// The terminal is gone.
    Lost,
}

/// The reading thread; it ends when this is dropped.
pub struct Reader {
    /// What was read.
    pub inputs: Receiver<Input>,
    stop: Arc<AtomicBool>,
    ended: Receiver<()>,
}

impl Reader {
    /// Starts it.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start() -> io::Result<Self> {
        let (send, inputs) = bounded(256);
        let (end, ended) = bounded(0);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        thread::Builder::new().name("screen input".to_owned()).spawn(move || {
            let _end = end; // closed when the thread is over
            read(&send, &stopped);
        })?;
        Ok(Self { inputs, stop, ended })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Keys that are typed from now on belong to whoever reads next.
        let _ = self.ended.recv_timeout(PATIENCE * 3);
    }
}

fn read(send: &Sender<Input>, stopped: &AtomicBool) {
    let keys = Keys::open();
    while !stopped.load(Ordering::Relaxed) {
        let read = keys.wait().and_then(|()| {
            while !stopped.load(Ordering::Relaxed) && event::poll(Duration::ZERO)? {
                if send.send(Input::Event(event::read()?)).is_err() {
                    return Ok(());
                }
            }
            Ok(())
        });
        if read.is_err() {
            let _ = send.send(Input::Lost);
            return;
        }
    }
}

/// Where keys come from: standard input, or where that is a pipe the terminal of this process, as crossterm has it.
#[cfg(unix)]
struct Keys(Option<std::fs::File>);

#[cfg(unix)]
impl Keys {
    fn open() -> Self {
        use std::io::IsTerminal;
        let piped = !io::stdin().is_terminal();
        Self(piped.then(|| std::fs::File::open("/dev/tty").ok()).flatten())
    }

    /// Waits for input. crossterm would read a terminal that hung up over and over, so it is asked only while there is
    /// one.
    fn wait(&self) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdin = io::stdin();
        let keys =
            self.0.as_ref().map_or_else(|| PollFd::new(&stdin, PollFlags::IN), |file| PollFd::new(file, PollFlags::IN));
        let mut fds = [keys];
        let patience = Timespec { tv_sec: 0, tv_nsec: PATIENCE.subsec_nanos().into() };
        match poll(&mut fds, Some(&patience)) {
            Err(rustix::io::Errno::INTR) => return Ok(()),
            other => other?,
        };
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        if fds.iter().any(|fd| fd.revents().intersects(gone)) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

#[cfg(not(unix))]
struct Keys;

#[cfg(not(unix))]
impl Keys {
    fn open() -> Self {
        Self
    }

    fn wait(&self) -> io::Result<()> {
        event::poll(PATIENCE).map(|_| ())
    }
}
