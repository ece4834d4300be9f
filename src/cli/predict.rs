//! `trimtab predict`: rows, texts, recordings or pictures in, the same with a network's answers out.
//!
//! Works as a filter: one chunk of rows is in memory at a time, and its answers are out before the next is read.

use super::exit::{Exit, Failure};
use super::trained::Trained;
use super::{PredictArguments, trained};
use crate::config::{SourceConfig, SourceKind};
use crate::data::{Chunk, DataError, Folder, InputForm, NewInputs, Preprocessing, TargetColumn, open_table};
use crate::text::{nearest, sanitise};
use crate::train::{Answers, TrainedModel};
use anyhow::anyhow;
use std::collections::HashSet;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

/// Reads rows, answers them, writes rows.
pub fn run(arguments: &PredictArguments) -> Result<Exit, Failure> {
    let Trained { config, model, .. } = trained::open(&arguments.model)?;
    let form = InputForm::of(&arguments.input);
    let place = source(&config.sources, arguments.source.as_deref(), form).map_err(Failure::usage)?;
    let (Some(preprocessing), Some(source)) = (model.sources().get(place), config.sources.get(place)) else {
        return Err(Failure::usage(anyhow!("the run has no source")));
    };
    if !fits(source.kind, form) {
        let (file, takes) = (arguments.input.display(), takes(source.kind));
        return Err(Failure::usage(anyhow!("{file} does not fit source '{}', which takes {takes}", source.name)));
    }
    let separator = separator(source, form);
    let rows = open(&arguments.input, form, separator, source, preprocessing).map_err(Failure::usage)?;
    let stdout = io::stdout().lock();
    let shown = stdout.is_terminal();
    let out = csv::WriterBuilder::new().delimiter(separator).from_writer(stdout);
    match answer(rows, &model, place, &mut Table { out, shown }) {
        Ok(()) => Ok(Exit::Done),
        Err(Stop::Data(error)) => Err(Failure::usage(error)),
        // Whoever closed stdout has seen enough.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(Stop::Output(error)) => Err(anyhow!("cannot write the answers: {error}").into()),
    }
}

/// The source that the rows are like: the named one, the only one, or the only one that takes rows of this form.
pub(super) fn source(sources: &[SourceConfig], name: Option<&str>, form: InputForm) -> anyhow::Result<usize> {
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let Some(name) = name else {
        if names.len() == 1 {
            return Ok(0);
        }
        let fitting: Vec<usize> = (0..sources.len()).filter(|place| likely(sources[*place].kind, form)).collect();
        return match fitting.as_slice() {
            [only] => Ok(*only),
            [] if form == InputForm::Recording => Err(anyhow!("no source of the run takes WAV files")),
            [] if form == InputForm::Picture => Err(anyhow!("no source of the run takes PNG files")),
            _ => Err(anyhow!("the run has several sources: say --source with one of {}", names.join(", "))),
        };
    };
    names.iter().position(|known| *known == name).ok_or_else(|| {
        let near = nearest(name, names.iter().copied());
        let near = near.map_or(String::new(), |near| format!(" (did you mean '{near}'?)"));
        anyhow!("no source '{name}'{near}; the run has {}", names.join(", "))
    })
}

/// Whether a source can be given this form at all.
fn fits(kind: SourceKind, form: InputForm) -> bool {
    match form {
        InputForm::Table { .. } | InputForm::Lines => true,
        InputForm::Recording => kind == SourceKind::Speech,
        InputForm::Picture => kind == SourceKind::Image,
    }
}

/// Whether this form speaks for a source of this kind. Lines may be paths, but are more likely something to read.
fn likely(kind: SourceKind, form: InputForm) -> bool {
    fits(kind, form) && (form != InputForm::Lines || kind.is_of_tokens() || kind == SourceKind::Table)
}

fn takes(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Table => "tables",
        SourceKind::Text | SourceKind::Dialogue => "texts",
        SourceKind::Image => "PNG files",
        SourceKind::Speech => "WAV files",
    }
}

/// What stands between columns, of what comes in and goes out.
pub(super) fn separator(source: &SourceConfig, form: InputForm) -> u8 {
    match form {
        InputForm::Table { tabs: true } => b'\t',
        InputForm::Table { tabs: false } => source.separator,
        _ if source.kind == SourceKind::Table => source.separator,
        _ => b',',
    }
}

fn open(
    path: &Path,
    form: InputForm,
    separator: u8,
    source: &SourceConfig,
    preprocessing: &Preprocessing,
) -> Result<NewInputs<Box<dyn Read>>, DataError> {
    if matches!(form, InputForm::Recording | InputForm::Picture) {
        return Ok(NewInputs::one_file(path, preprocessing));
    }
    let (name, input, folder): (String, Box<dyn Read>, &Path) = if path == Path::new("-") {
        ("stdin".to_owned(), Box::new(io::stdin().lock()), Path::new(""))
    } else {
        let file = open_table(path)?;
        (path.display().to_string(), Box::new(file), path.parent().unwrap_or(Path::new("")))
    };
    let folder = Folder::Disk(folder.to_owned());
    if form == InputForm::Lines && source.kind != SourceKind::Table {
        return Ok(NewInputs::lines(&name, input, folder, preprocessing));
    }
    NewInputs::table(&name, input, separator, &source.input, folder, preprocessing)
}

/// Why the rows end before their end.
enum Stop {
    Data(DataError),
    Output(io::Error),
}

impl From<DataError> for Stop {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn answer<R: Read, W: Write>(
    mut rows: NewInputs<R>,
    model: &TrainedModel,
    source: usize,
    table: &mut Table<W>,
) -> Result<(), Stop> {
    let tasks = model.tasks().iter().enumerate().filter_map(|(place, task)| {
        let target = model.sources().get(source)?.target(place)?;
        Some((task.name.as_str(), second_column(target)))
    });
    let header = with_answers(rows.header(), tasks);
    table.row(header.iter().map(String::as_str))?;
    table.flush()?;
    while let Some(Chunk { rows, inputs }) = rows.next_chunk()? {
        let answers: Vec<Vec<String>> = model.predict(source, &inputs).into_iter().flatten().flat_map(cells).collect();
        for (row, fields) in rows.iter().enumerate() {
            let answers = answers.iter().map(|column| column.get(row).map_or("", String::as_str));
            table.row(fields.iter().map(String::as_str).chain(answers))?;
        }
        table.flush()?;
    }
    Ok(())
}

/// What is behind a task's name in its second column, where it has one.
fn second_column(target: &TargetColumn) -> Option<&'static str> {
    match target {
        TargetColumn::Classes(_) => Some("probability"),
        TargetColumn::Transcript(_) => Some("word_list"),
        TargetColumn::Number(_) | TargetColumn::Text(_) => None,
    }
}

/// The header with a column a task, and for some one more. A name that is taken gets `predicted_` in front.
fn with_answers<'a>(header: &[String], tasks: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Vec<String> {
    let mut all = header.to_vec();
    let mut taken: HashSet<String> = header.iter().cloned().collect();
    for (task, more) in tasks {
        for mut name in [Some(task.to_owned()), more.map(|more| format!("{task}_{more}"))].into_iter().flatten() {
            while !taken.insert(name.clone()) {
                name.insert_str(0, "predicted_");
            }
            all.push(name);
        }
    }
    all
}

/// A task's columns. What is no number leaves a label and its probability empty.
fn cells(answers: Answers<'_>) -> Vec<Vec<String>> {
    match answers {
        Answers::Texts { values, limited } if limited.is_empty() => vec![values],
        Answers::Texts { values, limited } => vec![values, limited],
        Answers::Numbers(numbers) => vec![numbers.iter().map(|number| format!("{number:?}")).collect()],
        Answers::Labels(labels) => {
            let text = labels.iter().map(|label| label.map_or(String::new(), |label| label.text.to_owned()));
            // The network's numbers have 32 bits.
            let probability = labels
                .iter()
                .map(|label| label.map_or(String::new(), |label| format!("{:?}", label.probability as f32)));
            vec![text.collect(), probability.collect()]
        }
    }
}

/// Where rows go.
struct Table<W: Write> {
    out: csv::Writer<W>,
    /// On a terminal control characters are shown, not sent; elsewhere every byte stays.
    shown: bool,
}

impl<W: Write> Table<W> {
    fn row<'a>(&mut self, fields: impl Iterator<Item = &'a str>) -> io::Result<()> {
        let written =
            if self.shown { self.out.write_record(fields.map(sanitise)) } else { self.out.write_record(fields) };
        // The error as it came: csv's own conversion would hide its kind.
        written.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Places, load_builtin};

    #[test]
    fn the_form_chooses_the_source_where_only_one_takes_it() {
        let lines = InputForm::of(Path::new("-"));
        for (kinds, form, found) in [
            ([SourceKind::Speech, SourceKind::Text], lines, Some(1)),
            ([SourceKind::Image, SourceKind::Dialogue], lines, Some(1)),
            ([SourceKind::Text, SourceKind::Dialogue], lines, None),
            ([SourceKind::Table, SourceKind::Text], lines, None),
            ([SourceKind::Text, SourceKind::Speech], InputForm::Recording, Some(1)),
            ([SourceKind::Speech, SourceKind::Speech], InputForm::Recording, None),
            ([SourceKind::Image, SourceKind::Speech], InputForm::Picture, Some(0)),
            ([SourceKind::Text, SourceKind::Speech], InputForm::Picture, None),
            ([SourceKind::Text, SourceKind::Speech], InputForm::Table { tabs: true }, None),
        ] {
            let mut sources = load_builtin("medical", &[], &Places::default()).unwrap().sources;
            sources.push(sources[0].clone());
            for (source, kind) in sources.iter_mut().zip(kinds) {
                source.kind = kind;
            }
            assert_eq!(source(&sources, None, form).ok(), found, "{kinds:?} {form:?}");
        }
    }

    #[test]
    fn names_that_are_taken_give_way() {
        let header = ["y", "a_probability", "predicted_y"].map(str::to_owned);
        let tasks = [("a", Some("probability")), ("y", None), ("z", Some("probability"))].into_iter();
        assert_eq!(
            with_answers(&header, tasks),
            [
                "y",
                "a_probability",
                "predicted_y",
                "a",
                "predicted_a_probability",
                "predicted_predicted_y",
                "z",
                "z_probability"
            ]
        );
    }

    #[test]
    fn a_terminal_is_shown_control_characters_and_a_file_gets_them() {
        let written = |shown| {
            let mut table = Table { out: csv::Writer::from_writer(Vec::new()), shown };
            table.row(["a\u{1b}[2J", "b"].into_iter()).unwrap();
            String::from_utf8(table.out.into_inner().unwrap()).unwrap()
        };
        assert_eq!(written(true), "a␛[2J,b\n");
        assert_eq!(written(false), "a\u{1b}[2J,b\n");
    }
}
