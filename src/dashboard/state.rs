//! Everything the screen shows is a function of this.

use super::action::Context;
use super::charts::Charts;
use super::chooser::Chooser;
use super::keymap::Keymap;
use super::layout::Pane;
use super::message::Outcome;
use super::model::Run;
use super::panels::Panels;
use super::prompt::Prompt;
use super::theme::{Capabilities, Palette};
use super::words::{Language, Words};
use crate::protocol::{Command, Request};
use std::time::Duration;

/// How long a notice stays.
const NOTICE_FOR: Duration = Duration::from_secs(6);

/// What the screen is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many runs are looked at.
    pub runs: usize,
    /// Start of every request id; different in each process, so that an id is used once, ever.
    pub id_prefix: String,
    /// What the terminal can show.
    pub capabilities: Capabilities,
    /// The language of the screen.
    pub language: Language,
    /// Highest steps a second that the run starts with; `None` is free.
    pub pace: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            runs: 1,
            id_prefix: "dashboard".to_owned(),
            capabilities: Capabilities::default(),
            language: Language::English,
            pace: None,
        }
    }
}

/// What keys mean now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The main screen.
    Main,
    /// The help, scrolled down by so many lines.
    Help {
        /// Lines.
        scroll: usize,
    },
    /// The question whether to stop.
    Question,
    /// The list of methods.
    Chooser(Chooser),
    /// A line of input.
    Prompt(Prompt),
    /// A stop was sent; the screen leaves by itself at the end.
    Leaving,
}

impl Mode {
    /// The context in which a key is looked up.
    pub fn context(&self) -> Context {
        match self {
            Self::Main | Self::Leaving => Context::Main,
            Self::Help { .. } => Context::Help,
            Self::Question => Context::Question,
            Self::Chooser(_) => Context::Chooser,
            Self::Prompt(_) => Context::Prompt,
        }
    }
}

/// Which samples are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct SampleView {
    /// How many are scrolled over.
    pub scroll: usize,
    /// Whether only those that missed are shown.
    pub wrong_only: bool,
    /// The pane, and whether it had the whole screen, before samples took it.
    pub before: Option<(Pane, bool)>,
}

/// The screen's state.
#[derive(Clone, Debug)]
pub struct State {
    /// The runs.
    pub runs: Vec<Run>,
    /// The run that is looked at.
    pub active: usize,
    /// The selected task.
    pub task: usize,
    /// What keys mean.
    pub mode: Mode,
    /// How the charts are drawn.
    pub charts: Charts,
    /// The focused pane.
    pub pane: Pane,
    /// The pane that is below the losses on a wide screen.
    pub middle: Pane,
    /// Whether it has the whole screen.
    pub zoomed: bool,
    /// What the lists show.
    pub panels: Panels,
    /// Which samples are looked at.
    pub samples: SampleView,
    /// Time since the start.
    pub now: Duration,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The keys in force.
    pub keymap: Keymap,
    /// Its words.
    pub words: &'static Words,
    /// Its colours.
    pub palette: Palette,
    notice: Option<(String, Duration)>,
    id_prefix: String,
    sent: u64,
    stale: bool,
    dirty: bool,
    outcome: Option<Outcome>,
}

impl State {
    /// The state before anything was heard.
    pub fn new(options: &Options) -> Self {
        let charts = Charts::default();
        Self {
            runs: (0..options.runs.max(1)).map(|_| Run::new(charts.beta(), options.pace)).collect(),
            active: 0,
            task: 0,
            mode: Mode::Main,
            charts,
            pane: Pane::Loss,
            middle: Pane::Gradients,
            zoomed: false,
            panels: Panels::default(),
            samples: SampleView::default(),
            now: Duration::ZERO,
            size: (0, 0),
            keymap: Keymap::default(),
            words: options.language.words(),
            palette: Palette::new(options.capabilities),
            notice: None,
            id_prefix: options.id_prefix.clone(),
            sent: 0,
            stale: false,
            dirty: true,
            outcome: None,
        }
    }

    /// The run that is looked at.
    pub fn run(&self) -> Option<&Run> {
        self.runs.get(self.active)
    }

    /// The same, to change it.
    pub fn run_mut(&mut self) -> Option<&mut Run> {
        self.runs.get_mut(self.active)
    }

    /// The selected task's place, where there is one.
    pub fn selected(&self) -> Option<usize> {
        let count = self.run()?.tasks.len();
        count.checked_sub(1).map(|last| self.task.min(last))
    }

    /// Goes to a pane.
    pub fn focus(&mut self, pane: Pane) {
        self.pane = pane;
        if pane.is_middle() {
            self.middle = pane;
        }
    }

    /// Whether samples have the whole screen.
    pub fn samples_are_large(&self) -> bool {
        self.zoomed && self.pane == Pane::Samples
    }

    /// Whether the run that is looked at is silent.
    pub fn is_stale(&self) -> bool {
        self.run().is_some_and(|run| run.is_stale(self.now))
    }

    /// The contexts in which a key is looked up, the first that knows it first.
    pub fn contexts(&self) -> Vec<Context> {
        vec![self.mode.context()]
    }

    /// Whether there is something to show in a pane; one that is empty by its nature is passed over.
    pub fn has(&self, pane: Pane) -> bool {
        match pane {
            Pane::Scalars => self.run().is_some_and(|run| !run.scalars.is_empty()),
            Pane::Compare => self.runs.len() > 1,
            _ => true,
        }
    }

    /// The next or previous pane that has something to show.
    pub fn next_pane(&self, forward: bool) -> Pane {
        let mut pane = self.pane;
        for _ in Pane::ALL {
            pane = if forward { pane.next() } else { pane.previous() };
            if self.has(pane) {
                break;
            }
        }
        pane
    }

    /// A request with an id of its own.
    pub fn request(&mut self, command: Command) -> Request {
        self.sent += 1;
        Request {
            id: format!("{}-{}", self.id_prefix, self.sent),
            from: "dashboard".to_owned(),
            at_step: None,
            command,
        }
    }

    /// Says something in the last line for a few seconds.
    pub fn notify(&mut self, text: String) {
        self.notice = Some((text, self.now + NOTICE_FOR));
        self.dirty = true;
    }

    /// What the last line says, where it says something.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(text, _)| text.as_str())
    }

    /// Takes the notice away, as any key does.
    pub fn clear_notice(&mut self) {
        self.notice = None;
    }

    /// Lets time pass; only what time alone changes makes the screen dirty.
    pub fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
        if self.notice.as_ref().is_some_and(|(_, until)| *until <= self.now) {
            self.notice = None;
            self.dirty = true;
        }
        let stale = self.is_stale();
        if stale || stale != self.stale {
            self.stale = stale;
            self.dirty = true; // the age on screen grows
        }
    }

    /// Something on the screen has changed.
    pub fn touch(&mut self) {
        self.dirty = true;
    }

    /// Whether something changed since the last call.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// How the screen will be left, once that is decided.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// Decides how the screen is left; the first decision counts.
    pub fn leave(&mut self, outcome: Outcome) -> Outcome {
        *self.outcome.get_or_insert(outcome)
    }
}
