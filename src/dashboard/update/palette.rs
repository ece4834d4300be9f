//! The line of commands: what it begins with, what its keys do, and what comes of it.

use super::act;
use super::acting::{send, why};
use crate::dashboard::action::Action;
use crate::dashboard::message::Effect;
use crate::dashboard::model::Run;
use crate::dashboard::palette::{CommandLine, Word, entries, split};
use crate::dashboard::state::{Mode, State};
use crate::dashboard::steering::{four_digits, refusal, refusal_of};
use crate::dashboard::words::{Words, fill};
use crate::protocol::{Command, Form, Part, parse_command};
use crate::text::{nearest, sanitise, truncate};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Steps of a ramp, as the line offers them.
const RAMP: u64 = 200;

/// Opens the line, filled in for an action that has one.
pub fn open(state: &mut State, action: Action) {
    if let Some(refusal) = refusal_of(state, action) {
        let command = crate::dashboard::action::command_of(action).unwrap_or_default();
        let text = why(state, refusal, command);
        return state.notify(text);
    }
    let (before, after) = match (action, state.run()) {
        (Action::Ramp, Some(run)) => {
            let Some(place) = state.selected() else { return };
            let Some(task) = run.tasks.get(place) else { return };
            let now = run.wanted_weight(place).unwrap_or(task.weight);
            (format!("weight {} {}", quoted(&task.name), four_digits(now)), format!(" over {RAMP}"))
        }
        (Action::LearningRate, Some(run)) => {
            let now = run.wanted_lr().or(run.lr).map_or(String::new(), |rate| four_digits(rate).to_string());
            (format!("lr {now}"), String::new())
        }
        (Action::Clip, Some(run)) => {
            let now = run.wanted_clip().map_or("off".to_owned(), |bound| four_digits(bound).to_string());
            (format!("clip {now}"), String::new())
        }
        (Action::Freeze, Some(run)) => {
            let frozen = run.wanted_frozen(Part::Encoder)
                || (0..run.tasks.len()).any(|place| run.wanted_frozen(Part::Head(place)));
            (if frozen { "unfreeze " } else { "freeze " }.to_owned(), String::new())
        }
        (Action::Restore, _) => ("restore ".to_owned(), String::new()),
        _ => (String::new(), String::new()),
    };
    let caret = before.len();
    state.mode = Mode::Palette(CommandLine::new(&(before + &after), caret));
}

fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.to_owned() }
}

/// Completes the line or goes to another one.
pub fn look(state: &mut State, action: Action) {
    let Mode::Palette(mut line) = state.mode.clone() else { return };
    match action {
        Action::PaletteComplete | Action::PaletteCompleteBack => {
            line.complete(state, action == Action::PaletteComplete);
        }
        _ => line.recall(&state.history, action == Action::PalettePrevious),
    }
    state.mode = Mode::Palette(line);
}

/// What a line means.
enum Meaning {
    Nothing,
    Act(Action),
    Select(usize),
    Send(Command),
}

/// Carries out what was typed; where that cannot be, the line stays and says why.
pub fn run(state: &mut State) -> Vec<Effect> {
    let Mode::Palette(line) = &state.mode else { return Vec::new() };
    let text = line.prompt.text.trim().to_owned();
    let meaning = meaning(state, &text).and_then(|meaning| allowed(state, meaning));
    let meaning = match meaning {
        Ok(meaning) => meaning,
        Err(problem) => {
            if let Mode::Palette(line) = &mut state.mode {
                line.problem = Some(sanitise(&problem));
            }
            return Vec::new();
        }
    };
    if !text.is_empty() {
        state.history.push(&text);
    }
    state.mode = Mode::Main;
    match meaning {
        Meaning::Nothing => Vec::new(),
        // A key that means the action and no digit, as the action may look at it.
        Meaning::Act(action) => act(state, action, KeyEvent::new(KeyCode::Null, KeyModifiers::NONE)),
        Meaning::Select(place) => {
            state.task = place;
            state.samples.scroll = 0;
            Vec::new()
        }
        // It asks, as its key does.
        Meaning::Send(Command::Stop {}) => {
            state.mode = Mode::Question;
            Vec::new()
        }
        Meaning::Send(command) => send(state, command),
    }
}

/// Reads a line.
fn meaning(state: &State, text: &str) -> Result<Meaning, String> {
    let words = split(text);
    let Some((first, rest)) = words.split_first() else { return Ok(Meaning::Nothing) };
    let acting = &state.words.acting;
    let form = Form::find(&first.text);
    let name = if first.text == "q" { Action::Quit.name() } else { first.text.to_lowercase().replace('-', "_") };
    let action = entries().into_iter().filter_map(|entry| entry.action).find(|action| action.name() == name);
    match (form, action, rest) {
        (_, Some(Action::SelectTask), [task]) => select(state, &task.text).map(Meaning::Select),
        // Alone, a word that is both means what its key does: `mute` is the selected task.
        (form, Some(action), []) if form.is_none_or(|form| form.usage.contains(' ')) => Ok(Meaning::Act(action)),
        (None, Some(_), _) => Err(fill(acting.takes_nothing, &[&first.text])),
        (None, None, _) => {
            let text = fill(acting.no_such_word, &[&truncate(&first.text, 40)]);
            let all = entries();
            Err(match nearest(&first.text, all.iter().map(|entry| entry.name.as_str())) {
                Some(near) => fill(acting.did_you_mean, &[&text, near]),
                None => text,
            })
        }
        (Some(form), ..) => {
            let command = parse_command(&spoken(form, text, &words)).map_err(|error| error.to_string())?;
            let fits = state.run().map_or(Ok(()), |run| fits(&command, run, state.words));
            fits.map_err(|problem| format!("{}: {problem}", form.usage))?;
            Ok(Meaning::Send(command))
        }
    }
}

/// The words of a command; a note is taken as it stands.
fn spoken(form: &Form, text: &str, words: &[Word]) -> Vec<String> {
    match words.first() {
        Some(first) if form.verb == "note" => {
            let rest = text.get(first.end..).unwrap_or_default().trim();
            std::iter::once("note").chain((!rest.is_empty()).then_some(rest)).map(str::to_owned).collect()
        }
        _ => words.iter().map(|word| word.text.clone()).collect(),
    }
}

fn select(state: &State, word: &str) -> Result<usize, String> {
    let run = state.run().ok_or_else(String::new)?;
    let number = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let number = number.filter(|place| *place < run.tasks.len());
    let named = run.tasks.iter().position(|task| task.name == word);
    named.or(number).ok_or_else(|| no_task(run, word, state.words))
}

fn no_task(run: &Run, word: &str, words: &Words) -> String {
    let names: Vec<&str> = run.tasks.iter().map(|task| task.label.as_str()).collect();
    let text = fill(words.acting.no_task, &[&truncate(&sanitise(word), 40), &truncate(&names.join(", "), 200)]);
    match nearest(word, run.tasks.iter().map(|task| task.name.as_str())) {
        Some(near) => fill(words.acting.did_you_mean, &[&text, near]),
        None => text,
    }
}

/// What the trainer would refuse for certain; the rest is its own to say.
fn fits(command: &Command, run: &Run, words: &Words) -> Result<(), String> {
    let known = |task: &String| {
        let found = run.tasks.iter().any(|known| known.name == *task);
        if found { Ok(()) } else { Err(no_task(run, task, words)) }
    };
    let weight = |value: f64| {
        let right = value.is_finite() && value >= 0.0;
        if right { Ok(()) } else { Err(fill(words.acting.wrong_weight, &[&value.to_string()])) }
    };
    match command {
        Command::SetWeight { task, value, .. } => known(task).and_then(|()| weight(*value)),
        Command::SetWeights { weights } if weights.len() != run.tasks.len() => {
            let counts = [weights.len(), run.tasks.len()].map(|count| count.to_string());
            Err(fill(words.acting.wrong_count, &[&counts[0], &counts[1]]))
        }
        Command::SetWeights { weights } => weights.iter().try_for_each(|value| weight(*value)),
        Command::Mute { task } | Command::Unmute { task } => known(task),
        Command::SetMuted { tasks } => tasks.iter().try_for_each(known),
        Command::Freeze { part } | Command::Unfreeze { part } => {
            let tasks: Vec<String> = run.tasks.iter().map(|task| task.name.clone()).collect();
            Part::parse(part, &tasks).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// The meaning, unless it would not be sent now.
fn allowed(state: &State, meaning: Meaning) -> Result<Meaning, String> {
    let refused = match &meaning {
        Meaning::Act(action) => refusal_of(state, *action)
            .map(|refusal| (refusal, crate::dashboard::action::command_of(*action).unwrap_or_default())),
        Meaning::Send(command) => refusal(state, command.name()).map(|refusal| (refusal, command.name())),
        Meaning::Nothing | Meaning::Select(_) => None,
    };
    refused.map_or(Ok(meaning), |(refusal, command)| Err(why(state, refusal, command)))
}
