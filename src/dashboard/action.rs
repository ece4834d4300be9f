//! The one table of what a key does. Dispatch, help, footer hints and documents are all made from it.

use super::keys;
use ratatui::crossterm::event::KeyEvent;
use serde::{Deserialize, Serialize};

/// Something a person can do, by the name used in configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each action's help text, in words.rs, says what it does")]
pub enum Action {
    TaskDown,
    TaskUp,
    SelectTask,
    WeightUp,
    WeightDown,
    WeightDouble,
    WeightHalve,
    WeightExact,
    Mute,
    Solo,
    Equalize,
    ChooseMethod,
    MethodDown,
    MethodUp,
    TryMethod,
    Probe,
    MatchNorm,
    ResetMoments,
    BalancePane,
    PauseResume,
    SingleStep,
    Slower,
    Faster,
    Evaluate,
    Checkpoint,
    Note,
    LogAxis,
    SmoothMore,
    SmoothLess,
    HorizontalAxis,
    LossView,
    GradientPlace,
    NextPane,
    PreviousPane,
    Zoom,
    Samples,
    WrongOnly,
    ScrollDown,
    ScrollUp,
    Help,
    Quit,
    Redraw,
    Interrupt,
    Suspend,
    StopAndSave,
    Stay,
    HelpClose,
    ChooserDown,
    ChooserUp,
    ChooserAccept,
    ChooserCancel,
    PromptAccept,
    PromptCancel,
    PromptErase,
    PromptClear,
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// In every context.
    Any,
    /// On the main screen.
    Main,
    /// In the help.
    Help,
    /// In the question whether to stop.
    Question,
    /// In the list of methods.
    Chooser,
    /// In a line of input; other keys are text.
    Prompt,
}

/// The help's sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Task weights.
    Weights,
    /// Methods that balance the tasks.
    Balance,
    /// The run as a whole.
    Run,
    /// What the charts show.
    Charts,
    /// The screen.
    Screen,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What is done.
    pub action: Action,
    /// Where.
    pub context: Context,
    /// Names of keys, the one shown in hints first.
    pub keys: &'static [&'static str],
    /// Section of the help.
    pub group: Group,
    /// The command that is sent, where the action changes the run.
    pub command: Option<&'static str>,
    /// Rank among the footer's hints, smallest first; `None` is not hinted at.
    pub hint: Option<u8>,
}

impl Binding {
    /// Whether the action changes the run and not only what is seen of it.
    pub fn changes_run(&self) -> bool {
        self.command.is_some()
    }
}

const fn row(
    action: Action,
    context: Context,
    group: Group,
    keys: &'static [&'static str],
    command: Option<&'static str>,
    hint: Option<u8>,
) -> Binding {
    Binding { action, context, keys, group, command, hint }
}

/// All actions, in the order of the help.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = {
    use Action as A;
    use Context::{Any, Chooser, Help, Main, Prompt, Question};
    use Group::{Balance, Charts, Run, Screen, Weights};
    &[
        row(A::TaskDown, Main, Weights, &["down", "j"], None, None),
        row(A::TaskUp, Main, Weights, &["up", "k"], None, None),
        row(A::SelectTask, Main, Weights, &["1", "2", "3", "4", "5", "6", "7", "8", "9"], None, None),
        row(A::WeightDown, Main, Weights, &["left", "h", "-"], Some("set_weight"), Some(3)),
        row(A::WeightUp, Main, Weights, &["right", "l", "+"], Some("set_weight"), Some(4)),
        row(A::WeightHalve, Main, Weights, &["shift-left", "H"], Some("set_weight"), None),
        row(A::WeightDouble, Main, Weights, &["shift-right", "L"], Some("set_weight"), None),
        row(A::WeightExact, Main, Weights, &["="], Some("set_weight"), Some(5)),
        row(A::Mute, Main, Weights, &["m"], Some("mute"), Some(6)),
        row(A::Solo, Main, Weights, &["o"], Some("set_muted"), Some(11)),
        row(A::Equalize, Main, Weights, &["E"], Some("equalize"), Some(12)),
        row(A::ChooseMethod, Main, Balance, &["b"], Some("set_aggregation"), Some(13)),
        row(A::MethodDown, Main, Balance, &["]"], None, None),
        row(A::MethodUp, Main, Balance, &["["], None, None),
        row(A::TryMethod, Main, Balance, &["t"], Some("set_aggregation"), Some(14)),
        row(A::Probe, Main, Balance, &["p"], Some("set"), Some(26)),
        row(A::MatchNorm, Main, Balance, &["N"], Some("set"), None),
        row(A::ResetMoments, Main, Balance, &["R"], Some("set"), None),
        row(A::BalancePane, Main, Balance, &["B"], None, Some(27)),
        row(A::PauseResume, Main, Run, &["space"], Some("pause"), Some(2)),
        row(A::SingleStep, Main, Run, &["."], Some("advance"), Some(8)),
        row(A::Slower, Main, Run, &["<", ","], Some("set_pace"), Some(9)),
        row(A::Faster, Main, Run, &[">"], Some("set_pace"), Some(10)),
        row(A::Evaluate, Main, Run, &["e"], Some("evaluate"), Some(18)),
        row(A::Checkpoint, Main, Run, &["C"], Some("checkpoint"), Some(19)),
        row(A::Note, Main, Run, &["n"], Some("note"), Some(20)),
        row(A::LogAxis, Main, Charts, &["y"], None, Some(15)),
        row(A::SmoothMore, Main, Charts, &["s"], None, Some(16)),
        row(A::SmoothLess, Main, Charts, &["S"], None, None),
        row(A::HorizontalAxis, Main, Charts, &["x"], None, Some(17)),
        row(A::LossView, Main, Charts, &["v"], None, Some(21)),
        row(A::GradientPlace, Main, Charts, &["g"], None, Some(22)),
        row(A::NextPane, Main, Screen, &["tab"], None, Some(7)),
        row(A::PreviousPane, Main, Screen, &["backtab"], None, None),
        row(A::Zoom, Main, Screen, &["z", "enter"], None, Some(23)),
        row(A::Samples, Main, Screen, &["a"], None, Some(24)),
        row(A::WrongOnly, Main, Screen, &["w"], None, Some(25)),
        row(A::ScrollDown, Main, Screen, &["pagedown", "ctrl-d"], None, None),
        row(A::ScrollUp, Main, Screen, &["pageup", "ctrl-u"], None, None),
        row(A::Help, Main, Screen, &["?", "f1"], None, Some(0)),
        row(A::Quit, Main, Screen, &["q"], None, Some(1)),
        row(A::Redraw, Any, Screen, &["ctrl-l"], None, None),
        row(A::Interrupt, Any, Screen, &["ctrl-c"], None, None),
        row(A::Suspend, Any, Screen, &["ctrl-z"], None, None),
        row(A::StopAndSave, Question, Run, &["s"], Some("stop"), Some(0)),
        row(A::Stay, Question, Screen, &["esc", "q", "n"], None, Some(1)),
        row(A::HelpClose, Help, Screen, &["esc", "?", "q", "f1"], None, Some(0)),
        row(A::ScrollDown, Help, Screen, &["down", "j", "pagedown", "ctrl-d"], None, Some(1)),
        row(A::ScrollUp, Help, Screen, &["up", "k", "pageup", "ctrl-u"], None, Some(2)),
        row(A::ChooserAccept, Chooser, Balance, &["enter"], None, Some(0)),
        row(A::ChooserCancel, Chooser, Balance, &["esc", "q", "b"], None, Some(1)),
        row(A::ChooserDown, Chooser, Balance, &["down", "j"], None, Some(2)),
        row(A::ChooserUp, Chooser, Balance, &["up", "k"], None, Some(3)),
        row(A::PromptAccept, Prompt, Screen, &["enter"], None, Some(0)),
        row(A::PromptCancel, Prompt, Screen, &["esc"], None, Some(1)),
        row(A::PromptErase, Prompt, Screen, &["backspace"], None, None),
        row(A::PromptClear, Prompt, Screen, &["ctrl-u"], None, None),
    ]
};

/// The row that a key means in a context.
pub fn lookup(context: Context, key: KeyEvent) -> Option<&'static Binding> {
    let key = keys::normal(key);
    let means = |binding: &&Binding| {
        (binding.context == context || binding.context == Context::Any)
            && binding.keys.iter().filter_map(|name| keys::parse(name)).any(|bound| same(bound, key))
    };
    BINDINGS.iter().find(means)
}

/// The first key of an action, as hints show it.
pub fn label(action: Action) -> String {
    let row = BINDINGS.iter().find(|row| row.action == action);
    row.and_then(|row| row.keys.first()).map_or(String::new(), |name| keys::label(name))
}

/// The hints of a context, the most wanted first.
pub fn hints(context: Context) -> Vec<&'static Binding> {
    let mut found: Vec<_> =
        BINDINGS.iter().filter(|binding| binding.context == context && binding.hint.is_some()).collect();
    found.sort_by_key(|binding| binding.hint);
    found
}

fn same(left: KeyEvent, right: KeyEvent) -> bool {
    left.code == right.code && left.modifiers == right.modifiers
}

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        let clash = |left: Context, right: Context| left == right || left == Context::Any || right == Context::Any;
        let all: Vec<_> = BINDINGS.iter().flat_map(|row| row.keys.iter().map(move |name| (row, *name))).collect();
        for (place, (left, name)) in all.iter().enumerate() {
            for (right, other) in all.iter().skip(place + 1) {
                let one_key = keys::parse(name) == keys::parse(other);
                assert!(!(one_key && clash(left.context, right.context)), "{name}: {left:?} and {right:?}");
            }
        }
    }

    #[test]
    fn every_row_has_readable_keys_help_and_a_known_command() {
        let words = Language::English.words();
        for row in BINDINGS {
            assert!(!row.keys.is_empty() && row.keys.iter().all(|name| keys::parse(name).is_some()), "{row:?}");
            let text = words.action(row.action);
            assert!(!text.hint.is_empty() && text.help.len() > 8, "{row:?}");
            assert!(row.command.is_none_or(|name| crate::protocol::COMMAND_NAMES.contains(&name)), "{row:?}");
        }
    }

    #[test]
    fn an_action_comes_back_from_its_name() {
        for row in BINDINGS {
            let name = serde_json::to_string(&row.action).unwrap();
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '"'), "{name}");
            assert_eq!(serde_json::from_str::<Action>(&name).unwrap(), row.action);
        }
    }
}
