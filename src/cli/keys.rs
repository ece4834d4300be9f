//! `trimtab keys`: which key does what, in the form of the file that changes it.

use super::exit::{Exit, Failure};
use super::{KeysArguments, log, preferences};

/// Prints the table of keys in force.
pub fn run(arguments: &KeysArguments) -> Result<Exit, Failure> {
    let preferences = preferences::load(arguments.keymap.as_deref())?;
    let _ = log::result(&preferences::table(&preferences.keymap));
    Ok(Exit::Done)
}
