//! The run's steps with their epoch and time, so that any quantity can be drawn over each of the three.

/// What the horizontal axis counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XAxis {
    /// Updates.
    #[default]
    Step,
    /// Passes over the first source's rows.
    Epoch,
    /// Seconds of training.
    Time,
}

/// Steps in ascending order; epoch and time never fall.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    steps: Vec<u64>,
    epochs: Vec<f64>,
    times: Vec<f64>,
}

impl Timeline {
    /// Adds a step. One that is not after the last is left out; an epoch or time that falls or is not finite is held.
    pub fn push(&mut self, step: u64, epoch: Option<f64>, time: f64) {
        if self.steps.last().is_some_and(|&last| step <= last) {
            return;
        }
        let held = |list: &[f64], value: f64| {
            let last = list.last().copied().unwrap_or(0.0);
            if value.is_finite() { value.max(last) } else { last }
        };
        self.epochs.push(held(&self.epochs, epoch.unwrap_or(f64::NAN)));
        self.times.push(held(&self.times, time));
        self.steps.push(step);
    }

    /// Drops what came after a step.
    pub fn rewind(&mut self, to_step: u64) {
        let place = self.steps.partition_point(|&step| step <= to_step);
        self.steps.truncate(place);
        self.epochs.truncate(place);
        self.times.truncate(place);
    }

    /// The steps, strictly ascending.
    pub fn steps(&self) -> &[u64] {
        &self.steps
    }

    /// The first step; 0 before it came.
    pub fn first_step(&self) -> u64 {
        self.steps.first().copied().unwrap_or(0)
    }

    /// The last recorded step at or before one; else the first.
    pub fn at_or_before(&self, step: u64) -> Option<u64> {
        let place = self.steps.partition_point(|&other| other <= step);
        self.steps.get(place.saturating_sub(1)).copied()
    }

    /// The first recorded step at or after one; else the last.
    pub fn at_or_after(&self, step: u64) -> Option<u64> {
        let place = self.steps.partition_point(|&other| other < step);
        self.steps.get(place).or(self.steps.last()).copied()
    }

    /// The last step; 0 before the first.
    pub fn last_step(&self) -> u64 {
        self.steps.last().copied().unwrap_or(0)
    }

    /// Seconds of training at the last step.
    pub fn last_time(&self) -> f64 {
        self.times.last().copied().unwrap_or(0.0)
    }

    /// Steps a second over the last `seconds` of training.
    pub fn rate(&self, seconds: f64) -> Option<f64> {
        let (&end, &last) = (self.times.last()?, self.steps.last()?);
        let place = self.times.partition_point(|&time| time < end - seconds).min(self.times.len().checked_sub(2)?);
        let (&start, &first) = (self.times.get(place)?, self.steps.get(place)?);
        let rate = (last - first) as f64 / (end - start);
        (rate.is_finite() && rate > 0.0).then_some(rate)
    }

    /// The median time between the last steps, up to 32 of them.
    pub fn median_step(&self) -> Option<f64> {
        let tail = self.times.get(self.times.len().saturating_sub(33)..)?;
        let mut gaps: Vec<f64> = tail.iter().zip(tail.iter().skip(1)).map(|(left, right)| right - left).collect();
        gaps.sort_by(f64::total_cmp);
        gaps.get(gaps.len() / 2).copied()
    }

    /// The usual number of steps from one recorded step to the next.
    pub fn interval(&self) -> Option<u64> {
        interval(&self.steps)
    }

    /// The axis value of a step: of the first recorded step at or after it, else of the last.
    pub fn value(&self, axis: XAxis, step: u64) -> f64 {
        let list = match axis {
            XAxis::Step => return step as f64,
            XAxis::Epoch => &self.epochs,
            XAxis::Time => &self.times,
        };
        let place = self.steps.partition_point(|&other| other < step);
        list.get(place).or(list.last()).copied().unwrap_or(0.0)
    }

    /// The first step whose axis value is not below `value`; one past the last where there is none.
    pub fn step_at(&self, axis: XAxis, value: f64) -> u64 {
        let list = match axis {
            XAxis::Step => return value.ceil().max(0.0) as u64,
            XAxis::Epoch => &self.epochs,
            XAxis::Time => &self.times,
        };
        let place = list.partition_point(|&other| other < value);
        self.steps.get(place).copied().unwrap_or_else(|| self.last_step().saturating_add(1))
    }
}

/// The median distance between the last steps, up to 32 of them.
pub(super) fn interval(steps: &[u64]) -> Option<u64> {
    let tail = steps.get(steps.len().saturating_sub(33)..)?;
    let mut gaps: Vec<u64> = tail.iter().zip(tail.iter().skip(1)).map(|(left, right)| right - left).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        let mut timeline = Timeline::default();
        for step in 1..=10_u64 {
            timeline.push(step, Some(step as f64 / 4.0), step as f64 * 0.5);
        }
        timeline
    }

    #[test]
    fn each_axis_leads_back_to_its_step() {
        let timeline = timeline();
        for axis in [XAxis::Step, XAxis::Epoch, XAxis::Time] {
            for step in 1..=10 {
                assert_eq!(timeline.step_at(axis, timeline.value(axis, step)), step);
            }
        }
        assert_eq!(timeline.rate(2.0), Some(2.0));
        assert_eq!(timeline.median_step(), Some(0.5));
        assert_eq!((timeline.interval(), interval(&[1, 5, 9, 10]), interval(&[1])), (Some(1), Some(4), None));
    }

    #[test]
    fn a_rewind_drops_the_later_steps() {
        let mut timeline = timeline();
        timeline.rewind(4);
        assert_eq!(timeline.last_step(), 4);
        timeline.push(3, None, 0.0);
        assert_eq!(timeline.last_step(), 4);
        timeline.push(5, None, f64::NAN);
        assert_eq!(timeline.last_time(), 2.0);
    }
}
