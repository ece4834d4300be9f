//! Log-mel features against a reference, and settings that make no sense.

use super::*;
use proptest::prelude::*;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    rate: u32,
    window: usize,
    hop: usize,
    bands: usize,
    samples: Vec<f32>,
    frames: Vec<Vec<f32>>,
}

#[test]
fn the_features_are_those_of_librosa() {
    let fixture: Fixture = serde_json::from_str(include_str!("../../../tests/fixtures/speech/log_mel.json")).unwrap();
    assert_eq!(fixture.cases.len(), 6);
    for case in fixture.cases {
        let log_mel = LogMel::checked(case.rate, case.window, case.hop, case.bands).unwrap();
        let frames = log_mel.frames(&case.samples);
        assert_eq!(log_mel.count(case.samples.len()), case.frames.len(), "{}", case.name);
        assert_eq!(frames.len(), case.frames.len() * case.bands, "{}", case.name);
        for (place, (got, want)) in frames.iter().zip(case.frames.concat()).enumerate() {
            let (frame, band) = (place / case.bands, place % case.bands);
            assert!(
                (got - want).abs() <= 1e-4 * want.abs().max(1.0),
                "{}, frame {frame}, band {band}: {got}, expected {want}",
                case.name
            );
        }
    }
}

#[test]
fn silence_is_the_floor_and_nothing_has_no_frames() {
    let log_mel = LogMel::default();
    assert!(log_mel.frames(&[0.0; 500]).iter().all(|value| *value == FLOOR.ln()));
    assert!(log_mel.frames(&[]).is_empty());
    assert_eq!(log_mel.count(0), 0);
}

#[test]
fn a_tone_is_loudest_in_the_band_it_lies_in() {
    let tone: Vec<f32> = (0..4_000).map(|n| (2.0 * PI * 1_000.0 * f64::from(n) / 8_000.0).sin() as f32).collect();
    let frames = LogMel::default().frames(&tone);
    let frame = frames.chunks(32).nth(20).unwrap();
    let loudest = (0..32).max_by(|a, b| frame[*a].total_cmp(&frame[*b])).unwrap();
    // 1 kHz is 1000 mel; bands peak every 2146 / 33 mel, the first at one such step.
    assert_eq!(loudest, (1_000.0_f64 / (mel(4_000.0) / 33.0)).round() as usize - 1);
}

#[test]
fn the_default_makes_sense_and_goes_through_json() {
    let default = LogMel::default();
    assert_eq!(LogMel::checked(default.rate, default.window, default.hop, default.bands).as_ref(), Ok(&default));
    let json = serde_json::to_string(&default).unwrap();
    assert_eq!(json, r#"{"rate":8000,"window":256,"hop":80,"bands":32}"#);
    assert_eq!(serde_json::from_str::<LogMel>(&json).unwrap(), default);
    assert!(serde_json::from_str::<LogMel>(&json.replace("32", "100")).is_err());
}

#[test]
fn settings_that_make_no_sense_are_refused_with_what_would() {
    let cases = [
        (500, 256, 80, 32, "the rate is 500 samples a second, expected 1000 to 384000"),
        (8_000, 0, 80, 32, "a window of 0 samples, expected an even number from 16 to 65536"),
        (8_000, 255, 80, 32, "a window of 255 samples, expected an even number from 16 to 65536"),
        (8_000, 256, 0, 32, "a hop of 0 samples, expected 8 (a millisecond) to 256 (the window)"),
        (8_000, 256, 257, 32, "a hop of 257 samples, expected 8 (a millisecond) to 256 (the window)"),
        (8_000, 256, 80, 0, "0 bands, expected 1 to 86: a window of 256 samples at 8000 a second tells too few"),
        (8_000, 256, 80, 100, "100 bands, expected 1 to 86: a window of 256"),
        (384_000, 65_536, 384, 32_769, "32769 bands, expected 1 to "),
        (8_000, 256, 80, usize::MAX, "18446744073709551615 bands, expected 1 to "),
    ];
    for (rate, window, hop, bands, want) in cases {
        let message = LogMel::checked(rate, window, hop, bands).unwrap_err();
        assert!(message.starts_with(want), "{message}");
    }
}

#[test]
fn the_number_of_bands_named_as_the_most_is_accepted() {
    let message = LogMel::checked(8_000, 256, 80, 100).unwrap_err();
    let (_, rest) = message.split_once(" to ").unwrap();
    let most: usize = rest.split_once(':').unwrap().0.parse().unwrap();
    assert!(LogMel::checked(8_000, 256, 80, most).is_ok());
    assert!(LogMel::checked(8_000, 256, 80, most + 1).is_err());
}

proptest! {
    #[test]
    fn whatever_is_accepted_gives_as_many_finite_frames_as_it_says(
        rate in 1_000u32..=48_000,
        window in 0usize..600,
        hop in 0usize..600,
        bands in 0usize..60,
        samples in proptest::collection::vec(-1.0f32..=1.0, 0..700),
    ) {
        if let Ok(log_mel) = LogMel::checked(rate, window, hop, bands) {
            let frames = log_mel.frames(&samples);
            prop_assert_eq!(frames.len(), log_mel.count(samples.len()) * bands);
            prop_assert!(frames.iter().all(|value| value.is_finite()));
        }
    }
}
