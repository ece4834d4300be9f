//! Host-side values of a batch.

/// Inputs of some rows, by the kind of their source.
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
    /// Frames of sound: `rows × positions × width` values, zeros behind each row's end.
    Frames {
        /// Row-major values.
        values: Vec<f32>,
        /// Frames of each row.
        lengths: Vec<usize>,
        /// Frames of the longest row.
        positions: usize,
        /// Values a frame.
        width: usize,
    },
    /// Numbers of tokens: `rows × positions` of them, 0 behind each row's end.
    Tokens {
        /// Row-major numbers.
        values: Vec<u32>,
        /// Tokens of each row.
        lengths: Vec<usize>,
        /// Tokens of the longest row.
        positions: usize,
    },
    /// Pictures: `rows × channels × height × width` values.
    Pictures {
        /// Row-major values.
        values: Vec<f32>,
        /// Number of pictures.
        rows: usize,
        /// Channels a picture.
        channels: usize,
        /// Rows of a channel.
        height: usize,
        /// Values a row.
        width: usize,
    },
}

impl Inputs {
    /// Frames of several recordings, `width` values a frame, padded to the longest.
    pub fn frames(rows: &[&[f32]], width: usize) -> Self {
        let lengths: Vec<usize> = rows.iter().map(|row| row.len() / width.max(1)).collect();
        let positions = lengths.iter().copied().max().unwrap_or(0);
        let values = padded(rows, &lengths, positions, width);
        Self::Frames { values, lengths, positions, width }
    }

    /// Tokens of several texts, padded to the longest.
    pub fn tokens(rows: &[&[u32]]) -> Self {
        let lengths: Vec<usize> = rows.iter().map(|row| row.len()).collect();
        let positions = lengths.iter().copied().max().unwrap_or(0);
        let values = padded(rows, &lengths, positions, 1);
        Self::Tokens { values, lengths, positions }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Vectors { rows, .. } | Self::Pictures { rows, .. } => *rows,
            Self::Frames { lengths, .. } | Self::Tokens { lengths, .. } => lengths.len(),
        }
    }
}

/// Rows one after the other, each filled up to `positions × width` values.
fn padded<T: Copy + Default>(rows: &[&[T]], lengths: &[usize], positions: usize, width: usize) -> Vec<T> {
    let mut values = Vec::with_capacity(rows.len() * positions * width);
    for (row, length) in rows.iter().zip(lengths) {
        values.extend(row.iter().take(length * width));
        values.resize(values.len() + (positions - length) * width, T::default());
    }
    values
}

/// Targets of some rows for one task; `None` is a missing label.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Numbers as training sees them: transformed and standardised, or counts as they are.
    Numbers(Vec<Option<f32>>),
    /// Places in the task's list of labels.
    Classes(Vec<Option<u32>>),
    /// Letters of a transcript as classes of CTC, or tokens of a text.
    Sequences(Vec<Option<Vec<u32>>>),
}

impl Targets {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Classes(values) => values.len(),
            Self::Sequences(values) => values.len(),
        }
    }

    /// Rows with a label.
    pub fn labelled(&self) -> usize {
        match self {
            Self::Numbers(values) => values.iter().flatten().count(),
            Self::Classes(values) => values.iter().flatten().count(),
            Self::Sequences(values) => values.iter().flatten().count(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_unlike_length_are_filled_up() {
        let tokens = Inputs::tokens(&[&[1, 2, 3], &[], &[4]]);
        let values = vec![1, 2, 3, 0, 0, 0, 4, 0, 0];
        assert_eq!(tokens, Inputs::Tokens { values, lengths: vec![3, 0, 1], positions: 3 });
        let frames = Inputs::frames(&[&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0]], 2);
        let values = vec![1.0, 2.0, 0.0, 0.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(frames, Inputs::Frames { values, lengths: vec![1, 2], positions: 2, width: 2 });
        assert_eq!(Inputs::tokens(&[]).rows(), 0);
        assert_eq!(Inputs::frames(&[&[]], 3).rows(), 1);
    }
}
