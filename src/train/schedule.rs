//! The learning rate over steps.

use crate::config::{ScheduleConfig, ScheduleKind};

/// The scheduled rate of update `step` (from 1) of `steps`, for a base rate of `base`.
pub fn learning_rate(schedule: &ScheduleConfig, base: f64, step: u64, steps: u64) -> f64 {
    if step <= schedule.warmup {
        return base * step as f64 / schedule.warmup as f64;
    }
    let after = step - schedule.warmup - 1;
    let span = steps.saturating_sub(schedule.warmup + 1).max(1);
    let progress = (after as f64 / span as f64).min(1.0);
    match schedule.kind {
        ScheduleKind::Constant => base,
        ScheduleKind::Linear => base * (1.0 - (1.0 - schedule.last) * progress),
        ScheduleKind::Cosine => {
            let wave = f64::midpoint(1.0, (std::f64::consts::PI * progress).cos());
            base * (schedule.last + (1.0 - schedule.last) * wave)
        }
        ScheduleKind::Step => base * schedule.factor.powf((after / schedule.every.max(1)) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(kind: ScheduleKind, warmup: u64) -> Vec<f64> {
        let schedule = ScheduleConfig { kind, warmup, last: 0.1, every: 2, factor: 0.5 };
        (1..=7).map(|step| learning_rate(&schedule, 1.0, step, 7)).collect()
    }

    #[test]
    fn every_shape_starts_and_ends_where_it_should() {
        assert_eq!(rates(ScheduleKind::Constant, 2), [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(rates(ScheduleKind::Step, 0), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125]);
        for kind in [ScheduleKind::Linear, ScheduleKind::Cosine] {
            let rates = rates(kind, 0);
            assert_eq!(rates[0], 1.0);
            assert!((rates[3] - 0.55).abs() < 1e-12, "{kind:?}: {rates:?}");
            assert!((rates[6] - 0.1).abs() < 1e-12, "{kind:?}: {rates:?}");
        }
    }

    #[test]
    fn a_warm_up_longer_than_the_run_is_a_line() {
        let schedule = ScheduleConfig { kind: ScheduleKind::Cosine, warmup: 10, last: 0.0, every: 1, factor: 1.0 };
        assert_eq!(learning_rate(&schedule, 1.0, 5, 6), 0.5);
    }
}
