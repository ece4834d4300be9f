//! A trend in one row.

/// The full block is left out, so that rows below each other stay apart.
const BARS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];

/// The last values as bars, at most so many; the larger the taller, a missing one is a blank. A constant is a low line.
pub fn sparkline(values: &[f64], columns: usize) -> String {
    let shown = values.get(values.len().saturating_sub(columns)..).unwrap_or_default();
    let finite = shown.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    shown
        .iter()
        .map(|value| {
            let place = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
            match value.is_finite() {
                false => ' ',
                true if !place.is_finite() => '▁',
                true => BARS.get((place * 6.0).round() as usize).copied().unwrap_or('▇'),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_follow_the_values() {
        assert_eq!(sparkline(&[9.0, 0.0, 1.0, f64::NAN, 2.0], 4), "▁▄ ▇");
        assert_eq!(sparkline(&[0.3, 0.3], 9), "▁▁");
        assert_eq!(sparkline(&[-f64::MAX, f64::MAX], 2), "▁▇");
        assert_eq!(sparkline(&[1.0], 0), "");
    }
}
