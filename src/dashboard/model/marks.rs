//! Moments worth a mark on the curves, and what the losses did around them.

use super::Run;
use crate::series::Track;

/// Steps that a slope looks at, at most.
const AROUND: u64 = 200;

/// What happened at a marked moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A request took effect.
    Request,
    /// A person put a sentence on record.
    Note,
    /// The run went back to here.
    Rewind,
}

/// A moment with a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The first update that a request acted in; the last one that was kept at a rewind.
    pub step: u64,
    /// A few letters: `w1`, `lr`.
    pub label: String,
    /// The task concerned.
    pub task: Option<usize>,
    /// What happened.
    pub kind: MarkKind,
    /// The same in words, fit for a terminal.
    pub text: String,
}

/// Moments that come often and say little, ascending.
#[derive(Clone, Debug, Default)]
pub struct Quiet {
    /// Evaluations of the validation part.
    pub evaluations: Vec<u64>,
    /// Checkpoints.
    pub checkpoints: Vec<u64>,
}

impl Quiet {
    /// Notes an evaluation.
    pub fn evaluated(&mut self, step: u64) {
        add(&mut self.evaluations, step);
    }

    /// Notes a checkpoint.
    pub fn saved(&mut self, step: u64) {
        add(&mut self.checkpoints, step);
    }

    /// Drops what came after a step.
    pub fn rewind(&mut self, to_step: u64) {
        for list in [&mut self.evaluations, &mut self.checkpoints] {
            list.truncate(list.partition_point(|&step| step <= to_step));
        }
    }
}

fn add(list: &mut Vec<u64>, step: u64) {
    if list.last().is_none_or(|&last| last < step) {
        list.push(step);
    }
}

/// The slope of a task's smoothed loss before and after a moment, in shares of its mean over 100 steps: -0.02 falls by
/// 2 % in 100 steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slopes {
    /// Over the steps before.
    pub before: Option<f64>,
    /// From the moment on.
    pub after: Option<f64>,
}

impl Run {
    /// Adds a mark; marks stay in the order of their steps.
    pub(super) fn add_mark(&mut self, mark: Mark) {
        let place = self.marks.partition_point(|other| other.step <= mark.step);
        self.marks.insert(place, mark);
    }

    /// The marks from a step on, up to and without another one.
    pub fn marks_between(&self, from: u64, to: u64) -> &[Mark] {
        let place = |step: u64| self.marks.partition_point(|mark| mark.step < step);
        self.marks.get(place(from)..place(to)).unwrap_or_default()
    }

    /// Slopes of each task's smoothed loss around a step: straight lines of least squares over up to 200 steps on either
    /// side, no further than the next request there.
    pub fn slopes(&self, step: u64) -> Vec<Slopes> {
        let requests = |mark: &&super::Mark| mark.kind == MarkKind::Request;
        let before = self.marks_between(0, step).iter().rev().find(requests).map_or(0, |mark| mark.step);
        let after = self.marks_between(step.saturating_add(1), u64::MAX).iter().find(requests);
        let from = before.max(step.saturating_sub(AROUND));
        let to = after.map_or(u64::MAX, |mark| mark.step).min(step.saturating_add(AROUND));
        let slopes = |track: &Track| Slopes { before: slope(track, from, step), after: slope(track, step, to) };
        self.tasks.iter().map(|task| slopes(task.loss.track())).collect()
    }
}

/// The relative slope over the points from a step on, up to and without another one; at least three are needed.
fn slope(track: &Track, from: u64, to: u64) -> Option<f64> {
    let places = track.place(from)..track.place(to);
    let (steps, values) = (track.steps().get(places.clone())?, track.smooth().values().get(places)?);
    let points = || steps.iter().zip(values).filter(|(_, value)| value.is_finite());
    let count = points().count();
    if count < 3 {
        return None;
    }
    let mean = |sum: f64| sum / count as f64;
    let (middle, level) =
        (mean(points().map(|(step, _)| *step as f64).sum()), mean(points().map(|(_, value)| value).sum()));
    let (mut product, mut square) = (0.0, 0.0);
    for (step, value) in points() {
        let away = *step as f64 - middle;
        product += away * (value - level);
        square += away * away;
    }
    Some(product / square / level.abs() * 100.0).filter(|slope| slope.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Series;

    #[test]
    fn a_straight_line_has_its_slope() {
        let mut series = Series::new(0.0);
        (1..=100).for_each(|step| series.push(step, 10.0 - 0.01 * step as f64));
        let found = slope(series.track(), 1, 101).unwrap();
        assert!((found + 0.01 * 100.0 / (10.0 - 0.505)).abs() < 1e-9, "{found}");
        assert_eq!(slope(series.track(), 99, 101), None);
        assert_eq!(slope(series.track(), 300, 400), None);
        assert_eq!(slope(series.track(), 100, 1), None);
    }

    #[test]
    fn quiet_moments_are_kept_once_and_a_rewind_drops_the_later_ones() {
        let mut quiet = Quiet::default();
        for step in [10, 20, 20, 30] {
            quiet.evaluated(step);
        }
        quiet.saved(30);
        quiet.rewind(20);
        assert_eq!((quiet.evaluations, quiet.checkpoints), (vec![10, 20], vec![]));
    }
}
