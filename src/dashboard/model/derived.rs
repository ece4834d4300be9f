//! Losses seen otherwise: times their weights, or as shares of their sum. Kept only while they are looked at, built from
//! the history when that begins.

use super::Run;
use super::task::{Task, times};
use crate::series::Series;

/// What is kept beside each raw loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Derived {
    /// Nothing.
    #[default]
    None,
    /// λ times the loss.
    Weighted,
    /// |λ times the loss| over the sum of all tasks', where a task without a loss in a step counts with its last one.
    Share,
}

/// What is derived now, and the last finite |λL| of each task, 0 while it is muted.
#[derive(Clone, Debug, Default)]
pub struct Deriver {
    kind: Derived,
    latest: Vec<f64>,
}

/// The values of a history that changes now and then, asked for in ascending order of step.
struct Follower<'a, T> {
    changes: &'a [(u64, T)],
    now: T,
}

impl<'a, T: Copy> Follower<'a, T> {
    fn new(changes: &'a [(u64, T)], otherwise: T) -> Self {
        Self { changes, now: changes.first().map_or(otherwise, |&(_, first)| first) }
    }

    fn at(&mut self, step: u64) -> T {
        while let Some((&(_, next), rest)) = self.changes.split_first().filter(|((from, _), _)| *from <= step) {
            (self.now, self.changes) = (next, rest);
        }
        self.now
    }
}

impl Task {
    /// What the loss chart shows: what is derived, else the loss itself.
    pub fn shown(&self) -> &Series {
        self.derived.as_ref().unwrap_or(&self.loss)
    }

    /// λL of each step in which the task was not muted.
    fn weighed(&self) -> impl Iterator<Item = (u64, Option<f64>)> + '_ {
        let mut weight = Follower::new(&self.weights, 1.0);
        let mut muted = Follower::new(&self.mutes, false);
        let track = self.loss.track();
        track.steps().iter().zip(track.raw().values()).map(move |(&step, &loss)| {
            let weight = weight.at(step);
            (step, (!muted.at(step)).then(|| times(weight, loss)))
        })
    }
}

impl Deriver {
    /// Notes λL of a task and says what is to be kept for it, once all of the step are noted.
    fn note(&mut self, place: usize, value: Option<f64>) {
        if self.latest.len() <= place {
            self.latest.resize(place + 1, 0.0);
        }
        if let Some(latest) = self.latest.get_mut(place) {
            match value {
                None => *latest = 0.0,
                Some(value) if value.is_finite() => *latest = value.abs(),
                Some(_) => {}
            }
        }
    }

    /// What a value is divided by, in two parts, so that the largest numbers do not overflow.
    fn total(&self) -> (f64, f64) {
        let largest = self.latest.iter().copied().fold(0.0, f64::max);
        (largest, self.latest.iter().map(|value| value / largest).sum())
    }

    fn value(&self, weighed: f64, (largest, sum): (f64, f64)) -> f64 {
        match self.kind {
            Derived::Share if weighed.is_finite() && largest > 0.0 => weighed.abs() / largest / sum,
            Derived::Share if weighed.is_finite() => 0.0,
            _ => weighed,
        }
    }
}

impl Run {
    /// Begins to keep something beside the losses, or ends it.
    pub fn derive(&mut self, kind: Derived) {
        self.deriver = Deriver { kind, latest: Vec::new() };
        let mut series: Vec<Series> = self.tasks.iter().map(|_| Series::new(self.smoothing)).collect();
        if kind != Derived::None {
            let mut histories: Vec<_> = self.tasks.iter().map(|task| task.weighed().peekable()).collect();
            let mut values = Vec::with_capacity(histories.len());
            while let Some(step) = histories.iter_mut().filter_map(|history| Some(history.peek()?.0)).min() {
                values.clear();
                for (place, history) in histories.iter_mut().enumerate() {
                    if let Some((_, value)) = history.next_if(|(other, _)| *other == step) {
                        self.deriver.note(place, value);
                        values.push((place, value));
                    }
                }
                let total = self.deriver.total();
                for &(place, value) in &values {
                    if let (Some(series), Some(value)) = (series.get_mut(place), value) {
                        series.push(step, self.deriver.value(value, total));
                    }
                }
            }
        }
        for (task, series) in self.tasks.iter_mut().zip(series) {
            task.derived = (kind != Derived::None).then_some(series);
        }
    }

    /// The same again for tasks that are new.
    pub(super) fn derive_again(&mut self) {
        self.derive(self.deriver.kind);
    }

    /// Adds what a step brought; `place` and loss of each task that had one.
    pub(super) fn derive_step(&mut self, step: u64, losses: &[(usize, f64)]) {
        if self.deriver.kind == Derived::None {
            return;
        }
        let weighed = |(place, loss): &(usize, f64)| {
            let task = self.tasks.get(*place)?;
            Some((*place, (!task.muted).then(|| times(task.weight, *loss))))
        };
        let values: Vec<_> = losses.iter().filter_map(weighed).collect();
        for &(place, value) in &values {
            self.deriver.note(place, value);
        }
        let total = self.deriver.total();
        for (place, value) in values {
            let kept = value.map(|value| self.deriver.value(value, total));
            if let (Some(series), Some(value)) =
                (self.tasks.get_mut(place).and_then(|task| task.derived.as_mut()), kept)
            {
                series.push(step, value);
            }
        }
    }

    /// Goes back: the last losses are those of the step gone back to.
    pub(super) fn derive_rewound(&mut self) {
        if self.deriver.kind == Derived::None {
            return;
        }
        for (place, task) in self.tasks.iter().enumerate() {
            let last = task.loss.track().raw().values().iter().rev().find(|value| value.is_finite());
            let muted = task.mutes.last().is_some_and(|&(_, muted)| muted);
            self.deriver.note(place, last.filter(|_| !muted).map(|&loss| times(task.weight, loss)));
        }
    }
}
