//! Held answers, fallbacks, the length of the update, and a restore.

use super::*;
use crate::balance::settings::{Normalise, Settings};
use crate::balance::{Make, Method};
use proptest::prelude::*;

fn choice(kind: Kind, text: &str) -> Choice {
    Choice::parse(kind, text).unwrap()
}

fn balancer(weighting: &str, aggregation: &str, settings: Settings) -> Balancer {
    Balancer::new(&choice(Kind::Weighting, weighting), &choice(Kind::Aggregation, aggregation), settings, 2).unwrap()
}

fn seen(step: u64, weights: &'static [f64], losses: &'static [Option<f64>]) -> Observation<'static> {
    Observation { step, epoch: 0.0, seed: step, weights, losses, norms: None }
}

fn gram(rows: [[f64; 2]; 2]) -> Gram {
    Gram::from_products(2, |i, j| rows[i].iter().zip(rows[j]).map(|(a, b)| a * b).sum())
}

/// Factors, then coefficients.
fn ask(balancer: &mut Balancer, seen: &Observation<'_>, gram: Option<&Gram>) -> Vec<Option<f64>> {
    let factors = balancer.factors(seen);
    balancer.coefficients(seen, &factors, &[0, 1], gram)
}

const BOTH: &[Option<f64>] = &[Some(1.0), Some(1.0)];

#[test]
fn between_two_answers_coefficients_are_held_and_a_hand_on_a_weight_asks_anew() {
    let mut balancer = balancer("manual", "mgda", Settings { every: 10, ..Settings::default() });
    let (first, second) = (gram([[1.0, 0.0], [0.0, 3.0]]), gram([[3.0, 0.0], [0.0, 1.0]]));
    let both = [true, true];
    assert!(balancer.asks_for_gradients(1, &[1.0, 1.0], &both));
    let answer = ask(&mut balancer, &seen(1, &[1.0, 1.0], BOTH), Some(&first));
    assert!(answer[0] > answer[1]);
    for step in 2..=10 {
        assert!(!balancer.asks_for_gradients(step, &[1.0, 1.0], &both));
        assert_eq!(ask(&mut balancer, &seen(step, &[1.0, 1.0], BOTH), None), answer);
    }
    // A matrix that was measured for other reasons is not asked about.
    assert_eq!(ask(&mut balancer, &seen(10, &[1.0, 1.0], BOTH), Some(&second)), answer);
    assert!(balancer.asks_for_gradients(10, &[2.0, 1.0], &both));
    assert!(balancer.asks_for_gradients(10, &[1.0, 1.0], &[true, false]));
    let other = ask(&mut balancer, &seen(11, &[1.0, 1.0], BOTH), Some(&second));
    assert!(other[0] < other[1]);
}

#[test]
fn the_update_may_keep_the_length_of_the_weighted_sum() {
    let matrix = gram([[2.0, 0.0], [-1.0, 1.0]]);
    for method in ["mgda", "nash_mtl", "aligned_mtl", "pcgrad", "imtl_g", "cagrad"] {
        let mut balancer = balancer("manual", method, Settings { match_norm: true, ..Settings::default() });
        let answer = ask(&mut balancer, &seen(1, &[1.0, 3.0], BOTH), Some(&matrix));
        let coefficients: Vec<f64> = answer.into_iter().flatten().collect();
        let (is, wanted) = (matrix.norm_of(&coefficients), matrix.norm_of(&[1.0, 3.0]));
        assert!((is - wanted).abs() < 1e-9 * wanted, "{method}: {is} instead of {wanted}");
    }
}

#[test]
fn rows_may_be_divided_by_their_norm_or_loss_first() {
    let matrix = gram([[2.0, 0.0], [0.0, 8.0]]);
    let with = |normalise, losses| {
        let mut balancer = balancer("manual", "sum", Settings { normalise, ..Settings::default() });
        ask(&mut balancer, &seen(1, &[1.0, 1.0], losses), Some(&matrix))
    };
    assert_eq!(with(Normalise::L2, BOTH), [Some(0.5), Some(0.125)]);
    assert_eq!(with(Normalise::Loss, &[Some(4.0), Some(0.5)]), [Some(0.25), Some(2.0)]);
    assert_eq!(with(Normalise::None, BOTH), [Some(1.0), Some(1.0)]);
}

#[test]
fn absent_and_weightless_tasks_have_no_row() {
    let matrix = gram([[1.0, 0.0], [0.0, 3.0]]);
    let mut balancer = balancer("manual", "mgda", Settings::default());
    assert_eq!(ask(&mut balancer, &seen(1, &[1.0, 0.0], BOTH), Some(&matrix)), [Some(1.0), Some(0.0)]);
    let absent = seen(2, &[1.0, 1.0], &[Some(1.0), None]);
    let factors = balancer.factors(&absent);
    let one = Gram::from_products(1, |_, _| 1.0);
    assert_eq!(balancer.coefficients(&absent, &factors, &[0], Some(&one)), [Some(1.0), None]);
}

/// Has an answer only at odd steps.
struct Moody;

static MOODY: Method = Method {
    name: "moody",
    aliases: &[],
    what: "answers at odd steps",
    year: None,
    paper: "",
    needs: Needs::GRAM,
    state: "",
    preference: "none",
    options: &[],
    make: Make::Aggregation(|_, _| Box::new(Moody)),
};

impl Aggregation for Moody {
    fn method(&self) -> &'static Method {
        &MOODY
    }
    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        match seen.step {
            5 => Ok(vec![f64::NAN, 1.0]),
            step if step % 2 == 1 => Ok(vec![7.0, -1.0]),
            _ => Err(Degenerate("it is even".to_owned())),
        }
    }
}

#[test]
fn where_there_is_no_answer_the_last_finite_one_stands_and_it_is_told_once() {
    let matrix = gram([[1.0, 0.0], [0.0, 3.0]]);
    let mut balancer = Balancer::plain(2);
    balancer.choose(&Choice::plain(&MOODY), false).unwrap();
    // Nothing to fall back on yet: the factors.
    assert_eq!(ask(&mut balancer, &seen(2, &[2.0, 1.0], BOTH), Some(&matrix)), [Some(2.0), Some(1.0)]);
    assert_eq!(balancer.take_fallbacks().len(), 1);
    let mut told = Vec::new();
    for step in 3..=8 {
        assert_eq!(ask(&mut balancer, &seen(step, &[2.0, 1.0], BOTH), Some(&matrix)), [Some(7.0), Some(-1.0)]);
        told.extend(balancer.take_fallbacks().into_iter().map(|fallback| (step, fallback.method)));
    }
    // Step 5 answers with no number, so the trouble of step 4 goes on; step 8 begins a new one.
    assert_eq!(told, [(4, "moody"), (8, "moody")]);
}

#[test]
fn a_weighting_without_an_answer_leaves_the_last_factors_or_the_weights() {
    let mut balancer = balancer("gls", "sum", Settings::default());
    let bad = seen(1, &[2.0, 1.0], &[Some(-1.0), Some(1.0)]);
    assert_eq!(balancer.factors(&bad), [Some(2.0), Some(1.0)]);
    assert_eq!(balancer.take_fallbacks()[0].stage, Kind::Weighting);
    let good = balancer.factors(&seen(2, &[2.0, 1.0], &[Some(4.0), Some(1.0)]));
    assert_ne!(good, [Some(2.0), Some(1.0)]);
    assert_eq!(balancer.factors(&bad), good);
}

#[test]
fn another_method_begins_anew_and_the_same_one_may_keep_its_state() {
    let mut balancer = balancer("manual", "gradvac", Settings::default());
    let matrix = gram([[1.0, 0.2], [-1.0, 1.0]]);
    ask(&mut balancer, &seen(1, &[1.0, 1.0], BOTH), Some(&matrix));
    let learnt = balancer.state().aggregation_state;
    balancer.choose(&choice(Kind::Aggregation, "gradvac beta=0.25"), true).unwrap();
    assert_eq!(balancer.state().aggregation_state, learnt);
    balancer.choose(&choice(Kind::Aggregation, "gradvac beta=0.25"), false).unwrap();
    assert_ne!(balancer.state().aggregation_state, learnt);
}

proptest! {
    /// Any pair of methods: saved in the middle and restored, the next answers are the same bits.
    #[test]
    fn a_restored_balancer_goes_on_to_the_same_bits(
        weighting in proptest::sample::select(crate::balance::WEIGHTINGS),
        aggregation in proptest::sample::select(crate::balance::AGGREGATIONS),
        every in 1_u64..4,
        rows in proptest::collection::vec(proptest::array::uniform2(proptest::array::uniform2(-3.0_f64..3.0)), 8),
        losses in proptest::collection::vec(proptest::array::uniform2(0.1_f64..5.0), 8),
    ) {
        let settings = Settings { every, ..Settings::default() };
        let choices = [Choice::plain(weighting), Choice::plain(aggregation)];
        let mut one = Balancer::new(&choices[0], &choices[1], settings, 2).unwrap();
        let mut other: Option<Balancer> = None;
        let step = |balancer: &mut Balancer, place: usize| {
            let step = place as u64 + 1;
            let losses = losses[place].map(Some);
            let matrix = gram(rows[place]);
            let norms = [Some(matrix.norm(0)), Some(matrix.norm(1))];
            let seen =
                Observation { step, epoch: 0.5 * step as f64, seed: step, weights: &[1.0, 2.0], losses: &losses, norms: Some(&norms) };
            let asks = balancer.asks_for_gradients(step, &[1.0, 2.0], &[true, true]);
            let answer = ask(balancer, &seen, asks.then_some(&matrix));
            let update = balancer.needs().rows.then(|| {
                let rows = rows[place].map(|row| row.map(|x| x as f32).to_vec());
                let factors = vec![Some(1.0), Some(2.0)];
                balancer.combine(&seen, &factors, &[0, 1], &rows, &matrix)
            });
            balancer.after_step(&losses, &losses.map(|loss| loss.map(|loss| 0.9 * loss)));
            (answer, update)
        };
        for place in 0..8 {
            if place == 4 {
                let text = serde_json::to_string(&one.state()).unwrap();
                other = Some(Balancer::from_state(&serde_json::from_str(&text).unwrap(), 2).unwrap());
            }
            let answer = step(&mut one, place);
            if let Some(other) = &mut other {
                prop_assert_eq!(answer, step(other, place), "{} {}", choices[0], choices[1]);
                prop_assert_eq!(one.state(), other.state());
            }
        }
    }
}
