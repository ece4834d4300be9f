//! What a process's environment says about its terminal. Pure: the caller hands the variables over.

use super::look::Markers;
use super::theme::{Capabilities, ColourDepth};
use super::words::Language;

/// The variables by their names; what is not set is empty.
pub trait Variables: Fn(&str) -> String {}
impl<F: Fn(&str) -> String> Variables for F {}

/// Terminals that show 24 bits, by a part of the name in `TERM`.
const TRUE_COLOUR: [&str; 8] = ["-direct", "kitty", "alacritty", "foot", "wezterm", "ghostty", "contour", "rio"];

/// Colours and ground.
pub fn capabilities(variable: &impl Variables) -> Capabilities {
    Capabilities { colours: colours(variable), light: is_light(variable) }
}

fn colours(variable: &impl Variables) -> ColourDepth {
    let term = variable("TERM");
    let named = |part: &str| term.contains(part);
    if !variable("NO_COLOR").is_empty() || term == "dumb" || term.starts_with("vt1") || term.starts_with("vt2") {
        return ColourDepth::Mono;
    }
    // GNU screen hands COLORTERM of the terminal around it on, but shows 256 colours at most; tmux converts.
    let inside_screen = term.starts_with("screen") && variable("TMUX").is_empty();
    let said = matches!(variable("COLORTERM").as_str(), "truecolor" | "24bit");
    let known = TRUE_COLOUR.into_iter().any(named) || !variable("WT_SESSION").is_empty();
    if (said || known) && !inside_screen {
        ColourDepth::True
    } else if named("256color") {
        ColourDepth::Ansi256
    } else {
        ColourDepth::Ansi16
    }
}

/// `COLORFGBG` holds "foreground;background": 7 and 9 to 15 are light.
fn is_light(variable: &impl Variables) -> bool {
    let background = variable("COLORFGBG").rsplit(';').next().and_then(|number| number.parse::<u8>().ok());
    background.is_some_and(|number| number == 7 || (9..16).contains(&number))
}

/// Whether the terminal may be asked for its background. Those that are passed over print the question, or give
/// another terminal's answer.
pub fn can_be_asked(variable: &impl Variables) -> bool {
    let term = variable("TERM");
    let mute = ["dumb", "linux", "cons25", "vt1", "vt2", "vt52", "sun", "Eterm"];
    let inside_screen = term.starts_with("screen") && variable("TMUX").is_empty();
    !term.is_empty() && !inside_screen && !mute.iter().any(|name| term.starts_with(name))
}

/// ASCII on the console of Linux, whose font has no braille, and where the locale says that characters are not UTF-8.
/// A locale that says nothing, as in many containers, is no such word.
pub fn markers(variable: &impl Variables) -> Markers {
    let locale = first(variable, ["LC_ALL", "LC_CTYPE", "LANG"]).to_ascii_lowercase();
    let utf8 = locale.is_empty() || locale.contains("utf-8") || locale.contains("utf8");
    if variable("TERM") == "linux" || !utf8 { Markers::Ascii } else { Markers::Braille }
}

/// The language that a person has set; English where the terminal may have no letters but those of ASCII.
pub fn language(variable: &impl Variables) -> Language {
    if markers(variable) == Markers::Ascii {
        return Language::English;
    }
    Language::of_locale(&first(variable, ["LC_ALL", "LC_MESSAGES", "LANG"]))
}

fn first(variable: &impl Variables, names: [&str; 3]) -> String {
    names.into_iter().map(variable).find(|value| !value.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Variables + 'a {
        |name| pairs.iter().find(|(known, _)| *known == name).map_or(String::new(), |(_, value)| (*value).to_owned())
    }

    #[test]
    fn colours_are_what_the_terminal_can_show_and_the_person_wants() {
        use ColourDepth::{Ansi16, Ansi256, Mono, True};
        let cases: [(&[(&str, &str)], ColourDepth); 14] = [
            (&[], Ansi16),
            (&[("TERM", "xterm")], Ansi16),
            (&[("TERM", "xterm-256color")], Ansi256),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], True),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "24bit"), ("NO_COLOR", "1")], Mono),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Ansi256),
            (&[("TERM", "xterm-kitty")], True),
            (&[("TERM", "xterm-direct")], True),
            (&[("TERM", "xterm-256color"), ("WT_SESSION", "x")], True),
            (&[("TERM", "screen-256color"), ("COLORTERM", "truecolor")], Ansi256),
            (&[("TERM", "screen"), ("COLORTERM", "truecolor")], Ansi16),
            (&[("TERM", "screen-256color"), ("COLORTERM", "truecolor"), ("TMUX", "/tmp/x,1,0")], True),
            (&[("TERM", "linux")], Ansi16),
            (&[("TERM", "vt220")], Mono),
        ];
        for (pairs, wanted) in cases {
            assert_eq!(colours(&with(pairs)), wanted, "{pairs:?}");
        }
    }

    #[test]
    fn only_terminals_that_may_answer_are_asked() {
        for term in ["xterm", "xterm-256color", "tmux-256color", "foot", "alacritty", "rxvt-unicode-256color"] {
            assert!(can_be_asked(&with(&[("TERM", term)])), "{term}");
        }
        for term in ["", "dumb", "linux", "vt100", "vt220", "screen", "screen.xterm-256color"] {
            assert!(!can_be_asked(&with(&[("TERM", term)])), "{term}");
        }
        assert!(can_be_asked(&with(&[("TERM", "screen-256color"), ("TMUX", "x")])));
    }

    #[test]
    fn the_ground_is_light_where_the_variable_says_so() {
        let light = |value| is_light(&with(&[("COLORFGBG", value)]));
        assert!(light("0;15") && light("0;default;15") && light("8;7"));
        assert!(!light("15;0") && !light("") && !light("0;8") && !light("0;default") && !light("0;200"));
    }

    #[test]
    fn ascii_is_for_the_console_and_for_other_encodings() {
        let ascii = |pairs| markers(&with(pairs)) == Markers::Ascii;
        assert!(ascii(&[("TERM", "linux"), ("LANG", "en_US.UTF-8")]));
        assert!(ascii(&[("TERM", "xterm"), ("LANG", "C")]));
        assert!(ascii(&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")]));
        assert!(ascii(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(!ascii(&[("LC_CTYPE", "C.UTF-8"), ("LANG", "C")]));
        assert!(!ascii(&[("LANG", "zh_CN.utf8")]) && !ascii(&[]));
    }

    #[test]
    fn a_language_that_is_not_there_is_english() {
        for locale in ["", "C", "en_GB.UTF-8", "xx_YY.UTF-8"] {
            assert_eq!(language(&with(&[("LANG", locale)])), Language::English, "{locale}");
        }
    }

    #[test]
    fn chinese_needs_a_terminal_that_can_show_it() {
        let of = |pairs| language(&with(pairs));
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Language::Chinese);
        assert_eq!(of(&[("LC_MESSAGES", "zh_CN.utf8"), ("LANG", "en_GB.UTF-8")]), Language::Chinese);
        assert_eq!(of(&[("LANG", "zh_CN.GB18030")]), Language::English);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8"), ("TERM", "linux")]), Language::English);
    }
}
