//! The rules: each looks at a window and says at most one thing. `held` is whether it has said so before; it then asks
//! for less.

use super::Advice;
use crate::balance::{Kind, find};
use crate::dashboard::model::{MATCH_NORM, Measured, RECENT, RESET_MOMENTS, Run, Weighed};
use crate::protocol::pairs;

/// Measurements before a share or an agreement means something.
const FEW: usize = 5;
/// Measurements before a frequency means something.
const MANY: usize = 20;
/// Cosines of this size and less are no disagreement.
const SMALL: f64 = 0.05;
/// Two halves of one batch that agree less than this: the gradients are mostly noise.
const NOISY: f64 = 0.1;
/// Steps that the second moment of Adam with its usual memory takes to follow.
const MEMORY: u64 = 1000;

/// All that the rules say, the most important first.
pub fn all(run: &Run) -> Vec<Advice> {
    let rules = [needs_positive, hurt, norm_changed, conflict, dominance, pinned, stationary, within_noise, lag];
    rules.iter().filter_map(|rule| rule(run)).collect()
}

fn said(run: &Run, same: impl Fn(&Advice) -> bool) -> bool {
    run.advice.iter().any(same)
}

/// The mean of the finite values; `None` of fewer than `least`.
fn mean(values: impl Iterator<Item = f64>, least: usize) -> Option<f64> {
    let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    (values.len() >= least.max(1)).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn at(values: &[Option<f64>], place: usize) -> Option<f64> {
    values.get(place).copied().flatten()
}

/// The newest measurements, newest first.
fn newest(run: &Run, count: usize) -> impl Iterator<Item = &Measured> {
    run.evidence.measured().rev().take(count)
}

/// A loss of 0 or less within the last steps, under a method that cannot take it.
fn needs_positive(run: &Run) -> Option<Advice> {
    let needs = |kind: &Kind| find(*kind, run.method_name(*kind)).is_ok_and(|method| method.needs.positive_losses);
    let method = [Kind::Weighting, Kind::Aggregation].into_iter().find(needs).map(|kind| run.method_name(kind))?;
    let lowest = |losses: &[Option<f64>]| {
        let known = losses.iter().enumerate().filter_map(|(task, loss)| Some((task, (*loss)?)));
        known.filter(|(_, loss)| *loss <= 0.0).min_by(|left, right| left.1.total_cmp(&right.1))
    };
    let (task, loss) = run.evidence.steps().rev().take(50).find_map(|seen| lowest(&seen.loss))?;
    Some(Advice::NeedsPositive { task, loss, method: method.to_owned() })
}

/// The last updates all went against the same task; once said, one of five may have helped it.
fn hurt(run: &Run) -> Option<Advice> {
    let of = |task: usize| {
        let held = said(run, |advice| matches!(advice, Advice::Hurt { task: other, .. } if *other == task));
        let cosines: Vec<f64> = run.evidence.weighed().rev().filter_map(|told| at(&told.update_cosine, task)).collect();
        let recent = cosines.get(..FEW)?;
        let against = recent.iter().filter(|cosine| **cosine < 0.0).count();
        if against < FEW - usize::from(held) {
            return None;
        }
        let times = cosines.iter().take_while(|cosine| **cosine < 0.0).count().max(against);
        let cosine = mean(recent.iter().copied(), 1).filter(|mean| *mean < if held { 0.0 } else { -0.02 })?;
        Some(Advice::Hurt { task, times, cosine })
    };
    let depth = |advice: &Advice| if let Advice::Hurt { cosine, .. } = advice { *cosine } else { 0.0 };
    (0..run.tasks.len()).filter_map(of).min_by(|left, right| depth(left).total_cmp(&depth(right)))
}

/// The norm of the updates changed threefold with the last switch of method.
fn norm_changed(run: &Run) -> Option<Advice> {
    let switch = run.methods.switch.as_ref()?;
    if run.wanted_knob(MATCH_NORM) {
        return None;
    }
    let held = said(run, |advice| matches!(advice, Advice::NormChanged { .. }));
    let before = switch.norm_before.filter(|norm| *norm > 0.0)?;
    let factor = run.evidence.mean_norm(switch.step, RECENT)? / before;
    let bound: f64 = if held { 2.0 } else { 3.0 };
    let method = switch.new.split(' ').next().unwrap_or_default().to_owned();
    (factor >= bound || factor <= bound.recip()).then_some(Advice::NormChanged { factor, method })
}

/// How often a pair's cosine is clearly below 0; `None` before it was measured often enough.
fn disagreement(run: &Run, pair: usize) -> Option<f64> {
    let cosines = run.evidence.measured().filter_map(|seen| at(&seen.cosine, pair));
    let (against, count) = cosines
        .fold((0_usize, 0_usize), |(against, count), cosine| (against + usize::from(cosine < -SMALL), count + 1));
    (count >= MANY).then(|| against as f64 / count as f64)
}

/// What two halves of a batch agree: the lesser of two tasks; `None` where it was not measured.
fn noise(run: &Run, left: usize, right: usize) -> Option<f64> {
    let known = &run.balance.last.as_ref()?.noise;
    let of = |task: usize| known.get(task).copied().flatten().map(crate::protocol::Real::get);
    Some(of(left)?.min(of(right)?))
}

/// The pair that disagrees most often, among those whose gradients are, or are not, mostly noise.
fn worst_pair(run: &Run, noisy: bool, held: impl Fn(usize, usize) -> bool) -> Option<(usize, usize, f64)> {
    let count = run.tasks.len();
    let all = pairs(count).enumerate().filter_map(|(place, (left, right))| {
        let is_noise = noise(run, left, right).is_some_and(|noise| noise < NOISY);
        if is_noise != noisy {
            return None;
        }
        let least = if held(left, right) { 0.2 } else { 0.3 };
        let share = disagreement(run, place).filter(|share| *share >= least)?;
        Some((left, right, share))
    });
    all.max_by(|left, right| left.2.total_cmp(&right.2))
}

/// Two tasks disagree in three of ten measurements while their gradients are simply summed.
fn conflict(run: &Run) -> Option<Advice> {
    if run.method_name(Kind::Aggregation) != "sum" {
        return None;
    }
    let (left, right, share) = worst_pair(run, false, |left, right| {
        said(run, |advice| matches!(advice, Advice::Conflict { left: l, right: r, .. } if (*l, *r) == (left, right)))
    })?;
    let mut measured = run.evidence.measured().map(|seen| seen.step);
    let first = measured.next()?;
    let steps = measured.next_back()?.saturating_sub(first) + 1;
    Some(Advice::Conflict { left, right, share, steps })
}

/// Two tasks disagree as often, but one of them disagrees with itself as well.
fn within_noise(run: &Run) -> Option<Advice> {
    let (left, right, share) = worst_pair(run, true, |left, right| {
        said(run, |advice| matches!(advice, Advice::WithinNoise { left: l, right: r, .. } if (*l, *r) == (left, right)))
    })?;
    Some(Advice::WithinNoise { left, right, share, noise: noise(run, left, right)? })
}

/// A task's share of the shared update, over the last measurements.
fn dominance(run: &Run) -> Option<Advice> {
    let of = |task: usize| {
        let held = said(run, |advice| matches!(advice, Advice::Dominance { task: other, .. } if *other == task));
        let share = mean(newest(run, MANY).filter_map(|seen| at(&seen.share, task)), FEW)?;
        let others = newest(run, 1).any(|seen| seen.share.iter().flatten().count() > 1);
        (others && share >= if held { 0.7 } else { 0.8 }).then_some(Advice::Dominance { task, share })
    };
    (0..run.tasks.len()).find_map(of)
}

/// A weighting that chooses factors by itself keeps a task near 0.
fn pinned(run: &Run) -> Option<Advice> {
    let method = run.method_name(Kind::Weighting);
    if method.is_empty() || method == "manual" || method == "equal" {
        return None;
    }
    let of = |task: usize| {
        let held = said(run, |advice| matches!(advice, Advice::Pinned { task: other, .. } if *other == task));
        // A task that a person has weighed down is where it was meant to be.
        let weight = run.tasks.get(task).map_or(0.0, |task| task.weight);
        let largest = run.tasks.iter().map(|task| task.weight).fold(0.0, f64::max);
        let meant = weight < 0.1 * largest;
        let seen = || run.evidence.steps().rev().take(50);
        let own = mean(seen().filter_map(|seen| at(&seen.factor, task)), MANY)?;
        let usual = mean(seen().flat_map(|seen| seen.factor.iter().flatten().copied()), MANY)?;
        let share = own / usual;
        (!meant && share < if held { 0.03 } else { 0.01 }).then(|| Advice::Pinned {
            task,
            share,
            method: method.to_owned(),
        })
    };
    (0..run.tasks.len()).find_map(of)
}

/// The smallest convex combination of the gradients is next to nothing.
fn stationary(run: &Run) -> Option<Advice> {
    let held = said(run, |advice| matches!(advice, Advice::Stationary { .. }));
    let share = mean(run.evidence.weighed().rev().take(MANY).filter_map(Weighed::relative_gap), FEW)?;
    (share < if held { 0.05 } else { 0.02 }).then_some(Advice::Stationary { share })
}

/// The optimizer's second moment is still that of the method before.
fn lag(run: &Run) -> Option<Advice> {
    let switch = run.methods.switch.as_ref().filter(|_| !run.wanted_knob(RESET_MOMENTS))?;
    let steps = run.timeline.last_step().saturating_sub(switch.step);
    let old = switch.old.split(' ').next().unwrap_or_default().to_owned();
    (steps < MEMORY && !old.is_empty()).then_some(Advice::Lag { steps, old })
}
