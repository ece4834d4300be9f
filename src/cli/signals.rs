//! SIGINT and SIGTERM: the first saves and ends the run, the second ends the process at once. SIGHUP only takes the
//! screen away.

use crate::dashboard::{Signal, leave_screen};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// What signals have said so far.
#[derive(Clone, Debug)]
pub struct Signals {
    /// Set once the run shall save and end.
    pub interrupt: Arc<AtomicBool>,
    number: Arc<AtomicU8>,
    sender: Sender<Signal>,
    /// Signals for the screen.
    pub receiver: Receiver<Signal>,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// Where the system does not allow it.
    pub fn listen() -> std::io::Result<Self> {
        let (sender, receiver) = bounded(8);
        let signals = Self { interrupt: Arc::default(), number: Arc::default(), sender, receiver };
        #[cfg(unix)]
        signals.spawn()?;
        Ok(signals)
    }

    #[cfg(unix)]
    fn spawn(&self) -> std::io::Result<()> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let mut caught = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let signals = self.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for number in caught.forever() {
                if number == SIGHUP {
                    // The terminal is gone; training is not.
                    let _ = signals.sender.try_send(Signal::Hangup);
                    continue;
                }
                let number = u8::try_from(number).unwrap_or(u8::MAX);
                if signals.interrupt.load(Ordering::SeqCst) {
                    leave_screen();
                    std::process::exit(128 + i32::from(number));
                }
                signals.raise(number);
            }
        })?;
        Ok(())
    }

    /// Does what the signal of this number does.
    pub fn raise(&self, number: u8) {
        self.number.store(number, Ordering::SeqCst);
        self.interrupt.store(true, Ordering::SeqCst);
        let signal = if number == 15 { Signal::Terminate } else { Signal::Interrupt };
        // A screen that is not there needs no word.
        let _ = self.sender.try_send(signal);
    }

    /// The number of the signal that ended the run; SIGINT's where none came.
    pub fn number(&self) -> u8 {
        match self.number.load(Ordering::SeqCst) {
            0 => 2,
            number => number,
        }
    }

    /// Makes the screen leave, after a panic of the trainer.
    #[cfg(feature = "train")]
    pub fn dismiss_screen(&self) {
        let _ = self.sender.try_send(Signal::Interrupt);
    }
}
