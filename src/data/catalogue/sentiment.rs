//! Rated sentences from four domains: tweets, product reviews, film reviews, newspaper editorials.
//!
//! Source: `hutto_ICWSM_2014.tar.gz` inside the vaderSentiment package (Hutto and Gilbert, ICWSM 2014). Each domain
//! is a pair of tab-separated files: id, mean rating, text; and id, mean, standard deviation, single ratings.

use super::derived::{Derived, DerivedFile, Table};
use super::error::CatalogueError;
use super::masking::{has_contact, masked};
use super::side::side;
use super::tree::SourceTree;
use std::collections::{HashMap, HashSet};

const INNER: &str = "hutto_ICWSM_2014.tar.gz";
const EXPECTED: &str = "expected the sdist vaderSentiment-3.3.2.tar.gz, its folder, or hutto_ICWSM_2014.tar.gz";
/// Shorter texts say nothing; the shortest kept ones are single words.
const SHORTEST: usize = 5;

/// A domain: the name of its table, of its source files, and whether an id is `GROUP_SENTENCE`.
struct Domain {
    name: &'static str,
    stem: &'static str,
    grouped: bool,
}

const DOMAINS: [Domain; 4] = [
    Domain { name: "tweets", stem: "tweets", grouped: false },
    Domain { name: "products", stem: "amazonReviewSnippets", grouped: true },
    Domain { name: "movies", stem: "movieReviewSnippets", grouped: false },
    Domain { name: "news", stem: "nytEditorialSnippets", grouped: true },
];

/// Which files of the source are needed.
pub fn wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == INNER
        || name == "LICENSE.txt"
        || name.ends_with("_GroundTruth.txt")
        || name.ends_with("_anonDataRatings.txt")
}

/// Makes the four tables.
pub fn derive(tree: &SourceTree) -> Result<Derived, CatalogueError> {
    let mut inside = SourceTree::default();
    let texts = match tree.find(INNER) {
        Some((_, inner)) => {
            inside.add_archive(INNER, inner, wanted)?;
            &inside
        }
        None => tree,
    };
    let files = DOMAINS.iter().map(|domain| table(texts, domain)).collect::<Result<_, _>>()?;
    let licence = tree.text("LICENSE.txt", "").ok().map(|(_, text)| text.to_owned());
    Ok(Derived { files, licence })
}

fn table(tree: &SourceTree, domain: &Domain) -> Result<DerivedFile, CatalogueError> {
    let (name, ratings) = tree.text(&format!("{}_anonDataRatings.txt", domain.stem), EXPECTED)?;
    let mut deviations = HashMap::new();
    for (number, fields) in lines(ratings) {
        let [id, _, deviation, _] = fields[..] else {
            return Err(CatalogueError::line(name, number, format!("{} fields, expected 4", fields.len())));
        };
        deviations.insert(id, rating(name, number, deviation)?);
    }
    let (name, truth) = tree.text(&format!("{}_GroundTruth.txt", domain.stem), EXPECTED)?;
    let mut table = Table::new(b',', &["id", "text", "rating", "rating_sd", "label", "split"]);
    let mut seen = HashSet::new();
    for (number, fields) in lines(truth) {
        let [id, mean, text] = fields[..] else {
            return Err(CatalogueError::line(name, number, format!("{} fields, expected 3", fields.len())));
        };
        let mean = rating(name, number, mean)?;
        let deviation = *deviations.get(id).ok_or_else(|| {
            CatalogueError::line(name, number, format!("'{id}' has no ratings, expected them in the other file"))
        })?;
        let kept = masked(text);
        if has_contact(text) || kept.chars().count() < SHORTEST || !seen.insert(kept.clone()) {
            continue;
        }
        // Sentences of one review or article stay together, and so do texts that differ in case and punctuation only.
        let group = if domain.grouped { id.split('_').next().unwrap_or(id).to_owned() } else { letters(&kept) };
        let side = side(&format!("sentiment/{}", domain.name), &group, 20);
        table.row(&[id, &kept, &thousandths(mean), &thousandths(deviation), label(mean), side]);
    }
    table.file(&format!("{}.csv", domain.name))
}

/// The lines that are not empty, numbered from 1, at their tabs.
fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines.map(|(line, number)| (number, line.split('\t').map(str::trim).collect()))
}

fn rating(file: &str, line: usize, text: &str) -> Result<f64, CatalogueError> {
    let value = text.parse().ok().filter(|value: &f64| (-4.0..=4.0).contains(value));
    value.ok_or_else(|| CatalogueError::line(file, line, format!("'{text}' is no rating, expected -4 to 4")))
}

/// Rounded to three places, ties to even.
fn thousandths(value: f64) -> String {
    // Adding 0 turns -0 into 0.
    ((value * 1000.0).round_ties_even() / 1000.0 + 0.0).to_string()
}

fn label(mean: f64) -> &'static str {
    match mean {
        mean if mean <= -0.5 => "negative",
        mean if mean >= 0.5 => "positive",
        _ => "neutral",
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::archive;
    use super::*;

    fn source(truth: &str, ratings: &str) -> SourceTree {
        let mut files = Vec::new();
        for domain in &DOMAINS {
            files.push((format!("h/{}_GroundTruth.txt", domain.stem), truth.as_bytes()));
            files.push((format!("h/{}_anonDataRatings.txt", domain.stem), ratings.as_bytes()));
        }
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        let inner = archive(&files);
        SourceTree::of(&[("v-1/extra/hutto_ICWSM_2014.tar.gz", &inner), ("v-1/LICENSE.txt", b"MIT, by me")])
    }

    const TRUTH: &str = "1_1\t-0.5\tWhat @somebody made &amp; sold\r\n1_2\t0.49996\tAll of it, at http://a.b/c\r\n\
        2_1\t0.5\tIt is good\r\n2_2\t1.0\tIt is good\r\n2_3\t1\tok.\r\n2_4\t0\tmail me@here.example now\r\n";
    const RATINGS: &str = "\u{feff}1_1\t-0.5\t0.6245\t[1]\r\n1_2\t0.49996\t0.5\t[1]\r\n2_1\t0.5\t1.0605\t[1]\r\n\
        2_2\t1\t0.1\t[1]\r\n2_3\t1\t0.1\t[1]\r\n2_4\t0\t0\t[1]\r\n";

    #[test]
    fn four_tables_masked_labelled_and_split() {
        let derived = derive(&source(TRUTH, RATINGS)).unwrap();
        assert_eq!(derived.licence.as_deref(), Some("MIT, by me"));
        assert_eq!(derived.files.len(), 4);
        let text = String::from_utf8(derived.files[1].bytes.clone()).unwrap();
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(derived.files[1].rows, Some(3), "{text}");
        assert!(rows[1].starts_with("1_1,What @user made & sold,-0.5,0.624,negative,"), "{text}");
        assert!(rows[2].starts_with("1_2,\"All of it, at <url>\",0.5,0.5,neutral,"), "{text}");
        assert!(rows[3].starts_with("2_1,It is good,0.5,1.06,positive,"), "{text}");
        let side = |row: &str| row.rsplit(',').next().unwrap().to_owned();
        assert_eq!(side(rows[1]), side(rows[2]));
    }

    #[test]
    fn what_does_not_read_is_named_with_its_line() {
        for (truth, ratings, words) in [
            ("1\t0\n", RATINGS, "tweets_GroundTruth.txt:1: 2 fields, expected 3"),
            ("1_1\tmuch\tA text here\n", RATINGS, "'much' is no rating"),
            ("9\t1\tA text here\n", RATINGS, "'9' has no ratings"),
            (TRUTH, "\n1\t7\n", "tweets_anonDataRatings.txt:2: 2 fields"),
            (TRUTH, "1\t0\tNaN\t[]\n", "'NaN' is no rating"),
        ] {
            let error = derive(&source(truth, ratings)).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let error = derive(&SourceTree::default()).unwrap_err().to_string();
        assert!(error.contains("expected the sdist"), "{error}");
    }

    proptest::proptest! {
        #[test]
        fn no_source_panics(truth in "([0-9_]{1,3}\t-?[0-9.]{1,4}\t\\PC{0,20}\r?\n){0,4}|\\PC*", ratings in "\\PC*") {
            let _ = derive(&source(&truth, &ratings));
            let _ = derive(&source(&truth, RATINGS));
        }
    }
}
