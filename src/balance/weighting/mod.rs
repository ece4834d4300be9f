//! The weightings, one file a method: losses and λ to one factor a task.

mod answer;
mod descent;
pub mod dwa;
pub mod equal;
pub mod famo;
pub mod gls;
pub mod gradnorm;
pub mod imtl_l;
pub mod manual;
pub mod random;
pub mod scale_invariant;
pub mod stch;
#[cfg(test)]
mod tests;
pub mod uncertainty;
