//! Gradients of all parameters on the host, in the order of the parameter table.
//!
//! A parameter without an entry is left alone by the optimizer; one with zeros still decays its moments.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::Gradients as Tape;

/// One optional row-major array a parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradients {
    entries: Vec<Option<Vec<f32>>>,
}

impl Gradients {
    /// No entry for any of `parameters` parameters.
    pub fn none(parameters: usize) -> Self {
        Self { entries: vec![None; parameters] }
    }

    /// Takes what a backward pass left at the parameters of `model`.
    pub fn take<M: Module>(model: &M, tape: &mut Tape) -> Self {
        let mut visitor = Take { tape, entries: Vec::new() };
        model.visit(&mut visitor);
        Self { entries: visitor.entries }
    }

    /// The values of all parameters, to see how far an update moved them.
    pub fn of_values<M: Module>(model: &M) -> Self {
        let mut visitor = Values { entries: Vec::new() };
        model.visit(&mut visitor);
        Self { entries: visitor.entries }
    }

    /// The entry of one parameter.
    pub fn get(&self, place: usize) -> Option<&[f32]> {
        self.entries.get(place)?.as_deref()
    }

    /// Sets an entry.
    pub fn set(&mut self, place: usize, entry: Option<Vec<f32>>) {
        if let Some(slot) = self.entries.get_mut(place) {
            *slot = entry;
        }
    }

    /// Whether no parameter has an entry.
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(Option::is_none)
    }

    /// Adds `scale × other`. With scale 0 the entries of `other` come in as zeros, whatever they hold (0 · NaN is not
    /// 0).
    pub fn add(&mut self, other: Self, scale: f64) {
        self.add_scaled(other, |_| scale);
    }

    /// The same with a scale a parameter.
    pub fn add_scaled(&mut self, other: Self, scale: impl Fn(usize) -> f64) {
        for (place, (mine, theirs)) in self.entries.iter_mut().zip(other.entries).enumerate() {
            let Some(mut theirs) = theirs else { continue };
            let scale = scale(place) as f32;
            if scale == 0.0 {
                theirs.fill(0.0);
            } else if scale != 1.0 {
                for value in &mut theirs {
                    *value *= scale;
                }
            }
            match mine {
                Some(mine) => mine.iter_mut().zip(&theirs).for_each(|(sum, value)| *sum += value),
                None => *mine = Some(theirs),
            }
        }
    }

    /// Multiplies all entries.
    pub fn scale(&mut self, scale: f64) {
        self.entries.iter_mut().flatten().flatten().for_each(|value| *value *= scale as f32);
    }

    /// ⟨self, other⟩ over the parameters where `chosen` is true and both have an entry, summed in `f64`.
    pub fn dot(&self, other: &Self, chosen: impl Fn(usize) -> bool) -> f64 {
        let pairs = self.entries.iter().zip(&other.entries).enumerate();
        pairs
            .filter(|(place, _)| chosen(*place))
            .filter_map(|(_, (mine, theirs))| Some(dot(mine.as_deref()?, theirs.as_deref()?)))
            .sum()
    }

    /// The global norm over all entries, summed in `f64`.
    pub fn norm(&self) -> f64 {
        self.entries.iter().flatten().map(|entry| dot(entry, entry)).sum::<f64>().sqrt()
    }
}

/// Σ a_k b_k in `f64`, in eight lanes so that it can be vectorised; the order is fixed.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0.0_f64; 8];
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += f64::from(*a) * f64::from(*b);
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    lanes.iter().sum::<f64>() + rest
}

/// Σ (a_k − b_k)² in `f64`, as [`dot`].
pub fn distance_squared(a: &[f32], b: &[f32]) -> f64 {
    let square = |a: &f32, b: &f32| {
        let difference = f64::from(*a) - f64::from(*b);
        difference * difference
    };
    let mut lanes = [0.0_f64; 8];
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += square(a, b);
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| square(a, b)).sum();
    lanes.iter().sum::<f64>() + rest
}

struct Take<'a> {
    tape: &'a mut Tape,
    entries: Vec<Option<Vec<f32>>>,
}

impl ModuleVisitor for Take<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let gradient = parameter.val().grad_remove(self.tape);
        self.entries.push(gradient.and_then(|gradient| gradient.into_data().try_into_vec().ok()));
    }
}

struct Values {
    entries: Vec<Option<Vec<f32>>>,
}

impl ModuleVisitor for Values {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.entries.push(parameter.val().into_data().try_into_vec().ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_times_nan_is_zero_and_absent_stays_absent() {
        let mut sum = Gradients::none(3);
        let mut other = Gradients::none(3);
        other.set(0, Some(vec![f32::NAN, 1.0]));
        sum.add(other.clone(), 0.0);
        assert_eq!(sum.get(0), Some(&[0.0, 0.0][..]));
        assert_eq!(sum.get(1), None);
        other.set(0, Some(vec![3.0, 4.0]));
        sum.add(other, 2.0);
        assert_eq!(sum.norm(), 10.0);
    }

    proptest::proptest! {
        #[test]
        fn dot_is_the_plain_sum(values in proptest::collection::vec(-100_i32..100, 0..70)) {
            let floats: Vec<f32> = values.iter().map(|v| *v as f32).collect();
            let plain: i64 = values.iter().map(|v| i64::from(*v) * i64::from(*v)).sum();
            proptest::prop_assert_eq!(dot(&floats, &floats), plain as f64);
            let doubled: Vec<f32> = floats.iter().map(|v| v * 2.0).collect();
            proptest::prop_assert_eq!(distance_squared(&floats, &doubled), plain as f64);
        }
    }
}
