//! One column as a task's target: a scaled number, or a class.
//!
//! Owns what was learned of a target and the way back to the user's units. It must not hold rows; `labelled` does.

use super::labels::{Reading, reading};
use super::text::{Letters, Vocabulary};
use crate::config::{ClassWeights, Transform};
use serde::{Deserialize, Serialize};

/// A task's target, as learned from the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetColumn {
    /// A number.
    Number(NumberTarget),
    /// A class.
    Classes(ClassTarget),
    /// Letters of what was said.
    Transcript(TranscriptTarget),
    /// A text to be written.
    Text(TextTarget),
}

/// A transcript, as letters for CTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TranscriptTarget {
    /// The column.
    pub column: String,
    /// The letters of the training part.
    pub letters: Letters,
    /// The words of the training part, by alphabet.
    pub words: Vec<String>,
    /// Training rows with a transcript.
    pub labelled: usize,
}

/// A text that is written token by token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextTarget {
    /// The column.
    pub column: String,
    /// The tokens of the training part.
    pub vocabulary: Vocabulary,
    /// Tokens of a text at most.
    pub longest: usize,
    /// Training rows with a text.
    pub labelled: usize,
}

/// A numeric target: transformed, then standardised. Counts are neither: they have mean 0 and deviation 1 here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumberTarget {
    /// The column.
    pub column: String,
    /// Done before it is standardised.
    pub transform: Transform,
    /// Of the transformed training values.
    pub mean: f64,
    /// Of the transformed training values; 1 where all are equal.
    pub deviation: f64,
    /// Training rows with a value.
    pub labelled: usize,
}

/// A target of classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassTarget {
    /// The column.
    pub column: String,
    /// The classes in order, by value where all are numbers, else by alphabet. For `bce` the second is the positive one.
    pub labels: Vec<String>,
    /// Training rows of each class.
    pub counts: Vec<usize>,
    /// Bounds that make classes of a number; a bound belongs to the class above it. Empty for none.
    pub bins: Vec<f64>,
}

/// Targets as the user knows them, for metrics; `None` is a missing label.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// Numbers in the user's units.
    Numbers(Vec<Option<f64>>),
    /// Places in the list of labels. A label that the training part does not have has a place beyond the list: it
    /// counts as wrong, whatever is predicted.
    Classes(Vec<Option<u32>>),
    /// Texts, such as transcripts. An empty one is a label.
    Texts(Vec<Option<String>>),
}

impl NumberTarget {
    /// Whether training sees the numbers as they are.
    pub fn is_as_given(&self) -> bool {
        (self.transform, self.mean, self.deviation) == (Transform::None, 0.0, 1.0)
    }

    /// From the user's units to training's.
    pub fn scaled(&self, value: f64) -> f64 {
        let value = match self.transform {
            Transform::None => value,
            Transform::Log1p => value.ln_1p(),
        };
        (value - self.mean) / self.deviation
    }

    /// From training's units, as predicted, to the user's.
    pub fn in_units(&self, scaled: f64) -> f64 {
        let value = scaled * self.deviation + self.mean;
        match self.transform {
            Transform::None => value,
            Transform::Log1p => value.exp_m1(),
        }
    }
}

impl ClassTarget {
    /// The weight of each class inside the loss: `None` where all are 1. A class without training rows gets 0 when
    /// balanced. For `bce` the positive weight is the second / the first.
    pub fn weights(&self, config: &ClassWeights) -> Option<Vec<f64>> {
        match config {
            ClassWeights::None => None,
            ClassWeights::Given(weights) => Some(weights.clone()),
            ClassWeights::Balanced => {
                let rows: usize = self.counts.iter().sum();
                let classes = self.labels.len();
                let weight = |count: usize| if count == 0 { 0.0 } else { rows as f64 / (classes * count) as f64 };
                Some(self.counts.iter().copied().map(weight).collect())
            }
        }
    }

    fn place(&self, cell: &str) -> Option<usize> {
        if self.bins.is_empty() {
            return self.labels.iter().position(|label| label == cell);
        }
        let Reading::Number(value) = reading(cell) else { return None };
        Some(self.bins.iter().filter(|bound| value >= **bound).count())
    }
}

impl TargetColumn {
    /// The column's name.
    pub fn column(&self) -> &str {
        match self {
            Self::Number(number) => &number.column,
            Self::Classes(classes) => &classes.column,
            Self::Transcript(transcript) => &transcript.column,
            Self::Text(text) => &text.column,
        }
    }

    /// Training rows with a label.
    pub fn labelled(&self) -> usize {
        match self {
            Self::Number(number) => number.labelled,
            Self::Classes(classes) => classes.counts.iter().sum(),
            Self::Transcript(transcript) => transcript.labelled,
            Self::Text(text) => text.labelled,
        }
    }

    /// The labels of classes; none for other targets.
    pub fn labels(&self) -> &[String] {
        match self {
            Self::Classes(classes) => &classes.labels,
            Self::Number(_) | Self::Transcript(_) | Self::Text(_) => &[],
        }
    }

    /// The class or number of a cell as metrics see it; `None` where it is missing or does not fit.
    pub fn read(&self, cell: &str) -> Option<f64> {
        let cell = super::table::present(cell)?;
        match self {
            Self::Number(_) => match reading(cell) {
                Reading::Number(value) => Some(value),
                Reading::Infinite | Reading::Text => None,
            },
            Self::Classes(classes) => classes.place(cell).map(|place| place as f64),
            Self::Transcript(_) | Self::Text(_) => None,
        }
    }
}
