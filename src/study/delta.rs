//! Δm: what training together gained over training each task alone, in percent, and means with their spread.
//!
//! Owns the convention. Papers print Δm with both signs; here higher is better, everywhere.

use crate::protocol::{Better, MetricInfo, Real, TaskInfo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The convention in one line, to stand under every table that shows Δm.
pub const CONVENTION: &str = "Δm in %, higher is better: mean over tasks of the mean over their metrics of (M - B) / |B|, \
     sign turned where smaller is better; B is the task alone";

/// The second line: what counts otherwise.
pub const ABSOLUTE: &str = "r2, pearson, mcc and kappa, and any metric whose B is not above 0, count as 100 (M - B)";

/// Both lines as one sentence.
pub fn convention() -> String {
    format!("{CONVENTION}; {ABSOLUTE}")
}

/// Metrics that run through 0, where a ratio to the baseline says nothing.
const THROUGH_ZERO: [&str; 4] = ["r2", "pearson", "mcc", "kappa"];

/// A baseline nearer to 0 than this has no ratios either.
const NEAR_ZERO: f64 = 1e-9;

/// The gain of one metric in percent, positive where better; `None` where a number is not finite.
///
/// Relative to |B|, but absolute (times 100) for metrics that may run through 0 and where B ≤ 0 or nearly so.
pub fn gain(metric: &MetricInfo, value: f64, baseline: f64) -> Option<f64> {
    let difference = match metric.better {
        Better::Higher => value - baseline,
        Better::Lower => baseline - value,
    };
    let absolute = baseline < NEAR_ZERO || THROUGH_ZERO.contains(&metric.name.as_str());
    let gain = 100.0 * if absolute { difference } else { difference / baseline };
    gain.is_finite().then_some(gain)
}

/// The mean gain of a task over its metrics that have a baseline. `None` where there are none, or where one of them was
/// not measured or is not finite: leaving it out would flatter.
pub fn task_gain(
    metrics: &[MetricInfo],
    values: &BTreeMap<String, Real>,
    baseline: &BTreeMap<String, Real>,
) -> Option<f64> {
    let known = metrics.iter().filter_map(|metric| Some((metric, baseline.get(&metric.name)?)));
    let gains: Option<Vec<f64>> =
        known.map(|(metric, alone)| gain(metric, values.get(&metric.name)?.get(), alone.get())).collect();
    mean(&gains?)
}

/// What changed against the tasks trained alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Change {
    /// The mean gain of each task in percent, in task order.
    pub tasks: Vec<Option<f64>>,
    /// Δm: their mean; absent where one is.
    pub delta_m: Option<f64>,
}

impl Change {
    /// From test metrics, an entry a task, and the baselines that the run's first event states.
    pub fn of(tasks: &[TaskInfo], metrics: &[BTreeMap<String, Real>]) -> Self {
        let none = BTreeMap::new();
        let gain = |(place, task): (usize, &TaskInfo)| {
            task_gain(&task.metrics, metrics.get(place).unwrap_or(&none), &task.baseline)
        };
        let tasks: Vec<Option<f64>> = tasks.iter().enumerate().map(gain).collect();
        let all: Option<Vec<f64>> = tasks.iter().copied().collect();
        Self { delta_m: all.and_then(|all| mean(&all)), tasks }
    }
}

/// Mean and spread of one figure over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The sample standard deviation; absent with one value.
    pub deviation: Option<f64>,
    /// How many values.
    pub count: usize,
}

impl Spread {
    /// Of some values; `None` of none, or where one is not finite.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mean = mean(values).filter(|mean| mean.is_finite())?;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt());
        Some(Self { mean, deviation, count: values.len() })
    }
}

/// The place of the best, where its lead over the second exceeds the larger spread of the two: a smaller lead is noise.
/// Figures of one seed have no spread and so no best.
pub fn leader(figures: &[Option<Spread>], better: Better) -> Option<usize> {
    let height = |figure: &Spread| if better == Better::Higher { figure.mean } else { -figure.mean };
    let mut ranked: Vec<(usize, &Spread)> =
        figures.iter().enumerate().filter_map(|(place, figure)| Some((place, figure.as_ref()?))).collect();
    ranked.sort_by(|(_, a), (_, b)| height(b).total_cmp(&height(a)));
    let [(place, first), (_, second), ..] = ranked.as_slice() else { return None };
    let spread = first.deviation?.max(second.deviation?);
    (height(first) - height(second) > spread).then_some(*place)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn metric(name: &str, better: Better) -> MetricInfo {
        MetricInfo { name: name.to_owned(), better }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as figures come")]
    fn spread(mean: f64, deviation: f64) -> Option<Spread> {
        Some(Spread { mean, deviation: Some(deviation), count: 3 })
    }

    #[test]
    fn worked_example_of_two_tasks() {
        // Accuracy .8 -> .84 is +5 %; R² .5 -> .4 is -10 points; MAE 2 -> 1 is +50 %; their task has +20 %.
        let task = |metrics: Vec<MetricInfo>, baseline: &[(&str, f64)]| TaskInfo {
            name: String::new(),
            source: String::new(),
            loss: String::new(),
            weight: Real(1.0),
            metrics,
            baseline: baseline.iter().map(|(name, value)| ((*name).to_owned(), Real(*value))).collect(),
        };
        let tasks = [
            task(vec![metric("accuracy", Better::Higher), metric("f1_macro", Better::Higher)], &[("accuracy", 0.8)]),
            task(vec![metric("r2", Better::Higher), metric("mae", Better::Lower)], &[("r2", 0.5), ("mae", 2.0)]),
        ];
        let values = |all: &[(&str, f64)]| all.iter().map(|(name, value)| ((*name).to_owned(), Real(*value))).collect();
        let mut metrics = vec![values(&[("accuracy", 0.84), ("f1_macro", 0.1)]), values(&[("r2", 0.4), ("mae", 1.0)])];
        let change = Change::of(&tasks, &metrics);
        let near = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-9, "{a:?} {b}");
        near(change.tasks[0], 5.0);
        near(change.tasks[1], 20.0);
        near(change.delta_m, 12.5);
        // A metric that is not there any more is no reason to leave it out.
        metrics[1] = values(&[("mae", 1.0)]);
        let change = Change::of(&tasks, &metrics);
        assert_eq!((change.tasks[1], change.delta_m), (None, None));
        assert_eq!(Change::of(&[], &[]).delta_m, None);
    }

    #[test]
    fn spread_is_the_sample_standard_deviation() {
        let spread = Spread::of(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((spread.mean, spread.deviation, spread.count), (2.0, Some(1.0), 3));
        assert_eq!(Spread::of(&[4.0]).unwrap().deviation, None);
        assert_eq!((Spread::of(&[]), Spread::of(&[1.0, f64::NAN])), (None, None));
    }

    #[test]
    fn the_best_is_marked_where_its_lead_exceeds_the_spread() {
        use Better::{Higher, Lower};
        let clear = [spread(0.90, 0.01), spread(0.93, 0.02), None, spread(0.85, 0.5)];
        assert_eq!(leader(&clear, Higher), Some(1));
        assert_eq!(leader(&[spread(0.92, 0.01), spread(0.93, 0.02)], Higher), None);
        assert_eq!(leader(&[spread(0.5, 0.1), spread(0.2, 0.1)], Lower), Some(1));
        assert_eq!(leader(&[spread(0.5, 0.0), spread(0.5, 0.0)], Lower), None, "equal ones have no best");
        assert_eq!(leader(&[spread(0.5, 0.0), None], Higher), None, "nothing to compare with");
        let single = Some(Spread { mean: 0.9, deviation: None, count: 1 });
        assert_eq!(leader(&[single, spread(0.1, 0.0)], Higher), None, "one seed has no spread");
    }

    fn direction() -> impl Strategy<Value = Better> {
        prop_oneof![Just(Better::Higher), Just(Better::Lower)]
    }

    proptest! {
        #[test]
        fn better_is_above_0_and_worse_below(
            name in "accuracy|mae|r2|other", better in direction(), value in -1e3_f64..1e3, baseline in -1e3_f64..1e3,
        ) {
            let gain = gain(&metric(&name, better), value, baseline).unwrap();
            let is_better = if better == Better::Higher { value > baseline } else { value < baseline };
            prop_assert_eq!(gain > 0.0, is_better);
            prop_assert_eq!(gain == 0.0, value == baseline);
        }

        #[test]
        fn units_do_not_matter_and_swapping_the_direction_turns_the_sign(
            value in 1e-3_f64..1e3, baseline in 1e-3_f64..1e3, unit in 1e-3_f64..1e3,
        ) {
            let (lower, higher) = (metric("mae", Better::Lower), metric("mae", Better::Higher));
            let here = gain(&lower, value, baseline).unwrap();
            let there = gain(&lower, value * unit, baseline * unit).unwrap();
            prop_assert!((here - there).abs() <= 1e-9 * here.abs().max(1.0));
            prop_assert_eq!(here, -gain(&higher, value, baseline).unwrap());
        }

        #[test]
        fn no_numbers_make_a_gain_that_is_not_finite(value in any::<f64>(), baseline in any::<f64>()) {
            for name in ["mae", "r2"] {
                let gain = gain(&metric(name, Better::Lower), value, baseline);
                prop_assert!(gain.is_none_or(f64::is_finite));
            }
        }

        #[test]
        fn a_marked_best_is_the_best_and_leads(
            means in proptest::collection::vec((-10.0_f64..10.0, 0.0_f64..3.0), 0..6), better in direction(),
        ) {
            let figures: Vec<_> = means.iter().map(|(mean, deviation)| spread(*mean, *deviation)).collect();
            if let Some(place) = leader(&figures, better) {
                for (other, (mean, _)) in means.iter().enumerate().filter(|(other, _)| *other != place) {
                    let lead = if better == Better::Higher { means[place].0 - mean } else { mean - means[place].0 };
                    prop_assert!(lead > means[place].1, "{other}");
                }
            }
        }
    }
}
