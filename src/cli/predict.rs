//! `trimtab predict`: rows in, the same rows with a network's answers out.
//!
//! Works as a filter: one chunk of rows is in memory at a time, and its answers are out before the next is read.

use super::exit::{Exit, Failure};
use super::trained::Trained;
use super::{PredictArguments, trained};
use crate::data::{Chunk, DataError, NewRows, open_table};
use crate::text::{nearest, sanitise};
use crate::train::{Answers, TrainedModel};
use anyhow::anyhow;
use std::collections::HashSet;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

/// Reads rows, answers them, writes rows.
pub fn run(arguments: &PredictArguments) -> Result<Exit, Failure> {
    let Trained { config, model, .. } = trained::open(&arguments.model)?;
    let place = source(&model, arguments.source.as_deref()).map_err(Failure::usage)?;
    let (Some(preprocessing), Some(source)) = (model.sources().get(place), config.sources.get(place)) else {
        return Err(Failure::usage(anyhow!("the run has no source")));
    };
    let (name, input): (String, Box<dyn Read>) = if arguments.input == Path::new("-") {
        ("stdin".to_owned(), Box::new(io::stdin().lock()))
    } else {
        let file = open_table(&arguments.input).map_err(Failure::usage)?;
        (arguments.input.display().to_string(), Box::new(file))
    };
    let rows = NewRows::open(&name, input, source.separator, preprocessing.clone()).map_err(Failure::usage)?;
    let stdout = io::stdout().lock();
    let shown = stdout.is_terminal();
    let out = csv::WriterBuilder::new().delimiter(source.separator).from_writer(stdout);
    match answer(rows, &model, place, &mut Table { out, shown }) {
        Ok(()) => Ok(Exit::Done),
        Err(Stop::Data(error)) => Err(Failure::usage(error)),
        // Whoever closed stdout has seen enough.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(Stop::Output(error)) => Err(anyhow!("cannot write the answers: {error}").into()),
    }
}

/// The source that the rows are like.
fn source(model: &TrainedModel, name: Option<&str>) -> anyhow::Result<usize> {
    let names: Vec<&str> = model.sources().iter().map(|source| source.source.as_str()).collect();
    let Some(name) = name else {
        let several = || anyhow!("the run has several sources: say --source with one of {}", names.join(", "));
        return if names.len() == 1 { Ok(0) } else { Err(several()) };
    };
    names.iter().position(|known| *known == name).ok_or_else(|| {
        let near = nearest(name, names.iter().copied());
        let near = near.map_or(String::new(), |near| format!(" (did you mean '{near}'?)"));
        anyhow!("no source '{name}'{near}; the run has {}", names.join(", "))
    })
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
    mut rows: NewRows<R>,
    model: &TrainedModel,
    source: usize,
    table: &mut Table<W>,
) -> Result<(), Stop> {
    let tasks = model.tasks().iter().enumerate().filter_map(|(place, task)| {
        let target = model.sources().get(source)?.target(place)?;
        Some((task.name.as_str(), !target.labels().is_empty()))
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

/// The header with a column a task, and for classes one more for the probability. A name that is taken gets
/// `predicted_` in front.
fn with_answers<'a>(header: &[String], tasks: impl Iterator<Item = (&'a str, bool)>) -> Vec<String> {
    let mut all = header.to_vec();
    let mut taken: HashSet<String> = header.iter().cloned().collect();
    for (task, classes) in tasks {
        for mut name in [Some(task.to_owned()), classes.then(|| format!("{task}_probability"))].into_iter().flatten() {
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
        Answers::Texts { values, .. } => vec![values],
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

    #[test]
    fn names_that_are_taken_give_way() {
        let header = ["y", "a_probability", "predicted_y"].map(str::to_owned);
        let tasks = [("a", true), ("y", false), ("z", true)].into_iter();
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
