//! What a network hears of a recording: log-mel frames without the recording's own colour, on one scale for all.
//!
//! Owns what is learned from training recordings. It must not know where recordings come from.

use super::log_mel::LogMel;
use super::sound::Sound;
use serde::{Deserialize, Serialize};

/// A deviation below this is that of silence; dividing by it would only enlarge rounding errors.
const LEAST_DEVIATION: f64 = 1e-4;

/// From a sound to the rows of a network's input, [frames · bands].
///
/// From each clip the mean of each band over the clip is taken away (microphone and loudness), and what is left is
/// divided by one number learned from the training clips.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct SpeechEncoding {
    log_mel: LogMel,
    deviation: f32,
}

/// What JSON holds.
#[derive(Deserialize)]
struct Unchecked {
    log_mel: LogMel,
    deviation: f32,
}

impl TryFrom<Unchecked> for SpeechEncoding {
    type Error = String;

    fn try_from(Unchecked { log_mel, deviation }: Unchecked) -> Result<Self, String> {
        if deviation.is_finite() && f64::from(deviation) >= LEAST_DEVIATION {
            return Ok(Self { log_mel, deviation });
        }
        Err(format!("a deviation of {deviation}, expected a number of at least {LEAST_DEVIATION}"))
    }
}

impl SpeechEncoding {
    /// Learns the scale from the frames of the training clips, each as [`LogMel::frames`] gives them: the standard
    /// deviation over all clips, frames and bands once each clip's means are gone. 1 where nothing varies.
    pub fn learn<'a>(log_mel: LogMel, clips: impl Iterator<Item = &'a [f32]>) -> Self {
        let bands = log_mel.bands();
        let (mut sum, mut count) = (0.0, 0_u64);
        for clip in clips {
            let means = means(clip, bands);
            for frame in clip.chunks_exact(bands) {
                sum += frame.iter().zip(&means).map(|(value, mean)| f64::from(value - mean).powi(2)).sum::<f64>();
                count += bands as u64;
            }
        }
        let deviation = (sum / count.max(1) as f64).sqrt();
        let varies = deviation.is_finite() && deviation >= LEAST_DEVIATION;
        Self { log_mel, deviation: if varies { deviation as f32 } else { 1.0 } }
    }

    /// The features behind it.
    pub fn log_mel(&self) -> &LogMel {
        &self.log_mel
    }

    /// What values are divided by.
    pub fn deviation(&self) -> f32 {
        self.deviation
    }

    /// Values a frame.
    pub fn width(&self) -> usize {
        self.log_mel.bands()
    }

    /// The input for a sound of any rate, [frames · width].
    pub fn encode(&self, sound: Sound) -> Vec<f32> {
        self.scaled(self.log_mel.hear(sound))
    }

    /// The second half of [`Self::encode`]: frames of one whole clip, as [`LogMel::frames`] gives them, made input.
    pub fn scaled(&self, mut frames: Vec<f32>) -> Vec<f32> {
        let means = means(&frames, self.width());
        for frame in frames.chunks_exact_mut(self.width()) {
            for (value, mean) in frame.iter_mut().zip(&means) {
                *value = (*value - mean) / self.deviation;
            }
        }
        frames
    }
}

/// The mean of each band over a clip.
fn means(clip: &[f32], bands: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f64; bands];
    for frame in clip.chunks_exact(bands) {
        for (sum, value) in sums.iter_mut().zip(frame) {
            *sum += f64::from(*value);
        }
    }
    let count = (clip.len() / bands).max(1) as f64;
    // Rounded to f32 the mean of equal values is that value, so that silence becomes exactly zero.
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(seed: u32) -> Vec<f32> {
        (0..4_000_u32).map(|n| (n.wrapping_mul(2_654_435_761 + 2 * seed) >> 8) as f32 / 16_777_216.0 - 0.5).collect()
    }

    #[test]
    fn training_clips_come_out_with_mean_0_a_band_and_deviation_1_over_all() {
        let log_mel = LogMel::default();
        let loud = log_mel.frames(&clip(1));
        let quiet: Vec<f32> = clip(2).iter().take(1_500).map(|x| x * 0.01).collect();
        let quiet = log_mel.frames(&quiet);
        let encoding = SpeechEncoding::learn(log_mel, [loud.as_slice(), &quiet].into_iter());
        let out = [encoding.scaled(loud), encoding.scaled(quiet)];
        for clip in &out {
            for mean in means(clip, encoding.width()) {
                assert!(mean.abs() < 1e-5, "{mean}");
            }
        }
        let all: Vec<f64> = out.concat().into_iter().map(f64::from).collect();
        let square = all.iter().map(|x| x * x).sum::<f64>() / all.len() as f64;
        assert!((square - 1.0).abs() < 1e-5, "{square}");
    }

    #[test]
    fn encoding_a_sound_is_its_two_halves() {
        let sound = Sound::new(16_000, clip(3)).unwrap();
        let encoding = SpeechEncoding { log_mel: LogMel::default(), deviation: 2.5 };
        let frames = encoding.log_mel().frames(sound.clone().resampled(8_000).samples());
        assert_eq!(frames.len(), encoding.log_mel().count(2_000) * encoding.width());
        assert_eq!(encoding.encode(sound), encoding.scaled(frames));
    }

    #[test]
    fn louder_speech_sounds_the_same() {
        let encoding = SpeechEncoding { log_mel: LogMel::default(), deviation: 1.0 };
        let loud = encoding.encode(Sound::new(8_000, clip(4)).unwrap());
        let quiet = encoding.encode(Sound::new(8_000, clip(4).iter().map(|x| x * 0.25).collect()).unwrap());
        let worst = loud.iter().zip(&quiet).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 0.01, "{worst}");
    }

    #[test]
    fn silence_is_exactly_zero_and_teaches_no_scale() {
        let sound = Sound::new(44_100, vec![0.0; 10_000]).unwrap();
        let frames = LogMel::default().hear(sound.clone());
        let encoding = SpeechEncoding::learn(LogMel::default(), std::iter::once(frames.as_slice()));
        assert_eq!(encoding.deviation(), 1.0);
        let out = encoding.encode(sound);
        assert!(!out.is_empty() && out.iter().all(|value| *value == 0.0));
        let none = SpeechEncoding::learn(LogMel::default(), std::iter::empty());
        assert_eq!(none.deviation(), 1.0);
        assert!(none.scaled(Vec::new()).is_empty());
    }

    #[test]
    fn json_keeps_it_and_refuses_nonsense() {
        let encoding = SpeechEncoding { log_mel: LogMel::default(), deviation: 2.345_678_8 };
        let json = serde_json::to_string(&encoding).unwrap();
        assert_eq!(serde_json::from_str::<SpeechEncoding>(&json).unwrap(), encoding);
        for wrong in [json.replace("2.3456788", "0.0"), json.replace("\"hop\":80", "\"hop\":0")] {
            assert_ne!(wrong, json);
            assert!(serde_json::from_str::<SpeechEncoding>(&wrong).is_err(), "{wrong}");
        }
    }
}
