//! A command on its way to a trainer.

use super::Command;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One line of `requests.jsonl`, or one value in the channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the sender; answered once, ever.
    pub id: String,
    /// Who asks: `dashboard`, `cli`, ….
    #[serde(default)]
    pub from: String,
    /// The update in which it shall act for the first time; `None` is the next one.
    #[serde(default)]
    pub at_step: Option<u64>,
    /// What to do.
    pub command: Command,
}

/// A line that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RejectedLine {
    /// It has an id, so it is answered with the reason.
    WithId {
        /// The request's id.
        id: String,
        /// Who asked.
        from: String,
        /// Why it is refused.
        reason: String,
    },
    /// It has no readable id; it can only be counted.
    Unreadable {
        /// What is wrong.
        reason: String,
    },
}

impl Request {
    /// Reads one line: first as plain JSON, so that an unknown command is refused by its id.
    ///
    /// # Errors
    /// [`RejectedLine`].
    pub fn parse(line: &str) -> Result<Self, RejectedLine> {
        let unreadable = |reason: String| RejectedLine::Unreadable { reason };
        let value: Value = serde_json::from_str(line).map_err(|error| unreadable(error.to_string()))?;
        let Some(id) = value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            return Err(unreadable("expected an object with an \"id\"".to_owned()));
        };
        let from = value.get("from").and_then(Value::as_str).unwrap_or_default();
        let refuse = |reason: String| RejectedLine::WithId { id: id.to_owned(), from: from.to_owned(), reason };
        let at_step = match value.get("at_step") {
            None | Some(Value::Null) => None,
            Some(step) => Some(step.as_u64().ok_or_else(|| refuse("at_step: expected a step number".to_owned()))?),
        };
        let command = value.get("command").ok_or_else(|| refuse("no \"command\"".to_owned()))?;
        let command = Command::from_value(command).map_err(refuse)?;
        Ok(Self { id: id.to_owned(), from: from.to_owned(), at_step, command })
    }

    /// The request as one line of JSON, without the line's end.
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

    #[test]
    fn unknown_commands_are_refused_by_id_and_lines_without_id_are_unreadable() {
        let unknown = Request::parse(r#"{"id":"a","from":"x","command":{"explode":{}}}"#).unwrap_err();
        assert!(matches!(unknown, RejectedLine::WithId { ref id, ref from, .. } if id == "a" && from == "x"));
        for line in ["", "{", "[]", "null", r#"{"id":7}"#, r#"{"command":{"pause":{}}}"#] {
            assert!(matches!(Request::parse(line), Err(RejectedLine::Unreadable { .. })), "{line}");
        }
    }

    #[test]
    fn a_request_comes_back_as_it_was() {
        let line = r#"{"id":"1","from":"cli","at_step":null,"command":{"set_clip":{"value":null}}}"#;
        assert_eq!(Request::parse(line).unwrap().to_line().unwrap(), line);
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics(line in ".{0,200}") {
            let _ = Request::parse(&line);
            let _ = crate::protocol::Event::parse(&line);
        }
    }
}
