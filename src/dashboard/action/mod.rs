//! What a person can do, and the one table of the keys for it. Dispatch, help, footer hints and documents are all made
//! from it.

mod table;

pub use table::BINDINGS;

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
    Ramp,
    Undo,
    Redo,
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
    LearningRate,
    Clip,
    Freeze,
    Restore,
    Lock,
    LogAxis,
    SmoothMore,
    SmoothLess,
    HorizontalAxis,
    LossView,
    LossViewBack,
    LogHorizontal,
    ZoomIn,
    ZoomOut,
    PanLeft,
    PanRight,
    Follow,
    ResetView,
    Cursor,
    NextPair,
    PairMatrix,
    GradientPlace,
    NextPane,
    PreviousPane,
    Zoom,
    Samples,
    WrongOnly,
    ScrollDown,
    ScrollUp,
    Palette,
    Filter,
    JumpToEvent,
    Mouse,
    Theme,
    NextRun,
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
    PromptLeft,
    PromptRight,
    PromptWordLeft,
    PromptWordRight,
    PromptStart,
    PromptEnd,
    PromptEraseRight,
    PromptEraseWord,
    PromptEraseRest,
    PaletteComplete,
    PaletteCompleteBack,
    PalettePrevious,
    PaletteNext,
    CursorLeft,
    CursorRight,
    CursorFarLeft,
    CursorFarRight,
    CursorStart,
    CursorEnd,
    NextMark,
    PreviousMark,
    CursorClose,
    ReplayPlay,
    ReplayForward,
    ReplayBack,
    ReplaySlower,
    ReplayFaster,
    ReplayJumpBack,
    ReplayJumpForward,
    ReplayStart,
    ReplayEnd,
}

impl Action {
    /// Its name in configurations and in the line of commands: `weight_up`.
    pub fn name(self) -> String {
        name_of(&self)
    }
}

/// The name of a variant as it is written.
fn name_of(variant: &impl Serialize) -> String {
    // A variant without fields is always a string.
    serde_json::to_value(variant).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// In every context.
    Any,
    /// On the main screen.
    Main,
    /// On the main screen while the charts have a cursor; its keys go before those of the main screen.
    Cursor,
    /// On the main screen while a record is replayed; the same.
    Replay,
    /// In the help.
    Help,
    /// In the question whether to stop.
    Question,
    /// In the list of methods.
    Chooser,
    /// In a line of input; other keys are text.
    Prompt,
    /// In the line of commands; other keys are text.
    Palette,
}

impl Context {
    /// All, as configurations list them.
    pub const ALL: [Self; 9] = [
        Self::Any,
        Self::Main,
        Self::Cursor,
        Self::Replay,
        Self::Help,
        Self::Question,
        Self::Chooser,
        Self::Prompt,
        Self::Palette,
    ];

    /// Its name in configurations: `cursor`.
    pub fn name(self) -> String {
        name_of(&self)
    }

    /// Whether keys that are no binding are text here.
    pub fn is_typing(self) -> bool {
        matches!(self, Self::Prompt | Self::Palette)
    }
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
    /// The cursor over the charts.
    Cursor,
    /// The replay of a record.
    Replay,
    /// A line of input.
    Typing,
}

impl Group {
    /// All, in the order of the help.
    pub const ALL: [Self; 8] =
        [Self::Weights, Self::Balance, Self::Run, Self::Charts, Self::Screen, Self::Cursor, Self::Replay, Self::Typing];
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What is done.
    pub action: Action,
    /// Where.
    pub context: Context,
    /// Names of keys as they are without a keymap, the one shown in hints first.
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

/// The command that an action sends, where it changes the run.
pub fn command_of(action: Action) -> Option<&'static str> {
    BINDINGS.iter().find(|row| row.action == action).and_then(|row| row.command)
}

#[cfg(test)]
mod tests {
    use super::super::keys;
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
