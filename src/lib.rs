//! Train one network on several tasks and steer the task weights live from the terminal.

pub mod config;
pub mod data;
pub mod protocol;
pub mod random;
pub mod series;
pub mod text;
