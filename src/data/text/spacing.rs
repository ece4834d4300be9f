//! Writes words as a reader expects them.
//!
//! Owns the blanks between words and marks. Cutting the result into tokens gives the same words again.

use unicode_segmentation::UnicodeSegmentation;

/// Joins words by blanks, without those before a closing mark, after an opening one, in `well-known`, and between
/// Chinese or Japanese characters that need none.
pub(super) fn spaced<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    let word = |index: usize| words.get(index).copied().unwrap_or("");
    let mut out = String::new();
    let (mut quoted, mut attach) = (false, true);
    for (index, here) in words.iter().copied().enumerate() {
        let (before, next) = (if index > 0 { word(index - 1) } else { "" }, word(index + 1));
        let joins = matches!(here, "-" | "/") && before.ends_with(char::is_alphanumeric) && starts_word(next);
        let closes = is_closing(here) || (here == "\"" && quoted);
        if !(attach || joins || closes || (ends_unspaced(before) && starts_unspaced(here))) {
            out.push(' ');
        }
        out.push_str(here);
        let opens = matches!(here, "(" | "[" | "{" | "$" | "£" | "€" | "#") || (here == "\"" && !quoted);
        attach = joins || (opens && (starts_word(next) || is_marker(next)));
        quoted ^= here == "\"";
    }
    out
}

/// Marks that stand right behind a word.
fn is_closing(word: &str) -> bool {
    matches!(word, "." | "," | "!" | "?" | ";" | ":" | ")" | "]" | "}" | "%" | "…")
        || matches!(word, "。" | "，" | "！" | "？" | "；" | "：" | "、")
}

/// Whether it is `<url>` or `@user`.
fn is_marker(word: &str) -> bool {
    word.len() > 1 && word.starts_with(['<', '@'])
}

/// Whether it starts with a letter or digit that does not melt into a mark before it, as vowel signs do.
fn starts_word(word: &str) -> bool {
    let Some(first) = word.chars().next().filter(|c| c.is_alphanumeric()) else { return false };
    first.is_ascii() || ['(', first].iter().collect::<String>().graphemes(true).count() == 2
}

/// Whether its last character needs no blank before the next one: Han and Hiragana, each a word by itself, and their
/// marks.
fn ends_unspaced(word: &str) -> bool {
    word.ends_with(|c| is_unspaced(c) || matches!(c, '。' | '，' | '！' | '？' | '；' | '：' | '、'))
}

/// Whether its first character needs no blank before it.
fn starts_unspaced(word: &str) -> bool {
    word.starts_with(is_unspaced)
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::super::{Unit, tokens};
    use super::*;
    use proptest::prelude::*;

    fn again(text: &str) -> String {
        spaced(tokens(text, Unit::Word).iter().map(String::as_str))
    }

    #[test]
    fn written_as_read() {
        for text in [
            "i'm fine, thanks!",
            "he said \"well-known (3.14%)\".",
            "@user: see <url>, it costs $5...",
            "你好，世界。",
            "and/or",
            "a < b",
        ] {
            assert_eq!(again(text), text);
        }
        assert_eq!(spaced([]), "");
        assert_eq!(spaced(["-", "x"]), "- x");
    }

    proptest! {
        #[test]
        fn any_order_of_tokens_is_cut_again_alike(
            words in proptest::collection::vec(proptest::sample::select(vec![
                "a", "don't", "3", "14", "3.14", ".", ",", ":", ";", "!", "(", ")", "\"", "'", "-", "/", "@", "<", ">",
                "@user", "<url>", "url", "_", "$", "#", "你", "。", "，", "א", "ア", "か", "\u{301}", "\u{93e}", "🇩", "…",
            ]), 0..12),
        ) {
            prop_assert_eq!(tokens(&spaced(words.iter().copied()), Unit::Word), words);
        }
    }
}
