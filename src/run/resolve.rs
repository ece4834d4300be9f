//! Which runs there are, and which one a word on the command line means.

use super::{RunDirectory, RunError};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// A run in a folder of runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEntry {
    /// The directory.
    pub directory: RunDirectory,
    /// The directory's name.
    pub name: String,
    /// When it started, in seconds since 1970.
    pub start: i64,
}

/// The runs in a folder, newest first. A folder that is not there has none.
///
/// # Errors
/// [`RunError::Io`].
pub fn list_runs(base: &Path) -> Result<Vec<RunEntry>, RunError> {
    let entries = match fs::read_dir(base) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(RunError::io("read", base)(error)),
    };
    let mut runs: Vec<RunEntry> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| RunDirectory::open(&entry.path()).ok())
        .map(|directory| RunEntry { name: directory.name(), start: start(&directory), directory })
        .collect();
    // Runs of the same second are told apart by their number.
    runs.sort_by(|a, b| (b.start, b.name.len(), &b.name).cmp(&(a.start, a.name.len(), &a.name)));
    Ok(runs)
}

/// What `run.json` says, else the directory's own time.
fn start(directory: &RunDirectory) -> i64 {
    if let Some(stated) = directory.read_json().ok().and_then(|json| json.start.parse::<jiff::Timestamp>().ok()) {
        return stated.as_second();
    }
    let modified = fs::metadata(directory.path()).and_then(|data| data.modified()).ok();
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

/// The run that `spec` means: a run directory, its name in `base`, or `latest`.
///
/// # Errors
/// [`RunError::NoSuchRun`] with the nearest names, [`RunError::Io`].
pub fn resolve(spec: &str, base: &Path) -> Result<RunDirectory, RunError> {
    let no_run = |hint: String| RunError::NoSuchRun { spec: spec.to_owned(), base: base.to_owned(), hint };
    if spec.is_empty() {
        return Err(no_run(String::new()));
    }
    if spec == "latest" {
        let newest = list_runs(base)?.into_iter().next();
        return newest.map(|entry| entry.directory).ok_or_else(|| no_run("; there are no runs yet".to_owned()));
    }
    for path in [Path::new(spec).to_owned(), base.join(spec)] {
        if let Ok(directory) = RunDirectory::open(&path) {
            return Ok(directory);
        }
    }
    let names: Vec<String> = list_runs(base)?.into_iter().map(|entry| entry.name).collect();
    Err(no_run(match nearest_names(spec, &names) {
        near if near.is_empty() => String::new(),
        near => format!("; nearest: {}", near.join(", ")),
    }))
}

/// Up to three names most like a word; the time at a name's end may be left out.
fn nearest_names<'a>(word: &str, names: &'a [String]) -> Vec<&'a str> {
    let word: String = word.chars().take(100).collect();
    let mut ranked: Vec<(usize, &str)> = names
        .iter()
        .map(|name| {
            let bare: String = name.chars().take(word.chars().count()).collect();
            (strsim::levenshtein(&word, name).min(strsim::levenshtein(&word, &bare)), name.as_str())
        })
        .collect();
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunJson;

    #[test]
    fn a_word_means_a_directory_a_name_or_the_latest() {
        let base = tempfile::tempdir().unwrap();
        let runs = base.path().join("runs");
        assert!(list_runs(&runs).unwrap().is_empty());
        assert!(resolve("latest", &runs).unwrap_err().to_string().contains("no runs yet"));
        let time = jiff::civil::date(2026, 11, 24).at(23, 14, 0, 0);
        for (name, start) in [("heart", "2026-11-24T23:14:00+01:00"), ("energy", "2026-11-24T23:15:00+02:00")] {
            let run = RunDirectory::create_at(&runs, name, time).unwrap();
            run.write_json(&RunJson { start: start.into(), ..RunJson::default() }).unwrap();
        }
        fs::create_dir(runs.join("no-run")).unwrap();
        let names: Vec<_> = list_runs(&runs).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["heart-20261124-231400", "energy-20261124-231400"]);
        let heart = resolve("latest", &runs).unwrap();
        assert_eq!(heart, resolve("heart-20261124-231400", &runs).unwrap());
        assert_eq!(heart, resolve(heart.path().to_str().unwrap(), Path::new("elsewhere")).unwrap());
        let error = resolve("haert", &runs).unwrap_err().to_string();
        assert!(error.contains("nearest: heart-20261124-231400, energy"), "{error}");
        assert!(resolve("", &runs).is_err());
    }
}
