//! Every word on the screen, by language. A language is one more constant [`Words`] and one more function of action
//! texts; the compiler names what is missing.

use super::action::{Action, Group};

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
}

impl Language {
    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
        }
    }
}

/// What an action is called.
#[derive(Clone, Copy, Debug)]
pub struct ActionText {
    /// One or two words for the footer.
    pub hint: &'static str,
    /// One line for the help.
    pub help: &'static str,
}

/// The words of one language. `{}` stands for what is filled in, in order.
#[derive(Debug)]
pub struct Words {
    actions: fn(Action) -> ActionText,
    groups: fn(Group) -> &'static str,
    pub waiting: &'static str,
    pub running: &'static str,
    pub evaluating: &'static str,
    pub paused: &'static str,
    pub stopping: &'static str,
    pub stale: &'static str,
    pub finished: &'static str,
    pub early_stopped: &'static str,
    pub stopped: &'static str,
    pub interrupted: &'static str,
    pub diverged: &'static str,
    pub failed: &'static str,
    pub lost: &'static str,
    pub running_short: &'static str,
    pub paused_short: &'static str,
    pub ended_short: &'static str,
    pub step: &'static str,
    pub epoch: &'static str,
    pub per_second: &'static str,
    pub eta: &'static str,
    pub lr: &'static str,
    pub pace: &'static str,
    pub pace_free: &'static str,
    pub live: &'static str,
    pub loss: &'static str,
    pub loss_weighted: &'static str,
    pub smoothed: &'static str,
    pub raw: &'static str,
    pub every: &'static str,
    pub older: &'static str,
    pub log_axis: &'static str,
    pub below_zero: &'static str,
    pub by_step: &'static str,
    pub by_epoch: &'static str,
    pub by_time: &'static str,
    pub gradient_norms: &'static str,
    pub gradients_short: &'static str,
    pub cosine_short: &'static str,
    pub at_shared: &'static str,
    pub at_representation: &'static str,
    pub age: &'static str,
    pub conflicts: &'static str,
    pub weights: &'static str,
    pub validation: &'static str,
    pub events: &'static str,
    pub samples: &'static str,
    pub input: &'static str,
    pub wanted: &'static str,
    pub got: &'static str,
    pub off_by: &'static str,
    pub right_of: &'static str,
    pub wrong_of: &'static str,
    pub mean_absolute: &'static str,
    pub no_samples: &'static str,
    pub none_wrong: &'static str,
    pub all_samples: &'static str,
    pub help_title: &'static str,
    pub task: &'static str,
    pub weight: &'static str,
    pub share: &'static str,
    pub metric: &'static str,
    pub last: &'static str,
    pub best: &'static str,
    pub trend: &'static str,
    pub total: &'static str,
    pub update: &'static str,
    pub clip: &'static str,
    pub score: &'static str,
    pub muted: &'static str,
    pub frozen: &'static str,
    pub encoder_frozen: &'static str,
    pub no_label: &'static str,
    pub nothing_yet: &'static str,
    pub no_validation: &'static str,
    pub no_gradients: &'static str,
    pub no_events: &'static str,
    pub one_task: &'static str,
    pub refused: &'static str,
    pub saved: &'static str,
    pub rewound: &'static str,
    pub restored: &'static str,
    pub pending: &'static str,
    pub more: &'static str,
    pub prompt_weight: &'static str,
    pub prompt_note: &'static str,
    pub bad_weight: &'static str,
    pub not_accepted: &'static str,
    pub run_over: &'static str,
    pub not_sent: &'static str,
    pub pausing_first: &'static str,
    pub stopping_notice: &'static str,
    pub leave: &'static str,
    pub go_on: &'static str,
    pub unmute: &'static str,
    pub unsolo: &'static str,
    pub linear: &'static str,
    pub whole: &'static str,
    pub elapsed: &'static str,
    pub mean: &'static str,
    pub best_evaluation: &'static str,
    pub question_title: &'static str,
    pub question_title_paused: &'static str,
    pub question: &'static str,
    pub trainer_gone: &'static str,
    pub note: &'static str,
    pub muted_none: &'static str,
}

impl Words {
    /// What an action is called.
    pub fn action(&self, action: Action) -> ActionText {
        (self.actions)(action)
    }

    /// What a section of the help is called.
    pub fn group(&self, group: Group) -> &'static str {
        (self.groups)(group)
    }
}

/// A text with its `{}` filled in, in order.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut pieces = text.split("{}");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for (place, piece) in pieces.enumerate() {
        out.push_str(values.get(place).copied().unwrap_or_default());
        out.push_str(piece);
    }
    out
}

const ENGLISH: Words = Words {
    actions: english_action,
    groups: english_group,
    waiting: "WAITING",
    running: "RUNNING",
    evaluating: "EVALUATING",
    paused: "PAUSED",
    stopping: "STOPPING",
    stale: "STALE",
    finished: "FINISHED",
    early_stopped: "STOPPED EARLY",
    stopped: "STOPPED",
    interrupted: "INTERRUPTED",
    diverged: "DIVERGED",
    failed: "FAILED",
    lost: "LOST",
    running_short: "RUN",
    paused_short: "PAUSE",
    ended_short: "END",
    step: "step",
    epoch: "epoch",
    per_second: "it/s",
    eta: "eta",
    lr: "lr",
    pace: "pace",
    pace_free: "free",
    live: "[live]",
    loss: "Loss",
    loss_weighted: "Weighted loss",
    smoothed: "EMA",
    raw: "raw",
    every: "every {} steps",
    older: "older: min-max",
    log_axis: "log",
    below_zero: "linear: below 0",
    by_step: "by step",
    by_epoch: "by epoch",
    by_time: "by time",
    gradient_norms: "Gradient norms",
    gradients_short: "Gradients",
    cosine_short: "Cosine",
    at_shared: "shared",
    at_representation: "at z",
    age: "age {}",
    conflicts: "conflicts",
    weights: "Weights",
    validation: "Validation",
    events: "Events",
    samples: "Samples",
    input: "input",
    wanted: "wanted",
    got: "got",
    off_by: "off by",
    right_of: "{} of {} right",
    wrong_of: "{} of {} wrong",
    mean_absolute: "MAE {}",
    no_samples: "no samples yet: they come with each evaluation",
    none_wrong: "none is wrong",
    all_samples: "all samples",
    help_title: "Help",
    task: "task",
    weight: "weight",
    share: "share",
    metric: "metric",
    last: "last",
    best: "best",
    trend: "trend",
    total: "total",
    update: "update",
    clip: "clip",
    score: "score",
    muted: "muted",
    frozen: "fz",
    encoder_frozen: "encoder frozen",
    no_label: "-",
    nothing_yet: "no step yet",
    no_validation: "no evaluation yet",
    no_gradients: "not measured yet",
    no_events: "nothing yet",
    one_task: "one task: nothing to compare",
    refused: "refused",
    saved: "saved {}",
    rewound: "resumed after step {}",
    restored: "went back to step {}",
    pending: "pending",
    more: "{} more",
    prompt_weight: "weight of {}",
    prompt_note: "note",
    bad_weight: "a weight is a number of 0 or more",
    not_accepted: "this trainer does not take '{}'",
    run_over: "the run has ended",
    not_sent: "not sent: the trainer does not listen",
    pausing_first: "pausing; press again for one step",
    stopping_notice: "stopping: the state is being saved",
    leave: "leave",
    go_on: "go on",
    unmute: "unmute",
    unsolo: "end solo",
    linear: "linear",
    whole: "all panes",
    elapsed: "took",
    mean: "mean",
    best_evaluation: "best score {}",
    question_title: "Training goes on",
    question_title_paused: "Training is paused",
    question: "Stop the run and save its state?",
    trainer_gone: "the trainer is gone without a word",
    note: "note",
    muted_none: "no task muted",
};

fn english_group(group: Group) -> &'static str {
    match group {
        Group::Weights => "Tasks and weights",
        Group::Run => "Run",
        Group::Charts => "Charts",
        Group::Screen => "Screen",
    }
}

fn english_action(action: Action) -> ActionText {
    let (hint, help) = match action {
        Action::TaskDown => ("next task", "select the next task"),
        Action::TaskUp => ("previous task", "select the previous task"),
        Action::SelectTask => ("task", "select a task by its number"),
        Action::WeightUp => ("raise", "raise the weight, times 1.1"),
        Action::WeightDown => ("lower", "lower the weight, by 1.1"),
        Action::WeightDouble => ("double", "double the weight"),
        Action::WeightHalve => ("halve", "halve the weight"),
        Action::WeightExact => ("exact", "type the weight"),
        Action::Mute => ("mute", "mute the task, or take it in again"),
        Action::Solo => ("solo", "mute all others; again: as before"),
        Action::Equalize => ("equalize", "weights for equal gradient norms"),
        Action::PauseResume => ("pause", "pause, or go on"),
        Action::SingleStep => ("one step", "while paused: one step"),
        Action::Slower => ("slower", "fewer steps a second"),
        Action::Faster => ("faster", "more steps a second"),
        Action::Evaluate => ("evaluate", "evaluate the validation part now"),
        Action::Checkpoint => ("save", "save a checkpoint now"),
        Action::Note => ("note", "put a sentence on record"),
        Action::LogAxis => ("log", "logarithmic or linear axis"),
        Action::SmoothMore => ("smoother", "smooth the curves more"),
        Action::SmoothLess => ("rougher", "smooth the curves less"),
        Action::HorizontalAxis => ("x axis", "curves by step, epoch or time"),
        Action::LossView => ("raw/weighted", "raw losses, or times their weights"),
        Action::GradientPlace => ("shared/z", "gradients: shared, or at z"),
        Action::NextPane => ("next pane", "go to the next pane"),
        Action::PreviousPane => ("previous pane", "go to the previous pane"),
        Action::Zoom => ("zoom", "the pane over the whole screen"),
        Action::Samples => ("samples", "answers of the task, large; or back"),
        Action::WrongOnly => ("wrong only", "only samples that are wrong, or all"),
        Action::ScrollDown => ("down", "scroll down"),
        Action::ScrollUp => ("up", "scroll up"),
        Action::Help => ("help", "show or leave this help"),
        Action::Quit => ("quit", "leave; while training, ask first"),
        Action::Redraw => ("redraw", "paint the screen again"),
        Action::Interrupt => ("interrupt", "save and end, as SIGINT does"),
        Action::Suspend => ("suspend", "stop the process; fg brings it back"),
        Action::StopAndSave => ("stop and save", "save the state and end the run"),
        Action::Stay => ("stay", "go back to the screen"),
        Action::HelpClose => ("close", "close this help"),
        Action::PromptAccept => ("accept", "take what was typed"),
        Action::PromptCancel => ("cancel", "leave without a change"),
        Action::PromptErase => ("erase", "erase one character"),
        Action::PromptClear => ("clear", "erase the whole line"),
    };
    ActionText { hint, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_filled_in_order_and_values_are_not_read_again() {
        assert_eq!(fill("{} of {}", &["{}", "b"]), "{} of b");
        assert_eq!(fill("none", &["a"]), "none");
        assert_eq!(fill("{} {}", &["a"]), "a ");
    }
}
