//! Random weights: new ones at every step. A control: a method that does not beat it has chosen nothing.

use super::answer::{answer, softmax};
use crate::balance::{
    Degenerate, Make, Method, Needs, Observation, OptionInfo, OptionKind, OptionValue, Options, Weighting,
};
use crate::random::generator;
use rand_chacha::rand_core::RngCore;

/// f = λ softmax(N(0, I)).
pub const METHOD: Method = Method {
    name: "random",
    aliases: &["rlw", "randomlossweighting"],
    what: "softmax of random numbers, new at every step; a control",
    year: Some(2021),
    paper: "Lin et al., arXiv 2111.10603",
    needs: Needs::LOSSES,
    state: "",
    preference: "multiplies the drawn weight",
    options: &[OptionInfo {
        name: "sum",
        kind: OptionKind::Word(&["one", "tasks"]),
        default: OptionValue::Word("one"),
        what: "what the drawn weights add up to: 1 as published, or the number of tasks as with equal weights",
    }],
    make: Make::Weighting(|options, _| Box::new(Random::new(options))),
};

/// f = λ softmax(N(0, I)).
#[derive(Clone, Copy, Debug)]
pub struct Random {
    sums_to_tasks: bool,
}

impl Random {
    /// With the method's options.
    pub fn new(options: &Options) -> Self {
        Self { sums_to_tasks: options.word("sum") == "tasks" }
    }
}

impl Weighting for Random {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn factors(&mut self, seen: &Observation<'_>) -> Result<Vec<Option<f64>>, Degenerate> {
        let places = seen.taking_part();
        let drawn: Vec<f64> = places.iter().map(|task| normal(seen.seed, *task)).collect();
        let sum = if self.sums_to_tasks { places.len() as f64 } else { 1.0 };
        let shares = softmax(&drawn);
        let factors: Vec<f64> =
            places.iter().zip(shares).map(|(task, share)| sum * share * seen.weights[*task]).collect();
        answer(seen, &places, &factors)
    }
}

/// A standard normal number of a task's own stream, by Box and Muller: who else takes part does not change it.
fn normal(seed: u64, task: usize) -> f64 {
    let mut generator = generator(seed, task as u64, "random weighting");
    let mut uniform = || ((generator.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let (radius, angle) = (uniform(), uniform());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(sum: &'static str, seed: u64, weights: &[f64]) -> Vec<f64> {
        let mut method = Random { sums_to_tasks: sum == "tasks" };
        let losses = vec![Some(1.0); weights.len()];
        let seen = Observation { step: 1, epoch: 0.0, seed, weights, losses: &losses, norms: None };
        method.factors(&seen).unwrap().into_iter().map(Option::unwrap).collect()
    }

    #[test]
    fn drawn_by_the_seed_alone_and_multiplied_by_the_weights() {
        let factors = draw("one", 7, &[1.0; 3]);
        assert!((factors.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(factors, draw("one", 7, &[1.0; 3]));
        assert_ne!(factors, draw("one", 8, &[1.0; 3]));
        assert_eq!(draw("one", 7, &[2.0; 3]), factors.iter().map(|f| 2.0 * f).collect::<Vec<_>>());
        assert!((draw("tasks", 7, &[1.0; 3]).iter().sum::<f64>() - 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_draws_are_normal() {
        let draws: Vec<f64> = (0..4000).map(|seed| normal(seed, 1)).collect();
        let mean = draws.iter().sum::<f64>() / 4000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4000.0;
        let beyond = draws.iter().filter(|x| x.abs() > 1.96).count() as f64 / 4000.0;
        assert!(mean.abs() < 0.06 && (variance - 1.0).abs() < 0.1 && (beyond - 0.05).abs() < 0.02);
    }
}
