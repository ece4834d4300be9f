//! How a row of a source becomes a network's input: what was learned for that, and the inputs of all rows.
//!
//! Owns the forms that inputs of each kind take on the host. It must not open files.

use super::batch::Inputs;
use super::image::ImageEncoding;
use super::speech::SpeechEncoding;
use super::table::Feature;
use super::text::TextEncoding;
use serde::{Deserialize, Serialize};

/// What was learned from the training part to encode a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputEncoding {
    /// Columns of a table.
    Table {
        /// The inputs, in order.
        features: Vec<Feature>,
    },
    /// A text, or what was said before.
    Text(TextEncoding),
    /// A recording.
    Speech(SpeechEncoding),
    /// A picture.
    Image(ImageEncoding),
}

/// What a network's input part must take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputShape {
    /// Rows of `width` numbers.
    Vectors {
        /// Values a row.
        width: usize,
    },
    /// Frames of `width` numbers.
    Frames {
        /// Values a frame.
        width: usize,
    },
    /// Numbers of tokens below `vocabulary`.
    Tokens {
        /// Known tokens, the two special ones among them.
        vocabulary: usize,
    },
    /// Pictures of one size.
    Pictures {
        /// Channels a picture.
        channels: usize,
        /// Rows of a channel.
        height: usize,
        /// Values a row.
        width: usize,
    },
}

impl InputEncoding {
    /// What comes out.
    pub fn shape(&self) -> InputShape {
        match self {
            Self::Table { features } => InputShape::Vectors { width: features.iter().map(Feature::width).sum() },
            Self::Text(text) => InputShape::Tokens { vocabulary: text.vocabulary.len() },
            Self::Speech(speech) => InputShape::Frames { width: speech.width() },
            Self::Image(image) => {
                InputShape::Pictures { channels: image.channels, height: image.height, width: image.width }
            }
        }
    }

    /// The columns of a table; empty for other kinds.
    pub fn features(&self) -> &[Feature] {
        if let Self::Table { features } = self { features } else { &[] }
    }
}

/// The inputs of every row of a source.
#[derive(Debug)]
pub(super) enum InputRows {
    Vectors { values: Vec<f32>, width: usize },
    Frames { rows: Vec<Vec<f32>>, width: usize },
    Tokens(Vec<Vec<u32>>),
    Pictures { values: Vec<f32>, channels: usize, height: usize, width: usize },
}

impl InputRows {
    /// The inputs of some rows, all of which must be there.
    pub fn take(&self, rows: &[usize]) -> Inputs {
        match self {
            Self::Vectors { values, width } => {
                Inputs::Vectors { values: gathered(values, rows, *width), rows: rows.len(), width: *width }
            }
            Self::Frames { rows: all, width } => {
                let rows: Vec<&[f32]> = rows.iter().filter_map(|row| all.get(*row)).map(Vec::as_slice).collect();
                Inputs::frames(&rows, *width)
            }
            Self::Tokens(all) => {
                let rows: Vec<&[u32]> = rows.iter().filter_map(|row| all.get(*row)).map(Vec::as_slice).collect();
                Inputs::tokens(&rows)
            }
            Self::Pictures { values, channels, height, width } => Inputs::Pictures {
                values: gathered(values, rows, channels * height * width),
                rows: rows.len(),
                channels: *channels,
                height: *height,
                width: *width,
            },
        }
    }

    /// Positions of each row before any input part; 1 where a row is one vector.
    pub fn lengths(&self, rows: &[usize]) -> Vec<usize> {
        let length = |row: &usize| match self {
            Self::Vectors { .. } | Self::Pictures { .. } => 1,
            Self::Frames { rows, width } => rows.get(*row).map_or(0, |values| values.len() / (*width).max(1)),
            Self::Tokens(rows) => rows.get(*row).map_or(0, Vec::len),
        };
        rows.iter().map(length).collect()
    }
}

fn gathered(values: &[f32], rows: &[usize], size: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(rows.len() * size);
    for row in rows {
        let begin = row * size;
        out.extend_from_slice(values.get(begin..begin + size).unwrap_or(&[]));
    }
    out
}
