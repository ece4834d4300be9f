//! The loop that feeds messages to `update`, carries out its effects, and draws at most so often.
//!
//! Three threads: this one takes everything that is queued and draws into memory; one reads keys; one owns the
//! terminal's output. A terminal that stops reading costs frames, never events.

use super::input::{Input, Reader};
use super::message::{Effect, Message, Outcome, Signal};
use super::model::Run;
use super::panic::{PanicNote, take_panic};
use super::state::{Options, State};
use super::writer::Writer;
use super::{terminal, update, view};
use crate::protocol::{Event, Request};
use crossbeam_channel::{Receiver, Select, Sender, TryRecvError};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event as TerminalEvent;
use ratatui::crossterm::queue;
use ratatui::crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::layout::Rect;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Shortest time between frames when only data came.
const DATA_FRAME: Duration = Duration::from_millis(100);
/// Shortest time between frames when a person did something.
const KEY_FRAME: Duration = Duration::from_millis(33);
/// How often time itself is looked at while something may become stale.
const TICK: Duration = Duration::from_secs(1);
/// The same when nothing can change by itself.
const IDLE: Duration = Duration::from_secs(600);
/// Events taken in one go, so that keys are heard under any flood.
const AT_ONCE: usize = 20_000;
/// Largest screen that is drawn, in columns and rows.
const LARGEST: (u16, u16) = (1000, 500);

/// One run's channels.
#[derive(Clone, Debug)]
pub struct Feed {
    /// What the run says.
    pub events: Receiver<Event>,
    /// What the run takes; a request that finds no room is not sent, and the person is told.
    pub requests: Sender<Request>,
}

/// All that the screen is connected with.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The runs; their place is the run index of messages and effects.
    pub feeds: Vec<Feed>,
    /// Signals that the caller caught; `crossbeam_channel::never()` where there are none.
    pub signals: Receiver<Signal>,
}

/// Why there is no screen.
#[derive(Debug, Error)]
pub enum ScreenError {
    /// The terminal cannot be used.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    /// A defect of the screen; the terminal was restored.
    #[error("the screen failed: {0}")]
    Panicked(PanicNote),
}

/// Shows the screen until it is left. The terminal is restored in every case; the inputs stay the caller's, so that a
/// run can go on without a screen.
///
/// # Errors
/// [`ScreenError`]: there is no usable terminal, or the screen has a defect.
pub fn run(inputs: &Inputs, options: &Options) -> Result<Outcome, ScreenError> {
    // crossterm would answer NO_COLOR with sequences that reset bold and reverse; the palette honours it instead.
    ratatui::crossterm::style::force_color_output(true);
    let writer = Writer::start(Box::new(io::stdout()))?;
    let shown = catch_unwind(AssertUnwindSafe(|| -> io::Result<Outcome> {
        let guard = terminal::enter(&writer)?;
        let reader = Reader::start()?;
        let mut screen = Screen::new(State::new(options), inputs, &reader.inputs, writer.clone(), terminal::size());
        screen.on_suspend = suspend;
        let outcome = screen.drive();
        drop(reader);
        drop(guard);
        Ok(outcome)
    }));
    match shown {
        Ok(outcome) => Ok(outcome?),
        Err(_) => {
            terminal::leave();
            let unknown = || PanicNote { message: "a panic without a message".to_owned(), place: None };
            Err(ScreenError::Panicked(take_panic().unwrap_or_else(unknown)))
        }
    }
}

/// Stops the process as Ctrl-Z does, with the terminal as it was found; comes back when the shell lets it go on.
fn suspend(writer: &Writer) -> io::Result<()> {
    terminal::leave();
    #[cfg(unix)]
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    // The guard that is alive leaves what is entered here.
    std::mem::forget(terminal::enter(writer)?);
    Ok(())
}

/// The loop's own state.
struct Screen<'a> {
    state: State,
    feeds: Vec<(&'a Feed, bool)>,
    signals: Option<&'a Receiver<Signal>>,
    keys: Option<&'a Receiver<Input>>,
    writer: Writer,
    area: Rect,
    shown: Buffer,
    repaint: bool,
    started: Instant,
    drawn: Option<Instant>,
    hurry: bool,
    dirty: bool,
    on_suspend: fn(&Writer) -> io::Result<()>,
}

impl<'a> Screen<'a> {
    fn new(state: State, inputs: &'a Inputs, keys: &'a Receiver<Input>, writer: Writer, size: (u16, u16)) -> Self {
        let mut screen = Self {
            state,
            feeds: inputs.feeds.iter().map(|feed| (feed, true)).collect(),
            signals: Some(&inputs.signals),
            keys: Some(keys),
            writer,
            area: Rect::ZERO,
            shown: Buffer::empty(Rect::ZERO),
            repaint: true,
            started: Instant::now(),
            drawn: None,
            hurry: true,
            dirty: true,
            on_suspend: |_| Ok(()),
        };
        screen.resize(size);
        screen
    }

    /// Runs until the screen is left.
    fn drive(&mut self) -> Outcome {
        loop {
            let now = self.started.elapsed();
            let outcome = self.tell(Message::Tick { now }).or_else(|| self.drain());
            self.dirty |= self.state.take_dirty();
            if let Some(outcome) = outcome {
                return outcome;
            }
            self.draw_when_due();
            self.wait();
        }
    }

    /// Sleeps until something is there to do.
    fn wait(&self) {
        let mut select = Select::new();
        for (feed, open) in &self.feeds {
            if *open {
                select.recv(&feed.events);
            }
        }
        self.keys.into_iter().for_each(|keys| {
            select.recv(keys);
        });
        self.signals.into_iter().for_each(|signals| {
            select.recv(signals);
        });
        select.recv(self.writer.failed());
        let waits_for_writer = self.dirty && !self.writer.is_ready();
        if waits_for_writer {
            select.recv(self.writer.taken());
        }
        let can_change = self.state.notice().is_some() || !self.state.runs.iter().all(Run::is_over);
        let tick = if can_change { TICK } else { IDLE };
        let pause = if self.dirty && !waits_for_writer { self.until_due().min(tick) } else { tick };
        // While a frame is due anyway, more data need not wake this thread for each event.
        if self.dirty && !waits_for_writer && !self.hurry && pause > Duration::ZERO {
            self.nap(pause);
            return;
        }
        let _ = select.ready_timeout(pause);
    }

    /// Sleeps towards the next frame, woken by keys and signals alone.
    fn nap(&self, pause: Duration) {
        let mut select = Select::new();
        self.keys.into_iter().for_each(|keys| {
            select.recv(keys);
        });
        self.signals.into_iter().for_each(|signals| {
            select.recv(signals);
        });
        let _ = select.ready_timeout(pause);
    }

    /// Takes everything that is queued.
    fn drain(&mut self) -> Option<Outcome> {
        while self.writer.taken().try_recv().is_ok() {}
        if self.writer.failed().try_recv() != Err(TryRecvError::Empty) {
            return Some(Outcome::ScreenLost);
        }
        while let Some(signals) = self.signals {
            match signals.try_recv() {
                Ok(Signal::Hangup) => return Some(Outcome::ScreenLost),
                Ok(signal) => return Some(Outcome::Signalled(signal)),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => self.signals = None,
            }
        }
        while let Some(keys) = self.keys {
            let outcome = match keys.try_recv() {
                Ok(Input::Event(event)) => self.on_input(event),
                Ok(Input::Lost) | Err(TryRecvError::Disconnected) => Some(Outcome::ScreenLost),
                Err(TryRecvError::Empty) => break,
            };
            if outcome.is_some() {
                return outcome;
            }
        }
        for place in 0..self.feeds.len() {
            for _ in 0..AT_ONCE {
                let Some((feed, open)) = self.feeds.get_mut(place).filter(|(_, open)| *open) else { break };
                let message = match feed.events.try_recv() {
                    Ok(event) => Message::Event { run: place, event },
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        *open = false;
                        Message::Disconnected { run: place }
                    }
                };
                if let Some(outcome) = self.tell(message) {
                    return Some(outcome);
                }
            }
        }
        None
    }

    fn on_input(&mut self, event: TerminalEvent) -> Option<Outcome> {
        self.hurry = true;
        match event {
            TerminalEvent::Key(key) => self.tell(Message::Key(key)),
            TerminalEvent::Paste(text) => self.tell(Message::Paste(text)),
            TerminalEvent::Resize(width, height) => {
                self.resize((width, height));
                None
            }
            TerminalEvent::Mouse(_) | TerminalEvent::FocusGained | TerminalEvent::FocusLost => None,
        }
    }

    fn resize(&mut self, (width, height): (u16, u16)) {
        self.area = Rect::new(0, 0, width.min(LARGEST.0), height.min(LARGEST.1));
        self.repaint = true;
        self.tell(Message::Resize(width, height));
    }

    /// Passes a message on and carries out what comes back.
    fn tell(&mut self, message: Message) -> Option<Outcome> {
        let mut outcome = None;
        for effect in update(&mut self.state, message) {
            match effect {
                Effect::Send { run, request } => {
                    let id = request.id.clone();
                    let sent = self.feeds.get(run).is_some_and(|(feed, _)| feed.requests.try_send(request).is_ok());
                    if !sent {
                        update(&mut self.state, Message::SendFailed { run, id });
                    }
                }
                Effect::Quit(how) => outcome = Some(how),
                Effect::Redraw => self.repaint = true,
                Effect::Suspend => {
                    if (self.on_suspend)(&self.writer).is_err() {
                        outcome = Some(Outcome::ScreenLost);
                    }
                    self.resize(terminal::size());
                }
            }
        }
        outcome
    }

    fn until_due(&self) -> Duration {
        let gap = if self.hurry { KEY_FRAME } else { DATA_FRAME };
        self.drawn.map_or(Duration::ZERO, |drawn| gap.saturating_sub(drawn.elapsed()))
    }

    /// Draws the state into memory and hands the difference over, unless it is too early or the last frame still waits.
    fn draw_when_due(&mut self) {
        if !self.dirty || !self.writer.is_ready() || !self.until_due().is_zero() {
            return;
        }
        let mut next = Buffer::empty(self.area);
        view::render(&self.state, self.area, &mut next);
        if self.repaint {
            self.shown = Buffer::empty(self.area);
        }
        // Writing into memory does not fail; a frame that did would be painted anew.
        let frame = frame(&self.shown, &next, self.repaint).ok();
        let offered = match frame {
            Some(bytes) if bytes.is_empty() => true,
            Some(bytes) => self.writer.offer(bytes),
            None => false,
        };
        if offered {
            self.shown = next;
            self.repaint = false;
            self.dirty = false;
            self.hurry = false;
        }
        self.drawn = Some(Instant::now());
    }
}

/// The bytes that turn one screen into the next; none where they are the same.
fn frame(shown: &Buffer, next: &Buffer, repaint: bool) -> io::Result<Vec<u8>> {
    let changes = shown.diff(next);
    if changes.is_empty() && !repaint {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    queue!(bytes, BeginSynchronizedUpdate)?;
    if repaint {
        queue!(bytes, Clear(ClearType::All))?;
    }
    CrosstermBackend::new(&mut bytes).draw(changes.into_iter())?;
    queue!(bytes, EndSynchronizedUpdate)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::testing::{end, started, step};
    use crate::dashboard::{Action, keys};
    use crate::protocol::{Command, EndReason};
    use crossbeam_channel::{bounded, never, unbounded};
    use std::io::Write;
    use std::sync::{Arc, Mutex};
    use std::thread;

    /// A terminal that keeps what it is sent.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A terminal that stops reading at once: the first write waits until the other end is dropped.
    struct Stuck(Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Rig {
        events: Sender<Event>,
        requests: Receiver<Request>,
        keys: Sender<Input>,
        screen: thread::JoinHandle<(Outcome, u64)>,
    }

    impl Rig {
        fn new(out: Box<dyn Write + Send>, signals: Receiver<Signal>) -> Self {
            let (events, heard) = unbounded();
            let (sent, requests) = unbounded();
            let (keys, pressed) = unbounded();
            let screen = thread::spawn(move || {
                let inputs = Inputs { feeds: vec![Feed { events: heard, requests: sent }], signals };
                let writer = Writer::start(out).unwrap();
                let mut screen = Screen::new(State::new(&Options::default()), &inputs, &pressed, writer, (80, 24));
                let outcome = screen.drive();
                (outcome, screen.state.runs[0].timeline.last_step())
            });
            Self { events, requests, keys, screen }
        }

        fn press(&self, names: &str) {
            for name in names.split(' ') {
                self.keys.send(Input::Event(TerminalEvent::Key(keys::parse(name).unwrap()))).unwrap();
            }
        }

        fn step(&self, number: u64) {
            self.events.send(Event::Step(Box::new(step(number, 2)))).unwrap();
        }
    }

    #[test]
    fn a_key_becomes_a_request_and_the_answer_is_on_the_screen() {
        let paper = Paper::default();
        let rig = Rig::new(Box::new(paper.clone()), never());
        rig.events.send(started(&["a", "b"], 10)).unwrap();
        rig.step(1);
        // The keys may arrive before the events; the run is known once a request comes.
        let request = loop {
            rig.press("right");
            if let Ok(request) = rig.requests.recv_timeout(Duration::from_millis(50)) {
                break request;
            }
        };
        assert!(matches!(request.command, Command::SetWeight { .. }));
        rig.events.send(end(1, EndReason::Finished)).unwrap();
        while !rig.screen.is_finished() {
            rig.press("esc q");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(rig.screen.join().unwrap().0, Outcome::Finished);
        let bytes = paper.0.lock().unwrap().clone();
        let mut terminal = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        terminal.process(&bytes);
        assert!(terminal.screen().contents().contains("Loss"), "{}", terminal.screen().contents());
        assert_eq!(serde_json::to_value(Action::Quit).unwrap(), "quit");
    }

    #[test]
    fn a_terminal_that_does_not_read_holds_nothing_up() {
        let (release, held) = bounded::<()>(0);
        let rig = Rig::new(Box::new(Stuck(held)), never());
        rig.events.send(started(&["a", "b"], 100_000)).unwrap();
        (1..=5000).for_each(|number| rig.step(number));
        // All events are taken, and keys still work, although not one frame was read.
        while !rig.events.is_empty() {
            thread::yield_now();
        }
        rig.press("ctrl-c");
        let (outcome, steps) = rig.screen.join().unwrap();
        assert_eq!((outcome, steps), (Outcome::Signalled(Signal::Interrupt), 5000));
        drop(release);
    }

    #[test]
    fn a_hangup_a_signal_and_a_lost_terminal_each_end_the_screen() {
        let (signal, signals) = unbounded();
        let rig = Rig::new(Box::new(Paper::default()), signals);
        signal.send(Signal::Terminate).unwrap();
        assert_eq!(rig.screen.join().unwrap().0, Outcome::Signalled(Signal::Terminate));

        let (signal, signals) = unbounded();
        let rig = Rig::new(Box::new(Paper::default()), signals);
        signal.send(Signal::Hangup).unwrap();
        assert_eq!(rig.screen.join().unwrap().0, Outcome::ScreenLost);

        let rig = Rig::new(Box::new(Paper::default()), never());
        rig.keys.send(Input::Lost).unwrap();
        assert_eq!(rig.screen.join().unwrap().0, Outcome::ScreenLost);
    }

    #[test]
    fn a_frame_holds_only_what_changed() {
        let area = Rect::new(0, 0, 10, 2);
        let mut next = Buffer::empty(area);
        assert!(frame(&Buffer::empty(area), &next, false).unwrap().is_empty());
        next.set_string(3, 1, "情x", ratatui::style::Style::new());
        let bytes = frame(&Buffer::empty(area), &next, false).unwrap();
        let mut terminal = vt100::Parser::new(2.try_into().unwrap(), 10.try_into().unwrap(), 0);
        terminal.process(&bytes);
        assert_eq!(terminal.screen().contents(), "\n   情x");
    }
}
