//! The list of methods to choose from.

use super::model::Run;
use crate::balance::{AGGREGATIONS, Kind, Method, WEIGHTINGS};
use crate::protocol::Command;

/// Which line of the list is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chooser {
    /// Its place among [`methods`].
    pub place: usize,
}

impl Chooser {
    /// At the aggregation in use, or the weighting where only that can be chosen; `None` where there is no choice.
    pub fn new(run: &Run) -> Option<Self> {
        let all = methods(run);
        let at = |kind| all.iter().position(|method| in_use(run, method) && method.kind() == kind);
        let place = at(Kind::Aggregation).or_else(|| at(Kind::Weighting)).unwrap_or(0);
        (!all.is_empty()).then_some(Self { place })
    }

    /// The selected method's name.
    pub fn name(self, run: &Run) -> Option<&'static str> {
        methods(run).get(self.place).map(|method| method.name)
    }

    /// Moves the selection.
    pub fn move_by(&mut self, run: &Run, down: bool) {
        let last = methods(run).len().saturating_sub(1);
        self.place = if down { (self.place + 1).min(last) } else { self.place.saturating_sub(1) };
    }

    /// The command for the selected method; `None` where it is in use as it is.
    pub fn command(self, run: &Run) -> Option<Command> {
        let all = methods(run);
        let method = all.get(self.place)?;
        if run.in_use(method.kind()) == method.name {
            return None;
        }
        let (name, options) = (method.name.to_owned(), serde_json::Map::new());
        Some(match method.kind() {
            Kind::Weighting => Command::SetWeighting { name, options },
            Kind::Aggregation => Command::SetAggregation { name, options },
        })
    }
}

/// The methods that the run can be given: weightings, then aggregations.
pub fn methods(run: &Run) -> Vec<&'static Method> {
    let of = |command, methods: &'static [&'static Method]| if run.takes(command) { methods } else { &[] };
    let weightings = of("set_weighting", WEIGHTINGS).iter();
    weightings.chain(of("set_aggregation", AGGREGATIONS)).copied().collect()
}

/// Whether the run uses the method, with whatever options.
pub fn in_use(run: &Run, method: &Method) -> bool {
    run.method_name(method.kind()) == method.name
}
