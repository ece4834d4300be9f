//! Where an axis carries numbers: few, round, and inside its range.

/// How values become places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal ratios; only values above 0 have a place.
    Log,
}

impl Scale {
    /// The value on the scale; `None` where it has no place.
    pub fn place(self, value: f64) -> Option<f64> {
        let place = match self {
            Self::Linear => value,
            Self::Log => value.log10(),
        };
        place.is_finite().then_some(place)
    }
}

/// One mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its value.
    pub value: f64,
    /// What is written there.
    pub label: String,
}

/// Marks inside `low..=high`, ascending, at most `most` of them. None where the range is empty or not finite.
pub fn ticks(scale: Scale, low: f64, high: f64, most: usize) -> Vec<Tick> {
    if most == 0 || !low.is_finite() || !high.is_finite() || low > high {
        return Vec::new();
    }
    let values = match scale {
        Scale::Log if low > 0.0 => logarithmic(low, high, most),
        _ => linear(low, high, most),
    };
    let resolution =
        values.iter().zip(values.iter().skip(1)).map(|(left, right)| right - left).fold(high - low, f64::min);
    // One style an axis: where one mark of a logarithmic axis needs a power of ten, all are written so.
    let decades = scale == Scale::Log && low > 0.0 && high / low >= 10.0;
    let plain = match decades {
        false => 1e-3..1e6,
        true if values.iter().all(|value| (9e-5..1e6).contains(value)) => 9e-5..1e6,
        true => 1.0..1.0,
    };
    values.into_iter().map(|value| Tick { value, label: label(value, resolution, &plain) }).collect()
}

/// Multiples of 1, 2 or 5 times a power of ten.
fn linear(low: f64, high: f64, most: usize) -> Vec<f64> {
    // Halves, so that the widest ranges do not overflow.
    let span = high / 2.0 - low / 2.0;
    if span <= 0.0 {
        return vec![low];
    }
    let rough = span / most as f64 * 2.0;
    let power = 10_f64.powf(rough.log10().floor());
    let candidates = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].map(|factor| factor * power);
    for step in candidates.into_iter().filter(|step| step.is_finite() && *step > 0.0) {
        let first = (low / step).ceil();
        let last = (high / step).floor();
        let count = last - first + 1.0;
        if count > most as f64 || !count.is_finite() {
            continue;
        }
        let values: Vec<f64> = (0..count.max(0.0) as usize)
            .map(|place| (first + place as f64) * step)
            .map(|value| if value == 0.0 { 0.0 } else { value })
            .filter(|value| (low..=high).contains(value))
            .collect();
        return strictly_ascending(values);
    }
    Vec::new()
}

/// Powers of ten; within two decades also 2 and 5 where there is room; linear where the range lies inside one decade.
fn logarithmic(low: f64, high: f64, most: usize) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let within = |value: &f64| (low..=high).contains(value);
    let with = |factors: &[f64]| -> Vec<f64> {
        (first..=last)
            .flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)))
            .filter(within)
            .collect()
    };
    let decades = with(&[1.0]);
    if decades.len() > most {
        let every = decades.len().div_ceil(most);
        return decades.into_iter().step_by(every).collect();
    }
    // Over two decades and more, powers of ten alone are read at a glance.
    if low.log10() + 2.0 <= high.log10() && decades.len() >= 2 {
        return decades;
    }
    for factors in [&[1.0, 2.0, 3.0, 5.0, 7.0][..], &[1.0, 2.0, 5.0], &[1.0, 3.0]] {
        let values = with(factors);
        if values.len() <= most && values.len() >= 2 {
            return strictly_ascending(values);
        }
    }
    if decades.len() >= 2 { decades } else { linear(low, high, most) }
}

fn strictly_ascending(mut values: Vec<f64>) -> Vec<f64> {
    values.dedup_by(|next, previous| *next <= *previous);
    values
}

/// The shortest form that tells neighbours apart; sizes in `plain` are written without a power of ten.
fn label(value: f64, resolution: f64, plain: &std::ops::Range<f64>) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !plain.contains(&size) {
        let digits = (size.log10().floor() - resolution.abs().max(f64::MIN_POSITIVE).log10().floor()).clamp(0.0, 3.0);
        let text = format!("{value:.*e}", digits as usize);
        return match text.split_once('e') {
            Some((number, power)) if number.contains('.') => {
                format!("{}e{power}", number.trim_end_matches('0').trim_end_matches('.'))
            }
            _ => text,
        };
    }
    let (scaled, suffix) = if size >= 1e4 { (value / 1e3, "k") } else { (value, "") };
    let text = format!("{scaled:.4}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scale: Scale, low: f64, high: f64, most: usize) -> Vec<String> {
        ticks(scale, low, high, most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(labels(Scale::Linear, 0.0, 1.0, 6), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(labels(Scale::Linear, 1.0, 50_000.0, 6), ["10k", "20k", "30k", "40k", "50k"]);
        assert_eq!(labels(Scale::Log, 0.02, 30.0, 5), ["0.1", "1", "10"]);
        assert_eq!(labels(Scale::Log, 1e-9, 1e-2, 4), ["1e-9", "1e-7", "1e-5", "1e-3"]);
        assert_eq!(labels(Scale::Log, 1e-4, 3.0, 8), ["0.0001", "0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels(Scale::Log, 1e-5, 3.0, 8), ["1e-5", "1e-4", "1e-3", "1e-2", "1e-1", "1e0"]);
        assert_eq!(labels(Scale::Log, 0.02, 0.9, 8), ["0.02", "0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(labels(Scale::Log, 0.31, 0.39, 4), ["0.32", "0.34", "0.36", "0.38"]);
    }

    #[test]
    fn a_constant_has_its_one_mark_and_nonsense_has_none() {
        assert_eq!(labels(Scale::Linear, 0.3, 0.3, 5), ["0.3"]);
        assert!(ticks(Scale::Linear, f64::NAN, 1.0, 5).is_empty());
        assert!(ticks(Scale::Log, 2.0, 1.0, 5).is_empty());
        assert!(ticks(Scale::Log, 1.0, 2.0, 0).is_empty());
    }

    proptest! {
        #[test]
        fn marks_ascend_within_the_range(a in any::<f64>(), b in any::<f64>(), most in 0_usize..12, log in any::<bool>()) {
            let scale = if log { Scale::Log } else { Scale::Linear };
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            let marks = ticks(scale, low, high, most);
            prop_assert!(marks.len() <= most);
            prop_assert!(marks.iter().all(|tick| (low..=high).contains(&tick.value) && !tick.label.is_empty()));
            prop_assert!(marks.windows(2).all(|pair| pair[0].value < pair[1].value));
        }
        #[test]
        fn an_ordinary_range_has_marks(low in -1e3..1e3, span in 1e-3..1e3, most in 5_usize..12) {
            prop_assert!(ticks(Scale::Linear, low, low + span, most).len() >= 2);
        }
        #[test]
        fn neighbours_have_different_labels(low in 0.001..1e3, span in 0.01..1e3, most in 3_usize..9, log in any::<bool>()) {
            let scale = if log { Scale::Log } else { Scale::Linear };
            let marks = ticks(scale, low, low + span, most);
            prop_assert!(marks.windows(2).all(|pair| pair[0].label != pair[1].label), "{marks:?}");
        }
    }
}
