//! Rows of another file that have labels, encoded as in training, to measure a trained network on.
//!
//! Owns the way from a file to a source whose rows are all of the test part. It must not learn anything from them.

use super::error::DataError;
use super::files::{Folder, open_table};
use super::input::{InputEncoding, InputRows};
use super::labelled::TargetValues;
use super::preprocessing::Preprocessing;
use super::source::Source;
use super::split::Parts;
use super::table::Sheet;
use crate::config::{SourceConfig, TaskConfig};
use std::path::Path;

impl Source {
    /// Reads a labelled file with the columns of a source: its inputs and the targets of its tasks. `place` is the
    /// source's place in the configuration, `tasks` are all tasks of the run; paths in the file begin at its folder.
    ///
    /// # Errors
    /// Where the file cannot be read, lacks a column, or a cell does not fit, with file, row and column.
    pub fn of_file(
        path: &Path,
        separator: u8,
        place: usize,
        config: &SourceConfig,
        tasks: &[TaskConfig],
        preprocessing: &Preprocessing,
    ) -> Result<Self, DataError> {
        let file = path.display().to_string();
        let sheet = Sheet::read(&file, open_table(path)?, separator)?;
        let folder = Folder::Disk(path.parent().unwrap_or(Path::new("")).to_owned());
        let own = |place: usize| tasks.get(place).zip(preprocessing.target(place));
        let missing: Vec<String> = (0..tasks.len())
            .filter_map(own)
            .filter_map(|(task, _)| {
                let message = sheet.column(&task.target).err()?;
                Some(format!("{message}, the target of task '{}'", task.name))
            })
            .collect();
        if !missing.is_empty() {
            return Err(DataError::file(&file, missing.join("; ")));
        }
        let (inputs, shown) = inputs(&sheet, &config.input, &folder, preprocessing)?;
        let (mut targets, mut notes) = (Vec::with_capacity(tasks.len()), Vec::new());
        for place in 0..tasks.len() {
            targets.push(match own(place) {
                Some((task, learned)) => {
                    let column = sheet.column(&task.target).map_err(|message| DataError::file(&file, message))?;
                    Some(TargetValues::read(&sheet, column, task, learned, &mut notes)?)
                }
                None => None,
            });
        }
        let parts = Parts { train: Vec::new(), valid: Vec::new(), test: (0..sheet.rows()).collect() };
        Ok(Self::from_parts(place, &sheet, parts, inputs, shown, targets, preprocessing.clone(), notes))
    }
}

/// The inputs of all rows, and what a person knows each by.
fn inputs(
    sheet: &Sheet,
    column: &str,
    folder: &Folder,
    preprocessing: &Preprocessing,
) -> Result<(InputRows, Vec<String>), DataError> {
    if matches!(preprocessing.input, InputEncoding::Table { .. }) {
        let columns = preprocessing.columns(&sheet.file, &sheet.header)?;
        let (width, mut values) = (preprocessing.width(), Vec::new());
        for row in 0..sheet.rows() {
            for (feature, column) in preprocessing.features().iter().zip(&columns) {
                let encoded = feature.encode(sheet.value(*column, row), &mut values);
                encoded.map_err(|message| sheet.cell_fault(*column, row, message))?;
            }
        }
        return Ok((InputRows::Vectors { values, width }, Vec::new()));
    }
    let column =
        sheet.column(column).map_err(|message| DataError::file(&sheet.file, format!("{message}, needed as input")))?;
    let (mut inputs, mut shown) = (preprocessing.input.no_rows(), Vec::with_capacity(sheet.rows()));
    for row in 0..sheet.rows() {
        let cell = sheet.value(column, row).unwrap_or("");
        let appended = preprocessing.input.append(cell, folder, &mut inputs);
        appended.map_err(|message| sheet.cell_fault(column, row, message))?;
        shown.push(cell.to_owned());
    }
    Ok((inputs, shown))
}
