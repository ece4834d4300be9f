//! Everything the screen shows is a function of this.

use super::action::Context;
use super::charts::Charts;
use super::chooser::Chooser;
use super::keymap::Keymap;
use super::layout::Pane;
use super::look::{Look, Markers};
use super::message::Outcome;
use super::model::Run;
use super::palette::{CommandLine, History};
use super::panels::Panels;
use super::pointer::Pointer;
use super::prompt::{Prompt, Purpose};
use super::replay::{Origin, Replay};
use super::theme::{Capabilities, Palette, Theme};
use super::words::{Language, Words};
use crate::protocol::{Command, Request};
use std::time::Duration;

/// How long a notice stays.
const NOTICE_FOR: Duration = Duration::from_secs(6);

/// What the screen is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the runs that are looked at come from, one entry a run.
    pub origins: Vec<Origin>,
    /// Start of every request id; different in each process, so that an id is used once, ever.
    pub id_prefix: String,
    /// What the terminal can show.
    pub capabilities: Capabilities,
    /// The colours asked for.
    pub theme: Theme,
    /// What lines are made of.
    pub markers: Markers,
    /// Whether the mouse is heard at first.
    pub mouse: bool,
    /// Whether the terminal is asked how bright its background is.
    pub ask_background: bool,
    /// The language of the screen.
    pub language: Language,
    /// Highest steps a second that the run starts with; `None` is free.
    pub pace: Option<f64>,
    /// Which key does what.
    pub keymap: Keymap,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            origins: vec![Origin::Own],
            id_prefix: "dashboard".to_owned(),
            capabilities: Capabilities::default(),
            theme: Theme::Auto,
            markers: Markers::Braille,
            mouse: true,
            ask_background: false,
            language: Language::English,
            pace: None,
            keymap: Keymap::default(),
        }
    }
}

/// What keys mean now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The main screen.
    Main,
    /// The help.
    Help {
        /// Lines that it is scrolled down.
        scroll: usize,
        /// What its lines must hold.
        filter: Prompt,
        /// Whether that is being typed.
        typing: bool,
    },
    /// The question whether to stop.
    Question,
    /// The list of methods.
    Chooser(Chooser),
    /// A line of input.
    Prompt(Prompt),
    /// The line of commands.
    Palette(CommandLine),
    /// A stop was sent; the screen leaves by itself at the end.
    Leaving,
}

impl Mode {
    /// The help from its start, whole.
    pub fn help() -> Self {
        Self::Help { scroll: 0, filter: Prompt::new(Purpose::Help), typing: false }
    }

    /// The line that is being typed, where there is one.
    pub fn line_mut(&mut self) -> Option<&mut Prompt> {
        match self {
            Self::Prompt(prompt) | Self::Help { filter: prompt, typing: true, .. } => Some(prompt),
            Self::Palette(line) => Some(&mut line.prompt),
            _ => None,
        }
    }

    /// The context in which a key is looked up.
    pub fn context(&self) -> Context {
        match self {
            Self::Main | Self::Leaving => Context::Main,
            Self::Help { typing: true, .. } | Self::Prompt(_) => Context::Prompt,
            Self::Help { .. } => Context::Help,
            Self::Question => Context::Question,
            Self::Chooser(_) => Context::Chooser,
            Self::Palette(_) => Context::Palette,
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
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own; no two make one state")]
pub struct State {
    /// The runs.
    pub runs: Vec<Run>,
    /// Where the events of each come from.
    pub origins: Vec<Origin>,
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
    /// Whether the keys that change the run are locked.
    pub locked: bool,
    /// Commands typed before.
    pub history: History,
    /// Its words.
    pub words: &'static Words,
    /// How it looks.
    pub look: Look,
    /// Its colours, as `look` has them.
    pub palette: Palette,
    /// What the mouse is doing.
    pub pointer: Pointer,
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
        let &Options { capabilities, theme, markers, mouse, .. } = options;
        let look = Look { theme, capabilities, markers, mouse };
        let origins = if options.origins.is_empty() { vec![Origin::Own] } else { options.origins.clone() };
        Self {
            runs: origins.iter().map(|_| Run::new(charts.beta(), options.pace)).collect(),
            middle: if origins.len() > 1 { Pane::Compare } else { Pane::Gradients },
            origins,
            active: 0,
            task: 0,
            mode: Mode::Main,
            charts,
            pane: Pane::Loss,
            zoomed: false,
            panels: Panels::default(),
            samples: SampleView::default(),
            now: Duration::ZERO,
            size: (0, 0),
            keymap: options.keymap.clone().shown_in_ascii(look.is_ascii()),
            locked: false,
            history: History::default(),
            words: options.language.words(),
            look,
            palette: look.palette(),
            pointer: Pointer::default(),
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

    /// The replay of the run that is looked at, where it is a record.
    pub fn replay(&self) -> Option<&Replay> {
        self.origins.get(self.active)?.replay()
    }

    /// Whether this process trains a run that is looked at.
    pub fn trains(&self) -> bool {
        self.origins.iter().any(|origin| matches!(origin, Origin::Own))
    }

    /// Whether time alone moves something: a record plays.
    pub fn is_moving(&self) -> bool {
        self.origins.iter().filter_map(Origin::replay).any(Replay::is_playing)
    }

    /// Forgets what is known of a run; how it is looked at stays.
    pub fn restart(&mut self, run: usize) {
        let charts = self.charts;
        if let Some(known) = self.runs.get_mut(run) {
            let mut fresh = Run::new(charts.beta(), None);
            fresh.derive(charts.view.derived());
            fresh.candidate = known.candidate.take();
            *known = fresh;
        }
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
        self.is_run_stale(self.active)
    }

    /// Whether a run is silent that should not be; a record says nothing by itself.
    pub fn is_run_stale(&self, run: usize) -> bool {
        let recorded = self.origins.get(run).is_some_and(|origin| origin.replay().is_some());
        !recorded && self.runs.get(run).is_some_and(|run| run.is_stale(self.now))
    }

    /// The contexts in which a key is looked up, the first that knows it first.
    pub fn contexts(&self) -> Vec<Context> {
        let mut contexts = Vec::with_capacity(3);
        if self.mode == Mode::Main {
            contexts.extend(self.charts.cursor.map(|_| Context::Cursor));
            contexts.extend(self.replay().map(|_| Context::Replay));
        }
        contexts.push(self.mode.context());
        contexts
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

    /// Whether a request with this id was sent from this screen.
    pub fn sent(&self, id: &str) -> bool {
        id.strip_prefix(&self.id_prefix).is_some_and(|rest| rest.starts_with('-'))
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
