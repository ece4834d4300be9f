//! A run's first event: what is trained, on what, by whom.

use super::Real;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether larger or smaller values of a metric are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Larger is better.
    Higher,
    /// Smaller is better.
    Lower,
}

/// A metric's name and direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricInfo {
    /// As in the configuration, e.g. `accuracy`.
    pub name: String,
    /// Its direction.
    pub better: Better,
}

/// A task as the run's first event states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskInfo {
    /// The task's name.
    pub name: String,
    /// The source its rows come from.
    #[serde(default)]
    pub source: String,
    /// The loss's name.
    #[serde(default)]
    pub loss: String,
    /// λ at the start.
    #[serde(default)]
    pub weight: Real,
    /// What `eval` reports for it.
    #[serde(default)]
    pub metrics: Vec<MetricInfo>,
    /// Test metrics of the same network trained on this task alone, where they are known: what Δm is measured against.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub baseline: BTreeMap<String, Real>,
}

/// Rows a source has in each part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Rows trained on.
    pub train: usize,
    /// Rows that choose `best`.
    pub valid: usize,
    /// Rows read once, at the end.
    pub test: usize,
}

/// A source as the run's first event states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// The source's name.
    pub name: String,
    /// `table`, later others.
    #[serde(default)]
    pub kind: String,
    /// Its size.
    #[serde(default)]
    pub rows: Rows,
}

/// Numbers of parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterCounts {
    /// Reached by two or more tasks.
    pub shared: usize,
    /// Reached by one task alone, an entry a task.
    pub own: Vec<usize>,
}

/// The run's first line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// Version of the contract; readers go on with higher ones as far as they understand them.
    pub schema: u32,
    /// The run's name.
    pub run: String,
    /// Program and version.
    #[serde(default)]
    pub program: String,
    /// The machine's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The trainer's process; another one's after the run was resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Threads that a large operation on tensors may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// When it started, local time, RFC 3339 with offset.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub started: String,
    /// SHA-256 of the resolved configuration's text, the run's `config.toml`, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub config: String,
    /// Fingerprint of the data, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data: String,
    /// The seed.
    #[serde(default)]
    pub seed: u64,
    /// Where tensors live.
    #[serde(default)]
    pub device: String,
    /// Planned updates; absent where a foreign trainer does not know.
    #[serde(default)]
    pub steps: Option<u64>,
    /// The run this one was forked from, or began with the values of.
    #[serde(default)]
    pub parent: Option<String>,
    /// The tasks; their order is the order of every per-task array.
    pub tasks: Vec<TaskInfo>,
    /// The sources.
    #[serde(default)]
    pub sources: Vec<SourceInfo>,
    /// Sizes of the network.
    #[serde(default)]
    pub parameters: ParameterCounts,
    /// The weighting's name.
    #[serde(default)]
    pub weighting: String,
    /// The aggregation's name.
    #[serde(default)]
    pub aggregation: String,
    /// Names of the parts that are frozen at the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frozen: Vec<String>,
    /// What `set` can change, with the value at the start.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub knobs: BTreeMap<String, Value>,
    /// Names of the commands this trainer takes.
    #[serde(default)]
    pub accepts: Vec<String>,
}
