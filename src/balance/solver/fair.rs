//! The fixed point behind Nash-MTL and FairGrad, as the minimum of a strictly convex function by damped Newton steps.

use crate::balance::Gram;

/// Keeps the matrix definite where rows depend on each other.
const RIDGE: f64 = 1e-13;

/// x > 0 with (M x)_i = b_i x_i^(−p) for M = `gram`, b = `targets` > 0, p = `power` > 0.
///
/// It is where ½ x'Mx − Σ b_i ∫ x_i^(−p) is least: at most one point, far away or nowhere at all where the rows are
/// nearly Pareto-stationary. `None` where no point was found.
pub fn fair(gram: &Gram, targets: &[f64], power: f64) -> Option<Vec<f64>> {
    let size = gram.size();
    // The answer of each row for itself.
    let mut x: Vec<f64> = targets.iter().map(|b| b.powf(1.0 / (1.0 + power))).collect();
    let pull = |x: &[f64]| -> Vec<f64> { x.iter().zip(targets).map(|(x, b)| b * x.powf(-power)).collect() };
    let slope_at = |x: &[f64]| -> (Vec<f64>, Vec<f64>) {
        let pull = pull(x);
        let slope = gram.times(x).iter().zip(x).zip(&pull).map(|((m, x), pull)| m + RIDGE * x - pull).collect();
        (slope, pull)
    };
    let mut matrix = vec![0.0; size * size];
    for _ in 0..200 {
        let (slope, pull) = slope_at(&x);
        for i in 0..size {
            matrix[i * size..(i + 1) * size].copy_from_slice(gram.row(i));
            matrix[i * size + i] += RIDGE + power * pull[i] / x[i];
        }
        let mut step: Vec<f64> = slope.iter().map(|s| -s).collect();
        if !solve_in_place(&mut matrix, size, &mut step) {
            return None;
        }
        let largest = step.iter().zip(&x).map(|(d, x)| (d / x).abs()).fold(0.0, f64::max);
        if !largest.is_finite() {
            return None;
        }
        // Newton doubles the digits: after a step this small nothing is left to gain.
        if largest < 1e-9 {
            x.iter_mut().zip(&step).for_each(|(x, d)| *x += d);
            return Some(x);
        }
        let down: f64 = slope.iter().zip(&step).map(|(s, d)| s * d).sum();
        let fall = step.iter().zip(&x).map(|(d, x)| -d / x).fold(0.0, f64::max);
        let mut length = if fall > 0.0 { (0.95 / fall).min(1.0) } else { 1.0 };
        let next = loop {
            let next: Vec<f64> = x.iter().zip(&step).map(|(x, d)| x + length * d).collect();
            let ahead: f64 = slope_at(&next).0.iter().zip(&step).map(|(s, d)| s * d).sum();
            // Along a convex function the slope tells whether the step went too far, without cancellation.
            if ahead <= 0.3 * down.abs() {
                break next;
            }
            length *= 0.5;
            if length < 1e-8 {
                return is_near(gram, &x, &slope, &pull).then_some(x);
            }
        };
        x = next;
    }
    let (slope, pull) = slope_at(&x);
    is_near(gram, &x, &slope, &pull).then_some(x)
}

/// Whether the equations hold as well as nearly dependent rows and the rounding of what is added up allow.
fn is_near(gram: &Gram, x: &[f64], slope: &[f64], pull: &[f64]) -> bool {
    slope.iter().zip(pull).enumerate().all(|(i, (slope, pull))| {
        let effort: f64 = gram.row(i).iter().zip(x).map(|(m, x)| m.abs() * x).sum();
        slope.abs() <= 1e-3 * pull + 1e-12 * effort
    })
}

/// Solves a symmetric positive definite system by Cholesky; false where it is not definite.
fn solve_in_place(matrix: &mut [f64], size: usize, right: &mut [f64]) -> bool {
    for i in 0..size {
        let (above, rest) = matrix.split_at_mut(i * size);
        let row = &mut rest[..=i];
        for j in 0..i {
            let other = &above[j * size..=j * size + j];
            let sum: f64 = other[..j].iter().zip(&row[..j]).map(|(a, b)| a * b).sum();
            row[j] = (row[j] - sum) / other[j];
        }
        let left = row[i] - row[..i].iter().map(|l| l * l).sum::<f64>();
        if left.is_nan() || left <= 0.0 {
            return false;
        }
        row[i] = left.sqrt();
        let sum: f64 = row[..i].iter().zip(&right[..i]).map(|(l, r)| l * r).sum();
        right[i] = (right[i] - sum) / row[i];
    }
    for i in (0..size).rev() {
        right[i] /= matrix[i * size + i];
        let value = right[i];
        right[..i].iter_mut().zip(&matrix[i * size..i * size + i]).for_each(|(r, l)| *r -= l * value);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_unit_rows_have_a_closed_form() {
        for cosine in [-0.999, -0.5, 0.0, 0.7, 1.0] {
            let gram = Gram::from_products(2, |i, j| if i == j { 1.0 } else { cosine });
            let x = fair(&gram, &[1.0, 1.0], 1.0).unwrap();
            let expected = 1.0 / (1.0_f64 + cosine).sqrt();
            assert!(x.iter().all(|x| (x / expected - 1.0).abs() < 1e-9), "{x:?} {expected}");
        }
    }
}
