//! Time: seconds trained, and the pace that a person set.
//!
//! Reads the clock, as `timing` does and no other place of the trainer; nothing that is trained depends on it.

use std::time::{Duration, Instant};

/// The longest wait between two steps; a pace below one step in it is as good as a pause.
const LONGEST_GAP: Duration = Duration::from_hours(365 * 24);

/// A stopwatch that leaves pauses out, and the time that the last step was due.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    trained: Duration,
    since: Option<Instant>,
    due: Option<Instant>,
}

impl Pacing {
    /// Starts after `trained` seconds of earlier training.
    pub fn new(trained: f64) -> Self {
        let trained = Duration::try_from_secs_f64(trained).unwrap_or_default();
        Self { trained, since: Some(Instant::now()), due: None }
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
            self.due = None;
        }
    }

    /// Starts the watch.
    pub fn resume(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// How long the next step must wait under `pace` steps a second, whatever the pace was when the last one began.
    pub fn must_wait(&self, pace: Option<f64>) -> Option<Duration> {
        let next = self.due? + gap(pace?);
        let wait = next.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    /// Notes that a step begins, under `pace` steps a second.
    pub fn step(&mut self, pace: Option<f64>) {
        let now = Instant::now();
        self.due = pace.map(|pace| {
            let gap = gap(pace);
            // From the planned time, so that the pace is kept on average; but lost time is not caught up.
            let planned = self.due.map_or(now, |due| due + gap).min(now);
            now.checked_sub(gap).map_or(planned, |earliest| planned.max(earliest))
        });
    }
}

/// The time from one step to the next under `pace` steps a second.
fn gap(pace: f64) -> Duration {
    Duration::try_from_secs_f64(1.0 / pace).unwrap_or(LONGEST_GAP).min(LONGEST_GAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn the_pace_of_now_counts_not_that_of_the_last_step() {
        let mut pacing = Pacing::new(0.0);
        assert_eq!(pacing.must_wait(Some(1e-6)), None);
        pacing.step(Some(1e-6));
        assert!(pacing.must_wait(Some(1e-6)) > Some(HOUR));
        assert!(pacing.must_wait(Some(1.0)) <= Some(Duration::from_secs(1)));
        assert_eq!(pacing.must_wait(Some(f64::MAX)), None);
        assert_eq!(pacing.must_wait(None), None);
    }

    #[test]
    fn a_pace_beyond_measure_is_slow_and_not_unlimited() {
        for pace in [1e-12, 1e-30, f64::MIN_POSITIVE, 5e-324] {
            let mut pacing = Pacing::new(0.0);
            pacing.step(Some(pace));
            pacing.step(Some(pace));
            assert!(pacing.must_wait(Some(pace)) > Some(HOUR), "{pace}");
        }
    }
}
