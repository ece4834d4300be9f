//! Numbers that a weighting learns by gradient descent, one a task.
//!
//! Owns the two update rules, as PyTorch defines them. Each number has moments and a count of its own, so that those of
//! an absent task stay as they are.

use crate::balance::{OptionInfo, OptionKind, OptionValue};
use serde::{Deserialize, Serialize};

/// A learnt number with the moments of its gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Learnt {
    /// The number.
    pub value: f64,
    /// Running mean of gradients.
    first: f64,
    /// Running mean of squared gradients.
    second: f64,
    /// Updates so far.
    updates: u64,
}

impl Learnt {
    /// A number that no update has had yet.
    pub fn new(value: f64) -> Self {
        Self { value, ..Self::default() }
    }

    /// The same with another value.
    pub fn with_value(self, value: f64) -> Self {
        Self { value, ..self }
    }

    /// Whether it can be saved and learnt from.
    pub fn is_finite(&self) -> bool {
        self.value.is_finite() && self.first.is_finite() && self.second.is_finite()
    }
}

/// The update rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Plain gradient descent.
    Sgd,
    /// Adam with β = (0.9, 0.999), ε = 1e-8 (arXiv 1412.6980).
    Adam,
}

impl Rule {
    /// The option that chooses it.
    pub const OPTION: OptionInfo = OptionInfo {
        name: "optimizer",
        kind: OptionKind::Word(&["adam", "sgd"]),
        default: OptionValue::Word("adam"),
        what: "how the weights are learnt",
    };

    /// The rule that [`Rule::OPTION`] names.
    pub fn from_word(word: &str) -> Self {
        if word == "sgd" { Self::Sgd } else { Self::Adam }
    }
}

/// An option for the learning rate of weights.
pub(super) const fn rate_option(default: f64) -> OptionInfo {
    OptionInfo {
        name: "lr",
        kind: OptionKind::Number { least: 0.0, most: 10.0 },
        default: OptionValue::Number(default),
        what: "the learning rate of the weights",
    }
}

/// A rule with its rate and its decay.
#[derive(Clone, Copy, Debug)]
pub(super) struct Descent {
    /// The rule.
    pub rule: Rule,
    /// The learning rate.
    pub rate: f64,
    /// Times the number, added to its gradient.
    pub decay: f64,
}

impl Descent {
    /// The number after one update.
    pub fn update(&self, number: Learnt, gradient: f64) -> Learnt {
        let gradient = gradient + self.decay * number.value;
        match self.rule {
            Rule::Sgd => number.with_value(number.value - self.rate * gradient),
            Rule::Adam => {
                let updates = number.updates.saturating_add(1);
                let first = 0.9 * number.first + 0.1 * gradient;
                let second = 0.999 * number.second + 0.001 * gradient * gradient;
                let power = i32::try_from(updates).unwrap_or(i32::MAX);
                let mean = first / (1.0 - 0.9_f64.powi(power));
                let size = (second / (1.0 - 0.999_f64.powi(power))).sqrt();
                Learnt { value: number.value - self.rate * mean / (size + 1e-8), first, second, updates }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_of_adam_has_the_length_of_its_rate() {
        let adam = Descent { rule: Rule::Adam, rate: 0.1, decay: 0.0 };
        for gradient in [-5.0, 0.01] {
            let next = adam.update(Learnt::new(1.0), gradient);
            assert!((next.value - (1.0 - 0.1 * gradient.signum())).abs() < 1e-6);
        }
        assert_eq!(adam.update(Learnt::new(1.0), 0.0).value, 1.0);
    }

    #[test]
    fn decay_pulls_to_0() {
        let plain = Descent { rule: Rule::Sgd, rate: 0.5, decay: 0.1 };
        assert_eq!(plain.update(Learnt::new(2.0), 1.0).value, 2.0 - 0.5 * 1.2);
    }
}
