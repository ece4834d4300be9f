//! The loop with a terminal made of paper, and with one that does not read.

use super::frame::frame;
use super::*;
use crate::dashboard::input::Input;
use crate::dashboard::testing::{end, started, step};
use crate::dashboard::{Action, keys};
use crate::protocol::{Command, EndReason};
use crossbeam_channel::{bounded, never, unbounded};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event as TerminalEvent;
use ratatui::layout::Rect;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

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
            let inputs = Inputs { feeds: vec![Feed::Live { events: heard, requests: sent, record: never() }], signals };
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
