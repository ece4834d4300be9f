//! What holds for every weighting, over random histories.

use crate::balance::{Choice, Kind, Observation, WEIGHTINGS, Weighting};
use proptest::collection::vec;
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::option::weighted;
use proptest::prelude::*;
use serde_json::Value;

/// Options that lead to other code than the defaults.
const VARIANTS: &[&str] = &[
    "random sum=tasks",
    "uncertainty optimizer=sgd lr=1",
    "uncertainty form=classification init=-1",
    "imtl_l optimizer=sgd lr=0.5",
    "dwa window=1",
    "dwa window=3 temperature=0.01",
    "gradnorm form=softmax",
    "gradnorm alpha=0 start=3 lr=1",
    "famo floor=-1 decay=0.1",
    "stch warmup=0",
    "stch warmup=2 mu=0.05",
];

fn methods() -> impl Iterator<Item = Choice> {
    let plain = WEIGHTINGS.iter().map(|method| Choice::plain(method));
    plain.chain(VARIANTS.iter().map(|text| Choice::parse(Kind::Weighting, text).unwrap()))
}

/// A step: λ, losses, norms, losses after the update; in task order.
#[derive(Clone, Debug)]
struct Step {
    weights: Vec<f64>,
    losses: Vec<Option<f64>>,
    norms: Option<Vec<Option<f64>>>,
    after: Vec<Option<f64>>,
}

impl Step {
    /// Answers, then what the update brought.
    fn ask(&self, method: &mut dyn Weighting, place: usize) -> Option<Vec<Option<f64>>> {
        let seen = Observation {
            step: place as u64 + 1,
            epoch: place as f64 / 2.0,
            seed: place as u64,
            weights: &self.weights,
            losses: &self.losses,
            norms: self.norms.as_deref(),
        };
        let answer = method.factors(&seen).ok();
        method.after_step(&self.losses, &self.after);
        answer
    }

    /// The same with tasks in another order.
    fn ordered(&self, order: &[usize]) -> Self {
        fn pick<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
            order.iter().map(|task| values[*task]).collect()
        }
        Self {
            weights: pick(&self.weights, order),
            losses: pick(&self.losses, order),
            norms: self.norms.as_ref().map(|norms| pick(norms, order)),
            after: pick(&self.after, order),
        }
    }

    /// The same with one task more at a place.
    fn with(&self, place: usize, weight: f64, loss: Option<f64>) -> Self {
        let mut step = self.clone();
        step.weights.insert(place, weight);
        step.losses.insert(place, loss);
        step.after.insert(place, loss);
        step.norms.iter_mut().for_each(|norms| norms.insert(place, loss.map(|_| 1.0)));
        step
    }
}

type Numbers = BoxedStrategy<f64>;

fn steps_of(tasks: usize, weight: Numbers, loss: Numbers, norm: Numbers, labelled: f64) -> impl Strategy<Value = Step> {
    let losses = vec(weighted(labelled, (loss.clone(), loss)), tasks);
    (vec(weight, tasks), losses, weighted(0.8, vec(norm, tasks))).prop_map(|(weights, losses, norms)| Step {
        weights,
        norms: norms.map(|norms| norms.iter().zip(&losses).map(|(norm, loss)| loss.map(|_| *norm)).collect()),
        after: losses.iter().map(|loss| loss.map(|(_, after)| after)).collect(),
        losses: losses.into_iter().map(|loss| loss.map(|(before, _)| before)).collect(),
    })
}

/// Histories as they are met in training.
fn histories(tasks: impl Strategy<Value = usize>) -> impl Strategy<Value = Vec<Step>> {
    let weight = || prop_oneof![1 => Just(0.0), 6 => 0.1..5.0].boxed();
    tasks.prop_flat_map(move |tasks| {
        vec(steps_of(tasks, weight(), (0.05..6.0).boxed(), (0.01..8.0).boxed(), 0.8), 1..14)
    })
}

/// Histories of any finite numbers.
fn wild_histories() -> impl Strategy<Value = Vec<Step>> {
    let number = || prop_oneof![NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE, -2.0..6.0, Just(0.0), Just(f64::MAX)];
    let positive = move || number().prop_map(f64::abs).boxed();
    // Most methods have no answer where a loss is not above 0, so half of the histories have none such.
    (1_usize..=32, any::<bool>()).prop_flat_map(move |(tasks, signed)| {
        let loss = if signed { number().boxed() } else { positive() };
        vec(steps_of(tasks, positive(), loss, positive(), 0.8), 1..8)
    })
}

fn start(choice: &Choice, history: &[Step]) -> Box<dyn Weighting> {
    choice.weighting(history[0].weights.len()).unwrap()
}

/// All answers over a history.
fn answers(choice: &Choice, history: &[Step]) -> Vec<Option<Vec<Option<f64>>>> {
    let mut method = start(choice, history);
    history.iter().enumerate().map(|(place, step)| step.ask(method.as_mut(), place)).collect()
}

/// Every list with an entry a task in a state, but for what is of the last step only.
fn entries<'a>(state: &'a Value, tasks: usize, found: &mut Vec<&'a Vec<Value>>) {
    match state {
        Value::Array(list) if list.len() == tasks => found.push(list),
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "weights").for_each(|(_, value)| entries(value, tasks, found));
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn answers_are_finite_or_there_is_none_and_nothing_has_changed(history in wild_histories()) {
        for choice in methods() {
            let mut method = start(&choice, &history);
            for (place, step) in history.iter().enumerate() {
                let before = method.state();
                let seen = Observation {
                    step: place as u64 + 1,
                    epoch: place as f64,
                    seed: 1,
                    weights: &step.weights,
                    losses: &step.losses,
                    norms: step.norms.as_deref(),
                };
                let answer = method.factors(&seen);
                match answer {
                    Err(_) => prop_assert_eq!(before, method.state(), "{}", choice),
                    Ok(factors) => {
                        prop_assert_eq!(factors.len(), step.losses.len());
                        for (task, factor) in factors.iter().enumerate() {
                            prop_assert_eq!(factor.is_some(), step.losses[task].is_some(), "{}", choice);
                            prop_assert!(factor.is_none_or(|f| f.is_finite() && f >= 0.0), "{choice}: {factors:?}");
                            prop_assert!(step.weights[task] > 0.0 || factor.unwrap_or(0.0) == 0.0, "{choice}");
                        }
                        prop_assert!(method.surrogate().is_none_or(f64::is_finite), "{choice}");
                    }
                }
                method.after_step(&step.losses, &step.after);
            }
            // What it would save can be read back: no number in it became null.
            start(&choice, &history).restore(&method.state()).unwrap();
        }
    }

    #[test]
    fn a_restored_state_answers_equal_to_the_bit(history in histories(1_usize..8), cut in 0_usize..14) {
        for choice in methods() {
            let mut method = start(&choice, &history);
            let cut = cut % history.len();
            history[..cut].iter().enumerate().for_each(|(place, step)| drop(step.ask(method.as_mut(), place)));
            let text = method.state().to_string();
            let mut again = start(&choice, &history);
            again.restore(&serde_json::from_str(&text).unwrap()).unwrap();
            for (place, step) in history.iter().enumerate().skip(cut) {
                prop_assert_eq!(step.ask(method.as_mut(), place), step.ask(again.as_mut(), place), "{}", choice);
            }
        }
    }

    #[test]
    fn the_order_of_tasks_does_not_matter(
        (history, order) in histories(1_usize..=32).prop_flat_map(|history| {
            let order: Vec<usize> = (0..history[0].weights.len()).collect();
            (Just(history), Just(order).prop_shuffle())
        })
    ) {
        let shuffled: Vec<Step> = history.iter().map(|step| step.ordered(&order)).collect();
        for choice in methods().filter(|choice| choice.name() != "random") {
            for (plain, other) in answers(&choice, &history).into_iter().zip(answers(&choice, &shuffled)) {
                let (plain, other) = (plain.unwrap(), other.unwrap());
                for (place, task) in order.iter().enumerate() {
                    let same = match (plain[*task], other[place]) {
                        (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * (1.0 + a.abs()),
                        (a, b) => a == b,
                    };
                    prop_assert!(same, "{choice}: {plain:?} {other:?} {order:?}");
                }
            }
        }
    }

    #[test]
    fn a_task_that_never_takes_part_changes_nothing(
        history in histories(1_usize..8),
        place in 0_usize..8,
        (weight, loss) in prop_oneof![Just((1.0, None)), Just((0.0, Some(f64::NAN))), Just((0.0, Some(2.0)))],
    ) {
        let place = place % (history[0].weights.len() + 1);
        let more: Vec<Step> = history.iter().map(|step| step.with(place, weight, loss)).collect();
        for choice in methods().filter(|choice| choice.name() != "random") {
            for (plain, mut other) in answers(&choice, &history).into_iter().zip(answers(&choice, &more)) {
                if let Some(factors) = &mut other {
                    prop_assert_eq!(factors.remove(place), loss.map(|_| 0.0));
                }
                prop_assert_eq!(plain, other, "{}", choice);
            }
        }
    }

    #[test]
    fn what_is_known_of_an_absent_task_stays(history in histories(2_usize..8)) {
        for choice in methods() {
            let mut method = start(&choice, &history);
            for (place, step) in history.iter().enumerate() {
                let before = method.state();
                step.ask(method.as_mut(), place);
                let after = method.state();
                let (mut old, mut new) = (Vec::new(), Vec::new());
                entries(&before, step.weights.len(), &mut old);
                entries(&after, step.weights.len(), &mut new);
                prop_assert!(!old.is_empty() || choice.method().state.is_empty(), "{choice} has no list in its state");
                let absent = (0..step.weights.len()).filter(|t| step.losses[*t].is_none() || step.weights[*t] == 0.0);
                for task in absent {
                    for (old, new) in old.iter().zip(&new) {
                        prop_assert_eq!(&old[task], &new[task], "{}", choice);
                    }
                }
            }
        }
    }
}

#[test]
fn a_state_of_another_number_of_tasks_or_of_another_kind_is_refused() {
    for choice in methods() {
        let state = choice.weighting(3).unwrap().state();
        choice.weighting(3).unwrap().restore(&state).unwrap();
        assert_eq!(state.is_null(), choice.method().state.is_empty(), "{choice}");
        if !state.is_null() {
            let error = choice.weighting(4).unwrap().restore(&state).unwrap_err().to_string();
            assert!(error.contains(choice.name()) && error.contains("of 3 tasks, expected 4"), "{error}");
        }
        assert!(choice.weighting(3).unwrap().restore(&Value::from("x")).is_err(), "{choice}");
    }
}

#[test]
fn needs_are_those_of_the_catalogue() {
    for choice in methods() {
        let method = choice.weighting(2).unwrap();
        assert_eq!((method.name(), method.needs()), (choice.name(), choice.method().needs));
    }
}
