//! `trimtab check`: what would be trained, without training.

use super::exit::{Exit, Failure};
use super::{CheckArguments, log, train};
use crate::data::{InputShape, Part, Source, TargetColumn};
use crate::headless::short;
use crate::model::{Parameter, ParameterTable};
use crate::text::{pad, pad_left, sanitise};
use crate::train::{evaluate, impossible_alignments, network, open_device};
use burn::module::Module;
use std::fmt::Write;

/// Prints the resolved configuration, the data, the network's shapes and who shares what; passes one batch through.
pub fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let (config, sources) = train::prepare(&arguments.config, &arguments.set)?;
    let network = network(&config, &sources).map_err(Failure::usage)?;
    let device = open_device(&config.train.device).map_err(Failure::usage)?;
    let model = network.init(config.seed, &device);
    let model = match train::initial(&config, &sources)? {
        Some(initial) => initial.apply(model)?,
        None => model,
    };
    let table = ParameterTable::of(&model);
    let names: Vec<String> = config.tasks.iter().map(|task| sanitise(&task.name)).collect();

    let mut text = config.to_toml();
    for source in &sources {
        describe_source(&mut text, source, &names);
    }
    for alert in impossible_alignments(&config.tasks, &sources) {
        let task = sanitise(alert.task.as_deref().unwrap_or_default());
        let _ = writeln!(text, "#   {}: task {task}: {}", alert.level, sanitise(&alert.message));
    }
    let counts = table.counts(names.len());
    text.push_str("\n# network\n");
    let paths = table.iter().map(|parameter| parameter.path.len()).max().unwrap_or(0);
    for parameter in &table {
        let shape = parameter.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ");
        let owner = owner(parameter, &names);
        let count = parameter.len().to_string();
        let _ =
            writeln!(text, "# {}  {}  {}  {owner}", pad(&parameter.path, paths), pad(&shape, 11), pad_left(&count, 8));
    }
    let own: Vec<String> = names.iter().zip(&counts.own).map(|(name, own)| format!("{name} {own}")).collect();
    let all = counts.shared + counts.own.iter().sum::<usize>();
    let _ = writeln!(text, "# parameters: {all} in all, {} shared, own: {}", counts.shared, own.join(", "));

    // One evaluation of what is never trained on shows that shapes and labels fit.
    let found = evaluate(&model.valid(), &sources, &config.tasks, Part::Valid, &device.without_autodiff());
    let losses = names
        .iter()
        .zip(&found.loss)
        .map(|(name, loss)| format!("{name} {}", loss.map_or_else(|| "no label".to_owned(), short)));
    let _ = writeln!(text, "# validation loss before training: {}", losses.collect::<Vec<_>>().join(", "));
    let _ = log::result(&text);
    Ok(Exit::Done)
}

fn describe_source(text: &mut String, source: &Source, tasks: &[String]) {
    let rows = source.rows();
    let _ = writeln!(
        text,
        "\n# source {}: {} rows to train on, {} to validate, {} to test; {}",
        sanitise(source.name()),
        rows.train,
        rows.valid,
        rows.test,
        describe_input(source)
    );
    for feature in source.features() {
        let _ = writeln!(text, "#   {}: {}", sanitise(&feature.name), sanitise(&feature.describe()));
    }
    for (task, target) in tasks.iter().enumerate().filter_map(|(place, task)| Some((task, source.target(place)?))) {
        let kind = match target {
            TargetColumn::Number(number) if number.is_as_given() => "number, not scaled".to_owned(),
            TargetColumn::Number(number) => {
                format!("number, mean {}, deviation {}", short(number.mean), short(number.deviation))
            }
            TargetColumn::Transcript(transcript) => {
                let (letters, words) = (transcript.letters.classes() - 1, transcript.words.len());
                format!("transcript of {letters} letters, {words} words")
            }
            TargetColumn::Text(text) => {
                format!("text of {} tokens, at most {} a row", text.vocabulary.len(), text.longest)
            }
            TargetColumn::Classes(classes) => format!("{} labels: {}", classes.labels.len(), classes.labels.join(", ")),
        };
        let _ = writeln!(text, "#   task {task}: {}, {}", sanitise(target.column()), sanitise(&kind));
    }
}

fn describe_input(source: &Source) -> String {
    match source.preprocessing().input.shape() {
        InputShape::Vectors { width } => format!("{width} input values a row"),
        InputShape::Frames { width } => format!("frames of {width} values"),
        InputShape::Tokens { vocabulary } => format!("texts of {vocabulary} tokens"),
        InputShape::Pictures { channels, height, width } => {
            format!("pictures of {width} × {height}, {channels} to a point")
        }
    }
}

fn owner(parameter: &Parameter, names: &[String]) -> String {
    let tasks: Vec<&str> = parameter.reach.iter().filter_map(|task| names.get(*task).map(String::as_str)).collect();
    if parameter.is_shared() { format!("shared by {}", tasks.join(", ")) } else { format!("own of {}", tasks.join("")) }
}
