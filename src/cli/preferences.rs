//! What a person prefers on the screen: the file `dashboard.toml` and the flag `--keymap`.
//!
//! Owns the file's form, with every fault at once and its place. What the values mean is
//! the dashboard's.

use super::exit::Failure;
use crate::config::{ConfigError, ConfigErrors, Place, position, syntax_errors};
use crate::dashboard::{
    Action, BINDINGS, Binding, Clash, Context, Keymap, Language, Markers, PRESETS, Row, Theme, Unbound, keys,
};
use crate::text::{nearest, sanitise, truncate};
use anyhow::{Context as _, anyhow};
use std::ffi::OsString;
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Such a file is small; a larger one is some other file.
const MOST_BYTES: u64 = 1 << 20;

/// Keys that stand above all tables.
const TOP: [&str; 6] = ["keymap", "theme", "markers", "language", "mouse", "keys"];

/// What a person prefers. What is `None` was not said.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    /// Which key does what.
    pub keymap: Keymap,
    /// The colours.
    pub theme: Option<Theme>,
    /// What curves are drawn with.
    pub markers: Option<Markers>,
    /// The language.
    pub language: Option<Language>,
    /// Whether the mouse is heard.
    pub mouse: Option<bool>,
}

/// The preferences of this process's user; `flag` is what `--keymap` says: a preset, which then holds alone, or a file
/// of the same form, which goes before the user's own.
///
/// # Errors
/// Every fault of a file, exit code 2.
pub fn load(flag: Option<&str>) -> Result<Preferences, Failure> {
    let place = file_of(std::env::var_os("XDG_CONFIG_HOME"), std::env::var_os("HOME"));
    let mut preferences = match place {
        Some(place) if place.is_file() => read(&place)?,
        _ => Preferences::default(),
    };
    let Some(flag) = flag else { return Ok(preferences) };
    if let Some(keymap) = Keymap::preset(flag) {
        return Ok(Preferences { keymap, ..preferences });
    }
    if !Path::new(flag).is_file() {
        let near = nearest(flag, PRESETS).map_or(String::new(), |near| format!(", did you mean '{near}'?"));
        let known = PRESETS.join(", ");
        let flag = truncate(&sanitise(flag), 60);
        return Err(Failure::usage(anyhow!("--keymap: no preset and no file '{flag}'{near} (presets: {known})")));
    }
    let own = read(Path::new(flag))?;
    preferences = Preferences {
        keymap: own.keymap,
        theme: own.theme.or(preferences.theme),
        markers: own.markers.or(preferences.markers),
        language: own.language.or(preferences.language),
        mouse: own.mouse.or(preferences.mouse),
    };
    Ok(preferences)
}

/// `$XDG_CONFIG_HOME/trimtab/dashboard.toml`, or `~/.config/trimtab/dashboard.toml`.
fn file_of(config: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let config = config.map(PathBuf::from).filter(|path| path.is_absolute());
    let home = home.filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".config"));
    config.or(home).map(|folder| folder.join("trimtab/dashboard.toml"))
}

fn read(path: &Path) -> Result<Preferences, Failure> {
    let origin = path.display().to_string();
    let shown = sanitise(&origin);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {shown}")).map_err(Failure::usage)?;
    let taken = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    taken.with_context(|| format!("cannot read {shown}")).map_err(Failure::usage)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Failure::usage(anyhow!("{shown}: larger than 1 MiB, so no file of preferences")));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(anyhow!("{shown}: not UTF-8")))?;
    parse(&origin, &text).map_err(Failure::usage)
}

/// Reads the file's text; `origin` names it in messages.
///
/// # Errors
/// Every fault at once, each with its line and column.
pub fn parse(origin: &str, text: &str) -> Result<Preferences, ConfigErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let errors = |errors| ConfigErrors { origin: origin.to_owned(), errors };
    let broken = syntax_errors(text);
    if !broken.is_empty() {
        return Err(errors(broken));
    }
    let (table, _) = DeTable::parse_recoverable(text);
    let mut reader = Reader::default();
    let preferences = reader.preferences(table.get_ref());
    if reader.faults.is_empty() {
        return Ok(preferences);
    }
    reader.faults.sort_by_key(|(offset, _)| *offset);
    let place = |offset: Option<usize>| offset.map_or(Place::Whole, |offset| position(text, offset));
    let fault = |(offset, message)| ConfigError { place: place(offset), message };
    Err(errors(reader.faults.into_iter().map(fault).collect()))
}

/// Collects faults, with the byte that each begins at.
#[derive(Default)]
struct Reader {
    faults: Vec<(Option<usize>, String)>,
    /// Where the keys of a row were given.
    given: Vec<(Context, Action, usize)>,
}

impl Reader {
    fn fault(&mut self, offset: usize, message: String) {
        self.faults.push((Some(offset), message));
    }

    fn preferences(&mut self, table: &DeTable<'_>) -> Preferences {
        let mut found = Preferences::default();
        for (key, value) in table {
            let (name, at) = (key.get_ref().as_ref(), value.span().start);
            match name {
                "keymap" => {
                    if let Some(name) = self.text("keymap", value.get_ref(), at) {
                        if let Some(keymap) = Keymap::preset(&name) {
                            found.keymap = keymap;
                        } else {
                            let known = PRESETS.join(", ");
                            let message = format!("keymap: no preset '{name}'{} ({known})", near(&name, PRESETS));
                            self.fault(at, message);
                        }
                    }
                }
                "theme" => {
                    found.theme = self.one_of(name, value.get_ref(), at, &Theme::ALL.map(Theme::name), Theme::parse);
                }
                "markers" => {
                    let names: Vec<&str> = ["auto"].into_iter().chain(Markers::ALL.map(Markers::name)).collect();
                    found.markers = self.one_of(name, value.get_ref(), at, &names, Markers::parse);
                }
                "language" => {
                    found.language = self.one_of(name, value.get_ref(), at, &["auto", "en", "zh"], Language::parse);
                }
                "mouse" => match value.get_ref().as_bool() {
                    Some(on) => found.mouse = Some(on),
                    None => self.fault(at, format!("mouse: expected true or false, got {}", kind(value.get_ref()))),
                },
                "keys" => {}
                other => {
                    let message = format!("unknown key '{other}'{} (known: {})", near(other, TOP), TOP.join(", "));
                    self.fault(key.span().start, message);
                }
            }
        }
        // Upon the preset, wherever that stands in the file.
        if let Some((_, value)) = table.iter().find(|(key, _)| key.get_ref() == "keys") {
            match value.get_ref().as_table() {
                Some(keys) => self.keys(keys, &mut found.keymap),
                None => {
                    self.fault(value.span().start, format!("keys: expected a table, got {}", kind(value.get_ref())));
                }
            }
            self.check(&found.keymap);
        }
        found
    }

    /// A choice among names; `None` for `auto`, and for what is a fault.
    fn one_of<T>(
        &mut self,
        key: &str,
        value: &DeValue<'_>,
        at: usize,
        names: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key, value, at)?;
        if !names.contains(&text.as_str()) {
            let shown = truncate(&sanitise(&text), 40);
            let near =
                nearest(&text, names.iter().copied()).map_or(String::new(), |near| format!(", did you mean '{near}'?"));
            self.fault(at, format!("{key}: expected one of {}, got '{shown}'{near}", names.join(", ")));
        }
        parse(&text)
    }

    fn text(&mut self, name: &str, value: &DeValue<'_>, at: usize) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(at, format!("{name}: expected a text in quotes, got {}", kind(value)));
        }
        text
    }

    /// `[keys]`: actions of the main screen, and a table for each other context.
    fn keys(&mut self, table: &DeTable<'_>, keymap: &mut Keymap) {
        for (key, value) in table {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            if let Some(inner) = value.get_ref().as_table() {
                if let Some(context) = Context::ALL.into_iter().find(|context| context.name() == name) {
                    for (key, value) in inner {
                        self.row(&[context], key.get_ref(), key.span().start, value.get_ref(), keymap);
                    }
                } else {
                    let names = Context::ALL.map(Context::name);
                    let known = names.join(", ");
                    let near = near(name, names.iter().map(String::as_str));
                    self.fault(at, format!("no place '{name}' for keys{near} ({known})"));
                }
            } else {
                self.row(&[Context::Main, Context::Any], name, at, value.get_ref(), keymap);
            }
        }
    }

    /// `weight_up = ["right", "l"]`
    fn row(&mut self, contexts: &[Context], name: &str, at: usize, value: &DeValue<'_>, keymap: &mut Keymap) {
        let mut all = BINDINGS.iter().filter(|row| row.action.name() == name);
        let Some(row) = all.clone().find(|row| contexts.contains(&row.context)) else {
            let elsewhere: Vec<String> = all.by_ref().map(|row| format!("[keys.{}]", row.context.name())).collect();
            let here: Vec<String> =
                BINDINGS.iter().filter(|row| contexts.contains(&row.context)).map(|row| row.action.name()).collect();
            let hint = match elsewhere.as_slice() {
                [] => near(name, here.iter().map(String::as_str)),
                places => format!(" here; it belongs to {}", places.join(" and ")),
            };
            return self.fault(at, format!("no action '{name}'{hint}"));
        };
        let Some(list) = value.as_array() else {
            let message = format!("{name}: expected a list of keys like [\"x\", \"ctrl-a\"], got {}", kind(value));
            return self.fault(at, message);
        };
        let mut names = Vec::new();
        for item in list {
            let place = item.span().start;
            match item.get_ref().as_str().map(|name| (name, readable(name))) {
                Some((_, Some(key))) => names.push(key),
                Some((key, None)) => {
                    let near = near(key, keys::named());
                    let form = "a letter, a name like space or f5, with ctrl-, alt- or shift- before it";
                    self.fault(place, format!("{name}: no key '{key}'{near}; a key is {form}"));
                }
                None => self.fault(place, format!("{name}: expected a key in quotes, got {}", kind(item.get_ref()))),
            }
        }
        self.given.push((row.context, row.action, at));
        keymap.bind(row.context, row.action, names);
    }

    /// Faults of the keymap as a whole, each at the row of the file that made it.
    fn check(&mut self, keymap: &Keymap) {
        for Clash { key, actions } in keymap.clashes() {
            let [(here, left), (there, right)] = actions;
            let place = if here == there || there == Context::Any { here } else { there };
            let message =
                format!("the key '{key}' means both {} and {} in {}", left.name(), right.name(), place.name());
            let at = self.place(here, left).max(self.place(there, right));
            self.faults.push((at, message));
        }
        for unbound in keymap.unbound() {
            let (context, action, message) = match unbound {
                Unbound::Needed(context, action) => {
                    (context, action, format!("{} needs a key in {}", action.name(), context.name()))
                }
                Unbound::Types(context, action, key) => {
                    let message = format!(
                        "{}: '{key}' is a character to type in {}; take one with ctrl- or alt-",
                        action.name(),
                        context.name()
                    );
                    (context, action, message)
                }
            };
            let at = self.place(context, action);
            self.faults.push((at, message));
        }
    }

    fn place(&self, context: Context, action: Action) -> Option<usize> {
        self.given.iter().find(|(known, same, _)| (*known, *same) == (context, action)).map(|(.., at)| *at)
    }
}

/// The name of a key as the program writes it; case does not matter in names longer than a letter.
fn readable(name: &str) -> Option<String> {
    let lower = || {
        // `ctrl-A` and `Alt-X`: the letter itself keeps its case.
        let letter = name.chars().next_back().filter(|_| name.rfind('-').is_some_and(|at| name.len() > at + 1));
        match (letter, name.rsplit_once('-')) {
            (Some(letter), Some((before, after))) if after.chars().count() == 1 => {
                format!("{}-{letter}", before.to_lowercase())
            }
            _ => name.to_lowercase(),
        }
    };
    if keys::parse(name).is_some() {
        Some(name.to_owned())
    } else {
        Some(lower()).filter(|name| keys::parse(name).is_some())
    }
}

fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or(String::new(), |near| format!(", did you mean '{near}'?"))
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The table of keys as text: a section a context, a line an action, in the form of the file.
pub fn table(keymap: &Keymap) -> String {
    let words = crate::dashboard::Language::English.words();
    let names = |row: &Row| {
        row.keys.iter().map(|key| format!("\"{}\"", key.replace('\\', "\\\\"))).collect::<Vec<_>>().join(", ")
    };
    let left = |row: &Row| format!("{} = [{}]", row.binding.action.name(), names(row));
    let wide = keymap.rows().iter().map(|row| left(row).len()).filter(|wide| *wide < 60).max().unwrap_or(0);
    let mut text = String::new();
    for context in Context::ALL {
        let own = |row: &&Row| row.binding.context == context;
        let _ = writeln!(text, "{}[keys.{}]", if text.is_empty() { "" } else { "\n" }, context.name());
        for row in keymap.rows().iter().filter(own) {
            let Binding { action, command, .. } = row.binding;
            let sends = command.map_or(String::new(), |command| format!(" ({command})"));
            let _ = writeln!(text, "{:wide$}  # {}{sends}", left(row), words.action(*action).help);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn faults(text: &str) -> Vec<String> {
        parse("my.toml", text).unwrap_err().to_string().lines().map(str::to_owned).collect()
    }

    fn keys_of(keymap: &Keymap, context: Context, action: Action) -> Vec<String> {
        let row = keymap.rows().iter().find(|row| row.binding.context == context && row.binding.action == action);
        row.unwrap().keys.clone()
    }

    #[test]
    fn a_file_lays_keys_over_a_preset_wherever_they_stand() {
        let text = "theme = \"dark\"\nmouse = false\n[keys]\nmute = [\"Ctrl-T\", \"F5\"]\nsolo = []\n\
                    redraw = [\"ctrl-r\"]\n[keys.cursor]\ncursor_left = [\"a\"]\n[keys.main]\ncursor = [\"c\", \"alt-C\"]\n";
        let found = parse("x", &format!("keymap = \"emacs\"\n{text}")).unwrap();
        assert_eq!((found.theme, found.mouse, found.language), (Some(Theme::Dark), Some(false), None));
        let keys = |context, action| keys_of(&found.keymap, context, action);
        assert_eq!(keys(Context::Main, Action::Mute), ["ctrl-T", "f5"]);
        assert_eq!(keys(Context::Main, Action::Solo), Vec::<String>::new());
        assert_eq!(keys(Context::Any, Action::Redraw), ["ctrl-r"]);
        assert_eq!(keys(Context::Cursor, Action::CursorLeft), ["a"]);
        assert_eq!(keys(Context::Main, Action::Cursor), ["c", "alt-C"]);
        assert_eq!(keys(Context::Main, Action::TaskDown)[0], "ctrl-n");
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place_and_the_nearest_right_name() {
        let text = "kemap = \"vim\"\nkeymap = \"vi\"\nmouse = \"on\"\n[keys]\nwieght_up = [\"x\"]\nmute = [\"spce\", 3]\n\
                    solo = \"o\"\nstay = [\"x\"]\n[keys.cursr]\n";
        let faults = faults(text);
        let wanted = [
            "my.toml:1:1: unknown key 'kemap', did you mean 'keymap'?",
            "my.toml:2:10: keymap: no preset 'vi', did you mean 'vim'? (default, vim, emacs, arrows)",
            "my.toml:3:9: mouse: expected true or false, got a text",
            "my.toml:5:1: no action 'wieght_up', did you mean 'weight_up'?",
            "my.toml:6:9: mute: no key 'spce', did you mean 'space'?",
            "my.toml:6:17: mute: expected a key in quotes, got a number",
            "my.toml:7:1: solo: expected a list of keys",
            "my.toml:8:1: no action 'stay' here; it belongs to [keys.question]",
            "my.toml:9:7: no place 'cursr' for keys, did you mean 'cursor'?",
        ];
        assert_eq!(faults.len(), wanted.len(), "{faults:#?}");
        for (fault, wanted) in faults.iter().zip(wanted) {
            assert!(fault.starts_with(wanted), "{fault} / {wanted}");
        }
        assert!(super::parse("x", "[keys\n").unwrap_err().to_string().starts_with("x:1:"));
    }

    #[test]
    fn clashes_name_both_actions_and_ways_out_must_stay() {
        let text = "[keys]\nweight_up = [\"m\"]\nquit = []\n[keys.prompt]\nprompt_erase = [\"x\"]\n[keys.cursor]\ncursor_left = [\"ctrl-c\"]\n";
        assert_eq!(
            faults(text),
            [
                "my.toml:2:1: the key 'm' means both weight_up and mute in main",
                "my.toml:3:1: quit needs a key in main",
                "my.toml:5:1: prompt_erase: 'x' is a character to type in prompt; take one with ctrl- or alt-",
                "my.toml:7:1: the key 'ctrl-c' means both interrupt and cursor_left in cursor",
            ]
        );
    }

    #[test]
    fn the_table_of_every_preset_can_be_read_back() {
        for name in PRESETS {
            let keymap = Keymap::preset(name).unwrap();
            let again = parse("x", &table(&keymap)).unwrap();
            assert_eq!(table(&again.keymap), table(&keymap), "{name}");
        }
    }

    #[test]
    fn the_file_lies_where_the_environment_says() {
        let file = |config: &str, home: &str| {
            let place = file_of(Some(config.into()), Some(home.into()));
            place.map(|place| place.display().to_string())
        };
        assert_eq!(file("/c", "/h").as_deref(), Some("/c/trimtab/dashboard.toml"));
        assert_eq!(file("relative", "/h").as_deref(), Some("/h/.config/trimtab/dashboard.toml"));
        assert_eq!(file("", ""), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}|[a-z\\[\\]=\" .\n]{0,60}", key in ".{0,8}") {
            let _ = parse("x", &text);
            let _ = readable(&key);
            let quoted = serde_json::to_string(&key).unwrap();
            let _ = parse("x", &format!("[keys]\nmute = [{quoted}]\n{text}"));
        }
    }
}
