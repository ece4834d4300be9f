//! From files to batches on the host.
//!
//! Owns sources, splits, preprocessing and draws. Batches leave as plain vectors: nothing here knows Burn, and no row
//! of the test part reaches a training batch or a scaling.

mod batch;
mod builtin;
pub mod catalogue;
mod draws;
mod error;
pub mod image;
mod labelled;
mod labels;
mod new_rows;
mod preprocessing;
mod source;
pub mod speech;
mod split;
mod table;
mod target;
pub mod text;

pub use batch::{Batch, Inputs, Targets};
pub use builtin::builtin;
pub use draws::Draws;
pub use error::{DataError, RowPlace};
pub use new_rows::{Chunk, NewRows};
pub use preprocessing::{PREPROCESSING_VERSION, Preprocessing, PreprocessingError};
pub use source::{Source, open_table};
pub use split::Part;
pub use table::{Encoding, Feature};
pub use target::{ClassTarget, NumberTarget, TargetColumn, Truth};
