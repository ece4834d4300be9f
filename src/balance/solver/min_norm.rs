//! The shortest vector between gradients: how far a point is from being Pareto-stationary.

use super::{Directions, NonNegative};
use crate::balance::Gram;

/// Below this length of the shortest convex combination of unit vectors a point counts as Pareto-stationary: products
/// of gradients know their squares to about 1e-16.
pub const STATIONARY: f64 = 1e-7;

/// Makes the matrix definite; far below what the cosines know.
const RIDGE: f64 = 1e-13;

/// w ≥ 0 with Σ w = 1 that minimises w'Gw (Désidéri 2012). A zero row takes all of the weight; empty for no rows.
pub fn min_norm(gram: &Gram) -> Vec<f64> {
    let directions = Directions::of(gram);
    if let Some(zero) = (0..gram.size()).find(|place| !directions.places.contains(place)) {
        return (0..gram.size()).map(|place| f64::from(u8::from(place == zero))).collect();
    }
    let least = directions.norms.iter().copied().fold(f64::INFINITY, f64::min);
    // With v_i = w_i n_i, up to the length of v: v ≥ 0, Cv ≥ 1/n, equality where v > 0.
    let inverse: Vec<f64> = directions.norms.iter().map(|norm| least / norm).collect();
    // Where 0 lies between the rows the program has no bound: its direction alone counts, which equal lengths find best.
    let (shortest, gap) = stationarity(&directions);
    let amounts =
        if gap < STATIONARY { shortest } else { NonNegative::new(&directions.cosines, RIDGE).solve(&inverse) };
    let weights: Vec<f64> = amounts.iter().zip(&inverse).map(|(amount, inverse)| amount * inverse).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Amounts v ≥ 0 of the unit vectors, Σ v = 1, whose sum is shortest, and that length: 0 where the point is
/// Pareto-stationary, 1 where all gradients point the same way. Nothing and 0 for no rows.
pub fn stationarity(directions: &Directions) -> (Vec<f64>, f64) {
    let ones = vec![1.0; directions.count()];
    let amounts = NonNegative::new(&directions.cosines, RIDGE).solve(&ones);
    let sum: f64 = amounts.iter().sum();
    let amounts: Vec<f64> = amounts.iter().map(|amount| amount / sum).collect();
    let gap = directions.cosines.norm_of(&amounts);
    (amounts, gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rows_have_a_closed_form() {
        for (a, b, dot) in [(1.0, 4.0, 0.0), (18.0, 38.0, -22.0), (1.0, 9.0, 2.5), (14.0, 14.0, -14.0)] {
            let gram = Gram::from_products(2, |i, j| if i == j { [a, b][i] } else { dot });
            let expected = ((b - dot) / (a + b - 2.0 * dot)).clamp(0.0, 1.0);
            let found = min_norm(&gram);
            assert!((found[0] - expected).abs() < 1e-12, "{found:?} {expected}");
            assert!((found[1] - 1.0 + expected).abs() < 1e-12);
        }
    }

    #[test]
    fn opposed_large_rows_outdo_a_small_one() {
        let rows = [[1e-6, 0.0], [0.0, 1.0], [0.0, -2.0]];
        let gram = Gram::from_products(3, |i, j| rows[i][0] * rows[j][0] + rows[i][1] * rows[j][1]);
        let found = min_norm(&gram);
        assert!(gram.norm_of(&found) < 1e-12, "{found:?}");
        assert_eq!(min_norm(&Gram::from_products(2, |_, _| 0.0)), [1.0, 0.0]);
        assert!(min_norm(&Gram::from_products(0, |_, _| 0.0)).is_empty());
    }
}
