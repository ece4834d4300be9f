//! The moving average of a line: debiased, exact for a constant, and off when it is off.

/// An exponential moving average with bias correction.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    smoothing: f64,
    value: f64,
    count: u32,
    /// From so many values on β to their count is nothing beside 1.
    forgets: u32,
}

impl Average {
    /// Of nothing yet; `smoothing` is β, 0 for none.
    pub fn new(smoothing: f64) -> Self {
        let smoothing = if (0.0..1.0).contains(&smoothing) { smoothing } else { 0.0 };
        let forgets = if smoothing > 0.0 { (f64::EPSILON.ln() / smoothing.ln()).ceil() as u32 + 1 } else { 0 };
        Self { smoothing, value: 0.0, count: 0, forgets }
    }

    /// β.
    pub fn smoothing(&self) -> f64 {
        self.smoothing
    }

    /// After these values and their averages.
    pub fn after(smoothing: f64, raw: &[f64], smooth: &[f64]) -> Self {
        let finite = |&&value: &&f64| value.is_finite();
        let count = raw.iter().filter(finite).count().min(u32::MAX as usize) as u32;
        let value = smooth.iter().rev().find(finite).copied().unwrap_or(0.0);
        Self { value, count, ..Self::new(smoothing) }
    }

    /// The average after one more value, as a weighted step towards it: so a constant stays exactly constant.
    pub fn next(&mut self, value: f64) -> f64 {
        if !value.is_finite() {
            return f64::NAN;
        }
        self.count = self.count.saturating_add(1);
        // What is left of the first values vanishes beside 1 before long, and a power a value would cost much.
        let decayed = if self.count < self.forgets { self.smoothing.powf(f64::from(self.count)) } else { 0.0 };
        let weight = (1.0 - self.smoothing) / (1.0 - decayed);
        // Written so that two huge values of opposite sign do not overflow.
        self.value =
            if weight >= 1.0 || value == self.value { value } else { self.value * (1.0 - weight) + value * weight };
        self.value
    }
}
