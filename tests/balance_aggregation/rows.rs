//! Methods that combine the gradients themselves.

use super::fixture::{FIXTURE, matrix, numbers};
use serde_json::Value;
use trimtab::balance::aggregation::db_mtl::DbMtl;
use trimtab::balance::aggregation::graddrop::GradDrop;
use trimtab::balance::{Aggregation, Degenerate, Gram, Situation};

fn combine(
    method: &mut dyn Aggregation,
    step: u64,
    factors: &[f64],
    losses: &[f64],
    rows: &[Vec<f32>],
) -> Result<Vec<f32>, Degenerate> {
    let tasks: Vec<usize> = (0..rows.len()).collect();
    let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
    let gram = Gram::from_products(0, |_, _| 0.0);
    method.combine(&Situation { step, seed: 3, tasks: &tasks, factors, gram: &gram }, losses, &rows)
}

fn single(rows: &[Vec<f64>]) -> Vec<Vec<f32>> {
    rows.iter().map(|row| row.iter().map(|x| *x as f32).collect()).collect()
}

#[test]
fn every_entry_of_the_fixture_is_met_in_single_precision() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let mut compared = 0;
    for case in fixture["cases"].as_array().unwrap() {
        let rows = single(&matrix(&case["rows"]));
        let one = vec![1.0; rows.len()];
        let near = |found: &[f32], entry: &str| {
            let aim = numbers(&case["methods"][entry]["grad"]);
            let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
            let apart = norm(&mut found.iter().zip(&aim).map(|(f, a)| f64::from(*f) - a));
            // Rounding is measured against what was added up: rows may cancel.
            let added = norm(&mut rows.iter().flatten().map(|x| f64::from(*x))).max(norm(&mut aim.iter().copied()));
            assert!(apart <= 1e-6 * added, "{} {entry}: {found:?} {aim:?}", case["name"]);
        };
        let mut draws = numbers(&case["methods"]["graddrop_fixed_u"]["params"]["u"]).into_iter();
        let slices: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        near(&GradDrop::update(&one, &slices, || draws.next().unwrap()).unwrap(), "graddrop_fixed_u");
        // Without memory, at losses of 1.
        let losses = vec![1.0 - 1e-8; rows.len()];
        near(&combine(&mut DbMtl::new(0.0, 0.0, rows.len()), 1, &one, &losses, &rows).unwrap(), "dbmtl_norm_step");
        compared += 2;
    }
    assert_eq!(compared, 32);
}

#[test]
fn db_mtl_averages_and_goes_on_to_the_bit_after_a_restore() {
    let mut method = DbMtl::new(0.5, 1.0, 2);
    let first = [vec![3.0, 0.1], vec![0.0, 4.0]];
    // β / 1 = 1/2: m = h / 2 = (3, 0.1) / 4 and (0, 4) / 2, the second is the longer.
    let found = combine(&mut method, 1, &[1.0, 2.0], &[2.0, 1.0], &first).unwrap();
    let length = (9.01_f32).sqrt();
    assert!((found[0] - 6.0 / length).abs() < 1e-5, "{found:?}");
    assert!((found[1] - 0.2 / length - 4.0).abs() < 1e-5, "{found:?}");
    let before = method.state();
    for (losses, rows) in [([1.0, -0.5], first.clone()), ([1.0, 1.0], [vec![1.0], vec![1.0]])] {
        assert!(combine(&mut method, 2, &[1.0, 1.0], &losses, &rows).is_err());
        assert_eq!(method.state(), before);
    }
    let mut restored = DbMtl::new(0.5, 1.0, 2);
    restored.restore(&serde_json::from_str(&before.to_string()).unwrap()).unwrap();
    let second = [vec![-1.0, 1e-7], vec![0.3, 0.7]];
    let going_on = combine(&mut method, 2, &[1.0, 2.0], &[0.7, 0.3], &second).unwrap();
    assert_eq!(combine(&mut restored, 2, &[1.0, 2.0], &[0.7, 0.3], &second).unwrap(), going_on);
    assert_eq!(restored.state(), method.state());
    for state in ["[]", r#"[{"updates":1,"row":"zz"},{"updates":1,"row":""}]"#, "3"] {
        assert!(restored.restore(&serde_json::from_str(state).unwrap()).is_err(), "{state}");
    }
}

#[test]
fn graddrop_keeps_one_sign_a_coordinate_by_its_share() {
    let rows = [vec![3.0_f32; 4000], vec![-1.0; 4000]];
    let found = combine(&mut GradDrop, 1, &[1.0, 1.0], &[1.0, 1.0], &rows).unwrap();
    assert!(found.iter().all(|x| *x == 3.0 || *x == -1.0));
    let kept = found.iter().filter(|x| **x > 0.0).count() as f64 / 4000.0;
    assert!((kept - 0.75).abs() < 0.03, "{kept}");
    assert_eq!(combine(&mut GradDrop, 1, &[1.0, 1.0], &[1.0, 1.0], &rows).unwrap(), found);
    assert_ne!(combine(&mut GradDrop, 2, &[1.0, 1.0], &[1.0, 1.0], &rows).unwrap(), found);
}
