//! Train one network on several tasks and steer the task weights live from the terminal.

pub mod balance;
pub mod cli;
pub mod config;
pub mod dashboard;
#[cfg(feature = "data")]
pub mod data;
pub mod headless;
#[cfg(feature = "train")]
pub mod model;
#[cfg(feature = "data")]
pub mod objective;
pub mod picture;
pub mod protocol;
pub mod random;
pub mod run;
pub mod series;
pub mod steer;
pub mod study;
pub mod text;
#[cfg(feature = "train")]
pub mod train;
