//! What methods promise for any rows: up to 32 tasks, norms from 10^-3 to 10^3, dependent, opposed and zero rows.

use super::{ask, combine, gram, length, method};
use proptest::prelude::*;
use trimtab::balance::solver::{Directions, min_norm, stationarity};
use trimtab::balance::{AGGREGATIONS, Gram};

/// Every method with its options turned.
const ALL: [&str; 20] = [
    "sum",
    "mgda",
    "pcgrad",
    "pcgrad order=ascending",
    "cagrad",
    "cagrad c=0.95 rescale=2",
    "cagrad c=0",
    "imtl_g",
    "nash_mtl",
    "nash_mtl max_norm=0",
    "fairgrad alpha=0.2",
    "fairgrad alpha=5",
    "upgrad",
    "dualproj",
    "aligned_mtl",
    "aligned_mtl mode=median",
    "aligned_mtl mode=rmse",
    "config",
    "gradvac",
    "gradvac beta=0.01 order=ascending",
];

/// Rows with their factors. Some rows repeat or oppose the first, some are zero.
fn situations(exponent: f64) -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<f64>)> {
    (1..=32_usize, 1..=40_usize, 0.0..1.5_f64).prop_flat_map(move |(tasks, columns, bias)| {
        let entries = prop::collection::vec(prop::collection::vec(-1.0..1.0_f64, columns), tasks);
        let scales = prop::collection::vec(-exponent..exponent, tasks);
        let kinds = prop::collection::vec(0..40_u8, tasks);
        let factors = prop::collection::vec(0.1..10.0_f64, tasks);
        (entries, scales, kinds, factors).prop_map(move |(entries, scales, kinds, factors)| {
            let direction = |i: usize| -> Vec<f64> { entries[i].iter().map(|x| x + bias).collect() };
            let row = |i: usize| -> Vec<f64> {
                let (own, sign) = match kinds[i] {
                    0 => (i, 0.0),
                    1 => (0, 1.0),
                    2 => (0, -1.0),
                    _ => (i, 1.0),
                };
                direction(own).iter().map(|x| sign * 10_f64.powf(scales[i]) * x).collect()
            };
            ((0..entries.len()).map(row).collect(), factors)
        })
    })
}

/// Rows far from dependent: more columns than tasks, no tricks.
fn independent() -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<f64>)> {
    (1..=16_usize).prop_flat_map(|tasks| {
        let entries = prop::collection::vec(prop::collection::vec(-1.0..1.0_f64, 48), tasks);
        let scales = prop::collection::vec(-3.0..3.0_f64, tasks);
        (entries, scales, prop::collection::vec(0.1..10.0_f64, tasks)).prop_map(|(mut entries, scales, factors)| {
            for (row, scale) in entries.iter_mut().zip(scales) {
                for x in row.iter_mut() {
                    *x *= 10_f64.powf(scale);
                }
            }
            (entries, factors)
        })
    })
}

/// The length of all that is added up: what rounding is measured against.
fn effort(matrix: &Gram, coefficients: &[f64]) -> f64 {
    coefficients.iter().enumerate().map(|(i, c)| c.abs() * matrix.norm(i)).sum()
}

#[test]
fn every_method_is_tried() {
    for method in AGGREGATIONS.iter().filter(|method| !method.needs.rows) {
        assert!(ALL.iter().any(|text| text.split(' ').next() == Some(method.name)), "{}", method.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn answers_are_numbers_or_there_is_none((rows, factors) in situations(3.0)) {
        let matrix = gram(&rows);
        for text in ALL {
            if let Ok(found) = ask(method(text, rows.len()).as_mut(), &matrix, &factors) {
                prop_assert_eq!(found.len(), rows.len());
                prop_assert!(found.iter().all(|c| c.is_finite()), "{} {:?}", text, found);
            } else {
                prop_assert!(text == "imtl_g", "{} has no answer", text);
            }
        }
    }

    #[test]
    fn extreme_norms_do_not_break_out((rows, factors) in situations(150.0)) {
        let matrix = gram(&rows);
        prop_assume!(matrix.is_finite());
        for text in ALL {
            if let Ok(found) = ask(method(text, rows.len()).as_mut(), &matrix, &factors) {
                prop_assert!(found.iter().all(|c| c.is_finite()), "{} {:?}", text, found);
            }
        }
    }

    #[test]
    fn no_task_is_opposed((rows, factors) in situations(3.0)) {
        let matrix = gram(&rows);
        for text in ["mgda", "nash_mtl", "fairgrad alpha=2", "fairgrad alpha=0.5", "upgrad", "dualproj"] {
            let found = ask(method(text, rows.len()).as_mut(), &matrix, &factors).unwrap();
            let effort = effort(&matrix, &found);
            for (i, product) in matrix.times(&found).iter().enumerate() {
                prop_assert!(*product >= -1e-7 * matrix.norm(i) * effort, "{} opposes {} by {}", text, i, product);
            }
        }
    }

    #[test]
    fn the_shortest_vector_is_shorter_than_its_product_with_any_row((rows, _) in situations(3.0)) {
        let matrix = gram(&rows);
        let weights = min_norm(&matrix);
        prop_assert!(weights.iter().all(|w| *w >= 0.0) && (weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let square = matrix.norm_of(&weights).powi(2);
        let effort = effort(&matrix, &weights);
        for (i, product) in matrix.times(&weights).iter().enumerate() {
            prop_assert!(*product >= square - 1e-9 * matrix.norm(i) * effort, "{} {} {}", i, product, square);
        }
    }

    #[test]
    fn the_order_of_tasks_does_not_matter((rows, factors) in independent(), turn in 0..16_usize) {
        // Backwards, from any place.
        let order: Vec<usize> = (0..rows.len()).rev().map(|i| (i + turn) % rows.len()).collect();
        let matrix = gram(&rows);
        let turned = matrix.select(&order);
        let turned_factors: Vec<f64> = order.iter().map(|i| factors[*i]).collect();
        for text in ALL.iter().filter(|text| !text.starts_with("pcgrad") && !text.starts_with("gradvac")) {
            let found = ask(method(text, rows.len()).as_mut(), &matrix, &factors);
            let other = ask(method(text, rows.len()).as_mut(), &turned, &turned_factors);
            prop_assert_eq!(found.is_ok(), other.is_ok());
            let (Ok(found), Ok(other)) = (found, other) else { continue };
            let effort = effort(&matrix, &found);
            for (place, i) in order.iter().enumerate() {
                let apart = (found[*i] - other[place]).abs() * matrix.norm(*i);
                prop_assert!(apart <= 1e-6 * effort, "{} {:?} {:?}", text, found, other);
            }
        }
    }

    #[test]
    fn a_common_scale_scales_the_update_as_documented((rows, factors) in independent(), exponent in -3.0..3.0_f64) {
        let scale = 10_f64.powf(exponent);
        let matrix = gram(&rows);
        let scaled = matrix.scaled(&vec![scale; rows.len()]);
        // What coefficients are multiplied by where rows are multiplied by `scale`.
        for (text, expected) in [
            ("mgda", 1.0),
            ("pcgrad", 1.0),
            ("cagrad", 1.0),
            ("imtl_g", 1.0),
            ("upgrad", 1.0),
            ("dualproj", 1.0),
            ("aligned_mtl", 1.0),
            ("config", 1.0),
            ("nash_mtl max_norm=0", 1.0 / scale),
            ("fairgrad alpha=2", scale.powf(-4.0 / 3.0)),
        ] {
            let found = ask(method(text, rows.len()).as_mut(), &matrix, &factors);
            let other = ask(method(text, rows.len()).as_mut(), &scaled, &factors);
            prop_assert_eq!(found.is_ok(), other.is_ok());
            let (Ok(found), Ok(other)) = (found, other) else { continue };
            for (i, (c, other)) in found.iter().zip(&other).enumerate() {
                let apart = (c * expected - other).abs() * matrix.norm(i);
                prop_assert!(apart <= 1e-6 * expected * effort(&matrix, &found), "{} {:?} {:?}", text, found, other);
            }
        }
    }

    #[test]
    fn a_loss_s_scale_cancels_where_that_is_promised((rows, factors) in independent()) {
        let scales: Vec<f64> = (0..rows.len()).map(|i| [1.0, 100.0, 0.01][i % 3]).collect();
        let matrix = gram(&rows);
        for text in ["imtl_g", "nash_mtl", "config"] {
            let found = ask(method(text, rows.len()).as_mut(), &matrix, &factors);
            let other = ask(method(text, rows.len()).as_mut(), &matrix.scaled(&scales), &factors);
            let (Ok(found), Ok(other)) = (found, other) else { continue };
            let other: Vec<f64> = other.iter().zip(&scales).map(|(c, scale)| c * scale).collect();
            let (a, b) = (combine(&found, &rows), combine(&other, &rows));
            let dot: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            prop_assert!(dot >= (1.0 - 1e-9) * length(&a) * length(&b), "{} {:?} {:?}", text, found, other);
        }
    }

    #[test]
    fn cagrad_is_optimal_within_its_ball((rows, factors) in situations(3.0), c in 0.05..0.95_f64) {
        let matrix = gram(&rows);
        let directions = Directions::of(&matrix);
        if directions.count() < rows.len() || stationarity(&directions).1 < 1e-4 {
            return Ok(());
        }
        let found = ask(method(&format!("cagrad c={c} rescale=0"), rows.len()).as_mut(), &matrix, &factors).unwrap();
        let all: f64 = factors.iter().sum();
        let mean: Vec<f64> = factors.iter().map(|f| f / all).collect();
        let radius = c * matrix.norm_of(&mean);
        let added: Vec<f64> = found.iter().zip(&mean).map(|(c, b)| (c - b).max(0.0)).collect();
        prop_assert!((matrix.norm_of(&added) - radius).abs() <= 1e-6 * radius);
        // Weak duality: no update of the ball gains more than this in every task.
        let weights: f64 = added.iter().sum();
        let product: f64 = matrix.times(&mean).iter().zip(&added).map(|(p, w)| p * w).sum();
        let bound = (product + radius * radius) / weights;
        let gain = matrix.times(&found).into_iter().fold(f64::INFINITY, f64::min);
        let size = matrix.norm_of(&found) * added.iter().enumerate().map(|(i, x)| x * matrix.norm(i)).sum::<f64>() / weights;
        prop_assert!((gain - bound).abs() <= 1e-6 * size, "{} {}", gain, bound);
    }

    #[test]
    fn preferences_arrive_as_written((rows, factors) in independent()) {
        let matrix = gram(&rows);
        let coefficients = |text: &str| ask(method(text, rows.len()).as_mut(), &matrix, &factors);
        let nash = coefficients("nash_mtl max_norm=0").unwrap();
        for ((product, a), f) in matrix.times(&nash).iter().zip(&nash).zip(&factors) {
            prop_assert!((product * a / f - 1.0).abs() < 1e-8);
        }
        let fair = coefficients("fairgrad alpha=2").unwrap();
        for ((product, a), f) in matrix.times(&fair).iter().zip(&fair).zip(&factors) {
            prop_assert!((product / (f / a).sqrt() - 1.0).abs() < 1e-8);
        }
        for text in ["imtl_g", "config"] {
            let Ok(found) = coefficients(text) else { continue };
            let relative: Vec<f64> =
                matrix.cosines_with(&found).into_iter().zip(&factors).map(|(cosine, f)| cosine.unwrap() / f).collect();
            prop_assert!(relative.iter().all(|r| (r / relative[0] - 1.0).abs() < 1e-6 && *r > 0.0), "{} {:?}", text, relative);
        }
    }
}

#[test]
fn where_nothing_conflicts_coefficients_follow_the_preference() {
    let orthogonal = gram(&[vec![2.0, 0.0, 0.0], vec![0.0, 3.0, 0.0], vec![0.0, 0.0, 0.0]]);
    let factors = [2.0, 0.5, 1.0];
    for text in ["sum", "pcgrad", "upgrad", "dualproj", "gradvac"] {
        assert_eq!(ask(method(text, 3).as_mut(), &orthogonal, &factors).unwrap(), factors, "{text}");
    }
    let two = gram(&[vec![2.0, 0.0], vec![0.0, 2.0]]);
    let found = ask(method("mgda", 2).as_mut(), &two, &[3.0, 1.0]).unwrap();
    assert!((found[0] - 0.75).abs() < 1e-12 && (found[1] - 0.25).abs() < 1e-12, "{found:?}");
}

#[test]
fn a_zero_row_is_left_out_or_keeps_its_factor() {
    let rows = vec![vec![1.0, 2.0], vec![0.0, 0.0], vec![-2.0, 1.5]];
    let matrix = gram(&rows);
    let others = matrix.select(&[0, 2]);
    for (text, own) in [
        ("pcgrad", 2.0),
        ("gradvac", 2.0),
        ("upgrad", 2.0),
        ("dualproj", 2.0),
        ("imtl_g", 0.0),
        ("nash_mtl", 0.0),
        ("fairgrad", 0.0),
        ("config", 0.0),
        ("aligned_mtl", 0.0),
    ] {
        let all = ask(method(text, 3).as_mut(), &matrix, &[1.0, 2.0, 3.0]).unwrap();
        let rest = ask(method(text, 2).as_mut(), &others, &[1.0, 3.0]).unwrap();
        assert_eq!(all[1], own, "{text}");
        assert!((all[0] - rest[0]).abs() < 1e-9 && (all[2] - rest[1]).abs() < 1e-9, "{text} {all:?} {rest:?}");
    }
    let nothing = Gram::from_products(3, |_, _| 0.0);
    for text in ALL {
        assert!(ask(method(text, 3).as_mut(), &nothing, &[1.0, 2.0, 3.0]).is_ok(), "{text}");
    }
}

#[test]
fn random_orders_come_from_the_seed() {
    let rows = vec![vec![1.0, 0.0, -1.0, 2.0], vec![-2.0, 1.0, 0.0, -1.0], vec![0.5, -1.0, 1.0, 0.0]];
    let matrix = gram(&rows);
    let with = |text: &str, seed: u64, step: u64| {
        let seen = trimtab::balance::Situation { step, seed, tasks: &[0, 1, 2], factors: &[1.0; 3], gram: &matrix };
        method(text, 3).coefficients(&seen).unwrap()
    };
    for name in ["pcgrad", "gradvac"] {
        assert_eq!(with(name, 1, 1), with(name, 1, 1));
        assert!((2..20).any(|step| with(name, 1, step) != with(name, 1, 1)));
        assert_eq!(with(&format!("{name} order=ascending"), 1, 1), with(&format!("{name} order=ascending"), 2, 2));
    }
}
