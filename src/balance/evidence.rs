//! What a Gram matrix and coefficients say about a step: shares, gap, affinity, and what other methods would do.
//!
//! Owns pure functions of numbers that were measured anyway; nothing here changes a step. They work on rows, one for each
//! task that takes part; [`spread`] brings rows back to task order.

use super::method::{Kind, Method};
use super::solver::min_norm;
use super::{AGGREGATIONS, Choice, Gram, Situation};

/// √(min w'Gw) over w ≥ 0 with sum 1: the length of the shortest update that a mean of the gradients can be. Near 0 no
/// step helps all tasks, and weights choose between them. `None` without rows or where an entry is not finite.
pub fn gap(gram: &Gram) -> Option<f64> {
    if gram.size() == 0 || !gram.is_finite() {
        return None;
    }
    let norm = gram.norm_of(&min_norm(gram));
    norm.is_finite().then_some(norm)
}

/// [`gap`] over the mean norm of the gradients; `None` where all are 0.
pub fn relative_gap(gram: &Gram) -> Option<f64> {
    let gap = gap(gram)?;
    let mean = (0..gram.size()).map(|row| gram.norm(row) / gram.size() as f64).sum::<f64>();
    Some(gap / mean).filter(|share| share.is_finite())
}

/// |c_i| ‖g_i‖ / Σ |c_j| ‖g_j‖: each task's share of the update. Empty where all are 0 or one is not finite.
pub fn shares(gram: &Gram, coefficients: &[f64]) -> Vec<f64> {
    let lengths: Vec<f64> = (0..gram.size()).zip(coefficients).map(|(row, c)| c.abs() * gram.norm(row)).collect();
    let all: f64 = lengths.iter().sum();
    if all.is_finite() && all > 0.0 { lengths.iter().map(|length| length / all).collect() } else { Vec::new() }
}

/// Z_{i→j} = rate ⟨g_i, g_j⟩ / L_j in row i, column j: by which part a plain step of that rate along task i alone would
/// lower the loss of task j, to first order (arXiv 2109.04617). `None` where L_j is absent or not above 0.
pub fn affinity(gram: &Gram, losses: &[Option<f64>], rate: f64) -> Vec<Vec<Option<f64>>> {
    let of = |i: usize, j: usize| {
        let loss = losses.get(j).copied().flatten().filter(|loss| *loss > 0.0)?;
        Some(rate * gram.get(i, j) / loss).filter(|part| part.is_finite())
    };
    (0..gram.size()).map(|i| (0..gram.size()).map(|j| of(i, j)).collect()).collect()
}

/// −rate ⟨g_i, Σ c_j g_j⟩: how a plain step of that rate changes each loss, to first order; below 0 is better.
pub fn predicted_changes(gram: &Gram, coefficients: &[f64], rate: f64) -> Vec<f64> {
    gram.times(coefficients).iter().map(|product| -rate * product).collect()
}

/// What a method would do at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Shadow {
    /// The method's name.
    pub method: &'static str,
    /// Its coefficients, one a row.
    pub coefficients: Vec<f64>,
    /// The cosine of its update with each row; `None` where a norm is 0.
    pub cosines: Vec<Option<f64>>,
}

/// What every aggregation that looks at the Gram matrix would do at this step: default options, nothing remembered. One
/// that has no answer is left out. `factors` are those of the rows, each above 0.
pub fn shadow(gram: &Gram, factors: &[f64], seed: u64, step: u64) -> Vec<Shadow> {
    shadow_of(AGGREGATIONS, gram, factors, seed, step)
}

fn shadow_of(methods: &[&'static Method], gram: &Gram, factors: &[f64], seed: u64, step: u64) -> Vec<Shadow> {
    let size = gram.size();
    if size == 0 || factors.len() != size || !gram.is_finite() {
        return Vec::new();
    }
    let tasks: Vec<usize> = (0..size).collect();
    let seen = Situation { step, seed, tasks: &tasks, factors, gram };
    let asked = methods.iter().filter(|method| method.kind() == Kind::Aggregation && method.needs.gram);
    asked
        .filter_map(|method| {
            let coefficients = Choice::plain(method).aggregation(size)?.coefficients(&seen).ok()?;
            let fits = coefficients.len() == size && coefficients.iter().all(|c| c.is_finite());
            fits.then(|| Shadow { method: method.name, cosines: gram.cosines_with(&coefficients), coefficients })
        })
        .collect()
}

/// Rows in task order, `None` for a task without a row. `tasks` are the rows' places, `count` is that of all tasks.
pub fn spread<T: Clone>(rows: &[T], tasks: &[usize], count: usize) -> Vec<Option<T>> {
    let mut all = vec![None; count];
    for (row, task) in rows.iter().zip(tasks) {
        if let Some(place) = all.get_mut(*task) {
            *place = Some(row.clone());
        }
    }
    all
}

/// A square of rows and columns, such as [`affinity`], in task order.
pub fn spread_square(square: &[Vec<Option<f64>>], tasks: &[usize], count: usize) -> Vec<Vec<Option<f64>>> {
    let flat = |row: &[Option<f64>]| spread(row, tasks, count).into_iter().map(Option::flatten).collect();
    let rows: Vec<Vec<Option<f64>>> = square.iter().map(|row| flat(row)).collect();
    spread(&rows, tasks, count).into_iter().map(|row| row.unwrap_or_else(|| vec![None; count])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{Aggregation, Degenerate, Make, Needs};
    use proptest::prelude::*;

    fn gram<const D: usize>(rows: &[[f64; D]]) -> Gram {
        Gram::from_products(rows.len(), |i, j| rows[i].iter().zip(rows[j]).map(|(a, b)| a * b).sum())
    }

    #[test]
    fn the_gap_is_the_distance_of_the_gradients_hull_from_0() {
        // Between (2, 0) and (0, 1) the foot of the height has length 2 / √5.
        assert!((gap(&gram(&[[2.0, 0.0], [0.0, 1.0]])).unwrap() - 2.0 / 5.0_f64.sqrt()).abs() < 1e-12);
        // The short one is nearest itself.
        assert!((gap(&gram(&[[3.0, 0.0], [1.0, 0.0]])).unwrap() - 1.0).abs() < 1e-12);
        let star = [0.0, 1.0, 2.0].map(|third: f64| {
            let angle = third * std::f64::consts::TAU / 3.0;
            [angle.cos(), angle.sin()]
        });
        assert!(gap(&gram(&star)).unwrap() < 1e-6);
        assert_eq!(gap(&gram(&[[0.0, 0.0], [0.0, 5.0]])), Some(0.0));
        assert_eq!(gap(&gram(&[[0.0], [0.0]])), Some(0.0));
        assert_eq!(gap(&gram::<1>(&[])), None);
        assert_eq!(gap(&gram(&[[f64::MAX], [1.0]])), None);
        assert_eq!(relative_gap(&gram(&[[3.0, 0.0], [1.0, 0.0]])), Some(0.5));
        assert_eq!(relative_gap(&gram(&[[0.0]])), None);
    }

    #[test]
    fn shares_count_lengths_not_signs() {
        let gram = gram(&[[3.0, 0.0], [0.0, 1.0]]);
        assert_eq!(shares(&gram, &[1.0, -1.0]), [0.75, 0.25]);
        assert!(shares(&gram, &[0.0, 0.0]).is_empty());
    }

    #[test]
    fn affinity_is_of_the_row_s_step_on_the_column_s_loss() {
        let gram = gram(&[[2.0, 0.0], [-1.0, 1.0]]);
        let found = affinity(&gram, &[Some(4.0), Some(0.5)], 0.1);
        assert_eq!(found, [[Some(0.1), Some(-0.4)], [Some(-0.05), Some(0.4)]]);
        assert_eq!(affinity(&gram, &[Some(-1.0), None], 0.1), [[None, None], [None, None]]);
    }

    #[test]
    fn predictions_are_exact_for_linear_losses() {
        // The update is (1, 1); the losses fall by 0.1 times its products with (2, 0) and (-1, 1).
        let gram = gram(&[[2.0, 0.0], [-1.0, 1.0]]);
        assert_eq!(predicted_changes(&gram, &[1.0, 1.0], 0.1), [-0.2, 0.0]);
    }

    #[test]
    fn rows_go_back_to_their_tasks() {
        assert_eq!(spread(&[1.0, 2.0], &[0, 2], 4), [Some(1.0), None, Some(2.0), None]);
        let square = [vec![Some(1.0), None], vec![Some(3.0), Some(4.0)]];
        let wanted = [[None, None, None], [None, Some(1.0), None], [None, Some(3.0), Some(4.0)]];
        assert_eq!(spread_square(&square, &[1, 2], 3), wanted);
    }

    /// Opposes the first gradient; has no answer for a factor of 3.
    struct Opposed;

    const OPPOSED: Method = Method {
        name: "opposed",
        aliases: &[],
        what: "",
        year: None,
        paper: "",
        needs: Needs::GRAM,
        state: "",
        preference: "",
        options: &[],
        make: Make::Aggregation(|_, _| Box::new(Opposed)),
    };

    impl Aggregation for Opposed {
        fn method(&self) -> &'static Method {
            &OPPOSED
        }
        fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
            if seen.factors[0] == 3.0 { Err(Degenerate(String::new())) } else { Ok(vec![-seen.factors[0], 0.0]) }
        }
    }

    #[test]
    fn the_shadow_has_a_row_for_each_method_with_an_answer() {
        let gram = gram(&[[2.0, 0.0], [0.0, 1.0]]);
        let methods = [AGGREGATIONS[0], &OPPOSED];
        let found = shadow_of(&methods, &gram, &[2.0, 1.0], 0, 1);
        let wanted = Shadow { method: "opposed", coefficients: vec![-2.0, 0.0], cosines: vec![Some(-1.0), Some(0.0)] };
        assert_eq!(found, [wanted]);
        assert!(shadow_of(&methods, &gram, &[3.0, 1.0], 0, 1).is_empty());
        let needing = AGGREGATIONS.iter().filter(|method| method.needs.gram).map(|method| method.name);
        let names: Vec<_> = shadow(&gram, &[1.0, 1.0], 0, 1).iter().map(|shadow| shadow.method).collect();
        assert_eq!(names, needing.collect::<Vec<_>>(), "all have an answer for two gradients at right angles");
    }

    proptest! {
        #[test]
        fn no_mean_of_the_rows_is_shorter_than_the_gap(
            (rows, weights) in (1_usize..8).prop_flat_map(|size| {
                (prop::collection::vec(prop::array::uniform4(-3.0..3.0), size), prop::collection::vec(0.01..1.0, size))
            })
        ) {
            let gram = gram(&rows);
            let (weights, sum): (Vec<f64>, f64) = (weights.clone(), weights.iter().sum());
            let mean: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
            let gap = gap(&gram).unwrap();
            prop_assert!(gap <= gram.norm_of(&mean) + 1e-9);
            // At the minimum every gradient has at least the gap's square as its product with the shortest mean.
            let products = gram.times(&min_norm(&gram));
            prop_assert!(products.iter().all(|product| *product >= gap * gap - 1e-6), "{products:?} {gap}");
        }
    }
}
