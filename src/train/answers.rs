//! From a head's outputs to what the user knows: numbers in their units, labels with their probability, texts.
//!
//! Works on what a head says; it must not know networks or files.

use crate::data::{ClassTarget, TargetColumn, TranscriptTarget};
use crate::model::Prediction;
use crate::objective::ctc;
use crate::objective::metrics::predicted;
use burn::prelude::*;

/// What a network answers for one task, an entry a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers<'a> {
    /// Numbers in the user's units.
    Numbers(Vec<f64>),
    /// Labels; `None` where an output is NaN.
    Labels(Vec<Option<Label<'a>>>),
    /// Texts: what was heard or is replied.
    Texts {
        /// As the network has it.
        values: Vec<String>,
        /// The same limited to the words of the training part; empty where a task knows no such list.
        limited: Vec<String>,
    },
}

/// A label that was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label<'a> {
    /// As it stands in the data.
    pub text: &'a str,
    /// What the network gives it, in [0, 1].
    pub probability: f64,
}

impl<'a> Answers<'a> {
    /// Reads what a head for `target` says of `rows` rows.
    pub fn read(target: &'a TargetColumn, prediction: Prediction, rows: usize) -> Self {
        match (target, prediction) {
            (TargetColumn::Transcript(transcript), Prediction::Letters { logits, lengths }) => {
                transcripts(transcript, logits, &lengths)
            }
            (TargetColumn::Text(text), Prediction::Tokens(tokens)) => {
                let values = tokens.iter().map(|tokens| text.vocabulary.decode(tokens)).collect();
                Self::Texts { values, limited: Vec::new() }
            }
            (target, Prediction::Rows(outputs)) => {
                Self::decode(target, &outputs.into_data().try_into_vec::<f32>().unwrap_or_default(), rows)
            }
            _ => Self::Texts { values: Vec::new(), limited: Vec::new() },
        }
    }

    /// Reads `rows × outputs` numbers, row-major, of a head for `target`.
    pub fn decode(target: &'a TargetColumn, outputs: &[f32], rows: usize) -> Self {
        match target {
            TargetColumn::Transcript(_) | TargetColumn::Text(_) => {
                Self::Texts { values: Vec::new(), limited: Vec::new() }
            }
            TargetColumn::Number(number) => {
                Self::Numbers(outputs.iter().map(|value| number.in_units(f64::from(*value))).collect())
            }
            TargetColumn::Classes(classes) => {
                let width = (outputs.len() / rows.max(1)).max(1);
                Self::Labels(outputs.chunks_exact(width).map(|scores| label(classes, scores)).collect())
            }
        }
    }
}

/// What was heard, letter by letter and limited to known words.
fn transcripts(target: &TranscriptTarget, logits: Tensor<3>, lengths: &[usize]) -> Answers<'static> {
    let [_, positions, classes] = logits.dims();
    let logits = logits.into_data().try_into_vec::<f32>().unwrap_or_default();
    let words = target.words.iter().map(|word| target.letters.encode(word)).collect();
    // Class 0 is the blank, so the first letter is class 1.
    let separator = target.letters.letters().iter().zip(1..).find(|(letter, _)| *letter == " ").map(|(_, class)| class);
    let list = ctc::WordList::new(words, separator);
    let rows = logits.chunks_exact((positions * classes).max(1)).zip(lengths).map(|(row, length)| {
        let length = (*length).min(positions);
        (row.get(..length * classes).unwrap_or(row), length)
    });
    let (mut values, mut limited) = (Vec::new(), Vec::new());
    for (row, length) in rows {
        values.push(target.letters.decode(&ctc::greedy(row, length, classes)));
        limited.push(target.letters.decode(&list.decode(row, length, classes)));
    }
    Answers::Texts { values, limited }
}

fn label<'a>(classes: &'a ClassTarget, scores: &[f32]) -> Option<Label<'a>> {
    let class = predicted(scores)? as usize;
    let text = classes.labels.get(class)?;
    Some(Label { text, probability: probability(scores, class) })
}

/// The sigmoid of one logit, else the softmax; of log-probabilities it gives the probabilities back.
fn probability(scores: &[f32], class: usize) -> f64 {
    let score = |place: usize| scores.get(place).map_or(0.0, |score| f64::from(*score));
    match scores {
        [logit] => 1.0 / (1.0 + (-f64::from(*logit).abs()).exp()),
        _ => 1.0 / scores.iter().map(|other| (f64::from(*other) - score(class)).exp()).sum::<f64>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Transform;
    use crate::data::NumberTarget;

    fn classes(labels: &[&str]) -> TargetColumn {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let counts = vec![1; labels.len()];
        TargetColumn::Classes(ClassTarget { column: "c".to_owned(), labels, counts, bins: Vec::new() })
    }

    fn labels<'a>(target: &'a TargetColumn, outputs: &[f32], rows: usize) -> Vec<Option<(&'a str, f64)>> {
        match Answers::decode(target, outputs, rows) {
            Answers::Labels(labels) => labels
                .into_iter()
                .map(|label| label.map(|label| (label.text, (label.probability * 1e6).round() / 1e6)))
                .collect(),
            _ => panic!("no labels"),
        }
    }

    #[test]
    fn numbers_come_back_in_units() {
        let mut number = NumberTarget {
            column: "y".to_owned(),
            transform: Transform::None,
            mean: 10.0,
            deviation: 4.0,
            labelled: 3,
        };
        let decoded = |number: &NumberTarget| {
            let target = TargetColumn::Number(number.clone());
            match Answers::decode(&target, &[0.0, -0.5], 2) {
                Answers::Numbers(numbers) => numbers,
                _ => panic!("no numbers"),
            }
        };
        assert_eq!(decoded(&number), [10.0, 8.0]);
        (number.transform, number.mean, number.deviation) = (Transform::Log1p, 0.0, 2.0);
        assert_eq!(decoded(&number), [0.0, (-1.0_f64).exp_m1()]);
    }

    #[test]
    fn labels_have_the_probability_that_they_were_chosen_with() {
        let three = classes(&["a", "b", "c"]);
        let ln = |p: f32| p.ln();
        let outputs = [ln(0.25), ln(0.5), ln(0.25), 1000.0, 0.0, -1000.0, f32::NAN, 0.0, 0.0];
        assert_eq!(labels(&three, &outputs, 3), [Some(("b", 0.5)), Some(("a", 1.0)), None]);
        let two = classes(&["no", "yes"]);
        let third = (1.0_f32 / 3.0).ln();
        let outputs = [-third, third, 0.0, f32::INFINITY];
        let want = [Some(("yes", 0.75)), Some(("no", 0.75)), Some(("no", 0.5)), Some(("yes", 1.0))];
        assert_eq!(labels(&two, &outputs, 4), want);
    }

    #[test]
    fn no_rows_have_no_answers() {
        assert!(labels(&classes(&["a", "b"]), &[], 0).is_empty());
    }
}
