//! Names of a run's files, and the list of checkpoints.

use super::atomic::recover_directory;
use super::lock::{LockState, RunLock};
use super::{RunError, RunJson, write_file_atomically};
use jiff::Zoned;
use jiff::civil::DateTime;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Largest `run.json` or `config.toml` that is read.
const LARGEST_FILE: u64 = 4 << 20;

/// A run directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDirectory {
    path: PathBuf,
}

impl RunDirectory {
    /// Makes `base/<name>-<yyyymmdd-hhmmss>/` with the local time; a number is added where that exists.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn create(base: &Path, name: &str) -> Result<Self, RunError> {
        Self::create_at(base, name, Zoned::now().datetime())
    }

    /// As [`RunDirectory::create`], with a given time.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn create_at(base: &Path, name: &str, time: DateTime) -> Result<Self, RunError> {
        fs::create_dir_all(base).map_err(RunError::io("create", base))?;
        let stem = format!("{}-{}", safe_name(name), time.strftime("%Y%m%d-%H%M%S"));
        let mut number = 1_u32;
        loop {
            let path = base.join(if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
                Err(error) => return Err(RunError::io("create", &path)(error)),
            }
        }
    }

    /// A directory that is there and holds a run.
    ///
    /// # Errors
    /// [`RunError::Content`] where it holds neither `run.json` nor `events.jsonl`.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        if Self::is_run(path) {
            return Ok(Self { path: path.to_owned() });
        }
        let message = "no run directory (neither run.json nor events.jsonl in it)".to_owned();
        Err(RunError::Content { path: path.to_owned(), message })
    }

    /// Whether a path is a run directory.
    pub fn is_run(path: &Path) -> bool {
        path.is_dir() && (path.join("run.json").is_file() || path.join("events.jsonl").is_file())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory's name, which is the run's name in `trimtab runs`.
    pub fn name(&self) -> String {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        name(&self.path).or_else(|| name(&self.path.canonicalize().ok()?)).unwrap_or_default()
    }

    /// `events.jsonl`.
    pub fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// `requests.jsonl`.
    pub fn requests(&self) -> PathBuf {
        self.path.join("requests.jsonl")
    }

    /// `config.toml`.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// `lock`.
    pub fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// `best/`.
    pub fn best(&self) -> PathBuf {
        self.path.join("best")
    }

    /// `final/`.
    pub fn final_model(&self) -> PathBuf {
        self.path.join("final")
    }

    /// A checkpoint's path relative to the directory, as the `checkpoint` event names it.
    pub fn checkpoint_name(step: u64) -> String {
        format!("checkpoints/step-{step:08}")
    }

    /// `checkpoints/step-00001000/`.
    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.path.join(Self::checkpoint_name(step))
    }

    /// Becomes the run's trainer, and clears what an interrupted one left half-written.
    ///
    /// # Errors
    /// [`RunError::Locked`], [`RunError::Io`].
    pub fn acquire(&self) -> Result<RunLock, RunError> {
        let lock = RunLock::acquire(&self.lock())?;
        let mut targets = vec![self.best(), self.final_model()];
        let checkpoints = self.path.join("checkpoints");
        for entry in fs::read_dir(&checkpoints).into_iter().flatten().filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let stem = name.strip_prefix('.').and_then(|name| name.strip_suffix(".new").or(name.strip_suffix(".old")));
            targets.extend(stem.map(|stem| checkpoints.join(stem)));
        }
        for target in targets {
            recover_directory(&target)?;
        }
        Ok(lock)
    }

    /// Whether a trainer holds the run.
    pub fn lock_state(&self) -> LockState {
        match RunLock::probe(&self.lock()) {
            LockState::Held { pid: None } => LockState::Held { pid: self.read_json().ok().map(|json| json.pid) },
            state => state,
        }
    }

    /// Writes `run.json`, whole or not at all.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn write_json(&self, json: &RunJson) -> Result<(), RunError> {
        let path = self.path.join("run.json");
        let mut text = serde_json::to_string_pretty(json)
            .map_err(|error| RunError::Content { path: path.clone(), message: error.to_string() })?;
        text.push('\n');
        write_file_atomically(&path, text.as_bytes())
    }

    /// Reads `run.json`.
    ///
    /// # Errors
    /// [`RunError::Io`], [`RunError::Content`].
    pub fn read_json(&self) -> Result<RunJson, RunError> {
        let path = self.path.join("run.json");
        let text = read_small(&path)?;
        serde_json::from_str(&text).map_err(|error| RunError::Content { path, message: error.to_string() })
    }

    /// Writes `config.toml`, whole or not at all.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn write_config(&self, text: &str) -> Result<(), RunError> {
        write_file_atomically(&self.config(), text.as_bytes())
    }

    /// Reads `config.toml`.
    ///
    /// # Errors
    /// [`RunError::Io`], [`RunError::Content`].
    pub fn read_config(&self) -> Result<String, RunError> {
        read_small(&self.config())
    }

    /// Steps and paths of the whole checkpoints, oldest first.
    ///
    /// # Errors
    /// [`RunError::Io`]; no `checkpoints/` is an empty list.
    pub fn checkpoints(&self) -> Result<Vec<(u64, PathBuf)>, RunError> {
        self.states("step-")
    }

    /// The same of the stretches that a restore left.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn left_checkpoints(&self) -> Result<Vec<(u64, PathBuf)>, RunError> {
        self.states("left-")
    }

    /// The path of a checkpoint of a stretch that a restore left.
    pub fn left_checkpoint(&self, step: u64) -> PathBuf {
        self.path.join(format!("checkpoints/left-{step:08}"))
    }

    fn states(&self, prefix: &str) -> Result<Vec<(u64, PathBuf)>, RunError> {
        let folder = self.path.join("checkpoints");
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunError::io("read", &folder)(error)),
        };
        let mut found: Vec<(u64, PathBuf)> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let step = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
                entry.path().is_dir().then(|| (step, entry.path()))
            })
            .collect();
        found.sort();
        Ok(found)
    }

    /// The checkpoint of the highest step.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn newest_checkpoint(&self) -> Result<Option<(u64, PathBuf)>, RunError> {
        Ok(self.checkpoints()?.pop())
    }
}

/// A name as part of a directory's name on any file system: letters, digits, `-`, `_` and `.`; at most 80 bytes.
pub fn safe_name(name: &str) -> String {
    let mut safe = String::new();
    for c in name.chars() {
        let c = if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
        if safe.len() + c.len_utf8() > 80 {
            break;
        }
        if !(c == '-' && safe.ends_with('-')) {
            safe.push(c);
        }
    }
    let trimmed = safe.trim_matches(['-', '.']);
    if trimmed.is_empty() { "run".to_owned() } else { trimmed.to_owned() }
}

/// Reads a text file, refusing one that cannot be ours for its size.
fn read_small(path: &Path) -> Result<String, RunError> {
    let mut text = String::new();
    let file = File::open(path).map_err(RunError::io("read", path))?;
    let read = file.take(LARGEST_FILE + 1).read_to_string(&mut text).map_err(RunError::io("read", path))?;
    if read as u64 > LARGEST_FILE {
        let message = format!("larger than {LARGEST_FILE} bytes");
        return Err(RunError::Content { path: path.to_owned(), message });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::write_directory_atomically;

    #[test]
    fn names_are_dated_numbered_and_safe() {
        let base = tempfile::tempdir().unwrap();
        let runs = base.path().join("runs");
        let time = jiff::civil::date(2026, 11, 24).at(23, 14, 0, 0);
        let names: Vec<_> = ["energy", "energy", "../a b\u{1b}//c", "情感", ".."]
            .into_iter()
            .map(|name| RunDirectory::create_at(&runs, name, time).unwrap().name())
            .collect();
        let stamp = "20261124-231400";
        let expected = ["energy-S", "energy-S-2", "a-b-c-S", "情感-S", "run-S"].map(|name| name.replace('S', stamp));
        assert_eq!(names, expected);
        assert_eq!(fs::read_dir(&runs).unwrap().count(), 5);
    }

    #[test]
    fn checkpoints_are_listed_by_step_without_half_ones() {
        let base = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(base.path(), "a").unwrap();
        assert_eq!(run.newest_checkpoint().unwrap(), None);
        for step in [1000, 500, 123_456_789] {
            write_directory_atomically::<RunError>(&run.checkpoint(step), |_| Ok(())).unwrap();
        }
        fs::create_dir(run.path().join("checkpoints/.step-00002000.new")).unwrap();
        let steps: Vec<_> = run.checkpoints().unwrap().into_iter().map(|(step, _)| step).collect();
        assert_eq!(steps, [500, 1000, 123_456_789]);
        drop(run.acquire().unwrap());
        assert_eq!(fs::read_dir(run.path().join("checkpoints")).unwrap().count(), 3);
        assert_eq!(RunDirectory::checkpoint_name(1000), "checkpoints/step-00001000");
    }
}
