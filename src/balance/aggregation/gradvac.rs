//! GradVac: gradients are turned until pairs are as similar as they used to be.

use super::{ORDER, Order, finite};
use crate::balance::errors::read_state;
use crate::balance::{
    Aggregation, BalanceError, Degenerate, Make, Method, Needs, OptionInfo, OptionKind, OptionValue, Situation,
};
use serde_json::Value;

/// Like PCGrad with a remembered cosine φ_ij of each pair in the place of 0; φ ← (1 − β) φ + β cos.
///
/// A zero row turns nothing, keeps its factor and leaves its pairs' memory as it is.
pub const METHOD: Method = Method {
    name: "gradvac",
    aliases: &["gradientvaccine"],
    what: "turns gradients until each pair is as similar as it used to be, then adds",
    year: Some(2020),
    paper: "arXiv 2010.05874",
    needs: Needs::GRAM,
    state: "a cosine for each pair of tasks",
    preference: "rows are multiplied by it",
    options: &[
        OptionInfo {
            name: "beta",
            kind: OptionKind::Number { least: 0.0, most: 1.0 },
            default: OptionValue::Number(0.5),
            what: "how fast the remembered cosines follow",
        },
        ORDER,
    ],
    make: Make::Aggregation(|options, tasks| {
        Box::new(GradVac::new(options.number("beta"), Order::of(options.word(ORDER.name)), tasks))
    }),
};

/// Keeps quotients finite, as in LibMTL and TorchJD.
const EPSILON: f64 = 1e-8;
/// The largest remembered cosine that is aimed at: to reach 1 a gradient would be drowned in another.
const MOST: f64 = 0.999;

/// Gradient vaccine.
#[derive(Clone, Debug)]
pub struct GradVac {
    beta: f64,
    order: Order,
    /// φ, a row a task.
    targets: Vec<Vec<f64>>,
}

impl GradVac {
    /// With nothing remembered of `tasks` tasks.
    pub fn new(beta: f64, order: Order, tasks: usize) -> Self {
        Self { beta, order, targets: vec![vec![0.0; tasks]; tasks] }
    }

    /// φ, a row a task.
    pub fn targets(&self) -> &[Vec<f64>] {
        &self.targets
    }
}

impl Aggregation for GradVac {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        if let Some(task) = seen.tasks.iter().find(|task| **task >= self.targets.len()) {
            return Err(Degenerate(format!("{{task {task}}} is not among the remembered tasks")));
        }
        let gram = seen.gram.scaled(seen.factors);
        let rows: Vec<usize> = (0..gram.size()).filter(|row| gram.norm(*row) > 0.0).collect();
        let mut targets = self.targets.clone();
        let mut sum = vec![0.0; gram.size()];
        for (own, others) in self.order.others(rows.len(), seen.seed, seen.step, METHOD.name).iter().enumerate() {
            let mut amounts = vec![0.0; gram.size()];
            amounts[rows[own]] = 1.0;
            // Products of g_i' with all rows, kept up to date.
            let mut products = gram.row(rows[own]).to_vec();
            for other in others.iter().map(|other| rows[*other]) {
                let square: f64 = products.iter().zip(&amounts).map(|(p, a)| p * a).sum();
                let (norm, its) = (square.max(0.0).sqrt(), gram.norm(other));
                let cosine = (products[other] / (norm * its + EPSILON)).clamp(-1.0, 1.0);
                let target = &mut targets[seen.tasks[rows[own]]][seen.tasks[other]];
                let aim = target.clamp(-MOST, MOST);
                if cosine < aim {
                    let sine = (1.0 - aim * aim).sqrt();
                    let turn = norm * (aim * (1.0 - cosine * cosine).sqrt() - cosine * sine) / (its * sine + EPSILON);
                    amounts[other] += turn;
                    products.iter_mut().zip(gram.row(other)).for_each(|(p, g)| *p += turn * g);
                }
                *target = (1.0 - self.beta) * *target + self.beta * cosine;
            }
            sum.iter_mut().zip(&amounts).for_each(|(sum, a)| *sum += a);
        }
        for row in (0..gram.size()).filter(|row| !rows.contains(row)) {
            sum[row] = 1.0;
        }
        let answer = finite(sum.iter().zip(seen.factors).map(|(c, f)| c * f).collect())?;
        if targets.iter().flatten().all(|target| target.is_finite()) {
            self.targets = targets;
            Ok(answer)
        } else {
            finite(vec![f64::NAN])
        }
    }

    fn state(&self) -> Value {
        serde_json::json!(self.targets)
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let targets: Vec<Vec<f64>> = read_state(METHOD.name, state)?;
        let tasks = self.targets.len();
        if targets.len() != tasks || targets.iter().any(|row| row.len() != tasks) {
            let problem = format!("expected {tasks} rows of {tasks} cosines");
            return Err(BalanceError::State { method: METHOD.name, problem });
        }
        self.targets = targets;
        Ok(())
    }
}
