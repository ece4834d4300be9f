//! `trimtab talk`: a line or a recording in, what the network makes of it out.
//!
//! Owns the turns of one talk. What cannot be answered is told on stderr, and the talk goes on.

use super::exit::{Exit, Failure};
use super::trained::Trained;
use super::{TalkArguments, log, trained};
use crate::config::{SourceConfig, SourceKind};
use crate::data::{Folder, NewLines, TargetColumn};
use crate::model::Choice;
use crate::random::generator;
use crate::text::sanitise;
use crate::train::{Answers, TrainedModel};
use anyhow::anyhow;
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Turns that a dialogue is given at most, the one to be answered among them.
const MOST_TURNS: usize = 3;
/// What stands between turns in a history.
const BETWEEN_TURNS: &str = " | ";

/// Reads lines, answers them, until there are no more.
pub fn run(arguments: &TalkArguments) -> Result<Exit, Failure> {
    let Trained { config, model, .. } = trained::open(&arguments.model)?;
    let mut talk = Talk::new(&model, &config.sources, arguments).map_err(Failure::usage)?;
    let mut lines = NewLines::new("stdin", io::stdin().lock());
    let stdout = io::stdout().lock();
    let shown = stdout.is_terminal();
    let mut out = Speaker { out: stdout, shown, prompts: shown && io::stdin().is_terminal() };
    let mut number = 0;
    let written = loop {
        if let Err(error) = out.prompt("> ") {
            break Err(error);
        }
        let line = match lines.next_line() {
            Ok(Some(line)) => line,
            Ok(None) => break out.prompt("\n"),
            Err(fault) => return Err(Failure::usage(fault)),
        };
        number += 1;
        match talk.answer(line.trim(), number) {
            Ok(answers) => {
                if let Err(error) = out.say(&answers) {
                    break Err(error);
                }
            }
            Err(problem) => log::message("error: ", &problem),
        }
    };
    match written {
        Ok(()) => Ok(Exit::Done),
        // Whoever closed stdout has heard enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(anyhow!("cannot write the answers: {error}").into()),
    }
}

/// A temperature from the command line.
pub fn parse_temperature(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(temperature) if temperature.is_finite() && temperature >= 0.0 => Ok(temperature),
        _ => Err("expected a number of at least 0".to_owned()),
    }
}

/// One thing said of a line: what it is about, and the words.
type Said = (String, String);

/// A network, and what was said to it so far.
struct Talk<'a> {
    model: &'a TrainedModel,
    /// In the order of the configuration.
    sources: Vec<Listener>,
    temperature: f64,
    seed: u64,
}

/// One source of the run, as far as it listens.
enum Listener {
    /// Tables and pictures.
    Deaf,
    Speech,
    /// To each line alone.
    Text,
    /// To a line and what came before it.
    Dialogue(VecDeque<String>),
}

impl<'a> Talk<'a> {
    fn new(model: &'a TrainedModel, sources: &[SourceConfig], arguments: &TalkArguments) -> anyhow::Result<Self> {
        let listener = |source: &SourceConfig| match source.kind {
            SourceKind::Table | SourceKind::Image => Listener::Deaf,
            SourceKind::Speech => Listener::Speech,
            SourceKind::Dialogue if source.input.trim() == SourceKind::Dialogue.input() => {
                Listener::Dialogue(VecDeque::new())
            }
            SourceKind::Text | SourceKind::Dialogue => Listener::Text,
        };
        let listeners: Vec<Listener> = sources.iter().map(listener).collect();
        if listeners.iter().all(|listener| matches!(listener, Listener::Deaf)) {
            let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
            let names = names.join(", ");
            let problem = "talk needs a source of kind text, dialogue or speech; trimtab predict answers other kinds";
            return Err(anyhow!("{problem} (the run has {names})"));
        }
        let (temperature, seed) = (arguments.temperature, arguments.seed);
        Ok(Self { model, sources: listeners, temperature, seed })
    }

    fn hears(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, Listener::Speech))
    }

    fn reads(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, Listener::Text | Listener::Dialogue(_)))
    }

    /// What is said to the line of this number; nothing to an empty one.
    fn answer(&mut self, line: &str, number: u64) -> Result<Vec<Said>, String> {
        if line.is_empty() {
            return Ok(Vec::new());
        }
        let mut choice = match self.temperature {
            temperature if temperature > 0.0 => {
                Choice::Sampled { temperature, generator: generator(self.seed, number, "talk") }
            }
            _ => Choice::Greedy,
        };
        let path = Path::new(line);
        let is_recording = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav"));
        match (is_recording, self.hears(), self.reads()) {
            (true, true, _) => self.hear(line, &mut choice),
            (true, false, _) if path.is_file() => Err(format!("{line}: the run has no source of kind speech")),
            (_, _, true) => self.read(line, &mut choice),
            (_, _, false) => Err(format!("'{line}': the run hears recordings only, give the path of a WAV file")),
        }
    }

    /// What was said in a recording, and what is said to that.
    fn hear(&mut self, file: &str, choice: &mut Choice) -> Result<Vec<Said>, String> {
        let (mut said, mut heard) = (Vec::new(), None);
        for (place, source) in self.sources.iter().enumerate() {
            if !matches!(source, Listener::Speech) {
                continue;
            }
            let answers = self.ask(place, file, choice)?;
            heard = heard.or(answers.heard);
            said.extend(answers.said);
        }
        if let Some(heard) = heard
            && self.reads()
        {
            said.push(("heard".to_owned(), heard.clone()));
            if !heard.trim().is_empty() {
                said.extend(self.read(&heard, choice)?);
            }
        }
        Ok(said)
    }

    /// What the sources of texts say to a line.
    fn read(&mut self, line: &str, choice: &mut Choice) -> Result<Vec<Said>, String> {
        let mut said = Vec::new();
        for place in 0..self.sources.len() {
            let text = match self.sources.get_mut(place) {
                Some(Listener::Text) => line.to_owned(),
                Some(Listener::Dialogue(turns)) => {
                    take_turn(turns, line);
                    turns.iter().map(String::as_str).collect::<Vec<_>>().join(BETWEEN_TURNS)
                }
                _ => continue,
            };
            let answers = self.ask(place, &text, choice)?;
            if let (Some(Listener::Dialogue(turns)), Some(reply)) = (self.sources.get_mut(place), answers.reply) {
                take_turn(turns, &reply);
            }
            said.extend(answers.said);
        }
        Ok(said)
    }

    /// What the tasks of one source answer to a text, or to the recording of a path.
    fn ask(&self, source: usize, cell: &str, choice: &mut Choice) -> Result<Reaction, String> {
        let Some(preprocessing) = self.model.sources().get(source) else { return Ok(Reaction::default()) };
        let inputs = preprocessing.input.one(cell, &Folder::Disk(Path::new("").to_owned()))?;
        let answers = self.model.predict_with(source, &inputs, choice);
        let mut all = Reaction::default();
        for (place, (task, answers)) in self.model.tasks().iter().zip(answers).enumerate() {
            let (Some(target), Some(answers)) = (preprocessing.target(place), answers) else { continue };
            all.take(&task.name, target, answers);
        }
        Ok(all)
    }
}

/// What the tasks of one source say.
#[derive(Default)]
struct Reaction {
    said: Vec<Said>,
    /// The first transcript, limited to known words.
    heard: Option<String>,
    /// The first reply.
    reply: Option<String>,
}

impl Reaction {
    /// Takes a task's answer to the one row there was.
    fn take(&mut self, task: &str, target: &TargetColumn, answers: Answers<'_>) {
        let first = |texts: Vec<String>| texts.into_iter().next();
        let words = match answers {
            Answers::Numbers(numbers) => numbers.first().map(|number| format!("{}", *number as f32)),
            Answers::Labels(labels) => {
                let label = labels.into_iter().next().flatten();
                Some(label.map_or("?".to_owned(), |label| format!("{} ({:.2})", label.text, label.probability)))
            }
            Answers::Texts { values, limited } => {
                let value = first(values);
                if matches!(target, TargetColumn::Transcript(_)) {
                    let limited = first(limited).or_else(|| value.clone());
                    self.said.extend(value.map(|value| (task.to_owned(), value)));
                    self.said.extend(limited.clone().map(|limited| (format!("{task}_word_list"), limited)));
                    self.heard = self.heard.take().or(limited);
                    return;
                }
                self.reply = self.reply.take().or_else(|| value.clone());
                value
            }
        };
        self.said.extend(words.map(|words| (task.to_owned(), words)));
    }
}

/// Adds a turn to a history and forgets the oldest.
fn take_turn(turns: &mut VecDeque<String>, turn: &str) {
    turns.push_back(turn.replace(BETWEEN_TURNS, " "));
    while turns.len() > MOST_TURNS {
        turns.pop_front();
    }
}

/// Where answers go.
struct Speaker<W> {
    out: W,
    /// On a terminal control characters are shown, not sent.
    shown: bool,
    /// Whether somebody types and reads.
    prompts: bool,
}

impl<W: Write> Speaker<W> {
    fn prompt(&mut self, text: &str) -> io::Result<()> {
        if self.prompts {
            self.out.write_all(text.as_bytes())?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// A line an answer; line breaks within it become blanks.
    fn say(&mut self, said: &[Said]) -> io::Result<()> {
        for (about, words) in said {
            let line = format!("{about}: {words}").replace(['\n', '\r'], " ");
            let line = if self.shown { sanitise(&line) } else { line };
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_keeps_its_last_turns() {
        let mut turns = VecDeque::new();
        for turn in ["a", "b | c", "d", "e"] {
            take_turn(&mut turns, turn);
        }
        assert_eq!(turns, ["b c", "d", "e"]);
    }

    #[test]
    fn an_answer_is_one_line_and_harmless_on_a_terminal() {
        let said = [("mood".to_owned(), "a\u{1b}[2J\nb".to_owned())];
        let line = |shown| {
            let mut speaker = Speaker { out: Vec::new(), shown, prompts: false };
            speaker.say(&said).unwrap();
            String::from_utf8(speaker.out).unwrap()
        };
        assert_eq!(line(true), "mood: a␛[2J b\n");
        assert_eq!(line(false), "mood: a\u{1b}[2J b\n");
    }

    #[test]
    fn a_temperature_is_a_number_of_at_least_0() {
        assert_eq!(parse_temperature("0.7"), Ok(0.7));
        for wrong in ["-1", "nan", "inf", "warm", ""] {
            assert!(parse_temperature(wrong).is_err(), "{wrong}");
        }
    }
}
