//! `trimtab data list`, `get` and `add`.

use super::exit::{Exit, Failure};
use super::{DataCommand, DataTarget, log};
use crate::config::{BUILTIN_DATA, Places};
use crate::data::catalogue::{CATALOGUE, CatalogueError, Derived, Entry, fetch, find};
use crate::run::write_directory_atomically;
use crate::text::{nearest, pad, sanitise, width};
use anyhow::{Context, anyhow};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Name, what it is, tasks, source and licence of the sets inside the program.
const BUILTIN: &[[&str; 5]] = &[
    ["agent", "spoken commands to an assistant", "text, sentiment, reply", "made by this project", "as the program"],
    ["factory", "a simulated process", "quality, fault, energy", "made by this project", "as the program"],
    ["road", "drawn road scenes", "vehicles, sign, pedestrian", "made by this project", "as the program"],
    [
        "digits8",
        "8×8 handwritten digits",
        "digit, parity, loops, ink",
        "UCI Optical Recognition of Handwritten Digits",
        "CC BY 4.0",
    ],
    [
        "heart",
        "heart disease, not for medical use",
        "heart_disease, exercise_angina, max_heart_rate_bpm",
        "UCI Heart Disease, Cleveland",
        "CC BY 4.0",
    ],
];

/// Does what the subcommand says.
pub fn run(command: &DataCommand) -> Result<Exit, Failure> {
    let places = Places::from_environment().context("cannot tell the working directory")?;
    match command {
        DataCommand::List => {
            let _ = log::result(&list(&places));
            Ok(Exit::Done)
        }
        DataCommand::Get { name, target } => get(known(name)?, target, &places),
        DataCommand::Add { name, path, target } => add(known(name)?, path, target, &places),
    }
}

fn known(name: &str) -> Result<&'static Entry, Failure> {
    find(name).ok_or_else(|| {
        if BUILTIN_DATA.contains(&name) {
            return Failure::usage(anyhow!("'{name}' is inside the program: path = \"builtin:{name}\""));
        }
        let names = || CATALOGUE.iter().map(|entry| entry.name);
        let near = nearest(name, names()).map_or(String::new(), |near| format!(" (did you mean '{near}'?)"));
        let names = names().collect::<Vec<_>>().join(", ");
        Failure::usage(anyhow!("no data set named '{name}' in the catalogue{near}; it holds: {names}"))
    })
}

/// Two lines a set: name, state and what it is; then tasks, source and licence.
fn list(places: &Places) -> String {
    let mut rows = Vec::new();
    for name in BUILTIN_DATA {
        let [_, what, tasks, source, licence] = BUILTIN.iter().find(|row| row[0] == *name).copied().unwrap_or([
            "",
            "",
            "",
            "made by this project",
            "as the program",
        ]);
        rows.push([(*name).to_owned(), "in the program".to_owned(), what.to_owned(), about(tasks, source, licence)]);
    }
    for entry in CATALOGUE {
        let here = places.folder(entry.name, Path::new(""));
        let state = here.map_or_else(|| "not here".to_owned(), |folder| format!("here: {}", folder.display()));
        let about = about(entry.tasks, &entry.origin.to_string(), entry.licence);
        rows.push([entry.name.to_owned(), state, entry.what.to_owned(), about]);
    }
    let rows = rows.into_iter().map(|row| row.map(|field| sanitise(&field))).collect::<Vec<_>>();
    let widest = |column: fn(&[String; 4]) -> &String| rows.iter().map(|row| width(column(row))).max().unwrap_or(0);
    let (names, whats) = (widest(|[name, ..]| name), widest(|[_, _, what, _]| what));
    let mut text = String::new();
    for [name, state, what, about] in &rows {
        let line = format!("{}  {}  {state}", pad(name, names), pad(what, whats));
        let _ = writeln!(text, "{}\n{}  {about}", line.trim_end(), " ".repeat(names));
    }
    text + "\n`trimtab data get NAME` fetches one, `trimtab data add NAME PATH` makes it from a local copy of its source.\n"
}

fn about(tasks: &str, source: &str, licence: &str) -> String {
    let tasks = if tasks.is_empty() { String::new() } else { format!("tasks: {tasks}; ") };
    format!("{tasks}source: {source}; licence: {licence}")
}

fn get(entry: &'static Entry, target: &DataTarget, places: &Places) -> Result<Exit, Failure> {
    let Some(folder) = free(entry, target, places)? else { return Ok(Exit::Done) };
    announce(entry, &format!("{} ({})", entry.origin, entry.size), &folder);
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_usize(number, Arc::clone(&signal), number as usize)
            .context("cannot hear signals")?;
    }
    let interrupted = || signal.load(Ordering::SeqCst) != 0;
    match fetch(entry, target.accept_changes, &interrupted) {
        Ok(derived) => keep(entry, &derived, target, &folder, places),
        Err(CatalogueError::Interrupted) => {
            log::message("", "interrupted; nothing was written");
            Ok(Exit::Signal(signal.load(Ordering::SeqCst) as u8))
        }
        Err(error @ CatalogueError::ToolFailed { .. }) => {
            let name = entry.name;
            let other = format!("with a copy of {} from elsewhere, `trimtab data add {name} PATH`", entry.origin);
            Err(anyhow!("{error}\n{other} makes the set too").into())
        }
        Err(error) => Err(error.into()),
    }
}

fn add(entry: &'static Entry, path: &Path, target: &DataTarget, places: &Places) -> Result<Exit, Failure> {
    let Some(folder) = free(entry, target, places)? else { return Ok(Exit::Done) };
    announce(entry, &path.display().to_string(), &folder);
    let derived = entry.derive(path).map_err(Failure::usage)?;
    keep(entry, &derived, target, &folder, places)
}

/// The folder to write into; none where the set is there and shall stay.
fn free(entry: &Entry, target: &DataTarget, places: &Places) -> Result<Option<PathBuf>, Failure> {
    let parent = target.to.as_ref().map(|to| places.here.join(to)).or_else(|| places.user_data.clone());
    let parent =
        parent.ok_or_else(|| Failure::usage(anyhow!("neither XDG_DATA_HOME nor HOME is set: give --to DIR")))?;
    let folder = parent.join(entry.name);
    if !folder.exists() {
        return Ok(Some(folder));
    }
    if !entry.made(&folder) {
        let message = "is there, and it is no data set of this catalogue: move it away, or choose another --to DIR";
        return Err(Failure::usage(anyhow!("{} {message}", folder.display())));
    }
    if target.force {
        return Ok(Some(folder));
    }
    log::message("", &format!("{} is there already: {}; --force makes it anew", entry.name, folder.display()));
    Ok(None)
}

fn announce(entry: &Entry, from: &str, folder: &Path) {
    let lines = [
        format!("{}: {}", entry.name, entry.what),
        format!("  from     {from}"),
        format!("  licence  {}", entry.licence),
        format!("  to       {}", folder.display()),
    ];
    log::message("", &lines.join("\n"));
}

fn keep(
    entry: &Entry,
    derived: &Derived,
    target: &DataTarget,
    folder: &Path,
    places: &Places,
) -> Result<Exit, Failure> {
    match derived.check(entry) {
        Err(error) if target.accept_changes => log::message("warning: ", &format!("{error}; taken all the same")),
        Err(error) => {
            return Err(Failure::from(anyhow!("{error}; nothing was written; --accept-changes takes it as it is")));
        }
        Ok(()) => {}
    }
    write_directory_atomically::<anyhow::Error>(folder, |aside| Ok(derived.write(entry, aside)?))?;
    let mut text = format!("{} lies in {}\n", entry.name, folder.display());
    for file in &derived.files {
        if let Some(rows) = file.rows {
            let _ = writeln!(text, "  {}  {rows} rows", file.name);
        }
    }
    let compared = if entry.digest.is_some() { "" } else { " (the catalogue knows none to compare with)" };
    let _ = writeln!(text, "  digest  {}{compared}", derived.digest());
    let _ = log::result(&text.lines().map(|line| sanitise(line) + "\n").collect::<String>());
    let found = places.folder(entry.name, Path::new(""));
    if found.as_deref() != Some(folder) {
        let other = found.map_or_else(|| "nothing".to_owned(), |other| other.display().to_string());
        log::message(
            "note: ",
            &format!("data:{} finds {other} from here; TRIMTAB_DATA names a folder to look in first", entry.name),
        );
    }
    Ok(Exit::Done)
}
