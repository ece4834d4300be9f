//! Two tasks: closed forms, and methods that then are one.

use super::{ask, combine, distance, gram, length, method};
use proptest::prelude::*;

/// Two rows of norms 10^-3 to 10^3 in the plane, at an angle well away from 0° and 180°.
fn two_rows() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (0.05..3.09_f64, 0.0..6.0_f64, -3.0..3.0_f64, -3.0..3.0_f64).prop_map(|(angle, turn, a, b)| {
        let row = |angle: f64, norm: f64| vec![norm * angle.cos(), norm * angle.sin()];
        vec![row(turn, 10_f64.powf(a)), row(turn + angle, 10_f64.powf(b))]
    })
}

fn near(found: &[f64], expected: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    for (f, e) in found.iter().zip(expected) {
        prop_assert!((f - e).abs() <= tolerance * e.abs(), "{found:?} is not {expected:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn closed_forms(rows in two_rows(), f1 in 0.2..5.0_f64, f2 in 0.2..5.0_f64) {
        let matrix = gram(&rows);
        let (g11, g12, g22) = (matrix.get(0, 0), matrix.get(0, 1), matrix.get(1, 1));
        let (n1, n2, cosine) = (g11.sqrt(), g22.sqrt(), matrix.cosine(0, 1).unwrap());
        let coefficients = |text: &str, factors: &[f64]| ask(method(text, 2).as_mut(), &matrix, factors).unwrap();
        let one = [1.0, 1.0];

        let first = ((g22 - g12) / (g11 + g22 - 2.0 * g12)).clamp(0.0, 1.0);
        let found = coefficients("mgda", &one);
        prop_assert!((found[0] - first).abs() <= 1e-8 && (found[1] - 1.0 + first).abs() <= 1e-8, "{found:?} {first}");

        let surgery = if g12 < 0.0 { [1.0 - g12 / g11, 1.0 - g12 / g22] } else { one };
        near(&coefficients("pcgrad", &one), &surgery, 1e-9)?;
        near(&coefficients("upgrad", &one), &surgery, 1e-8)?;
        if n1.min(n2) > 0.1 {
            // The published quotients are off by 1e-8 over the norms.
            near(&coefficients("gradvac", &one), &surgery, 1e-4)?;
        }
        near(&coefficients("pcgrad", &[f1, f2]), &coefficients("upgrad", &[f1, f2]), 1e-8)?;

        let bargain = 1.0 / (1.0 + cosine).sqrt();
        near(&coefficients("nash_mtl max_norm=0", &one), &[bargain / n1, bargain / n2], 1e-8)?;
        near(&coefficients("fairgrad", &one), &[bargain / n1, bargain / n2], 1e-8)?;
        near(&coefficients("imtl_g", &one), &[n2 / (n1 + n2), n1 / (n1 + n2)], 1e-9)?;
        // ConFIG has the direction u1 + u2 and the sum of the projections on it as its length.
        let length = (n1 + n2) * (1.0 + cosine) / (2.0 + 2.0 * cosine).sqrt();
        let scale = length / (2.0 + 2.0 * cosine).sqrt();
        near(&coefficients("config", &one), &[scale / n1, scale / n2], 1e-8)?;

        // DualProj moves the sum to the side that it opposes only.
        let (p1, p2) = (g11 * f1 + g12 * f2, g12 * f1 + g22 * f2);
        let expected = [f1.max(-g12 * f2 / g11), f2.max(-g12 * f1 / g22)];
        prop_assert!(p1 >= 0.0 || p2 >= 0.0);
        near(&coefficients("dualproj", &[f1, f2]), &expected, 1e-8)?;
    }

    #[test]
    fn cagrad_equals_a_search_along_the_segment(rows in two_rows(), c in 0.05..0.95_f64) {
        let matrix = gram(&rows);
        let mean = combine(&[0.5, 0.5], &rows);
        let objective = |w: f64| {
            let mixed = combine(&[w, 1.0 - w], &rows);
            let dot: f64 = mixed.iter().zip(&mean).map(|(a, b)| a * b).sum();
            dot + c * length(&mean) * length(&mixed)
        };
        // The objective is convex along the segment.
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..200 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if objective(a) < objective(b) { high = b } else { low = a }
        }
        let found = ask(method(&format!("cagrad c={c} rescale=0"), 2).as_mut(), &matrix, &[1.0, 1.0]).unwrap();
        let update = combine(&found, &rows);
        // By duality the best worst gain is the least objective.
        let gain = matrix.times(&found).into_iter().fold(f64::INFINITY, f64::min);
        let least = objective(low).min(objective(0.0)).min(objective(1.0));
        let size = matrix.norm(0).max(matrix.norm(1)).powi(2);
        prop_assert!((gain - least).abs() <= 1e-9 * size, "{gain} {least}");
        prop_assert!(distance(&update, &mean) <= (c + 1e-9) * length(&mean));
    }
}

#[test]
fn opposed_rows_leave_an_update_of_nothing() {
    let rows = vec![vec![2.0, -4.0], vec![-1.0, 2.0]];
    let matrix = gram(&rows);
    for text in ["mgda", "imtl_g", "nash_mtl", "fairgrad alpha=2", "upgrad", "dualproj", "config"] {
        let found = ask(method(text, 2).as_mut(), &matrix, &[1.0, 1.0]).unwrap();
        assert!(length(&combine(&found, &rows)) < 1e-6, "{text} {found:?}");
        assert!(found.iter().all(|c| c.abs() < 10.0), "{text} {found:?}");
    }
}
