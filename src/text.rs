//! Text from outside, made fit for a terminal: control characters shown, widths counted, nearest names found.
//!
//! Owns small pure functions on strings. It must not print, and it knows no terminal.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The text with everything that could move a cursor, change a terminal or reorder a line made visible: control
/// characters become their pictures (`␛`), invisible direction marks become `\u{…}`.
pub fn sanitise(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('?')),
            '\u{7f}' => out.push('\u{2421}'),
            '\u{80}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        out
    })
}

/// Columns that the text takes in a terminal; wide characters (CJK) take two.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to at most `columns`, with `…` where something was left out.
pub fn truncate(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let wide = width(cluster);
        if used + wide + 1 > columns {
            break;
        }
        used += wide;
        out.push_str(cluster);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// The text cut or filled with blanks on the right to exactly `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    let mut out = truncate(text, columns);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&out))));
    out
}

/// The text cut or filled with blanks on the left to exactly `columns`.
pub fn pad_left(text: &str, columns: usize) -> String {
    let cut = truncate(text, columns);
    let mut out = " ".repeat(columns.saturating_sub(width(&cut)));
    out.push_str(&cut);
    out
}

/// Longest word that is compared: the comparison takes memory of length × length.
const LONGEST_WORD: usize = 100;

/// The candidate most like `word`, where one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST_WORD)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= 1 + word.chars().count().max(candidate.chars().count()) / 3)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_not_sent() {
        assert_eq!(sanitise("a\u{1b}[2Jb\r\n\u{7f}"), "a␛[2Jb␍␊␡");
        assert_eq!(sanitise("x\u{9b}y\u{202e}z"), "x\\u{9b}y\\u{202e}z");
    }

    #[test]
    fn wide_names_align() {
        assert_eq!(pad("情感", 6), "情感  ");
        assert_eq!(pad("情感分析", 6), "情感… ");
        assert_eq!(pad_left("ab", 4), "  ab");
    }

    #[test]
    fn nearest_is_near() {
        assert_eq!(nearest("epocs", ["epochs", "steps"]), Some("epochs"));
        assert_eq!(nearest("banana", ["epochs", "steps"]), None);
    }

    proptest::proptest! {
        #[test]
        fn sanitised_text_has_no_control_character(text in "\\PC*|.*") {
            proptest::prop_assert!(!sanitise(&text).chars().any(char::is_control));
        }
        #[test]
        fn padded_text_has_its_width(text in "[a-z情感é]{0,12}", columns in 0_usize..20) {
            proptest::prop_assert_eq!(width(&pad(&text, columns)), columns);
            proptest::prop_assert_eq!(width(&pad_left(&text, columns)), columns);
        }
    }
}
