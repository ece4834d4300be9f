//! The runs of a study as child processes of this one: started, watched, ended.
//!
//! Owns how many train at once and what is said meanwhile. A child is `trimtab train` or `trimtab resume` with one thread;
//! it is asked to stop through its run's mailbox, as anyone may ask it, so that its state is saved.

use super::exit::Failure;
use super::log;
use super::signals::Signals;
use crate::headless::duration;
use crate::protocol::{Command as Wish, Request};
use crate::run::{RunDirectory, append_request, new_id, summarise};
use crate::study::{Cell, CellState, Figures, StudyDirectory};
use crate::text::sanitise;
use anyhow::Context;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How often children are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often it is said what trains.
const TELL_EVERY: Duration = Duration::from_secs(30);

/// Thread pools that libraries below may start, each held to one thread: several runs share the cores.
const ONE_THREAD: [&str; 4] = ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MATMUL_NUM_THREADS"];

/// A run that is to be there in the end.
#[derive(Debug)]
pub struct Work {
    /// Which.
    pub cell: Cell,
    /// How many steps it makes.
    pub steps: u64,
    /// Arguments that train it from the start.
    pub train: Vec<OsString>,
}

/// What became of a run.
#[derive(Debug)]
pub enum Outcome {
    /// It is still to be made.
    Open,
    /// Trained and measured.
    Done(Box<Figures>),
    /// A loss or gradient was not finite.
    Diverged,
    /// Its process failed.
    Failed,
}

/// `trimtab train CONFIG …` for a run of a study.
pub fn train_arguments(study: &StudyDirectory, config: &Path, cell: &Cell, sets: &[String]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["train".into(), config.into(), "--headless".into(), "--out".into()];
    arguments.push(study.runs().into());
    arguments.extend(["--name", &cell.name, "--seed", &cell.seed.to_string()].map(OsString::from));
    arguments.extend(sets.iter().flat_map(|set| ["--set", set]).map(OsString::from));
    arguments
}

/// Half of the cores, at least one.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2).max(1))
}

/// Makes all runs that are not there yet, so many at once; an outcome a run. Ends early where a signal says so: children
/// are then asked to stop and waited for.
pub fn carry_out(
    study: &StudyDirectory,
    work: &[Work],
    at_once: usize,
    signals: &Signals,
) -> Result<Vec<Outcome>, Failure> {
    let program = std::env::current_exe().context("cannot tell this program's own path")?;
    let mut nursery = Nursery {
        study,
        work,
        program,
        at_once,
        outcomes: work.iter().map(|_| Outcome::Open).collect(),
        waiting: VecDeque::new(),
        running: Vec::new(),
        seconds: Vec::new(),
        told: Instant::now(),
    };
    let result = nursery.run(signals);
    // An error of one run's files must not leave the others without a parent.
    nursery.wind_down();
    result.map(|()| nursery.outcomes)
}

/// A run under way.
struct Running {
    place: usize,
    /// `None` where a process trains it that an earlier call left behind.
    child: Option<Child>,
    since: Instant,
    asked_to_stop: bool,
}

struct Nursery<'a> {
    study: &'a StudyDirectory,
    work: &'a [Work],
    program: std::path::PathBuf,
    at_once: usize,
    outcomes: Vec<Outcome>,
    waiting: VecDeque<usize>,
    running: Vec<Running>,
    /// Of runs trained from their start in this call.
    seconds: Vec<f64>,
    told: Instant,
}

impl Nursery<'_> {
    fn run(&mut self, signals: &Signals) -> Result<(), Failure> {
        for place in 0..self.work.len() {
            if !self.settle(place)? {
                self.waiting.push_back(place);
            }
        }
        let there = self.settled();
        let was_there = if there > 0 { format!(", {there} there already") } else { String::new() };
        let runs = if self.work.len() == 1 { "run" } else { "runs" };
        log::message("", &format!("{} {runs}{was_there}; {} at once", self.work.len(), self.at_once));
        loop {
            if signals.interrupt.load(Ordering::SeqCst) {
                log::message("", "stopping: children save their state");
                return Ok(());
            }
            while self.running.len() < self.at_once
                && let Some(place) = self.waiting.pop_front()
            {
                self.start(place)?;
            }
            if self.running.is_empty() {
                return Ok(());
            }
            std::thread::sleep(LOOK_EVERY);
            self.look(false)?;
            if self.told.elapsed() >= TELL_EVERY {
                self.tell();
            }
        }
    }

    /// Takes the outcome of a run that is there; whether it is.
    fn settle(&mut self, place: usize) -> Result<bool, Failure> {
        let Some(work) = self.work.get(place) else { return Ok(true) };
        let outcome = match self.study.state(&work.cell, work.steps)? {
            CellState::Done(figures) => Outcome::Done(figures),
            CellState::Diverged(_) => Outcome::Diverged,
            CellState::Fresh | CellState::Interrupted(_) | CellState::Busy(_) => return Ok(false),
        };
        if let Some(place) = self.outcomes.get_mut(place) {
            *place = outcome;
        }
        Ok(true)
    }

    fn settled(&self) -> usize {
        self.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done(_) | Outcome::Diverged)).count()
    }

    fn start(&mut self, place: usize) -> Result<(), Failure> {
        let Some(work) = self.work.get(place) else { return Ok(()) };
        let (child, how) = match self.study.state(&work.cell, work.steps)? {
            CellState::Done(_) | CellState::Diverged(_) => {
                self.settle(place)?;
                return Ok(());
            }
            CellState::Busy(_) => (None, "is being trained by an earlier call; waiting for it"),
            CellState::Interrupted(run) => (Some(self.spawn(&work.cell, &resume(&run))?), "goes on"),
            CellState::Fresh => {
                self.study.clear(&work.cell)?;
                (Some(self.spawn(&work.cell, &work.train)?), "starts")
            }
        };
        self.say(&format!("{} {how}", work.cell.label));
        self.running.push(Running { place, child, since: Instant::now(), asked_to_stop: false });
        Ok(())
    }

    fn spawn(&self, cell: &Cell, arguments: &[OsString]) -> Result<Child, Failure> {
        let path = self.study.log(cell);
        let open = || File::options().append(true).create(true).open(&path);
        let log = open().and_then(|log| Ok((log.try_clone()?, log)));
        let (out, error) = log.with_context(|| format!("cannot open {}", path.display()))?;
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null()).stdout(out).stderr(error);
        command.envs(ONE_THREAD.map(|name| (name, "1")));
        Ok(command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?)
    }

    /// Takes leave of children that ended.
    fn look(&mut self, winding_down: bool) -> Result<(), Failure> {
        let mut place = 0;
        while let Some(running) = self.running.get_mut(place) {
            let ended = match &mut running.child {
                Some(child) => child.try_wait().context("cannot wait for a child process")?,
                None => None,
            };
            let foreign = running.child.is_none();
            let ended = if foreign { self.foreign_ended(place)?.then_some(None) } else { ended.map(Some) };
            let Some(status) = ended else {
                place += 1;
                continue;
            };
            let running = self.running.swap_remove(place);
            self.take_leave(&running, status, winding_down)?;
        }
        Ok(())
    }

    fn foreign_ended(&self, place: usize) -> Result<bool, Failure> {
        let Some(work) = self.running.get(place).and_then(|running| self.work.get(running.place)) else {
            return Ok(true);
        };
        Ok(!matches!(self.study.state(&work.cell, work.steps)?, CellState::Busy(_)))
    }

    fn take_leave(&mut self, running: &Running, status: Option<ExitStatus>, winding_down: bool) -> Result<(), Failure> {
        let Some(work) = self.work.get(running.place) else { return Ok(()) };
        let cell = &work.cell;
        let took = running.since.elapsed().as_secs_f64();
        if self.settle(running.place)? {
            let diverged = matches!(self.outcomes.get(running.place), Some(Outcome::Diverged));
            if !diverged && running.child.is_some() {
                self.seconds.push(took);
            }
            let word = if diverged { "diverged" } else { "is done" };
            self.say(&format!("{} {word} after {}", cell.label, duration(took)));
            return Ok(());
        }
        match status {
            // An earlier call's process ended without an end: this call goes on with it.
            None => self.waiting.push_back(running.place),
            Some(status) if winding_down || matches!(status.code(), Some(0 | 130 | 143)) => {
                self.say(&format!("{} was stopped", cell.label));
            }
            Some(status) => {
                if let Some(outcome) = self.outcomes.get_mut(running.place) {
                    *outcome = Outcome::Failed;
                }
                let log = self.study.log(cell);
                let last = last_line(&log).map_or(String::new(), |line| format!(": {line}"));
                self.say(&format!("{} failed ({status}){last}; see {}", cell.label, log.display()));
            }
        }
        Ok(())
    }

    /// Asks all children to stop, and waits for them.
    fn wind_down(&mut self) {
        // What an earlier call left behind is left again.
        self.running.retain(|running| running.child.is_some());
        while !self.running.is_empty() {
            for running in self.running.iter_mut().filter(|running| !running.asked_to_stop) {
                let Some(work) = self.work.get(running.place) else { continue };
                // A child that has no run directory yet is asked once it has one.
                if let Ok(CellState::Busy(run)) = self.study.state(&work.cell, work.steps) {
                    let id = new_id("study");
                    let request = Request { id, from: "study".to_owned(), at_step: None, command: Wish::Stop {} };
                    running.asked_to_stop = append_request(&run.requests(), &request).is_ok();
                }
            }
            std::thread::sleep(LOOK_EVERY);
            if self.look(true).is_err() {
                // A run whose files cannot be read any more; its process is waited for all the same.
                for running in &mut self.running {
                    if let Some(child) = &mut running.child {
                        let _ = child.wait();
                    }
                }
                self.running.clear();
            }
        }
    }

    /// A line with how far the study is.
    fn say(&self, what: &str) {
        let left = self.seconds_left().map_or(String::new(), |left| format!("; about {} left", duration(left)));
        log::message("", &format!("[{}/{}] {what}{left}", self.settled(), self.work.len()));
    }

    /// What trains, and how far it is.
    fn tell(&mut self) {
        self.told = Instant::now();
        let each = self.running.iter().filter_map(|running| {
            let work = self.work.get(running.place)?;
            let step = match self.study.state(&work.cell, work.steps) {
                Ok(CellState::Busy(run)) => summarise(&run).map_or(0, |run| run.step),
                _ => 0,
            };
            Some(format!("{} at step {step} of {}", work.cell.label, work.steps))
        });
        self.say(&each.collect::<Vec<_>>().join(", "));
    }

    /// From the mean time of the runs of this call that are done.
    fn seconds_left(&self) -> Option<f64> {
        let open = self.running.len() + self.waiting.len();
        if self.seconds.is_empty() || open == 0 {
            return None;
        }
        let mean = self.seconds.iter().sum::<f64>() / self.seconds.len() as f64;
        let under_way = self.running.iter().map(|running| (mean - running.since.elapsed().as_secs_f64()).max(0.0));
        let all = under_way.sum::<f64>() + mean * self.waiting.len() as f64;
        Some(all / self.at_once.min(open) as f64)
    }
}

fn resume(run: &RunDirectory) -> Vec<OsString> {
    vec!["resume".into(), run.path().into(), "--headless".into()]
}

/// The last line that a process said.
fn last_line(log: &Path) -> Option<String> {
    let text = fs::read(log).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    Some(sanitise(text.lines().rev().find(|line| !line.trim().is_empty())?.trim()))
}
