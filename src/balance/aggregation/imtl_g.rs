//! IMTL-G: an update with equal projections on all gradients.

use super::finite;
use crate::balance::solver::{Directions, Eigen, STATIONARY, min_norm, stationarity};
use crate::balance::{Aggregation, Degenerate, Gram, Make, Method, Needs, Situation};

/// G w ∝ f n (elementwise), Σ w = 1.
///
/// A zero row gets 0. Coefficients may be negative. Pareto-stationary rows give an update of 0.
pub const METHOD: Method = Method {
    name: "imtl_g",
    aliases: &["imtlg", "imtl"],
    what: "an update whose projections on all gradients are equal; cancels any scale of the losses",
    year: Some(2021),
    paper: "ICLR 2021, Towards Impartial Multi-task Learning",
    needs: Needs::GRAM,
    state: "",
    preference: "projections are proportional to it",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(ImtlG)),
};

/// Impartial gradients.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImtlG;

impl Aggregation for ImtlG {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let directions = Directions::of(seen.gram);
        let factors = directions.pick(seen.factors);
        let Some(raw) = raw(seen.gram, &directions, &factors) else {
            return Ok(directions.coefficients(&vec![0.0; directions.count()], |_| 0.0));
        };
        let sum: f64 = raw.iter().sum();
        let size: f64 = raw.iter().map(|c| c.abs()).sum();
        if sum.is_nan() || sum <= 1e-9 * size {
            let reason = "equal projections need coefficients that sum to 0 or less, which would climb every loss";
            return Err(Degenerate(reason.to_owned()));
        }
        let mut all = vec![0.0; seen.factors.len()];
        directions.places.iter().zip(raw).for_each(|(place, c)| all[*place] = c / sum);
        finite(all)
    }
}

/// Coefficients of the rows that are not zero, up to a factor; `None` where there is no such row.
fn raw(gram: &Gram, directions: &Directions, factors: &[f64]) -> Option<Vec<f64>> {
    let least = directions.norms.iter().copied().fold(f64::INFINITY, f64::min);
    let divide =
        |amounts: Vec<f64>| amounts.iter().zip(&directions.norms).map(|(x, norm)| x * (least / norm)).collect();
    if let ([f1, f2], true) = (factors, directions.count() == 2) {
        let cosine = directions.cosines.get(0, 1);
        // The closed form knows the limit for opposed rows, and for parallel ones of equal factor.
        if f1 == f2 {
            return Some(divide(vec![1.0, 1.0]));
        } else if cosine < 1.0 - 1e-12 {
            return Some(divide(vec![f1 - cosine * f2, f2 - cosine * f1]));
        }
    }
    if directions.count() == 0 {
        return None;
    }
    let eigen = Eigen::of(&directions.cosines);
    // With x_i = w_i n_i the equations are C x ∝ f: free of norms where C has an inverse.
    if eigen.is_above(RANK) {
        return Some(divide(eigen.pseudo_inverse(factors)));
    }
    if stationarity(directions).1 < STATIONARY {
        let rows = gram.select(&directions.places);
        return Some(min_norm(&rows));
    }
    // Dependent rows: the least-squares answer, in the norms of the paper.
    let largest = directions.largest();
    let relative: Vec<f64> = directions.norms.iter().map(|norm| norm / largest).collect();
    let wanted: Vec<f64> = relative.iter().zip(factors).map(|(norm, f)| norm * f).collect();
    Some(Eigen::of(&directions.cosines.scaled(&relative)).pseudo_inverse(&wanted))
}

/// An eigenvalue of the cosines below this may be rounding.
const RANK: f64 = 1e-12;
