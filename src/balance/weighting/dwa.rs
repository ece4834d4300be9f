//! Dynamic weight average: tasks whose loss falls slowly get more.

use super::answer::{answer, expect_length, softmax};
use crate::balance::errors::read_state;
use crate::balance::{
    BalanceError, Degenerate, Make, Method, Needs, Observation, OptionInfo, OptionKind, OptionValue, Options, Weighting,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// T softmax(r / temperature), r = mean loss of the last window over that of the window before.
pub const METHOD: Method = Method {
    name: "dwa",
    aliases: &["dynamicweightaverage", "dynamicweightaveraging"],
    what: "more to tasks whose mean loss fell less over two windows; mostly near 1",
    year: Some(2019),
    paper: "Liu et al., CVPR 2019, arXiv 1803.10704",
    needs: Needs { positive_losses: true, ..Needs::LOSSES },
    state: "mean losses of the last two windows and of the one under way",
    preference: "multiplies the weight",
    options: &[
        OptionInfo {
            name: "temperature",
            kind: OptionKind::Number { least: 0.01, most: 1000.0 },
            default: OptionValue::Number(2.0),
            what: "the higher, the more alike the weights",
        },
        OptionInfo {
            name: "window",
            kind: OptionKind::Whole { least: 0, most: 1_000_000_000 },
            default: OptionValue::Whole(0),
            what: "steps that a mean is taken over; 0: a pass over the data",
        },
    ],
    make: Make::Weighting(|options, tasks| Box::new(Dwa::new(options, tasks))),
};

/// What is remembered of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct History {
    /// The number of the window under way.
    window: u64,
    /// Mean of its losses so far.
    mean: f64,
    /// How many they are.
    losses: u64,
    /// Mean of the last whole window.
    last: Option<f64>,
    /// Mean of the one before.
    before: Option<f64>,
}

impl History {
    /// Closes the window under way where `window` is another one, then takes a loss. A window in which the task was
    /// absent does not count.
    fn take(&mut self, window: u64, loss: f64) {
        if self.losses > 0 && self.window != window {
            self.before = self.last;
            self.last = Some(self.mean);
            self.losses = 0;
            self.mean = 0.0;
        }
        self.window = window;
        self.losses += 1;
        self.mean += (loss - self.mean) / self.losses as f64;
    }

    /// Last over before; 1 where two windows are not there yet.
    fn ratio(&self) -> f64 {
        match (self.last, self.before) {
            (Some(last), Some(before)) if before > 0.0 => last / before,
            _ => 1.0,
        }
    }
}

/// f_i = λ_i T softmax(r / temperature)_i over the T tasks that take part.
#[derive(Clone, Debug)]
pub struct Dwa {
    temperature: f64,
    window: u64,
    histories: Vec<History>,
}

impl Dwa {
    /// In its first state.
    pub fn new(options: &Options, tasks: usize) -> Self {
        let (temperature, window) = (options.number("temperature"), options.whole("window"));
        Self { temperature, window, histories: vec![History::default(); tasks] }
    }
}

impl Weighting for Dwa {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        seen.require_losses_above(0.0)?;
        let places = seen.taking_part();
        let window = seen.step.saturating_sub(1).checked_div(self.window).unwrap_or(seen.epoch.max(0.0) as u64);
        let mut next = self.histories.clone();
        for task in &places {
            next[*task].take(window, seen.loss(*task));
        }
        let rates: Vec<f64> =
            places.iter().map(|task| (next[*task].ratio() / self.temperature).min(f64::MAX)).collect();
        let shares = softmax(&rates);
        let factors: Vec<f64> =
            places.iter().zip(&shares).map(|(task, share)| places.len() as f64 * share * seen.weights[*task]).collect();
        let factors = answer(seen, &places, &factors)?;
        self.histories = next;
        Ok(factors)
    }

    fn state(&self) -> Value {
        json!(self.histories)
    }

    fn restore(&mut self, state: &Value) -> Result<(), BalanceError> {
        let histories: Vec<History> = read_state(METHOD.name, state)?;
        expect_length(METHOD.name, histories.len(), self.histories.len())?;
        self.histories = histories;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{Choice, Kind};

    /// Factors of the last of these rows of (epoch, losses).
    fn after(choice: &str, rows: &[(f64, [Option<f64>; 2])]) -> Vec<Option<f64>> {
        let mut method = Choice::parse(Kind::Weighting, choice).unwrap().weighting(2).unwrap();
        let mut factors = Vec::new();
        for (step, (epoch, losses)) in (1..).zip(rows) {
            let seen = Observation { step, epoch: *epoch, seed: 0, weights: &[1.0, 1.0], losses, norms: None };
            factors = method.factors(&seen).unwrap();
        }
        factors
    }

    #[test]
    fn windows_are_means_over_steps_or_passes() {
        // Means 3 and 2 for the first task, 1 and 1 for the second.
        let rows = [(0.0, [4.0, 1.0]), (0.5, [2.0, 1.0]), (1.0, [3.0, 0.5]), (1.5, [1.0, 1.5]), (2.0, [9.0, 9.0])];
        let rows = rows.map(|(epoch, losses)| (epoch, losses.map(Some)));
        let shares = softmax(&[2.0 / 3.0 / 2.0, 0.5]);
        for choice in ["dwa window=2", "dwa"] {
            let factors = after(choice, &rows);
            for (factor, share) in factors.iter().zip(&shares) {
                assert!((factor.unwrap() - 2.0 * share).abs() < 1e-12, "{choice}: {factors:?}");
            }
            assert_eq!(after(choice, &rows[..4]), [Some(1.0), Some(1.0)], "{choice}");
        }
    }

    #[test]
    fn windows_without_a_label_do_not_count() {
        let both = [(0.0, [Some(4.0), Some(1.0)]), (0.0, [Some(2.0), Some(1.0)]), (0.0, [Some(1.0), Some(3.0)])];
        let mut with_gap = both.to_vec();
        with_gap.insert(1, (0.0, [None, None]));
        assert_eq!(after("dwa window=1", &both), after("dwa window=1", &with_gap));
    }
}
