//! The aggregations against solutions that were published or computed elsewhere, and what each of them promises.

#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod fixture;
mod promises;
mod rows;
mod speed;
mod two_tasks;

use trimtab::balance::{Aggregation, Choice, Degenerate, Gram, Kind, Situation};

fn gram(rows: &[Vec<f64>]) -> Gram {
    Gram::from_products(rows.len(), |i, j| rows[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum())
}

fn combine(weights: &[f64], rows: &[Vec<f64>]) -> Vec<f64> {
    let columns = 0..rows.first().map_or(0, Vec::len);
    columns.map(|k| weights.iter().zip(rows).map(|(w, row)| w * row[k]).sum()).collect()
}

fn length(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

fn method(text: &str, tasks: usize) -> Box<dyn Aggregation> {
    Choice::parse(Kind::Aggregation, text).unwrap().aggregation(tasks).unwrap()
}

/// The answer at step 1.
fn ask(method: &mut dyn Aggregation, gram: &Gram, factors: &[f64]) -> Result<Vec<f64>, Degenerate> {
    let tasks: Vec<usize> = (0..gram.size()).collect();
    method.coefficients(&Situation { step: 1, seed: 7, tasks: &tasks, factors, gram })
}
