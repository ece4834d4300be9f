//! The weightings against reference values of the published formulas.
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

use serde_json::Value;
use trimtab::balance::{Choice, Kind, Observation, Weighting};

const FIXTURE: &str = include_str!("fixtures/balance/loss_weighting.json");
/// Absolute, as the fixture states it.
const TOLERANCE: f64 = 1e-9;

/// One method over the fixture's losses, and how many numbers were compared.
struct Sequence {
    fixture: Value,
    name: &'static str,
    method: Box<dyn Weighting>,
    losses: &'static str,
    compared: usize,
}

impl Sequence {
    fn new(name: &'static str, choice: &str) -> Self {
        let method = Choice::parse(Kind::Weighting, choice).unwrap().weighting(3).unwrap();
        Self { fixture: serde_json::from_str(FIXTURE).unwrap(), name, method, losses: "losses", compared: 0 }
    }

    fn rows(&self, path: &str) -> Vec<Vec<f64>> {
        let rows = self.fixture.pointer(path).unwrap().as_array().unwrap();
        rows.iter().map(numbers).collect()
    }

    fn row(&self, key: &str) -> Vec<f64> {
        numbers(self.fixture.pointer(&format!("/methods/{}/{key}", self.name)).unwrap())
    }

    fn compare(&mut self, what: &str, is: &[f64], wanted: &[f64]) {
        assert_eq!(is.len(), wanted.len(), "{} {what}", self.name);
        for (is, wanted) in is.iter().zip(wanted) {
            assert!((is - wanted).abs() <= TOLERANCE, "{} {what}: {is}, expected {wanted}", self.name);
        }
        self.compared += is.len();
    }

    /// Runs over all 20 rows; `key` holds the factors from row `from` on, `each` sees the method before each row.
    fn run(&mut self, key: &str, from: usize, mut each: impl FnMut(&mut Self, usize)) {
        let losses = self.rows(&format!("/inputs/{}", self.losses));
        let after = self.rows("/inputs/losses_after_step_same_batch");
        let norms = self.rows("/inputs/unweighted_shared_grad_norms");
        let wanted = self.rows(&format!("/methods/{}/{key}", self.name));
        assert_eq!((losses.len(), wanted.len()), (20, 20 - from), "{}", self.name);
        for row in 0..losses.len() {
            each(self, row);
            let (before, after, norms) = (some(&losses[row]), some(&after[row]), some(&norms[row]));
            let needs = self.method.needs();
            let seen = Observation {
                step: row as u64 + 1,
                epoch: row as f64,
                seed: 0,
                weights: &[1.0; 3],
                losses: &before,
                norms: needs.norms.then_some(&norms),
            };
            let factors: Vec<f64> = self.method.factors(&seen).unwrap().into_iter().map(Option::unwrap).collect();
            if row >= from {
                self.compare(&format!("row {row}"), &factors, &wanted[row - from]);
            }
            if needs.second_forward {
                self.method.after_step(&before, &after);
            }
        }
    }

    /// The numbers in the method's state at a JSON pointer; learnt ones are read by their `value`.
    fn state(&self, pointer: &str) -> Vec<f64> {
        let state = self.method.state();
        let list = state.pointer(pointer).unwrap().as_array().unwrap();
        list.iter().map(|entry| entry.get("value").or(entry.get("mean")).unwrap().as_f64().unwrap()).collect()
    }

    fn compare_state(&mut self, pointer: &str, key: &str) {
        let (is, wanted) = (self.state(pointer), self.row(key));
        self.compare(key, &is, &wanted);
    }
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn some(row: &[f64]) -> Vec<Option<f64>> {
    row.iter().copied().map(Some).collect()
}

fn nothing(_: &mut Sequence, _: usize) {}

#[test]
fn learnt_variances() {
    let cases = [
        ("uw_sgd", "uncertainty optimizer=sgd lr=0.1", "losses"),
        ("uw_adam_init_-0.5", "uncertainty lr=0.01 init=-0.5", "losses"),
        ("uw_sgd_negative_loss", "uncertainty optimizer=sgd lr=0.1", "losses_nll_crossing_zero"),
    ];
    for (name, choice, losses) in cases {
        let mut sequence = Sequence { losses, ..Sequence::new(name, choice) };
        sequence.run("weights", 0, nothing);
        sequence.compare_state("", "s_final");
        assert_eq!(sequence.compared, 63, "{name}");
    }
}

#[test]
fn learnt_scales() {
    let mut sequence = Sequence::new("imtl_l_sgd", "imtl_l optimizer=sgd lr=0.1");
    sequence.run("weights", 0, nothing);
    sequence.compare_state("", "s_final");
    assert_eq!(sequence.compared, 63);
}

#[test]
fn dynamic_averages() {
    for choice in ["dwa", "dwa window=1"] {
        let mut sequence = Sequence::new("dwa", choice);
        sequence.run("weights", 0, nothing);
        assert_eq!(sequence.compared, 60);
    }
}

#[test]
fn gradient_normalisation_in_both_forms() {
    let cases = [
        ("gradnorm_paper", "gradnorm alpha=1.5 lr=0.025", "w_final"),
        ("gradnorm_softmax", "gradnorm form=softmax lr=0.01", "p_final"),
    ];
    for (name, choice, last) in cases {
        let mut sequence = Sequence::new(name, choice);
        sequence.run("weights", 0, nothing);
        sequence.compare_state("/learnt", last);
        assert_eq!(sequence.compared, 63, "{name}");
    }
}

#[test]
fn famo_by_its_defaults() {
    let mut sequence = Sequence::new("famo", "famo");
    let wanted = sequence.rows("/methods/famo/z");
    sequence.run("effective_weights", 0, |sequence, row| {
        let powers: Vec<f64> = sequence.state("/logits").iter().map(|logit| logit.exp()).collect();
        let sum: f64 = powers.iter().sum();
        let shares: Vec<f64> = powers.iter().map(|power| power / sum).collect();
        sequence.compare("z", &shares, &wanted[row]);
    });
    sequence.compare_state("/logits", "w_final");
    assert_eq!(sequence.compared, 123);
}

#[test]
fn geometric_mean_and_logarithms() {
    for (name, choice) in [("gls", "gls"), ("scale_invariant", "scale_invariant")] {
        let mut sequence = Sequence::new(name, choice);
        sequence.run("effective_weights", 0, nothing);
        assert_eq!(sequence.compared, 60, "{name}");
    }
}

#[test]
fn smooth_tchebycheff_after_its_warm_up() {
    let mut sequence = Sequence::new("stch_log", "stch mu=1 warmup=4");
    sequence.run("effective_weights_from_row_4", 4, nothing);
    let (is, wanted) = (sequence.state("/nadirs"), sequence.row("params/nadir"));
    sequence.compare("nadir", &is, &wanted);
    assert_eq!(sequence.compared, 51);
    // The warm-up itself minimises the sum of log losses.
    let mut logs = Sequence::new("scale_invariant", "stch mu=1 warmup=20");
    logs.run("effective_weights", 0, nothing);
    assert_eq!(logs.compared, 60);
}

#[test]
fn no_method_of_the_fixture_is_left_out() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let names: Vec<&String> = fixture["methods"].as_object().unwrap().keys().collect();
    let compared = [
        "uw_sgd",
        "uw_adam_init_-0.5",
        "uw_sgd_negative_loss",
        "imtl_l_sgd",
        "dwa",
        "gradnorm_paper",
        "gradnorm_softmax",
        "famo",
        "gls",
        "scale_invariant",
        "stch_log",
    ];
    assert_eq!(names, compared);
}
