//! Eigenvalues and eigenvectors of a Gram matrix: pivoted Cholesky, then one-sided Jacobi rotations of its columns.
//!
//! The two together are as fast as a tridiagonal form and keep the digits of small eigenvalues where norms differ by
//! orders of magnitude (Veselić and Hari 1989).

use super::dot;
use crate::balance::Gram;

/// The eigen-decomposition of a positive semidefinite matrix.
#[derive(Clone, Debug)]
pub struct Eigen {
    /// Eigenvalues above 0, ascending; what is missing to the matrix's size is 0.
    pub values: Vec<f64>,
    /// Their eigenvectors, each of length 1.
    pub vectors: Vec<Vec<f64>>,
    size: usize,
}

impl Eigen {
    /// Decomposes `gram`, whose entries must be finite. What is not positive semidefinite in it is left out.
    pub fn of(gram: &Gram) -> Self {
        let size = gram.size();
        // G = L L': the columns of L, made orthogonal, are the eigenvectors times the roots of the eigenvalues.
        let mut columns = factor(gram);
        orthogonalise(&mut columns, size);
        let mut pairs: Vec<(f64, Vec<f64>)> =
            columns.into_iter().map(|column| (dot(&column, &column), column)).collect();
        pairs.retain(|(value, _)| *value > 0.0);
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (value, column) in &mut pairs {
            let norm = value.sqrt();
            for entry in column {
                *entry /= norm;
            }
        }
        let (values, vectors) = pairs.into_iter().unzip();
        Self { values, vectors, size }
    }

    /// Whether every eigenvalue is above `least`.
    pub fn is_above(&self, least: f64) -> bool {
        self.values.len() == self.size && self.values.first().is_none_or(|value| *value > least)
    }

    /// Eigenvalues at most this are rounding: largest · size · 2⁻⁵².
    pub fn cutoff(&self) -> f64 {
        self.values.last().copied().unwrap_or_default() * self.size as f64 * f64::EPSILON
    }

    /// Σ h(λ_k) v_k v_k' x over the eigenvalues above [`Eigen::cutoff`].
    pub fn apply(&self, x: &[f64], h: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut sum = vec![0.0; self.size];
        let cutoff = self.cutoff();
        for (value, vector) in self.values.iter().zip(&self.vectors).filter(|(value, _)| **value > cutoff) {
            let amount = h(*value) * dot(vector, x);
            sum.iter_mut().zip(vector).for_each(|(sum, v)| *sum += amount * v);
        }
        sum
    }

    /// The pseudo-inverse times `x`.
    pub fn pseudo_inverse(&self, x: &[f64]) -> Vec<f64> {
        self.apply(x, |value| 1.0 / value)
    }
}

/// Columns of L with G = L L', the largest pivot first; pivots that are rounding are left out.
fn factor(gram: &Gram) -> Vec<Vec<f64>> {
    let size = gram.size();
    let mut left: Vec<f64> = (0..size).map(|i| gram.get(i, i)).collect();
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(size);
    while columns.len() < size {
        let is_real = |i: &usize| left[*i] > size as f64 * f64::EPSILON * gram.get(*i, *i);
        let Some(pivot) = (0..size).filter(is_real).max_by(|a, b| left[*a].total_cmp(&left[*b])) else { break };
        let mut column = gram.row(pivot).to_vec();
        for earlier in &columns {
            let amount = earlier[pivot];
            column.iter_mut().zip(earlier).for_each(|(entry, e)| *entry -= amount * e);
        }
        let root = left[pivot].sqrt();
        for entry in &mut column {
            *entry /= root;
        }
        left.iter_mut().zip(&column).for_each(|(left, entry)| *left -= entry * entry);
        left[pivot] = 0.0;
        column[pivot] = root;
        columns.push(column);
    }
    columns
}

/// Rotates pairs of columns until all are orthogonal.
fn orthogonalise(columns: &mut [Vec<f64>], size: usize) {
    let tolerance = size as f64 * f64::EPSILON;
    // Ten sweeps are plenty: the last ones converge quadratically.
    for _ in 0..30 {
        let mut squares: Vec<f64> = columns.iter().map(|column| dot(column, column)).collect();
        let mut turned = false;
        for q in 1..columns.len() {
            let (before, after) = columns.split_at_mut(q);
            let second = &mut after[0];
            for (p, first) in before.iter_mut().enumerate() {
                let product = dot(first, second);
                if product.abs() <= tolerance * (squares[p] * squares[q]).sqrt() {
                    continue;
                }
                turned = true;
                let zeta = (squares[q] - squares[p]) / (2.0 * product);
                let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = tangent * cosine;
                for (a, b) in first.iter_mut().zip(second.iter_mut()) {
                    (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
                }
                squares[p] -= tangent * product;
                squares[q] += tangent * product;
            }
        }
        if !turned {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_rebuild_the_matrix() {
        let matrix = Gram::from_products(5, |i, j| 1.0 / (1.0 + i as f64 + j as f64));
        let eigen = Eigen::of(&matrix);
        assert!(eigen.is_above(1e-6) && !eigen.is_above(1e-5));
        for i in 0..5 {
            for j in 0..5 {
                let parts = eigen.values.iter().zip(&eigen.vectors).map(|(value, v)| value * v[i] * v[j]);
                assert!((parts.sum::<f64>() - matrix.get(i, j)).abs() < 1e-14);
            }
        }
        let ones = [1.0; 5];
        let back = matrix.times(&eigen.pseudo_inverse(&ones));
        assert!(back.iter().all(|entry| (entry - 1.0).abs() < 1e-9), "{back:?}");
    }

    #[test]
    fn a_graded_matrix_keeps_its_small_eigenvalue() {
        // Rows of norm 1e4 and 1e-4: the small one is n² (1 − cos²) to first order.
        let gram = Gram::from_products(2, |i, j| [[1e8, 0.5], [0.5, 1e-8]][i][j]);
        let small = Eigen::of(&gram).values[0];
        assert!((small / 0.75e-8 - 1.0).abs() < 1e-12, "{small}");
    }

    #[test]
    fn dependent_rows_leave_fewer_values() {
        let twice = Gram::from_products(3, |i, j| (i.min(1) + j.min(1) + i.min(1) * j.min(1) + 1) as f64);
        // Rows (1), (2), (2): rank 1.
        let eigen = Eigen::of(&twice);
        assert_eq!(eigen.values.len(), 1);
        assert!((eigen.values[0] - 9.0).abs() < 1e-12 && !eigen.is_above(0.0));
    }
}
