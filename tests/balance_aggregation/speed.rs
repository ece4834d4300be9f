//! What an answer costs; run with `--ignored --nocapture`.

use super::{ask, combine, gram, method};
use std::hint::black_box;
use std::time::Instant;

/// Rows with `bias` added to every entry and `taken` times their mean taken off; the same at every call.
fn rows(tasks: usize, columns: usize, bias: f64, taken: f64) -> Vec<Vec<f64>> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 * 2.0 - 1.0 + bias
    };
    let mut rows: Vec<Vec<f64>> = (0..tasks).map(|_| (0..columns).map(|_| draw()).collect()).collect();
    let mean = combine(&vec![taken / tasks as f64; tasks], &rows);
    for row in &mut rows {
        row.iter_mut().zip(&mean).for_each(|(x, mean)| *x -= mean);
    }
    rows
}

#[test]
#[ignore = "prints figures"]
fn microseconds_an_answer() {
    for (title, columns, bias, taken) in [
        ("many columns", 100, 0.0, 0.0),
        ("little conflict", 100, 0.2, 0.0),
        ("much conflict", 100, 0.0, 0.9),
        ("few columns", 8, 0.0, 0.0),
        ("nearly parallel", 100, 3.0, 0.0),
    ] {
        println!("{title}");
        for text in [
            "mgda",
            "pcgrad",
            "cagrad",
            "imtl_g",
            "nash_mtl",
            "fairgrad alpha=2",
            "fairgrad alpha=0.2",
            "upgrad",
            "dualproj",
            "aligned_mtl",
            "config",
            "gradvac",
        ] {
            print!("  {text:<20}");
            for tasks in [2, 3, 10, 32] {
                let matrix = gram(&rows(tasks, columns, bias, taken));
                let factors = vec![1.0; tasks];
                let mut method = method(text, tasks);
                let mut best = f64::INFINITY;
                // Few calls between two looks at the clock, so that other work on the machine is left out.
                let calls = if tasks > 10 { 1 } else { 20 };
                for _ in 0..200 {
                    let start = Instant::now();
                    for _ in 0..calls {
                        let _ = black_box(ask(method.as_mut(), black_box(&matrix), &factors));
                    }
                    best = best.min(start.elapsed().as_secs_f64() / f64::from(calls));
                }
                print!("  T = {tasks}: {:8.1} µs", best * 1e6);
            }
            println!();
        }
    }
}
