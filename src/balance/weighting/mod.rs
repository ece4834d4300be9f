//! The weightings, one file a method: losses and λ to one factor a task.

pub mod manual;
