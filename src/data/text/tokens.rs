//! Cuts a text into tokens.
//!
//! Owns what a word and a character are. It must not number them. Everything here takes time linear in the text.

use unicode_segmentation::UnicodeSegmentation;

pub use crate::config::Unit;

/// The tokens of a text, in lower case.
///
/// Words follow the word bounds of Unicode Standard Annex 29, with four rules of our own: an apostrophe inside a word
/// belongs to it (`don't`), any other mark is a token of its own unless it is the point or comma inside a number
/// (`3.14`), `<url>` and `@user` stay whole, and curly quotes count as straight ones. Blanks, control characters and
/// invisible characters leave no token.
///
/// Characters are extended grapheme clusters; a run of white space is one blank, and there is none at either end.
pub fn tokens(text: &str, unit: Unit) -> Vec<String> {
    let mut tokens = Vec::new();
    each(text, unit, |token| tokens.push(token.to_owned()));
    tokens
}

/// The tokens joined: by blanks where they are words. Two texts that differ only in what tokens leave out are equal.
pub fn normalised(text: &str, unit: Unit) -> String {
    match unit {
        Unit::Word => {
            let mut joined = String::with_capacity(text.len());
            each(text, unit, |token| {
                if !joined.is_empty() {
                    joined.push(' ');
                }
                joined.push_str(token);
            });
            joined
        }
        Unit::Character => spaced_once(text),
    }
}

/// Gives `take` each token in order.
pub(super) fn each(text: &str, unit: Unit, mut take: impl FnMut(&str)) {
    match unit {
        Unit::Word => each_word(&cleaned(text), &mut take),
        Unit::Character => spaced_once(text).graphemes(true).for_each(take),
    }
}

/// Lower case, with each run of white space as one blank and none at either end.
fn spaced_once(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut out = String::with_capacity(lower.len());
    for word in lower.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Lower case without invisible characters; white space and control characters become blanks, curly quotes straight.
fn cleaned(text: &str) -> String {
    let visible = |c: &char| {
        !matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let plain = |c: char| match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        // Word bounds would join words at a narrow blank (U+202F).
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c,
    };
    text.chars().filter(visible).map(plain).collect::<String>().to_lowercase()
}

/// Gives `take` each word, number and mark of a cleaned text.
fn each_word(text: &str, take: &mut impl FnMut(&str)) {
    let pieces: Vec<(usize, &str)> = text.split_word_bound_indices().collect();
    let piece = |index: usize| pieces.get(index).map_or("", |(_, piece)| *piece);
    // A blank with a vowel sign on it is a piece with a letter, but no name.
    let begins_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut index = 0;
    while let Some((start, here)) = pieces.get(index).copied() {
        let next = piece(index + 1);
        let after_word = index > 0 && piece(index - 1).ends_with(char::is_alphanumeric);
        if here == "<" && is_name(next) && piece(index + 2) == ">" {
            take(text.get(start..start + next.len() + 2).unwrap_or(here));
            index += 3;
        } else if here == "@" && next.starts_with(begins_name) && is_word(next) && !after_word {
            let (mut start, mut at) = (start, start + here.len());
            segments(next, &mut |segment| {
                // The marker takes the first segment only: `@user.` is a name and a mark.
                at += segment.len();
                take(text.get(start..at).unwrap_or(segment));
                start = at;
            });
            index += 2;
        } else {
            let trimmed = here.trim();
            if is_word(trimmed) {
                segments(trimmed, take);
            } else {
                trimmed.graphemes(true).for_each(&mut *take);
            }
            index += 1;
        }
    }
}

/// Whether a piece holds a letter or a digit.
fn is_word(piece: &str) -> bool {
    piece.contains(char::is_alphanumeric)
}

/// Whether a piece can stand between `<` and `>` in a marker.
fn is_name(piece: &str) -> bool {
    !piece.is_empty() && piece.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Cuts a piece at the marks that word bounds leave inside: `great.love` is three tokens, `3.14` is one.
fn segments(piece: &str, take: &mut impl FnMut(&str)) {
    let is_mark = |c: char| matches!(c, '.' | ',' | ':' | ';' | '\u{ff0c}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}');
    if !piece.contains(is_mark) {
        return take(piece);
    }
    let mut start = 0;
    for (place, cluster) in piece.grapheme_indices(true) {
        if !cluster.starts_with(is_mark) {
            continue;
        }
        let (before, after) = (piece.get(..place).unwrap_or(""), piece.get(place + cluster.len()..).unwrap_or(""));
        let in_number = before.ends_with(char::is_numeric) && after.starts_with(char::is_numeric);
        if in_number && matches!(cluster, "." | ",") {
            continue;
        }
        piece.get(start..place).filter(|segment| !segment.is_empty()).into_iter().for_each(&mut *take);
        take(cluster);
        start = place + cluster.len();
    }
    piece.get(start..).filter(|segment| !segment.is_empty()).into_iter().for_each(take);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text, Unit::Word)
    }

    #[test]
    fn words_numbers_and_marks() {
        assert_eq!(words("Don't  stop\tNOW!?"), ["don't", "stop", "now", "!", "?"]);
        assert_eq!(words("don\u{2019}t \u{201c}x\u{201d}"), ["don't", "\"", "x", "\""]);
        assert_eq!(
            words("great.Love it: 3.14, 1,000; mp3"),
            ["great", ".", "love", "it", ":", "3.14", ",", "1,000", ";", "mp3"]
        );
        assert_eq!(words("well-known (''x'')"), ["well", "-", "known", "(", "'", "'", "x", "'", "'", ")"]);
        assert_eq!(words("... ___"), [".", ".", ".", "_", "_", "_"]);
        let parts = ["ärger", "οδος", "你", "好", "。", "👩‍👩‍👧", "🇩🇪"];
        assert_eq!(words("ÄRGER ΟΔΟΣ 你好。👩‍👩‍👧🇩🇪"), parts);
        assert_eq!(words("a\u{202f}b\u{3000}c"), ["a", "b", "c"]);
        assert_eq!(words(" \u{0}\u{200b}\n\u{a0}"), Vec::<String>::new());
    }

    #[test]
    fn markers_stay_whole() {
        assert_eq!(words("@User: see <URL>."), ["@user", ":", "see", "<url>", "."]);
        assert_eq!(words("@user.name <url"), ["@user", ".", "name", "<", "url"]);
        assert_eq!(words("(@user_1) a@b @ c"), ["(", "@user_1", ")", "a", "@", "b", "@", "c"]);
        assert_eq!(words("a < b > c"), ["a", "<", "b", ">", "c"]);
    }

    #[test]
    fn characters_with_single_blanks() {
        assert_eq!(tokens("  E\u{301}a \n\t B ", Unit::Character), ["e\u{301}", "a", " ", "b"]);
        assert_eq!(normalised("  Hello \n World", Unit::Character), "hello world");
        assert_eq!(normalised("Hello,World!", Unit::Word), "hello , world !");
        assert_eq!(tokens(" \n", Unit::Character), Vec::<String>::new());
    }

    #[test]
    fn long_texts_are_linear() {
        // Each would take hours in quadratic time.
        for part in ["a", "a.", "'", "Σ", "🇩", "\u{301}", "\u{200d}", "👩\u{200d}", "1,", "@", "<a", "क\u{94d}"]
        {
            let text = part.repeat(1_000_000 / part.len());
            let (words, characters) = (words(&text).concat().len(), tokens(&text, Unit::Character).concat().len());
            assert!(words >= 900_000 && characters >= 900_000, "{part:?} lost text: {words} and {characters} bytes");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_cut_and_words_hold_no_blank(text in "\\PC*|(?s).*") {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && !word.contains(char::is_whitespace), "{word:?}");
            }
            let once = normalised(&text, Unit::Character);
            prop_assert_eq!(tokens(&text, Unit::Character).concat(), once);
        }
        #[test]
        fn normal_form_is_stable(text in "[a-zA-Z0-9 .,:;'\"@<>_/()äÉß你ア\u{301}\u{2019}👩\u{200d}🇩#\n-]{0,40}") {
            for unit in [Unit::Word, Unit::Character] {
                let once = normalised(&text, unit);
                prop_assert_eq!(normalised(&once, unit), once);
            }
        }
    }
}
