//! Sounds from bytes: every format that is read, and every file that is not.

use super::*;
use hound::{SampleFormat, WavSpec, WavWriter};
use proptest::prelude::*;
use std::io::Cursor;

/// A WAV file of integers.
fn pcm(rate: u32, channels: u16, bits: u16, values: &[i32]) -> Vec<u8> {
    let spec = WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: SampleFormat::Int };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for value in values {
        writer.write_sample(*value).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// A WAV file of floats.
fn float(values: &[f32]) -> Vec<u8> {
    let spec = WavSpec { channels: 1, sample_rate: 8_000, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for value in values {
        writer.write_sample(*value).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// A WAV file by hand: a format of 16 bytes, chunks in between, and a promise of samples.
fn by_hand(tag: u16, bits: u16, between: &[u8], promised: u32, data: &[u8]) -> Vec<u8> {
    let (rate, width) = (8_000_u32, u32::from(bits / 8));
    let mut out = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    out.extend(tag.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend((rate * width).to_le_bytes());
    out.extend((width as u16).to_le_bytes());
    out.extend(bits.to_le_bytes());
    out.extend(between);
    out.extend(b"data");
    out.extend(promised.to_le_bytes());
    out.extend(data);
    out
}

fn message(bytes: &[u8]) -> String {
    Sound::read(bytes).unwrap_err()
}

#[test]
fn every_width_has_the_same_full_scale() {
    for bits in [8, 16, 24, 32] {
        let full = 1_i64 << (bits - 1);
        let values = [0, full / 2, -full / 4, -full].map(|value| value as i32);
        let sound = Sound::read(&pcm(8_000, 1, bits, &values)).unwrap();
        assert_eq!(sound.rate(), 8_000);
        assert_eq!(sound.samples(), [0.0, 0.5, -0.25, -1.0], "{bits} bits");
    }
}

#[test]
fn floats_are_kept_and_clipped_where_a_little_too_loud() {
    let sound = Sound::read(&float(&[0.125, -0.7, 1.5])).unwrap();
    assert_eq!(sound.samples(), [0.125, -0.7, 1.0]);
    assert_eq!(message(&float(&[0.0, f32::NAN])), "sample 2 is NaN, expected a value from -1 to 1");
    assert_eq!(message(&float(&[1_200.0])), "sample 1 is 1200, expected a value from -1 to 1");
}

#[test]
fn channels_become_their_mean() {
    let stereo = Sound::read(&pcm(8_000, 2, 16, &[16_384, 0, -8_192, 8_192, -32_768, -32_768])).unwrap();
    assert_eq!(stereo.samples(), [0.25, 0.0, -1.0]);
    let five = Sound::read(&pcm(48_000, 5, 24, &[1 << 22, 0, 0, 0, -(1 << 21)])).unwrap();
    assert_eq!(five.samples(), [0.05]);
}

#[test]
fn a_sound_at_44100_keeps_its_rate_until_it_is_resampled() {
    let values: Vec<i32> = (0..4_410).map(|n| ((f64::from(n) * 0.05).sin() * 9_000.0) as i32).collect();
    let sound = Sound::read(&pcm(44_100, 2, 16, &[values.clone(), values].concat())).unwrap();
    assert_eq!((sound.rate(), sound.samples().len()), (44_100, 4_410));
    assert!((sound.seconds() - 0.1).abs() < 1e-12);
    assert_eq!(sound.clone().resampled(44_100), sound);
    let low = sound.resampled(8_000);
    assert_eq!((low.rate(), low.samples().len()), (8_000, 800));
}

#[test]
fn chunks_of_an_odd_length_are_passed_over() {
    let between = b"LIST\x03\0\0\0abc\0fact\x04\0\0\0\x02\0\0\0";
    let sound = Sound::read(&by_hand(1, 16, between, 4, &[0, 0x40, 0, 0xc0])).unwrap();
    assert_eq!(sound.samples(), [0.5, -0.5]);
}

#[test]
fn a_file_that_promises_more_samples_than_it_holds_is_refused() {
    let whole = pcm(8_000, 2, 16, &[7; 200]);
    assert_eq!(message(&whole[..whole.len() - 1]), "the file is cut off: its header says 100 samples, it holds 99");
    assert_eq!(message(&whole[..whole.len() - 398]), "the file is cut off: its header says 100 samples, it holds 0");
    let lie = by_hand(1, 16, b"", u32::MAX - 1, &[0; 10]);
    assert_eq!(message(&lie), "the file is cut off: its header says 2147483647 samples, it holds 5");
    for length in 12..44 {
        assert!(
            message(&whole[..length]).starts_with("the file is cut off: "),
            "{length}: {}",
            message(&whole[..length])
        );
    }
    let chunk = by_hand(1, 16, b"LIST\xff\0\0\0", 0, &[]);
    assert_eq!(message(&chunk), "the file is cut off: its chunk 'LIST' says 255 bytes, it holds 8");
}

#[test]
fn what_is_no_wav_is_told_what_it_is() {
    assert_eq!(message(b""), format!("the file is empty, {}", wav::EXPECTED));
    let text = message(b"hello, I am a text");
    assert_eq!(
        text,
        format!("this is not a WAV file, it begins with 'hell' instead of 'RIFF' and 'WAVE'; {}", wav::EXPECTED)
    );
    assert!(message(b"\x1b[2J").contains(r"'\x1b[2J'"));
    assert!(message(b"R").contains("begins with 'R'"));
    assert!(message(b"fLaC....").contains("it is FLAC;"));
}

#[test]
fn a_sound_without_samples_is_refused() {
    assert_eq!(message(&pcm(8_000, 1, 16, &[])), "the sound has no samples, expected at least one");
}

#[test]
fn other_formats_are_named() {
    assert!(
        message(&by_hand(7, 8, b"", 4, &[0; 4])).starts_with("the samples are compressed (mu-law, format 7); expected")
    );
    assert!(message(&by_hand(3, 64, b"", 8, &[0; 8])).contains("bits per sample is not 32"));
    assert!(message(&by_hand(1, 40, b"", 5, &[0; 5])).contains("PCM of 40 bits"));
    assert!(message(&by_hand(1, 16, b"", 3, &[0; 3])).contains("not a multiple of sample size"));
}

#[test]
fn rates_and_lengths_out_of_bounds_are_refused_before_memory_is_asked_for() {
    assert_eq!(message(&pcm(999, 1, 16, &[1])), "the rate is 999 samples a second, expected 1000 to 384000");
    assert_eq!(message(&pcm(400_000, 1, 16, &[1])), "the rate is 400000 samples a second, expected 1000 to 384000");
    assert!(Sound::read(&pcm(1_000, 1, 8, &vec![1; 60_000])).is_ok());
    assert_eq!(
        message(&pcm(1_000, 1, 8, &vec![1; 60_001])),
        "the sound has 60001 samples, expected at most 60000 (60 s)"
    );
    assert!(Sound::new(8_000, Vec::new()).is_err());
    assert!(Sound::new(0, vec![0.0]).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_a_sound_or_a_sentence(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes)?;
    }

    #[test]
    fn a_changed_file_is_a_sound_or_a_sentence(
        kind in 0usize..6,
        changes in proptest::collection::vec((0usize..120, any::<u8>()), 0..6),
        kept in 0usize..200,
    ) {
        let mut bytes = match kind {
            0 => pcm(8_000, 1, 8, &[3; 30]),
            1 => pcm(44_100, 2, 16, &[300; 20]),
            2 => pcm(16_000, 1, 24, &[-70_000; 12]),
            3 => pcm(16_000, 3, 32, &[70_000; 12]),
            4 => float(&[0.5; 12]),
            _ => by_hand(1, 16, b"LIST\x03\0\0\0abc\0", 8, &[1; 8]),
        };
        for (place, value) in changes {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = value;
            }
        }
        bytes.truncate(kept);
        check(&bytes)?;
    }
}

/// A sound within its bounds that is no longer than its file, or one line of plain text.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    match Sound::read(bytes) {
        Ok(sound) => {
            prop_assert!((LOWEST_RATE..=HIGHEST_RATE).contains(&sound.rate()));
            prop_assert!(!sound.samples().is_empty() && sound.samples().len() < bytes.len());
            prop_assert!(sound.samples().iter().all(|sample| sample.abs() <= 1.0));
        }
        Err(message) => prop_assert!(!message.is_empty() && !message.contains(char::is_control)),
    }
    Ok(())
}
