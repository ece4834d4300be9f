//! CAGrad: of the updates near the mean gradient, the one that helps the worst-off task most.

use super::finite;
use crate::balance::solver::{Directions, NonNegative, STATIONARY, stationarity};
use crate::balance::{Aggregation, Degenerate, Make, Method, Needs, OptionInfo, OptionKind, OptionValue, Situation};

/// max over d of min_i ⟨g_i, d⟩ with ‖d − g_0‖ ≤ c ‖g_0‖ and g_0 = Σ f_i g_i / Σ f_i.
///
/// A zero row has no wish: it keeps f_i / Σ f_i. Where the rows are Pareto-stationary nothing helps every task; the
/// answer is then the update nearest to g_0 that opposes none, where one is in reach.
pub const METHOD: Method = Method {
    name: "cagrad",
    aliases: &[],
    what: "near the mean gradient, the update that helps the worst-off task most",
    year: Some(2021),
    paper: "arXiv 2110.14048",
    needs: Needs::GRAM,
    state: "",
    preference: "the mean gradient is weighted by it",
    options: &[
        OptionInfo {
            name: "c",
            kind: OptionKind::Number { least: 0.0, most: 1.0 },
            default: OptionValue::Number(0.5),
            what: "how far from the mean gradient, as a share of its norm; 0 is the mean",
        },
        OptionInfo {
            name: "rescale",
            kind: OptionKind::Whole { least: 0, most: 2 },
            default: OptionValue::Whole(1),
            what: "0: as it is, 1: divided by 1 + c², 2: divided by 1 + c; numbered as in LibMTL",
        },
    ],
    make: Make::Aggregation(|options, _| {
        let c = options.number("c");
        let divisor = match options.whole("rescale") {
            0 => 1.0,
            1 => 1.0 + c * c,
            _ => 1.0 + c,
        };
        Box::new(CaGrad { c, divisor, norm_eps: 0.0 })
    }),
};

/// Conflict-averse gradient descent.
#[derive(Clone, Copy, Debug)]
pub struct CaGrad {
    /// The radius as a share of ‖g_0‖.
    pub c: f64,
    /// What the update is divided by.
    pub divisor: f64,
    /// Where the worst-off combination is below this share of the root of the trace, the update is 0. TorchJD has 1e-4,
    /// which stops training where norms differ wildly; 0 leaves it out. For comparison with it.
    pub norm_eps: f64,
}

impl Aggregation for CaGrad {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn coefficients(&mut self, seen: &Situation<'_>) -> Result<Vec<f64>, Degenerate> {
        let all: f64 = seen.factors.iter().sum();
        let shares: Vec<f64> = seen.factors.iter().map(|f| f / all).collect();
        let directions = Directions::of(seen.gram);
        let largest = directions.largest();
        let relative: Vec<f64> = directions.norms.iter().map(|norm| norm / largest).collect();
        let mean: Vec<f64> = directions.pick(&shares).iter().zip(&relative).map(|(b, n)| b * n).collect();
        let ball = Ball::new(&directions, &relative, &mean, self.c);
        let added = ball.worst_off();
        if self.norm_eps > 0.0 && ball.is_void(&added, directions.count() < seen.factors.len(), self.norm_eps) {
            return Ok(vec![0.0; shares.len()]);
        }
        let amounts: Vec<f64> =
            mean.iter().zip(&added.amounts).map(|(b, x)| largest * (b + x) / self.divisor).collect();
        finite(directions.coefficients(&amounts, |row| shares[row] / self.divisor))
    }
}

/// The ball around the mean gradient, in amounts of unit vectors; the largest norm is 1.
struct Ball<'a> {
    directions: &'a Directions,
    norms: &'a [f64],
    radius: f64,
    /// Products of the unit vectors with g_0.
    products: Vec<f64>,
    /// 1/n up to a factor.
    inverse: Vec<f64>,
}

/// What is added to the mean gradient.
struct Added {
    amounts: Vec<f64>,
    /// What the worst-off task gains, up to a factor above 0.
    gain: f64,
}

impl<'a> Ball<'a> {
    fn new(directions: &'a Directions, norms: &'a [f64], mean: &[f64], c: f64) -> Self {
        let least = norms.iter().copied().fold(f64::INFINITY, f64::min);
        let length = directions.cosines.norm_of(mean);
        // Rows that cancel leave rounding behind, not a direction.
        let longest = mean.iter().map(|amount| amount.abs()).sum::<f64>();
        let radius = if length > STATIONARY * longest { c * length } else { 0.0 };
        let products = directions.cosines.times(mean);
        Self { directions, norms, radius, products, inverse: norms.iter().map(|norm| least / norm).collect() }
    }

    /// The optimum has x ≥ 0 with n_i ⟨u_i, g_0 + Σ x u⟩ ≥ τ, equality where x_i > 0, and ‖Σ x u‖ = the radius. The length
    /// grows with τ, so τ is found by Newton steps that are exact as long as the set of positive x stays.
    fn worst_off(&self) -> Added {
        let count = self.products.len();
        let none = Added { amounts: vec![0.0; count], gain: 0.0 };
        if self.radius <= 0.0 {
            return none;
        }
        let mut program = NonNegative::new(&self.directions.cosines, RIDGE);
        let mut at = |gain: f64| {
            let wanted: Vec<f64> = self.inverse.iter().zip(&self.products).map(|(a, h)| gain * a - h).collect();
            let amounts = program.solve(&wanted);
            let length = self.directions.cosines.norm_of(&amounts);
            let next = self.next(&program);
            (Added { amounts, gain }, length, next)
        };
        let lowest = self.products.iter().zip(&self.inverse).map(|(h, a)| h / a).fold(f64::INFINITY, f64::min);
        let (mut low, mut high) = (lowest, f64::INFINITY);
        if lowest < 0.0 {
            let (added, length, _) = at(0.0);
            if length >= self.radius {
                high = 0.0;
            } else if stationarity(self.directions).1 < STATIONARY {
                return added;
            } else {
                low = 0.0;
            }
        }
        let mut gain = if high.is_finite() { f64::midpoint(low, high) } else { low + self.radius };
        let mut best = none;
        for _ in 0..100 {
            let (added, length, next) = at(gain);
            if length > 0.0 {
                best = added;
                // The direction is right as soon as the set is; what is left is its length.
                let stretch = self.radius / length;
                best.amounts.iter_mut().for_each(|x| *x *= stretch);
            }
            if (length - self.radius).abs() <= 1e-12 * self.radius {
                break;
            }
            if length < self.radius {
                low = gain;
            } else {
                high = gain;
            }
            let halved =
                if high.is_finite() { f64::midpoint(low, high) } else { low + 2.0 * (low - lowest) + self.radius };
            let proposed = next.filter(|next| *next > low && *next < high).unwrap_or(halved);
            if proposed == gain {
                break;
            }
            gain = proposed;
        }
        best
    }

    /// The τ at which ‖x‖_C is the radius if the positive entries stay those of the last answer: x = τ · rise − start there.
    fn next(&self, program: &NonNegative) -> Option<f64> {
        let (rise, start) = (program.on_positive(&self.inverse), program.on_positive(&self.products));
        let cosines = &self.directions.cosines;
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let risen = cosines.times(&rise);
        let (square, half) = (dot(&rise, &risen), dot(&start, &risen));
        let rest = dot(&start, &cosines.times(&start)) - self.radius * self.radius;
        let gain = (half + (half * half - square * rest).sqrt()) / square;
        gain.is_finite().then_some(gain)
    }

    /// TorchJD's reason for an update of 0: the combination of rows behind `added`, weights of sum 1, is short.
    fn is_void(&self, added: &Added, has_zero_row: bool, norm_eps: f64) -> bool {
        let weights: f64 = added.amounts.iter().zip(self.norms).map(|(x, norm)| x / norm).sum();
        let trace: f64 = self.norms.iter().map(|norm| norm * norm).sum();
        let length = self.directions.cosines.norm_of(&added.amounts) / weights;
        // A zero row is the worst off unless every combination of the others can lose.
        (has_zero_row && added.gain >= 0.0) || length.is_nan() || length < norm_eps * trace.sqrt()
    }
}

/// Makes the matrix definite; far below what the cosines know.
const RIDGE: f64 = 1e-13;
