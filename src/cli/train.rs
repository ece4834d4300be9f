//! `trimtab train`.

use super::exit::{Exit, Failure};
use super::session::{Home, Plan};
use super::{TrainArguments, log, session};
use crate::config::{Config, Places, load_named, load_text};
use crate::data::Source;
use crate::run::{RunDirectory, RunJson};
use crate::{balance, train};
use anyhow::{Context, anyhow};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Reads configuration and data, makes the run directory, trains.
pub fn run(arguments: &TrainArguments) -> Result<Exit, Failure> {
    let mut sets = arguments.set.clone();
    sets.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    sets.extend(arguments.device.as_ref().map(|device| format!("train.device={}", quoted(device))));
    sets.extend(arguments.name.as_ref().map(|name| format!("name={}", quoted(name))));
    let (config, sources) = prepare(&arguments.config, &sets)?;
    let fault = session::fault(&config)?;
    let home = if arguments.no_record { None } else { Some(make_home(arguments, &config, &sources)?) };
    let run = home.as_ref().map_or_else(|| config.name.clone(), |home| home.directory.name());
    if let Some(home) = &home {
        log::message("", &format!("run directory: {}", home.directory.path().display()));
    }
    session::run(Plan { run, config, sources, home, resume: None, fault }, &arguments.watch)
}

/// A configuration and its data, checked as far as can be without training.
pub fn prepare(config: &str, sets: &[String]) -> Result<(Config, Vec<Source>), Failure> {
    let places = Places::from_environment().context("cannot tell the working directory")?;
    let config = load_named(config, sets, &places).map_err(Failure::usage)?;
    let sources = load_sources(&config)?;
    Ok((config, sources))
}

/// The configuration that a run was started with.
pub fn config_of(run: &RunDirectory) -> Result<Config, Failure> {
    let text = run.read_config()?;
    let places = Places::from_environment().context("cannot tell the working directory")?;
    let origin = run.config().display().to_string();
    load_text(&origin, &text, run.path(), &[], &places).map_err(Failure::usage)
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
    balance::weighting(&config.balance.weighting).map_err(Failure::usage)?;
    balance::aggregation(&config.balance.aggregation).map_err(Failure::usage)?;
    for note in sources.iter().flat_map(Source::notes) {
        log::message("note: ", note);
    }
    Ok(sources)
}

/// One fingerprint of all sources.
fn fingerprint(sources: &[Source]) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        hash.update(source.fingerprint());
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn make_home(arguments: &TrainArguments, config: &Config, sources: &[Source]) -> Result<Home, Failure> {
    let directory = RunDirectory::create(&arguments.out, &config.name)?;
    let lock = directory.acquire()?;
    let tasks = config.tasks.iter().map(|task| task.name.clone()).collect();
    let json = RunJson::starting(&config.name, tasks, config.seed, &config.train.device, &fingerprint(sources));
    directory.write_json(&json)?;
    directory.write_config(&config.to_toml())?;
    Ok(Home { directory, json, lock })
}

/// A word as a TOML string.
fn quoted(word: &str) -> String {
    toml::Value::String(word.to_owned()).to_string()
}
