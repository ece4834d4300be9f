//! The directory of a study: its plan, its runs, and which of them are still to be made.
//!
//! Owns `plan.json` and what a second call of the same study may change. It must not start a process.
//!
//! ```text
//! plan.json      what is studied
//! configs/       configurations that the runs start from
//! runs/          run directories, found again by the name in their run.json
//! logs/          what each run's process said
//! lock           held while the study is worked on
//! ```

use super::alone::first_difference;
use super::error::StudyError;
use super::record::Figures;
use crate::protocol::EndReason;
use crate::run::{LockState, RunDirectory, RunEntry, RunLock, RunStatus, list_runs, safe_name, write_file_atomically};
use crate::text::{sanitise, truncate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Version of the plan's form.
const SCHEMA: u32 = 1;

/// What is studied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// Version of the file's form.
    pub schema: u32,
    /// Program and version.
    pub program: String,
    /// What all runs share: a key and its value a line.
    pub configuration: String,
    /// Fingerprint of the data, as in `run.json`.
    pub data: String,
    /// Methods, or tasks trained alone.
    pub rows: Vec<String>,
    /// A run each in every row.
    pub seeds: Vec<u64>,
}

impl Plan {
    /// A plan of this program.
    pub fn new(configuration: String, data: &str, rows: Vec<String>, seeds: Vec<u64>) -> Self {
        let program = concat!("trimtab ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { schema: SCHEMA, program, configuration, data: data.to_owned(), rows, seeds }
    }

    /// Why this plan cannot go on in a directory that holds `there`; `None` where it is the same or only adds to it.
    fn refusal(&self, there: &Self) -> Option<String> {
        if let Some(difference) = first_difference(&there.configuration, &self.configuration) {
            return Some(difference);
        }
        if there.data != self.data {
            return Some("the data is not the same".to_owned());
        }
        if let Some(row) = there.rows.iter().find(|row| !self.rows.contains(row)) {
            let row = truncate(&sanitise(row), 60);
            return Some(format!("'{row}' belongs to it and is not named here (what is there can only be added to)"));
        }
        let seed = there.seeds.iter().find(|seed| !self.seeds.contains(seed))?;
        Some(format!("seed {seed} belongs to it and not to this call (what is there can only be added to)"))
    }
}

/// One run of a study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The place of its row in the plan.
    pub row: usize,
    /// Its seed.
    pub seed: u64,
    /// The name that its run has.
    pub name: String,
    /// What people call it.
    pub label: String,
}

/// The longest text that is part of a run's name as it is.
const LONGEST_NAME: usize = 60;

impl Cell {
    /// The run of a row with a seed. Rows whose texts differ give runs whose names differ.
    pub fn new(row: usize, text: &str, seed: u64) -> Self {
        let label = format!("{} seed {seed}", sanitise(text));
        Self { row, seed, name: format!("{}-seed{seed}", row_name(text)), label }
    }
}

/// A row's text as part of a file's name; with a few digits of its digest where the name alone could be another's.
pub fn row_name(text: &str) -> String {
    let safe = safe_name(text);
    // Blanks, `+` and `=` stand between the words of a method and are told apart by them.
    let words = |text: &str| text.replace([' ', '+', '='], "-");
    if safe == words(text) && safe.len() <= LONGEST_NAME {
        return safe;
    }
    let digest = Sha256::digest(text).iter().take(4).fold(String::new(), |mut digest, byte| {
        let _ = write!(digest, "{byte:02x}");
        digest
    });
    let short: String = safe
        .chars()
        .scan(0, |length, c| {
            *length += c.len_utf8();
            (*length <= LONGEST_NAME).then_some(c)
        })
        .collect();
    format!("{short}-{digest}")
}

/// Where a run of a study stands.
#[derive(Clone, Debug, PartialEq)]
pub enum CellState {
    /// To be trained from the start.
    Fresh,
    /// Interrupted; goes on from a checkpoint.
    Interrupted(RunDirectory),
    /// A process trains it.
    Busy(RunDirectory),
    /// Trained and measured.
    Done(Box<Figures>),
    /// It diverged, and would again.
    Diverged(RunDirectory),
}

/// The directory of a study, held by this process.
#[derive(Debug)]
pub struct StudyDirectory {
    path: PathBuf,
    plan: Plan,
    _lock: RunLock,
}

impl StudyDirectory {
    /// Makes the directory, or goes on in one that holds the same plan or a part of it.
    ///
    /// # Errors
    /// [`StudyError::OtherPlan`]; [`StudyError::Run`] where another process holds it; [`StudyError::Io`].
    pub fn open(path: &Path, plan: Plan) -> Result<Self, StudyError> {
        let study = |lock| Self { path: path.to_owned(), plan, _lock: lock };
        for folder in ["configs", "runs", "logs"] {
            let folder = path.join(folder);
            fs::create_dir_all(&folder).map_err(|source| StudyError::Io {
                action: "create",
                path: folder.clone(),
                source,
            })?;
        }
        let study = study(RunLock::acquire(&path.join("lock"))?);
        let file = path.join("plan.json");
        match fs::read(&file) {
            Ok(bytes) => {
                let there: Plan = serde_json::from_slice(&bytes)
                    .map_err(|error| StudyError::Content { path: file.clone(), message: error.to_string() })?;
                if let Some(difference) = study.plan.refusal(&there) {
                    return Err(StudyError::OtherPlan { path: path.to_owned(), difference });
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(StudyError::Io { action: "read", path: file, source }),
        }
        let text = serde_json::to_string_pretty(&study.plan)
            .map_err(|error| StudyError::Content { path: file.clone(), message: error.to_string() })?;
        write_file_atomically(&file, (text + "\n").as_bytes())?;
        Ok(study)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is studied.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The folder of run directories.
    pub fn runs(&self) -> PathBuf {
        self.path.join("runs")
    }

    /// What a run's process said.
    pub fn log(&self, cell: &Cell) -> PathBuf {
        self.path.join("logs").join(format!("{}.log", cell.name))
    }

    /// Keeps a configuration that runs start from, and tells where.
    ///
    /// # Errors
    /// [`StudyError::Run`].
    pub fn write_config(&self, name: &str, text: &str) -> Result<PathBuf, StudyError> {
        let path = self.path.join("configs").join(format!("{name}.toml"));
        write_file_atomically(&path, text.as_bytes())?;
        Ok(path)
    }

    /// Where a run stands. `steps` is how many it makes.
    ///
    /// # Errors
    /// [`StudyError::Run`].
    pub fn state(&self, cell: &Cell, steps: u64) -> Result<CellState, StudyError> {
        let Some(newest) = self.runs_of(cell)?.into_iter().next() else { return Ok(CellState::Fresh) };
        // The lock first: a run that ends in between has then said so.
        if let LockState::Held { .. } = newest.lock_state() {
            return Ok(CellState::Busy(newest));
        }
        let json = newest.read_json()?;
        match json.status {
            RunStatus::Ended(EndReason::Finished | EndReason::EarlyStopped) => {
                let figures = Figures::read(&newest)?;
                if figures.is_done() {
                    return Ok(CellState::Done(Box::new(figures)));
                }
                return Ok(CellState::Fresh);
            }
            RunStatus::Ended(EndReason::Diverged) => return Ok(CellState::Diverged(newest)),
            _ => {}
        }
        // With all steps made but not measured there is nothing left that a resume would do.
        match newest.newest_checkpoint()? {
            Some((step, _)) if step < steps => Ok(CellState::Interrupted(newest)),
            _ => Ok(CellState::Fresh),
        }
    }

    /// Removes what is left of a run that has to be trained from the start.
    ///
    /// # Errors
    /// [`StudyError::Io`].
    pub fn clear(&self, cell: &Cell) -> Result<(), StudyError> {
        for run in self.runs_of(cell)? {
            if let LockState::Held { .. } = run.lock_state() {
                continue;
            }
            fs::remove_dir_all(run.path()).map_err(|source| StudyError::Io {
                action: "remove",
                path: run.path().to_owned(),
                source,
            })?;
        }
        Ok(())
    }

    /// The run directories of a cell, the newest first.
    fn runs_of(&self, cell: &Cell) -> Result<Vec<RunDirectory>, StudyError> {
        let is_its = |entry: &RunEntry| entry.directory.read_json().is_ok_and(|json| json.name == cell.name);
        Ok(list_runs(&self.runs())?.into_iter().filter(is_its).map(|entry| entry.directory).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{RunJson, write_directory_atomically};

    fn plan(rows: &[&str], seeds: &[u64]) -> Plan {
        let rows = rows.iter().map(|row| (*row).to_owned()).collect();
        Plan::new("train.steps = 10\ntrain.batch = 5".to_owned(), "data", rows, seeds.to_vec())
    }

    #[test]
    fn a_study_goes_on_where_it_is_the_same_or_only_grows() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("a.sweep");
        let open = |plan: Plan| StudyDirectory::open(&path, plan).map(drop);
        open(plan(&["dwa", "famo"], &[7, 8])).unwrap();
        open(plan(&["famo", "dwa", "sum"], &[7, 8, 9])).unwrap();
        let refused = |plan: Plan| open(plan).unwrap_err().to_string();
        assert!(refused(plan(&["famo", "dwa"], &[7, 8, 9])).contains("'sum' belongs to it"));
        assert!(refused(plan(&["famo", "dwa", "sum"], &[7, 8])).contains("seed 9"));
        let other = Plan { configuration: "train.steps = 11".to_owned(), ..plan(&["famo", "dwa", "sum"], &[7, 8, 9]) };
        assert!(refused(other).contains("train.batch is 5 there and nothing here"));
        let other = Plan { data: "other".to_owned(), ..plan(&["famo", "dwa", "sum"], &[7, 8, 9]) };
        assert!(refused(other).contains("data"));
        let held = StudyDirectory::open(&path, plan(&["famo", "dwa", "sum"], &[7, 8, 9])).unwrap();
        assert!(open(held.plan().clone()).is_err(), "one process at a time");
    }

    #[test]
    fn names_tell_rows_apart() {
        let name = |text: &str| Cell::new(0, text, 7).name;
        assert_eq!(name("dwa temperature=2+pcgrad"), "dwa-temperature-2-pcgrad-seed7");
        assert_eq!(name("情感"), "情感-seed7");
        assert!(name("c=-1").starts_with("c-1-") && name("c=-1") != name("c=1"));
        assert_ne!(name("a/b"), name("a-b"));
        assert!(name(&"x".repeat(90)) != name(&"x".repeat(91)) && name(&"情".repeat(90)).len() < 90);
    }

    #[test]
    fn runs_are_found_by_their_names_and_told_apart_by_how_they_ended() {
        let base = tempfile::tempdir().unwrap();
        let study = StudyDirectory::open(&base.path().join("a.sweep"), plan(&["sum"], &[7])).unwrap();
        let cell = Cell::new(0, "sum", 7);
        let state = || study.state(&cell, 10).unwrap();
        assert_eq!(state(), CellState::Fresh);
        let run = RunDirectory::create(&study.runs(), &cell.name).unwrap();
        let say = |status: RunStatus, name: &str| {
            run.write_json(&RunJson { name: name.to_owned(), status, ..RunJson::default() }).unwrap();
        };
        say(RunStatus::Running, "sum-seed77");
        assert_eq!(state(), CellState::Fresh, "another run's directory");
        say(RunStatus::Running, &cell.name);
        assert_eq!(state(), CellState::Fresh, "died before a checkpoint");
        let lock = run.acquire().unwrap();
        assert_eq!(state(), CellState::Busy(run.clone()));
        study.clear(&cell).unwrap();
        assert!(run.path().exists(), "what a process trains is not removed");
        drop(lock);
        let checkpoint = |step| {
            write_directory_atomically::<StudyError>(&run.checkpoint(step), |_| Ok(())).unwrap();
        };
        checkpoint(4);
        for status in [RunStatus::Running, RunStatus::Ended(EndReason::Stopped), RunStatus::Ended(EndReason::Failed)] {
            say(status, &cell.name);
            assert_eq!(state(), CellState::Interrupted(run.clone()));
        }
        say(RunStatus::Ended(EndReason::Diverged), &cell.name);
        assert_eq!(state(), CellState::Diverged(run.clone()));
        checkpoint(10);
        say(RunStatus::Running, &cell.name);
        assert_eq!(state(), CellState::Fresh, "all steps made, but not measured");
        say(RunStatus::Ended(EndReason::Finished), &cell.name);
        assert_eq!(state(), CellState::Fresh, "not measured");
        let eval = r#"{"event":"eval","step":10,"split":"test","loss":[1.0],"metric":[{"mae":3.0}]}"#;
        fs::write(run.events(), format!("{eval}\n")).unwrap();
        assert!(matches!(state(), CellState::Done(figures) if figures.is_tested()));
        study.clear(&cell).unwrap();
        assert!(!run.path().exists());
    }
}
