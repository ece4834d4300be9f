//! Rows without a label, without an alignment and of other lengths, against the loss of one row on the host.

use super::*;
use crate::train::open_device;

const POSITIONS: usize = 4;
const CLASSES: usize = 3;
const SIZE: usize = POSITIONS * CLASSES;

fn plain(rows: usize) -> Vec<f32> {
    (0..rows * SIZE).map(|i| (i as f32 * 1.3).sin() * 2.0).collect()
}

/// Value, labelled rows and gradient.
fn of(values: &[f32], lengths: &[usize], targets: &[Option<Vec<u32>>]) -> (f64, usize, Vec<f32>) {
    let device = open_device("flex").unwrap();
    let shape = [values.len() / SIZE, POSITIONS, CLASSES];
    let logits = Tensor::<3>::from_data(TensorData::new(values.to_vec(), shape), &device).require_grad();
    let loss = ctc_loss(logits.clone(), lengths, targets).unwrap();
    assert_eq!((loss.value.dims(), loss.weight), ([1], loss.labelled as f64));
    let mut tape = loss.value.backward();
    let gradient = logits.grad_remove(&mut tape).unwrap().into_data().try_into_vec().unwrap();
    (f64::from(loss.value.into_scalar::<f32>()), loss.labelled, gradient)
}

/// Asserts that a row's gradient is `share` of the host's up to its length and 0 behind it.
fn follows(gradient: &[f32], item: &ctc::Item, share: f64) {
    assert_eq!(gradient.len(), SIZE);
    for (place, got) in gradient.iter().enumerate() {
        let want = item.gradient.get(place).map_or(0.0, |slope| f64::from(*slope) * share);
        assert!((f64::from(*got) - want).abs() < 1e-6, "place {place}: {got}, want {want}");
    }
}

#[test]
fn only_labelled_rows_count() {
    let values = plain(3);
    let (lengths, target) = ([4, 4, 3], vec![1, 2]);
    let (value, labelled, gradient) = of(&values, &lengths, &[Some(target.clone()), None, Some(vec![2])]);
    assert_eq!(labelled, 2);
    let first = ctc::loss(&values[..SIZE], 4, CLASSES, &target).unwrap();
    let third = ctc::loss(&values[2 * SIZE..][..3 * CLASSES], 3, CLASSES, &[2]).unwrap();
    let want = first.value / 4.0 + third.value / 2.0;
    assert!((value - want).abs() < 1e-5, "{value}, want {want}");
    follows(&gradient[..SIZE], &first, 0.25);
    assert!(gradient[SIZE..2 * SIZE].iter().all(|slope| *slope == 0.0));
    follows(&gradient[2 * SIZE..], &third, 0.5);
}

#[test]
fn what_has_no_alignment_counts_as_zero_in_the_mean() {
    let values = plain(2);
    // Twice the same letter needs three positions; the row is a labelled one all the same.
    let (value, labelled, gradient) = of(&values, &[2, 4], &[Some(vec![1, 1]), Some(vec![2])]);
    assert_eq!(labelled, 2);
    let second = ctc::loss(&values[SIZE..], 4, CLASSES, &[2]).unwrap();
    assert!((value - second.value / 2.0).abs() < 1e-5, "{value}, want {}", second.value / 2.0);
    assert!(gradient[..SIZE].iter().all(|slope| *slope == 0.0));
    follows(&gradient[SIZE..], &second, 0.5);
    // Alone it is 0, not a missing loss.
    let (value, labelled, gradient) = of(&values[..SIZE], &[2], &[Some(vec![1, 1])]);
    assert_eq!((value, labelled), (0.0, 1));
    assert!(gradient.iter().all(|slope| *slope == 0.0));
}

#[test]
fn an_empty_target_wants_blanks() {
    let values = plain(1);
    let (value, _, gradient) = of(&values, &[4], &[Some(vec![])]);
    let item = ctc::loss(&values, 4, CLASSES, &[]).unwrap();
    assert!((value - item.value).abs() < 1e-5, "{value}, want {}", item.value);
    follows(&gradient, &item, 1.0);
}

#[test]
fn padding_does_not_matter_and_a_length_beyond_is_all() {
    let mut values = plain(1);
    let target = [Some(vec![1])];
    let before = of(&values, &[2], &target);
    values[2 * CLASSES..].iter_mut().for_each(|value| *value = 1e4);
    assert_eq!(of(&values, &[2], &target), before);
    let values = plain(1);
    assert_eq!(of(&values, &[99], &target), of(&values, &[4], &target));
}

#[test]
fn without_a_label_there_is_no_loss() {
    let device = open_device("flex").unwrap();
    let logits = || Tensor::<3>::zeros([2, POSITIONS, CLASSES], &device);
    assert!(ctc_loss(logits(), &[4, 4], &[None, None]).is_none());
    assert!(ctc_loss(logits(), &[4, 4], &[]).is_none());
}

#[test]
fn ctc_of_tensors_follows_the_reference() {
    let device = open_device("flex").unwrap();
    let fixture: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/fixtures/pytorch/losses.json")).unwrap();
    let floats = |value: &serde_json::Value| -> Vec<f64> {
        fn flat(value: &serde_json::Value, out: &mut Vec<f64>) {
            match value {
                serde_json::Value::Array(values) => values.iter().for_each(|value| flat(value, out)),
                other => out.push(other.as_f64().unwrap()),
            }
        }
        let mut out = Vec::new();
        flat(value, &mut out);
        out
    };
    let mut seen = 0;
    for case in fixture["cases"].as_array().unwrap().iter().filter(|case| case["loss"] == "ctc") {
        let input = case["inputs"]["input"].as_array().unwrap();
        let (positions, rows) = (input.len(), input[0].as_array().unwrap().len());
        let classes = input[0][0].as_array().unwrap().len();
        let values: Vec<f32> = floats(&case["inputs"]["input"]).into_iter().map(|value| value as f32).collect();
        // The reference has time before rows.
        let logits = Tensor::<3>::from_data(TensorData::new(values, [positions, rows, classes]), &device);
        let logits = logits.swap_dims(0, 1).detach().require_grad();
        let sizes = |key: &str| floats(&case["params"][key]).into_iter().map(|n| n as usize).collect::<Vec<_>>();
        let letters = floats(&case["inputs"]["target"]);
        let longest = letters.len() / rows;
        let targets: Vec<Option<Vec<u32>>> = sizes("target_lengths")
            .into_iter()
            .enumerate()
            .map(|(row, length)| Some(letters[row * longest..][..length].iter().map(|n| *n as u32).collect()))
            .collect();
        let loss = ctc_loss(logits.clone(), &sizes("input_lengths"), &targets).unwrap();
        let mut tape = loss.value.clone().backward();
        let want = case["value"].as_f64().unwrap();
        let value: f32 = loss.value.into_scalar();
        assert!((f64::from(value) - want).abs() < 1e-5, "{value} instead of {want}");
        let gradient =
            logits.grad_remove(&mut tape).unwrap().swap_dims(0, 1).into_data().try_into_vec::<f32>().unwrap();
        let slopes = floats(&case["grad_input"]);
        assert_eq!(gradient.len(), slopes.len());
        for (got, want) in gradient.iter().zip(slopes) {
            assert!((f64::from(*got) - want).abs() < 1e-5, "{got} instead of {want}");
        }
        seen += 1;
    }
    assert_eq!(seen, 2);
}
