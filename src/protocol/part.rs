//! The parts of a network that can be frozen, and the words for them.
//!
//! `encoder` is the shared part, a task's name its head. `task.NAME` is the head of the task NAME too, whatever its name:
//! a task called `encoder` has its head under `task.encoder`.

use crate::text::{nearest, sanitise, truncate};

/// Names that a message lists.
const SHOWN: usize = 20;

/// The word for the shared part.
const ENCODER: &str = "encoder";

/// A part of a network. The encoder comes before the heads, those in task order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The shared encoder.
    Encoder,
    /// The head of the task at this place.
    Head(usize),
}

impl Part {
    /// The part that a word means in a run with these tasks.
    ///
    /// # Errors
    /// A sentence with the nearest name and the list of parts.
    pub fn parse(word: &str, tasks: &[String]) -> Result<Self, String> {
        let place = |name: &str| tasks.iter().position(|task| task == name).map(Self::Head);
        let head = word.strip_prefix("task.").and_then(place);
        let found = head.or_else(|| (word == ENCODER).then_some(Self::Encoder)).or_else(|| place(word));
        found.ok_or_else(|| {
            let parts: Vec<String> =
                std::iter::once(Self::Encoder).chain((0..tasks.len()).map(Self::Head)).map(|p| p.name(tasks)).collect();
            let shown: Vec<String> = parts.iter().take(SHOWN).map(|part| truncate(&sanitise(part), 60)).collect();
            let rest = if parts.len() > SHOWN { ", …" } else { "" };
            let near = nearest(word, parts.iter().map(String::as_str))
                .map_or(String::new(), |near| format!(", did you mean '{}'?", truncate(&sanitise(near), 60)));
            format!("no part named '{}'{near} (parts: {}{rest})", truncate(&sanitise(word), 60), shown.join(", "))
        })
    }

    /// The word for this part, which [`Part::parse`] reads back.
    pub fn name(self, tasks: &[String]) -> String {
        match self {
            Self::Encoder => ENCODER.to_owned(),
            Self::Head(place) => {
                let name = tasks.get(place).map_or("", String::as_str);
                let hidden = name == ENCODER
                    || name.strip_prefix("task.").is_some_and(|rest| tasks.iter().any(|task| task == rest));
                if hidden { format!("task.{name}") } else { name.to_owned() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_word_means_the_encoder_or_a_head() {
        let tasks = tasks(&["heating", "class"]);
        assert_eq!(Part::parse("encoder", &tasks), Ok(Part::Encoder));
        assert_eq!(Part::parse("class", &tasks), Ok(Part::Head(1)));
        assert_eq!(Part::parse("task.class", &tasks), Ok(Part::Head(1)));
        assert_eq!(
            Part::parse("encodr", &tasks).unwrap_err(),
            "no part named 'encodr', did you mean 'encoder'? (parts: encoder, heating, class)"
        );
        assert_eq!(
            Part::parse("\u{1b}[2J", &tasks).unwrap_err(),
            "no part named '␛[2J' (parts: encoder, heating, class)"
        );
    }

    #[test]
    fn every_part_has_a_word_of_its_own_whatever_the_tasks_are_called() {
        let tasks = tasks(&["encoder", "task.encoder", "a", "task.a", "task.task.a", "task.b"]);
        assert_eq!(Part::parse("encoder", &tasks), Ok(Part::Encoder));
        assert_eq!(Part::parse("task.encoder", &tasks), Ok(Part::Head(0)));
        assert_eq!(Part::parse("task.b", &tasks), Ok(Part::Head(5)));
        for part in std::iter::once(Part::Encoder).chain((0..tasks.len()).map(Part::Head)) {
            assert_eq!(Part::parse(&part.name(&tasks), &tasks), Ok(part), "{}", part.name(&tasks));
        }
    }
}
