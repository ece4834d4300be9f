//! Recorded English digits: a table of sound files, what is said in each, and who says it.
//!
//! Source: `recordings/{digit}_{speaker}_{take}.wav` of the Free Spoken Digit Dataset (Jackson et al.), PCM 16 bit,
//! mono, 8000 Hz. Speakers are numbered: their names are nobody's task.

use super::derived::{Derived, DerivedFile, Table};
use super::error::CatalogueError;
use super::tree::SourceTree;
use std::collections::BTreeSet;

const EXPECTED: &str = "expected a clone of the repository, or its folder recordings with 3_name_0.wav and the like";
const WORDS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/// The speakers of the pinned commit, with their accents; any other comes behind, with an unknown accent.
const SPEAKERS: [(&str, &str); 6] =
    [("jackson", "us"), ("theo", "us"), ("nicolas", "be_fr"), ("yweweler", "de"), ("lucas", "de"), ("george", "gr")];
/// The set's own rule: the takes below this one are tested.
const TESTED: u32 = 5;
/// Samples a second.
const RATE: u32 = 8000;

/// Which files of the source are needed.
pub fn wanted(path: &str) -> bool {
    parsed(path).is_some() || path == "LICENSE"
}

/// Digit, speaker and take of a recording.
fn parsed(path: &str) -> Option<(usize, &str, u32)> {
    let name = path.rsplit('/').next()?.strip_suffix(".wav")?;
    let (digit, rest) = name.split_once('_')?;
    let (speaker, take) = rest.rsplit_once('_')?;
    let digit = digit.parse().ok().filter(|&digit| digit < WORDS.len())?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain(take).then_some(())?;
    (!speaker.is_empty()).then_some((digit, speaker, take.parse().ok()?))
}

struct Recording<'a> {
    speaker: usize,
    digit: usize,
    take: u32,
    file: &'a str,
    bytes: &'a [u8],
}

/// Makes `spoken_digits.tsv` and copies the recordings to `wav/`.
pub fn derive(tree: &SourceTree) -> Result<Derived, CatalogueError> {
    let found = || tree.files().filter_map(|(file, bytes)| Some((parsed(file)?, file, bytes)));
    let known = |name: &str| SPEAKERS.iter().any(|(speaker, _)| *speaker == name);
    let others: BTreeSet<&str> = found().map(|((_, name, _), ..)| name).filter(|name| !known(name)).collect();
    let speakers: Vec<(&str, &str)> =
        SPEAKERS.into_iter().chain(others.into_iter().map(|name| (name, "unknown"))).collect();
    let mut recordings: Vec<Recording<'_>> = found()
        .filter_map(|((digit, name, take), file, bytes)| {
            let speaker = speakers.iter().position(|(speaker, _)| *speaker == name)?;
            Some(Recording { speaker, digit, take, file, bytes })
        })
        .collect();
    if recordings.is_empty() {
        return Err(CatalogueError::Missing { what: "recordings".to_owned(), expected: EXPECTED.to_owned() });
    }
    recordings.sort_by_key(|of| (of.speaker, of.digit, of.take));
    let header = ["path", "text", "digit", "speaker", "accent", "seconds", "split"];
    let (mut table, mut files) = (Table::new(b'\t', &header), Vec::new());
    let mut names = BTreeSet::new();
    for of in recordings {
        let seconds = format!("{:.3}", seconds(of.file, of.bytes)?);
        let speaker = format!("spk{}", of.speaker + 1);
        let path = format!("wav/{speaker}_{}_{:02}.wav", of.digit, of.take);
        if !names.insert(path.clone()) {
            return Err(CatalogueError::content(of.file, "this digit, speaker and take is there twice"));
        }
        let accent = speakers.get(of.speaker).map_or("unknown", |(_, accent)| accent);
        let word = WORDS.get(of.digit).copied().unwrap_or_default();
        let split = if of.take < TESTED { "test" } else { "train" };
        table.row(&[path.as_str(), word, &of.digit.to_string(), &speaker, accent, &seconds, split]);
        files.push(DerivedFile { name: path, bytes: of.bytes.to_vec(), rows: None });
    }
    files.insert(0, table.file("spoken_digits.tsv")?);
    let licence = tree.text("LICENSE", "").ok().map(|(_, text)| text.to_owned());
    Ok(Derived { files, licence })
}

fn seconds(file: &str, bytes: &[u8]) -> Result<f64, CatalogueError> {
    let fault = |error: hound::Error| CatalogueError::content(file, format!("no WAV file: {error}"));
    let mut reader = hound::WavReader::new(bytes).map_err(fault)?;
    let spec = reader.spec();
    if (spec.channels, spec.sample_rate, spec.bits_per_sample) != (1, RATE, 16) {
        let got = format!("{} channels, {} Hz, {} bit", spec.channels, spec.sample_rate, spec.bits_per_sample);
        return Err(CatalogueError::content(file, format!("{got}, expected 1 channel, {RATE} Hz, 16 bit")));
    }
    let mut samples = 0_u32;
    for sample in reader.samples::<i16>() {
        sample.map_err(fault)?;
        samples += 1;
    }
    if samples == 0 {
        return Err(CatalogueError::content(file, "no sample"));
    }
    Ok(f64::from(samples) / f64::from(RATE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn wav(rate: u32, channels: u16, samples: usize) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        (0..samples).for_each(|_| writer.write_sample(7_i16).unwrap());
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn takes_are_split_and_speakers_numbered() {
        let good = wav(8000, 1, 4000);
        let derived = derive(&SourceTree::of(&[
            ("fsdd/recordings/7_jackson_4.wav", &good),
            ("fsdd/recordings/7_jackson_5.wav", &good),
            ("fsdd/recordings/0_new_one_0.wav", &good),
            ("fsdd/recordings/x_new_0.wav", b"not asked for"),
        ]))
        .unwrap();
        let table = String::from_utf8(derived.files[0].bytes.clone()).unwrap();
        assert_eq!(
            table,
            "path\ttext\tdigit\tspeaker\taccent\tseconds\tsplit\n\
             wav/spk1_7_04.wav\tseven\t7\tspk1\tus\t0.500\ttest\n\
             wav/spk1_7_05.wav\tseven\t7\tspk1\tus\t0.500\ttrain\n\
             wav/spk7_0_00.wav\tzero\t0\tspk7\tunknown\t0.500\ttest\n"
        );
        assert_eq!(derived.files.len(), 4);
        assert_eq!(derived.files[1].bytes, good);
    }

    #[test]
    fn sound_of_another_kind_is_named() {
        let good = wav(8000, 1, 400);
        let cases: [(Vec<u8>, &str); 5] = [
            (wav(16000, 1, 100), "16000 Hz"),
            (wav(8000, 2, 100), "2 channels"),
            (wav(8000, 1, 0), "no sample"),
            (good[..good.len() - 300].to_vec(), "no WAV file"),
            (b"RIFF".to_vec(), "no WAV file"),
        ];
        for (bytes, words) in cases {
            let error = derive(&SourceTree::of(&[("recordings/1_a_0.wav", &bytes)])).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("1_a_0.wav"), "{error}");
        }
        let twice = SourceTree::of(&[("a/1_a_0.wav", &good), ("b/1_a_00.wav", &good)]);
        assert!(derive(&twice).unwrap_err().to_string().contains("twice"));
        assert!(derive(&SourceTree::default()).unwrap_err().to_string().contains("expected a clone"));
    }
}
