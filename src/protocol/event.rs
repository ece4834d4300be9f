//! What a trainer says. One JSON object a line; unknown kinds and unknown fields are skipped, never an error.

use super::{Command, Real};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One thing that happened in a run. Per-task values are arrays in task order; `None` means "not there".
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first line: what is trained, on what, by whom.
    Run(Box<RunStarted>),
    /// One update.
    Step(Box<Step>),
    /// What a balancing method saw and would have done.
    Balance(Box<Balance>),
    /// Named numbers of a foreign trainer.
    Scalars(Scalars),
    /// Memory, processor and where a step's time went.
    System(System),
    /// Losses and metrics on a part that is not trained on.
    Eval(Eval),
    /// One input with the wanted and the given answer.
    Sample(Sample),
    /// A request was carried out.
    Applied(Applied),
    /// A request was refused.
    Rejected(Rejected),
    /// The state was saved.
    Checkpoint(Checkpoint),
    /// The run goes on from an earlier step.
    Rewind(Rewind),
    /// Something a person should know.
    Alert(Alert),
    /// The recorder lives, and how old the trainer's last step is.
    Heartbeat(Heartbeat),
    /// The last line.
    End(End),
    /// A kind this version does not know, kept as it came.
    #[serde(untagged)]
    Unknown(Value),
}

impl Event {
    /// Reads one line.
    ///
    /// # Errors
    /// Where the line is no JSON object with an `event` name, or a known event lacks a field or has one of the wrong
    /// type. A line with an unknown `event` is [`Event::Unknown`].
    pub fn parse(line: &str) -> Result<Self, serde_json::Error> {
        Self::from_value(serde_json::from_str(line)?)
    }

    /// Reads one JSON value, as [`Event::parse`] does.
    ///
    /// # Errors
    /// As [`Event::parse`].
    pub fn from_value(value: Value) -> Result<Self, serde_json::Error> {
        use serde_json::from_value as read;
        let Some(kind) = value.get("event").and_then(Value::as_str) else {
            return Err(serde::de::Error::custom("expected an object with an \"event\" name"));
        };
        Ok(match kind {
            "run" => Self::Run(read(value)?),
            "step" => Self::Step(read(value)?),
            "balance" => Self::Balance(read(value)?),
            "scalars" => Self::Scalars(read(value)?),
            "system" => Self::System(read(value)?),
            "eval" => Self::Eval(read(value)?),
            "sample" => Self::Sample(read(value)?),
            "applied" => Self::Applied(read(value)?),
            "rejected" => Self::Rejected(read(value)?),
            "checkpoint" => Self::Checkpoint(read(value)?),
            "rewind" => Self::Rewind(read(value)?),
            "alert" => Self::Alert(read(value)?),
            "heartbeat" => Self::Heartbeat(read(value)?),
            "end" => Self::End(read(value)?),
            _ => Self::Unknown(value),
        })
    }

    /// The event as one line of JSON, without the line's end.
    ///
    /// # Errors
    /// Never in practice: every value here has a JSON form.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

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
    /// The seed.
    #[serde(default)]
    pub seed: u64,
    /// Where tensors live.
    #[serde(default)]
    pub device: String,
    /// Planned updates; absent where a foreign trainer does not know.
    #[serde(default)]
    pub steps: Option<u64>,
    /// The run this one was forked from.
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
    /// Names of the commands this trainer takes.
    #[serde(default)]
    pub accepts: Vec<String>,
}

/// Norms and cosines of per-task gradients at one place of the network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GradientView {
    /// ‖g_i‖ of the raw gradient ∂L_i, an entry a task.
    pub norm: Vec<Option<Real>>,
    /// Pairs 01, 02, …, 12, … (see [`pairs`]); absent where one of the two is absent or zero.
    pub cosine: Vec<Option<Real>>,
}

/// Per-task gradients, where measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gradient {
    /// At z, the encoder's output, flattened over the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representation: Option<GradientView>,
    /// On the shared parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<GradientView>,
}

/// One update. Losses are those before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Counted from 1.
    pub step: u64,
    /// Passes over each source's training rows, an entry a source.
    #[serde(default)]
    pub epoch: Vec<Real>,
    /// Seconds of training since the start, pauses left out.
    #[serde(default)]
    pub time: Real,
    /// Raw L_i in training's units; absent without a label.
    pub loss: Vec<Option<Real>>,
    /// The user's λ_i.
    #[serde(default)]
    pub weight: Vec<Real>,
    /// f_i of the weighting; absent where muted or without a label.
    #[serde(default)]
    pub factor: Vec<Option<Real>>,
    /// c_i of the aggregation.
    #[serde(default)]
    pub coefficient: Vec<Option<Real>>,
    /// Labelled rows in this batch.
    #[serde(default)]
    pub labelled: Vec<u64>,
    /// Σ λ_i L_i over labelled, unmuted tasks; absent where there are none.
    #[serde(default)]
    pub total: Option<Real>,
    /// A balancing method's own objective, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surrogate: Option<Real>,
    /// Learning rate of this update.
    #[serde(default)]
    pub lr: Option<Real>,
    /// Global norm of the combined gradient before clipping.
    #[serde(default)]
    pub update_norm: Option<Real>,
    /// The bound of clipping; absent where off.
    #[serde(default)]
    pub clip: Option<Real>,
    /// The factor that clipping used.
    #[serde(default)]
    pub clip_scale: Option<Real>,
    /// Per-task gradients, where measured.
    #[serde(default)]
    pub gradient: Gradient,
}

/// What a balancing method saw at a step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// The step.
    pub step: u64,
    /// Norm of the smallest convex combination of the gradients.
    #[serde(default)]
    pub gap: Option<Real>,
    /// Cosine of the update with each task's gradient.
    #[serde(default)]
    pub update_cosine: Vec<Option<Real>>,
    /// Coefficients that other methods would have taken.
    #[serde(default)]
    pub shadow: BTreeMap<String, Vec<Option<Real>>>,
    /// Row i, column j: how a step on task i changes task j.
    #[serde(default)]
    pub affinity: Vec<Vec<Option<Real>>>,
}

/// Named numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scalars {
    /// The step.
    pub step: u64,
    /// Name to value.
    pub values: BTreeMap<String, Real>,
}

/// The machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct System {
    /// Seconds since the start.
    pub time: Real,
    /// Resident bytes.
    #[serde(default)]
    pub memory: Option<u64>,
    /// Cores in use.
    #[serde(default)]
    pub cpu: Option<Real>,
    /// Seconds a part of the step took.
    #[serde(default)]
    pub parts: BTreeMap<String, Real>,
}

/// Losses and metrics after `step` updates; step 0 is the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Eval {
    /// Updates made so far.
    pub step: u64,
    /// `valid` or `test`.
    pub split: String,
    /// Mean loss a task.
    pub loss: Vec<Option<Real>>,
    /// Metrics a task, in the user's units; undefined ones are absent.
    #[serde(default)]
    pub metric: Vec<BTreeMap<String, Real>>,
    /// Mean over tasks of loss / reference loss; smaller is better.
    #[serde(default)]
    pub score: Option<Real>,
    /// Whether this is the best score so far.
    #[serde(default)]
    pub best: bool,
}

/// One input and its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Updates made so far.
    pub step: u64,
    /// The task.
    pub task: String,
    /// The input, as text.
    pub input: String,
    /// The wanted answer.
    #[serde(default)]
    pub want: String,
    /// The given answer.
    #[serde(default)]
    pub got: String,
}

/// A request that was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The update in which it acts for the first time.
    pub step: u64,
    /// The request's id.
    pub id: String,
    /// Who sent it.
    #[serde(default)]
    pub from: String,
    /// The command as JSON, so that readers of an older version keep what they do not know.
    pub command: Value,
    /// The value before, where the command has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The value after, where the command has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

impl Applied {
    /// The command, where this version knows it.
    pub fn command(&self) -> Option<Command> {
        Command::from_value(&self.command).ok()
    }
}

/// A request that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    /// The update before which it was refused.
    pub step: u64,
    /// The request's id.
    pub id: String,
    /// Who sent it.
    #[serde(default)]
    pub from: String,
    /// Why.
    pub reason: String,
}

/// The state was saved after `step` updates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Updates made so far.
    pub step: u64,
    /// Relative to the run directory.
    pub path: String,
}

/// Why a run went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewindReason {
    /// A new process took over; the steps after are dropped.
    Resume,
    /// A person went back; the steps after are kept, dimmed.
    Restore,
}

/// The run goes on from an earlier step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewind {
    /// The last step that stays.
    pub to_step: u64,
    /// Why.
    pub why: RewindReason,
}

/// Something a person should know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The step.
    pub step: u64,
    /// A stable name, e.g. `non_finite_loss`.
    pub code: String,
    /// `info`, `warning` or `error`.
    #[serde(default)]
    pub level: String,
    /// The task concerned.
    #[serde(default)]
    pub task: Option<String>,
    /// For people.
    pub message: String,
}

/// The recorder's sign of life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Seconds since the start.
    pub time: Real,
    /// `running`, `paused`, `evaluating`.
    pub state: String,
    /// The trainer's last step.
    pub step: u64,
    /// Seconds since that step.
    #[serde(default)]
    pub step_age: Real,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// All steps were made.
    Finished,
    /// The validation score stopped getting better.
    EarlyStopped,
    /// A request.
    Stopped,
    /// A signal.
    Interrupted,
    /// A loss or gradient was not finite.
    Diverged,
    /// An error or a panic.
    Failed,
}

impl EndReason {
    /// The name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::EarlyStopped => "early_stopped",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
        }
    }
}

/// The run's last line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Updates made.
    pub step: u64,
    /// Why.
    pub reason: EndReason,
    /// What went wrong, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Pairs of `count` tasks in the order of [`GradientView::cosine`]: 01, 02, …, 12, ….
pub fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| (i, j)))
}

/// Place of the pair (`i`, `j`), in either order, in [`pairs`]; `None` on the diagonal or out of range.
pub fn pair_index(count: usize, i: usize, j: usize) -> Option<usize> {
    let (i, j) = if i < j { (i, j) } else { (j, i) };
    (i != j && j < count).then(|| i * (2 * count - i - 1) / 2 + j - i - 1)
}

/// A JSON object with one entry, the form of a command.
pub(super) fn single(name: &str, value: Value) -> Value {
    let mut map = Map::new();
    map.insert(name.to_owned(), value);
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_kinds_pass_and_unknown_fields_are_skipped() {
        let line = r#"{"event":"novelty","a":[1,2]}"#;
        let event = Event::parse(line).unwrap();
        assert!(matches!(event, Event::Unknown(_)));
        assert_eq!(event.to_line().unwrap(), line);
        assert!(matches!(Event::parse(r#"{"event":"end","step":3,"reason":"finished","x":1}"#), Ok(Event::End(_))));
        assert!(Event::parse("[1]").is_err());
        assert!(Event::parse(r#"{"event":"end","step":"x"}"#).is_err());
    }

    #[test]
    fn a_line_comes_back_as_it_was() {
        let line = r#"{"event":"applied","step":201,"id":"k3f9-1","from":"dashboard","command":{"set_weight":{"task":"heating","value":2.0}},"old":1.0,"new":2.0}"#;
        let event = Event::parse(line).unwrap();
        assert_eq!(event.to_line().unwrap(), line);
        let Event::Applied(applied) = event else { panic!("not applied") };
        assert_eq!(
            applied.command(),
            Some(Command::SetWeight { task: "heating".into(), value: 2.0, over_steps: None })
        );
    }

    #[test]
    fn pairs_and_their_places_agree() {
        for count in 0..7 {
            for (place, (i, j)) in pairs(count).enumerate() {
                assert_eq!(pair_index(count, i, j), Some(place));
                assert_eq!(pair_index(count, j, i), Some(place));
            }
        }
        assert_eq!(pair_index(3, 1, 1), None);
        assert_eq!(pair_index(3, 1, 3), None);
    }
}
