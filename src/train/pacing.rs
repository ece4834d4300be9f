//! Time: seconds trained, and the pace that a person set.
//!
//! The only place of the trainer that reads a clock; nothing that is trained depends on it.

use std::time::{Duration, Instant};

/// A stopwatch that leaves pauses out, and the earliest time of the next step.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    trained: Duration,
    since: Option<Instant>,
    next: Option<Instant>,
}

impl Pacing {
    /// Starts after `trained` seconds of earlier training.
    pub fn new(trained: f64) -> Self {
        let trained = Duration::try_from_secs_f64(trained).unwrap_or_default();
        Self { trained, since: Some(Instant::now()), next: None }
    }

    /// Seconds trained, pauses left out.
    pub fn seconds(&self) -> f64 {
        let running = self.since.map(|since| since.elapsed()).unwrap_or_default();
        (self.trained + running).as_secs_f64()
    }

    /// Stops the watch.
    pub fn pause(&mut self) {
        if let Some(since) = self.since.take() {
            self.trained += since.elapsed();
            self.next = None;
        }
    }

    /// Starts the watch.
    pub fn resume(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// How long the next step must wait under `pace` steps a second.
    pub fn must_wait(&self, pace: Option<f64>) -> Option<Duration> {
        pace?;
        let wait = self.next?.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    /// Notes that a step begins, under `pace` steps a second.
    pub fn step(&mut self, pace: Option<f64>) {
        let now = Instant::now();
        self.next = pace.and_then(|pace| {
            let gap = Duration::try_from_secs_f64(1.0 / pace).ok()?;
            // From the planned time, so that the pace is kept on average; but lost time is not caught up.
            let planned = self.next.unwrap_or(now).checked_add(gap)?;
            Some(planned.max(now))
        });
    }
}
