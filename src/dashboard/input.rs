//! The thread that reads keys, the mouse, pasted text, changes of size and the terminal's answers.

use super::reply::{Heard, Replies};
use crossbeam_channel::{Receiver, Sender, bounded};
use ratatui::crossterm::event::{self, Event};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a stop of the thread takes at most, and a change of size without a key.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long the start of an answer is kept back when nothing follows.
const ANSWER: Duration = Duration::from_secs(1);

/// How long input rests that is there and cannot be had yet.
const HELD_BACK: Duration = Duration::from_millis(20);

/// What a person or the terminal did.
#[derive(Clone, Debug)]
pub enum Input {
    /// A key, pasted text, a new size.
    Event(Event),
    /// The terminal's background is light, or dark.
    Background {
        /// Light.
        light: bool,
    },
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
    /// Starts it; `asked` tells that the terminal is or will be asked for its background.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(asked: bool) -> io::Result<Self> {
        let (send, inputs) = bounded(256);
        let (end, ended) = bounded(0);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        thread::Builder::new().name("screen input".to_owned()).spawn(move || {
            let _end = end; // closed when the thread is over
            read(&send, &stopped, Replies::new(asked));
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

fn read(send: &Sender<Input>, stopped: &AtomicBool, mut replies: Replies) {
    let started = Instant::now();
    let mut last = started;
    let keys = Keys::open();
    while !stopped.load(Ordering::Relaxed) {
        let read = keys.wait().and_then(|waits| {
            let mut heard = false;
            while !stopped.load(Ordering::Relaxed) && event::poll(Duration::ZERO)? {
                (heard, last) = (true, Instant::now());
                if !pass_on(send, replies.hear(event::read()?)) {
                    return Ok(());
                }
            }
            // A byte that came together with a change of size is not told of by crossterm before the next one comes.
            if waits && !heard {
                thread::sleep(HELD_BACK);
            }
            Ok(())
        });
        if read.is_err() {
            let _ = send.send(Input::Lost);
            return;
        }
        if last.elapsed() > ANSWER {
            pass_on(send, replies.give_up());
        }
    }
    // An answer on its way must not be typed into the shell that comes after.
    if replies.is_expected() && started.elapsed() < ANSWER {
        while replies.is_expected() && event::poll(PATIENCE).unwrap_or(false) {
            let Ok(event) = event::read() else { return };
            replies.hear(event);
        }
    }
}

/// Sends what was heard; `false` where nobody listens any more.
fn pass_on(send: &Sender<Input>, heard: Vec<Heard>) -> bool {
    heard.into_iter().all(|heard| {
        send.send(match heard {
            Heard::Event(event) => Input::Event(event),
            Heard::Background { light } => Input::Background { light },
        })
        .is_ok()
    })
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
    /// Whether there is some.
    fn wait(&self) -> io::Result<bool> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdin = io::stdin();
        let keys =
            self.0.as_ref().map_or_else(|| PollFd::new(&stdin, PollFlags::IN), |file| PollFd::new(file, PollFlags::IN));
        let mut fds = [keys];
        let patience = Timespec { tv_sec: 0, tv_nsec: PATIENCE.subsec_nanos().into() };
        match poll(&mut fds, Some(&patience)) {
            Err(rustix::io::Errno::INTR) => return Ok(false),
            other => other?,
        };
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        if fds.iter().any(|fd| fd.revents().intersects(gone)) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(fds.iter().any(|fd| fd.revents().contains(PollFlags::IN)))
    }
}

#[cfg(not(unix))]
struct Keys;

#[cfg(not(unix))]
impl Keys {
    fn open() -> Self {
        Self
    }

    fn wait(&self) -> io::Result<bool> {
        event::poll(PATIENCE)
    }
}
