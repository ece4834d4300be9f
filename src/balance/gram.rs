//! The Gram matrix of per-task gradients: all that most balancing methods and every cosine need.

/// G_ij = ⟨g_i, g_j⟩, symmetric, in `f64`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gram {
    size: usize,
    entries: Vec<f64>,
}

impl Gram {
    /// From inner products: `product(i, j)` is asked once for every i ≤ j.
    pub fn from_products(size: usize, mut product: impl FnMut(usize, usize) -> f64) -> Self {
        let mut entries = vec![0.0; size * size];
        for i in 0..size {
            for j in i..size {
                let value = product(i, j);
                entries[i * size + j] = value;
                entries[j * size + i] = value;
            }
        }
        Self { size, entries }
    }

    /// Number of gradients.
    pub fn size(&self) -> usize {
        self.size
    }

    /// ⟨g_i, g_j⟩.
    ///
    /// # Panics
    /// Where `i` or `j` is not below [`Gram::size`].
    pub fn get(&self, i: usize, j: usize) -> f64 {
        assert!(i < self.size && j < self.size, "({i}, {j}) is outside of a {0} × {0} matrix", self.size);
        self.entries[i * self.size + j]
    }

    /// ‖g_i‖.
    pub fn norm(&self, i: usize) -> f64 {
        self.get(i, i).max(0.0).sqrt()
    }

    /// cos(g_i, g_j); `None` where a norm is 0 or not finite.
    pub fn cosine(&self, i: usize, j: usize) -> Option<f64> {
        let scale = self.norm(i) * self.norm(j);
        (scale.is_finite() && scale > 0.0).then(|| (self.get(i, j) / scale).clamp(-1.0, 1.0))
    }

    /// The matrix of the gradients named in `keep`, in that order.
    #[must_use]
    pub fn select(&self, keep: &[usize]) -> Self {
        Self::from_products(keep.len(), |i, j| self.get(keep[i], keep[j]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_cosines_and_selection() {
        let rows = [[3.0, 0.0], [0.0, 0.0], [-1.0, 1.0]];
        let gram = Gram::from_products(3, |i, j| rows[i].iter().zip(rows[j]).map(|(a, b)| a * b).sum());
        assert_eq!(gram.norm(0), 3.0);
        assert_eq!(gram.cosine(0, 1), None);
        let cosine = gram.cosine(2, 0).unwrap();
        assert!((cosine + 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(gram.select(&[2, 0]).get(0, 1), -3.0);
    }
}
