//! Log-mel frames: how loud each band of a scale like the ear's is, many times a second.
//!
//! Owns the definition and what settings make sense. It must not learn anything from data.

use super::sound::{Sound, check_rate};
use realfft::RealFftPlanner;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Added to every energy before its logarithm: silence is ln(1e-6) ≈ -13.8, not -∞.
pub const FLOOR: f32 = 1e-6;

/// The smallest and the largest window, in samples.
const WINDOWS: std::ops::RangeInclusive<usize> = 16..=65_536;

/// Most frames a second, so that a long sound stays small.
const MOST_FRAMES_A_SECOND: usize = 1_000;

/// Log-mel features, with the definition of librosa's and torchaudio's MelSpectrogram: a periodic Hann window, centred
/// frames with reflection at the ends (zeros where a sound is not longer than half a window), the power spectrum,
/// triangles of height 1 on the HTK mel scale from 0 to half the rate, and ln(energy + [`FLOOR`]).
///
/// A value of this type always makes sense: it comes from [`LogMel::checked`], from JSON through the same checks, or is
/// the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct LogMel {
    rate: u32,
    window: usize,
    hop: usize,
    bands: usize,
}

/// What JSON holds.
#[derive(Deserialize)]
struct Unchecked {
    rate: u32,
    window: usize,
    hop: usize,
    bands: usize,
}

impl TryFrom<Unchecked> for LogMel {
    type Error = String;

    fn try_from(Unchecked { rate, window, hop, bands }: Unchecked) -> Result<Self, String> {
        Self::checked(rate, window, hop, bands)
    }
}

impl Default for LogMel {
    /// 32 bands, 100 frames a second, windows of 32 ms, at 8 kHz.
    fn default() -> Self {
        Self { rate: 8_000, window: 256, hop: 80, bands: 32 }
    }
}

impl LogMel {
    /// Features of sound at `rate` samples a second, from windows of `window` samples every `hop` samples.
    ///
    /// # Errors
    /// Where a number makes no sense, with what would.
    pub fn checked(rate: u32, window: usize, hop: usize, bands: usize) -> Result<Self, String> {
        check_rate(rate)?;
        if !WINDOWS.contains(&window) || window % 2 == 1 {
            let (least, most) = (WINDOWS.start(), WINDOWS.end());
            return Err(format!("a window of {window} samples, expected an even number from {least} to {most}"));
        }
        let least = (rate as usize).div_ceil(MOST_FRAMES_A_SECOND);
        if hop < least || hop > window {
            return Err(format!("a hop of {hop} samples, expected {least} (a millisecond) to {window} (the window)"));
        }
        let fits = |bands: usize| Self { rate, window, hop, bands }.filters().all(|filter| filter.hears());
        // There are window / 2 + 1 frequencies, and no two bands have their peak on one.
        let bound = window / 2 + 1;
        if bands == 0 || bands > bound || !fits(bands) {
            let from = if bands == 0 { bound } else { bands.min(bound) };
            let most = (1..=from).rev().find(|fewer| fits(*fewer)).unwrap_or(1);
            return Err(format!(
                "{bands} bands, expected 1 to {most}: a window of {window} samples at {rate} a second tells too few \
                 frequencies apart for more"
            ));
        }
        Ok(Self { rate, window, hop, bands })
    }

    /// Samples a second of the sound that frames are made of.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Samples a frame looks at.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Samples from one frame to the next.
    pub fn hop(&self) -> usize {
        self.hop
    }

    /// Values a frame.
    pub fn bands(&self) -> usize {
        self.bands
    }

    /// Frames of that many samples: one every `hop`, the first on the first sample; none of nothing.
    pub fn count(&self, samples: usize) -> usize {
        if samples == 0 { 0 } else { 1 + samples / self.hop }
    }

    /// The frames of a sound of any rate, [frames · bands], row by row.
    pub fn hear(&self, sound: Sound) -> Vec<f32> {
        self.frames(sound.resampled(self.rate).samples())
    }

    /// The frames of samples at [`Self::rate`], [frames · bands], row by row.
    pub fn frames(&self, samples: &[f32]) -> Vec<f32> {
        let mut out = Vec::with_capacity(self.count(samples.len()) * self.bands);
        if samples.is_empty() {
            return out;
        }
        let (hann, filters) = (self.hann(), self.filters().collect::<Vec<_>>());
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(self.window);
        let (mut windowed, mut spectrum) = (transform.make_input_vec(), transform.make_output_vec());
        let mut scratch = transform.make_scratch_vec();
        let mut power = vec![0.0; spectrum.len()];
        for heard in self.padded(samples).windows(self.window).step_by(self.hop) {
            for (value, (sample, weight)) in windowed.iter_mut().zip(heard.iter().zip(&hann)) {
                *value = sample * weight;
            }
            let outcome = transform.process_with_scratch(&mut windowed, &mut spectrum, &mut scratch);
            debug_assert!(outcome.is_ok(), "the buffers have the transform's own sizes");
            for (power, value) in power.iter_mut().zip(&spectrum) {
                *power = value.norm_sqr();
            }
            out.extend(filters.iter().map(|filter| (filter.energy(&power) + FLOOR).ln()));
        }
        out
    }

    /// The samples with half a window before and behind, mirrored without doubling the first and last sample.
    fn padded(&self, samples: &[f32]) -> Vec<f32> {
        let half = self.window / 2;
        let mirror = |sample: Option<&f32>| sample.copied().unwrap_or(0.0);
        let long_enough = samples.len() > half;
        let before = (1..=half).rev().map(|place| mirror(samples.get(place).filter(|_| long_enough)));
        let behind = samples.iter().rev().skip(1).map(Some).chain(std::iter::repeat(None)).take(half);
        before
            .chain(samples.iter().copied())
            .chain(behind.map(|sample| mirror(sample.filter(|_| long_enough))))
            .collect()
    }

    /// The periodic Hann window.
    fn hann(&self) -> Vec<f32> {
        let turn = 2.0 * PI / self.window as f64;
        (0..self.window).map(|n| (0.5 - 0.5 * (turn * n as f64).cos()) as f32).collect()
    }

    /// A triangle a band, over the frequencies of the spectrum.
    fn filters(&self) -> impl Iterator<Item = Filter> {
        let half_rate = f64::from(self.rate) / 2.0;
        let step = mel(half_rate) / (self.bands + 1) as f64;
        let (spacing, top) = (f64::from(self.rate) / self.window as f64, self.window / 2);
        (0..self.bands).map(move |band| {
            let corner = |number: usize| hertz(step * number as f64);
            let (low, peak, high) = (corner(band), corner(band + 1), corner(band + 2));
            let (first, last) = ((low / spacing).ceil() as usize, ((high / spacing).floor() as usize).min(top));
            let height = |bin: usize| {
                let at = bin as f64 * spacing;
                ((at - low) / (peak - low)).min((high - at) / (high - peak)).max(0.0) as f32
            };
            Filter { first, weights: (first..=last).map(height).collect() }
        })
    }
}

/// One band: weights of the frequencies from `first` on.
struct Filter {
    first: usize,
    weights: Vec<f32>,
}

impl Filter {
    /// Whether any frequency reaches it.
    fn hears(&self) -> bool {
        self.weights.iter().any(|weight| *weight > 0.0)
    }

    fn energy(&self, power: &[f32]) -> f32 {
        self.weights.iter().zip(power.iter().skip(self.first)).map(|(weight, power)| weight * power).sum()
    }
}

/// Hertz to mel, as HTK defines it.
fn mel(hertz: f64) -> f64 {
    2595.0 * (1.0 + hertz / 700.0).log10()
}

/// Mel to hertz.
fn hertz(mel: f64) -> f64 {
    700.0 * (10.0_f64.powf(mel / 2595.0) - 1.0)
}

#[cfg(test)]
#[path = "log_mel_tests.rs"]
mod tests;
