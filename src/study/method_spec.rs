//! A method as it is named in a study: `famo`, `dwa temperature=3`, `gradnorm+pcgrad`, `weights 1 2 0.5`.
//!
//! Owns the grammar and what such a text changes in a configuration. It must not know what a method does.
//!
//! Parts are joined by `+`. Each is a method's name with its options, or `weights` with a number a task. Of weightings and
//! aggregations there is at most one each; what is not named is `manual` and `sum`. Where a name is both, the weighting is
//! meant; `aggregation NAME` and `weighting NAME` say it in full.

use crate::balance::{AGGREGATIONS, Choice, Kind, WEIGHTINGS, find};
use crate::text::{nearest, sanitise, truncate};
use std::fmt;
use thiserror::Error;

/// A method text that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("method '{text}': {problem}")]
pub struct SpecError {
    /// The text, fit for a terminal.
    pub text: String,
    /// What is wrong, with the nearest right name.
    pub problem: String,
}

impl SpecError {
    fn new(text: &str, problem: impl Into<String>) -> Self {
        Self { text: truncate(&sanitise(text), 60), problem: problem.into() }
    }
}

/// One row of a study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodSpec {
    weights: Option<Vec<f64>>,
    weighting: Option<Choice>,
    aggregation: Option<Choice>,
}

impl MethodSpec {
    /// Reads one method.
    ///
    /// # Errors
    /// [`SpecError`] with the nearest right name.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let mut spec = Self::default();
        for part in text.split('+') {
            spec.part(part.trim()).map_err(|problem| SpecError::new(text.trim(), problem))?;
        }
        Ok(spec)
    }

    /// Reads a list set apart by commas; one that is named twice counts once.
    ///
    /// # Errors
    /// The first [`SpecError`].
    pub fn parse_list(text: &str) -> Result<Vec<Self>, SpecError> {
        let mut specs: Vec<Self> = Vec::new();
        for spec in text.split(',').map(Self::parse) {
            let spec = spec?;
            if !specs.contains(&spec) {
                specs.push(spec);
            }
        }
        Ok(specs)
    }

    fn part(&mut self, part: &str) -> Result<(), String> {
        let (head, rest) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let choice = match head {
            "" => return Err("a name is missing".to_owned()),
            "weights" => {
                if self.weights.is_some() {
                    return Err("weights are given twice".to_owned());
                }
                self.weights = Some(weights(rest)?);
                return Ok(());
            }
            "weighting" => Choice::parse(Kind::Weighting, rest).map_err(|error| error.to_string())?,
            "aggregation" => Choice::parse(Kind::Aggregation, rest).map_err(|error| error.to_string())?,
            name => Choice::parse(kind_of(name)?, part).map_err(|error| error.to_string())?,
        };
        let place = match choice.kind() {
            Kind::Weighting => &mut self.weighting,
            Kind::Aggregation => &mut self.aggregation,
        };
        if let Some(other) = place {
            return Err(format!("{} and {} are both {}s", other.name(), choice.name(), choice.kind().name()));
        }
        *place = Some(choice);
        Ok(())
    }

    /// What it changes in a configuration with these tasks, as `--set` texts.
    ///
    /// # Errors
    /// [`SpecError`] where it has another number of weights.
    pub fn sets(&self, tasks: &[String]) -> Result<Vec<String>, SpecError> {
        let text = |choice: &Option<Choice>, plain: &str| choice.as_ref().map_or(plain.to_owned(), ToString::to_string);
        let mut sets = vec![
            format!("balance.weighting={}", quoted(&text(&self.weighting, "manual"))),
            format!("balance.aggregation={}", quoted(&text(&self.aggregation, "sum"))),
        ];
        if let Some(weights) = &self.weights {
            if weights.len() != tasks.len() {
                let names: Vec<String> = tasks.iter().map(|task| sanitise(task)).collect();
                let problem = format!("{} weights for {} tasks ({})", weights.len(), tasks.len(), names.join(", "));
                return Err(SpecError::new(&self.to_string(), problem));
            }
            let set = |(task, weight): (&String, &f64)| format!("task.{}.weight={weight:?}", quoted(task));
            sets.extend(tasks.iter().zip(weights).map(set));
        }
        Ok(sets)
    }
}

impl fmt::Display for MethodSpec {
    /// The text form, as [`MethodSpec::parse`] reads it; options that have their default are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weights = self.weights.as_ref().map(|weights| {
            let numbers: Vec<String> = weights.iter().map(ToString::to_string).collect();
            format!("weights {}", numbers.join(" "))
        });
        let weighting = self.weighting.as_ref().map(ToString::to_string);
        // A name that is a weighting too is written in full.
        let aggregation = self.aggregation.as_ref().map(|choice| {
            let prefix = if find(Kind::Weighting, choice.name()).is_ok() { "aggregation " } else { "" };
            format!("{prefix}{choice}")
        });
        let parts: Vec<String> = [weights, weighting, aggregation].into_iter().flatten().collect();
        f.write_str(&parts.join("+"))
    }
}

/// Ten methods for a first look: equal and random weights for honesty, then one or more of each idea.
pub fn default_methods() -> Vec<MethodSpec> {
    let names = ["equal", "random", "uncertainty", "dwa", "gradnorm", "famo", "pcgrad", "cagrad", "nash_mtl", "upgrad"];
    names.into_iter().filter_map(|name| MethodSpec::parse(name).ok()).collect()
}

fn kind_of(name: &str) -> Result<Kind, String> {
    if let Some(kind) = [Kind::Weighting, Kind::Aggregation].into_iter().find(|kind| find(*kind, name).is_ok()) {
        return Ok(kind);
    }
    let names = || WEIGHTINGS.iter().chain(AGGREGATIONS).map(|method| method.name).chain(["weights"]);
    let hint = match nearest(name, names()) {
        Some(near) => format!(" (did you mean '{near}'?)"),
        None => "; `trimtab methods` lists them".to_owned(),
    };
    Err(format!("no method named '{}'{hint}", truncate(&sanitise(name), 40)))
}

fn weights(text: &str) -> Result<Vec<f64>, String> {
    let read = |word: &str| match word.parse::<f64>() {
        Ok(weight) if weight.is_finite() && weight >= 0.0 => Ok(weight),
        _ => Err(format!("'{}' is no weight: expected a number of 0 or more", truncate(&sanitise(word), 40))),
    };
    let weights = text.split_whitespace().map(read).collect::<Result<Vec<f64>, String>>()?;
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err("expected a number a task, not all 0".to_owned());
    }
    Ok(weights)
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problem(text: &str) -> String {
        MethodSpec::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_method_becomes_sets() {
        let tasks = ["a b".to_owned(), "情感".to_owned()];
        let sets = |text: &str| MethodSpec::parse(text).unwrap().sets(&tasks).unwrap();
        assert_eq!(sets("sum"), [r#"balance.weighting="manual""#, r#"balance.aggregation="sum""#]);
        assert_eq!(
            sets(" weights 1  0.5 + aggregation sum ")[2..],
            [r#"task."a b".weight=1.0"#, r#"task."情感".weight=0.5"#]
        );
        let error = MethodSpec::parse("weights 1 2 3").unwrap().sets(&tasks).unwrap_err().to_string();
        assert_eq!(error, "method 'weights 1 2 3': 3 weights for 2 tasks (a b, 情感)");
    }

    #[test]
    fn every_name_of_the_catalogue_is_read_and_written_back() {
        for method in WEIGHTINGS.iter().chain(AGGREGATIONS) {
            let spec = MethodSpec { weights: None, weighting: None, aggregation: None };
            let choice = Some(Choice::plain(method));
            let spec = match method.kind() {
                Kind::Weighting => MethodSpec { weighting: choice, ..spec },
                Kind::Aggregation => MethodSpec { aggregation: choice, ..spec },
            };
            assert_eq!(MethodSpec::parse(&spec.to_string()).unwrap(), spec, "{}", method.name);
        }
        assert_eq!(default_methods().len(), 10, "a name of the list is no method");
    }

    #[test]
    fn lists_are_read_once_each() {
        let specs = MethodSpec::parse_list("manual, Sum,manual,weights 1 1").unwrap();
        assert_eq!(specs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["manual", "sum", "weights 1 1"]);
    }

    #[test]
    fn wrong_texts_say_what_is_wrong() {
        assert_eq!(problem("manul"), "method 'manul': no method named 'manul' (did you mean 'manual'?)");
        assert!(problem("zzzzzzz").contains("`trimtab methods`"));
        assert!(problem("manual+fixed").contains("both weightings"));
        assert!(problem("manual+").contains("a name is missing"));
        assert!(problem("").contains("a name is missing"));
        assert!(problem("manual heat=3").contains("heat"));
        assert!(problem("weights 1 -2").contains("'-2' is no weight"));
        assert!(problem("weights").contains("a number a task"));
        assert!(problem("weights 0 0").contains("not all 0"));
        assert!(problem("weights 1+weights 2").contains("twice"));
        assert!(problem("aggregation manual").contains("manual"));
        assert!(MethodSpec::parse_list("manual,,sum").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_is_read_back(text in "\\PC{0,30}|(weights|manual|sum|[+,=. 0-9-]){0,12}") {
            if let Ok(spec) = MethodSpec::parse(&text) {
                prop_assert_eq!(MethodSpec::parse(&spec.to_string()).unwrap(), spec);
            }
        }
    }
}
