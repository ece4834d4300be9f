//! Inputs with the wanted and the given answer, of a task's latest evaluation.

use crate::protocol::Sample;
use crate::text::sanitise;

/// How many are kept of one evaluation.
const KEPT: usize = 32;

/// Longest text that is kept, in characters.
const LONGEST: usize = 400;

/// What an answer is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// What was wanted.
    Right,
    /// Something else.
    Wrong,
    /// A number, so far above what was wanted; below where negative.
    Off(f64),
}

/// One input and its answers, fit for a terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The input.
    pub input: String,
    /// The wanted answer.
    pub want: String,
    /// The given answer.
    pub got: String,
    /// Judged on the whole texts, before long ones were cut.
    pub verdict: Verdict,
}

impl Answer {
    /// An event's; `labels` says that answers which look like numbers are names all the same.
    fn new(sample: &Sample, labels: bool) -> Self {
        let verdict = match (number(&sample.want), number(&sample.got)) {
            (Some(want), Some(got)) if !labels => Verdict::Off(got - want),
            _ if sample.want == sample.got => Verdict::Right,
            _ => Verdict::Wrong,
        };
        Self { input: kept(&sample.input), want: kept(&sample.want), got: kept(&sample.got), verdict }
    }

    /// Whether it is to be seen among the wrong ones: not what was wanted.
    pub fn misses(&self) -> bool {
        match self.verdict {
            Verdict::Right => false,
            Verdict::Wrong => true,
            Verdict::Off(by) => by != 0.0,
        }
    }
}

/// The answers of a task's latest evaluation.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    answers: Vec<Answer>,
    step: u64,
    /// Whether the evaluation they are of is over, so that the next one begins anew.
    complete: bool,
}

impl Samples {
    /// Takes one in; the first one of a later evaluation replaces all before.
    pub fn push(&mut self, sample: &Sample, labels: bool) {
        if !self.answers.is_empty() && sample.step < self.step {
            return;
        }
        if self.complete || sample.step != self.step {
            self.answers.clear();
        }
        (self.step, self.complete) = (sample.step, false);
        if self.answers.len() < KEPT {
            self.answers.push(Answer::new(sample, labels));
        }
    }

    /// An evaluation was reported: a sample that follows belongs to the next one, or, where samples follow the report,
    /// is the first of this one.
    pub fn evaluated(&mut self) {
        self.complete = true;
    }

    /// Forgets answers given after a step.
    pub fn rewind(&mut self, to_step: u64) {
        if self.step > to_step {
            *self = Self::default();
        }
    }

    /// In the order of the evaluation.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// The step they are of.
    pub fn step(&self) -> Option<u64> {
        (!self.answers.is_empty()).then_some(self.step)
    }

    /// Those to look at: all, or what missed, of numbers the farthest first.
    pub fn chosen(&self, wrong_only: bool) -> Vec<&Answer> {
        let mut chosen: Vec<&Answer> = self.answers.iter().filter(|answer| !wrong_only || answer.misses()).collect();
        if wrong_only {
            let size = |answer: &Answer| if let Verdict::Off(by) = answer.verdict { by.abs() } else { f64::INFINITY };
            chosen.sort_by(|left, right| size(right).total_cmp(&size(left)));
        }
        chosen
    }

    /// How many are right, of how many that can be.
    pub fn right(&self) -> (usize, usize) {
        let judged = self.answers.iter().filter(|answer| !matches!(answer.verdict, Verdict::Off(_)));
        (judged.clone().filter(|answer| !answer.misses()).count(), judged.count())
    }

    /// How far numbers are off on average, where there are some.
    pub fn mean_off(&self) -> Option<f64> {
        let off = |answer: &Answer| if let Verdict::Off(by) = answer.verdict { Some(by.abs()) } else { None };
        let sizes: Vec<f64> = self.answers.iter().filter_map(off).collect();
        (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / sizes.len() as f64)
    }
}

/// A finite number.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// The start of a text, fit for a terminal.
fn kept(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => sanitise(text.get(..end).unwrap_or_default()) + "…",
        None => sanitise(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(step: u64, want: &str, got: &str) -> Sample {
        let [task, input] = ["t", "in"].map(str::to_owned);
        Sample { step, task, input, want: want.to_owned(), got: got.to_owned() }
    }

    fn verdict(want: &str, got: &str, labels: bool) -> Verdict {
        Answer::new(&sample(1, want, got), labels).verdict
    }

    #[test]
    fn texts_are_right_or_wrong_and_numbers_are_off() {
        assert_eq!(verdict("sad", "sad", false), Verdict::Right);
        assert_eq!(verdict("sad", "glad", false), Verdict::Wrong);
        assert_eq!(verdict("2", "2.5", false), Verdict::Off(0.5));
        assert_eq!(verdict("2", "two", false), Verdict::Wrong);
        assert_eq!(verdict("nan", "nan", false), Verdict::Right);
        assert_eq!((verdict("7", "1", true), verdict("7", "7", true)), (Verdict::Wrong, Verdict::Right));
        let long = "a".repeat(500);
        let (want, got) = (long.clone() + "b", long + "c");
        assert_eq!(verdict(&want, &got, false), Verdict::Wrong);
    }

    #[test]
    fn the_latest_evaluation_replaces_the_one_before_whichever_comes_first_sample_or_report() {
        let count = |samples: &Samples| (samples.step(), samples.answers().len());
        let mut before = Samples::default();
        (0..3).for_each(|_| before.push(&sample(0, "a", "b"), false));
        assert_eq!(count(&before), (Some(0), 3));
        before.evaluated();
        before.push(&sample(0, "a", "b"), false);
        assert_eq!(count(&before), (Some(0), 1), "the same step, evaluated again");
        let mut after = Samples::default();
        for step in [100, 200] {
            after.evaluated();
            (0..2).for_each(|_| after.push(&sample(step, "a", "b"), false));
            assert_eq!(count(&after), (Some(step), 2));
        }
        after.push(&sample(150, "a", "b"), false);
        assert_eq!(count(&after), (Some(200), 2), "an evaluation of an earlier step comes too late");
        after.rewind(200);
        assert_eq!(count(&after), (Some(200), 2));
        after.rewind(199);
        assert_eq!(count(&after), (None, 0));
        after.push(&sample(150, "a", "b"), false);
        assert_eq!(count(&after), (Some(150), 1));
    }

    #[test]
    fn neither_many_nor_long_ones_are_kept() {
        let mut samples = Samples::default();
        let long = "\u{1b}".repeat(1_000_000);
        (0..1000).for_each(|_| samples.push(&sample(1, &long, "b"), false));
        assert_eq!(samples.answers().len(), KEPT);
        assert_eq!(samples.answers()[0].want.chars().count(), LONGEST + 1);
    }

    #[test]
    fn wrong_ones_are_picked_out_numbers_by_how_far_they_are_off() {
        let mut samples = Samples::default();
        for (want, got) in [("1", "1"), ("1", "1.5"), ("1", "-1"), ("a", "a"), ("a", "b")] {
            samples.push(&sample(1, want, got), false);
        }
        let got: Vec<&str> = samples.chosen(true).iter().map(|answer| answer.got.as_str()).collect();
        assert_eq!(got, ["b", "-1", "1.5"]);
        assert_eq!((samples.chosen(false).len(), samples.right()), (5, (1, 2)));
        assert!((samples.mean_off().unwrap() - 2.5 / 3.0).abs() < 1e-9);
    }
}
