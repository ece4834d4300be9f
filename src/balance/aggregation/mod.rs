//! The aggregations, one file a method: factors and the Gram matrix to one coefficient a task.
//!
//! A row of zeros is the gradient of a task that is finished: each method says what it gives it. Where all rows are
//! zero, or a point is Pareto-stationary, an update of 0 is an answer.

pub mod aligned_mtl;
pub mod cagrad;
pub mod config;
pub mod db_mtl;
pub mod dualproj;
pub mod fairgrad;
pub mod graddrop;
pub mod gradvac;
pub mod imtl_g;
pub mod mgda;
pub mod nash_mtl;
pub mod pcgrad;
pub mod sum;
pub mod upgrad;

use super::solver::{Directions, STATIONARY, fair, stationarity};
use super::{Degenerate, OptionInfo, OptionKind, OptionValue};
use crate::random;

/// The coefficients, where they are numbers.
fn finite(coefficients: Vec<f64>) -> Result<Vec<f64>, Degenerate> {
    if coefficients.iter().all(|c| c.is_finite()) {
        Ok(coefficients)
    } else {
        Err(Degenerate("the gradients' norms leave the range of numbers".to_owned()))
    }
}

/// The answer of a method on rows to the question for coefficients.
fn no_coefficients() -> Degenerate {
    Degenerate("the method combines the gradients themselves and has no coefficients".to_owned())
}

/// Whether every factor has a row and all rows are equally long.
fn check_rows(factors: &[f64], rows: &[&[f32]]) -> Result<(), Degenerate> {
    let same = rows.windows(2).all(|pair| pair[0].len() == pair[1].len());
    if same && rows.len() == factors.len() {
        Ok(())
    } else {
        Err(Degenerate("the gradients differ in length or are not one a task".to_owned()))
    }
}

/// The update, where it is made of numbers.
fn check_update(update: Vec<f32>) -> Result<Vec<f32>, Degenerate> {
    if update.iter().all(|x| x.is_finite()) {
        Ok(update)
    } else {
        Err(Degenerate("the update leaves the range of numbers".to_owned()))
    }
}

/// The option of methods that go through the other tasks one after another.
const ORDER: OptionInfo = OptionInfo {
    name: "order",
    kind: OptionKind::Word(&["random", "ascending"]),
    default: OptionValue::Word("random"),
    what: "the order in which the other tasks are met: drawn anew for each task and step, or by place",
};

/// In which order a task meets the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Drawn from the seed, anew for each task and step.
    Random,
    /// By place.
    Ascending,
}

impl Order {
    fn of(word: &str) -> Self {
        if word == "ascending" { Self::Ascending } else { Self::Random }
    }

    /// For each of `size` tasks the others in the order in which it meets them.
    fn others(self, size: usize, seed: u64, step: u64, stream: &str) -> Vec<Vec<usize>> {
        let mut generator = random::generator(seed, step, stream);
        (0..size)
            .map(|own| {
                let mut others: Vec<usize> = (0..size).filter(|other| *other != own).collect();
                if self == Self::Random {
                    random::shuffle(&mut generator, &mut others);
                }
                others
            })
            .collect()
    }
}

/// a > 0 with (G a)_i = (f_i / a_i)^`power` over the rows that are not zero, as amounts of the unit vectors.
///
/// Where the rows are Pareto-stationary a would be endless: then amounts of sum 1 whose update is nearly 0.
fn fair_amounts(directions: &Directions, factors: &[f64], power: f64) -> Result<Vec<f64>, Degenerate> {
    if directions.count() == 0 {
        return Ok(Vec::new());
    }
    let (shortest, gap) = stationarity(directions);
    if gap < 100.0 * STATIONARY {
        return Ok(shortest);
    }
    // With x_i = a_i n_i: (C x)_i = f_i^p n_i^(p-1) x_i^(-p). The largest norm N is taken out of the numbers.
    let largest = directions.largest();
    let targets: Vec<f64> = directions
        .pick(factors)
        .iter()
        .zip(&directions.norms)
        .map(|(f, norm)| f.powf(power) * (norm / largest).powf(power - 1.0))
        .collect();
    let no_answer =
        || Degenerate("no fair point was found: the gradients' norms or directions are too extreme".to_owned());
    let amounts = fair(&directions.cosines, &targets, power).ok_or_else(no_answer)?;
    let scale = largest.powf((power - 1.0) / (1.0 + power));
    Ok(amounts.iter().map(|amount| amount * scale).collect())
}
