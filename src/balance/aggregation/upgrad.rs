//! UPGrad: each gradient is projected on the updates that oppose no task, then all are added.

use super::finite;
use crate::balance::solver::{DualCone, Geometry};
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, Situation};

/// Σ_i of the projection of f_i g_i on the dual cone.
///
/// A zero row keeps its factor. Where nothing conflicts it is Σ f_i g_i.
pub const METHOD: Method = Method {
    name: "upgrad",
    aliases: &[],
    what: "moves each gradient to the nearest that opposes no task, then adds; never opposes a task",
    year: Some(2024),
    paper: "arXiv 2406.16232",
    needs: Needs::GRAM,
    state: "",
    preference: "rows are multiplied by it",
    options: &[],
    make: Make::Aggregation(|_, _| Box::<UpGrad>::default()),
};

/// Unconflicting projection of gradients.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpGrad {
    /// In which matrix the projections are solved.
    pub geometry: Geometry,
}

impl Aggregation for UpGrad {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let mut cone = DualCone::new(seen.gram, self.geometry);
        let mut sum = vec![0.0; seen.factors.len()];
        let mut one = vec![0.0; seen.factors.len()];
        for (row, factor) in seen.factors.iter().enumerate() {
            one[row] = *factor;
            cone.project(&one).iter().zip(&mut sum).for_each(|(own, sum)| *sum += own);
            one[row] = 0.0;
        }
        finite(sum)
    }
}
