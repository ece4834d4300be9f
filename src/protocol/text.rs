//! The text form of a command, shared by `trimtab send`, the palette and the log: `weight heating 2`, `pause`.

use super::Command;
use serde_json::{Map, Value};
use std::fmt;
use thiserror::Error;

/// Words that are no command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandTextError {
    /// Nothing was said.
    #[error("no command (commands: {})", verbs())]
    Empty,
    /// The first word is unknown.
    #[error("unknown command '{word}'{hint}")]
    Unknown {
        /// The word.
        word: String,
        /// The nearest right word, or the list.
        hint: String,
    },
    /// The words after it do not fit.
    #[error("{usage}: {problem}")]
    Words {
        /// The form that was expected.
        usage: &'static str,
        /// What does not fit.
        problem: String,
    },
}

/// The text form of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its first word.
    pub verb: &'static str,
    /// The name in JSON.
    pub command: &'static str,
    /// All its words; those in capitals stand for values, those in brackets may be left out.
    pub usage: &'static str,
    /// One line: what it does.
    pub help: &'static str,
}

const fn form(verb: &'static str, command: &'static str, usage: &'static str, help: &'static str) -> Form {
    Form { verb, command, usage, help }
}

/// The text form of every command.
#[rustfmt::skip]
pub const FORMS: [Form; 23] = [
    form("weight", "set_weight", "weight TASK VALUE [over STEPS]", "set the weight of one task, at once or little by little"),
    form("weights", "set_weights", "weights VALUE…", "set all weights, one value a task"),
    form("mute", "mute", "mute TASK", "leave a task out of the updates"),
    form("unmute", "unmute", "unmute TASK", "take a muted task in again"),
    form("muted", "set_muted", "muted [TASK…]", "mute exactly these tasks"),
    form("equalize", "equalize", "equalize", "set the weights so that gradient norms are equal"),
    form("weighting", "set_weighting", "weighting NAME [OPTION=VALUE…]", "choose what makes factors of weights and losses"),
    form("aggregation", "set_aggregation", "aggregation NAME [OPTION=VALUE…]", "choose what makes one update of all gradients"),
    form("lr", "set_lr", "lr VALUE", "set the learning rate; its schedule goes on from there"),
    form("clip", "set_clip", "clip VALUE|off", "bound the norm of an update, or do not"),
    form("gradient-every", "set_gradient_every", "gradient-every STEPS", "measure gradients of each task so often; 0 is never"),
    form("freeze", "freeze", "freeze PART", "stop updating a part: encoder, or a task for its head"),
    form("unfreeze", "unfreeze", "unfreeze PART", "update a frozen part again"),
    form("set", "set", "set NAME VALUE", "set a knob that the trainer has"),
    form("pause", "pause", "pause", "wait before the next step"),
    form("resume", "resume", "resume", "go on after a pause"),
    form("advance", "advance", "advance [STEPS]", "while paused: make so many steps"),
    form("pace", "set_pace", "pace STEPS_PER_SECOND|free", "make at most so many steps a second"),
    form("evaluate", "evaluate", "evaluate", "evaluate the validation part now"),
    form("checkpoint", "checkpoint", "checkpoint", "save the state now"),
    form("restore", "restore", "restore STEP", "go back to a checkpoint"),
    form("stop", "stop", "stop", "save the state and end the run"),
    form("note", "note", "note TEXT…", "put a sentence on record"),
];

impl Form {
    /// The form that begins with a word, in any case, or with the JSON name of the command.
    pub fn find(word: &str) -> Option<&'static Self> {
        let verb = plain(word);
        FORMS.iter().find(|form| form.verb == verb)
    }
}

/// A first word as verbs are written: `set_weight` is `weight`.
fn plain(word: &str) -> String {
    let plain = word.to_lowercase().replace('_', "-");
    plain.strip_prefix("set-").map_or(plain.clone(), str::to_owned)
}

/// All forms with what they do, a line each, for people.
pub fn forms_help() -> String {
    let wide = FORMS.iter().map(|form| crate::text::width(form.usage)).max().unwrap_or(0);
    let line = |form: &Form| format!("  {}  {}", crate::text::pad(form.usage, wide), form.help);
    FORMS.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn verbs() -> String {
    FORMS.map(|form| form.verb).join(", ")
}

/// Reads words such as `["weight", "heating", "2"]`. The names of the JSON form (`set_weight`) are verbs too.
///
/// # Errors
/// [`CommandTextError`], with the form that was expected.
pub fn parse_command<S: AsRef<str>>(words: &[S]) -> Result<Command, CommandTextError> {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let (&first, rest) = words.split_first().ok_or(CommandTextError::Empty)?;
    let Some(&Form { verb, usage, .. }) = Form::find(first) else {
        let hint = match crate::text::nearest(&plain(first), FORMS.map(|form| form.verb)) {
            Some(near) => format!(" (did you mean '{near}'?)"),
            None => format!(" (commands: {})", verbs()),
        };
        return Err(CommandTextError::Unknown { word: first.to_owned(), hint });
    };
    let wrong = |problem: String| CommandTextError::Words { usage, problem };
    let number = |word: &str| {
        word.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| wrong(format!("'{word}' is no number")))
    };
    let count = |word: &str| word.parse::<u64>().map_err(|_| wrong(format!("'{word}' is no number of steps")));
    let one = |what: &str| match rest {
        [word] => Ok(*word),
        [] => Err(wrong(format!("{what} is missing"))),
        _ => Err(wrong(format!("one word expected, got {}", rest.len()))),
    };
    let none = |command: Command| match rest {
        [] => Ok(command),
        _ => Err(wrong(format!("'{}' is one word too many", rest[0]))),
    };
    match verb {
        "weight" => match rest {
            [task, value] => {
                Ok(Command::SetWeight { task: (*task).to_owned(), value: number(value)?, over_steps: None })
            }
            [task, value, "over", steps] => Ok(Command::SetWeight {
                task: (*task).to_owned(),
                value: number(value)?,
                over_steps: Some(count(steps)?),
            }),
            _ => Err(wrong("a task and a value are expected".to_owned())),
        },
        "weights" => Ok(Command::SetWeights { weights: rest.iter().map(|w| number(w)).collect::<Result<_, _>>()? }),
        "mute" => Ok(Command::Mute { task: one("the task")?.to_owned() }),
        "unmute" => Ok(Command::Unmute { task: one("the task")?.to_owned() }),
        "muted" => Ok(Command::SetMuted { tasks: rest.iter().map(|&task| task.to_owned()).collect() }),
        "equalize" => none(Command::Equalize {}),
        "weighting" | "aggregation" => {
            let (&name, options) = rest.split_first().ok_or_else(|| wrong("the name is missing".to_owned()))?;
            let options = options
                .iter()
                .map(|option| {
                    let (key, value) =
                        option.split_once('=').ok_or_else(|| wrong(format!("'{option}' is no option=value")))?;
                    Ok((key.to_owned(), json_word(value)))
                })
                .collect::<Result<Map<_, _>, _>>()?;
            let name = name.to_owned();
            Ok(if verb == "weighting" {
                Command::SetWeighting { name, options }
            } else {
                Command::SetAggregation { name, options }
            })
        }
        "lr" => Ok(Command::SetLr { value: number(one("the value")?)? }),
        "clip" => match one("the value")? {
            "off" | "none" => Ok(Command::SetClip { value: None }),
            word => Ok(Command::SetClip { value: Some(number(word)?) }),
        },
        "gradient-every" => Ok(Command::SetGradientEvery { steps: count(one("the number of steps")?)? }),
        "freeze" => Ok(Command::Freeze { part: one("the part")?.to_owned() }),
        "unfreeze" => Ok(Command::Unfreeze { part: one("the part")?.to_owned() }),
        "set" => match rest {
            [name, value] => Ok(Command::Set { parameter: (*name).to_owned(), value: json_word(value) }),
            _ => Err(wrong("a name and a value are expected".to_owned())),
        },
        "pause" => none(Command::Pause {}),
        "resume" => none(Command::Resume {}),
        "advance" if rest.is_empty() => Ok(Command::Advance { steps: 1 }),
        "advance" => Ok(Command::Advance { steps: count(one("the number of steps")?)? }),
        "pace" => match one("the pace")? {
            "free" | "off" => Ok(Command::SetPace { steps_per_second: None }),
            word => Ok(Command::SetPace { steps_per_second: Some(number(word)?) }),
        },
        "evaluate" => none(Command::Evaluate {}),
        "checkpoint" => none(Command::Checkpoint {}),
        "restore" => Ok(Command::Restore { step: count(one("the step")?)? }),
        "stop" => none(Command::Stop {}),
        _ => match rest {
            [] => Err(wrong("the text is missing".to_owned())),
            _ => Ok(Command::Note { text: rest.join(" ") }),
        },
    }
}

/// A word as a JSON number or truth value where it reads as one, else as a string.
fn json_word(word: &str) -> Value {
    match serde_json::from_str(word) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => value,
        _ => Value::String(word.to_owned()),
    }
}

impl fmt::Display for Command {
    /// The text form, as [`parse_command`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = |f: &mut fmt::Formatter<'_>, options: &Map<String, Value>| {
            options.iter().try_for_each(|(key, value)| match value {
                Value::String(text) => write!(f, " {key}={text}"),
                other => write!(f, " {key}={other}"),
            })
        };
        match self {
            Self::SetWeight { task, value, over_steps: None } => write!(f, "weight {task} {value}"),
            Self::SetWeight { task, value, over_steps: Some(steps) } => write!(f, "weight {task} {value} over {steps}"),
            Self::SetWeights { weights } => {
                f.write_str("weights")?;
                weights.iter().try_for_each(|weight| write!(f, " {weight}"))
            }
            Self::Mute { task } => write!(f, "mute {task}"),
            Self::Unmute { task } => write!(f, "unmute {task}"),
            Self::SetMuted { tasks } => {
                f.write_str("muted")?;
                tasks.iter().try_for_each(|task| write!(f, " {task}"))
            }
            Self::SetWeighting { name, options: given } => {
                write!(f, "weighting {name}")?;
                options(f, given)
            }
            Self::SetAggregation { name, options: given } => {
                write!(f, "aggregation {name}")?;
                options(f, given)
            }
            Self::SetLr { value } => write!(f, "lr {value}"),
            Self::SetClip { value: None } => f.write_str("clip off"),
            Self::SetClip { value: Some(value) } => write!(f, "clip {value}"),
            Self::SetGradientEvery { steps } => write!(f, "gradient-every {steps}"),
            Self::Freeze { part } => write!(f, "freeze {part}"),
            Self::Unfreeze { part } => write!(f, "unfreeze {part}"),
            Self::Set { parameter, value: Value::String(text) } => write!(f, "set {parameter} {text}"),
            Self::Set { parameter, value } => write!(f, "set {parameter} {value}"),
            Self::Advance { steps } => write!(f, "advance {steps}"),
            Self::SetPace { steps_per_second: None } => f.write_str("pace free"),
            Self::SetPace { steps_per_second: Some(pace) } => write!(f, "pace {pace}"),
            Self::Restore { step } => write!(f, "restore {step}"),
            Self::Note { text } => write!(f, "note {text}"),
            plain => f.write_str(plain.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Command, CommandTextError> {
        parse_command(&text.split_whitespace().collect::<Vec<_>>())
    }

    #[test]
    fn every_text_form_comes_back() {
        for text in [
            "weight heating 2",
            "weight heating 0.1 over 100",
            "weights 1 0.5",
            "mute a",
            "unmute a",
            "muted a b",
            "muted",
            "equalize",
            "weighting dwa temperature=2",
            "aggregation cagrad c=0.4",
            "lr 0.001",
            "clip off",
            "clip 1",
            "gradient-every 20",
            "freeze encoder",
            "unfreeze encoder",
            "set temperature 1.5",
            "pause",
            "resume",
            "advance 3",
            "pace free",
            "pace 20",
            "evaluate",
            "checkpoint",
            "restore 500",
            "stop",
            "note two words",
        ] {
            let command = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(command.to_string(), text);
        }
        assert_eq!(read("set_weight a 2"), read("weight a 2"));
    }

    #[test]
    fn every_command_has_one_form_and_a_line_of_help() {
        assert_eq!(FORMS.map(|form| form.command), crate::protocol::COMMAND_NAMES);
        for form in FORMS {
            assert_eq!(form.usage.split(' ').next(), Some(form.verb));
            assert_eq!([form.verb, form.command].map(Form::find), [FORMS.iter().find(|other| **other == form); 2]);
            assert!(form.help.len() > 8 && forms_help().contains(form.help));
        }
    }

    #[test]
    fn errors_name_the_form_or_the_nearest_verb() {
        assert!(read("wieght a 2").unwrap_err().to_string().contains("'weight'"));
        assert!(read("weight a x").unwrap_err().to_string().contains("'x' is no number"));
        assert!(read("pause now").unwrap_err().to_string().contains("'now'"));
        assert!(read("").unwrap_err().to_string().contains("weights"));
    }
}
