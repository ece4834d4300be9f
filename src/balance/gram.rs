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

    /// The products of g_i with all.
    ///
    /// # Panics
    /// Where `i` is not below [`Gram::size`].
    pub fn row(&self, i: usize) -> &[f64] {
        &self.entries[i * self.size..(i + 1) * self.size]
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

    /// G c: the inner product of each gradient with the update Σ c_j g_j. Missing coefficients count as 0.
    pub fn times(&self, coefficients: &[f64]) -> Vec<f64> {
        let rows = self.entries.chunks_exact(self.size.max(1));
        rows.map(|row| row.iter().zip(coefficients).map(|(entry, c)| if *c == 0.0 { 0.0 } else { entry * c }).sum())
            .collect()
    }

    /// ‖Σ c_i g_i‖.
    pub fn norm_of(&self, coefficients: &[f64]) -> f64 {
        let products = self.times(coefficients);
        let square: f64 = products.iter().zip(coefficients).map(|(a, c)| if *c == 0.0 { 0.0 } else { a * c }).sum();
        // Rounding may leave a little below 0; NaN is kept.
        if square < 0.0 { 0.0 } else { square.sqrt() }
    }

    /// cos(Σ c_j g_j, g_i) for every i; `None` where a norm is 0 or not finite.
    pub fn cosines_with(&self, coefficients: &[f64]) -> Vec<Option<f64>> {
        let norm = self.norm_of(coefficients);
        let products = self.times(coefficients);
        (0..self.size)
            .map(|i| {
                let scale = norm * self.norm(i);
                let product = products.get(i)?;
                (scale.is_finite() && scale > 0.0).then(|| (product / scale).clamp(-1.0, 1.0))
            })
            .collect()
    }

    /// The matrix of s_i g_i.
    #[must_use]
    pub fn scaled(&self, scales: &[f64]) -> Self {
        let scale = |i: usize| scales.get(i).copied().unwrap_or(1.0);
        Self::from_products(self.size, |i, j| self.get(i, j) * scale(i) * scale(j))
    }

    /// Whether every entry is finite.
    pub fn is_finite(&self) -> bool {
        self.entries.iter().all(|entry| entry.is_finite())
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

    #[test]
    fn the_update_s_norm_and_cosines_are_those_of_the_summed_rows() {
        let rows = [[3.0, 0.0], [0.0, 0.0], [-1.0, 1.0]];
        let gram = Gram::from_products(3, |i, j| rows[i].iter().zip(rows[j]).map(|(a, b)| a * b).sum());
        // 1 · (3, 0) + 3 · (-1, 1) = (0, 3)
        let update = [1.0, 5.0, 3.0];
        assert_eq!(gram.norm_of(&update), 3.0);
        let cosines = gram.cosines_with(&update);
        assert_eq!(cosines[..2], [Some(0.0), None]);
        assert!((cosines[2].unwrap() - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(gram.scaled(&[2.0, 1.0, 1.0]).get(0, 2), -6.0);
    }
}
