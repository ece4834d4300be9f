//! What this screen changed in a run, so that it can be taken back and made again.
//!
//! Owns two stacks of movements, built from the answers to this screen's own requests. It must not send anything.

use super::model::Run;
use crate::protocol::{Applied, Command, Part, Real, parse_command};
use serde_json::Value;

/// How many movements are kept.
const KEPT: usize = 500;

/// One change of the run by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Movement {
    /// What brings back what was before.
    pub back: Command,
    /// What makes the change again.
    pub forth: Command,
    /// Who changed the same thing since, where someone else did.
    pub changed_by: Option<String>,
}

/// Which way a movement goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Taken back.
    Undo,
    /// Made again.
    Redo,
}

/// A movement on its way.
#[derive(Clone, Debug, PartialEq)]
struct Flying {
    id: String,
    direction: Direction,
    movement: Movement,
}

/// What can be taken back, and what was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undo {
    done: Vec<Movement>,
    undone: Vec<Movement>,
    flying: Vec<Flying>,
    /// Presses that wait for the answer to the change they mean.
    waiting: Vec<Direction>,
}

impl Undo {
    /// The movement that would be taken back or made again.
    pub fn next(&self, direction: Direction) -> Option<&Movement> {
        match direction {
            Direction::Undo => self.done.last(),
            Direction::Redo => self.undone.last(),
        }
    }

    /// Takes that movement off its stack.
    pub fn take(&mut self, direction: Direction) -> Option<Movement> {
        match direction {
            Direction::Undo => self.done.pop(),
            Direction::Redo => self.undone.pop(),
        }
    }

    /// Lays back a movement that could not be sent.
    pub fn lay_back(&mut self, direction: Direction, movement: Movement) {
        match direction {
            Direction::Undo => self.done.push(movement),
            Direction::Redo => self.undone.push(movement),
        }
    }

    /// Notes that a movement was sent.
    pub fn sent(&mut self, id: String, direction: Direction, movement: Movement) {
        self.flying.push(Flying { id, direction, movement });
    }

    /// Whether the request is one of a movement taken back or made again.
    pub fn is_flying(&self, id: &str) -> bool {
        self.flying.iter().any(|flying| flying.id == id)
    }

    /// Lets a press wait for an answer.
    pub fn wait(&mut self, direction: Direction) {
        if self.waiting.len() < KEPT {
            self.waiting.push(direction);
        }
    }

    /// The presses that waited.
    pub fn take_waiting(&mut self) -> Vec<Direction> {
        std::mem::take(&mut self.waiting)
    }

    /// Takes in what a request of this screen changed.
    fn moved(&mut self, movement: Movement) {
        self.done.push(movement);
        self.undone.clear();
        if self.done.len() > KEPT {
            self.done.remove(0);
        }
    }

    /// Takes in that a request was refused; one on its way back is lost, so that those before it can still be taken back.
    pub fn rejected(&mut self, id: &str) {
        self.flying.retain(|flying| flying.id != id);
    }

    /// Forgets everything: the run went back to another state.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Someone else changed something.
    fn changed(&mut self, command: &Command, from: &str) {
        for movement in self.done.iter_mut().chain(&mut self.undone) {
            if same_thing(&movement.forth, command) {
                movement.changed_by = Some(from.to_owned());
            }
        }
    }

    fn landed(&mut self, id: &str) -> Option<(Direction, Movement)> {
        let place = self.flying.iter().position(|flying| flying.id == id)?;
        let Flying { direction, movement, .. } = self.flying.remove(place);
        let settled = Movement { changed_by: None, ..movement.clone() };
        match direction {
            Direction::Undo => self.undone.push(settled),
            Direction::Redo => self.done.push(settled),
        }
        Some((direction, movement))
    }
}

/// Takes in an answer before the run itself does; what was taken back or made again by it.
pub fn answered(run: &mut Run, applied: &Applied) -> Option<(Direction, Movement)> {
    let command = applied.command()?;
    if let Some(landed) = run.undo.landed(&applied.id) {
        return Some(landed);
    }
    if run.pending.iter().any(|pending| pending.id == applied.id) {
        if let Some(movement) = movement(run, applied, &command) {
            run.undo.moved(movement);
        }
    } else {
        run.undo.changed(&command, &applied.from);
    }
    None
}

/// Whether a change by this command could be taken back.
pub fn can_be_undone(command: &Command) -> bool {
    !matches!(
        command,
        Command::Pause {}
            | Command::Resume {}
            | Command::Advance { .. }
            | Command::Evaluate {}
            | Command::Checkpoint {}
            | Command::Restore { .. }
            | Command::Stop {}
            | Command::Note { .. }
    )
}

/// What an answer changed, seen from the run as it was; `None` where nothing changed or nothing can be taken back.
fn movement(run: &Run, applied: &Applied, command: &Command) -> Option<Movement> {
    let (back, forth) = match command {
        Command::SetWeight { task, value, over_steps } => {
            let known = run.tasks.iter().find(|known| known.name == *task).map(|task| task.weight);
            let old = number(applied.old.as_ref()).or(known)?;
            if old == *value && over_steps.is_none() {
                return None;
            }
            (Command::SetWeight { task: task.clone(), value: old, over_steps: None }, command.clone())
        }
        Command::SetWeights { .. } | Command::Equalize {} => {
            let known = || run.tasks.iter().map(|task| task.weight).collect();
            let old = numbers(applied.old.as_ref()).unwrap_or_else(known);
            let new = match (numbers(applied.new.as_ref()), command) {
                (Some(new), _) => new,
                (None, Command::SetWeights { weights }) => weights.clone(),
                _ => return None,
            };
            (Command::SetWeights { weights: old }, Command::SetWeights { weights: new })
        }
        Command::Mute { task } | Command::Unmute { task } => {
            let mute = matches!(command, Command::Mute { .. });
            let muted = run.tasks.iter().find(|known| known.name == *task)?.muted;
            let task = task.clone();
            let back = if muted { Command::Mute { task } } else { Command::Unmute { task } };
            (muted != mute).then_some((back, command.clone()))?
        }
        Command::SetMuted { tasks } => {
            let known = || run.tasks.iter().filter(|task| task.muted).map(|task| task.name.clone()).collect();
            let old: Vec<String> = names(applied.old.as_ref()).unwrap_or_else(known);
            let same = old.len() == tasks.len() && old.iter().all(|task| tasks.contains(task));
            (!same).then(|| (Command::SetMuted { tasks: old }, command.clone()))?
        }
        Command::SetLr { .. } => {
            let old = number(applied.old.as_ref()).or(run.lr)?;
            (Command::SetLr { value: old }, command.clone())
        }
        // No bound and free are null in an answer, and an old value of null is lost on its way through a file.
        Command::SetClip { .. } => {
            let old = number(applied.old.as_ref()).or(run.clip);
            (Command::SetClip { value: old }, command.clone())
        }
        Command::SetPace { .. } => {
            let old = number(applied.old.as_ref()).or(run.pace);
            (Command::SetPace { steps_per_second: old }, command.clone())
        }
        Command::SetGradientEvery { .. } => {
            let old = applied.old.as_ref().and_then(Value::as_u64)?;
            (Command::SetGradientEvery { steps: old }, command.clone())
        }
        Command::Freeze { part } | Command::Unfreeze { part } => {
            let freeze = matches!(command, Command::Freeze { .. });
            let tasks: Vec<String> = run.tasks.iter().map(|task| task.name.clone()).collect();
            let frozen = run.is_frozen(Part::parse(part, &tasks).ok()?);
            let part = part.clone();
            let back = if frozen { Command::Freeze { part } } else { Command::Unfreeze { part } };
            (frozen != freeze).then_some((back, command.clone()))?
        }
        Command::SetWeighting { .. } | Command::SetAggregation { .. } => {
            let verb = if matches!(command, Command::SetWeighting { .. }) { "weighting" } else { "aggregation" };
            let old = applied.old.as_ref().and_then(Value::as_str)?;
            let words: Vec<&str> = std::iter::once(verb).chain(old.split_whitespace()).collect();
            let same = applied.new.as_ref().and_then(Value::as_str) == Some(old);
            (!same).then(|| parse_command(&words).ok().map(|back| (back, command.clone())))??
        }
        Command::Set { parameter, value } => {
            let old = applied.old.clone()?;
            let new = applied.new.clone().unwrap_or_else(|| value.clone());
            let set = |value| Command::Set { parameter: parameter.clone(), value };
            (old != new).then(|| (set(old), set(new)))?
        }
        _ => return None,
    };
    (back != forth).then_some(Movement { back, forth, changed_by: None })
}

/// Whether two commands set the same thing.
fn same_thing(left: &Command, right: &Command) -> bool {
    use Command as C;
    let all_weights = |command: &C| matches!(command, C::SetWeights { .. } | C::Equalize {});
    let weighs = |command: &C| matches!(command, C::SetWeight { .. }) || all_weights(command);
    match (left, right) {
        (C::SetWeight { task, .. }, C::SetWeight { task: other, .. }) => task == other,
        (left, right) if weighs(left) && weighs(right) => true,
        (C::Mute { task } | C::Unmute { task }, C::Mute { task: other } | C::Unmute { task: other }) => task == other,
        (C::Mute { .. } | C::Unmute { .. } | C::SetMuted { .. }, C::SetMuted { .. })
        | (C::SetMuted { .. }, C::Mute { .. } | C::Unmute { .. }) => true,
        (C::Freeze { part } | C::Unfreeze { part }, C::Freeze { part: other } | C::Unfreeze { part: other }) => {
            part == other
        }
        (C::Set { parameter, .. }, C::Set { parameter: other, .. }) => parameter == other,
        _ => left.name() == right.name() && can_be_undone(left),
    }
}

/// A finite number of the contract.
fn number(value: Option<&Value>) -> Option<f64> {
    let number = serde_json::from_value::<Real>(value?.clone()).ok()?.get();
    number.is_finite().then_some(number)
}

fn numbers(value: Option<&Value>) -> Option<Vec<f64>> {
    value?.as_array()?.iter().map(|value| number(Some(value))).collect()
}

fn names(value: Option<&Value>) -> Option<Vec<String>> {
    value?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{hear, line, running};
    use super::*;

    /// The movement that this screen's own request left.
    fn moved(command: &str, rest: &str) -> Option<(String, String)> {
        let mut state = running(&["a", "b"], 5);
        let command = parse_command(&command.split(' ').collect::<Vec<_>>()).unwrap();
        let run = state.run_mut().unwrap();
        run.pending.push(super::super::model::Pending { id: "own".to_owned(), command: command.clone() });
        let rest = if rest.is_empty() { String::new() } else { format!(",{rest}") };
        let text =
            format!(r#"{{"event":"applied","step":6,"id":"own","from":"x","command":{}{rest}}}"#, command.to_value());
        hear(&mut state, line(&text));
        let movement = state.run()?.undo.next(Direction::Undo)?;
        Some((movement.back.to_string(), movement.forth.to_string()))
    }

    #[test]
    fn each_change_is_taken_back_by_what_brings_the_old_value() {
        let back = |command, rest| moved(command, rest).map(|(back, _)| back);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(back("weight a 2 over 50", r#""old":0.5,"new":2"#), some("weight a 0.5"));
        assert_eq!(back("weight a 2", ""), some("weight a 1"));
        assert_eq!(back("weight a 1", r#""old":1,"new":1"#), None);
        assert_eq!(
            moved("equalize", r#""old":[1,1],"new":[0.5,1.5]"#),
            Some(("weights 1 1".into(), "weights 0.5 1.5".into()))
        );
        assert_eq!(back("mute a", ""), some("unmute a"));
        assert_eq!(back("unmute a", ""), None);
        assert_eq!(back("muted a b", r#""old":["b"],"new":["a","b"]"#), some("muted b"));
        assert_eq!(back("lr 0.1", r#""old":0.01,"new":0.1"#), some("lr 0.01"));
        assert_eq!(back("clip 2", r#""old":1,"new":2"#), some("clip 1"));
        assert_eq!(back("clip off", ""), some("clip 1"));
        assert_eq!(back("pace 5", ""), some("pace 200"));
        assert_eq!(back("freeze encoder", r#""old":[],"new":["encoder"]"#), some("unfreeze encoder"));
        assert_eq!(back("unfreeze encoder", r#""old":[],"new":[]"#), None);
        assert_eq!(back("aggregation cagrad", r#""old":"dwa x=2","new":"cagrad""#), some("aggregation dwa x=2"));
        assert_eq!(back("set k true", r#""old":false,"new":true"#), some("set k false"));
        for nothing in ["pause", "evaluate", "checkpoint", "note x", "restore 3", "set balance.probe true"] {
            assert_eq!(back(nothing, ""), None, "{nothing}");
        }
    }
}
