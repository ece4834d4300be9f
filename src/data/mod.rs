//! From files to batches on the host.
//!
//! Owns sources, splits, preprocessing and draws. Batches leave as plain vectors: nothing here knows Burn, and no row
//! of the test part reaches a training batch or a scaling.

mod batch;
mod builtin;
pub mod catalogue;
mod draws;
mod error;
mod files;
pub mod image;
mod input;
mod labelled;
mod labels;
mod load;
mod new_inputs;
mod new_labelled;
mod new_lines;
mod new_rows;
mod preprocessing;
mod source;
pub mod speech;
mod split;
mod table;
mod table_input;
mod target;
pub mod text;

pub use batch::{Batch, Inputs, Targets};
pub use builtin::{builtin_file, builtin_files};
pub use draws::Draws;
pub use error::{DataError, RowPlace};
pub use files::{Folder, open_table};
pub use input::{InputEncoding, InputShape};
pub use new_inputs::{InputForm, NewCells, NewInputs};
pub use new_lines::NewLines;
pub use new_rows::{Chunk, NewRows};
pub use preprocessing::{PREPROCESSING_VERSION, Preprocessing, PreprocessingError};
pub use source::{Source, fingerprint};
pub use split::Part;
#[cfg(feature = "train")]
pub(crate) use table::hexadecimal;
pub use table::{Encoding, Feature};
pub use target::{ClassTarget, NumberTarget, TargetColumn, TextTarget, TranscriptTarget, Truth};
