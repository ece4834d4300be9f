//! Where a run's events come from, and where a person stands in a record that is gone through.
//!
//! Owns positions, speeds and whether the record plays. It must not know events or files: whoever holds the record
//! shows the moment that is asked for.

use std::sync::Arc;
use std::time::Duration;

/// Recorded seconds that pass in one second, by key.
const SPEEDS: [f64; 12] = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
/// Playing begins at the speed that brings a whole record to its end within so many seconds.
const WITHIN: f64 = 60.0;
/// Seconds from one step to the next where the record tells no times.
const WITHOUT_TIMES: f64 = 0.1;

/// Where a run's events come from, and what becomes of requests.
#[derive(Clone, Debug, Default)]
pub enum Origin {
    /// Trained by this process.
    #[default]
    Own,
    /// Trained by another process, which takes requests.
    Watched,
    /// Heard of only: nobody takes requests.
    Heard,
    /// A record that is over.
    Record(Replay),
}

impl Origin {
    /// The replay, where there is one.
    pub fn replay(&self) -> Option<&Replay> {
        match self {
            Self::Record(replay) => Some(replay),
            _ => None,
        }
    }
}

/// What became of a recorded run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It ended.
    Ended,
    /// It goes on, or was cut; what became of it is not told.
    Open,
    /// Its trainer is gone without a word.
    Died {
        /// Age of the last event when the screen started; none where it shall not be said.
        silent: Option<Duration>,
        /// The word that `trimtab resume` takes, where it could be resumed.
        resume: Option<String>,
    },
}

/// One place in a record: after a step or a rewind, with all that follows until the next one. The first is before any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The step.
    pub step: u64,
    /// Recorded seconds since the first moment; never falls.
    pub time: f64,
}

/// All places in a record; at least one.
#[derive(Clone, Debug)]
pub struct Moments {
    all: Arc<[Moment]>,
    marks: Arc<[usize]>,
    furthest: u64,
}

impl Moments {
    /// From the steps of a record with their times, in the order of the record, and the places at which a request took
    /// effect (an index as in [`Moments::at`]).
    pub fn new(steps: impl Iterator<Item = (u64, f64)>, marks: Vec<usize>) -> Self {
        let mut all = vec![Moment { step: 0, time: 0.0 }];
        let (mut time, mut before): (f64, Option<f64>) = (0.0, None);
        for (step, told) in steps {
            // After a rewind the clock of training goes on from an earlier time; the record's own does not.
            let gap = before.map_or(0.0, |before| told - before);
            time += if gap.is_finite() { f64::max(gap, 0.0) } else { 0.0 };
            before = Some(told);
            all.push(Moment { step, time });
        }
        if time <= 0.0 {
            for (place, moment) in all.iter_mut().enumerate() {
                moment.time = place as f64 * WITHOUT_TIMES;
            }
        }
        let furthest = all.iter().map(|moment| moment.step).max().unwrap_or(0);
        Self { all: all.into(), marks: marks.into(), furthest }
    }

    /// The last place.
    pub fn last(&self) -> usize {
        self.all.len().saturating_sub(1)
    }

    /// A place; the last one where there is no such place.
    pub fn at(&self, place: usize) -> Moment {
        let last = Moment { step: 0, time: 0.0 };
        self.all.get(place).or(self.all.last()).copied().unwrap_or(last)
    }

    /// Places at which a request took effect.
    pub fn marks(&self) -> &[usize] {
        &self.marks
    }

    /// The highest step.
    pub fn furthest_step(&self) -> u64 {
        self.furthest
    }

    /// The last place whose step is not after `step`; a stretch that was trained again counts for its last time.
    pub fn of_step(&self, step: u64) -> usize {
        self.all.iter().rposition(|moment| moment.step <= step).unwrap_or(0)
    }

    fn of_time(&self, time: f64) -> usize {
        self.all.partition_point(|moment| moment.time <= time).saturating_sub(1)
    }
}

/// Whether the record plays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// It stands.
    Held,
    /// It plays.
    Playing {
        /// Recorded seconds reached, between two moments.
        reached: f64,
        /// When that was.
        since: Duration,
    },
}

/// A record that is gone through.
#[derive(Clone, Debug)]
pub struct Replay {
    moments: Moments,
    fate: Fate,
    at: usize,
    speed: usize,
    motion: Motion,
}

impl Replay {
    /// Held at the end, so that the whole run is seen first.
    pub fn new(moments: Moments, fate: Fate) -> Self {
        let at = moments.last();
        let length = moments.at(at).time;
        let speed =
            SPEEDS.iter().position(|speed| *speed >= 1.0 && length / speed <= WITHIN).unwrap_or(SPEEDS.len() - 1);
        Self { moments, fate, at, speed, motion: Motion::Held }
    }

    /// All places.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// What became of the run.
    pub fn fate(&self) -> &Fate {
        &self.fate
    }

    /// The place shown.
    pub fn place(&self) -> usize {
        self.at
    }

    /// The moment shown.
    pub fn moment(&self) -> Moment {
        self.moments.at(self.at)
    }

    /// Whether all of the record is shown.
    pub fn is_at_end(&self) -> bool {
        self.at == self.moments.last()
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        self.motion != Motion::Held
    }

    /// Recorded seconds that pass in one second.
    pub fn speed(&self) -> f64 {
        SPEEDS.get(self.speed).copied().unwrap_or(1.0)
    }

    /// The share of the record that lies before a place, by steps recorded.
    pub fn share(&self, place: usize) -> f64 {
        place.min(self.moments.last()) as f64 / self.moments.last().max(1) as f64
    }

    /// Plays, from the start where it stood at the end; or holds.
    pub fn play_or_hold(&mut self, now: Duration) {
        if self.is_playing() {
            self.motion = Motion::Held;
            return;
        }
        if self.is_at_end() {
            self.at = 0;
        }
        self.motion = Motion::Playing { reached: self.moment().time, since: now };
    }

    /// Plays faster or slower.
    pub fn change_speed(&mut self, faster: bool) {
        self.speed = if faster { (self.speed + 1).min(SPEEDS.len() - 1) } else { self.speed.saturating_sub(1) };
    }

    /// Goes to a place, and holds where that is the end.
    pub fn go(&mut self, place: usize, now: Duration) {
        self.at = place.min(self.moments.last());
        if self.is_playing() {
            let reached = self.moment().time;
            self.motion = if self.is_at_end() { Motion::Held } else { Motion::Playing { reached, since: now } };
        }
    }

    /// Goes one step and holds there.
    pub fn step(&mut self, forward: bool) {
        self.motion = Motion::Held;
        self.at = if forward { (self.at + 1).min(self.moments.last()) } else { self.at.saturating_sub(1) };
    }

    /// Jumps a twentieth of the record.
    pub fn jump(&mut self, forward: bool, now: Duration) {
        let twentieth = self.moments.last().div_ceil(20);
        self.go(if forward { self.at.saturating_add(twentieth) } else { self.at.saturating_sub(twentieth) }, now);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Duration) {
        let Motion::Playing { reached, since } = self.motion else { return };
        let reached = reached + now.saturating_sub(since).as_secs_f64() * self.speed();
        self.at = self.moments.of_time(reached).max(self.at);
        self.motion = if self.is_at_end() { Motion::Held } else { Motion::Playing { reached, since: now } };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn replay(steps: u64, seconds: f64) -> Replay {
        let moments = Moments::new((1..=steps).map(|step| (step, step as f64 * seconds)), vec![1]);
        Replay::new(moments, Fate::Ended)
    }

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn it_opens_at_the_end_and_plays_from_the_start_in_recorded_time() {
        let mut replay = replay(100, 0.5);
        assert!(replay.is_at_end() && !replay.is_playing());
        replay.tick(at(5.0));
        assert_eq!(replay.place(), 100);
        replay.play_or_hold(at(10.0));
        assert_eq!((replay.place(), replay.speed()), (0, 1.0));
        replay.tick(at(12.0));
        assert_eq!(replay.moment(), Moment { step: 5, time: 2.0 });
        replay.change_speed(true);
        replay.tick(at(13.0));
        assert_eq!(replay.moment().step, 9);
        replay.play_or_hold(at(13.0));
        replay.tick(at(50.0));
        assert_eq!(replay.moment().step, 9);
        replay.play_or_hold(at(50.0));
        replay.tick(at(500.0));
        assert!(replay.is_at_end() && !replay.is_playing());
    }

    #[test]
    fn a_long_record_begins_fast_enough_to_be_watched() {
        assert_eq!(replay(100, 0.5).speed(), 1.0);
        assert_eq!(replay(3600, 1.0).speed(), 100.0);
        assert_eq!(replay(10, 1e6).speed(), 1000.0);
    }

    #[test]
    fn a_rewind_a_record_without_times_and_one_without_steps_have_places() {
        let steps = [(1, 1.0), (2, 2.0), (3, 3.0), (2, 2.0), (3, f64::NAN), (4, 9.0)];
        let moments = Moments::new(steps.into_iter(), Vec::new());
        let times: Vec<f64> = (0..=6).map(|place| moments.at(place).time).collect();
        assert_eq!(times, [0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
        assert_eq!((moments.of_step(2), moments.of_step(3), moments.of_step(99)), (4, 5, 6));
        let moments = Moments::new([(1, 0.0), (2, 0.0)].into_iter(), Vec::new());
        assert!(moments.at(2).time > moments.at(1).time);
        let mut nothing = Replay::new(Moments::new(std::iter::empty(), Vec::new()), Fate::Ended);
        nothing.play_or_hold(Duration::ZERO);
        nothing.tick(at(9.0));
        nothing.jump(false, at(9.0));
        assert_eq!((nothing.place(), nothing.share(0), nothing.is_playing()), (0, 0.0, false));
    }

    proptest! {
        #[test]
        fn any_keys_leave_the_place_inside(
            steps in 0_u64..50,
            gap in 0.0_f64..9.0,
            deeds in proptest::collection::vec((0_u8..9, 0_usize..80, 0.0_f64..20.0), 0..60),
        ) {
            let mut replay = replay(steps, gap);
            let mut now = 0.0;
            for (deed, place, later) in deeds {
                now += later;
                match deed {
                    0 => replay.play_or_hold(at(now)),
                    1 | 2 => replay.step(deed == 1),
                    3 | 4 => replay.change_speed(deed == 3),
                    5 | 6 => replay.jump(deed == 5, at(now)),
                    7 => replay.go(place, at(now)),
                    _ => replay.tick(at(now)),
                }
                prop_assert!(replay.place() <= steps as usize);
                prop_assert!((0.0..=1.0).contains(&replay.share(replay.place())));
                prop_assert!(!(replay.is_playing() && replay.is_at_end() && steps > 0));
            }
        }
    }
}
