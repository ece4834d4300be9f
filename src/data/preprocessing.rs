//! Everything that turns a new row into inputs and a prediction into the user's words.
//!
//! Owns that value and its versioned JSON form, kept beside a model. It must not hold rows.

use super::error::DataError;
use super::table::{Feature, present};
use super::target::TargetColumn;
use serde::{Deserialize, Serialize};

/// The version this program writes.
pub const PREPROCESSING_VERSION: u32 = 1;

/// What was learned from a source's training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// [`PREPROCESSING_VERSION`] of the program that wrote it.
    pub version: u32,
    /// The source.
    pub source: String,
    /// The inputs, in order.
    pub features: Vec<Feature>,
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
    /// Values a row.
    pub fn width(&self) -> usize {
        self.features.iter().map(Feature::width).sum()
    }

    /// Encodes one row; `cell` gives the text of a column, or `None` where there is no such column.
    ///
    /// # Errors
    /// Where a column is not there, or holds no number where one is needed.
    pub fn encode<'a>(&self, cell: impl Fn(&str) -> Option<&'a str>) -> Result<Vec<f32>, DataError> {
        let mut out = Vec::with_capacity(self.width());
        for feature in &self.features {
            let fault = |message: String| DataError::file(&self.source, message).in_column(&feature.name);
            let text = cell(&feature.name).ok_or_else(|| fault("not there, but the model needs it".to_owned()))?;
            feature.encode(present(text), &mut out).map_err(fault)?;
        }
        Ok(out)
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
