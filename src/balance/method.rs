//! What is known of a method besides its mathematics: names, paper, needs, options.

use super::options::{OptionInfo, Options};
use super::{Aggregation, Needs, Weighting};

/// Which of the two places a method takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Losses and λ to factors.
    Weighting,
    /// Factors and the Gram matrix to coefficients.
    Aggregation,
}

impl Kind {
    /// `weighting` or `aggregation`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weighting => "weighting",
            Self::Aggregation => "aggregation",
        }
    }

    /// The same in a sentence.
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Weighting => "a weighting",
            Self::Aggregation => "an aggregation",
        }
    }
}

/// How a method comes to be.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// A weighting of so many tasks.
    Weighting(fn(&Options, usize) -> Box<dyn Weighting>),
    /// An aggregation of so many tasks.
    Aggregation(fn(&Options, usize) -> Box<dyn Aggregation>),
}

/// A method as people know it.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// The name in configurations, commands and on screen.
    pub name: &'static str,
    /// Names that `LibMTL` and `TorchJD` have for it, in lower case without `_` and `-`.
    pub aliases: &'static [&'static str],
    /// One line: what it does.
    pub what: &'static str,
    /// The year it was published; `None` for what has no author.
    pub year: Option<u16>,
    /// Where: arXiv number or venue; empty for what has no author.
    pub paper: &'static str,
    /// What it must be given.
    pub needs: Needs,
    /// What it remembers; empty for nothing.
    pub state: &'static str,
    /// How the user's λ reaches it.
    pub preference: &'static str,
    /// Its options.
    pub options: &'static [OptionInfo],
    /// How it comes to be.
    pub make: Make,
}

impl Method {
    /// Which of the two places it takes.
    pub fn kind(&self) -> Kind {
        match self.make {
            Make::Weighting(_) => Kind::Weighting,
            Make::Aggregation(_) => Kind::Aggregation,
        }
    }

    /// What a step with it costs, in words.
    pub fn cost(&self) -> &'static str {
        match (self.needs.gradients(), self.needs.second_forward) {
            (true, _) => "a backward pass a task",
            (false, true) => "one backward pass, two forward passes more",
            (false, false) => "one backward pass",
        }
    }
}
