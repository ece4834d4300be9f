//! `trimtab train`.

use super::exit::{Exit, Failure};
use super::session::{Home, Plan};
use super::{TrainArguments, log, session};
use crate::config::{Config, Places, load_named, load_text};
use crate::data::{Source, fingerprint};
use crate::model::ParameterTable;
use crate::protocol::Real;
use crate::run::{RunDirectory, RunJson, resolve};
use crate::study::baseline;
use crate::train;
use crate::train::{Origin, Start, Transfer, open_device};
use anyhow::{Context, anyhow};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads configuration and data, makes the run directory, trains.
pub fn run(arguments: &TrainArguments) -> Result<Exit, Failure> {
    let preferences = session::preferences(&arguments.watch)?;
    let mut sets = arguments.set.clone();
    sets.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    sets.extend(arguments.device.as_ref().map(|device| format!("train.device={}", quoted(device))));
    sets.extend(arguments.name.as_ref().map(|name| format!("name={}", quoted(name))));
    if let Some(word) = &arguments.init_from {
        let origin = resolve(word, &arguments.out).map_err(Failure::usage)?;
        let path = origin.path().to_str().ok_or_else(|| Failure::usage(anyhow!("the path of {word} is not UTF-8")))?;
        sets.push(format!("init_from={}", quoted(path)));
    }
    if !arguments.freeze.is_empty() {
        let parts: Vec<String> = arguments.freeze.iter().map(|part| quoted(part)).collect();
        sets.push(format!("train.freeze=[{}]", parts.join(", ")));
    }
    let (config, sources) = prepare(&arguments.config, &sets)?;
    let fault = session::fault(&config)?;
    let initial = initial(&config, &sources)?;
    let parent = initial.as_ref().map(|initial| initial.run.as_str());
    let home = if arguments.no_record { None } else { Some(make_home(&arguments.out, &config, &sources, parent)?) };
    let run = home.as_ref().map_or_else(|| config.name.clone(), |home| home.directory.name());
    if let Some(home) = &home {
        log::message("", &format!("run directory: {}", home.directory.path().display()));
    }
    let baseline = known_alone(&arguments.out, &config, &sources);
    let start = Start::New(initial);
    let plan = Plan { run, config, sources, home, start, requests: Vec::new(), fault, baseline, preferences };
    session::run(plan, &arguments.watch)
}

/// What `trimtab baseline` found of each task alone, where the folder of the runs has it.
fn known_alone(out: &Path, config: &Config, sources: &[Source]) -> BTreeMap<String, BTreeMap<String, Real>> {
    match baseline::find(out, config, &fingerprint(sources)).or_note() {
        Ok(Some(found)) => config.tasks.iter().map(|task| (task.name.clone(), found.of_task(&task.name))).collect(),
        Ok(None) => BTreeMap::new(),
        Err(note) => {
            log::message("note: ", &note);
            BTreeMap::new()
        }
    }
}

/// A configuration and its data, checked as far as can be without training.
pub fn prepare(config: &str, sets: &[String]) -> Result<(Config, Vec<Source>), Failure> {
    let places = Places::from_environment().context("cannot tell the working directory")?;
    let config = load_named(config, sets, &places).map_err(Failure::usage)?;
    let sources = load_sources(&config)?;
    Ok((config, sources))
}

/// Names and shapes of the parameters of a configuration's network.
pub fn parameter_table(config: &Config, sources: &[Source]) -> Result<ParameterTable, Failure> {
    let device = open_device(&config.train.device).map_err(Failure::usage)?;
    let shapes = train::network(config, sources).map_err(Failure::usage)?.init(config.seed, &device.without_autodiff());
    Ok(ParameterTable::of(&shapes))
}

/// What the run named by `init_from` gives this one; says on stderr what fits and what does not.
pub fn initial(config: &Config, sources: &[Source]) -> Result<Option<Transfer>, Failure> {
    let Some(path) = &config.init_from else { return Ok(None) };
    let origin = RunDirectory::open(path).map_err(Failure::usage)?;
    let origin = Origin::read(&origin).map_err(Failure::usage)?;
    let tasks: Vec<String> = config.tasks.iter().map(|task| task.name.clone()).collect();
    let inputs: Vec<_> = sources.iter().map(Source::preprocessing).collect();
    let transfer = origin.fit(&tasks, &inputs, &parameter_table(config, sources)?);
    log::message("", &transfer.to_string());
    if transfer.parameters.is_empty() {
        return Err(Failure::usage(anyhow!("nothing of {} fits this network", transfer.run)));
    }
    Ok(Some(transfer))
}

/// The configuration that a run was started with.
pub fn config_of(run: &RunDirectory) -> Result<Config, Failure> {
    config_with(run, &[])
}

/// The same with changes.
pub fn config_with(run: &RunDirectory, sets: &[String]) -> Result<Config, Failure> {
    let text = run.read_config()?;
    let places = Places::from_environment().context("cannot tell the working directory")?;
    let origin = run.config().display().to_string();
    load_text(&origin, &text, run.path(), sets, &places).map_err(Failure::usage)
}

/// The data that a run was started with; refused where it is not the same any more, with what that forbids.
pub fn sources_of(run: &RunDirectory, json: &RunJson, config: &Config, forbids: &str) -> Result<Vec<Source>, Failure> {
    let sources = load_sources(config)?;
    if fingerprint(&sources) != json.data {
        let name = run.name();
        return Err(Failure::usage(anyhow!("the data of {name} is not what the run was started with; {forbids}")));
    }
    Ok(sources)
}

/// The data of a configuration, and whether the configuration can be trained on it.
pub fn load_sources(config: &Config) -> Result<Vec<Source>, Failure> {
    let sources = config
        .sources
        .iter()
        .enumerate()
        .map(|(place, source)| Source::load(place, source, &config.tasks))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::usage)?;
    train::network(config, &sources).map_err(Failure::usage)?;
    train::open_device(&config.train.device).map_err(Failure::usage)?;
    for note in sources.iter().flat_map(Source::notes) {
        log::message("note: ", note);
    }
    Ok(sources)
}

/// A new run directory, with the name of the run that this one begins with the values of.
pub fn make_home(out: &Path, config: &Config, sources: &[Source], parent: Option<&str>) -> Result<Home, Failure> {
    let directory = RunDirectory::create(out, &config.name)?;
    let lock = directory.acquire()?;
    let tasks = config.tasks.iter().map(|task| task.name.clone()).collect();
    let mut json = RunJson::starting(&config.name, tasks, config.seed, &config.train.device, &fingerprint(sources));
    json.parent = parent.map(str::to_owned);
    directory.write_json(&json)?;
    directory.write_config(&config.to_toml())?;
    Ok(Home { directory, json, lock })
}

/// A word as a TOML string.
fn quoted(word: &str) -> String {
    toml::Value::String(word.to_owned()).to_string()
}
