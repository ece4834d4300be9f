//! Which key does what now. Dispatch, help and hints ask here and nowhere else.
//!
//! Owns the presets and the checks of a keymap. It must not read files.

use super::action::{Action, BINDINGS, Binding, Context};
use super::keys;
use ratatui::crossterm::event::KeyEvent;

/// One row of the table with the keys in force.
#[derive(Clone, Debug)]
pub struct Row {
    /// The row of the table.
    pub binding: &'static Binding,
    /// Names of keys, the one shown in hints first.
    pub keys: Vec<String>,
}

/// The keys in force.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<Row>,
    /// Whether keys are shown in ASCII alone.
    ascii: bool,
}

impl Default for Keymap {
    fn default() -> Self {
        let row = |binding: &'static Binding| Row {
            binding,
            keys: binding.keys.iter().map(|name| (*name).to_owned()).collect(),
        };
        Self { rows: BINDINGS.iter().map(row).collect(), ascii: false }
    }
}

/// Keys of an action in a context, in place of those of the table.
type Change = (Context, Action, &'static [&'static str]);

/// Names of the presets; the first holds where nothing else is said.
pub const PRESETS: [&str; 4] = ["default", "vim", "emacs", "arrows"];

/// One key for two actions in a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The key's name.
    pub key: String,
    /// The two, with their contexts.
    pub actions: [(Context, Action); 2],
}

/// What can be wrong with a keymap besides a clash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unbound {
    /// No key does what nothing else can do: leave a context, or take what was typed.
    Needed(Context, Action),
    /// A key that types a character where people type.
    Types(Context, Action, String),
}

/// What must have a key, or a person could not leave.
const NEEDED: [(Context, Action); 10] = [
    (Context::Main, Action::Quit),
    (Context::Question, Action::Stay),
    (Context::Question, Action::StopAndSave),
    (Context::Help, Action::HelpClose),
    (Context::Chooser, Action::ChooserCancel),
    (Context::Prompt, Action::PromptAccept),
    (Context::Prompt, Action::PromptCancel),
    (Context::Palette, Action::PromptAccept),
    (Context::Palette, Action::PromptCancel),
    (Context::Cursor, Action::CursorClose),
];

impl Keymap {
    /// The preset of this name.
    pub fn preset(name: &str) -> Option<Self> {
        let changes: &[&[Change]] = match name {
            "default" => &[],
            "vim" => &[VIM],
            "emacs" => &[ARROWS, EMACS],
            "arrows" => &[ARROWS],
            _ => return None,
        };
        let mut keymap = Self::default();
        for (context, action, keys) in changes.concat() {
            keymap.bind(context, action, keys.iter().map(|key| (*key).to_owned()).collect());
        }
        Some(keymap)
    }

    /// Gives an action other keys in a context; whether the table has it there.
    pub fn bind(&mut self, context: Context, action: Action, keys: Vec<String>) -> bool {
        let row = self.rows.iter_mut().find(|row| row.binding.context == context && row.binding.action == action);
        row.map(|row| row.keys = keys).is_some()
    }

    /// Keys that mean two things where both are heard.
    pub fn clashes(&self) -> Vec<Clash> {
        let heard = |left: Context, right: Context| left == right || left == Context::Any || right == Context::Any;
        let all: Vec<_> =
            self.rows.iter().flat_map(|row| row.keys.iter().map(move |name| (row.binding, name))).collect();
        let mut found = Vec::new();
        for (place, (left, name)) in all.iter().enumerate() {
            let Some(key) = keys::parse(name) else { continue };
            for (right, other) in all.iter().skip(place + 1) {
                if keys::parse(other) == Some(key) && heard(left.context, right.context) {
                    let actions = [(left.context, left.action), (right.context, right.action)];
                    found.push(Clash { key: (*name).clone(), actions });
                }
            }
        }
        found
    }

    /// What a person could not do with these keys.
    pub fn unbound(&self) -> Vec<Unbound> {
        let mut found = Vec::new();
        for row in &self.rows {
            let (context, action) = (row.binding.context, row.binding.action);
            if row.keys.is_empty() && NEEDED.contains(&(context, action)) {
                found.push(Unbound::Needed(context, action));
            }
            let types = |name: &&String| keys::parse(name).is_some_and(keys::types);
            if let Some(key) = row.keys.iter().find(types).filter(|_| context.is_typing() || context == Context::Any) {
                found.push(Unbound::Types(context, action, key.clone()));
            }
        }
        found
    }

    /// All rows, in the order of the help.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What a key means in the first of some contexts that knows it, or anywhere.
    pub fn lookup(&self, contexts: &[Context], key: KeyEvent) -> Option<&'static Binding> {
        let key = keys::normal(key);
        let find = |context: Context| {
            let means = |row: &&Row| {
                row.binding.context == context
                    && row.keys.iter().filter_map(|name| keys::parse(name)).any(|bound| same(bound, key))
            };
            self.rows.iter().find(means).map(|row| row.binding)
        };
        contexts.iter().chain(&[Context::Any]).find_map(|context| find(*context))
    }

    /// The first key of an action, as hints show it.
    pub fn label(&self, action: Action) -> String {
        let row = self.rows.iter().find(|row| row.binding.action == action);
        row.and_then(|row| row.keys.first()).map_or(String::new(), |name| self.shown(name))
    }

    /// The same keys, shown in ASCII alone or not.
    #[must_use]
    pub fn shown_in_ascii(self, ascii: bool) -> Self {
        Self { ascii, ..self }
    }

    /// A key as it is shown: arrows as arrows, or by their names where only ASCII may be drawn.
    pub fn shown(&self, name: &str) -> String {
        let label = keys::label(name);
        if !self.ascii {
            return label;
        }
        let arrows = [('\u{2190}', "Left"), ('\u{2192}', "Right"), ('\u{2191}', "Up"), ('\u{2193}', "Down")];
        arrows.into_iter().fold(label, |label, (arrow, word)| label.replace(arrow, word))
    }

    /// The hints of some contexts, those of the first context first, in each the most wanted first.
    pub fn hints(&self, contexts: &[Context]) -> Vec<&Row> {
        let mut found = Vec::new();
        let mut above = Vec::new();
        for context in contexts {
            let mut own: Vec<_> = self
                .rows
                .iter()
                .filter(|row| row.binding.context == *context && row.binding.hint.is_some() && !row.keys.is_empty())
                .collect();
            own.sort_by_key(|row| row.binding.hint);
            // A key that a context above takes does something else.
            own.retain(|row| row.keys.first().is_none_or(|key| !self.takes(&above, key)));
            found.extend(own);
            above.push(*context);
        }
        found
    }

    /// Whether one of these contexts knows a key.
    fn takes(&self, contexts: &[Context], key: &str) -> bool {
        keys::parse(key).is_some_and(|key| self.lookup(contexts, key).is_some())
    }
}

fn same(left: KeyEvent, right: KeyEvent) -> bool {
    left.code == right.code && left.modifiers == right.modifiers
}

/// Keys of vim beside those of the table, which has its letters already.
const VIM: &[Change] = {
    use Action as A;
    use Context::{Chooser, Cursor, Help, Main, Palette, Prompt, Replay};
    &[
        (Main, A::Redo, &["ctrl-r", "U"]),
        (Main, A::ScrollDown, &["ctrl-d", "ctrl-f", "pagedown"]),
        (Main, A::ScrollUp, &["ctrl-u", "ctrl-b", "pageup"]),
        (Main, A::NextPane, &["tab", "ctrl-w"]),
        (Help, A::ScrollDown, &["j", "down", "ctrl-d", "ctrl-f", "pagedown"]),
        (Help, A::ScrollUp, &["k", "up", "ctrl-u", "ctrl-b", "pageup"]),
        (Chooser, A::ChooserDown, &["j", "down", "ctrl-n"]),
        (Chooser, A::ChooserUp, &["k", "up", "ctrl-p"]),
        (Cursor, A::CursorStart, &["0", "^", "home"]),
        (Cursor, A::CursorEnd, &["$", "end"]),
        (Cursor, A::NextMark, &["]", "w"]),
        (Cursor, A::PreviousMark, &["[", "b"]),
        (Replay, A::ReplayStart, &["g", "home"]),
        (Replay, A::ReplayEnd, &["G", "end"]),
        (Prompt, A::PromptErase, &["backspace", "ctrl-h"]),
        (Palette, A::PromptErase, &["backspace", "ctrl-h"]),
        (Prompt, A::PromptStart, &["home", "ctrl-b"]),
        (Prompt, A::PromptLeft, &["left"]),
        (Palette, A::PromptStart, &["home", "ctrl-b"]),
        (Palette, A::PromptLeft, &["left"]),
    ]
};

/// No letters where something is moved.
const ARROWS: &[Change] = {
    use Action as A;
    use Context::{Chooser, Cursor, Help, Main, Replay};
    &[
        (Main, A::TaskDown, &["down"]),
        (Main, A::TaskUp, &["up"]),
        (Main, A::WeightDown, &["left", "-"]),
        (Main, A::WeightUp, &["right", "+"]),
        (Main, A::WeightHalve, &["shift-left"]),
        (Main, A::WeightDouble, &["shift-right"]),
        (Help, A::ScrollDown, &["down", "pagedown"]),
        (Help, A::ScrollUp, &["up", "pageup"]),
        (Chooser, A::ChooserDown, &["down"]),
        (Chooser, A::ChooserUp, &["up"]),
        (Cursor, A::CursorLeft, &["left"]),
        (Cursor, A::CursorRight, &["right"]),
        (Cursor, A::CursorFarLeft, &["shift-left"]),
        (Cursor, A::CursorFarRight, &["shift-right"]),
        (Replay, A::ReplayJumpBack, &["left"]),
        (Replay, A::ReplayJumpForward, &["right"]),
    ]
};

/// Keys of emacs, upon [`ARROWS`]. A terminal sends the same for Ctrl-_, Ctrl-/ and Ctrl-7.
const EMACS: &[Change] = {
    use Action as A;
    use Context::{Chooser, Cursor, Help, Main, Palette, Prompt, Question, Replay};
    &[
        (Main, A::TaskDown, &["ctrl-n", "down"]),
        (Main, A::TaskUp, &["ctrl-p", "up"]),
        (Main, A::WeightDown, &["ctrl-b", "left", "-"]),
        (Main, A::WeightUp, &["ctrl-f", "right", "+"]),
        (Main, A::WeightHalve, &["alt-b", "shift-left"]),
        (Main, A::WeightDouble, &["alt-f", "shift-right"]),
        (Main, A::Undo, &["ctrl-_", "ctrl-/", "ctrl-7", "u"]),
        (Main, A::Redo, &["alt-_", "U"]),
        (Main, A::Palette, &["alt-x", ":"]),
        (Main, A::Filter, &["ctrl-s", "/"]),
        (Main, A::ScrollDown, &["ctrl-v", "pagedown"]),
        (Main, A::ScrollUp, &["alt-v", "pageup"]),
        (Main, A::NextPane, &["ctrl-o", "tab"]),
        (Help, A::HelpClose, &["ctrl-g", "esc", "?", "q", "f1"]),
        (Help, A::ScrollDown, &["ctrl-n", "down", "ctrl-v", "pagedown"]),
        (Help, A::ScrollUp, &["ctrl-p", "up", "alt-v", "pageup"]),
        (Help, A::Filter, &["ctrl-s", "/"]),
        (Question, A::Stay, &["ctrl-g", "esc", "q", "n"]),
        (Chooser, A::ChooserCancel, &["ctrl-g", "esc", "q", "b"]),
        (Chooser, A::ChooserDown, &["ctrl-n", "down"]),
        (Chooser, A::ChooserUp, &["ctrl-p", "up"]),
        (Prompt, A::PromptCancel, &["ctrl-g", "esc"]),
        (Palette, A::PromptCancel, &["ctrl-g", "esc"]),
        (Palette, A::PalettePrevious, &["ctrl-p", "up"]),
        (Palette, A::PaletteNext, &["ctrl-n", "down"]),
        (Cursor, A::CursorLeft, &["ctrl-b", "left"]),
        (Cursor, A::CursorRight, &["ctrl-f", "right"]),
        (Cursor, A::CursorFarLeft, &["alt-b", "shift-left"]),
        (Cursor, A::CursorFarRight, &["alt-f", "shift-right"]),
        (Cursor, A::CursorStart, &["ctrl-a", "home"]),
        (Cursor, A::CursorEnd, &["ctrl-e", "end"]),
        (Cursor, A::CursorClose, &["ctrl-g", "esc", "c"]),
        (Replay, A::ReplayJumpBack, &["ctrl-b", "left"]),
        (Replay, A::ReplayJumpForward, &["ctrl-f", "right"]),
        (Replay, A::ReplayStart, &["alt-<", "home"]),
        (Replay, A::ReplayEnd, &["alt->", "end"]),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_whole_and_without_clashes() {
        for name in PRESETS {
            let keymap = Keymap::preset(name).unwrap();
            assert_eq!((keymap.clashes(), keymap.unbound()), (Vec::new(), Vec::new()), "{name}");
            let names = keymap.rows().iter().flat_map(|row| &row.keys);
            assert!(names.clone().all(|key| keys::parse(key).is_some()), "{name}");
            assert!(keymap.rows().iter().all(|row| !row.keys.is_empty()), "{name}");
        }
        assert!(Keymap::preset("nano").is_none());
        let changes = [VIM, ARROWS, EMACS].concat();
        let mut keymap = Keymap::default();
        assert!(changes.into_iter().all(|(context, action, _)| keymap.bind(context, action, vec!["x".to_owned()])));
    }

    #[test]
    fn clashes_and_lost_ways_out_are_found() {
        let mut keymap = Keymap::default();
        keymap.bind(Context::Main, Action::WeightUp, vec!["m".to_owned()]);
        keymap.bind(Context::Main, Action::Quit, Vec::new());
        keymap.bind(Context::Prompt, Action::PromptErase, vec!["x".to_owned()]);
        keymap.bind(Context::Cursor, Action::CursorLeft, vec!["ctrl-c".to_owned()]);
        let actions: Vec<_> =
            keymap.clashes().into_iter().map(|clash| clash.actions.map(|(_, action)| action)).collect();
        assert_eq!(actions, [[Action::WeightUp, Action::Mute], [Action::Interrupt, Action::CursorLeft]]);
        assert_eq!(
            keymap.unbound(),
            [
                Unbound::Needed(Context::Main, Action::Quit),
                Unbound::Types(Context::Prompt, Action::PromptErase, "x".to_owned())
            ]
        );
    }
}
