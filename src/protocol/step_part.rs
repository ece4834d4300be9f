//! What the time of a training step goes into, and the names that `system` events give to it.

/// A part of the time from one update to the next. Other trainers may have other parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepPart {
    /// Drawing rows and making batches of them.
    Data,
    /// Encoder and heads, up to the losses.
    Forward,
    /// Back through heads and encoder, the combined gradient.
    Backward,
    /// Gradients of each task, where a method needs them, and the methods themselves.
    Balance,
    /// Measurements for a person alone: gradients, noise, foretold and observed changes, probes, `balance` events.
    Evidence,
    /// Norm, clipping and the update of all parameters.
    Optimizer,
    /// Evaluations on the validation part.
    Evaluation,
    /// Writing checkpoints.
    Checkpoint,
    /// Handing events to the recorder, which waits where the disk is slow.
    Record,
    /// All else, requests among it.
    Rest,
}

impl StepPart {
    /// All parts, in the order in which a step comes to them.
    pub const ALL: [Self; 10] = [
        Self::Data,
        Self::Forward,
        Self::Backward,
        Self::Balance,
        Self::Evidence,
        Self::Optimizer,
        Self::Evaluation,
        Self::Checkpoint,
        Self::Record,
        Self::Rest,
    ];

    /// Its key in [`System::parts`](super::System::parts).
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Balance => "balance",
            Self::Evidence => "evidence",
            Self::Optimizer => "optimizer",
            Self::Evaluation => "evaluation",
            Self::Checkpoint => "checkpoint",
            Self::Record => "record",
            Self::Rest => "rest",
        }
    }
}
