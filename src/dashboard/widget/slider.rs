//! A bar that shows a number above 0 on a logarithmic scale.

/// `━━━●────` in so many columns: `low` at the left end, `high` at the right one; 0 is an empty ring at the left.
pub fn slider(value: f64, low: f64, high: f64, columns: usize) -> String {
    let Some(last) = columns.checked_sub(1) else { return String::new() };
    let place = if value > 0.0 && low > 0.0 && high > low {
        (value.log10() - low.log10()) / (high.log10() - low.log10())
    } else {
        0.0
    };
    let knob = (place.clamp(0.0, 1.0) * last as f64).round() as usize;
    let ring = if value > 0.0 { '●' } else { '○' };
    (0..columns)
        .map(|column| match column.cmp(&knob) {
            std::cmp::Ordering::Less => '━',
            std::cmp::Ordering::Equal => ring,
            std::cmp::Ordering::Greater => '─',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_the_geometric_one() {
        assert_eq!(slider(1.0, 0.1, 10.0, 5), "━━●──");
        assert_eq!(slider(0.0, 0.1, 10.0, 3), "○──");
        assert_eq!(slider(f64::INFINITY, 0.1, 10.0, 3), "━━●");
        assert_eq!(slider(f64::NAN, 0.1, 10.0, 3), "○──");
        assert_eq!(slider(1.0, 0.1, 10.0, 0), "");
    }
}
