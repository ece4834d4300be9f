//! Quadratic programs over numbers of at least 0, solved exactly by an active set (Lawson and Hanson 1974, ch. 23).

use super::dot;
use crate::balance::Gram;

/// min ½ x'Mx − q'x over x ≥ 0 for a fixed positive definite M and one q after another.
///
/// The set of entries above 0 is kept from one q to the next, with its Cholesky factor: neighbouring problems cost
/// little.
#[derive(Clone, Debug)]
pub struct NonNegative {
    size: usize,
    matrix: Vec<f64>,
    /// Entries above 0, in the order of the factor's rows.
    positive: Vec<usize>,
    is_positive: Vec<bool>,
    /// Lower triangle, row after row of length `size`; the first `positive.len()` rows are in use.
    factor: Vec<f64>,
}

impl NonNegative {
    /// M = `gram` + `ridge` · I. A `ridge` above 0 makes M definite where rows depend on each other.
    pub fn new(gram: &Gram, ridge: f64) -> Self {
        let size = gram.size();
        let mut matrix = Vec::with_capacity(size * size);
        (0..size).for_each(|i| matrix.extend_from_slice(gram.row(i)));
        (0..size).for_each(|i| matrix[i * size + i] += ridge);
        Self {
            size,
            matrix,
            positive: Vec::with_capacity(size),
            is_positive: vec![false; size],
            factor: vec![0.0; size * size],
        }
    }

    /// Row `i` of M.
    fn row(&self, i: usize) -> &[f64] {
        &self.matrix[i * self.size..(i + 1) * self.size]
    }

    /// M x.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        (0..self.size).map(|i| dot(self.row(i), x)).collect()
    }

    /// The answer for `linear` = q, of M's size.
    pub fn solve(&mut self, linear: &[f64]) -> Vec<f64> {
        let mut x = vec![0.0; self.size];
        let scale = linear.iter().fold(0.0, |most: f64, q| most.max(q.abs()));
        if linear.iter().all(|q| *q <= TOLERANCE * scale) {
            return x;
        }
        let mut blocked = vec![false; self.size];
        let mut many = true;
        self.descend(linear, &mut x);
        // Each round lowers the objective, so no set comes back; the bound is for rounding alone.
        for _ in 0..10 * self.size + 10 {
            let most = x.iter().copied().fold(0.0, f64::max);
            let tolerance = TOLERANCE * scale + self.size as f64 * f64::EPSILON * most;
            let mut slopes: Vec<(usize, f64)> = (0..self.size)
                .filter(|i| !blocked[*i] && !self.is_positive[*i])
                .map(|i| (i, linear[i] - dot(self.row(i), &x)))
                .filter(|(_, slope)| *slope > tolerance)
                .collect();
            slopes.sort_by(|a, b| b.1.total_cmp(&a.1));
            let Some((steepest, _)) = slopes.first().copied() else { break };
            if many {
                // All at once is mostly right and saves rounds; where all fall out again, one by one.
                let entered: Vec<usize> = slopes.iter().map(|(i, _)| *i).filter(|i| self.append(*i)).collect();
                self.descend(linear, &mut x);
                many = entered.iter().any(|i| x[*i] > 0.0);
                continue;
            }
            let rises = self.append(steepest) && self.on_positive(linear)[steepest] > 0.0;
            if rises {
                self.descend(linear, &mut x);
                blocked.fill(false);
            } else {
                // Its slope is rounding.
                if self.positive.last() == Some(&steepest) {
                    self.positive.pop();
                    self.is_positive[steepest] = false;
                }
                blocked[steepest] = true;
            }
        }
        x
    }

    /// M⁻¹ q on the entries above 0 of the last answer, and 0 elsewhere.
    pub fn on_positive(&self, linear: &[f64]) -> Vec<f64> {
        let count = self.positive.len();
        let mut solved: Vec<f64> = Vec::with_capacity(count);
        for (r, entry) in self.positive.iter().enumerate() {
            let row = &self.factor[r * self.size..=r * self.size + r];
            let rest = dot(&row[..r], &solved);
            solved.push((linear[*entry] - rest) / row[r]);
        }
        for r in (0..count).rev() {
            solved[r] /= self.factor[r * self.size + r];
            let value = solved[r];
            let row = &self.factor[r * self.size..r * self.size + r];
            solved[..r].iter_mut().zip(row).for_each(|(above, l)| *above -= l * value);
        }
        let mut x = vec![0.0; self.size];
        self.positive.iter().zip(solved).for_each(|(entry, value)| x[*entry] = value);
        x
    }

    /// From the feasible `x` to the minimum over its set, leaving out what would fall below 0.
    fn descend(&mut self, linear: &[f64], x: &mut Vec<f64>) {
        loop {
            let aim = self.on_positive(linear);
            let falling = |entry: &&usize| aim[**entry] <= 0.0;
            let reach = self.positive.iter().filter(falling).map(|i| x[*i] / (x[*i] - aim[*i]));
            // 0/0 where both are 0: it leaves at once.
            let reach = reach.fold(f64::INFINITY, |least, r| least.min(if r.is_nan() { 0.0 } else { r }));
            if reach == f64::INFINITY {
                *x = aim;
                return;
            }
            let leaves: Vec<usize> = self.positive.iter().filter(falling).copied().collect();
            let mut left = Vec::new();
            for i in leaves {
                let own = x[i] / (x[i] - aim[i]);
                if own.is_nan() || own <= reach {
                    left.push(i);
                }
            }
            x.iter_mut().zip(&aim).for_each(|(x, aim)| *x = (*x + reach * (aim - *x)).max(0.0));
            for i in &left {
                x[*i] = 0.0;
            }
            self.drop_all(&left);
        }
    }

    /// Takes an entry into the set; false where it depends on those already in it.
    fn append(&mut self, entry: usize) -> bool {
        let (size, count) = (self.size, self.positive.len());
        let (above, rest) = self.factor.split_at_mut(count * size);
        let row = &mut rest[..size];
        for (r, other) in self.positive.iter().enumerate() {
            let earlier = &above[r * size..=r * size + r];
            row[r] = (self.matrix[other * size + entry] - dot(&earlier[..r], &row[..r])) / earlier[r];
        }
        let left = self.matrix[entry * size + entry] - dot(&row[..count], &row[..count]);
        if left.is_nan() || left <= 0.0 {
            return false;
        }
        row[count] = left.sqrt();
        self.positive.push(entry);
        self.is_positive[entry] = true;
        true
    }

    fn drop_all(&mut self, leave: &[usize]) {
        for entry in leave {
            self.is_positive[*entry] = false;
        }
        if leave.len() <= 2 {
            for entry in leave {
                if let Some(place) = self.positive.iter().position(|positive| positive == entry) {
                    self.drop_one(place);
                }
            }
            return;
        }
        let first = self.positive.iter().position(|entry| leave.contains(entry)).unwrap_or(self.positive.len());
        for entry in self.positive.split_off(first) {
            let stays = self.is_positive[entry];
            self.is_positive[entry] = stays && self.append(entry);
        }
    }

    /// Takes one row out of the factor: those below move up and are turned back into a triangle.
    fn drop_one(&mut self, place: usize) {
        let size = self.size;
        self.positive.remove(place);
        let count = self.positive.len();
        self.factor.copy_within((place + 1) * size..(count + 1) * size, place * size);
        for c in place..count {
            let (a, b) = (self.factor[c * size + c], self.factor[c * size + c + 1]);
            let length = a.hypot(b);
            let (cosine, sine) = (a / length, b / length);
            for row in self.factor[c * size..count * size].chunks_exact_mut(size) {
                let (x, y) = (row[c], row[c + 1]);
                row[c] = cosine * x + sine * y;
                row[c + 1] = cosine * y - sine * x;
            }
        }
    }
}

/// A slope below this share of the largest is rounding.
const TOLERANCE: f64 = 1e-13;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_minimum_is_kept_where_it_is_nonnegative_and_cut_where_not() {
        let matrix = Gram::from_products(2, |i, j| if i == j { 2.0 } else { 1.0 });
        let mut solver = NonNegative::new(&matrix, 0.0);
        // The free minima are (1, 1), (5/3, -1/3), (-1/3, -1/3) and (-1, 1).
        for (linear, expected) in
            [([3.0, 3.0], [1.0, 1.0]), ([3.0, 1.0], [1.5, 0.0]), ([-1.0, -1.0], [0.0, 0.0]), ([-1.0, 1.0], [0.0, 0.5])]
        {
            let found = solver.solve(&linear);
            assert!(found.iter().zip(expected).all(|(x, e)| (x - e).abs() < 1e-14), "{found:?} {expected:?}");
        }
    }
}
