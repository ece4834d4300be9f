//! From one sampling rate to another without aliasing.
//!
//! A sinc under a Kaiser window, read from one table with linear interpolation, so that memory is bounded for any pair of
//! rates (J. O. Smith, "Digital Audio Resampling"). It must not know files.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Zero crossings of the sinc on either side.
const CROSSINGS: usize = 32;

/// Table entries between two crossings; linear interpolation is then right to about 5e-6.
const STEPS: usize = 512;

/// Where the filter's slope has its middle, as a share of half the lower rate: the slope ends just at that half.
const CUTOFF: f64 = 0.91;

/// The Kaiser window's shape: about 90 dB down where the slope has ended.
const SHAPE: f64 = 9.0;

/// The right half of the kernel: value and step to the next value.
static KERNEL: LazyLock<Vec<(f32, f32)>> = LazyLock::new(|| {
    let values: Vec<f64> = (0..=CROSSINGS * STEPS + 1).map(|entry| kernel(entry as f64 / STEPS as f64)).collect();
    values.windows(2).map(|pair| (pair[0] as f32, (pair[1] - pair[0]) as f32)).collect()
});

/// Weights kept at once, 16 MiB; where there would be more, each sample of the result makes its own.
const MOST_WEIGHTS: usize = 1 << 22;

/// `samples` at the rate `to`, ⌈samples · to / from⌉ of them; both rates must be above 0. Outside there is silence.
pub(super) fn resample(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    // The result's samples fall on `phases` different places between two of the input's.
    let common = common_divisor(from, to);
    let (step, phases) = (u64::from(from / common), u64::from(to / common));
    // Crossings of the sinc a sample of the input, and the samples from its middle to its end: whole eights in all.
    let scale = CUTOFF * (f64::from(to) / f64::from(from)).min(1.0);
    let reach = (CROSSINGS as f64 / scale).ceil() as usize;
    let reach = reach.next_multiple_of(4);
    let silence = std::iter::repeat_n(0.0, reach);
    let padded: Vec<f32> = silence.clone().chain(samples.iter().copied()).chain(silence).collect();
    let weights = |phase: u64| -> Vec<f32> {
        let middle = reach as f64 - 1.0 + phase as f64 / phases as f64;
        (0..2 * reach).map(|tap| weight((tap as f64 - middle).abs() * scale) * scale as f32).collect()
    };
    let count = (samples.len() as u64 * phases).div_ceil(step);
    let worth_keeping = phases <= count && phases as usize * 2 * reach <= MOST_WEIGHTS;
    let kept: Vec<Vec<f32>> = (0..if worth_keeping { phases } else { 0 }).map(weights).collect();
    (0..count)
        .map(|place| {
            // In integers: no drift over a long sound.
            let (whole, phase) = ((place * step / phases) as usize, place * step % phases);
            let near = padded.get(whole + 1..).unwrap_or_default();
            kept.get(phase as usize).map_or_else(|| dot(&weights(phase), near), |weights| dot(weights, near))
        })
        .collect()
}

/// The sum of products, in eight lanes so that the processor does eight at a time; `weights` are whole eights.
fn dot(weights: &[f32], samples: &[f32]) -> f32 {
    let mut lanes = [0.0; 8];
    for (weights, samples) in weights.as_chunks::<8>().0.iter().zip(samples.as_chunks::<8>().0) {
        for (lane, (weight, sample)) in lanes.iter_mut().zip(weights.iter().zip(samples)) {
            *lane += weight * sample;
        }
    }
    lanes.iter().sum()
}

/// The kernel from the table, at `x` crossings from its middle.
fn weight(x: f64) -> f32 {
    let place = x * STEPS as f64;
    let (value, step) = KERNEL.get(place as usize).copied().unwrap_or_default();
    value + place.fract() as f32 * step
}

/// The greatest common divisor, by Euclid.
fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// The kernel at `x` crossings from its middle.
fn kernel(x: f64) -> f64 {
    let inside = 1.0 - (x / CROSSINGS as f64).powi(2);
    if inside < 0.0 {
        return 0.0;
    }
    let sinc = if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    sinc * bessel(SHAPE * inside.sqrt()) / bessel(SHAPE)
}

/// The modified Bessel function of the first kind and order 0, by its power series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..=60 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tone(rate: u32, hertz: f64, count: usize) -> Vec<f32> {
        (0..count).map(|n| (0.5 * (2.0 * PI * hertz * n as f64 / f64::from(rate)).sin()) as f32).collect()
    }

    /// The amplitude of one frequency in the middle half, and of all that is left without it.
    fn amplitude(samples: &[f32], rate: u32, hertz: f64) -> (f64, f64) {
        // A whole number of tenths of a second holds whole periods of every tone below.
        let (from, count) = (samples.len() / 4, rate as usize / 10 * 2);
        let middle = &samples[from..from + count];
        let angle = |n: usize| 2.0 * PI * hertz * n as f64 / f64::from(rate);
        let part = |wave: fn(f64) -> f64| {
            middle.iter().enumerate().map(|(n, x)| f64::from(*x) * wave(angle(n))).sum::<f64>() * 2.0 / count as f64
        };
        let (sine, cosine) = (part(f64::sin), part(f64::cos));
        let rest = middle
            .iter()
            .enumerate()
            .map(|(n, x)| (f64::from(*x) - sine * angle(n).sin() - cosine * angle(n).cos()).abs());
        (sine.hypot(cosine), rest.fold(0.0, f64::max))
    }

    #[test]
    fn a_tone_stays_that_tone() {
        for (from, to) in
            [(44_100, 8_000), (48_000, 8_000), (8_000, 44_100), (16_000, 8_000), (384_000, 8_000), (11_025, 8_000)]
        {
            let out = resample(&tone(from, 1_000.0, from as usize / 2), from, to);
            assert_eq!(out.len(), to as usize / 2);
            let (kept, rest) = amplitude(&out, to, 1_000.0);
            assert!((kept - 0.5).abs() < 1e-4 && rest < 1e-4, "{from} to {to}: {kept}, rest {rest}");
        }
    }

    /// 8 009 and 44 101 have no common divisor: too many phases to keep.
    #[test]
    fn rates_without_a_common_divisor_are_as_right() {
        let out = resample(&tone(44_101, 440.0, 44_101), 44_101, 8_009);
        let want = tone(8_009, 440.0, 8_009);
        let worst = out.iter().zip(&want).skip(400).take(7_200).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(out.len() == 8_009 && worst < 1e-4, "{worst}");
    }

    #[test]
    fn the_phase_of_a_tone_stays() {
        let out = resample(&tone(44_100, 440.0, 22_050), 44_100, 8_000);
        let want = tone(8_000, 440.0, 4_000);
        let worst = out.iter().zip(&want).skip(400).take(3_200).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "{worst}");
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_is_gone() {
        for from in [44_100, 48_000] {
            for hertz in [4_100.0, 6_000.0, 9_000.0, 15_000.0] {
                let out = resample(&tone(from, hertz, from as usize / 2), from, 8_000);
                let loudest = out[400..3_600].iter().fold(0.0f32, |most, x| most.max(x.abs()));
                assert!(loudest < 5e-4, "{hertz} Hz at {from}: {loudest}");
            }
        }
    }

    #[test]
    fn no_image_appears_above_the_old_half_rate() {
        let out = resample(&tone(8_000, 3_000.0, 4_000), 8_000, 16_000);
        let (image, _) = amplitude(&out, 16_000, 5_000.0);
        assert!(image < 1e-4, "{image}");
    }

    proptest! {
        #[test]
        fn any_rates_give_finite_samples_of_the_right_count(
            samples in proptest::collection::vec(-1.0f32..=1.0, 1..200),
            from in 1_000u32..=384_000,
            to in 1_000u32..=384_000,
        ) {
            let out = resample(&samples, from, to);
            let exact = samples.len() as f64 * f64::from(to) / f64::from(from);
            prop_assert!((out.len() as f64 - exact).abs() < 1.001 && out.len() as f64 >= exact - 1e-6);
            prop_assert!(out.iter().all(|x| x.abs() < 4.0));
        }
    }
}
