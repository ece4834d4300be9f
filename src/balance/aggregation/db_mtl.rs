//! DB-MTL: gradients of the losses' logarithms, averaged over steps, all made as long as the longest.

use super::{check_rows, check_update, no_coefficients};
use crate::balance::errors::read_state;
use crate::balance::{
    Aggregation, BalanceError, Degenerate, Make, Method, Needs, OptionInfo, OptionKind, OptionValue, Situation,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// m_i ← h_i + β k^(−σ) (m_i − h_i) with h_i = g_i / (L_i + 1e-8) from m_i = 0, k being the task's updates so far;
/// update = Σ f_i (max_j ‖m_j‖ / ‖m_i‖) m_i.
///
/// Losses must be above 0. Nothing corrects the start: with β = 0.9 the first update is a tenth of the later ones.
pub const METHOD: Method = Method {
    name: "db_mtl",
    aliases: &["dbmtl"],
    what: "averages the gradients of log losses over steps, makes all as long as the longest, then adds",
    year: Some(2023),
    paper: "arXiv 2308.12029",
    needs: Needs { positive_losses: true, ..Needs::ROWS },
    state: "an average gradient a task",
    preference: "rows are multiplied by it after they are made equally long",
    options: &[
        OptionInfo {
            name: "beta",
            kind: OptionKind::Number { least: 0.0, most: 1.0 },
            default: OptionValue::Number(0.9),
            what: "how much of the average is kept at a step",
        },
        OptionInfo {
            name: "sigma",
            kind: OptionKind::Number { least: 0.0, most: 10.0 },
            default: OptionValue::Number(0.0),
            what: "how fast beta falls with the steps; 0 keeps it",
        },
    ],
    make: Make::Aggregation(|options, tasks| {
        Box::new(DbMtl::new(options.number("beta"), options.number("sigma"), tasks))
    }),
};

/// Keeps quotients finite, as in LibMTL.
const EPSILON: f64 = 1e-8;

/// Dual-balancing.
#[derive(Clone, Debug)]
pub struct DbMtl {
    beta: f64,
    sigma: f64,
    averages: Vec<Average>,
}

/// What is remembered of a task.
#[derive(Clone, Debug, Default, PartialEq)]
struct Average {
    updates: u64,
    /// m_i; empty before the first update.
    row: Vec<f32>,
}

/// An [`Average`] in text: eight hexadecimal digits a number, exact to the bit.
#[derive(Serialize, Deserialize)]
struct Saved {
    updates: u64,
    row: String,
}

impl DbMtl {
    /// With nothing remembered of `tasks` tasks.
    pub fn new(beta: f64, sigma: f64, tasks: usize) -> Self {
        Self { beta, sigma, averages: vec![Average::default(); tasks] }
    }

    /// The average of a task after a step.
    fn moved(&self, task: usize, loss: f64, row: &[f32]) -> Result<Average, Degenerate> {
        let Some(before) = self.averages.get(task) else {
            return Err(Degenerate(format!("{{task {task}}} is not among the remembered tasks")));
        };
        if !before.row.is_empty() && before.row.len() != row.len() {
            return Err(Degenerate(format!("the gradient of {{task {task}}} has changed its length")));
        }
        if loss.is_nan() || loss <= 0.0 {
            return Err(Degenerate::loss(task, loss, 0.0));
        }
        let updates = before.updates + 1;
        let keep = self.beta / (updates as f64).powf(self.sigma);
        let remembered = before.row.iter().copied().chain(std::iter::repeat(0.0));
        let moved = row.iter().zip(remembered).map(|(g, m)| {
            let own = f64::from(*g) / (loss + EPSILON);
            (own + keep * (f64::from(m) - own)) as f32
        });
        Ok(Average { updates, row: moved.collect() })
    }
}

fn norm(row: &[f32]) -> f64 {
    row.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt()
}

impl Aggregation for DbMtl {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, _seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        Err(no_coefficients())
    }

    fn combine(&mut self, seen: &Situation<'_>, losses: &[f64], rows: &[&[f32]]) -> Result<Vec<f32>, Degenerate> {
        check_rows(seen.factors, rows)?;
        if seen.tasks.len() != rows.len() || losses.len() != rows.len() {
            return Err(Degenerate("tasks, losses and gradients differ in number".to_owned()));
        }
        let moved = seen.tasks.iter().zip(losses).zip(rows).map(|((task, loss), row)| self.moved(*task, *loss, row));
        let moved: Vec<Average> = moved.collect::<Result<_, _>>()?;
        let norms: Vec<f64> = moved.iter().map(|average| norm(&average.row)).collect();
        let longest = norms.iter().copied().fold(0.0, f64::max);
        let mut update = vec![0.0_f64; rows.first().map_or(0, |row| row.len())];
        for ((average, norm), factor) in moved.iter().zip(&norms).zip(seen.factors) {
            let scale = factor * longest / (norm + EPSILON);
            update.iter_mut().zip(&average.row).for_each(|(sum, m)| *sum += scale * f64::from(*m));
        }
        let update = check_update(update.into_iter().map(|x| x as f32).collect())?;
        if norms.iter().any(|norm| !norm.is_finite()) {
            return Err(Degenerate("an average gradient leaves the range of numbers".to_owned()));
        }
        seen.tasks.iter().zip(moved).for_each(|(task, average)| self.averages[*task] = average);
        Ok(update)
    }

    fn state(&self) -> Value {
        let text = |row: &[f32]| -> String {
            let digits = row.iter().flat_map(|x| x.to_bits().to_be_bytes()).flat_map(|byte| [byte >> 4, byte & 15]);
            digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
        };
        let saved = |average: &Average| Saved { updates: average.updates, row: text(&average.row) };
        serde_json::json!(self.averages.iter().map(saved).collect::<Vec<_>>())
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let wrong = |problem: String| BalanceError::State { method: METHOD.name, problem };
        let saved: Vec<Saved> = read_state(METHOD.name, state)?;
        if saved.len() != self.averages.len() {
            return Err(wrong(format!("expected {} tasks, found {}", self.averages.len(), saved.len())));
        }
        let mut averages = Vec::with_capacity(saved.len());
        for task in saved {
            let numbers = task.row.as_bytes().chunks(8).map(|digits| {
                let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 8);
                digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).map(f32::from_bits)
            });
            let row: Option<Vec<f32>> = numbers.collect();
            let row = row.filter(|row| row.iter().all(|x| x.is_finite()));
            let row = row.ok_or_else(|| wrong("expected eight hexadecimal digits a number".to_owned()))?;
            averages.push(Average { updates: task.updates, row });
        }
        self.averages = averages;
        Ok(())
    }
}
