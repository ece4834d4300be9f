//! Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations.

use crate::balance::Gram;

/// The eigen-decomposition of a symmetric matrix.
#[derive(Clone, Debug)]
pub struct Eigen {
    /// Eigenvalues, ascending.
    pub values: Vec<f64>,
    /// Their eigenvectors, each of length 1.
    pub vectors: Vec<Vec<f64>>,
}

impl Eigen {
    /// Decomposes `gram`, whose entries must be finite. Small eigenvalues of graded matrices keep their digits, which
    /// is why rotations were chosen over a tridiagonal form.
    pub fn of(gram: &Gram) -> Self {
        let size = gram.size();
        let mut rows: Vec<Vec<f64>> = (0..size).map(|i| gram.row(i).to_vec()).collect();
        let mut vectors: Vec<Vec<f64>> =
            (0..size).map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        // Ten sweeps are plenty: the last ones converge cubically.
        for _ in 0..30 {
            let mut turned = false;
            for p in 0..size {
                for q in p + 1..size {
                    let off = rows[p][q];
                    // Relative to both diagonal entries, or small eigenvalues drown.
                    if off.abs() <= f64::EPSILON * 0.5 * (rows[p][p].abs() * rows[q][q].abs()).sqrt() {
                        continue;
                    }
                    turned = true;
                    rotate(&mut rows, &mut vectors, p, q);
                }
            }
            if !turned {
                break;
            }
        }
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|a, b| rows[*a][*a].total_cmp(&rows[*b][*b]));
        Self {
            values: order.iter().map(|i| rows[*i][*i]).collect(),
            vectors: order.iter().map(|i| std::mem::take(&mut vectors[*i])).collect(),
        }
    }

    /// Eigenvalues at most this are rounding: largest · size · 2⁻⁵².
    pub fn cutoff(&self) -> f64 {
        let largest = self.values.last().copied().unwrap_or_default().max(0.0);
        largest * self.values.len() as f64 * f64::EPSILON
    }

    /// Σ h(λ_k) v_k v_k' x over the eigenvalues above [`Eigen::cutoff`].
    pub fn apply(&self, x: &[f64], h: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut sum = vec![0.0; self.values.len()];
        let cutoff = self.cutoff();
        for (value, vector) in self.values.iter().zip(&self.vectors).filter(|(value, _)| **value > cutoff) {
            let amount = h(*value) * vector.iter().zip(x).map(|(v, x)| v * x).sum::<f64>();
            sum.iter_mut().zip(vector).for_each(|(sum, v)| *sum += amount * v);
        }
        sum
    }

    /// The pseudo-inverse times `x`.
    pub fn pseudo_inverse(&self, x: &[f64]) -> Vec<f64> {
        self.apply(x, |value| 1.0 / value)
    }
}

/// One rotation that makes entry (p, q) zero; `p` < `q`.
fn rotate(rows: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    let off = rows[p][q];
    let theta = (rows[q][q] - rows[p][p]) / (2.0 * off);
    let tangent = if theta.is_infinite() || theta.abs() > 1e150 {
        0.5 / theta
    } else {
        theta.signum() / (theta.abs() + theta.hypot(1.0))
    };
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let (first, second) = pair(rows, p, q);
    let (low, high) = (first[p] - tangent * off, second[q] + tangent * off);
    turn(first, second, cosine, sine);
    first[p] = low;
    first[q] = 0.0;
    second[p] = 0.0;
    second[q] = high;
    for k in (0..rows.len()).filter(|k| *k != p && *k != q) {
        let (to_p, to_q) = (rows[p][k], rows[q][k]);
        rows[k][p] = to_p;
        rows[k][q] = to_q;
    }
    let (first, second) = pair(vectors, p, q);
    turn(first, second, cosine, sine);
}

fn pair(rows: &mut [Vec<f64>], p: usize, q: usize) -> (&mut [f64], &mut [f64]) {
    let (before, after) = rows.split_at_mut(q);
    (&mut before[p], &mut after[0])
}

fn turn(first: &mut [f64], second: &mut [f64], cosine: f64, sine: f64) {
    for (a, b) in first.iter_mut().zip(second) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_rebuild_the_matrix() {
        let matrix = Gram::from_products(5, |i, j| 1.0 / (1.0 + i as f64 + j as f64));
        let eigen = Eigen::of(&matrix);
        for i in 0..5 {
            for j in 0..5 {
                let parts = eigen.values.iter().zip(&eigen.vectors).map(|(value, v)| value * v[i] * v[j]);
                assert!((parts.sum::<f64>() - matrix.get(i, j)).abs() < 1e-15);
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
}
