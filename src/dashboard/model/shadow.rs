//! What each aggregation would have done at the last measured step.

use super::balance::numbers;
use super::{Gradients, Run};
use crate::balance::{Gram, Kind};
use crate::text::sanitise;

/// Methods that keep an update from going against a task, the best known first.
const AGAINST_CONFLICT: [&str; 3] = ["pcgrad", "upgrad", "dualproj"];

/// One method's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Shadow {
    /// The name as the trainer writes it; for commands, never for the screen.
    pub name: String,
    /// The name fit for a terminal.
    pub label: String,
    /// Whether it is the method in use.
    pub in_use: bool,
    /// c_i, an entry a task.
    pub coefficients: Vec<Option<f64>>,
    /// cos(Σ c_j g_j, g_i), an entry a task.
    pub cosines: Vec<Option<f64>>,
}

impl Shadow {
    /// The least cosine.
    pub fn worst(&self) -> Option<f64> {
        self.cosines.iter().flatten().copied().filter(|cosine| cosine.is_finite()).min_by(f64::total_cmp)
    }
}

impl Run {
    /// A row a method, by name, the one in use among them; empty before the first measurement.
    pub fn shadows(&self) -> Vec<Shadow> {
        let Some(last) = &self.balance.last else { return Vec::new() };
        let count = self.tasks.len();
        // The update itself is at the shared parameters; z stands in where only that was measured.
        let at = |gradients: &&Gradients| gradients.measured == Some(last.step);
        let gradients = [&self.shared, &self.representation].into_iter().find(at);
        let current = self.method_name(Kind::Aggregation);
        let mut rows: Vec<Shadow> = last
            .shadow
            .iter()
            .map(|(name, coefficients)| {
                let mut coefficients = numbers(coefficients);
                coefficients.resize(count, None);
                let cosines = gradients.map_or(vec![None; count], |known| cosines(known, last.step, &coefficients));
                Shadow { name: name.clone(), label: sanitise(name), in_use: name == current, coefficients, cosines }
            })
            .collect();
        if !current.is_empty() && !rows.iter().any(|row| row.in_use) {
            let mut measured = numbers(&last.update_cosine);
            measured.resize(count, None);
            rows.push(Shadow {
                name: current.to_owned(),
                label: current.to_owned(),
                in_use: true,
                coefficients: self.tasks.iter().map(|task| task.coefficient).collect(),
                cosines: measured,
            });
        }
        // By name, so that a row stays where it is when another method comes into use.
        rows.sort_by(|left, right| left.name.cmp(&right.name));
        rows
    }

    /// The method that the try key would send: the one a person went to, else one made against conflict, else the first
    /// that is not in use.
    pub fn candidate(&self) -> Option<String> {
        let shadow = &self.balance.last.as_ref()?.shadow;
        let current = self.method_name(Kind::Aggregation);
        if let Some(name) = self.candidate.as_ref().filter(|name| shadow.contains_key(*name) || *name == current) {
            return Some(name.clone());
        }
        let others = || shadow.keys().filter(|name| *name != current);
        let usual = AGAINST_CONFLICT.iter().find_map(|usual| others().find(|name| name == usual));
        usual.or_else(|| others().next()).cloned()
    }

    /// Goes to the next or previous method of the table.
    pub fn move_candidate(&mut self, down: bool) {
        let names: Vec<String> = self.shadows().into_iter().map(|row| row.name).collect();
        let now = self.candidate().and_then(|name| names.iter().position(|other| *other == name)).unwrap_or(0);
        let next = if down { (now + 1).min(names.len().saturating_sub(1)) } else { now.saturating_sub(1) };
        self.candidate = names.into_iter().nth(next).or(self.candidate.take());
    }
}

/// Cosines of an update with each gradient; a task without a coefficient or a gradient has none.
fn cosines(gradients: &Gradients, step: u64, coefficients: &[Option<f64>]) -> Vec<Option<f64>> {
    let norm = |task: usize| gradients.norm_at(task, step).filter(|norm| norm.is_finite());
    let present: Vec<(usize, f64, f64)> =
        coefficients.iter().enumerate().filter_map(|(task, c)| Some((task, (*c)?, norm(task)?))).collect();
    let gram = Gram::from_products(present.len(), |i, j| match (present.get(i), present.get(j)) {
        (Some((_, _, n)), Some(_)) if i == j => n * n,
        (Some((left, _, n)), Some((right, _, m))) => n * m * gradients.cosine(*left, *right).unwrap_or(0.0),
        _ => 0.0,
    });
    let update: Vec<f64> = present.iter().map(|(_, c, _)| *c).collect();
    let mut all = vec![None; coefficients.len()];
    for ((task, ..), cosine) in present.iter().zip(gram.cosines_with(&update)) {
        if let Some(cell) = all.get_mut(*task) {
            *cell = cosine.filter(|cosine| cosine.is_finite());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{GradientView, Real};

    #[test]
    fn cosines_are_those_of_the_summed_gradients_and_absent_tasks_have_none() {
        let mut gradients = Gradients::default();
        // (3, 0), absent, (-1, 1)
        let view = GradientView {
            norm: vec![Some(Real(3.0)), None, Some(Real(2.0_f64.sqrt()))],
            cosine: vec![None, Some(Real(-(0.5_f64.sqrt()))), None],
        };
        gradients.push(7, &view, 3, 0.0);
        let cosines = cosines(&gradients, 7, &[Some(1.0), Some(1.0), Some(3.0)]);
        assert!(cosines[0].unwrap().abs() < 1e-12 && cosines[1].is_none());
        assert!((cosines[2].unwrap() - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(super::cosines(&gradients, 8, &[Some(1.0), None, Some(3.0)]), [None; 3]);
    }
}
