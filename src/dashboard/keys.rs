//! Names of keys, as the action table, the help and `--keys` write them: `a`, `A`, `space`, `shift-left`, `ctrl-c`.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Keys that have a name instead of a letter, with what the help shows for them.
const NAMED: [(&str, KeyCode, &str); 28] = [
    ("space", KeyCode::Char(' '), "Space"),
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backtab", KeyCode::BackTab, "Shift-Tab"),
    ("backspace", KeyCode::Backspace, "Backspace"),
    ("delete", KeyCode::Delete, "Del"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("pageup", KeyCode::PageUp, "PgUp"),
    ("pagedown", KeyCode::PageDown, "PgDn"),
    ("f1", KeyCode::F(1), "F1"),
    ("f2", KeyCode::F(2), "F2"),
    ("f3", KeyCode::F(3), "F3"),
    ("f4", KeyCode::F(4), "F4"),
    ("f5", KeyCode::F(5), "F5"),
    ("f6", KeyCode::F(6), "F6"),
    ("f7", KeyCode::F(7), "F7"),
    ("f8", KeyCode::F(8), "F8"),
    ("f9", KeyCode::F(9), "F9"),
    ("f10", KeyCode::F(10), "F10"),
    ("f11", KeyCode::F(11), "F11"),
    ("f12", KeyCode::F(12), "F12"),
    ("insert", KeyCode::Insert, "Ins"),
];

/// The key event of a name; `None` for a name that is none.
pub fn parse(name: &str) -> Option<KeyEvent> {
    let (modifiers, code) = split(name)?;
    Some(normal(KeyEvent::new(code, modifiers)))
}

/// The name as the help shows it.
pub fn label(name: &str) -> String {
    let Some((modifiers, code)) = split(name) else { return name.to_owned() };
    let mut text = String::new();
    for (flag, word) in [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")]
    {
        if modifiers.contains(flag) {
            text.push_str(word);
        }
    }
    match (NAMED.iter().find(|(_, named, _)| *named == code), code) {
        (Some((_, _, shown)), _) => text.push_str(shown),
        (None, KeyCode::Char(letter)) if modifiers.contains(KeyModifiers::CONTROL) => {
            text.extend(letter.to_uppercase());
        }
        (None, KeyCode::Char(letter)) => text.push(letter),
        _ => text.push_str(name),
    }
    text
}

/// The event in one form, whichever way the terminal reports it: a letter's case says shift, and shift-tab is backtab.
pub fn normal(mut key: KeyEvent) -> KeyEvent {
    key.modifiers &= KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
    match key.code {
        KeyCode::Char(letter) => {
            if key.modifiers.contains(KeyModifiers::CONTROL) {
                key.code = KeyCode::Char(letter.to_ascii_lowercase());
            }
            key.modifiers.remove(KeyModifiers::SHIFT);
        }
        KeyCode::BackTab => key.modifiers.remove(KeyModifiers::SHIFT),
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => {
            key.code = KeyCode::BackTab;
            key.modifiers.remove(KeyModifiers::SHIFT);
        }
        _ => {}
    }
    key
}

/// Whether the key types a character where people type.
pub fn types(key: KeyEvent) -> bool {
    let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    matches!(key.code, KeyCode::Char(_)) && plain
}

/// Names of all keys that are no letter, as configurations write them.
pub fn named() -> impl Iterator<Item = &'static str> + Clone {
    NAMED.iter().map(|(name, ..)| *name)
}

fn split(name: &str) -> Option<(KeyModifiers, KeyCode)> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    for (prefix, flag) in
        [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)]
    {
        if let Some(tail) = rest.strip_prefix(prefix).filter(|tail| !tail.is_empty()) {
            modifiers |= flag;
            rest = tail;
        }
    }
    if let Some((_, code, _)) = NAMED.iter().find(|(known, ..)| *known == rest) {
        return Some((modifiers, *code));
    }
    let mut letters = rest.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if !letter.is_control() => Some((modifiers, KeyCode::Char(letter))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_keys_and_nonsense_is_none() {
        assert_eq!(parse("ctrl-c"), Some(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
        assert_eq!(parse("-"), Some(KeyEvent::new(KeyCode::Char('-'), KeyModifiers::NONE)));
        assert_eq!(parse("shift-left").map(|key| key.code), Some(KeyCode::Left));
        assert!(parse("nonsense").is_none() && parse("").is_none());
        assert_eq!(label("ctrl-c"), "Ctrl-C");
        assert_eq!(label("shift-right"), "Shift-→");
    }

    #[test]
    fn a_capital_is_the_same_with_and_without_the_shift_flag() {
        let with = KeyEvent::new(KeyCode::Char('S'), KeyModifiers::SHIFT);
        assert_eq!(normal(with), parse("S").unwrap());
        assert_eq!(normal(KeyEvent::new(KeyCode::Tab, KeyModifiers::SHIFT)).code, KeyCode::BackTab);
    }
}
