//! Live changes of balancing: another method, another setting, a probe that a person asks for.
//!
//! Owns what such an order does to the learner, and why it may be refused. What the methods do is `balance`'s.

use super::trainer::{NetworkLearner, Trainer};
use crate::balance::{Choice, Kind, Settings, check};
use crate::config::circumstances;
use serde_json::{Map, Value};

/// Asks once for the true one-step affinity between tasks.
const PROBE: &str = "balance.probe";

/// The value before and the value from now on.
pub(super) type Changed = (Option<Value>, Option<Value>);

impl Trainer {
    /// Another weighting or aggregation from the next update on. It begins anew, unless `keep=true` is among the options
    /// and the method stays the same.
    pub(super) fn switch_method(
        &self,
        learner: &mut NetworkLearner,
        kind: Kind,
        name: &str,
        mut options: Map<String, Value>,
    ) -> Result<Changed, String> {
        let keep = match options.remove("keep") {
            None => false,
            Some(Value::Bool(keep)) => keep,
            Some(other) => return Err(format!("keep must be true or false, got {other}")),
        };
        let choice = Choice::new(kind, name, &options).map_err(|error| error.to_string())?;
        let balancer = &mut learner.balancer;
        let (weighting, aggregation) = match kind {
            Kind::Weighting => (&choice, balancer.aggregation()),
            Kind::Aggregation => (balancer.weighting(), &choice),
        };
        let old = match kind {
            Kind::Weighting => balancer.weighting(),
            Kind::Aggregation => balancer.aggregation(),
        };
        let old = old.to_string();
        self.fits(weighting, aggregation, balancer.settings())?;
        balancer.choose(&choice, keep).map_err(|error| error.to_string())?;
        changed(learner);
        Ok((Some(old.into()), Some(choice.to_string().into())))
    }

    /// A setting by its name.
    pub(super) fn set_parameter(
        &mut self,
        learner: &mut NetworkLearner,
        name: &str,
        value: &Value,
    ) -> Result<Changed, String> {
        if name == PROBE {
            let Value::Bool(wanted) = value else { return Err(format!("{PROBE} must be true or false, got {value}")) };
            self.probe_wanted = *wanted;
            return Ok((None, None));
        }
        let mut settings = learner.balancer.settings();
        let old = settings.set(name, value)?;
        self.fits(learner.balancer.weighting(), learner.balancer.aggregation(), settings)?;
        learner.balancer.set_settings(settings);
        if name != "balance.reset_moments" {
            changed(learner);
        }
        Ok((Some(old), Some(value.clone())))
    }

    fn fits(&self, weighting: &Choice, aggregation: &Choice, settings: Settings) -> Result<(), String> {
        let run = circumstances(&self.job.config.tasks, &self.job.config.train);
        check(weighting, aggregation, settings, run).map_err(|error| error.to_string())
    }
}

/// The optimizer's moments are of updates by the method before.
fn changed(learner: &mut NetworkLearner) {
    if learner.balancer.settings().reset_moments {
        learner.optimizer.forget();
    }
}
