//! The ends of the vertical axis: round, outside the data, and the same as long as the data stays between the same round
//! numbers. A function of smallest and largest value alone, so that the axis never moves by itself.

use super::Scale;

/// The room that a constant gets around it, as a share of its size.
const AROUND: f64 = 0.1;

/// Ends of a logarithmic axis, times a power of ten: a sixth of a decade apart, so that little room is lost.
const ROUND: [f64; 6] = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0];

/// Ends around `low..=high` (finite, in values, above 0 on a logarithmic scale), ascending and finite.
pub fn bounds(scale: Scale, low: f64, high: f64) -> (f64, f64) {
    let (low, high) = if low <= high { (low, high) } else { (high, low) };
    let logarithmic = scale == Scale::Log && low > 0.0;
    // Narrow ranges of a logarithmic axis have round ends of their own, or most of the axis would be empty.
    let found = match logarithmic {
        true if high / low >= 4.0 => (below(low), above(high)),
        true => Some(linear(low, high)).filter(|ends| ends.0 > 0.0).unwrap_or((below(low), above(high))),
        false => linear(low, high),
    };
    let fits = found.0.is_finite() && found.1.is_finite() && found.0 <= low && found.1 >= high && found.0 < found.1;
    let positive = !logarithmic || found.0 > 0.0;
    match (low, high) {
        _ if fits && positive => found,
        _ if low < high => (low, high),
        _ if logarithmic => ((low / 2.0).max(f64::MIN_POSITIVE).min(low), (high * 2.0).min(f64::MAX)),
        _ => ((low - 1.0).max(f64::MIN), (high + 1.0).min(f64::MAX)),
    }
}

/// Multiples of 1, 2 or 5 times a power of ten, about a fifth of the range apart.
fn linear(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    // A range that is nothing beside its own size is a constant to the eye, and to the numbers at the axis.
    let (low, high) = if high / 2.0 - low / 2.0 > size * 1e-9 {
        (low, high)
    } else {
        let around = if size > 0.0 { size * AROUND } else { 1.0 };
        (low - around, high + around)
    };
    let rough = (high / 2.0 - low / 2.0) / 2.5;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    ((low / step).floor() * step, (high / step).ceil() * step)
}

/// The largest round number that is not above the value.
fn below(value: f64) -> f64 {
    round_numbers(value).into_iter().rev().find(|round| *round <= value).unwrap_or(value)
}

/// The smallest one that is not below it.
fn above(value: f64) -> f64 {
    round_numbers(value).into_iter().find(|round| *round >= value).unwrap_or(value)
}

fn round_numbers(value: f64) -> Vec<f64> {
    let power = value.log10().floor() as i32;
    (power - 1..=power + 1)
        .flat_map(|power| ROUND.map(|factor| factor * 10_f64.powi(power)))
        .filter(|round| *round > 0.0 && round.is_finite())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_are_round_and_stay_while_the_data_moves_between_them() {
        assert_eq!(bounds(Scale::Log, 0.021, 2.1), (0.02, 3.0));
        assert_eq!(bounds(Scale::Log, 0.029, 2.9), (0.02, 3.0));
        let (low, high) = bounds(Scale::Log, 0.31, 0.39);
        assert!((low - 0.3).abs() < 1e-9 && (high - 0.4).abs() < 1e-9);
        assert_eq!(bounds(Scale::Linear, 0.4, 9.1), (0.0, 10.0));
        assert_eq!(bounds(Scale::Linear, 1.1, 8.2), (0.0, 10.0));
        assert_eq!(bounds(Scale::Linear, -3.0, 3.0), (-4.0, 4.0));
    }

    #[test]
    fn a_constant_lies_between_ends() {
        for scale in [Scale::Linear, Scale::Log] {
            let (low, high) = bounds(scale, 0.3, 0.3);
            assert!((0.2..0.3).contains(&low) && (0.3..0.4).contains(&high), "{low} {high}");
        }
        assert_eq!(bounds(Scale::Linear, 0.0, 0.0), (-1.0, 1.0));
    }

    proptest! {
        #[test]
        fn the_ends_hold_the_data_whatever_it_is(a in any::<f64>(), b in any::<f64>(), same: bool, log: bool) {
            prop_assume!(a.is_finite() && b.is_finite());
            let b = if same { a } else { b };
            let (a, b) = if log { (a.abs().max(f64::MIN_POSITIVE), b.abs().max(f64::MIN_POSITIVE)) } else { (a, b) };
            let (low, high) = bounds(if log { Scale::Log } else { Scale::Linear }, a, b);
            prop_assert!(low <= a.min(b) && high >= a.max(b) && low < high && low.is_finite() && high.is_finite());
            prop_assert!(!log || low > 0.0);
        }

        #[test]
        fn ordinary_data_fills_a_good_part_of_the_axis(low in 1e-3..1e3_f64, span in 1e-2..1e3_f64) {
            let (from, to) = bounds(Scale::Linear, low, low + span);
            prop_assert!(span / (to - from) > 0.5);
            let (from, to) = bounds(Scale::Log, low, low + span);
            prop_assert!((low + span).log10() - low.log10() > 0.3 * (to.log10() - from.log10()));
        }
    }
}
