//! Host-side values of a batch.

/// Inputs of some rows. Later kinds of source add their own forms.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Rows of numbers, row by row: `rows × width` values.
    Vectors {
        /// Row-major values.
        values: Vec<f32>,
        /// Number of rows.
        rows: usize,
        /// Values a row.
        width: usize,
    },
}

impl Inputs {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Vectors { rows, .. } => *rows,
        }
    }
}

/// Targets of some rows for one task; `None` is a missing label.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Numbers as training sees them: transformed and standardised, or counts as they are.
    Numbers(Vec<Option<f32>>),
    /// Places in the task's list of labels.
    Classes(Vec<Option<u32>>),
}

impl Targets {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Classes(values) => values.len(),
        }
    }

    /// Rows with a label.
    pub fn labelled(&self) -> usize {
        match self {
            Self::Numbers(values) => values.iter().flatten().count(),
            Self::Classes(values) => values.iter().flatten().count(),
        }
    }
}

/// Some rows of one source, with the targets of that source's tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Place of the source in the configuration.
    pub source: usize,
    /// The inputs.
    pub inputs: Inputs,
    /// An entry a task of the run; `None` where the task has another source.
    pub targets: Vec<Option<Targets>>,
}
