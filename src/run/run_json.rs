//! `run.json`: what a run is and where it stands, in one small file.

use crate::protocol::EndReason;
use jiff::Zoned;
use serde::{Deserialize, Serialize};

/// Version of a run directory's form.
pub const RUN_SCHEMA: u32 = 1;

/// Where a run stands, as `run.json` says; a process that died leaves `running` behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum RunStatus {
    /// Started, not ended.
    #[default]
    Running,
    /// Ended.
    Ended(EndReason),
    /// A word of a later version or another trainer.
    Other(String),
}

impl From<String> for RunStatus {
    fn from(word: String) -> Self {
        use EndReason::{Diverged, EarlyStopped, Failed, Finished, Interrupted, Stopped};
        if word == "running" {
            return Self::Running;
        }
        [Finished, EarlyStopped, Stopped, Interrupted, Diverged, Failed]
            .into_iter()
            .find(|reason| reason.name() == word)
            .map_or(Self::Other(word), Self::Ended)
    }
}

impl From<RunStatus> for String {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Running => "running".to_owned(),
            RunStatus::Ended(reason) => reason.name().to_owned(),
            RunStatus::Other(word) => word,
        }
    }
}

/// `run.json`: what a run is, in one small file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunJson {
    /// Version of the directory's form.
    pub schema: u32,
    /// Program and version.
    pub program: String,
    /// The run's name, without the time.
    pub name: String,
    /// Task names in order.
    pub tasks: Vec<String>,
    /// The seed.
    pub seed: u64,
    /// Where tensors live.
    pub device: String,
    /// The machine's name.
    pub host: String,
    /// The trainer's process id.
    pub pid: u32,
    /// The run this one was forked from, or began with the values of.
    pub parent: Option<String>,
    /// Fingerprint of the data.
    pub data: String,
    /// When it started, RFC 3339 with offset.
    pub start: String,
    /// When it ended.
    pub end: Option<String>,
    /// Where it stands.
    pub status: RunStatus,
}

impl RunJson {
    /// A run that starts here and now, in this process.
    pub fn starting(name: &str, tasks: Vec<String>, seed: u64, device: &str, data: &str) -> Self {
        Self {
            schema: RUN_SCHEMA,
            program: format!("trimtab {}", env!("CARGO_PKG_VERSION")),
            name: name.to_owned(),
            tasks,
            seed,
            device: device.to_owned(),
            data: data.to_owned(),
            start: now(),
            ..Self::default()
        }
        .continued()
    }

    /// The same run, trained on from now on by this process.
    #[must_use]
    pub fn continued(self) -> Self {
        let host = gethostname::gethostname().to_string_lossy().into_owned();
        Self { host, pid: std::process::id(), end: None, status: RunStatus::Running, ..self }
    }

    /// The same run, ended now.
    #[must_use]
    pub fn ended(self, reason: EndReason) -> Self {
        Self { end: Some(now()), status: RunStatus::Ended(reason), ..self }
    }
}

/// The local time, RFC 3339 with offset, whole seconds.
fn now() -> String {
    Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunDirectory;
    use std::fs;

    #[test]
    fn run_json_comes_back_and_unknown_words_pass() {
        let base = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(base.path(), "a").unwrap();
        assert!(RunDirectory::open(run.path()).is_err());
        let json = RunJson::starting("a", vec!["x".into()], 7, "flex", "sha256:00");
        assert!(jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%:z", &json.start).is_ok(), "{}", json.start);
        run.write_json(&json).unwrap();
        assert_eq!(RunDirectory::open(run.path()).unwrap().read_json().unwrap(), json);
        let ended = json.ended(EndReason::EarlyStopped);
        run.write_json(&ended).unwrap();
        assert!(fs::read_to_string(run.path().join("run.json")).unwrap().contains("\"status\": \"early_stopped\""));
        assert_eq!(run.read_json().unwrap(), ended);
        fs::write(run.path().join("run.json"), r#"{"name":"b","status":"dreaming","new":1}"#).unwrap();
        assert_eq!(run.read_json().unwrap().status, RunStatus::Other("dreaming".into()));
    }
}
