//! Whether two records tell of the same training: losses, weights, rates, gradients and evaluations of every step that
//! holds, to the bit or within a tolerance.

use super::{RunError, read_events};
use crate::protocol::{Eval, Event, Real, Step};
use std::collections::BTreeMap;
use std::path::Path;

/// What two records have to differ by to count as different.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exactness {
    /// In any bit.
    Bit,
    /// A loss by more than this share of its size.
    Relative(f64),
}

/// Where two records first differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The step.
    pub step: u64,
    /// What is different, with both values.
    pub what: String,
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Steps compared.
    pub steps: usize,
    /// Evaluations compared.
    pub evaluations: usize,
    /// The first difference.
    pub difference: Option<Difference>,
    /// The largest difference of a loss, as a share of its size.
    pub largest: f64,
}

/// What holds of a record: later events after a rewind take the place of earlier ones.
#[derive(Default)]
struct Surviving {
    steps: BTreeMap<u64, Step>,
    evaluations: BTreeMap<(u64, String), Eval>,
}

impl Surviving {
    fn read(events: &Path) -> Result<Self, RunError> {
        let mut found = Self::default();
        read_events(events, |event| found.take(event))?;
        Ok(found)
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Step(mut step) => {
                // The clock is no part of what was trained.
                step.time = Real(0.0);
                self.steps.insert(step.step, *step);
            }
            Event::Eval(mut eval) => {
                // Of two evaluations of one state only the first is better than all before.
                eval.best = false;
                self.evaluations.insert((eval.step, eval.split.clone()), eval);
            }
            Event::Rewind(rewind) => {
                self.steps.retain(|step, _| *step <= rewind.to_step);
                self.evaluations.retain(|(step, _), _| *step <= rewind.to_step);
            }
            _ => {}
        }
    }
}

/// Compares two records.
///
/// # Errors
/// [`RunError::Io`].
pub fn verify(original: &Path, again: &Path, exactness: Exactness) -> Result<Verdict, RunError> {
    let (original, again) = (Surviving::read(original)?, Surviving::read(again)?);
    let mut verdict = Verdict { steps: 0, evaluations: 0, difference: None, largest: 0.0 };
    for (number, was) in &original.steps {
        let Some(is) = again.steps.get(number) else {
            note(&mut verdict, *number, "the step is missing".to_owned());
            continue;
        };
        verdict.steps += 1;
        compare_losses(&mut verdict, *number, &was.loss, &is.loss, exactness);
        if exactness == Exactness::Bit && differ(was, is) {
            note(&mut verdict, *number, first_field(was, is));
        }
    }
    if let Some(number) = again.steps.keys().find(|number| !original.steps.contains_key(number)) {
        note(&mut verdict, *number, "the step is not in the original".to_owned());
    }
    for (key, was) in &original.evaluations {
        let Some(is) = again.evaluations.get(key) else { continue };
        verdict.evaluations += 1;
        compare_losses(&mut verdict, key.0, &was.loss, &is.loss, exactness);
        if exactness == Exactness::Bit && differ(was, is) {
            note(&mut verdict, key.0, format!("the evaluation: {}", first_field(was, is)));
        }
    }
    Ok(verdict)
}

/// Keeps the difference of the lowest step.
fn note(verdict: &mut Verdict, step: u64, what: String) {
    if verdict.difference.as_ref().is_none_or(|known| step < known.step) {
        verdict.difference = Some(Difference { step, what });
    }
}

fn compare_losses(verdict: &mut Verdict, step: u64, was: &[Option<Real>], is: &[Option<Real>], exactness: Exactness) {
    for (task, (was, is)) in was.iter().zip(is).enumerate() {
        let (Some(was), Some(is)) = (was, is) else {
            if was.is_some() != is.is_some() {
                note(verdict, step, format!("the loss of task {} is there in one only", task + 1));
            }
            continue;
        };
        let (was, is) = (was.get(), is.get());
        let relative = if was.to_bits() == is.to_bits() || (was.is_nan() && is.is_nan()) {
            0.0
        } else {
            let size = was.abs().max(is.abs());
            if size.is_finite() { (was - is).abs() / size } else { f64::INFINITY }
        };
        verdict.largest = verdict.largest.max(relative);
        let allowed = match exactness {
            Exactness::Bit => 0.0,
            Exactness::Relative(share) => share,
        };
        if relative > allowed {
            note(verdict, step, format!("the loss of task {} was {was} and is {is}", task + 1));
        }
    }
}

/// Whether two values are told apart by their written form, in which a NaN equals itself.
fn differ<T: PartialEq + serde::Serialize>(was: &T, is: &T) -> bool {
    was != is && serde_json::to_value(was).ok() != serde_json::to_value(is).ok()
}

/// The first field in which two values of one type differ, with both values.
fn first_field<T: serde::Serialize>(was: &T, is: &T) -> String {
    let (was, is) = (serde_json::to_value(was).unwrap_or_default(), serde_json::to_value(is).unwrap_or_default());
    let fields = was.as_object().into_iter().flatten();
    let different = fields.into_iter().find(|(name, value)| is.get(name.as_str()) != Some(value));
    different.map_or_else(
        || "a field is there in one only".to_owned(),
        |(name, value)| format!("{name} was {value} and is {}", is.get(name.as_str()).unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Rewind, RewindReason};
    use std::fmt::Write;

    fn record(events: &[Event]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = events.iter().fold(String::new(), |mut text, event| {
            writeln!(text, "{}", event.to_line().unwrap()).unwrap();
            text
        });
        std::fs::write(file.path(), text).unwrap();
        file
    }

    fn step(step: u64, loss: f64, time: f64) -> Event {
        let (loss, weight) = (vec![Some(Real(loss))], vec![Real(1.0)]);
        Event::Step(Box::new(Step { step, loss, weight, time: Real(time), ..Step::default() }))
    }

    #[test]
    fn what_a_rewind_took_back_does_not_count_and_time_never_does() {
        let back = Event::Rewind(Rewind { to_step: 1, why: RewindReason::Restore });
        let one = record(&[step(1, 0.5, 1.0), step(2, 9.0, 2.0), step(3, 9.0, 3.0), back, step(2, 0.25, 4.0)]);
        let two = record(&[step(1, 0.5, 7.0), step(2, 0.25, 8.0)]);
        let verdict = verify(one.path(), two.path(), Exactness::Bit).unwrap();
        assert_eq!((verdict.steps, verdict.difference), (2, None));
    }

    #[test]
    fn the_first_difference_is_named() {
        let one = record(&[step(1, 0.5, 0.0), step(2, 0.25, 0.0), step(3, 0.1, 0.0)]);
        let two = record(&[step(1, 0.5, 0.0), step(2, 0.250_000_1, 0.0), step(3, 0.2, 0.0)]);
        let verdict = verify(one.path(), two.path(), Exactness::Bit).unwrap();
        assert_eq!(verdict.difference.unwrap().step, 2);
        let verdict = verify(one.path(), two.path(), Exactness::Relative(1e-4)).unwrap();
        assert_eq!(verdict.difference.unwrap().step, 3);
        assert!((verdict.largest - 0.5).abs() < 1e-12);
        let shorter = record(&[step(1, 0.5, 0.0)]);
        let verdict = verify(one.path(), shorter.path(), Exactness::Relative(1.0)).unwrap();
        assert_eq!(verdict.difference.unwrap().what, "the step is missing");
    }
}
