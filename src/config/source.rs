//! One source of a checked tree: where it lies, its parts, and the options of its kind.
//!
//! Owns what fits together within a source. It must not open data.

use super::places::Places;
use super::reader::Reader;
use super::resolve::{size, without_effect};
use super::tree::Node;
use super::types::{DataPath, SourceConfig, SourceKind, SpeechConfig, Split, TextConfig, Unit};
use std::path::Path;

/// Builds a source; faults go into the reader's report.
pub(super) fn source(reader: &mut Reader<'_, '_>, name: &str, places: &Places, base: &Path) -> SourceConfig {
    let at = |key: &'static str| ["data", name, key];
    let path = match reader.optional_text(&at("path")) {
        // On the command line a path counts from where the person is.
        Some(text) => places
            .resolve(&text, if reader.is_from_set(&at("path")) { &places.here } else { base })
            .unwrap_or_else(|message| {
                reader.fault(&at("path"), message);
                DataPath::Builtin(String::new())
            }),
        None => DataPath::Builtin(String::new()),
    };
    let kind = reader.choice(&at("kind"), SourceKind::parse, SourceKind::Table);
    check_kind(reader, name, kind);
    let separator = match reader.optional_text(&at("separator")) {
        Some(text) => text.bytes().next().unwrap_or(b','),
        None if Path::new(&path.to_string()).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv")) => {
            b'\t'
        }
        None => b',',
    };
    let source = SourceConfig {
        name: name.to_owned(),
        kind,
        path,
        split: split(reader, name),
        seed: reader.whole(&at("seed")),
        group: reader.optional_text(&at("group")),
        categorical: reader.texts(&at("categorical")),
        numeric: reader.texts(&at("numeric")),
        ignore: reader.texts(&at("ignore")),
        separator,
        batch: reader.optional_whole(&at("batch")).map(size),
        input: reader.optional_text(&at("input")).unwrap_or_else(|| kind.input().to_owned()),
        input_dropout: reader.number(&at("input_dropout")),
        text: TextConfig {
            unit: reader.choice(&at("unit"), Unit::parse, Unit::Word),
            min_count: size(reader.whole(&at("min_count"))),
            vocabulary: size(reader.whole(&at("vocabulary"))),
            longest: size(reader.whole(&at("longest"))),
        },
        speech: SpeechConfig {
            rate: u32::try_from(reader.whole(&at("rate"))).unwrap_or(u32::MAX),
            window: size(reader.whole(&at("window"))),
            hop: size(reader.whole(&at("hop"))),
            bands: size(reader.whole(&at("bands"))),
        },
        channels: reader.widths(&at("channels")),
    };
    if let Some(column) = source.numeric.iter().find(|column| source.categorical.contains(*column)) {
        reader.fault(&at("numeric"), format!("column '{column}' is also under categorical"));
    }
    for (key, columns) in [("categorical", &source.categorical), ("numeric", &source.numeric)] {
        if let Some(column) = source.ignore.iter().find(|column| columns.contains(*column)) {
            reader.fault(&at("ignore"), format!("column '{column}' is also under {key}"));
        }
    }
    source
}

/// Options that another kind has.
fn check_kind(reader: &mut Reader<'_, '_>, name: &str, kind: SourceKind) {
    use SourceKind::{Dialogue, Image, Speech, Table, Text};
    const TOKENS: &[SourceKind] = &[Text, Dialogue];
    let rules: [(&'static str, &[SourceKind]); 14] = [
        ("categorical", &[Table]),
        ("numeric", &[Table]),
        ("ignore", &[Table]),
        ("input", &[Text, Dialogue, Image, Speech]),
        ("input_dropout", &[Text, Dialogue, Image, Speech]),
        ("unit", TOKENS),
        ("min_count", TOKENS),
        ("vocabulary", TOKENS),
        ("longest", TOKENS),
        ("rate", &[Speech]),
        ("window", &[Speech]),
        ("hop", &[Speech]),
        ("bands", &[Speech]),
        ("channels", &[Image]),
    ];
    without_effect(reader, &["data", name], &rules, kind);
}

fn split(reader: &mut Reader<'_, '_>, name: &str) -> Split {
    let around = ["data", name, "split"];
    if let Some(column) = reader.given(&around).and_then(Node::text).map(str::to_owned) {
        return Split::Column(column);
    }
    let at = |key: &'static str| ["data", name, "split", key];
    if reader.given(&around).is_none() {
        return Split::Fractions { train: 0.7, valid: 0.15, test: 0.15 };
    }
    let has = |reader: &Reader<'_, '_>, keys: &[&'static str]| keys.iter().any(|key| reader.given(&at(key)).is_some());
    match (has(reader, &["train", "valid", "test"]), has(reader, &["fold", "of"])) {
        (_, false) => {
            let train = reader.optional_number(&at("train"));
            if train.is_none_or(|train| train <= 0.0) && !reader.report.is_broken(&at("train")) {
                reader.fault(&around, "expected a share 'train' above 0, as in { train = 0.8, test = 0.2 }");
            }
            let (train, valid, test) = (train.unwrap_or(0.0), reader.number(&at("valid")), reader.number(&at("test")));
            if train + valid + test > 1.0 + 1e-9 {
                reader.fault(&around, format!("the shares add up to {}, more than 1", train + valid + test));
            }
            Split::Fractions { train, valid, test }
        }
        (false, true) => {
            let (fold, of) = (reader.optional_whole(&at("fold")), reader.optional_whole(&at("of")));
            if let (Some(fold), Some(of)) = (fold, of) {
                if fold >= of {
                    reader
                        .fault(&at("fold"), format!("expected less than of = {of} (folds count from 0), found {fold}"));
                }
            } else if !reader.report.is_broken(&at("fold")) && !reader.report.is_broken(&at("of")) {
                reader.fault(&around, "expected both fold and of, as in { fold = 0, of = 5 }");
            }
            let fit = |value: Option<u64>, other| value.and_then(|value| usize::try_from(value).ok()).unwrap_or(other);
            Split::Fold { fold: fit(fold, 0), of: fit(of, 2) }
        }
        (true, true) => {
            reader.fault(&around, "expected either shares (train, valid, test) or a fold (fold, of), found both");
            Split::Fold { fold: 0, of: 2 }
        }
    }
}
