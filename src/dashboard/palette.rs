//! The line of commands: what is typed in it, how it is completed, what was typed before.
//!
//! Owns one table of all that can be typed: the commands of the contract and the actions of the main screen. It must
//! not carry anything out.

use super::action::{Action, BINDINGS, Context};
use super::model::Run;
use super::prompt::{Prompt, Purpose};
use super::state::State;
use super::steering::{Refusal, refusal, refusal_of};
use super::undo::Direction;
use crate::balance::{AGGREGATIONS, Method, OptionKind, WEIGHTINGS};
use crate::protocol::{FORMS, Form, Part};
use crate::text::sanitise;
use serde_json::Value;

/// How many lines typed before are kept.
const KEPT: usize = 100;

/// The line while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// What is typed.
    pub prompt: Prompt,
    /// What is wrong with it, once it was tried.
    pub problem: Option<String>,
    /// The completion that is tried out.
    walk: Option<Walk>,
    /// The line typed before that is looked at.
    recall: Option<Recall>,
}

/// Candidates tried one after another in place of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Walk {
    text: String,
    caret: usize,
    chosen: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Recall {
    place: usize,
    draft: String,
}

impl CommandLine {
    /// A line with a text in it and the caret behind so many bytes of it.
    pub fn new(text: &str, caret: usize) -> Self {
        Self { prompt: Prompt::filled(Purpose::Command, text, caret), problem: None, walk: None, recall: None }
    }

    /// Notes that the text was edited: what was wrong may be right now.
    pub fn edited(&mut self) {
        (self.problem, self.walk) = (None, None);
    }

    /// What fits at the caret, and the place of the candidate that is tried out.
    pub fn completion(&self, state: &State) -> (Completion, Option<usize>) {
        match &self.walk {
            Some(walk) => (Completion::at(state, &walk.text, walk.caret), walk.chosen),
            None => (Completion::at(state, &self.prompt.text, self.prompt.caret()), None),
        }
    }

    /// Completes the word at the caret: as far as all candidates agree, then with one after another.
    pub fn complete(&mut self, state: &State, forward: bool) {
        let (completion, chosen) = self.completion(state);
        let count = completion.candidates.len();
        if count == 0 {
            return;
        }
        if self.walk.is_none() {
            let (text, caret) = (self.prompt.text.clone(), self.prompt.caret());
            let typed = text.get(completion.from..caret).unwrap_or_default();
            // One that alone begins so is meant; what merely holds the word is not walked through.
            if let Some(only) = completion.only(typed) {
                let blank = if only.ends_word { " " } else { "" };
                let insert = format!("{}{blank}", only.insert);
                self.put(&text, caret, completion.from, &insert);
                return;
            }
            let common = completion.common(typed);
            if common.len() > typed.len() {
                self.put(&text, caret, completion.from, &common);
                return;
            }
            self.walk = Some(Walk { text, caret, chosen: None });
        }
        let next = match (chosen, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(place), true) => (place + 1) % count,
            (Some(place), false) => (place + count - 1) % count,
        };
        let Some(candidate) = completion.candidates.get(next) else { return };
        let Some(mut walk) = self.walk.take() else { return };
        // The blank that begins the next word comes at once.
        let blank = if candidate.ends_word { " " } else { "" };
        self.put(&walk.text, walk.caret, completion.from, &format!("{}{blank}", candidate.insert));
        walk.chosen = Some(next);
        self.walk = Some(walk);
    }

    /// Puts `insert` in place of what stands from `from` to the caret.
    fn put(&mut self, text: &str, caret: usize, from: usize, insert: &str) {
        let before = text.get(..from).unwrap_or_default();
        let after = text.get(caret..).unwrap_or_default();
        let after = if insert.ends_with(' ') { after.trim_start() } else { after };
        self.problem = None;
        let caret = before.len() + insert.len();
        self.prompt = Prompt::filled(Purpose::Command, &format!("{before}{insert}{after}"), caret);
    }

    /// Goes to a line typed before, or back towards the one being typed.
    pub fn recall(&mut self, history: &History, back: bool) {
        let count = history.lines.len();
        let place = match (&self.recall, back) {
            (None, true) => count.checked_sub(1),
            (None, false) => return,
            (Some(recall), true) => Some(recall.place.saturating_sub(1)),
            (Some(recall), false) => Some(recall.place + 1),
        };
        let Some(place) = place else { return };
        let draft = self.recall.take().map_or_else(|| self.prompt.text.clone(), |recall| recall.draft);
        match history.lines.get(place) {
            Some(line) => {
                self.prompt.set(line);
                self.recall = Some(Recall { place, draft });
            }
            None => self.prompt.set(&draft),
        }
        self.edited();
    }
}

/// Lines that were carried out, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    lines: Vec<String>,
}

impl History {
    /// Adds a line; one that was there moves to the end.
    pub fn push(&mut self, line: &str) {
        self.lines.retain(|known| known != line);
        self.lines.push(line.to_owned());
        if self.lines.len() > KEPT {
            self.lines.remove(0);
        }
    }
}

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
    ends_word: bool,
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
    fn only(&self, typed: &str) -> Option<&Candidate> {
        let typed = typed.to_lowercase();
        let mut begin = self.candidates.iter().filter(|candidate| candidate.insert.to_lowercase().starts_with(&typed));
        match (begin.next(), begin.next(), self.candidates.as_slice()) {
            (Some(only), None, _) if !typed.is_empty() => Some(only),
            (_, _, [only]) => Some(only),
            _ => None,
        }
    }

    /// The longest start in common to all candidates that begin with what was typed.
    fn common(&self, typed: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::super::testing::{hear, line, running};
    use super::*;
    use proptest::prelude::*;

    fn names(state: &State, text: &str) -> Vec<String> {
        Completion::at(state, text, text.len()).candidates.into_iter().map(|candidate| candidate.insert).collect()
    }

    #[test]
    fn every_command_and_every_action_of_the_main_screen_can_be_typed() {
        let all = entries();
        for form in &FORMS {
            assert!(all.iter().any(|entry| entry.form == Some(form)), "{form:?}");
        }
        for row in BINDINGS.iter().filter(|row| row.context == Context::Main) {
            assert_eq!(all.iter().filter(|entry| entry.action == Some(row.action)).count(), 1, "{row:?}");
        }
        let mut names: Vec<&str> = all.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn what_begins_with_the_word_comes_before_what_holds_it() {
        let state = running(&["heating", "cooling"], 3);
        let found = names(&state, "weight");
        assert_eq!(found.first().map(String::as_str), Some("weight"));
        let place = |name: &str| found.iter().position(|found| found == name);
        assert!(place("weight_up") < place("balance_pane") || place("balance_pane").is_none());
        assert_eq!(names(&state, "weight eat"), ["heating"]);
        assert_eq!(names(&state, "weight heating "), ["1"]);
        assert_eq!(names(&state, "weight heating 1 over 2"), ["200"]);
        assert_eq!(names(&state, "nonsense "), Vec::<String>::new());
    }

    #[test]
    fn arguments_come_from_the_run_and_the_catalogue() {
        let mut state = running(&["heating", "two words"], 3);
        assert_eq!(names(&state, "freeze "), ["encoder", "heating", "\"two words\""]);
        hear(
            &mut state,
            line(
                r#"{"event":"applied","step":4,"id":"x","from":"cli","command":{"freeze":{"part":"encoder"}},"new":["encoder"]}"#,
            ),
        );
        assert_eq!(names(&state, "unfreeze "), ["encoder"]);
        assert_eq!(names(&state, "freeze \"two w"), ["\"two words\""]);
        hear(&mut state, line(r#"{"event":"checkpoint","step":100,"path":"x"}"#));
        hear(&mut state, line(r#"{"event":"checkpoint","step":200,"path":"x"}"#));
        assert_eq!(names(&state, "restore "), ["200", "100"]);
        assert!(names(&state, "aggregation cag").contains(&"cagrad".to_owned()));
        assert!(names(&state, "aggregation cagrad ").iter().all(|option| option.ends_with('=')));
        assert!(!names(&state, "aggregation cagrad ").is_empty());
    }

    #[test]
    fn tab_goes_as_far_as_all_agree_and_then_through_all() {
        let state = running(&["heating", "heat"], 3);
        let mut line = CommandLine::new("unf", 3);
        line.complete(&state, true);
        assert_eq!(line.prompt.text, "unfreeze ");
        assert!(line.completion(&state).0.form.is_some());
        let mut line = CommandLine::new("weight h over 9", 8);
        line.complete(&state, true);
        assert_eq!(line.prompt.halves(), ("weight heat", " over 9"));
        line.complete(&state, true);
        assert_eq!(line.prompt.halves(), ("weight heating ", "over 9"));
        line.complete(&state, true);
        assert_eq!(line.prompt.halves(), ("weight heat ", "over 9"));
        line.complete(&state, false);
        assert_eq!(line.prompt.text, "weight heating over 9");
    }

    #[test]
    fn lines_typed_before_come_back_and_the_draft_is_kept() {
        let mut history = History::default();
        for line in ["pause", "resume", "pause"] {
            history.push(line);
        }
        let mut line = CommandLine::new("dra", 3);
        let mut step = |back| {
            line.recall(&history, back);
            line.prompt.text.clone()
        };
        assert_eq!(
            [true, true, true, false, false, false].map(&mut step),
            ["pause", "resume", "resume", "pause", "dra", "dra"]
        );
        (0..200).for_each(|number| history.push(&number.to_string()));
        assert_eq!(history.lines.len(), KEPT);
    }

    proptest! {
        #[test]
        fn no_line_panics_and_words_are_where_they_say(text in "[a-z \"情=\u{301}]{0,30}|.{0,30}", caret in 0_usize..40) {
            for word in split(&text) {
                let piece = text.get(word.start..word.end);
                prop_assert!(piece.is_some_and(|piece| !piece.is_empty() && word.text.len() <= piece.len()));
            }
            let state = running(&["a", "b c"], 2);
            let mut line = CommandLine::new(&text, caret);
            for forward in [true, true, false] {
                line.complete(&state, forward);
            }
        }
    }
}
