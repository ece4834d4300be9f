//! Projection on the dual cone: the nearest update that opposes no gradient.

use super::{Directions, NonNegative};
use crate::balance::Gram;

/// In which matrix the projection is solved.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Geometry {
    /// On cosines: exact whatever the norms.
    #[default]
    Cosines,
    /// On the matrix divided by its trace, `reg_eps` on the diagonal; a trace below `norm_eps` counts as 0. As TorchJD
    /// ships it: large differences of norms lose the guarantee. For comparison with it.
    Trace {
        /// Trace below which the matrix counts as zero.
        norm_eps: f64,
        /// What is added to the diagonal.
        reg_eps: f64,
    },
}

/// Makes the matrix definite; bounded answers make it harmless.
const RIDGE: f64 = 1e-12;

/// min v'Gv over v ≥ u for one matrix and one u after another (`GEM`, Lopez-Paz and Ranzato 2017).
#[derive(Clone, Debug)]
pub struct DualCone {
    directions: Directions,
    /// What a coefficient is multiplied by before and divided by after.
    scales: Vec<f64>,
    program: NonNegative,
}

impl DualCone {
    /// The cone of the rows behind `gram`.
    pub fn new(gram: &Gram, geometry: Geometry) -> Self {
        match geometry {
            Geometry::Cosines => {
                let directions = Directions::of(gram);
                let largest = directions.largest();
                let scales = directions.norms.iter().map(|norm| norm / largest).collect();
                let program = NonNegative::new(&directions.cosines, RIDGE);
                Self { directions, scales, program }
            }
            Geometry::Trace { norm_eps, reg_eps } => {
                let size = gram.size();
                let trace: f64 = (0..size).map(|i| gram.get(i, i)).sum();
                let by = if trace < norm_eps { 0.0 } else { 1.0 / trace };
                let scaled = Gram::from_products(size, |i, j| gram.get(i, j) * by);
                let program = NonNegative::new(&scaled, reg_eps);
                // Any norms: only the places matter here.
                let directions = Directions::of(&Gram::from_products(size, |i, j| f64::from(u8::from(i == j))));
                Self { scales: vec![1.0; size], directions, program }
            }
        }
    }

    /// Coefficients v of all rows for `preference` = u; a zero row keeps its own u.
    pub fn project(&mut self, preference: &[f64]) -> Vec<f64> {
        let wanted: Vec<f64> =
            self.directions.pick(preference).iter().zip(&self.scales).map(|(u, scale)| u * scale).collect();
        let slopes: Vec<f64> = self.program.times(&wanted).iter().map(|slope| -slope).collect();
        let added = self.program.solve(&slopes);
        let mut all = preference.to_vec();
        for ((place, added), scale) in self.directions.places.iter().zip(added).zip(&self.scales) {
            if added > 0.0 {
                all[*place] += added / scale;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_opposed_side_is_moved() {
        // (1, 0) and (-1, 1): their mean (0, 1/2) opposes neither; (4, 0) and (-1, 1): the mean opposes the second.
        let gram = |a: f64| Gram::from_products(2, |i, j| [[a * a, -a], [-a, 2.0]][i][j]);
        assert_eq!(DualCone::new(&gram(1.0), Geometry::Cosines).project(&[0.5, 0.5]), [0.5, 0.5]);
        let moved = DualCone::new(&gram(4.0), Geometry::Cosines).project(&[0.5, 0.5]);
        assert_eq!(moved[0], 0.5);
        assert!((moved[1] - 1.0).abs() < 1e-9, "{moved:?}");
    }
}
