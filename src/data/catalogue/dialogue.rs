//! Short English exchanges: up to three turns of history and a response.
//!
//! Source: `chatterbot_corpus/data/english/*.yml` of the chatterbot-corpus package. Each file holds a list of
//! conversations, each a list of turns.

use super::derived::{Derived, Table};
use super::error::CatalogueError;
use super::side::side;
use super::tree::SourceTree;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use std::collections::{HashMap, HashSet};

const EXPECTED: &str = "expected the unpacked package chatterbot-corpus 1.3.3, its sdist, or its data/english folder";

/// The topics that are used, and whether what follows the first turn are alternative replies to it.
const TOPICS: [(&str, bool); 16] = [
    ("conversations", false),
    ("greetings", false),
    ("botprofile", false),
    ("ai", false),
    ("computers", true),
    ("emotion", true),
    ("food", false),
    ("health", false),
    ("humor", false),
    ("literature", true),
    ("money", false),
    ("movies", false),
    ("science", false),
    ("sports", false),
    ("tech_support", false),
    ("trivia", false),
];

/// A conversation in which one of these is said is left out.
const OFFENSIVE: &[&str] = &["dumb", "stupid", "idiot", "kill", "murder", "suicide", "hitler"];
/// The longest response, in characters.
const LONGEST: usize = 160;
/// Turns of history.
const HISTORY: usize = 3;
/// Percent of the histories that are tested.
const TESTED: u64 = 12;

/// Which files of the source are needed.
pub fn wanted(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("english", path));
    let language = folder.rsplit('/').next().unwrap_or(folder);
    language == "english" && TOPICS.iter().any(|(topic, _)| name.strip_suffix(".yml") == Some(topic))
}

struct Pair {
    conversation: usize,
    topic: &'static str,
    turn: usize,
    history: String,
    response: String,
}

/// Makes `dialogue.tsv`.
pub fn derive(tree: &SourceTree) -> Result<Derived, CatalogueError> {
    let mut pairs = Vec::new();
    let mut seen = HashSet::new();
    let mut conversation = 0;
    for (topic, alternatives) in TOPICS {
        let (name, text) = tree.text(&format!("english/{topic}.yml"), EXPECTED)?;
        for turns in conversations(name, text)? {
            let offends = |turn: &String| words(turn).any(|word| OFFENSIVE.contains(&word.as_str()));
            if turns.iter().any(offends) {
                continue;
            }
            conversation += 1;
            for (turn, history, response) in exchanges(&turns, alternatives) {
                let fits = !response.is_empty() && response.chars().count() <= LONGEST;
                if fits && seen.insert((history.clone(), response.clone())) {
                    pairs.push(Pair { conversation, topic, turn, history, response });
                }
            }
        }
    }
    let sides = sides(&pairs);
    let mut table = Table::new(b'\t', &["conversation", "topic", "turn", "history", "response", "split"]);
    for (pair, side) in pairs.iter().zip(sides) {
        let (conversation, turn) = (pair.conversation.to_string(), pair.turn.to_string());
        table.row(&[conversation.as_str(), pair.topic, &turn, &pair.history, &pair.response, side]);
    }
    Ok(Derived { files: vec![table.file("dialogue.tsv")?], licence: None })
}

/// The conversations of a file: lists of turns, white space single. What is no list of texts is no conversation.
fn conversations(name: &str, text: &str) -> Result<Vec<Vec<String>>, CatalogueError> {
    let documents = Yaml::load_from_str(text)
        .map_err(|error| CatalogueError::line(name, error.marker().line(), format!("no YAML: {}", error.info())))?;
    let all = documents.first().and_then(|document| document.as_mapping_get("conversations"));
    let all = all.and_then(Yaml::as_vec);
    let all = all.ok_or_else(|| CatalogueError::content(name, "no list 'conversations'"))?;
    Ok(all.iter().filter_map(|turns| turns.as_vec()?.iter().map(spoken).collect()).collect())
}

fn spoken(turn: &Yaml<'_>) -> Option<String> {
    let text = match turn {
        Yaml::Value(Scalar::String(text)) => text.to_string(),
        Yaml::Value(Scalar::Integer(number)) => number.to_string(),
        _ => return None,
    };
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Turn (0: one of several replies), history and response of each exchange.
fn exchanges(turns: &[String], alternatives: bool) -> Vec<(usize, String, String)> {
    let Some((first, rest)) = turns.split_first() else { return Vec::new() };
    if alternatives && rest.len() > 1 {
        return rest.iter().map(|reply| (0, first.clone(), reply.clone())).collect();
    }
    let history = |end: usize| turns.get(end.saturating_sub(HISTORY)..end).unwrap_or_default().join(" | ");
    rest.iter().zip(1..).map(|(response, turn)| (turn, history(turn), response.clone())).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase)
}

/// The side of each pair. A conversation stays on one side, and so do all that share a history.
fn sides(pairs: &[Pair]) -> Vec<&'static str> {
    // Each conversation points to an earlier one of its group, or to itself.
    let mut earlier: Vec<usize> = (0..=pairs.last().map_or(0, |pair| pair.conversation)).collect();
    let mut first: HashMap<&str, usize> = HashMap::new();
    let root = |earlier: &[usize], mut at: usize| {
        while let Some(&next) = earlier.get(at).filter(|&&next| next != at) {
            at = next;
        }
        at
    };
    for pair in pairs {
        let other = *first.entry(&pair.history).or_insert(pair.conversation);
        let (a, b) = (root(&earlier, other), root(&earlier, pair.conversation));
        if let Some(place) = earlier.get_mut(a.max(b)) {
            *place = a.min(b);
        }
    }
    let mut names: HashMap<usize, &str> = HashMap::new();
    let groups = pairs.iter().map(|pair| {
        let group = root(&earlier, pair.conversation);
        let name = *names.entry(group).or_insert(&pair.history);
        side("dialogue", name, TESTED)
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(of: impl Fn(&str) -> String) -> SourceTree {
        let files: Vec<(String, String)> =
            TOPICS.iter().map(|(topic, _)| (format!("x/data/english/{topic}.yml"), of(topic))).collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        SourceTree::of(&files)
    }

    fn rows(derived: &Derived) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_reader(derived.files[0].bytes.as_slice());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn turns_become_pairs_and_replies_stand_side_by_side() {
        let derived = derive(&source(|topic| match topic {
            "food" => {
                "conversations:\n- - one\n  - two  too\n  - three\n  - four\n  - five\n- no conversation\n".into()
            }
            "emotion" => "conversations:\n- - one\n  - a\n  - b\n  - a\n".into(),
            "ai" => {
                format!("conversations:\n- - hi\n  - How Stupid!\n- - long\n  - {}\n- - 7\n  - ''\n", "x".repeat(161))
            }
            _ => "conversations: []\n".into(),
        }))
        .unwrap();
        let rows = rows(&derived);
        let seen: Vec<[&str; 5]> = rows.iter().map(|row| [0, 1, 2, 3, 4].map(|at| row[at].as_str())).collect();
        assert_eq!(
            seen,
            [
                ["3", "emotion", "0", "one", "a"],
                ["3", "emotion", "0", "one", "b"],
                ["4", "food", "1", "one", "two too"],
                ["4", "food", "2", "one | two too", "three"],
                ["4", "food", "3", "one | two too | three", "four"],
                ["4", "food", "4", "two too | three | four", "five"],
            ]
        );
        assert!(rows.iter().all(|row| row[5] == rows[0][5]), "a shared history holds both together");
    }

    #[test]
    fn no_history_is_on_both_sides() {
        let derived = derive(&source(|topic| {
            let talk = |n: usize| format!("- - question {}\n  - {topic} says {n}\n  - more {n}\n", n % 40);
            format!("conversations:\n{}", (0..60).map(talk).collect::<String>())
        }))
        .unwrap();
        let mut sides: HashMap<String, HashSet<String>> = HashMap::new();
        for row in rows(&derived) {
            sides.entry(row[3].clone()).or_default().insert(row[5].clone());
        }
        assert!(sides.len() > 40 && sides.values().all(|sides| sides.len() == 1));
        assert!(sides.values().any(|sides| sides.contains("test")) && sides.values().any(|s| s.contains("train")));
    }

    #[test]
    fn files_that_do_not_read_are_named() {
        let error = derive(&source(|_| "conversations:\n- [".into())).unwrap_err().to_string();
        assert!(error.contains("conversations.yml:"), "{error}");
        let error = derive(&source(|_| "topics: 1".into())).unwrap_err().to_string();
        assert!(error.contains("no list 'conversations'"), "{error}");
        let error = derive(&SourceTree::default()).unwrap_err().to_string();
        assert!(error.contains("expected the unpacked package"), "{error}");
        assert!(derive(&source(|_| "conversations: []".into())).is_err(), "no row at all");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(- |\\[|\\]|'|:|\n|[a-c ]|conversations:){0,30}|\\PC*") {
            let _ = derive(&source(|_| text.clone()));
        }
    }
}
