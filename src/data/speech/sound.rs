//! A mono sound within bounds that keep every later step small and finite.
//!
//! Owns those bounds. It must not know how a file is laid out.

use super::{resample, wav};

/// The lowest rate of a sound, in samples a second.
pub const LOWEST_RATE: u32 = 1_000;

/// The highest rate of a sound, in samples a second.
pub const HIGHEST_RATE: u32 = 384_000;

/// The longest sound, in seconds. Longer ones are refused before memory is asked for.
pub const LONGEST_SECONDS: u32 = 60;

/// Up to here a value beyond full scale is taken for a loud sound and clipped; beyond, for a wrong scale.
const LOUDEST: f32 = 4.0;

/// One channel of sound: at least one sample, at most [`LONGEST_SECONDS`] of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    rate: u32,
    samples: Vec<f32>,
}

impl Sound {
    /// A sound from samples at `rate` a second; full scale is 1, and values slightly beyond it are clipped to it.
    ///
    /// # Errors
    /// Where the rate or the length is out of bounds, or a value is no number or far beyond full scale.
    pub fn new(rate: u32, mut samples: Vec<f32>) -> Result<Self, String> {
        check_rate(rate)?;
        check_length(rate, samples.len())?;
        for (place, sample) in samples.iter_mut().enumerate() {
            if sample.is_nan() || sample.abs() > LOUDEST {
                return Err(format!("sample {} is {sample}, expected a value from -1 to 1", place + 1));
            }
            *sample = sample.clamp(-1.0, 1.0);
        }
        Ok(Self { rate, samples })
    }

    /// A sound from the bytes of a WAV file: PCM of 8, 16, 24 or 32 bits or float of 32 bits, at a rate from
    /// [`LOWEST_RATE`] to [`HIGHEST_RATE`]. Several channels become one, their mean.
    ///
    /// # Errors
    /// What is wrong and what was expected, in a sentence that fits behind `file.wav: `. A file with fewer samples than
    /// its header says is an error, not a short sound.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        wav::read(bytes)
    }

    /// Samples a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The samples, 1 being full scale. After [`Self::resampled`] they may overshoot that a little.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// How long it is.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// The same sound at another rate, held to [`LOWEST_RATE`] to [`HIGHEST_RATE`]. What is above half of the lower of
    /// the two rates is filtered out. At its own rate the samples stay as they are.
    #[must_use]
    pub fn resampled(self, rate: u32) -> Self {
        let rate = rate.clamp(LOWEST_RATE, HIGHEST_RATE);
        if rate == self.rate {
            return self;
        }
        let samples = resample::resample(&self.samples, self.rate, rate);
        Self { rate, samples }
    }
}

/// Refuses a rate out of bounds.
pub(super) fn check_rate(rate: u32) -> Result<(), String> {
    if (LOWEST_RATE..=HIGHEST_RATE).contains(&rate) {
        return Ok(());
    }
    Err(format!("the rate is {rate} samples a second, expected {LOWEST_RATE} to {HIGHEST_RATE}"))
}

/// Refuses a number of samples (of one channel) that is zero or too long at this rate.
pub(super) fn check_length(rate: u32, samples: usize) -> Result<(), String> {
    if samples == 0 {
        return Err("the sound has no samples, expected at least one".to_owned());
    }
    let most = u64::from(rate) * u64::from(LONGEST_SECONDS);
    if samples as u64 > most {
        return Err(format!("the sound has {samples} samples, expected at most {most} ({LONGEST_SECONDS} s)"));
    }
    Ok(())
}

#[cfg(test)]
#[path = "sound_tests.rs"]
mod tests;
