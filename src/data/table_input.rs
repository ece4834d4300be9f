//! The inputs of a table: every column that is no target, no split, no group and not ignored.
//!
//! Owns which columns those are. Only rows of the training part have a say in them.

use super::error::{DataError, shown};
use super::split::Parts;
use super::table::{Declared, Feature, Sheet};
use crate::config::{SourceConfig, Split, TaskConfig};
use std::collections::HashSet;

/// The most numbers that a source's inputs may take in memory (2 GiB of them).
const MOST_INPUTS: usize = 1 << 29;

/// Learns the input columns: all that are no target, no split, no group and not ignored.
pub(super) fn features(
    sheet: &Sheet,
    config: &SourceConfig,
    tasks: &[Option<&TaskConfig>],
    parts: &Parts,
    notes: &mut Vec<String>,
) -> Result<(Vec<Feature>, Vec<usize>), DataError> {
    let place = |name: &str| sheet.column(name).ok();
    let mut kept_out: HashSet<usize> = tasks.iter().flatten().filter_map(|task| place(&task.target)).collect();
    kept_out.extend(config.ignore.iter().chain(&config.group).filter_map(|name| place(name)));
    if let Split::Column(column) = &config.split {
        kept_out.extend(place(column));
    }
    let listed = |names: &[String]| names.iter().filter_map(|name| place(name)).collect::<HashSet<usize>>();
    let (labels, numbers) = (listed(&config.categorical), listed(&config.numeric));
    let (mut features, mut columns, mut constant) = (Vec::new(), Vec::new(), Vec::new());
    for column in (0..sheet.header.len()).filter(|column| !kept_out.contains(column)) {
        let declared = if labels.contains(&column) {
            Declared::Labels
        } else if numbers.contains(&column) {
            Declared::Number
        } else {
            Declared::Nothing
        };
        let learned = Feature::learn(sheet, column, &parts.train, declared)?;
        notes.extend(learned.note);
        if learned.constant {
            constant.push(shown(&sheet.header[column]));
        }
        if let Some(feature) = learned.feature {
            features.push(feature);
            columns.push(column);
        }
    }
    if !constant.is_empty() {
        notes.push(format!("constant in the training part: {}", constant.join(", ")));
    }
    if features.is_empty() {
        return Err(DataError::file(&sheet.file, "no column is left to be an input"));
    }
    Ok((features, columns))
}

/// The inputs of all rows, row by row.
pub(super) fn inputs(
    sheet: &Sheet,
    features: &[Feature],
    columns: &[usize],
    width: usize,
) -> Result<Vec<f32>, DataError> {
    let size = sheet.rows().saturating_mul(width);
    if size > MOST_INPUTS {
        let message =
            format!("{} rows of {width} inputs do not fit in memory: put wide columns under ignore", sheet.rows());
        return Err(DataError::file(&sheet.file, message));
    }
    let mut inputs = Vec::with_capacity(size);
    for row in 0..sheet.rows() {
        for (feature, column) in features.iter().zip(columns) {
            feature.encode(sheet.value(*column, row), &mut inputs).map_err(|message| {
                sheet.cell_fault(*column, row, format!("{message} (the training part holds only numbers here)"))
            })?;
        }
    }
    Ok(inputs)
}
