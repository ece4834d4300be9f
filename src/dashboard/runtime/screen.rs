//! The loop: takes what is queued, tells `update`, draws what is due, sleeps.

use super::frame::frame;
use super::{Feed, Inputs, Player, Record};
use crate::dashboard::input::Input;
use crate::dashboard::message::{Effect, Message, Outcome, Signal};
use crate::dashboard::model::Run;
use crate::dashboard::state::State;
use crate::dashboard::writer::Writer;
use crate::dashboard::{terminal, update, view};
use crate::protocol::{Event, Request};
use crossbeam_channel::{Receiver, Select, Sender, TryRecvError};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event as TerminalEvent;
use ratatui::layout::Rect;
use std::io;
use std::time::{Duration, Instant};

/// Shortest time between frames when only data came.
const DATA_FRAME: Duration = Duration::from_millis(100);
/// Shortest time between frames when a person did something, or was answered.
const KEY_FRAME: Duration = Duration::from_millis(16);
/// How often time itself is looked at while something may become stale.
const TICK: Duration = Duration::from_secs(1);
/// The same while a record plays.
const PLAY: Duration = DATA_FRAME;
/// The same when nothing can change by itself.
const IDLE: Duration = Duration::from_mins(10);
/// Longest sleep without taking events while a frame is due later: a bounded channel must not fill up meanwhile.
const NAP: Duration = Duration::from_millis(10);
/// Events taken in one go, so that keys are heard under any flood.
const AT_ONCE: usize = 20_000;
/// Longest time without a frame while a record is told anew: until then the last whole screen stays.
const PATIENCE: Duration = Duration::from_millis(400);
/// Largest screen that is drawn, in columns and rows.
const LARGEST: (u16, u16) = (1000, 500);

/// One run's source of events.
enum Source<'a> {
    /// Channels; the events' one is closed when the run is over.
    Live { events: Option<&'a Receiver<Event>>, requests: &'a Sender<Request>, record: Option<&'a Receiver<Record>> },
    /// A record, with the place of its replay that is asked for.
    Record { player: Box<Player>, wanted: usize },
}

impl<'a> Source<'a> {
    fn new(feed: &'a Feed) -> Self {
        match feed {
            Feed::Live { events, requests, record } => {
                Self::Live { events: Some(events), requests, record: Some(record) }
            }
            Feed::Record(record) => Self::Record { player: Box::new(record.player()), wanted: record.moments().last() },
        }
    }

    /// Wakes the loop for what comes next.
    fn wake(&self, select: &mut Select<'a>) {
        match self {
            Self::Live { events: Some(events), .. } => select.recv(events),
            Self::Live { record: Some(record), .. } => select.recv(record),
            Self::Live { .. } | Self::Record { .. } => return,
        };
    }

    /// Whether a record is not yet shown as it is asked for.
    fn is_behind(&self) -> bool {
        matches!(self, Self::Record { player, wanted } if player.shown() != Some(*wanted))
    }
}

/// The loop's own state.
pub struct Screen<'a> {
    pub(super) state: State,
    sources: Vec<Source<'a>>,
    signals: Option<&'a Receiver<Signal>>,
    keys: Option<&'a Receiver<Input>>,
    writer: Writer,
    area: Rect,
    shown: Buffer,
    repaint: bool,
    /// Follows the next frame: questions and settings of the terminal.
    behind: Vec<u8>,
    started: Instant,
    drawn: Option<Instant>,
    hurry: bool,
    dirty: bool,
    pub(super) on_suspend: fn(&Writer) -> io::Result<()>,
}

impl<'a> Screen<'a> {
    /// Before the first message.
    pub fn new(state: State, inputs: &'a Inputs, keys: &'a Receiver<Input>, writer: Writer, size: (u16, u16)) -> Self {
        let mut screen = Self {
            state,
            sources: inputs.feeds.iter().map(Source::new).collect(),
            signals: Some(&inputs.signals),
            keys: Some(keys),
            writer,
            area: Rect::ZERO,
            shown: Buffer::empty(Rect::ZERO),
            repaint: true,
            behind: Vec::new(),
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
    pub fn drive(&mut self) -> Outcome {
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
        if self.sources.iter().any(Source::is_behind) {
            return;
        }
        self.sources.iter().for_each(|source| source.wake(&mut select));
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
        let tick = match can_change {
            _ if self.state.is_moving() => PLAY,
            true => TICK,
            false => IDLE,
        };
        let pause = if self.dirty && !waits_for_writer { self.until_due().min(tick) } else { tick };
        // While a frame is due anyway, more data need not wake this thread for each event.
        if self.dirty && !waits_for_writer && !self.hurry && pause > Duration::ZERO {
            self.nap(pause.min(NAP));
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
                Ok(Input::Background { light }) => self.tell(Message::Background { light }),
                Ok(Input::Lost) | Err(TryRecvError::Disconnected) => Some(Outcome::ScreenLost),
                Err(TryRecvError::Empty) => break,
            };
            if outcome.is_some() {
                return outcome;
            }
        }
        for run in 0..self.sources.len() {
            for _ in 0..AT_ONCE {
                let Some(message) = self.sources.get_mut(run).and_then(|source| next(source, run)) else { break };
                // An answer is waited for by a person.
                self.hurry |= matches!(message, Message::Event { event: Event::Applied(_) | Event::Rejected(_), .. });
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
            TerminalEvent::Mouse(mouse) => self.tell(Message::Mouse(mouse)),
            TerminalEvent::FocusGained | TerminalEvent::FocusLost => None,
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
                    let sent = match self.sources.get(run) {
                        Some(Source::Live { requests, .. }) => requests.try_send(request).is_ok(),
                        Some(Source::Record { .. }) | None => false,
                    };
                    if !sent {
                        update(&mut self.state, Message::SendFailed { run, id });
                    }
                }
                Effect::Show { run, place } => {
                    if let Some(Source::Record { wanted, .. }) = self.sources.get_mut(run) {
                        *wanted = place;
                    }
                }
                Effect::Quit(how) => outcome = Some(how),
                Effect::Redraw => self.repaint = true,
                Effect::Mouse(on) => self.send_with_frame(terminal::hear_mouse(on)),
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

    /// Sends bytes to the terminal, right behind the next frame.
    pub fn send_with_frame(&mut self, bytes: &[u8]) {
        self.behind.extend_from_slice(bytes);
        self.dirty = true;
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
        let recent = self.drawn.is_some_and(|drawn| drawn.elapsed() < PATIENCE);
        if recent && self.sources.iter().any(Source::is_behind) {
            return;
        }
        let mut next = Buffer::empty(self.area);
        view::render(&self.state, self.area, &mut next);
        if self.repaint {
            self.shown = Buffer::empty(self.area);
        }
        // Writing into memory does not fail; a frame that did would be painted anew.
        let bytes = frame(&self.shown, &next, self.repaint).ok().map(|mut bytes| {
            bytes.extend_from_slice(&self.behind);
            bytes
        });
        let offered = match bytes {
            Some(bytes) if bytes.is_empty() => true,
            Some(bytes) => self.writer.offer(bytes),
            None => false,
        };
        if offered {
            self.shown = next;
            self.behind.clear();
            self.repaint = false;
            self.dirty = false;
            self.hurry = false;
        }
        self.drawn = Some(Instant::now());
    }
}

/// The next message of a run, where there is one now.
fn next(source: &mut Source<'_>, run: usize) -> Option<Message> {
    match source {
        Source::Live { events: Some(heard), .. } => match heard.try_recv() {
            Ok(event) => Some(Message::Event { run, event }),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                close(source);
                Some(Message::Disconnected { run })
            }
        },
        Source::Live { record, .. } => match (*record)?.try_recv() {
            Ok(over) => {
                let (replay, wanted) = (Box::new(over.replay()), over.moments().last());
                *source = Source::Record { player: Box::new(over.player_at_end()), wanted };
                Some(Message::Recorded { run, replay })
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                *record = None;
                None
            }
        },
        Source::Record { player, wanted } => player.towards(*wanted, run),
    }
}

/// Nothing more will be heard.
fn close(source: &mut Source<'_>) {
    if let Source::Live { events, .. } = source {
        *events = None;
    }
}
