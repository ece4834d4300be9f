//! How far each update moved the encoder and each head.

use crate::protocol::{PartNorm, Real};
use crate::series::Series;

/// Newest points that all parts keep together.
const POINTS: usize = 1 << 19;

/// Norms of the parameters' changes over steps.
#[derive(Clone, Debug, Default)]
pub struct Updates {
    /// Of the encoder; `None` before anything was told.
    pub encoder: Option<Series>,
    /// Of each task's head.
    pub heads: Vec<Series>,
}

impl Updates {
    /// Takes in what a step tells.
    pub fn push(&mut self, step: u64, norm: &PartNorm, tasks: usize, smoothing: f64) {
        if self.heads.len() < tasks {
            self.heads.resize_with(tasks, || Series::new(smoothing));
        }
        let each = POINTS / (self.heads.len() + 1);
        let encoder = self.encoder.get_or_insert_with(|| Series::new(smoothing));
        if let Some(value) = norm.encoder {
            encoder.push_within(step, value.get(), each);
        }
        for (series, value) in self.heads.iter_mut().zip(&norm.heads) {
            if let Some(value) = value.map(Real::get) {
                series.push_within(step, value, each);
            }
        }
    }

    /// Whether anything was told.
    pub fn is_told(&self) -> bool {
        self.series().any(|series| series.last().is_some())
    }

    /// Encoder and heads.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.encoder.iter().chain(&self.heads)
    }

    /// The same, to change them.
    pub fn series_mut(&mut self) -> impl Iterator<Item = &mut Series> {
        self.encoder.iter_mut().chain(&mut self.heads)
    }

    /// Goes back to a step.
    pub fn rewind(&mut self, to_step: u64, keep: bool) {
        self.series_mut().for_each(|series| series.rewind(to_step, keep));
    }
}
