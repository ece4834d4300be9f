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
    let decades = scale == Scale::Log && low > 0.0 && high / low >= 10.0;
    let style = Style::of(&values, resolution, decades);
    let mut marks: Vec<Tick> =
        values.into_iter().map(|value| Tick { value, label: style.label(value, resolution) }).collect();
    // Numbers that differ beyond what is written are one mark.
    marks.dedup_by(|next, previous| next.label == previous.label);
    marks
}

/// Marks of a clock that counts seconds: whole seconds, minutes, hours or days apart, written `1:30`, `2:00:00`, `3d`.
pub fn clock(low: f64, high: f64, most: usize) -> Vec<Tick> {
    const APART: [u32; 18] =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
    let span = high - low;
    let apart = APART.into_iter().map(f64::from).find(|apart| span / apart < most as f64);
    // Below seconds and beyond a few days the plain round numbers serve, with their unit.
    let (unit, name) = if span < 4.0 { (1.0, "s") } else { (86_400.0, "d") };
    let (true, Some(apart)) = (span >= 4.0, apart) else {
        let marks = ticks(Scale::Linear, low / unit, high / unit, most).into_iter();
        return marks.map(|tick| Tick { value: tick.value * unit, label: format!("{}{name}", tick.label) }).collect();
    };
    let count = (high / apart).floor() - (low / apart).ceil() + 1.0;
    (0..count.clamp(0.0, most as f64) as usize)
        .map(|place| ((low / apart).ceil() + place as f64) * apart)
        .map(|value| Tick { value, label: time(value) })
        .collect()
}

fn time(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes}:{rest:02}"),
        1..48 => format!("{hours}:{minutes:02}:{rest:02}"),
        _ => format!("{}d{:02}h", hours / 24, hours % 24),
    }
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

/// Powers of ten; where there are fewer than three also 2 and 5 where there is room; linear where the range lies inside one decade.
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
    // Three powers of ten and more are read at a glance.
    if low.log10() + 2.0 <= high.log10() && decades.len() >= 3 {
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

/// How the numbers of one axis are written: one style for all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    /// In full, with so many decimals at most; zeros at the end are left out.
    Plain(usize),
    /// In thousands.
    Thousands,
    /// With a power of ten.
    Power,
}

impl Style {
    fn of(values: &[f64], resolution: f64, decades: bool) -> Self {
        let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let smallest =
            values.iter().filter(|value| **value != 0.0).fold(largest, |least, value| least.min(value.abs()));
        // A mark of a logarithmic axis that needs a power of ten takes the others with it.
        let plain = if decades { smallest >= 9e-5 && largest < 9.9e5 } else { (9e-4..1e6).contains(&largest) };
        match plain || largest == 0.0 {
            false => Self::Power,
            true if largest >= 1e4 && values.iter().all(|value| value % 100.0 == 0.0) => Self::Thousands,
            true => {
                let fine = if decades { smallest } else { resolution };
                Self::Plain((1.0 - fine.max(1e-9).log10()).ceil().clamp(0.0, 9.0) as usize)
            }
        }
    }

    fn label(self, value: f64, resolution: f64) -> String {
        match self {
            _ if value == 0.0 => "0".to_owned(),
            Self::Plain(decimals) => trimmed(&format!("{value:.decimals$}")).to_owned(),
            Self::Thousands if value.abs() < 1000.0 => format!("{value:.0}"),
            Self::Thousands => format!("{}k", trimmed(&format!("{:.1}", value / 1e3))),
            Self::Power => {
                let fine = resolution.abs().max(f64::MIN_POSITIVE).log10().floor();
                let digits = (value.abs().log10().floor() - fine).clamp(0.0, 9.0) as usize;
                let text = format!("{value:.digits$e}");
                match text.split_once('e') {
                    Some((number, power)) => format!("{}e{power}", trimmed(number)),
                    None => text,
                }
            }
        }
    }
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
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
    fn one_axis_has_one_style() {
        assert_eq!(labels(Scale::Linear, 0.0, 0.002, 5), ["0", "0.0005", "0.001", "0.0015", "0.002"]);
        assert_eq!(labels(Scale::Linear, 0.0, 20_000.0, 5), ["0", "5k", "10k", "15k", "20k"]);
        assert_eq!(labels(Scale::Linear, 123_450.0, 123_460.0, 3), ["123450", "123455", "123460"]);
        assert_eq!(labels(Scale::Linear, 0.0, 3e-5, 4), ["0", "1e-5", "2e-5", "3e-5"]);
        assert_eq!(labels(Scale::Log, 0.5, 1.0, 6), ["0.5", "0.7", "1"]);
    }

    #[test]
    fn a_clock_has_whole_minutes() {
        let labels =
            |low, high, most| -> Vec<String> { clock(low, high, most).into_iter().map(|tick| tick.label).collect() };
        assert_eq!(labels(0.0, 100.0, 5), ["0:00", "0:30", "1:00", "1:30"]);
        assert_eq!(labels(3500.0, 7300.0, 4), ["1:00:00", "1:30:00", "2:00:00"]);
        assert_eq!(labels(0.0, 1.0, 3), ["0s", "0.5s", "1s"]);
        assert_eq!(labels(0.0, 3e6, 4), ["0d", "10d", "20d", "30d"]);
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
            clock(low, high, most);
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
