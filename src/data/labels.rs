//! Cells as numbers and as labels.

use std::collections::BTreeSet;

/// A cell as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    /// A finite number.
    Number(f64),
    /// Written like a number, but beyond what a number can be (`inf`, `1e999`).
    Infinite,
    /// Text.
    Text,
}

/// Reads a cell as a number.
pub(super) fn reading(cell: &str) -> Reading {
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Reading::Number(value),
        Ok(_) => Reading::Infinite,
        Err(_) => Reading::Text,
    }
}

/// Labels in order: by value where all are numbers, else by alphabet.
pub(super) fn ordered<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let labels: BTreeSet<&str> = cells.collect();
    let mut numbers: Vec<(f64, &str)> = Vec::with_capacity(labels.len());
    for label in &labels {
        let Reading::Number(value) = reading(label) else {
            return labels.into_iter().map(str::to_owned).collect();
        };
        numbers.push((value, label));
    }
    numbers.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    numbers.into_iter().map(|(_, label)| label.to_owned()).collect()
}

/// Mean and standard deviation of numbers; the deviation of numbers that are all equal is 1, so that scaling gives
/// zeros. `None` where there are none, or they are too large to be scaled.
pub(super) fn scale(values: &[f64]) -> Option<Scale> {
    let first = *values.first()?;
    if values.iter().all(|value| *value == first) {
        return Some(Scale { mean: first, deviation: 1.0, constant: true });
    }
    let count = values.len() as f64;
    // Divided before they are added, so that large numbers do not overflow on the way.
    let mean = values.iter().map(|value| value / count).sum::<f64>();
    let variance = values.iter().map(|value| (value - mean) * (value - mean) / count).sum::<f64>();
    let deviation = variance.sqrt();
    (mean.is_finite() && deviation.is_normal()).then_some(Scale { mean, deviation, constant: false })
}

/// How numbers are brought to mean 0 and deviation 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub mean: f64,
    pub deviation: f64,
    pub constant: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_ordered_by_value_or_alphabet() {
        assert_eq!(ordered(["10", "9", "9", "-1"].into_iter()), ["-1", "9", "10"]);
        assert_eq!(ordered(["10", "9", "b"].into_iter()), ["10", "9", "b"]);
    }

    #[test]
    fn numbers_beyond_numbers_are_told_apart_from_text() {
        assert_eq!(reading("1e999"), Reading::Infinite);
        assert_eq!(reading("inf"), Reading::Infinite);
        assert_eq!(reading("1e3"), Reading::Number(1000.0));
        assert_eq!(reading("1,5"), Reading::Text);
    }

    #[test]
    fn scales_are_finite_or_absent() {
        assert_eq!(scale(&[]), None);
        assert_eq!(scale(&[0.1; 3]), Some(Scale { mean: 0.1, deviation: 1.0, constant: true }));
        assert_eq!(scale(&[1e300, -1e300]), None);
        assert_eq!(scale(&[1.0, 3.0]), Some(Scale { mean: 2.0, deviation: 1.0, constant: false }));
    }
}
