//! The loss against values of PyTorch, against all alignments one by one, and against differences.

use super::super::decode::collapse;
use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => value.as_f64().into_iter().collect(),
    }
}

fn counts(value: &Value) -> Vec<usize> {
    numbers(value).into_iter().map(|number| number as usize).collect()
}

#[test]
fn values_and_gradients_follow_the_reference() {
    let fixture: Value = serde_json::from_str(include_str!("../../../tests/fixtures/pytorch/losses.json")).unwrap();
    let mut compared = 0;
    for case in fixture["cases"].as_array().unwrap().iter().filter(|case| case["loss"] == "ctc") {
        let input = &case["inputs"]["input"];
        let (positions, items) = (input.as_array().unwrap().len(), input[0].as_array().unwrap().len());
        let classes = input[0][0].as_array().unwrap().len();
        let (input, want) = (numbers(input), numbers(&case["grad_input"]));
        let (target_lengths, lengths) =
            (counts(&case["params"]["target_lengths"]), counts(&case["params"]["input_lengths"]));
        let mut mean = 0.0;
        for item in 0..items {
            let place = |position: usize| (position * items + item) * classes;
            let logits: Vec<f32> = (0..lengths[item])
                .flat_map(|position| input[place(position)..][..classes].iter().map(|logit| *logit as f32))
                .collect();
            let target: Vec<u32> = case["inputs"]["target"][item].as_array().unwrap()[..target_lengths[item]]
                .iter()
                .map(|letter| letter.as_u64().unwrap() as u32)
                .collect();
            let got = loss(&logits, lengths[item], classes, &target);
            assert_eq!(got.is_some(), alignable(lengths[item], &target));
            let scale = 1.0 / (items * target.len().max(1)) as f64;
            mean += got.as_ref().map_or(0.0, |item| item.value) * scale;
            let gradient = got.map(|item| item.gradient).unwrap_or_default();
            for position in 0..positions {
                for class in 0..classes {
                    let got = gradient.get(position * classes + class).map_or(0.0, |value| f64::from(*value) * scale);
                    let want = want[place(position) + class];
                    assert!((got - want).abs() < 1e-6, "item {item}, position {position}: {got}, want {want}");
                }
            }
        }
        let want = case["value"].as_f64().unwrap();
        assert!((mean - want).abs() < 1e-6 * want, "{mean}, want {want}");
        compared += 1;
    }
    assert_eq!(compared, 2);
}

#[test]
fn a_target_needs_a_position_a_letter_and_one_more_a_repeat() {
    assert!(alignable(0, &[]));
    assert!(alignable(2, &[1, 2]));
    assert!(!alignable(1, &[1, 2]));
    assert!(alignable(5, &[1, 1, 1]));
    assert!(!alignable(4, &[1, 1, 1]));
    assert!(!alignable(4, &[0]));
}

#[test]
fn an_empty_target_is_all_blanks() {
    assert_eq!(loss(&[], 0, 4, &[]), Some(Item { value: 0.0, gradient: vec![] }));
    let item = loss(&[0.0; 8], 2, 4, &[]).unwrap();
    assert!((item.value - 2.0 * 4.0_f64.ln()).abs() < 1e-12);
    assert_eq!(item.gradient, [-0.75, 0.25, 0.25, 0.25, -0.75, 0.25, 0.25, 0.25]);
}

#[test]
fn what_has_no_alignment_has_no_loss() {
    assert_eq!(loss(&[], 0, 3, &[1]), None);
    assert_eq!(loss(&[0.0; 6], 2, 3, &[1, 1]), None);
    assert_eq!(loss(&[0.0; 6], 2, 3, &[3]), None);
    assert_eq!(loss(&[0.0; 6], 2, 3, &[0]), None);
    assert_eq!(loss(&[0.0; 5], 2, 3, &[1]), None);
    assert_eq!(loss(&[], 0, 0, &[]), None);
    assert_eq!(loss(&[], usize::MAX, 3, &[1]), None);
    assert_eq!(uniform(2, 3, &[1, 1]), None);
    assert_eq!(uniform(2, 3, &[3]), None);
}

#[test]
fn logits_far_apart_neither_overflow_nor_vanish() {
    // Two alignments, both as unlikely as can be: the letter first or last.
    let item = loss(&[3e4, -3e4, 3e4, -3e4], 2, 2, &[1]).unwrap();
    assert!((item.value - (6e4 - 2.0_f64.ln())).abs() < 1e-6, "{}", item.value);
    let sum: f32 = item.gradient.iter().sum();
    assert!(sum.abs() < 1e-6 && item.gradient.iter().all(|value| value.is_finite()));
    // Sums that round by far more than 1.
    let item = loss(&[0.0, 1.234e37, -4.93e27, 0.0, 0.0, 3.84e28], 3, 2, &[]).unwrap();
    assert!(item.value.is_finite() && item.gradient.iter().all(|value| value.abs() <= 1.0), "{item:?}");
    // A long one, whose probability is beyond what a double holds.
    let item = loss(&vec![0.0; 3000 * 30], 3000, 30, &[1, 2, 2]).unwrap();
    let want = uniform(3000, 30, &[1, 2, 2]).unwrap();
    assert!(want > 5000.0 && (item.value - want).abs() < 1e-6 * want, "{}, want {want}", item.value);
}

#[test]
fn what_is_not_finite_shows() {
    for odd in [f32::NAN, f32::INFINITY] {
        let item = loss(&[0.0, odd, 0.0, 0.0], 2, 2, &[1]).unwrap();
        assert!(item.value.is_nan() && item.gradient.iter().all(|value| value.is_nan()));
    }
    // A class that is ruled out leaves the others.
    let item = loss(&[0.0, 0.0, f32::NEG_INFINITY], 1, 3, &[1]).unwrap();
    assert!((item.value - 2.0_f64.ln()).abs() < 1e-12);
    assert_eq!(item.gradient, [0.5, -0.5, 0.0]);
    let item = loss(&[0.0, 0.0, f32::NEG_INFINITY], 1, 3, &[2]).unwrap();
    assert_eq!(item.value, f64::INFINITY);
    assert!(item.gradient.iter().all(|value| value.is_nan()));
}

/// −ln of the sum over all paths that spell the target, by the definition.
fn defined(logits: &[f32], positions: usize, classes: usize, target: &[u32]) -> f64 {
    let (probabilities, _) = softmax(logits, classes);
    let sum: f64 = (0..classes.pow(positions as u32))
        .map(|path| {
            let classes_of = (0..positions).map(|position| path / classes.pow(position as u32) % classes);
            if collapse(classes_of.clone().map(|class| class as u32)) != target {
                return 0.0;
            }
            classes_of.enumerate().map(|(position, class)| probabilities[position * classes + class]).product()
        })
        .sum();
    -sum.ln()
}

/// Positions, classes, logits, target; all small. Logits are multiples of 1/16.
fn small() -> impl Strategy<Value = (usize, usize, Vec<f32>, Vec<u32>)> {
    (0_usize..6, 1_usize..4).prop_flat_map(|(positions, classes)| {
        let logits = prop::collection::vec((-40_i8..40).prop_map(|logit| f32::from(logit) / 16.0), positions * classes);
        (Just(positions), Just(classes), logits, prop::collection::vec(0_u32..4, 0..4))
    })
}

proptest! {
    #[test]
    fn it_sums_all_alignments((positions, classes, logits, target) in small()) {
        let want = defined(&logits, positions, classes, &target);
        let got = loss(&logits, positions, classes, &target);
        prop_assert_eq!(got.is_some(), want.is_finite());
        if let Some(item) = got {
            prop_assert!((item.value - want).abs() < 1e-9, "{}, want {}", item.value, want);
        }
        let equal = defined(&vec![0.0; logits.len()], positions, classes, &target);
        let got = uniform(positions, classes, &target);
        prop_assert_eq!(got.is_some(), equal.is_finite());
        prop_assert!(got.is_none_or(|got| (got - equal).abs() < 1e-9));
    }

    #[test]
    fn the_gradient_is_the_slope((positions, classes, logits, target) in small()) {
        if let Some(item) = loss(&logits, positions, classes, &target) {
            let step = 1.0 / 1024.0;
            for place in 0..logits.len() {
                let at = |logit: f32| {
                    let mut logits = logits.clone();
                    logits[place] = logit;
                    loss(&logits, positions, classes, &target).unwrap().value
                };
                let slope = (at(logits[place] + step) - at(logits[place] - step)) / (2.0 * f64::from(step));
                prop_assert!((f64::from(item.gradient[place]) - slope).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn any_logits_give_a_loss_of_the_right_size(
        logits in prop::collection::vec(any::<f32>(), 0..24),
        classes in 0_usize..5,
        target in prop::collection::vec(0_u32..5, 0..4),
    ) {
        let positions = logits.len().checked_div(classes).unwrap_or_default();
        let logits = &logits[..positions * classes];
        if let Some(item) = loss(logits, positions, classes, &target) {
            prop_assert_eq!(item.gradient.len(), logits.len());
            prop_assert!(!item.value.is_finite() || item.gradient.iter().all(|value| value.is_finite()));
        }
    }
}
