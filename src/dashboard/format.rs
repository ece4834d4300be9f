//! Numbers as the screen writes them: short, aligned, never misleading.

/// Three significant digits in seven columns; nine for the smallest negative numbers.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let size = value.abs();
    match size {
        0.0 => "0".to_owned(),
        _ if !(5e-4..99_999.5).contains(&size) => scientific(value, 1),
        _ if size < 9.995 => format!("{value:.3}"),
        _ if size < 99.95 => format!("{value:.2}"),
        _ if size < 999.5 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A task weight: two decimals where they say enough.
pub fn weight(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (0.095..999.5).contains(&size) => format!("{value:.2}"),
        size if (0.001..0.095).contains(&size) => format!("{value:.3}"),
        _ => number(value),
    }
}

/// The name of a run among several: `A` for the first, `Z` for the 26th, then numbers.
pub fn letter(run: usize) -> String {
    match u8::try_from(run) {
        Ok(place @ 0..26) => char::from(b'A' + place).to_string(),
        _ => (run + 1).to_string(),
    }
}

/// A learning rate.
pub fn rate(value: f64) -> String {
    if value != 0.0 && value.is_finite() && value.abs() < 0.01 { scientific(value, 1) } else { number(value) }
}

/// A count with separators: `12,480`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in at most five columns: `12.4k`. Cut, not rounded, so that it never runs ahead.
pub fn short_count(value: u64) -> String {
    match value {
        0..10_000 => value.to_string(),
        10_000..1_000_000 => format!("{}.{}k", value / 1000, value % 1000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{}M", value / 1_000_000, value % 1_000_000 / 100_000),
        _ => format!("{:.0e}", value as f64),
    }
}

/// Updates a second.
pub fn speed(value: f64) -> String {
    match value {
        _ if !value.is_finite() => "-".to_owned(),
        _ if value >= 9.95 => thousands(value.round() as u64),
        _ => format!("{value:.1}"),
    }
}

/// `01:31`, from an hour on `2:03:04`, from a hundred hours on `5d 03h`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "-".to_owned();
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes:02}:{rest:02}"),
        1..100 => format!("{hours}:{minutes:02}:{rest:02}"),
        _ => format!("{}d {:02}h", hours / 24, hours % 24),
    }
}

/// A cosine with its sign and two digits: `+.31`, `-.44`, `+1.0`.
pub fn cosine(value: f64) -> String {
    if !value.is_finite() {
        return "NaN".to_owned();
    }
    let hundredths = (value.clamp(-1.0, 1.0) * 100.0).round() as i32;
    // Of the value itself: a small conflict must not look like agreement.
    let sign = if value < 0.0 { '-' } else { '+' };
    match hundredths.abs() {
        100 => format!("{sign}1.0"),
        rest => format!("{sign}.{rest:02}"),
    }
}

/// A signed share in percent, in at most six columns: `+12%`, `-1.3%`, `+.04%`.
pub fn change(share: f64) -> String {
    if !share.is_finite() {
        return "NaN".to_owned();
    }
    let (percent, sign) = (share.abs() * 100.0, if share < 0.0 { '-' } else { '+' });
    match percent {
        ..0.995 => format!("{sign}{}%", format!("{percent:.2}").trim_start_matches('0')),
        ..9.95 => format!("{sign}{percent:.1}%"),
        ..999.5 => format!("{sign}{percent:.0}%"),
        _ => format!("{sign}>1k%"),
    }
}

/// The power of ten that leaves the largest of some values two digits; 0 where there is no value to speak of.
pub fn common_exponent(values: impl Iterator<Item = f64>) -> i32 {
    let largest = values.filter(|value| value.is_finite()).fold(0.0, |most: f64, value| most.max(value.abs()));
    // Written out first, so that what is rounded up to three digits counts as three.
    let text = scientific(largest, 1);
    let exponent = text.split('e').nth(1).and_then(|digits| digits.parse::<i32>().ok()).unwrap_or(0);
    if (1e-300..1e300).contains(&largest) { exponent - 1 } else { 0 }
}

/// A signed value in units of a power of ten, without what is below one: `+12`, `-3`, `-0`.
pub fn in_units(value: f64, exponent: i32) -> String {
    if !value.is_finite() {
        return "NaN".to_owned();
    }
    // The sign is of the value itself: a small harm must not look like help.
    let sign = if value < 0.0 { '-' } else { '+' };
    let units = (value.abs() * 10_f64.powi(exponent.saturating_neg())).min(9e4);
    if value == 0.0 { "0".to_owned() } else { format!("{sign}{units:.0}") }
}

/// The name of a unit that is a power of ten: ` (×1e-5)`, ` (%)`, nothing for 1.
pub fn unit(exponent: i32) -> String {
    match exponent {
        0 => String::new(),
        -2 => " (%)".to_owned(),
        _ => format!(" (×1e{exponent})"),
    }
}

/// By what something was multiplied: `12`, `3.4`, `0.08`.
pub fn factor(value: f64) -> String {
    match value.abs() {
        size if !(0.01..1000.0).contains(&size) => scientific(value, 0),
        size if size >= 9.95 => format!("{value:.0}"),
        size if size >= 0.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn scientific(value: f64, digits: usize) -> String {
    format!("{value:.digits$e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_right() {
        let shown = [0.0, 0.4123, 12.345, 123.45, 12_345.6, 1e-5, -3e9, f64::NAN, f64::INFINITY].map(number);
        assert_eq!(shown, ["0", "0.412", "12.35", "123.5", "12346", "1.0e-5", "-3.0e9", "NaN", "+inf"]);
        assert_eq!([0.0, 1.0, 0.05, 123.456].map(weight), ["0.00", "1.00", "0.050", "123.46"]);
        assert_eq!([3e-4, 0.1].map(rate), ["3.0e-4", "0.100"]);
        assert_eq!([7, 12_480, 1_234_567].map(thousands), ["7", "12,480", "1,234,567"]);
        assert_eq!([9_999, 12_480, 3_950_000].map(short_count), ["9999", "12.4k", "3.9M"]);
        assert_eq!([91.0, 7384.0, 450_000.0].map(duration), ["01:31", "2:03:04", "5d 05h"]);
        let changes = [0.123, -0.0131, 0.0004, 0.0, -99.0].map(change);
        assert_eq!(changes, ["+12%", "-1.3%", "+.04%", "+.00%", "->1k%"]);
        let exponents = [&[1.23e-5, -4e-7][..], &[9.96e-5], &[0.5], &[30.0, f64::NAN], &[0.0], &[], &[1e-320]];
        let exponents = exponents.map(|values| common_exponent(values.iter().copied()));
        assert_eq!(exponents, [-6, -5, -2, 0, 0, 0, 0]);
        assert_eq!([1.23e-5, -4e-7, 0.0, -1e-9].map(|value| in_units(value, -6)), ["+12", "-0", "0", "-0"]);
        assert_eq!([-6, -2, 0].map(unit), [" (×1e-6)", " (%)", ""]);
        assert_eq!([12.3, 3.42, 0.08, 1e-5].map(factor), ["12", "3.4", "0.08", "1e-5"]);
        assert_eq!([0.312, -0.444, 0.999, -0.001].map(cosine), ["+.31", "-.44", "+1.0", "-.00"]);
    }

    proptest::proptest! {
        #[test]
        fn every_number_fits_its_column(value in proptest::num::f64::ANY, count in proptest::num::u64::ANY) {
            proptest::prop_assert!(number(value).len() <= 9);
            proptest::prop_assert!(short_count(count).len() <= 6);
            proptest::prop_assert!(cosine(value).len() <= 4);
            proptest::prop_assert!(change(value).len() <= 6);
            let exponent = common_exponent(std::iter::once(value));
            proptest::prop_assert!(in_units(value, exponent).len() <= 3 || value.abs() >= 1e300);
            proptest::prop_assert!(in_units(value, -300).len() <= 6);
            factor(value);
            duration(value);
            speed(value);
        }
    }
}
