//! How the charts are drawn.

use crate::dashboard::action::Action;
use crate::dashboard::charts::SMOOTHINGS;
use crate::dashboard::state::State;
use crate::series::{Scale, XAxis};

/// Changes how the charts are drawn; `false` where the action is about something else.
pub fn look(state: &mut State, action: Action) -> bool {
    let charts = &mut state.charts;
    match action {
        Action::LogAxis => charts.scale = if charts.scale == Scale::Log { Scale::Linear } else { Scale::Log },
        Action::SmoothMore | Action::SmoothLess => {
            let more = (charts.smoothing + 1).min(SMOOTHINGS.len() - 1);
            charts.smoothing = if action == Action::SmoothMore { more } else { charts.smoothing.saturating_sub(1) };
            let beta = charts.beta();
            state.runs.iter_mut().for_each(|run| run.set_smoothing(beta));
        }
        Action::HorizontalAxis => {
            charts.axis = match charts.axis {
                XAxis::Step => XAxis::Epoch,
                XAxis::Epoch => XAxis::Time,
                XAxis::Time => XAxis::Step,
            }
        }
        Action::LossView => {
            charts.weighted = !charts.weighted;
            let weighted = charts.weighted;
            state.runs.iter_mut().for_each(|run| run.set_weighted(weighted));
        }
        _ => return false,
    }
    true
}
