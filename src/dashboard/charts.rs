//! How the charts are drawn: a person's choices, the same for all of them.

use super::model::Place;
use crate::series::{Scale, XAxis};

/// β of the moving average that a person can step through.
pub const SMOOTHINGS: [f64; 8] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995];

/// How the charts are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charts {
    /// The vertical axis.
    pub scale: Scale,
    /// Place in [`SMOOTHINGS`].
    pub smoothing: usize,
    /// The horizontal axis.
    pub axis: XAxis,
    /// Losses times their weights.
    pub weighted: bool,
    /// Where gradients are compared.
    pub place: Place,
    /// The step that the cursor stands on, where there is one.
    pub cursor: Option<u64>,
}

impl Charts {
    /// β of the moving average.
    pub fn beta(&self) -> f64 {
        SMOOTHINGS.get(self.smoothing).copied().unwrap_or(0.0)
    }
}

impl Default for Charts {
    fn default() -> Self {
        Self { scale: Scale::Log, smoothing: 3, axis: XAxis::Step, weighted: false, place: Place::Shared, cursor: None }
    }
}
