//! Settings of balancing apart from the two methods, by the names they have in configurations and commands.
//!
//! Owns their values and what goes together with which method. It must not know any method's mathematics.

use super::choice::Choice;
use super::errors::BalanceError;
use crate::text::{nearest, sanitise, truncate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What each row is divided by before it is aggregated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// Nothing.
    #[default]
    None,
    /// Its norm.
    L2,
    /// The task's loss.
    Loss,
}

impl Normalise {
    /// The words, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["none", "l2", "loss"];

    /// The variant of a word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "l2" => Some(Self::L2),
            "loss" => Some(Self::Loss),
            _ => None,
        }
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::L2 => "l2",
            Self::Loss => "loss",
        }
    }
}

/// Where the gradients are compared that methods see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// At the shared parameters: exact, one more encoder backward a task where tasks share a batch.
    #[default]
    Shared,
    /// At the encoder's output z: free, promises nothing about the parameters.
    Representation,
}

impl Place {
    /// The words, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["shared", "representation"];

    /// The variant of a word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "shared" => Some(Self::Shared),
            "representation" => Some(Self::Representation),
            _ => None,
        }
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Representation => "representation",
        }
    }
}

/// Settings of balancing apart from the two methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What rows are divided by.
    pub normalise: Normalise,
    /// Where gradients are compared.
    pub at: Place,
    /// Methods that need gradients are asked every so many steps, at least 1; between, coefficients are held.
    pub every: u64,
    /// Whether the update is given the norm of Σ f_i g_i, so that a switch keeps the effective learning rate.
    pub match_norm: bool,
    /// Whether another method or setting makes the optimizer forget its moments; the trainer sees to it.
    pub reset_moments: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { normalise: Normalise::None, at: Place::Shared, every: 1, match_norm: false, reset_moments: false }
    }
}

impl Settings {
    /// The names that [`Settings::set`] knows.
    pub const NAMES: [&'static str; 5] =
        ["balance.normalise", "balance.at", "balance.every", "balance.match_norm", "balance.reset_moments"];

    /// Their names and values.
    pub fn all(self) -> [(&'static str, Value); 5] {
        let [normalise, at, every, match_norm, reset_moments] = Self::NAMES;
        [
            (normalise, self.normalise.name().into()),
            (at, self.at.name().into()),
            (every, self.every.into()),
            (match_norm, self.match_norm.into()),
            (reset_moments, self.reset_moments.into()),
        ]
    }

    /// Sets one by its name; gives its value before.
    ///
    /// # Errors
    /// What was expected, with the nearest name; nothing has changed then.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<Value, String> {
        let shown = || truncate(&sanitise(&value.to_string()), 40);
        let flag = || value.as_bool().ok_or_else(|| format!("{name} must be true or false, got {}", shown()));
        let word = |names: &[&str]| format!("{name} must be one of {}, got {}", names.join(", "), shown());
        match name {
            "balance.normalise" => {
                let new = value.as_str().and_then(Normalise::parse).ok_or_else(|| word(Normalise::NAMES))?;
                Ok(std::mem::replace(&mut self.normalise, new).name().into())
            }
            "balance.at" => {
                let new = value.as_str().and_then(Place::parse).ok_or_else(|| word(Place::NAMES))?;
                Ok(std::mem::replace(&mut self.at, new).name().into())
            }
            "balance.every" => {
                let new = value.as_u64().filter(|every| *every > 0);
                let new = new.ok_or_else(|| format!("{name} must be a whole number of at least 1, got {}", shown()))?;
                Ok(std::mem::replace(&mut self.every, new).into())
            }
            "balance.match_norm" => Ok(std::mem::replace(&mut self.match_norm, flag()?).into()),
            "balance.reset_moments" => Ok(std::mem::replace(&mut self.reset_moments, flag()?).into()),
            _ => {
                let hint = match nearest(name, Self::NAMES) {
                    Some(near) => format!(" (did you mean '{near}'?)"),
                    None => format!(" (there is: {})", Self::NAMES.join(", ")),
                };
                Err(format!("nothing called '{}' can be set{hint}", truncate(&sanitise(name), 60)))
            }
        }
    }
}

/// What of a run decides which methods can work in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether each step trains one task alone.
    pub one_task_a_step: bool,
    /// Whether all tasks share one source, and so one batch.
    pub one_source: bool,
}

/// Whether methods and settings go together in a run.
///
/// # Errors
/// [`BalanceError::Pair`] with the reason.
pub fn check(
    weighting: &Choice,
    aggregation: &Choice,
    settings: Settings,
    run: Circumstances,
) -> Result<(), BalanceError> {
    let pair = |reason: String| Err(BalanceError::Pair(reason));
    if run.one_task_a_step {
        for method in [weighting.method(), aggregation.method()] {
            let needs = method.needs;
            if needs.gradients() || needs.second_forward {
                return pair(format!(
                    "{} compares the tasks of a step, but train.tasks_per_step = \"one\" trains one alone",
                    method.name
                ));
            }
        }
        if settings.normalise == Normalise::L2 {
            return pair(
                "balance.normalise = \"l2\" needs the gradients of all tasks, but train.tasks_per_step = \"one\" trains one alone"
                    .to_owned(),
            );
        }
    }
    let method = aggregation.method();
    if method.needs.rows {
        let problem = match settings {
            Settings { at: Place::Representation, .. } => "balance.at = \"representation\"",
            Settings { normalise: Normalise::L2 | Normalise::Loss, .. } => "balance.normalise",
            Settings { every, .. } if every > 1 => "balance.every",
            _ => "",
        };
        if !problem.is_empty() {
            return pair(format!(
                "{} works on the whole gradients of the shared parameters at every step; {problem} does not go with it",
                method.name
            ));
        }
    }
    if settings.at == Place::Representation && !run.one_source {
        return pair(
            "balance.at = \"representation\" needs tasks that share a batch; these have sources of their own, where gradients at the shared parameters cost nothing more"
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::Kind;
    use serde_json::json;

    #[test]
    fn settings_are_set_by_name_and_give_back_what_was() {
        let mut settings = Settings::default();
        assert_eq!(settings.set("balance.normalise", &json!("l2")), Ok(json!("none")));
        assert_eq!(settings.set("balance.at", &json!("representation")), Ok(json!("shared")));
        assert_eq!(settings.set("balance.every", &json!(10)), Ok(json!(1)));
        assert_eq!(settings.set("balance.match_norm", &json!(true)), Ok(json!(false)));
        assert_eq!(settings.set("balance.reset_moments", &json!(true)), Ok(json!(false)));
        let wanted = Settings {
            normalise: Normalise::L2,
            at: Place::Representation,
            every: 10,
            match_norm: true,
            reset_moments: true,
        };
        assert_eq!(settings, wanted);
        let mut again = Settings::default();
        settings.all().iter().for_each(|(name, value)| drop(again.set(name, value).unwrap()));
        assert_eq!(again, wanted);
        for (name, value, problem) in [
            ("balance.every", json!(0), "at least 1"),
            ("balance.normalise", json!("l3"), "none, l2, loss"),
            ("balance.match_norm", json!(1), "true or false"),
            ("balance.macth_norm", json!(true), "'balance.match_norm'"),
        ] {
            let error = settings.set(name, &value).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
        assert_eq!(settings, wanted);
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        let manual = Choice::parse(Kind::Weighting, "manual").unwrap();
        let sum = Choice::parse(Kind::Aggregation, "sum").unwrap();
        let run = Circumstances { one_task_a_step: false, one_source: false };
        assert_eq!(check(&manual, &sum, Settings::default(), run), Ok(()));
        let at_z = Settings { at: Place::Representation, ..Settings::default() };
        assert!(check(&manual, &sum, at_z, run).unwrap_err().to_string().contains("sources of their own"));
        assert_eq!(check(&manual, &sum, at_z, Circumstances { one_source: true, ..run }), Ok(()));
        let l2 = Settings { normalise: Normalise::L2, ..Settings::default() };
        let graddrop = Choice::parse(Kind::Aggregation, "graddrop").unwrap();
        assert_eq!(check(&manual, &graddrop, Settings::default(), run), Ok(()));
        assert!(check(&manual, &graddrop, l2, run).unwrap_err().to_string().contains("balance.normalise"));
        let one = Circumstances { one_task_a_step: true, one_source: true };
        assert!(check(&manual, &sum, l2, one).unwrap_err().to_string().contains("tasks_per_step"));
    }
}
