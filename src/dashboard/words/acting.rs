//! Words of typed commands, undo, lock.

use crate::protocol::Form;

/// In one language.
#[derive(Debug)]
pub struct ActingWords {
    /// What a command does, in one line.
    pub form: fn(&'static Form) -> &'static str,
    pub palette_title: &'static str,
    pub locked: &'static str,
    pub locked_notice: &'static str,
    pub unlocked_notice: &'static str,
    pub stop_is_not_locked: &'static str,
    pub nothing_to_undo: &'static str,
    pub nothing_to_redo: &'static str,
    pub undid: &'static str,
    pub redid: &'static str,
    pub changed_since: &'static str,
    pub undo_waits: &'static str,
    pub not_taken_short: &'static str,
    pub over_short: &'static str,
    pub no_such_word: &'static str,
    pub did_you_mean: &'static str,
    pub takes_nothing: &'static str,
    pub no_task: &'static str,
    pub wrong_count: &'static str,
    pub wrong_weight: &'static str,
    pub no_match: &'static str,
    pub now: &'static str,
    pub expected: &'static str,
    pub prompt_filter: &'static str,
    pub help_filtered: &'static str,
}

/// English.
pub const ENGLISH: ActingWords = ActingWords {
    form: |form| form.help,
    palette_title: "Command",
    locked: "locked",
    locked_notice: "locked: {} unlocks the keys that change the run",
    unlocked_notice: "unlocked",
    stop_is_not_locked: "The lock does not hold this back.",
    nothing_to_undo: "nothing to take back",
    nothing_to_redo: "nothing to make again",
    undid: "undid: {}",
    redid: "redid: {}",
    changed_since: "{} ({} had changed it since)",
    undo_waits: "taken back as soon as it is answered",
    not_taken_short: "not taken here",
    over_short: "run ended",
    no_such_word: "no command or action '{}'",
    did_you_mean: "{} (did you mean '{}'?)",
    takes_nothing: "'{}' takes nothing after it",
    no_task: "no task named '{}' (tasks: {})",
    wrong_count: "{} weights for {} tasks",
    wrong_weight: "a weight must be finite and at least 0, got {}",
    no_match: "nothing fits",
    now: "now",
    expected: "expected: {}",
    prompt_filter: "show",
    help_filtered: "lines with '{}'",
};
