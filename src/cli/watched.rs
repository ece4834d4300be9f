//! What a word after `trimtab watch` means, and the events that come from there.

use super::exit::Failure;
use crate::dashboard::{Fate, Record};
use crate::protocol::{Alert, Event};
use crate::run::{
    EventTail, LockState, RUN_SCHEMA, RunDirectory, RunError, RunStatus, list_runs, read_events, resolve,
};
use anyhow::anyhow;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// A record whose lock nobody holds is still being written while it is not older than this.
const FRESH: Duration = Duration::from_secs(15);
/// The same once a trainer was seen to let its lock go.
const LET_GO: Duration = Duration::from_secs(2);
/// How often it is looked whether a trainer is still there.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Bytes at the start of a file that tell whether it holds events.
const HEAD: u64 = 64 << 10;

/// What a word means.
#[derive(Clone, Debug)]
pub enum Place {
    /// `-`: lines of standard input.
    Input,
    /// A run directory.
    Run(RunDirectory),
    /// A file of events without a run directory around it.
    File(PathBuf),
}

impl Place {
    /// The place that a word means.
    ///
    /// # Errors
    /// Where there is no such run or file, or the file holds no events.
    pub fn find(word: &str, out: &Path) -> Result<Self, Failure> {
        if word == "-" {
            return Ok(Self::Input);
        }
        let path = Path::new(word);
        if path.is_file() {
            let around = path.parent().filter(|_| path.file_name().is_some_and(|name| name == "events.jsonl"));
            let around = around.map(|around| if around.as_os_str().is_empty() { Path::new(".") } else { around });
            if let Some(Ok(run)) = around.map(RunDirectory::open) {
                return Ok(Self::Run(run));
            }
            holds_events(path)?;
            return Ok(Self::File(path.to_owned()));
        }
        resolve(word, out).map(Self::Run).map_err(|error| {
            // A folder of runs is often given in place of one of them.
            let inside = list_runs(path).unwrap_or_default();
            match inside.first().filter(|_| path.is_dir()) {
                Some(newest) => {
                    let newest = newest.directory.path().display();
                    Failure::usage(anyhow!("{word} is no run, but holds {}; newest: {newest}", inside.len()))
                }
                None => Failure::usage(error),
            }
        })
    }

    /// The record; none of standard input.
    pub fn events(&self) -> Option<PathBuf> {
        match self {
            Self::Input => None,
            Self::Run(run) => Some(run.events()),
            Self::File(path) => Some(path.clone()),
        }
    }

    /// What it is called where its events do not say.
    pub fn name(&self) -> String {
        match self {
            Self::Input => "-".to_owned(),
            Self::Run(run) => run.name(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Whether it takes requests.
    pub fn mailbox(&self) -> Option<PathBuf> {
        match self {
            Self::Run(run) => Some(run.requests()),
            Self::Input | Self::File(_) => None,
        }
    }

    fn lock(&self) -> LockState {
        match self {
            Self::Run(run) => run.lock_state(),
            Self::Input | Self::File(_) => LockState::Unknown,
        }
    }

    /// Whether somebody still writes here: a trainer holds the lock, or the record is fresh and has no end.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn is_live(&self) -> Result<bool, RunError> {
        let Some(events) = self.events() else { return Ok(true) };
        if matches!(self.lock(), LockState::Held { .. }) {
            return Ok(true);
        }
        let stated =
            matches!(self, Self::Run(run) if matches!(run.read_json(), Ok(json) if json.status != RunStatus::Running));
        if stated || age(&events).is_none_or(|age| age > FRESH) {
            return Ok(false);
        }
        let mut ended = false;
        read_events(&events, |event| match event {
            Event::End(_) => ended = true,
            Event::Step(_) | Event::Rewind(_) => ended = false,
            _ => {}
        })?;
        Ok(!ended)
    }

    /// The record of a run that is over. Without `ages` it says nothing that changes with the time of day.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn record(&self, ages: bool) -> Result<Record, RunError> {
        let events = self.events().unwrap_or_default();
        let resume = match self {
            Self::Run(run) if run.config().is_file() => Some(run.name()),
            _ => None,
        };
        let fate = Fate::Died { silent: age(&events).filter(|_| ages), resume: resume.clone() };
        Record::read(&events, fate, Some(gone(resume.as_deref())))
    }
}

impl Place {
    /// Whether a trainer holds the lock. Unlike [`Place::is_live`] it does not depend on the time of day.
    pub fn is_held(&self) -> bool {
        matches!(self.lock(), LockState::Held { .. })
    }

    /// The record as far as it goes, without a word on what became of the run.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn record_so_far(&self) -> Result<Record, RunError> {
        Record::read(&self.events().unwrap_or_default(), Fate::Open, None)
    }
}

/// What is said of a run whose trainer is gone without a word.
pub fn gone(resume: Option<&str>) -> String {
    let hint = resume.map_or(String::new(), |run| format!("; `trimtab resume {run}` goes on from the last checkpoint"));
    format!("no trainer holds this run, and it did not end{hint}")
}

fn age(path: &Path) -> Option<Duration> {
    let written = fs::metadata(path).and_then(|file| file.modified()).ok()?;
    Some(SystemTime::now().duration_since(written).unwrap_or(Duration::ZERO))
}

/// Refuses a file whose first line is no event.
fn holds_events(path: &Path) -> Result<(), Failure> {
    let file = fs::File::open(path).map_err(|error| anyhow!("cannot read {}: {error}", path.display()))?;
    let mut first = Vec::new();
    let mut lines = BufReader::new(file.take(HEAD));
    while first.trim_ascii().is_empty() {
        first.clear();
        if lines.read_until(b'\n', &mut first).map_err(|error| anyhow!("cannot read {}: {error}", path.display()))? == 0
        {
            return Ok(()); // nothing yet
        }
    }
    let whole = first.last() == Some(&b'\n');
    let text = String::from_utf8_lossy(&first);
    if whole && Event::parse(text.trim()).is_err() {
        let expected = "expected a JSON object with an \"event\", as in a run's events.jsonl";
        return Err(Failure::usage(anyhow!("{}: the first line is no event ({expected})", path.display())));
    }
    Ok(())
}

/// How far a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    GoesOn,
    /// Its last event is an `end`.
    Ended,
    /// Nothing more will come.
    Over,
}

/// Follows a record that grows, and says what happens to it.
pub struct Following {
    place: Place,
    events: PathBuf,
    tail: EventTail,
    /// Bytes of the file when it was last there.
    length: u64,
    there: bool,
    step: u64,
    /// Whether it was said that there is rubbish, and that reading fails.
    unreadable: bool,
    failed: bool,
    stage: Stage,
    /// How long a record may be silent whose lock nobody holds.
    patience: Duration,
    heard: Instant,
    looked: Instant,
}

impl Following {
    /// From the start of the record; `None` for standard input.
    pub fn new(place: &Place) -> Option<Self> {
        let events = place.events()?;
        let now = Instant::now();
        Some(Self {
            place: place.clone(),
            tail: EventTail::new(&events),
            events,
            length: 0,
            there: false,
            step: 0,
            unreadable: false,
            failed: false,
            stage: Stage::GoesOn,
            patience: FRESH,
            heard: now,
            looked: now,
        })
    }

    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// What is new; empty where there is nothing for now.
    pub fn poll(&mut self) -> Vec<Event> {
        let mut said: Vec<Event> = self.changes_of_the_file().into_iter().collect();
        let new = match self.tail.poll() {
            Ok(new) => {
                self.failed = false;
                new
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failed, true) {
                    said.push(alert(self.step, "record", "error", error.to_string()));
                }
                Vec::new()
            }
        };
        if !self.tail.report().is_clean() && !std::mem::replace(&mut self.unreadable, true) {
            said.push(alert(self.step, "record", "warning", SKIPPED.to_owned()));
        }
        if new.is_empty() {
            said.extend(self.whether_somebody_is_there());
            return said;
        }
        self.heard = Instant::now();
        for event in &new {
            match event {
                Event::Step(step) => (self.step, self.stage) = (step.step, Stage::GoesOn),
                Event::Rewind(_) => self.stage = Stage::GoesOn,
                Event::End(_) => self.stage = Stage::Ended,
                _ => {}
            }
            said.extend(newer(event));
        }
        said.extend(new);
        said
    }

    fn changes_of_the_file(&mut self) -> Option<Event> {
        let length = fs::metadata(&self.events).map(|file| file.len()).ok();
        let name = self.events.display();
        let text = match length {
            None if self.there => format!("{name} is gone; what was read stays"),
            Some(length) if length < self.length => {
                format!("{name} became shorter; what was read stays, what is added will be shown")
            }
            _ => String::new(),
        };
        self.there = length.is_some();
        self.length = length.unwrap_or(self.length);
        (!text.is_empty()).then(|| alert(self.step, "record", "warning", text))
    }

    /// Notices the end, or that the trainer is gone.
    fn whether_somebody_is_there(&mut self) -> Option<Event> {
        if self.stage == Stage::Ended {
            self.stage = Stage::Over;
            return None;
        }
        if self.looked.elapsed() < LOOK_EVERY {
            return None;
        }
        self.looked = Instant::now();
        let held = match self.place.lock() {
            LockState::Held { .. } => true,
            // A file system without locks, or a file alone: only the silence is known, and that is shown as such.
            LockState::Unknown => return None,
            LockState::Free => false,
        };
        if held {
            self.patience = LET_GO;
        } else if self.heard.elapsed() > self.patience {
            self.stage = Stage::Over;
            let resume = matches!(&self.place, Place::Run(run) if run.config().is_file()).then(|| self.place.name());
            return Some(alert(self.step, "record", "error", gone(resume.as_deref())));
        }
        None
    }
}

/// What is said once of lines that are no events.
pub const SKIPPED: &str = "a line that is no event was skipped; others like it are skipped without a word";

/// What is said of a run of a later version.
pub fn newer(event: &Event) -> Option<Event> {
    let Event::Run(run) = event else { return None };
    let schema = run.schema;
    let text = format!("written in form {schema}, this program knows {RUN_SCHEMA}: some of it may not be shown");
    (schema > RUN_SCHEMA).then(|| alert(0, "newer_schema", "warning", text))
}

/// Something that this program has to say, as the run would.
pub fn alert(step: u64, code: &str, level: &str, message: String) -> Event {
    Event::Alert(Alert { step, code: code.to_owned(), level: level.to_owned(), task: None, message })
}
