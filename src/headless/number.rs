//! Numbers as people read them.

/// About four significant digits, without a mantissa where one can be avoided.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let size = value.abs();
    match size {
        0.0 => "0".to_owned(),
        _ if !(1e-3..1e6).contains(&size) => format!("{value:.2e}"),
        _ if size < 0.99995 => format!("{value:.4}"),
        _ if size < 9.9995 => format!("{value:.3}"),
        _ if size < 99.995 => format!("{value:.2}"),
        _ if size < 9999.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Seconds as `mm:ss` or `h:mm:ss`.
pub fn duration(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.clamp(0.0, 3.6e8).round() as u64 } else { return "--:--".to_owned() };
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes:02}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [0.0, 0.5, 1.0, 12.34567, 1234.5, 1e-5, 3.2e8, f64::NAN].map(short).to_vec();
        assert_eq!(shown, ["0", "0.5000", "1.000", "12.35", "1234.5", "1.00e-5", "3.20e8", "NaN"]);
        assert_eq!(duration(3723.4), "1:02:03");
        assert_eq!(duration(61.0), "01:01");
        assert_eq!(duration(f64::INFINITY), "--:--");
    }
}
