//! Rows as unit vectors: which are not zero, their norms, the cosines between them.

use crate::balance::Gram;

/// The rows that are not zero, each divided by its norm.
#[derive(Clone, Debug)]
pub struct Directions {
    /// Places of these rows among all rows, ascending.
    pub places: Vec<usize>,
    /// Their norms, each above 0.
    pub norms: Vec<f64>,
    /// The matrix of cosines between them; 1 on the diagonal.
    pub cosines: Gram,
    rows: usize,
}

impl Directions {
    /// The directions of the rows behind `gram`.
    pub fn of(gram: &Gram) -> Self {
        let places: Vec<usize> = (0..gram.size()).filter(|i| gram.norm(*i) > 0.0).collect();
        let norms: Vec<f64> = places.iter().map(|i| gram.norm(*i)).collect();
        let cosines = Gram::from_products(places.len(), |i, j| {
            // Divided one after the other: the product of two norms may leave the range of numbers.
            if i == j { 1.0 } else { (gram.get(places[i], places[j]) / norms[i] / norms[j]).clamp(-1.0, 1.0) }
        });
        Self { places, norms, cosines, rows: gram.size() }
    }

    /// Number of rows that are not zero.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// The largest norm; 0 where every row is zero.
    pub fn largest(&self) -> f64 {
        self.norms.iter().copied().fold(0.0, f64::max)
    }

    /// Of one number a row, those of the rows that are not zero.
    pub fn pick(&self, all: &[f64]) -> Vec<f64> {
        self.places.iter().map(|place| all.get(*place).copied().unwrap_or_default()).collect()
    }

    /// Amounts of the unit vectors as coefficients of all rows: divided by the norm, `of_zero` for a zero row.
    pub fn coefficients(&self, amounts: &[f64], mut of_zero: impl FnMut(usize) -> f64) -> Vec<f64> {
        let mut all: Vec<f64> = (0..self.rows).map(&mut of_zero).collect();
        for ((place, norm), amount) in self.places.iter().zip(&self.norms).zip(amounts) {
            all[*place] = amount / norm;
        }
        all
    }
}
