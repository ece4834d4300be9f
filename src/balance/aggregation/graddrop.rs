//! GradDrop: each coordinate follows one sign, drawn by how much the gradients agree on it.

use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, Situation};
use crate::random;
use rand_chacha::rand_core::RngCore;

/// Per coordinate P = ½ (1 + Σ g / Σ |g|) of the rows f_i g_i; the parts above 0 are kept with chance P, else those below.
///
/// A zero row has nothing to keep.
pub const METHOD: Method = Method {
    name: "graddrop",
    aliases: &["gradientsigndropout"],
    what: "keeps one sign of each coordinate, drawn by how much the gradients agree on it",
    year: Some(2020),
    paper: "arXiv 2010.06808",
    needs: Needs::ROWS,
    state: "",
    preference: "rows are multiplied by it",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(GradDrop)),
};

/// Gradient sign dropout.
#[derive(Clone, Copy, Debug, Default)]
pub struct GradDrop;

impl GradDrop {
    /// The update; `draw` gives a number of [0, 1) for each coordinate in turn.
    ///
    /// # Errors
    /// [`Degenerate`] where rows differ in length or hold what is no number.
    pub fn update(factors: &[f64], rows: &[&[f32]], mut draw: impl FnMut() -> f64) -> Result<Vec<f32>, Degenerate> {
        super::check_rows(factors, rows)?;
        let mut update = vec![0.0_f32; rows.first().map_or(0, |row| row.len())];
        for (k, entry) in update.iter_mut().enumerate() {
            let (mut above, mut below) = (0.0, 0.0);
            for (row, factor) in rows.iter().zip(factors) {
                let part = f64::from(row[k]) * factor;
                if part > 0.0 {
                    above += part;
                } else {
                    below += part;
                }
            }
            let chance = 0.5 * (1.0 + (above + below) / (above - below));
            // Where all are 0 there is no chance either, and nothing to keep.
            *entry = if chance > draw() { above } else { below } as f32;
        }
        super::check_update(update)
    }
}

impl Aggregation for GradDrop {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, _seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        Err(super::no_coefficients())
    }

    fn combine(&mut self, seen: &Situation<'_>, _losses: &[f64], rows: &[&[f32]]) -> Result<Vec<f32>, Degenerate> {
        let mut generator = random::generator(seen.seed, seen.step, METHOD.name);
        Self::update(seen.factors, rows, || f64::from(generator.next_u32()) / (1_u64 << 32) as f64)
    }
}
