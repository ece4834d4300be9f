//! What a trainer says. One JSON object a line; unknown kinds and unknown fields are skipped, never an error.

use super::{
    Alert, Applied, Balance, Checkpoint, End, Eval, Heartbeat, Rejected, Rewind, RunStarted, Sample, Scalars, Step,
    System,
};
use serde::Serialize;
use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Command;

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
    fn what_was_not_measured_is_not_written() {
        let line = r#"{"event":"step","step":3,"loss":[1.0],"part_norm":{"encoder":0.5,"heads":[null]}}"#;
        let Event::Step(step) = Event::parse(line).unwrap() else { panic!("no step") };
        assert_eq!(step.part_norm.as_ref().unwrap().heads, [None]);
        assert!(Event::Step(step.clone()).to_line().unwrap().contains(r#""part_norm":{"encoder":0.5,"heads":[null]}"#));
        let old = Event::Step(Box::new(crate::protocol::Step { part_norm: None, ..*step }));
        assert!(!old.to_line().unwrap().contains("part_norm"));
        let Event::Run(run) = Event::parse(r#"{"event":"run","schema":1,"run":"a","tasks":[]}"#).unwrap() else {
            panic!("no run")
        };
        assert!(run.host.is_empty() && run.pid.is_none());
        let written = Event::Run(run).to_line().unwrap();
        for name in ["host", "pid", "threads", "started", "config", "data"] {
            assert!(!written.contains(&format!("\"{name}\"")), "{written}");
        }
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
}
