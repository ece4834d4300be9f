//! How the charts are drawn: a person's choices, the same for all of them.

use super::model::{Derived, Place};
use crate::series::{Scale, Stretch, Timeline, XAxis};

/// β of the moving average that a person can step through.
pub const SMOOTHINGS: [f64; 8] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995];

/// What the loss chart shows of each task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LossView {
    /// The loss.
    #[default]
    Raw,
    /// λ times the loss.
    Weighted,
    /// λ times the loss, as a share of the sum over all tasks.
    Share,
    /// The loss over the first finite one.
    Relative,
    /// The loss, each task in a little chart of its own.
    Multiples,
}

impl LossView {
    /// All, in the order of the key.
    pub const ALL: [Self; 5] = [Self::Raw, Self::Weighted, Self::Share, Self::Relative, Self::Multiples];

    /// The next one, or the one before.
    #[must_use]
    pub fn moved(self, forward: bool) -> Self {
        let place = Self::ALL.iter().position(|view| *view == self).unwrap_or(0);
        let by = if forward { 1 } else { Self::ALL.len() - 1 };
        Self::ALL.get((place + by) % Self::ALL.len()).copied().unwrap_or_default()
    }

    /// The series that has to be kept beside the loss for it.
    pub fn derived(self) -> Derived {
        match self {
            Self::Weighted => Derived::Weighted,
            Self::Share => Derived::Share,
            Self::Raw | Self::Relative | Self::Multiples => Derived::None,
        }
    }
}

/// Which steps the charts show; the same for all charts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// The whole run, as it grows.
    #[default]
    Whole,
    /// The last steps, as the run goes on.
    Following {
        /// Steps from the left end to the right one.
        span: u64,
    },
    /// The same steps, whatever the run does.
    Frozen {
        /// The first step.
        from: u64,
        /// The last step.
        to: u64,
    },
}

/// How the charts are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charts {
    /// The vertical axis.
    pub scale: Scale,
    /// The horizontal axis.
    pub across: Scale,
    /// Place in [`SMOOTHINGS`].
    pub smoothing: usize,
    /// What the horizontal axis counts.
    pub axis: XAxis,
    /// What the loss chart shows.
    pub view: LossView,
    /// Where gradients are compared.
    pub place: Place,
    /// Which steps are shown.
    pub window: Window,
    /// The last step of the record that is gone through: where the whole run is shown by step, the axis reaches up to it.
    pub reach: u64,
    /// The step that the cursor stands on, where there is one. A rewind may leave it behind the run's end.
    pub cursor: Option<u64>,
}

impl Charts {
    /// β of the moving average.
    pub fn beta(&self) -> f64 {
        SMOOTHINGS.get(self.smoothing).copied().unwrap_or(0.0)
    }

    /// The first and the last step that are shown of a run.
    pub fn steps(&self, timeline: &Timeline) -> (u64, u64) {
        let (first, last) = (timeline.first_step(), timeline.last_step());
        match self.window {
            Window::Whole if self.axis == XAxis::Step => (first, last.max(self.reach)),
            Window::Whole => (first, last),
            Window::Following { span } => (last.saturating_sub(span).max(first), last),
            Window::Frozen { from, to } => (from, to),
        }
    }

    /// The part of the horizontal axis that is shown of a run.
    pub fn stretch(&self, timeline: &Timeline) -> Stretch {
        let (from, to) = self.steps(timeline);
        Stretch::new(timeline, self.axis, self.across, from, to)
    }

    /// The recorded step that the cursor stands on.
    pub fn cursor_step(&self, timeline: &Timeline) -> Option<u64> {
        timeline.at_or_before(self.cursor?)
    }
}

impl Default for Charts {
    fn default() -> Self {
        Self {
            scale: Scale::Log,
            across: Scale::Linear,
            smoothing: 3,
            axis: XAxis::Step,
            view: LossView::Raw,
            place: Place::Shared,
            window: Window::Whole,
            reach: 0,
            cursor: None,
        }
    }
}
