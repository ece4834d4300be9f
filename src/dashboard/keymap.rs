//! Which key does what now. Dispatch, help and hints ask here and nowhere else.

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

impl Keymap {
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
        for context in contexts {
            let mut own: Vec<_> = self
                .rows
                .iter()
                .filter(|row| row.binding.context == *context && row.binding.hint.is_some() && !row.keys.is_empty())
                .collect();
            own.sort_by_key(|row| row.binding.hint);
            found.extend(own);
        }
        found
    }
}

fn same(left: KeyEvent, right: KeyEvent) -> bool {
    left.code == right.code && left.modifiers == right.modifiers
}
