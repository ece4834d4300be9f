//! What each aggregation would have done at the last measured step.

use super::Run;
use super::balance::numbers;
use super::evidence::Parts;
use crate::balance::{Gram, Kind, find};
use crate::protocol::pair_index;
use crate::text::sanitise;
use std::collections::BTreeSet;

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

/// What the try key would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Trial {
    /// Bring this method into use.
    Try(String),
    /// Go back to this one, with its options.
    Back(String),
}

/// The method whose coefficients are the factors themselves.
pub const PLAIN: &str = "sum";

impl Run {
    /// A row a method, by name, the plain sum and the one in use among them; empty before the first measurement.
    pub fn shadows(&self) -> Vec<Shadow> {
        let Some(last) = &self.balance.last else { return Vec::new() };
        let count = self.tasks.len();
        let told = self.evidence.weighed().next_back().filter(|told| told.step == last.step);
        let parts = told.and_then(|told| told.parts.as_ref());
        let whole = |mut values: Vec<Option<f64>>| {
            values.resize(count, None);
            values
        };
        let cosines = |update: &[Option<f64>]| parts.map_or(vec![None; count], |parts| cosines(parts, update));
        let (current, acted) = (self.method_name(Kind::Aggregation), self.acted(last.step));
        let shadow = |name: &str| last.shadow.get(name).map(|known| whole(numbers(known)));
        // By name, so that a row stays where it is when another method comes into use.
        let names = self.table_names();
        let row = |name: &str| {
            let (coefficients, cosines) = if name == acted {
                let real = parts.map(|parts| whole(parts.coefficient.clone())).or_else(|| shadow(name));
                (real.unwrap_or_else(|| vec![None; count]), whole(numbers(&last.update_cosine)))
            } else {
                let plain = || parts.filter(|_| name == PLAIN).map(|parts| whole(parts.factor.clone()));
                let known = shadow(name).or_else(plain).unwrap_or_else(|| vec![None; count]);
                let with = cosines(&known);
                (known, with)
            };
            Shadow { name: name.to_owned(), label: sanitise(name), in_use: name == current, coefficients, cosines }
        };
        names.into_iter().map(row).collect()
    }

    /// The aggregation that made the update of a step, as the catalogue names it.
    fn acted(&self, step: u64) -> &str {
        let name = self.methods.at(Kind::Aggregation, step).split(' ').next().unwrap_or_default();
        find(Kind::Aggregation, name).map_or(name, |method| method.name)
    }

    /// The names of the table's rows.
    fn table_names(&self) -> BTreeSet<&str> {
        let Some(last) = &self.balance.last else { return BTreeSet::new() };
        let known = [PLAIN, self.acted(last.step), self.method_name(Kind::Aggregation)];
        let names = last.shadow.keys().map(String::as_str).chain(known);
        names.filter(|name| !name.is_empty()).collect()
    }

    /// How many rows the table has.
    pub fn shadow_count(&self) -> usize {
        self.table_names().len()
    }

    /// The method that the try key is about: the one a person went to or has tried, else one made against conflict, else
    /// the first that is not in use.
    pub fn candidate(&self) -> Option<String> {
        let current = self.method_name(Kind::Aggregation);
        let names = self.table_names();
        let stands = |name: &&String| names.contains(name.as_str()) || *name == self.wanted_aggregation();
        if let Some(name) = self.candidate.as_ref().filter(stands) {
            return Some(name.clone());
        }
        let others = || names.iter().filter(|name| **name != current);
        let usual = AGAINST_CONFLICT.iter().find_map(|usual| others().find(|name| *name == usual));
        let any = || others().find(|name| **name != PLAIN).or_else(|| others().next());
        usual.or_else(any).map(|name| (*name).to_owned())
    }

    /// What the try key would do; `None` where there is nothing to try and nothing to go back to.
    pub fn trial(&self) -> Option<Trial> {
        let name = self.candidate()?;
        if name != self.wanted_aggregation() {
            return Some(Trial::Try(name));
        }
        // Where the trial was asked for and is not in force yet, what is in use is what was before.
        let acts = name == self.method_name(Kind::Aggregation);
        let back = if acts { self.methods.before() } else { Some(self.in_use(Kind::Aggregation)) };
        back.filter(|text| !text.is_empty()).map(|text| Trial::Back(text.to_owned()))
    }

    /// Goes to the next or previous method of the table.
    pub fn move_candidate(&mut self, down: bool) {
        let names: Vec<String> = self.table_names().into_iter().map(str::to_owned).collect();
        let now = self.candidate().and_then(|name| names.iter().position(|other| *other == name)).unwrap_or(0);
        let next = if down { (now + 1).min(names.len().saturating_sub(1)) } else { now.saturating_sub(1) };
        self.candidate = names.into_iter().nth(next).or(self.candidate.take());
    }
}

/// Cosines of an update with each gradient; a task without a coefficient or a gradient has none.
fn cosines(parts: &Parts, coefficients: &[Option<f64>]) -> Vec<Option<f64>> {
    let norm = |task: usize| parts.norm.get(task).copied().flatten().filter(|norm| norm.is_finite());
    let cosine = |left: usize, right: usize| {
        pair_index(coefficients.len(), left, right).and_then(|place| parts.cosine.get(place).copied().flatten())
    };
    let present: Vec<(usize, f64, f64)> =
        coefficients.iter().enumerate().filter_map(|(task, c)| Some((task, (*c)?, norm(task)?))).collect();
    let gram = Gram::from_products(present.len(), |i, j| match (present.get(i), present.get(j)) {
        (Some((_, _, n)), Some(_)) if i == j => n * n,
        (Some((left, _, n)), Some((right, _, m))) => n * m * cosine(*left, *right).unwrap_or(0.0),
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
    use crate::dashboard::State;
    use crate::dashboard::testing::{balance, hear, line, started, state, step};
    use crate::protocol::{Event, GradientView, Real};

    #[test]
    fn cosines_are_those_of_the_summed_gradients_and_absent_tasks_have_none() {
        // (3, 0), absent, (-1, 1)
        let parts = Parts {
            norm: vec![Some(3.0), None, Some(2.0_f64.sqrt())],
            cosine: vec![None, Some(-(0.5_f64.sqrt())), None],
            ..Parts::default()
        };
        let cosines = cosines(&parts, &[Some(1.0), Some(1.0), Some(3.0)]);
        assert!(cosines[0].unwrap().abs() < 1e-12 && cosines[1].is_none());
        assert!((cosines[2].unwrap() - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(super::cosines(&Parts::default(), &[Some(1.0), None, Some(3.0)]), [None; 3]);
    }

    /// Sixty steps of two tasks at right angles under a method that measures each step; told of every 20 steps.
    fn under(method: &str) -> State {
        let mut state = state();
        let Event::Run(mut run) = started(&["heating", "cooling"], 900) else { unreachable!() };
        run.aggregation = method.to_owned();
        hear(&mut state, Event::Run(run));
        for number in 1..=65 {
            let mut step = step(number, 2);
            let some = |left, right| vec![Some(Real(left)), Some(Real(right))];
            (step.factor, step.coefficient) = (some(2.0, 1.0), some(3.0, 4.0));
            step.gradient.shared = Some(GradientView { norm: some(1.0, 1.0), cosine: vec![Some(Real(0.0))] });
            hear(&mut state, Event::Step(Box::new(step)));
            if number % 20 == 0 {
                let Event::Balance(mut told) = balance(number, 2) else { unreachable!() };
                told.shadow.remove("sum");
                hear(&mut state, Event::Balance(told));
            }
        }
        state
    }

    #[test]
    fn rows_are_of_the_step_that_was_told_of_also_where_later_steps_were_measured() {
        let state = under("pcgrad");
        let run = state.run().unwrap();
        let rows = run.shadows();
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["mgda", "pcgrad", "sum"]);
        assert!(rows.iter().all(|row| row.cosines.iter().chain(&row.coefficients).all(Option::is_some)), "{rows:?}");
        assert_eq!(rows[1].coefficients, [Some(3.0), Some(4.0)], "those that acted, not what the shadow says");
        assert_eq!(rows[2].coefficients, [Some(2.0), Some(1.0)], "the factors");
        assert!((rows[2].cosines[0].unwrap() - 2.0 / 5.0_f64.sqrt()).abs() < 1e-9);
        assert!(rows[1].in_use && run.relative_gap().is_some_and(|gap| (gap - 0.031).abs() < 1e-9));
    }

    #[test]
    fn rows_come_back_after_a_restore_and_stay_where_that_was_no_earlier() {
        let mut state = under("pcgrad");
        hear(&mut state, line(r#"{"event":"rewind","to_step":62,"why":"restore"}"#));
        let known = |state: &State| state.run().unwrap().shadows().iter().filter(|row| row.worst().is_some()).count();
        assert_eq!(known(&state), 3);
        hear(&mut state, line(r#"{"event":"rewind","to_step":50,"why":"restore"}"#));
        assert_eq!(state.run().unwrap().shadows(), []);
        assert!(state.run().unwrap().relative_gap().is_some(), "that of step 40");
    }

    #[test]
    fn a_method_that_has_not_acted_yet_has_a_row_without_the_numbers_of_the_one_before() {
        let mut state = under("sum");
        let switch = r#"{"event":"applied","step":66,"id":"x","from":"cli","command":{"set_aggregation":{"name":"graddrop"}},"old":"sum","new":"graddrop"}"#;
        hear(&mut state, line(switch));
        let rows = state.run().unwrap().shadows();
        let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
        assert!(row("graddrop").in_use && row("graddrop").coefficients == [None, None]);
        assert_eq!((row("graddrop").worst(), row("sum").coefficients[1]), (None, Some(4.0)));
    }
}
