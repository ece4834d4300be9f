use super::*;
use crate::dashboard::action::BINDINGS;
use crate::protocol::FORMS;
use crate::text::width;

/// Texts that are the same in every language: signs, names, words of a formula, what is typed.
const SAME: [&str; 9] = ["", "-", "EMA", "lr", "MAE {}", "L/L0", "cos", "‖Δθ‖", "trimtab resume {}"];

/// Words that stay within Chinese texts.
const NAMES: [&str; 17] = [
    "Adam", "MAE", "EMA", "SIGINT", "fg", "Shift", "kind", "applied", "trimtab", "resume", "encoder", "cos", "lr", "z",
    "e", "m", "A",
];

/// Every text with the name of its field: what `Debug` prints holds whatever field is added.
fn texts(words: &Words) -> Vec<(String, String)> {
    let printed = format!("{words:#?}");
    let text = |line: &str| Some((line.find('"')?, line.rfind('"')?));
    let found = printed.lines().filter_map(|line| {
        let (from, to) = text(line)?;
        Some((line.get(..from)?.trim().to_owned(), line.get(from + 1..to)?.to_owned()))
    });
    found.collect()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

#[test]
fn blanks_are_filled_in_order_and_values_are_not_read_again() {
    assert_eq!(fill("{} of {}", &["{}", "b"]), "{} of b");
    assert_eq!(fill("none", &["a"]), "none");
    assert_eq!(fill("{} {}", &["a"]), "a ");
}

#[test]
fn a_language_is_known_by_its_code_and_by_locales() {
    for code in ["zh", "ZH", "zh_CN", "zh-CN", "zh_CN.UTF-8", "zh-Hans", "zh_SG@x"] {
        assert_eq!(Language::parse(code), Some(Language::Chinese), "{code}");
    }
    assert_eq!(Language::parse("en_GB.UTF-8"), Some(Language::English));
    for code in ["", "C", "zhx", "_zh", "xx_CN"] {
        assert_eq!((Language::parse(code), Language::of_locale(code)), (None, Language::English), "{code}");
    }
    for language in Language::ALL {
        assert_eq!(Language::parse(language.code()), Some(language));
    }
}

#[test]
fn every_text_has_a_chinese_one_with_as_many_blanks() {
    let [english, chinese] = Language::ALL.map(|language| texts(language.words()));
    assert!(english.len() > 250, "{}", english.len());
    assert_eq!(english.len(), chinese.len());
    for ((field, english), (same, chinese)) in english.iter().zip(&chinese) {
        assert_eq!(field.starts_with('"'), same.starts_with('"'));
        assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{field} {chinese}");
        assert_eq!(english == chinese, SAME.contains(&english.as_str()), "{field} {chinese}");
    }
}

#[test]
fn no_english_word_is_left_in_a_chinese_text() {
    let words = Language::Chinese.words();
    let mut all: Vec<String> = texts(words).into_iter().map(|(_, text)| text).collect();
    for binding in BINDINGS {
        let ActionText { hint, help } = words.action(binding.action);
        all.extend([hint.to_owned(), help.to_owned()]);
    }
    all.extend(FORMS.iter().map(|form| (words.acting.form)(form).to_owned()));
    for text in all.iter().filter(|text| !SAME.contains(&text.as_str())) {
        let letters = |letter: char| !letter.is_ascii_alphabetic();
        let left = text.split(letters).find(|word| word.len() > 1 && !NAMES.contains(word));
        assert_eq!(left, None, "{text}");
    }
}

#[test]
fn every_action_and_command_is_told_in_chinese_and_briefly() {
    let words = Language::Chinese.words();
    for binding in BINDINGS {
        let ActionText { hint, help } = words.action(binding.action);
        assert!(is_chinese(hint) && is_chinese(help), "{hint} {help}");
        assert!(width(hint) <= 8, "{hint}");
        assert!(width(help) <= 38, "{help}");
    }
    for form in &FORMS {
        assert!(is_chinese((words.acting.form)(form)), "{}", form.verb);
    }
}
