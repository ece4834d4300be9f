//! Which methods are in use, since when, and what was heard of the knobs beside them.

use super::Run;
use crate::balance::{Kind, find};
use crate::protocol::{Applied, Command, RunStarted};
use crate::text::sanitise;
use serde_json::Value;

/// Whether the combined gradient is scaled to the norm of the plain sum.
pub const MATCH_NORM: &str = "balance.match_norm";
/// Whether a switch of method clears the optimizer's moments.
pub const RESET_MOMENTS: &str = "balance.reset_moments";
/// Asks for the true affinities once.
pub const PROBE: &str = "balance.probe";

/// The last switch of a method.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// The first update that it acted in.
    pub step: u64,
    /// Its place.
    pub kind: Kind,
    /// The method before, with its options.
    pub old: String,
    /// The method since.
    pub new: String,
    /// Mean norm of the updates just before.
    pub norm_before: Option<f64>,
}

/// Methods over steps, in their text form: `pcgrad order=ascending`.
#[derive(Clone, Debug, Default)]
pub struct Methods {
    weighting: Vec<(u64, String)>,
    aggregation: Vec<(u64, String)>,
    /// The last switch.
    pub switch: Option<Switch>,
    /// The aggregation before the one in use, and when it was left.
    left: Option<(u64, String)>,
    /// Values of knobs from a step on, oldest first.
    knobs: Vec<(u64, String, bool)>,
}

impl Methods {
    /// Those that the run's first event names; it may be told again, after changes that are known by then.
    pub fn start(&mut self, run: &RunStarted) {
        for (known, name) in [(&mut self.weighting, &run.weighting), (&mut self.aggregation, &run.aggregation)] {
            if known.is_empty() && !name.is_empty() {
                known.push((0, sanitise(name)));
            }
        }
        for name in [MATCH_NORM, RESET_MOMENTS] {
            let known = self.knobs.iter().any(|(step, other, _)| *step == 0 && other == name);
            if let Some(on) = run.knobs.get(name).and_then(Value::as_bool).filter(|_| !known) {
                self.knobs.insert(0, (0, name.to_owned(), on));
            }
        }
    }

    /// Takes the answer to a command; `norm` is the mean norm of the last updates.
    pub fn applied(&mut self, applied: &Applied, command: &Command, norm: Option<f64>) {
        let (kind, name) = match command {
            Command::SetWeighting { name, .. } => (Kind::Weighting, name),
            Command::SetAggregation { name, .. } => (Kind::Aggregation, name),
            Command::Set { parameter, value } if [MATCH_NORM, RESET_MOMENTS].contains(&parameter.as_str()) => {
                if let Some(on) = applied.new.as_ref().unwrap_or(value).as_bool() {
                    self.knobs.push((applied.step, parameter.clone(), on));
                }
                return;
            }
            _ => return,
        };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(sanitise);
        let old = text(applied.old.as_ref()).unwrap_or_else(|| self.at(kind, applied.step).to_owned());
        let new = text(applied.new.as_ref()).unwrap_or_else(|| sanitise(name));
        let known = self.list(kind);
        known.retain(|(step, _)| *step < applied.step);
        known.push((applied.step, new.clone()));
        if old != new {
            if kind == Kind::Aggregation {
                self.left = Some((applied.step, old.clone()));
            }
            self.switch = Some(Switch { step: applied.step, kind, old, new, norm_before: norm });
        }
    }

    /// The method that acts in an update, with its options; empty where unknown.
    pub fn at(&self, kind: Kind, step: u64) -> &str {
        let known = match kind {
            Kind::Weighting => &self.weighting,
            Kind::Aggregation => &self.aggregation,
        };
        known.iter().rev().find(|(from, _)| *from <= step).map_or("", |(_, text)| text)
    }

    /// A knob, as far as was heard.
    pub fn knob(&self, name: &str) -> Option<bool> {
        self.knobs.iter().rev().find(|(_, known, _)| known == name).map(|(.., on)| *on)
    }

    /// The aggregation before the one in use, with its options; `None` where there was no other.
    pub fn before(&self) -> Option<&str> {
        self.left.as_ref().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
    }

    /// Goes back to a step. A restore brings the methods of that time back; after a resume all that was asked for acts
    /// again at its step, without a second answer.
    pub fn rewind(&mut self, to_step: u64, restore: bool) {
        if restore {
            self.weighting.retain(|(step, _)| *step <= to_step);
            self.aggregation.retain(|(step, _)| *step <= to_step);
            self.switch = self.switch.take().filter(|switch| switch.step <= to_step);
            self.left = self.left.take().filter(|(step, _)| *step <= to_step);
            self.knobs.retain(|(step, ..)| *step <= to_step);
        }
    }

    fn list(&mut self, kind: Kind) -> &mut Vec<(u64, String)> {
        match kind {
            Kind::Weighting => &mut self.weighting,
            Kind::Aggregation => &mut self.aggregation,
        }
    }
}

impl Run {
    /// The method in force, with its options.
    pub fn in_use(&self, kind: Kind) -> &str {
        self.methods.at(kind, self.timeline.last_step().saturating_add(1))
    }

    /// The name of the method in force, as in the catalogue where it is there.
    pub fn method_name(&self, kind: Kind) -> &str {
        let name = self.in_use(kind).split(' ').next().unwrap_or_default();
        find(kind, name).map_or(name, |method| method.name)
    }

    /// The aggregation in force, or asked for, without its options.
    pub fn wanted_aggregation(&self) -> &str {
        let asked = self.pending.iter().rev().find_map(|pending| match &pending.command {
            Command::SetAggregation { name, .. } => Some(name.as_str()),
            _ => None,
        });
        asked.unwrap_or_else(|| self.method_name(Kind::Aggregation))
    }

    /// `manual + sum`, where named; what was asked for and is not in force yet after an arrow.
    pub fn method(&self) -> String {
        let asked = |kind| {
            self.pending.iter().rev().find_map(|pending| match (&pending.command, kind) {
                (Command::SetWeighting { name, .. }, Kind::Weighting)
                | (Command::SetAggregation { name, .. }, Kind::Aggregation) => Some(sanitise(name)),
                _ => None,
            })
        };
        let one = |kind| match (self.in_use(kind), asked(kind)) {
            (now, None) => now.to_owned(),
            (now, Some(asked)) => format!("{now} → {asked}"),
        };
        let both = [Kind::Weighting, Kind::Aggregation].map(one);
        both.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" + ")
    }

    /// Whether a knob is on, or will be when all is answered; off where nothing was heard of it.
    pub fn wanted_knob(&self, name: &str) -> bool {
        let known = self.methods.knob(name).unwrap_or(false);
        self.pending.iter().fold(known, |on, pending| match &pending.command {
            Command::Set { parameter, value } if parameter == name => value.as_bool().unwrap_or(on),
            _ => on,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(match_norm: bool) -> RunStarted {
        RunStarted {
            weighting: "manual".to_owned(),
            aggregation: "sum".to_owned(),
            knobs: [(MATCH_NORM, match_norm), (RESET_MOMENTS, false)]
                .map(|(name, on)| (name.to_owned(), on.into()))
                .into(),
            ..RunStarted::default()
        }
    }

    fn switch(methods: &mut Methods, step: u64, new: &str) {
        let line =
            format!(r#"{{"step":{step},"id":"x","command":{{"set_aggregation":{{"name":"x"}}}},"new":"{new}"}}"#);
        let applied: Applied = serde_json::from_str(&line).unwrap();
        methods.applied(&applied, &applied.command().unwrap(), Some(2.0));
    }

    #[test]
    fn a_restore_brings_the_method_of_that_time_back_and_a_resume_lets_it_act_again() {
        let mut methods = Methods::default();
        methods.start(&started(false));
        switch(&mut methods, 10, "pcgrad order=ascending");
        let at = |methods: &Methods, step| methods.at(Kind::Aggregation, step).to_owned();
        assert_eq!([9, 10].map(|step| at(&methods, step)), ["sum", "pcgrad order=ascending"]);
        assert_eq!(methods.switch.as_ref().unwrap().old, "sum");
        methods.rewind(5, false);
        assert_eq!([6, 10].map(|step| at(&methods, step)), ["sum", "pcgrad order=ascending"]);
        methods.rewind(5, true);
        assert_eq!(at(&methods, 10), "sum");
        assert!(methods.switch.is_none());
        assert_eq!(methods.at(Kind::Weighting, 3), "manual");
        assert_eq!(methods.before(), None);
    }

    #[test]
    fn knobs_begin_as_the_run_says_and_a_run_told_again_changes_none() {
        let mut methods = Methods::default();
        assert_eq!(methods.knob(MATCH_NORM), None);
        methods.start(&started(true));
        assert_eq!([MATCH_NORM, RESET_MOMENTS].map(|name| methods.knob(name)), [Some(true), Some(false)]);
        let line =
            r#"{"step":10,"id":"x","command":{"set":{"parameter":"balance.match_norm","value":false}},"new":false}"#;
        let applied: Applied = serde_json::from_str(line).unwrap();
        methods.applied(&applied, &applied.command().unwrap(), None);
        methods.start(&started(true));
        assert_eq!(methods.knob(MATCH_NORM), Some(false));
        methods.rewind(5, false);
        assert_eq!(methods.knob(MATCH_NORM), Some(false), "after a resume it acts again");
        methods.rewind(5, true);
        assert_eq!(methods.knob(MATCH_NORM), Some(true), "as it was at that step");
    }
}
