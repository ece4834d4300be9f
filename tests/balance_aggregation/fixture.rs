//! Every entry of the fixture: solutions of TorchJD and exact ones computed elsewhere.

use super::{ask, combine, distance, gram, length, method};
use serde_json::Value;
use std::collections::BTreeMap;
use trimtab::balance::Aggregation;
use trimtab::balance::aggregation::gradvac::GradVac;
use trimtab::balance::aggregation::{Order, cagrad::CaGrad, dualproj::DualProj, upgrad::UpGrad};
use trimtab::balance::solver::{Directions, Geometry, stationarity};

pub const FIXTURE: &str = include_str!("../fixtures/balance/aggregation.json");

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|entry| entry.as_f64().unwrap()).collect()
}

pub fn matrix(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

/// The method that an entry is of, with its preference and tolerance; `None` for methods that are not built.
fn of_entry(entry: &str, tasks: usize, lambda: &[f64]) -> Option<(Box<dyn Aggregation>, Vec<f64>, f64)> {
    let (one, mean) = (vec![1.0; tasks], vec![1.0 / tasks as f64; tasks]);
    let shipped = Geometry::Trace { norm_eps: 1e-4, reg_eps: 1e-4 };
    let cagrad = |c| Box::new(CaGrad { c, divisor: 1.0, norm_eps: 1e-4 });
    Some(match entry {
        "sum" => (method("sum", tasks), one, 1e-9),
        "mean" => (method("sum", tasks), mean, 1e-9),
        "constant" => (method("sum", tasks), lambda.to_vec(), 1e-9),
        "mgda_exact" | "mgda_frank_wolfe" => (method("mgda", tasks), one, 1e-9),
        "pcgrad_ascending" => (method("pcgrad order=ascending", tasks), one, 1e-9),
        "gradvac_first_call_ascending" => (method("gradvac order=ascending", tasks), one, 1e-9),
        "imtl_g" => (method("imtl_g", tasks), one, 1e-9),
        "config" => (method("config", tasks), one, 1e-9),
        "aligned_mtl_min" => (method("aligned_mtl", tasks), mean, 1e-9),
        "cagrad_c0.4" => (cagrad(0.4), one, 1e-3),
        "cagrad_c0.5" => (cagrad(0.5), one, 1e-3),
        "nash_mtl_maxnorm0" => (method("nash_mtl max_norm=0", tasks), one, 2e-2),
        "nash_mtl_maxnorm1" => (method("nash_mtl", tasks), one, 2e-2),
        "nash_mtl_exact" => (method("nash_mtl max_norm=0", tasks), one, 1e-8),
        "fairgrad_a1" => (method("fairgrad", tasks), one, 1e-4),
        "fairgrad_a2" => (method("fairgrad alpha=2", tasks), one, 1e-4),
        "upgrad" => (Box::new(UpGrad { geometry: shipped }), mean, 1e-6),
        "dualproj" => (Box::new(DualProj { geometry: shipped }), mean, 1e-6),
        "upgrad_exact" => (method("upgrad", tasks), mean, 1e-5),
        "dualproj_exact" => (method("dualproj", tasks), mean, 1e-5),
        "graddrop_fixed_u" | "sdmgrad_same_batch" | "dbmtl_norm_step" => return None,
        other => panic!("unknown entry {other}"),
    })
}

#[test]
fn every_entry_of_the_fixture_is_met() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    let mut no_targets = Vec::new();
    let mut wrong = Vec::new();
    for case in fixture["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let rows = matrix(&case["rows"]);
        let matrix = gram(&rows);
        let largest = numbers(&case["norms"]).into_iter().fold(0.0, f64::max);
        for (entry, expected) in case["methods"].as_object().unwrap() {
            let lambda =
                expected["params"].get("lambda").filter(|given| given.is_array()).map(numbers).unwrap_or_default();
            let Some((mut method, factors, tolerance)) = of_entry(entry, rows.len(), &lambda) else { continue };
            if ["error", "library_failed", "non_finite", "none"].iter().any(|mark| expected.get(*mark).is_some()) {
                no_targets.push(format!("{name} {entry}"));
                continue;
            }
            // The library stopped at its start value here as well, unmarked because the exact solution leaves the row out.
            if name == "one_zero_3x4" && entry.starts_with("nash_mtl_maxnorm") {
                let weights = numbers(&expected["weights"]);
                assert!(weights.iter().all(|w| (w - weights[0]).abs() < 1e-9));
                no_targets.push(format!("{name} {entry}"));
                continue;
            }
            let found = ask(method.as_mut(), &matrix, &factors).unwrap();
            if name == "wild_norms_3x5" && entry == "fairgrad_a2" {
                // The library's search stopped early here, unmarked: its weights miss G a = a^(-1/2) by a third.
                let miss = |a: &[f64]| {
                    let products = matrix.times(a);
                    products.iter().zip(a).map(|(p, a)| (p * a.sqrt() - 1.0).abs()).fold(0.0, f64::max)
                };
                assert!(miss(&numbers(&expected["weights"])) > 0.3 && miss(&found) < 1e-9);
                no_targets.push(format!("{name} {entry}"));
                continue;
            }
            assert!(found.iter().all(|c| c.is_finite()), "{name} {entry}: {found:?}");
            let (update, aim) = (combine(&found, &rows), numbers(&expected["grad"]));
            let fits = if entry.starts_with("mgda") {
                let square = |weights: &[f64]| matrix.norm_of(weights).powi(2);
                let aim = case["methods"]["mgda_exact"]["min_norm_sq"].as_f64().unwrap();
                let slack = tolerance * aim + 1e-15 * largest * largest;
                // Frank-Wolfe stops early, so it may only be worse.
                (square(&found) - aim).abs() <= slack
                    && square(&numbers(&expected["weights"])) >= square(&found) - slack
            } else if name == "opposed_unequal_2x3" && entry == "imtl_g" {
                // The library blows up against the second task; equal projections on opposed rows are projections of 0.
                assert!(length(&aim) > 2.0 * largest);
                length(&update) <= 1e-3 * largest
            } else if length(&aim) <= 1e-3 * largest {
                length(&update) <= 1e-3 * largest
            } else {
                distance(&update, &aim) <= tolerance * length(&aim)
            };
            // Coefficients are settled where rows are independent; CAGrad's optimum is flat.
            let settled = length(&aim) > 1e-3 * largest
                && !["mgda", "cagrad"].iter().any(|flat| entry.starts_with(flat))
                && Directions::of(&matrix).count() == rows.len()
                && stationarity(&Directions::of(&matrix)).1 > 1e-6
                && !["identical_2x4", "two_identical_of_3x4", "more_tasks_than_dims_4x3"].contains(&name);
            let same = match expected.get("weights") {
                Some(weights) if settled => {
                    found.iter().zip(numbers(weights)).all(|(c, w)| (c - w).abs() <= tolerance * w.abs())
                }
                _ => true,
            };
            if !(fits && same) {
                wrong.push(format!(
                    "{name} {entry}: {fits} {same} {found:?}\n    {:?} {aim:?}",
                    expected.get("weights")
                ));
            }
            if entry.ends_with("_exact") && length(&update) > 1e-3 * largest {
                let worst = matrix.cosines_with(&found).into_iter().flatten().fold(1.0, f64::min);
                assert!(worst >= -1e-4, "{name} {entry}: {worst}");
            }
            *compared.entry(entry.clone()).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let all: usize = compared.values().sum();
    assert_eq!((all, no_targets.len()), (321, 15), "{compared:?} {no_targets:?}");
}

#[test]
fn gradvac_follows_the_sequence_and_goes_on_after_a_restore() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let sequence = &fixture["sequences"];
    let mut method = GradVac::new(0.5, Order::Ascending, 3);
    for (rows, weights) in sequence["matrices"]
        .as_array()
        .unwrap()
        .iter()
        .zip(sequence["gradvac_ascending"]["weights_per_step"].as_array().unwrap())
    {
        let matrix = gram(&matrix(rows));
        let mut restored = super::method("gradvac order=ascending", 3);
        restored.restore(&serde_json::from_str(&method.state().to_string()).unwrap()).unwrap();
        let found = ask(&mut method, &matrix, &[1.0; 3]).unwrap();
        assert!(distance(&found, &numbers(weights)) <= 1e-9 * length(&found), "{found:?} {weights}");
        assert_eq!(ask(restored.as_mut(), &matrix, &[1.0; 3]).unwrap(), found);
        assert_eq!(restored.state(), method.state());
    }
    for case in fixture["cases"].as_array().unwrap() {
        let rows = matrix(&case["rows"]);
        if rows.iter().any(|row| length(row) == 0.0) {
            continue;
        }
        let mut method = GradVac::new(0.5, Order::Ascending, rows.len());
        ask(&mut method, &gram(&rows), &vec![1.0; rows.len()]).unwrap();
        let expected = matrix(&case["methods"]["gradvac_first_call_ascending"]["targets_after"]);
        for (found, expected) in method.targets().iter().zip(&expected) {
            assert!(distance(found, expected) < 1e-9, "{}: {found:?} {expected:?}", case["name"]);
        }
    }
}
