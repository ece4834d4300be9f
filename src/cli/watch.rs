//! `trimtab watch`: looks at runs. Live ones can be steered, ended ones are gone through.

use super::exit::{Exit, Failure};
use super::signals::Signals;
use super::watched::{Following, Place, SKIPPED, alert, newer};
use super::{WatchRunsArguments, log, preferences, terminal};
use crate::dashboard::{self, Feed, Inputs, Options, Origin, Outcome};
use crate::headless::{Log, ResultTable};
use crate::protocol::{Event, Rejected, Request};
use crate::run::{EventStream, append_request, new_id, read_events};
use anyhow::{Context, anyhow};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use std::io::{BufReader, IsTerminal, stdin};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// How often a record is looked at.
const POLL: Duration = Duration::from_millis(20);
/// Events that wait for the screen, at most; a pipe waits then.
const WAITING: usize = 1 << 14;
/// A record from this size on takes a moment to read.
const LARGE: u64 = 64 << 20;

/// Looks at the runs.
pub fn run(arguments: &WatchRunsArguments) -> Result<Exit, Failure> {
    let preferences = preferences::load(arguments.watch.keymap.as_deref())?;
    let places = arguments.runs.iter().map(|word| Place::find(word, &arguments.out));
    let places = places.collect::<Result<Vec<Place>, Failure>>()?;
    let inputs = places.iter().filter(|place| matches!(place, Place::Input)).count();
    if inputs > 1 {
        return Err(Failure::usage(anyhow!("- may be given once: there is one standard input")));
    }
    if inputs > 0 && stdin().is_terminal() {
        return Err(Failure::usage(anyhow!("-: standard input is a terminal; pipe a run's events into it")));
    }
    if arguments.watch.json && places.len() > 1 {
        return Err(Failure::usage(anyhow!("--json takes one run: events do not name theirs")));
    }
    let screen = if inputs > 0 { terminal::has_screen_beside_a_pipe() } else { terminal::has_screen() };
    match (arguments.watch.json, arguments.watch.headless || !screen) {
        (true, _) => json(&places),
        (false, true) => lines(&places),
        (false, false) => {
            show(&places, terminal::options(arguments.watch.look, !arguments.watch.no_mouse, preferences))
        }
    }
}

/// The dashboard.
fn show(places: &[Place], options: Options) -> Result<Exit, Failure> {
    dashboard::install_panic_hook();
    let (mut feeds, mut origins) = (Vec::new(), Vec::new());
    for place in places {
        let (feed, origin) = open(place)?;
        feeds.push(feed);
        origins.push(origin);
    }
    let signals = Signals::listen().context("cannot listen for signals")?;
    let options = Options { origins, id_prefix: new_id("watch"), ..options };
    let outcome = dashboard::run(&Inputs { feeds, signals: signals.receiver.clone() }, &options);
    log::screen_left();
    match outcome? {
        Outcome::Finished | Outcome::Stopped => Ok(Exit::Done),
        Outcome::Signalled(_) => Ok(Exit::Signal(signals.number())),
        Outcome::ScreenLost => Ok(Exit::Failed),
    }
}

/// A run's channels or record, and what the screen is told of it.
fn open(place: &Place) -> Result<(Feed, Origin), Failure> {
    if !place.is_live()? {
        let size = place.events().and_then(|path| path.metadata().ok()).map_or(0, |file| file.len());
        if size >= LARGE {
            log::message("", &format!("reading {} ({} MB)", place.name(), size >> 20));
        }
        let record = place.record(true)?;
        let origin = record.origin();
        return Ok((Feed::Record(record), origin));
    }
    let (said, events) = bounded(WAITING);
    let (requests, asked) = unbounded();
    let mailbox = place.mailbox().map(|path| Mailbox { path, asked });
    let origin = if mailbox.is_some() { Origin::Watched } else { Origin::Heard };
    let (over, record) = bounded(1);
    if let Some(following) = Following::new(place) {
        let place = place.clone();
        spawn("record", move || {
            follow(following, mailbox.as_ref(), &said);
            drop(said);
            // A record that cannot be read again is not gone through.
            if let Ok(record) = place.record(true) {
                let _ = over.send(record);
            }
        })?;
    } else {
        spawn("standard input", move || listen(&said))?;
    }
    Ok((Feed::Live { events, requests, record }, origin))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    thread::Builder::new().name(name.to_owned()).spawn(work).context("cannot start a thread")?;
    Ok(())
}

/// Where the screen's requests go.
struct Mailbox {
    path: PathBuf,
    asked: Receiver<Request>,
}

impl Mailbox {
    /// Puts a request there; one that cannot be put there is answered from here.
    fn post(&self, request: Request) -> Option<Event> {
        let error = append_request(&self.path, &request).err()?;
        let Request { id, from, .. } = request;
        Some(Event::Rejected(Rejected { step: 0, id, from, reason: error.to_string() }))
    }
}

/// Passes on what a record says, and requests the other way, until nothing more will come.
fn follow(mut following: Following, mailbox: Option<&Mailbox>, said: &Sender<Event>) {
    while !following.is_over() {
        let mut new = following.poll();
        let pause = if new.is_empty() { POLL } else { Duration::ZERO };
        match mailbox.map(|mailbox| (mailbox, mailbox.asked.recv_timeout(pause))) {
            Some((mailbox, Ok(request))) => {
                new.extend(mailbox.post(request));
                new.extend(mailbox.asked.try_iter().filter_map(|request| mailbox.post(request)));
            }
            Some((_, Err(RecvTimeoutError::Timeout))) => {}
            // Whoever asks is gone, or there is nowhere to put it.
            Some((_, Err(RecvTimeoutError::Disconnected))) | None => thread::sleep(pause),
        }
        for event in new {
            if said.send(event).is_err() {
                return;
            }
        }
    }
}

/// Passes on what standard input says until its end.
fn listen(said: &Sender<Event>) {
    // A screen that is gone ends the process.
    let _ = each_event(|event| said.send(event).is_ok());
}

/// Tells every event of standard input, what is newer than this program, and once that there is rubbish, until `sink`
/// has enough.
fn each_event(mut sink: impl FnMut(Event) -> bool) -> Result<(), Failure> {
    let mut stream = EventStream::new(BufReader::with_capacity(1 << 16, stdin()));
    let (mut said, mut step) = (false, 0);
    while let Some(event) = stream.next_line()? {
        if let Some(Event::Step(known)) = &event {
            step = known.step;
        }
        let note = event.as_ref().and_then(newer);
        let skipped = !stream.report().is_clean() && !std::mem::replace(&mut said, true);
        let skipped = skipped.then(|| alert(step, "record", "warning", SKIPPED.to_owned()));
        for event in [note, event, skipped].into_iter().flatten() {
            if !sink(event) {
                return Ok(());
            }
        }
    }
    let count = stream.report().unreadable + stream.report().too_long;
    if count > 1 {
        sink(alert(step, "record", "warning", format!("{count} lines were no events")));
    }
    Ok(())
}

/// Every event as it is.
fn json(places: &[Place]) -> Result<Exit, Failure> {
    let print = |event: &Event| event.to_line().is_ok_and(|line| log::result(&(line + "\n")).is_ok());
    for place in places {
        match Following::new(place) {
            None => each_event(|event| print(&event))?,
            Some(_) if !place.is_live()? => {
                let mut open = true;
                read_events(&place.events().unwrap_or_default(), |event| open = open && print(&event))?;
            }
            Some(mut following) => {
                while !following.is_over() {
                    let new = following.poll();
                    if !new.iter().all(print) {
                        return Ok(Exit::Done);
                    }
                    if new.is_empty() {
                        thread::sleep(POLL);
                    }
                }
            }
        }
    }
    Ok(Exit::Done)
}

/// One run in the log.
struct Told {
    following: Following,
    prefix: String,
    lines: Log,
    table: ResultTable,
    /// Whether all that happened before was read; it is not told line by line.
    present: bool,
}

/// Lines on stderr while runs go on, and the table of results on stdout of each that is over.
fn lines(places: &[Place]) -> Result<Exit, Failure> {
    let several = places.len() > 1;
    let prefix = |place: &Place| if several { format!("{}  ", place.name()) } else { String::new() };
    let start = Instant::now();
    let (mut told, mut input) = (Vec::new(), false);
    for place in places {
        match Following::new(place) {
            None => input = true,
            Some(_) if !place.is_live()? => {
                let mut table = ResultTable::new();
                let mut last = None;
                read_events(&place.events().unwrap_or_default(), |event| {
                    table.take(&event);
                    last = Some(event);
                })?;
                if !matches!(last, Some(Event::End(_))) {
                    let resume = matches!(place, Place::Run(run) if run.config().is_file()).then(|| place.name());
                    log::message(&prefix(place), &super::watched::gone(resume.as_deref()));
                }
                print(&table, &prefix(place));
            }
            Some(following) => {
                let (lines, table) = (Log::new(), ResultTable::new());
                told.push(Told { following, prefix: prefix(place), lines, table, present: false });
            }
        }
    }
    if input {
        let name = if several { "-  " } else { "" };
        let (mut lines, mut table) = (Log::new(), ResultTable::new());
        each_event(|event| {
            table.take(&event);
            log::message(name, &lines.lines(&event, start.elapsed()).join("\n"));
            true
        })?;
        print(&table, name);
    }
    while !told.is_empty() {
        let mut idle = true;
        for run in &mut told {
            let new = run.following.poll();
            idle &= new.is_empty();
            run.tell(&new, start.elapsed());
        }
        for run in told.extract_if(.., |run| run.following.is_over()) {
            print(&run.table, &run.prefix);
        }
        if idle {
            thread::sleep(POLL);
        }
    }
    Ok(Exit::Done)
}

impl Told {
    fn tell(&mut self, new: &[Event], now: Duration) {
        self.present |= new.is_empty();
        for event in new {
            self.table.take(event);
            let lines = self.lines.lines(event, now);
            if self.present || matches!(event, Event::Run(_) | Event::End(_)) {
                log::message(&self.prefix, &lines.join("\n"));
            }
        }
    }
}

/// Whoever closed stdout does not want the table.
fn print(table: &ResultTable, prefix: &str) {
    let head = if prefix.is_empty() { String::new() } else { format!("\n{}\n", crate::text::sanitise(prefix.trim())) };
    let _ = log::result(&(head + &table.text()));
}
