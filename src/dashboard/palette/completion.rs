//! What can be typed in the line of commands, and what fits at a caret.
//!
//! Owns the one table of commands of the contract and actions of the main screen, and what can follow each. It must not
//! change the line.

use crate::balance::{AGGREGATIONS, Method, OptionKind, WEIGHTINGS};
use crate::dashboard::action::{Action, BINDINGS, Context};
use crate::dashboard::model::Run;
use crate::dashboard::state::State;
use crate::dashboard::steering::{Refusal, refusal, refusal_of};
use crate::dashboard::undo::Direction;
use crate::protocol::{FORMS, Form, Part};
use crate::text::sanitise;
use serde_json::Value;

/// Something that can be typed as the first word.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The word.
    pub name: String,
    /// The command with that word, where there is one.
    pub form: Option<&'static Form>,
    /// The action with that name, where there is one.
    pub action: Option<Action>,
}

/// All that can be typed as the first word: commands, then actions of the main screen.
pub fn entries() -> Vec<Entry> {
    let main = || BINDINGS.iter().filter(|row| row.context == Context::Main).map(|row| row.action);
    let action = |name: &str| main().find(|action| action.name() == name.replace('-', "_"));
    let mut all: Vec<Entry> = FORMS
        .iter()
        .map(|form| Entry { name: form.verb.to_owned(), form: Some(form), action: action(form.verb) })
        .collect();
    for action in main() {
        let name = action.name();
        if all.iter().all(|entry| entry.action != Some(action)) {
            all.push(Entry { name, form: None, action: Some(action) });
        }
    }
    all
}

/// A word that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is put into the line.
    pub insert: String,
    /// What the list shows for it; fit for a terminal.
    pub shown: String,
    /// What it is or does; fit for a terminal.
    pub note: String,
    /// The key that does the same.
    pub key: String,
    /// Why it would not be sent now.
    pub refusal: Option<Refusal>,
    /// Whether a blank follows.
    pub ends_word: bool,
}

impl Candidate {
    fn word(insert: &str, note: impl Into<String>) -> Self {
        let quoted = if insert.contains(char::is_whitespace) { format!("\"{insert}\"") } else { insert.to_owned() };
        Self {
            shown: sanitise(insert),
            insert: quoted,
            note: note.into(),
            key: String::new(),
            refusal: None,
            ends_word: true,
        }
    }

    fn open(insert: &str, note: impl Into<String>) -> Self {
        Self { ends_word: false, ..Self::word(insert, note) }
    }
}

/// What fits at a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The byte that the word at the caret begins at.
    pub from: usize,
    /// What fits, the best first.
    pub candidates: Vec<Candidate>,
    /// The form of the command being typed.
    pub form: Option<&'static Form>,
}

impl Completion {
    /// What fits in place of the word that ends at byte `caret` of a text.
    pub fn at(state: &State, text: &str, caret: usize) -> Self {
        let before = text.get(..caret).unwrap_or(text);
        let words = split(before);
        let (done, from, typed) = match words.split_last() {
            Some((last, done)) if last.end == before.len() && !(last.quoted && last.closed) => {
                (done, last.start, last.text.as_str())
            }
            _ => (words.as_slice(), before.len(), ""),
        };
        let Some((verb, rest)) = done.split_first() else {
            return Self { from, candidates: first_words(state, typed), form: None };
        };
        let form = Form::find(&verb.text);
        let rest: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
        let all = state.run().map_or(Vec::new(), |run| match form {
            Some(form) => arguments(run, state, form.verb, &rest, typed),
            None if verb.text == Action::SelectTask.name() && rest.is_empty() => tasks(run, |_| true),
            None => Vec::new(),
        });
        Self { from, candidates: best_first(all, typed, |candidate| &candidate.shown, |_| ""), form }
    }

    /// The candidate that alone begins with what was typed, or is alone.
    pub fn only(&self, typed: &str) -> Option<&Candidate> {
        let typed = typed.to_lowercase();
        let mut begin = self.candidates.iter().filter(|candidate| candidate.insert.to_lowercase().starts_with(&typed));
        match (begin.next(), begin.next(), self.candidates.as_slice()) {
            (Some(only), None, _) if !typed.is_empty() => Some(only),
            (_, _, [only]) => Some(only),
            _ => None,
        }
    }

    /// The longest start in common to all candidates that begin with what was typed.
    pub fn common(&self, typed: &str) -> String {
        let begins = |insert: &&str| insert.to_lowercase().starts_with(&typed.to_lowercase());
        let mut all = self.candidates.iter().map(|candidate| candidate.insert.as_str()).filter(begins);
        let Some(first) = all.next() else { return String::new() };
        let same = |left: &str, right: &str| {
            left.char_indices()
                .zip(right.chars())
                .find(|((_, one), other)| one != other)
                .map_or_else(|| left.len().min(right.len()), |((place, _), _)| place)
        };
        let length = all.fold(first.len(), |length, other| length.min(same(first, other)));
        first.get(..length).unwrap_or_default().to_owned()
    }
}

/// Those that begin with what was typed, then those that hold it, then those whose note holds it.
fn best_first<T>(all: Vec<T>, typed: &str, name: impl Fn(&T) -> &str, note: impl Fn(&T) -> &str) -> Vec<T> {
    let typed = typed.to_lowercase().replace('-', "_");
    let rank = |item: &T| {
        let name = name(item).to_lowercase().replace('-', "_");
        match name.find(&typed) {
            Some(0) => Some(0),
            Some(_) => Some(1),
            None => note(item).to_lowercase().contains(&typed).then_some(2),
        }
    };
    let mut found: Vec<(u8, T)> = all.into_iter().filter_map(|item| Some((rank(&item)?, item))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, item)| item).collect()
}

/// Commands and actions that fit.
fn first_words(state: &State, typed: &str) -> Vec<Candidate> {
    let acting = &state.words.acting;
    let candidate = |entry: Entry| {
        let mut note = match (entry.form, entry.action) {
            (Some(form), _) => (acting.form)(form).to_owned(),
            (None, Some(action)) => state.words.action(action).help.to_owned(),
            (None, None) => String::new(),
        };
        let next = |direction| state.run().and_then(|run| run.undo.next(direction));
        let means = match entry.action {
            Some(Action::Undo) => next(Direction::Undo).map(|movement| movement.back.to_string()),
            Some(Action::Redo) => next(Direction::Redo).map(|movement| movement.forth.to_string()),
            _ => None,
        };
        if let Some(means) = means {
            note = format!("{note}: {}", sanitise(&means));
        }
        Candidate {
            shown: entry.form.map_or_else(|| entry.name.clone(), |form| form.usage.to_owned()),
            note,
            key: entry.action.map_or(String::new(), |action| state.keymap.label(action)),
            refusal: match (entry.form, entry.action) {
                (Some(form), _) => refusal(state, form.command),
                (None, Some(action)) => refusal_of(state, action),
                (None, None) => None,
            },
            ends_word: entry.form.is_some_and(|form| form.usage.contains(' '))
                || entry.action == Some(Action::SelectTask),
            insert: entry.name,
        }
    };
    let all = entries().into_iter().map(candidate).collect();
    best_first(all, typed, |candidate| &candidate.insert, |candidate| &candidate.note)
}

/// What can follow a command and the words after it.
fn arguments(run: &Run, state: &State, verb: &str, rest: &[&str], typed: &str) -> Vec<Candidate> {
    let now = state.words.acting.now;
    let present = |value: Option<f64>| value.map(|value| Candidate::word(&value.to_string(), now)).into_iter();
    let words = |words: &[&str]| words.iter().map(|word| Candidate::word(word, "")).collect::<Vec<_>>();
    match (verb, rest) {
        ("weight", []) => tasks(run, |_| true),
        ("weight", [task]) => {
            let place = run.tasks.iter().position(|known| known.name == *task);
            present(place.and_then(|place| run.wanted_weight(place).or(Some(run.tasks.get(place)?.weight)))).collect()
        }
        ("weight", [_, _]) => words(&["over"]),
        ("weight", [_, _, "over"]) => words(&["100", "200", "500", "1000"]),
        ("weights", before) => present(run.tasks.get(before.len()).map(|task| task.weight)).collect(),
        ("mute", []) => tasks(run, |place| !run.wanted_muted(place)),
        ("unmute", []) => tasks(run, |place| run.wanted_muted(place)),
        ("muted", before) => {
            tasks(run, |place| run.tasks.get(place).is_some_and(|task| !before.contains(&task.name.as_str())))
        }
        ("weighting", before) => methods(WEIGHTINGS, before, typed),
        ("aggregation", before) => methods(AGGREGATIONS, before, typed),
        ("lr", []) => present(run.wanted_lr().or(run.lr)).collect(),
        ("clip", []) => present(run.wanted_clip()).chain(words(&["off"])).collect(),
        ("gradient-every", []) => words(&["0", "1", "10", "20", "50", "100"]),
        ("freeze", []) => parts(run, false),
        ("unfreeze", []) => parts(run, true),
        ("set", []) => {
            run.knobs.iter().map(|(name, value)| Candidate::word(name, format!("{now} {}", shown(value)))).collect()
        }
        ("set", [name]) => match run.knobs.get(*name) {
            Some(Value::Bool(_)) => words(&["true", "false"]),
            Some(value) => vec![Candidate::word(&shown(value), now)],
            None => Vec::new(),
        },
        ("advance", []) => words(&["1", "10", "100", "1000"]),
        ("pace", []) => present(run.wanted_pace()).chain(words(&["free", "1", "10", "100", "1000"])).collect(),
        ("restore", []) => run.checkpoints.iter().rev().map(|step| Candidate::word(&step.to_string(), "")).collect(),
        _ => Vec::new(),
    }
}

/// A value as it is typed.
fn shown(value: &Value) -> String {
    sanitise(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn tasks(run: &Run, wanted: impl Fn(usize) -> bool) -> Vec<Candidate> {
    let all = run.tasks.iter().enumerate().filter(|(place, _)| wanted(*place));
    all.map(|(place, task)| Candidate::word(&task.name, (place + 1).to_string())).collect()
}

/// Parts of the network that are frozen, or are not.
fn parts(run: &Run, frozen: bool) -> Vec<Candidate> {
    let names: Vec<String> = run.tasks.iter().map(|task| task.name.clone()).collect();
    let all = std::iter::once(Part::Encoder).chain((0..names.len()).map(Part::Head));
    let wanted = all.filter(|part| run.wanted_frozen(*part) == frozen);
    wanted.map(|part| Candidate::word(&part.name(&names), "")).collect()
}

/// Names of methods; after one, its options.
fn methods(all: &[&'static Method], before: &[&str], typed: &str) -> Vec<Candidate> {
    let Some((name, given)) = before.split_first() else {
        return all.iter().map(|method| Candidate::word(method.name, method.what)).collect();
    };
    let Some(method) = all.iter().find(|method| method.name == *name) else { return Vec::new() };
    let is_given = |option: &str| given.iter().any(|word| word.split('=').next() == Some(option));
    let mut found = Vec::new();
    for option in method.options.iter().filter(|option| !is_given(option.name)) {
        match (option.kind, typed.starts_with(&format!("{}=", option.name))) {
            (OptionKind::Word(words), true) => {
                found.extend(words.iter().map(|word| Candidate::word(&format!("{}={word}", option.name), option.what)));
            }
            (_, true) => found.push(Candidate::word(&format!("{}={}", option.name, option.default), option.what)),
            (_, false) => {
                found.push(Candidate::open(
                    &format!("{}=", option.name),
                    format!("{} ({})", option.what, option.default),
                ));
            }
        }
    }
    found
}

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text, without quotes.
    pub text: String,
    /// The bytes that it takes in the line.
    pub start: usize,
    /// Behind it.
    pub end: usize,
    quoted: bool,
    closed: bool,
}

/// The words of a line; what stands between double quotes is one word.
pub fn split(line: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    for (place, letter) in line.char_indices() {
        let inside = open.as_ref().is_some_and(|word| word.quoted && !word.closed);
        if letter.is_whitespace() && !inside {
            words.extend(open.take());
            continue;
        }
        let start = Word { text: String::new(), start: place, end: place, quoted: false, closed: false };
        let word = open.get_or_insert(start);
        match letter {
            '"' if !word.quoted && word.text.is_empty() => word.quoted = true,
            '"' if inside => word.closed = true,
            _ => word.text.push(letter),
        }
        word.end = place + letter.len_utf8();
    }
    words.extend(open);
    words
}
