//! Where the time of training goes: a stopwatch through the parts of a step, and the `system` events made of it.
//!
//! The trainer's thread reads the clock here and in `pacing`, nowhere else; nothing that is trained depends on it.

use super::process;
use crate::protocol::{Real, StepPart, System};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Time of training before the first event.
const FIRST: Duration = Duration::from_secs(1);
/// Time of training between two events.
const EVERY: Duration = Duration::from_secs(5);
/// Cores in use over a shorter time would be made up: the system counts in hundredths of a second.
const CORES_NEED: Duration = Duration::from_millis(200);

/// A stopwatch that lays all time since its last look to one part, so that the parts add up to what has passed.
///
/// Stopped, it reads no clock.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch {
    mark: Option<Instant>,
    parts: [Duration; StepPart::ALL.len()],
    waited: Duration,
}

impl Stopwatch {
    /// One that never runs.
    pub fn stopped() -> Self {
        Self::default()
    }

    /// Begins at `now`; one that runs goes on.
    pub fn start(&mut self, now: Instant) {
        self.mark.get_or_insert(now);
    }

    /// The time since the last look went into `part`.
    pub fn lap(&mut self, part: StepPart) {
        if self.mark.is_some() {
            self.lap_at(part, Instant::now());
        }
    }

    /// The time since the last look was waiting, which is no part of a step.
    pub fn waited(&mut self) {
        if self.mark.is_some() {
            let passed = self.since_mark(Instant::now());
            self.waited += passed;
        }
    }

    fn lap_at(&mut self, part: StepPart, now: Instant) {
        let passed = self.since_mark(now);
        if let Some(sum) = self.parts.get_mut(part as usize) {
            *sum += passed;
        }
    }

    /// The time since the last look, which is now.
    fn since_mark(&mut self, now: Instant) -> Duration {
        let Some(mark) = self.mark else { return Duration::ZERO };
        self.mark = Some(mark.max(now));
        now.saturating_duration_since(mark)
    }

    /// Time that went into parts.
    fn spent(&self) -> Duration {
        self.parts.iter().sum()
    }
}

/// The time since the last `system` event.
#[derive(Debug, Default)]
pub struct Timing {
    /// Runs while training does.
    pub watch: Stopwatch,
    steps: u64,
    /// Processor time at the last event, moved on by what pauses used.
    processor: Option<Duration>,
    /// Processor time when the pause began.
    paused: Option<Duration>,
    told: bool,
}

impl Timing {
    /// Training goes on, or begins.
    pub fn resume(&mut self) {
        if self.watch.mark.is_some() {
            return;
        }
        let now = process::processor_time();
        self.processor = match (self.processor, self.paused.take(), now) {
            (Some(last), Some(paused), Some(now)) => Some(last + now.saturating_sub(paused)),
            _ => now,
        };
        self.watch.start(Instant::now());
    }

    /// Training stops until it is resumed.
    pub fn pause(&mut self) {
        if self.watch.mark.is_some() {
            self.watch.lap(StepPart::Rest);
            self.watch.mark = None;
            self.paused = process::processor_time();
        }
    }

    /// A step was made.
    pub fn step_done(&mut self) {
        self.steps += 1;
    }

    /// Whether it is time for an event.
    pub fn is_due(&self) -> bool {
        self.steps > 0 && self.watch.spent() + self.watch.waited >= if self.told { EVERY } else { FIRST }
    }

    /// Whether the end of a run should tell, lest a short run or the last seconds of one say nothing.
    pub fn has_something_to_tell(&self) -> bool {
        self.steps > 0 && (!self.told || self.watch.spent() + self.watch.waited >= FIRST)
    }

    /// The event, `time` seconds of training after the start; the next one begins here.
    pub fn tell(&mut self, time: f64) -> System {
        let processor = self.paused.or_else(process::processor_time);
        let span = self.watch.spent() + self.watch.waited;
        let used = processor.zip(self.processor).map(|(now, last)| now.saturating_sub(last));
        let cores = used.filter(|_| span >= CORES_NEED).map(|used| used.as_secs_f64() / span.as_secs_f64());
        let event = System {
            time: Real(microseconds(time)),
            memory: process::resident_bytes(),
            cpu: cores.map(|cores| Real((cores * 100.0).round() / 100.0)),
            parts: self.means(),
        };
        let mark = self.watch.mark;
        self.watch = Stopwatch { mark, ..Stopwatch::default() };
        (self.processor, self.steps, self.told) = (processor, 0, true);
        event
    }

    /// Mean seconds a step, to a tenth of a microsecond; nothing without a step.
    fn means(&self) -> BTreeMap<String, Real> {
        let steps = self.steps as f64;
        let mean = |sum: &Duration| Real((sum.as_secs_f64() / steps * 1e7).round() / 1e7);
        let all = StepPart::ALL.iter().zip(&self.watch.parts).filter(|_| self.steps > 0);
        all.map(|(part, sum)| (part.name().to_owned(), mean(sum))).collect()
    }
}

/// Rounded, so that a line stays short.
fn microseconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn laps_add_up_to_the_time_that_passed_and_a_stopped_watch_counts_nothing() {
        let mut stopped = Stopwatch::stopped();
        stopped.lap(StepPart::Data);
        stopped.waited();
        assert_eq!(stopped.spent() + stopped.waited, Duration::ZERO);

        let begin = Instant::now();
        let mut watch = Stopwatch::stopped();
        watch.start(begin);
        let mut now = begin;
        for (place, part) in StepPart::ALL.into_iter().cycle().take(25).enumerate() {
            now += milliseconds(place as u64);
            watch.lap_at(part, now);
        }
        assert_eq!(watch.spent(), now - begin);
        assert_eq!(watch.parts[StepPart::Forward as usize], milliseconds(1 + 11 + 21));
        // A clock that seems to stand still or go back adds nothing.
        watch.lap_at(StepPart::Rest, begin);
        assert_eq!(watch.spent(), now - begin);
    }

    #[test]
    fn an_event_has_means_a_step_and_the_next_one_begins_anew() {
        let mut timing = Timing::default();
        assert!(!timing.is_due() && !timing.has_something_to_tell());
        let part = |timing: &mut Timing, part: StepPart, sum| timing.watch.parts[part as usize] = milliseconds(sum);
        part(&mut timing, StepPart::Forward, 600);
        part(&mut timing, StepPart::Backward, 300);
        timing.step_done();
        assert!(!timing.is_due() && timing.has_something_to_tell());
        timing.step_done();
        timing.watch.waited = milliseconds(100);
        assert!(timing.is_due());
        let event = timing.tell(2.000_000_4);
        assert_eq!(event.time, Real(2.0));
        assert_eq!(event.parts.keys().len(), StepPart::ALL.len());
        assert_eq!(
            (event.parts["forward"], event.parts["backward"], event.parts["data"]),
            (Real(0.3), Real(0.15), Real(0.0))
        );
        // From now on at the longer distance, and at the end only where there is enough to tell.
        timing.step_done();
        part(&mut timing, StepPart::Data, 900);
        assert!(!timing.is_due() && !timing.has_something_to_tell());
        part(&mut timing, StepPart::Data, 4900);
        assert!(!timing.is_due() && timing.has_something_to_tell());
        part(&mut timing, StepPart::Data, 5000);
        assert!(timing.is_due());
        assert_eq!(timing.tell(7.0).parts["data"], Real(5.0));
        assert!(timing.tell(7.0).parts.is_empty());
    }

    #[test]
    fn a_pause_is_no_part_of_the_time() {
        let mut timing = Timing::default();
        timing.resume();
        timing.pause();
        let before = timing.watch.spent();
        std::thread::sleep(milliseconds(5));
        timing.pause();
        timing.watch.lap(StepPart::Evaluation);
        assert_eq!(timing.watch.spent(), before);
        timing.resume();
        timing.watch.lap(StepPart::Data);
        assert_eq!(timing.watch.parts[StepPart::Evaluation as usize], Duration::ZERO);
    }
}
