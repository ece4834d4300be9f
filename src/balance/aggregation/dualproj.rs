//! DualProj: the sum of gradients is projected on the updates that oppose no task.

use super::finite;
use crate::balance::solver::{DualCone, Geometry};
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, Situation};

/// The projection of Σ f_i g_i on the dual cone.
///
/// A zero row keeps its factor. Where the sum opposes no task it is the sum.
pub const METHOD: Method = Method {
    name: "dualproj",
    aliases: &["gem"],
    what: "the update nearest to the sum that opposes no task",
    year: Some(2017),
    paper: "arXiv 1706.08840",
    needs: Needs::GRAM,
    state: "",
    preference: "it weighs the sum",
    options: &[],
    make: Make::Aggregation(|_, _| Box::<DualProj>::default()),
};

/// Projection of the sum on the dual cone.
#[derive(Clone, Copy, Debug, Default)]
pub struct DualProj {
    /// In which matrix the projection is solved.
    pub geometry: Geometry,
}

impl Aggregation for DualProj {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        finite(DualCone::new(seen.gram, self.geometry).project(seen.factors))
    }
}
