//! WAV files: what may be read of them, and what is wrong with the others.
//!
//! Finds the two chunks that matter, so that a header which promises more than there is can be named; `hound` decodes
//! them. It must not keep anything of a file but its samples.

use super::sound::{Sound, check_length, check_rate};
use hound::{SampleFormat, WavReader, WavSpec};
use std::io::Read;

/// Ends every message about a format that is not read.
pub(super) const EXPECTED: &str = "expected WAV with PCM of 8, 16, 24 or 32 bits or float of 32 bits";

/// The format tag that stands for "see the sub-format".
const EXTENSIBLE: u16 = 0xfffe;

/// The parts of a file that matter.
struct Chunks<'a> {
    /// The body of `fmt `, 16 bytes or more.
    format: &'a [u8],
    /// Bytes of samples that the header promises.
    promised: u32,
    /// Bytes of samples that are there, at most `promised`.
    data: &'a [u8],
}

/// The sound in a WAV file.
pub(super) fn read(bytes: &[u8]) -> Result<Sound, String> {
    let chunks = find(bytes)?;
    check_tag(chunks.format)?;
    let header = header(&chunks);
    let reader = WavReader::new(header.as_slice().chain(chunks.data)).map_err(|error| damaged(&error))?;
    let spec = reader.spec();
    let frame = usize::from(number16(chunks.format, 12));
    check_rate(spec.sample_rate)?;
    check_bits(spec, frame)?;
    let (promised, there) = (chunks.promised as usize / frame, chunks.data.len() / frame);
    if chunks.data.len() < chunks.promised as usize {
        return Err(format!("the file is cut off: its header says {promised} samples, it holds {there}"));
    }
    check_length(spec.sample_rate, promised)?;
    let channels = usize::from(spec.channels);
    let samples = match spec.sample_format {
        SampleFormat::Int => {
            let full = f64::from(spec.bits_per_sample - 1).exp2();
            mixed(reader.into_samples::<i32>().map(|sample| sample.map(|value| f64::from(value) / full)), channels)
        }
        SampleFormat::Float => mixed(reader.into_samples::<f32>().map(|sample| sample.map(f64::from)), channels),
    };
    Sound::new(spec.sample_rate, samples.map_err(|error| damaged(&error))?)
}

/// The mean over the channels of each point in time.
fn mixed(mut samples: impl Iterator<Item = hound::Result<f64>>, channels: usize) -> hound::Result<Vec<f32>> {
    let mut out = Vec::with_capacity(samples.size_hint().0 / channels.max(1));
    while let Some(first) = samples.next() {
        let mut sum = first?;
        for sample in samples.by_ref().take(channels.saturating_sub(1)) {
            sum += sample?;
        }
        out.push((sum / channels as f64) as f32);
    }
    Ok(out)
}

/// The format chunk and the data chunk, in a walk over all chunks before them.
fn find(bytes: &[u8]) -> Result<Chunks<'_>, String> {
    if bytes.is_empty() {
        return Err(format!("the file is empty, {EXPECTED}"));
    }
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err(format!("this is not a WAV file, it {}; {EXPECTED}", opening(bytes)));
    }
    let (mut format, mut rest) = (None, bytes.get(12..).unwrap_or_default());
    while let Some((head, body)) = rest.split_at_checked(8) {
        let (name, promised) = (head.get(..4).unwrap_or_default(), number32(head, 4));
        let there = body.get(..promised as usize);
        match (name, there, format) {
            (b"data", _, Some(format)) => {
                return Ok(Chunks { format, promised, data: there.unwrap_or(body) });
            }
            (b"data", _, None) => return Err(format!("the samples come before their format; {EXPECTED}")),
            (_, None, _) => {
                let name = name.escape_ascii();
                let held = body.len();
                return Err(format!("the file is cut off: its chunk '{name}' says {promised} bytes, it holds {held}"));
            }
            (b"fmt ", Some(body), _) if body.len() < 16 => {
                return Err(format!("the format has {} bytes, expected at least 16", body.len()));
            }
            (b"fmt ", Some(body), _) => format = Some(body),
            _ => {}
        }
        // A chunk of an odd length is followed by a byte that belongs to nobody.
        rest = body.get(promised as usize + promised as usize % 2..).unwrap_or_default();
    }
    Err("the file is cut off: it ends before its samples begin".to_owned())
}

/// What a file that is no WAV seems to be.
fn opening(bytes: &[u8]) -> String {
    let known = [
        (&b"fLaC"[..], "is FLAC"),
        (b"OggS", "is Ogg"),
        (b"ID3", "is MP3"),
        (b"FORM", "is AIFF"),
        (b"RIFX", "is RIFX"),
        (b"RF64", "is RF64"),
    ];
    if let Some((_, name)) = known.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*name).to_owned();
    }
    format!("begins with '{}' instead of 'RIFF' and 'WAVE'", bytes.get(..4).unwrap_or(bytes).escape_ascii())
}

/// Refuses what is neither PCM nor float, by name where the name is known.
fn check_tag(format: &[u8]) -> Result<(), String> {
    let tag = match number16(format, 0) {
        EXTENSIBLE => number16(format, 24),
        tag => tag,
    };
    let name = match tag {
        1 | 3 => return Ok(()),
        2 => "ADPCM",
        6 => "A-law",
        7 => "mu-law",
        17 => "IMA ADPCM",
        49 => "GSM 6.10",
        85 => "MP3",
        _ => "unknown",
    };
    Err(format!("the samples are compressed ({name}, format {tag}); {EXPECTED}"))
}

/// Refuses widths that are not read; `frame` is the bytes of one sample of all channels.
fn check_bits(spec: WavSpec, frame: usize) -> Result<(), String> {
    let bits = usize::from(spec.bits_per_sample);
    let known = match spec.sample_format {
        SampleFormat::Int => matches!(bits, 8 | 16 | 24 | 32),
        SampleFormat::Float => bits == 32,
    };
    if known && frame == usize::from(spec.channels) * bits / 8 {
        return Ok(());
    }
    let kind = if spec.sample_format == SampleFormat::Float { "float" } else { "PCM" };
    Err(format!("{} channels of {kind} of {bits} bits take {frame} bytes; {EXPECTED}", spec.channels))
}

/// A file's head with nothing in it but the format and the promise of samples.
fn header(chunks: &Chunks<'_>) -> Vec<u8> {
    let mut out = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
    out.extend((chunks.format.len() as u32).to_le_bytes());
    out.extend(chunks.format);
    out.extend(b"data");
    out.extend(chunks.promised.to_le_bytes());
    out
}

/// What hound says of a header, as a sentence.
fn damaged(error: &hound::Error) -> String {
    match error {
        hound::Error::FormatError(what) => format!("the header is damaged ({what}); {EXPECTED}"),
        _ => format!("the samples cannot be decoded; {EXPECTED}"),
    }
}

/// The two bytes from `place`, little end first; 0 where there are none.
fn number16(bytes: &[u8], place: usize) -> u16 {
    bytes.get(place..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u16::from_le_bytes(*chunk))
}

/// The four bytes from `place`, little end first; 0 where there are none.
fn number32(bytes: &[u8], place: usize) -> u32 {
    bytes.get(place..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u32::from_le_bytes(*chunk))
}
