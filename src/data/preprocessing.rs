//! Everything that turns a new row into inputs and a prediction into the user's words.
//!
//! Owns that value and its versioned JSON form, kept beside a model. It must not hold rows.

use super::error::DataError;
use super::input::InputEncoding;
use super::table::{Feature, Row, find_column, present, separator_hint};
use super::target::TargetColumn;
use serde::{Deserialize, Serialize};

/// The version this program writes.
pub const PREPROCESSING_VERSION: u32 = 2;

/// Missing columns that a message names; it counts the others.
const MOST_NAMED: usize = 5;

/// What was learned from a source's training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// [`PREPROCESSING_VERSION`] of the program that wrote it.
    pub version: u32,
    /// The source.
    pub source: String,
    /// How a row becomes an input.
    pub input: InputEncoding,
    /// An entry a task of the run; `None` where the task has another source.
    pub targets: Vec<Option<TargetColumn>>,
}

/// A stored preprocessing that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PreprocessingError {
    /// It is damaged.
    #[error("the preprocessing is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// A newer program wrote it.
    #[error("the preprocessing has version {0}, this program knows {PREPROCESSING_VERSION}")]
    Version(u32),
}

impl Preprocessing {
    /// Values a row of a table; 0 for other kinds.
    pub fn width(&self) -> usize {
        self.features().iter().map(Feature::width).sum()
    }

    /// The columns of a table that are inputs; empty for other kinds.
    pub fn features(&self) -> &[Feature] {
        self.input.features()
    }

    /// A task's target, where the task has this source.
    pub fn target(&self, task: usize) -> Option<&TargetColumn> {
        self.targets.get(task)?.as_ref()
    }

    /// The place of each feature in a header of other rows, in the order of the features. `file` is for messages.
    ///
    /// # Errors
    /// Where columns are not there, with the nearest names.
    pub fn columns(&self, file: &str, header: &[String]) -> Result<Vec<usize>, DataError> {
        let (mut places, mut missing) = (Vec::with_capacity(self.features().len()), Vec::new());
        for feature in self.features() {
            match find_column(header, &feature.name) {
                Ok(place) => places.push(place),
                Err(message) => missing.push(message),
            }
        }
        if missing.is_empty() {
            return Ok(places);
        }
        let more = missing.len().saturating_sub(MOST_NAMED);
        missing.truncate(MOST_NAMED);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let message = format!("{}{more}, needed as input{}", missing.join("; "), separator_hint(header));
        Err(DataError::file(file, message))
    }

    /// Appends the inputs of a row, [`Self::width`] values; `columns` is what [`Self::columns`] found.
    ///
    /// # Errors
    /// Where a cell holds no number and one is needed.
    pub(super) fn encode(&self, columns: &[usize], row: &Row<'_>, out: &mut Vec<f32>) -> Result<(), DataError> {
        for (feature, column) in self.features().iter().zip(columns) {
            let cell = row.fields.get(*column).copied().unwrap_or("");
            feature.encode(present(cell), out).map_err(|message| row.fault(message).in_column(&feature.name))?;
        }
        Ok(())
    }

    /// As JSON.
    ///
    /// # Errors
    /// Never in practice: every value here has a JSON form.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// From JSON.
    ///
    /// # Errors
    /// Where it is damaged or of a version this program does not know.
    pub fn from_json(text: &str) -> Result<Self, PreprocessingError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(text)?;
        if version != PREPROCESSING_VERSION {
            return Err(PreprocessingError::Version(version));
        }
        Ok(serde_json::from_str(text)?)
    }
}
