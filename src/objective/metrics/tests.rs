//! Metrics against values that scikit-learn, jiwer and sacrebleu gave, and against what must hold of any.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

/// Metrics of classes, or of numbers and texts.
fn of(classes: bool) -> impl Iterator<Item = MetricKind> {
    MetricKind::ALL.iter().copied().filter(move |kind| kind.is_classification() == classes)
}

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/metrics.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Every metric that applies to the case, as wanted; absent in the fixture is `None`.
fn check(case: &Value, classes: bool, predictions: &Predictions, truth: &Truth) {
    for kind in of(classes) {
        let name = kind.name();
        let got = measure(kind, predictions, truth);
        let want = case["want"][name].as_f64();
        let near = match (got, want) {
            (Some(got), Some(want)) => (got - want).abs() <= 1e-6 * want.abs().max(1.0),
            (got, want) => got == want,
        };
        assert!(near, "{name} of {}: {got:?}, want {want:?}", case["name"]);
    }
}

#[test]
fn classification_matches_scikit_learn() {
    let fixture = fixture();
    let cases = fixture["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "classification");
    let mut seen = 0;
    for case in cases {
        let rows = case["score"].as_array().unwrap();
        let classes = rows[0].as_array().unwrap().len();
        let values: Vec<f32> = rows.iter().flat_map(numbers).map(|score| score as f32).collect();
        let targets: Vec<Option<u32>> = numbers(&case["target"]).into_iter().map(|class| Some(class as u32)).collect();
        let log = values.iter().map(|score| score.ln()).collect();
        check(case, true, &Predictions::Scores { values, classes }, &Truth::Classes(targets.clone()));
        check(case, true, &Predictions::Scores { values: log, classes }, &Truth::Classes(targets.clone()));
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn regression_matches_scikit_learn() {
    let fixture = fixture();
    let cases = fixture["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "regression");
    let mut seen = 0;
    for case in cases {
        let predictions = numbers(&case["prediction"]).into_iter().map(|number| number as f32).collect();
        let targets: Vec<Option<f64>> = numbers(&case["target"]).into_iter().map(Some).collect();
        check(case, false, &Predictions::Numbers(predictions), &Truth::Numbers(targets.clone()));
        seen += 1;
    }
    assert_eq!(seen, 4);
}

/// A text, or several.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        value => vec![value.as_str().unwrap().to_owned()],
    }
}

#[test]
fn texts_match_jiwer_and_sacrebleu() {
    let fixture = fixture();
    let is_of_texts =
        |case: &&Value| ["transcript", "transcript corpus", "bleu"].iter().any(|kind| case["kind"] == *kind);
    let mut seen = 0;
    for case in fixture["cases"].as_array().unwrap().iter().filter(is_of_texts) {
        let truth = Truth::Texts(texts(&case["reference"]).into_iter().map(Some).collect());
        let values = texts(&case["hypothesis"]);
        let predictions = Predictions::Texts { limited: values.clone(), values };
        for (name, want) in case["want"].as_object().unwrap() {
            let got = measure(MetricKind::parse(name).unwrap(), &predictions, &truth).unwrap();
            assert!((got - want.as_f64().unwrap()).abs() <= 1e-6, "{name} of {case}: {got}");
        }
        if case["kind"] != "bleu" {
            let limited = measure(MetricKind::WerWordList, &predictions, &truth);
            assert_eq!(limited, measure(MetricKind::Wer, &predictions, &truth));
        }
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn perplexity_matches_its_definition() {
    let fixture = fixture();
    let case = fixture["cases"].as_array().unwrap().iter().find(|case| case["kind"] == "perplexity").unwrap();
    let losses = numbers(&case["token_nll"]);
    let got = perplexity(losses.iter().sum::<f64>() / losses.len() as f64).unwrap();
    assert!((got - case["want"]["perplexity"].as_f64().unwrap()).abs() < 1e-6, "{got}");
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e4] {
        assert_eq!(perplexity(odd), None);
    }
}

#[test]
fn texts_without_a_label_or_a_list_do_not_count() {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let values = owned(&["one", "two", "three"]);
    let truth = Truth::Texts(vec![Some("one".to_owned()), None, Some("four".to_owned())]);
    let free = Predictions::Texts { values: values.clone(), limited: vec![] };
    assert_eq!(measure(MetricKind::Wer, &free, &truth), Some(0.5));
    assert_eq!(measure(MetricKind::WerWordList, &free, &truth), None);
    assert_eq!(measure(MetricKind::Perplexity, &free, &truth), None);
    assert_eq!(measure(MetricKind::Accuracy, &free, &truth), None);
    let limited = Predictions::Texts { values, limited: owned(&["one", "one", "four"]) };
    assert_eq!(measure(MetricKind::WerWordList, &limited, &truth), Some(0.0));
    for truth in [Truth::Texts(vec![None; 3]), Truth::Texts(vec![Some("one".to_owned())])] {
        for kind in MetricKind::ALL.iter().copied() {
            assert_eq!(measure(kind, &limited, &truth), None);
        }
    }
}

#[test]
fn errors_and_perplexity_are_better_when_low() {
    for kind in MetricKind::ALL.iter().copied().filter(|kind| kind.is_of_texts()) {
        assert_eq!(kind.better() == Better::Higher, kind == MetricKind::Bleu, "{kind}");
    }
}

fn scores<const N: usize>(rows: &[[f32; N]]) -> Predictions {
    Predictions::Scores { values: rows.concat(), classes: N }
}

#[test]
fn rows_without_a_label_do_not_count() {
    let predictions = scores(&[[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]);
    let truth = [Some(1), None, Some(0)];
    assert_eq!(measure(MetricKind::Accuracy, &predictions, &Truth::Classes(truth.to_vec())), Some(0.5));
    assert_eq!(measure(MetricKind::Accuracy, &predictions, &Truth::Classes([None; 3].to_vec())), None);
    let predictions = Predictions::Numbers(vec![1.0, f32::NAN, 4.0]);
    assert_eq!(
        measure(MetricKind::Mae, &predictions, &Truth::Numbers([Some(2.0), None, Some(7.0)].to_vec())),
        Some(2.0)
    );
}

#[test]
fn a_label_without_a_score_counts_as_wrong() {
    let predictions = scores(&[[0.0, 1.0], [0.0, 1.0]]);
    let truth = [Some(1), Some(7)];
    let measure = |kind| measure(kind, &predictions, &Truth::Classes(truth.to_vec()));
    assert_eq!(measure(MetricKind::Accuracy), Some(0.5));
    assert_eq!(measure(MetricKind::BalancedAccuracy), Some(0.5));
    assert_eq!(measure(MetricKind::F1Macro), Some(1.0 / 3.0));
    assert_eq!(measure(MetricKind::Auroc), None);
}

#[test]
fn what_is_not_a_number_is_wrong_or_undefined() {
    let predictions = scores(&[[0.0, 1.0], [f32::NAN, 1.0], [1.0, 0.0]]);
    let truth = [Some(1), Some(1), Some(0)];
    assert_eq!(measure(MetricKind::Accuracy, &predictions, &Truth::Classes(truth.to_vec())), Some(2.0 / 3.0));
    assert_eq!(measure(MetricKind::Auroc, &predictions, &Truth::Classes(truth.to_vec())), None);
    for odd in [f32::NAN, f32::INFINITY] {
        let predictions = Predictions::Numbers(vec![1.0, odd]);
        for kind in of(false) {
            assert_eq!(measure(kind, &predictions, &Truth::Numbers([Some(1.0), Some(2.0)].to_vec())), None);
        }
    }
}

#[test]
fn equal_targets_have_no_r2_whatever_their_mean_rounds_to() {
    let predictions = Predictions::Numbers(vec![0.1; 3]);
    assert_eq!(measure(MetricKind::R2, &predictions, &Truth::Numbers([Some(0.1); 3].to_vec())), None);
}

#[test]
fn what_is_all_equal_correlates_with_nothing() {
    let (rising, equal) = ([Some(1.0), Some(2.0), Some(4.0)], [Some(0.1); 3]);
    let pearson = |predictions: [f32; 3], truth: [Option<f64>; 3]| {
        measure(MetricKind::Pearson, &Predictions::Numbers(predictions.to_vec()), &Truth::Numbers(truth.to_vec()))
    };
    assert_eq!(pearson([0.1; 3], rising), None);
    assert_eq!(pearson([1.0, 2.0, 4.0], equal), None);
    assert_eq!(pearson([-2.0, -4.0, -8.0], rising), Some(-1.0));
    assert_eq!(pearson([1.0, 2.0, 4.0], [Some(1e200), Some(2e200), Some(4e200)]), None);
    assert_eq!(pearson([1e30, 2e30, 4e30], [Some(1e-200), Some(2e-200), Some(4e-200)]), None);
}

#[test]
fn one_class_alone_has_no_kappa_and_an_mcc_of_zero() {
    let predictions = scores(&[[0.0, 1.0], [0.0, 1.0]]);
    let truth = Truth::Classes(vec![Some(1), Some(1)]);
    assert_eq!(measure(MetricKind::Kappa, &predictions, &truth), None);
    assert_eq!(measure(MetricKind::Mcc, &predictions, &truth), Some(0.0));
}

#[test]
fn a_row_that_predicts_nothing_is_a_class_of_its_own() {
    let silent = scores(&[[0.0, 1.0, 0.0], [f32::NAN, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    let other = scores(&[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    let truth = Truth::Classes(vec![Some(1), Some(1), Some(0)]);
    for kind in [MetricKind::Mcc, MetricKind::Kappa, MetricKind::F1Weighted] {
        let got = measure(kind, &silent, &truth);
        assert!(got.is_some_and(|got| got < 1.0), "{kind}");
        assert_eq!(got, measure(kind, &other, &truth), "{kind}");
    }
}

#[test]
fn kinds_and_rows_must_fit() {
    let numbers = Predictions::Numbers(vec![1.0]);
    assert_eq!(measure(MetricKind::Accuracy, &numbers, &Truth::Numbers([Some(1.0)].to_vec())), None);
    assert_eq!(measure(MetricKind::Mae, &numbers, &Truth::Classes([Some(1)].to_vec())), None);
    assert_eq!(measure(MetricKind::Mae, &numbers, &Truth::Numbers([Some(1.0); 2].to_vec())), None);
    let none = Predictions::Scores { values: vec![], classes: 0 };
    assert_eq!(measure(MetricKind::Accuracy, &none, &Truth::Classes([].to_vec())), None);
}

proptest! {
    #[test]
    fn one_logit_is_two_columns_with_zero(rows in prop::collection::vec((-3_i8..4, prop::option::of(0_u32..2)), 0..30)) {
        let one = scores(&rows.iter().map(|(logit, _)| [f32::from(*logit)]).collect::<Vec<_>>());
        let two = scores(&rows.iter().map(|(logit, _)| [0.0, f32::from(*logit)]).collect::<Vec<_>>());
        let targets: Vec<Option<u32>> = rows.iter().map(|(_, target)| *target).collect();
        for kind in MetricKind::ALL.iter().copied() {
            prop_assert_eq!(measure(kind, &one, &Truth::Classes(targets.clone())), measure(kind, &two, &Truth::Classes(targets.clone())));
        }
    }

    #[test]
    fn auroc_counts_pairs(rows in prop::collection::vec((-3_i8..4, 0_u32..2), 0..30)) {
        let predictions = scores(&rows.iter().map(|(logit, _)| [f32::from(*logit)]).collect::<Vec<_>>());
        let targets: Vec<Option<u32>> = rows.iter().map(|(_, target)| Some(*target)).collect();
        let side = |class| rows.iter().filter(move |(_, target)| *target == class).map(|(logit, _)| *logit);
        let pairs: Vec<f64> = side(1)
            .flat_map(|one| side(0).map(move |zero| match one.cmp(&zero) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            }))
            .collect();
        let want = (!pairs.is_empty()).then(|| pairs.iter().sum::<f64>() / pairs.len() as f64);
        let got = measure(MetricKind::Auroc, &predictions, &Truth::Classes(targets.clone()));
        prop_assert_eq!(got.is_some(), want.is_some());
        prop_assert!((got.unwrap_or(0.0) - want.unwrap_or(0.0)).abs() < 1e-12);
    }

    #[test]
    fn any_input_gives_a_finite_number_or_none(
        values in prop::collection::vec(any::<f32>(), 0..12),
        targets in prop::collection::vec(prop::option::of(any::<f64>()), 0..12),
        labels in prop::collection::vec(prop::option::of(any::<u32>()), 0..12),
        classes in 0_usize..4,
        decoded in prop::collection::vec(".{0,12}", 0..4),
        said in prop::collection::vec(prop::option::of(".{0,12}"), 0..4),
    ) {
        let texts = Predictions::Texts { limited: decoded.clone(), values: decoded };
        let scores = Predictions::Scores { values: values.clone(), classes };
        let numbers = Predictions::Numbers(values);
        for kind in MetricKind::ALL.iter().copied() {
            for predictions in [&scores, &numbers, &texts] {
                let truths = [
                    Truth::Numbers(targets.clone()),
                    Truth::Classes(labels.clone()),
                    Truth::Texts(said.clone()),
                ];
                for truth in &truths {
                    prop_assert!(measure(kind, predictions, truth).is_none_or(f64::is_finite));
                }
            }
        }
    }
}
