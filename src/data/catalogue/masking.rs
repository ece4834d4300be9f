//! Quoted sentences made fit to keep: addresses and names masked, entities decoded, private contacts recognised.

/// Web addresses to `<url>`, `@names` to `@user`, HTML entities decoded, white space single.
pub fn masked(text: &str) -> String {
    let text = names_masked(&addresses_masked(&entities_decoded(text)));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the text holds an e-mail address or a telephone number of ten digits.
pub fn has_contact(text: &str) -> bool {
    has_mail(text) || has_telephone(text)
}

fn entities_decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        if let Some((character, behind)) =
            after.split_once(';').and_then(|(name, behind)| Some((entity(name)?, behind)))
        {
            out.push(character);
            rest = behind;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// `http://…`, `https://…` and `www.…`, each up to the next white space.
fn addresses_masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let starts = ["http://", "https://", "www."].into_iter().filter_map(|start| {
            // An address has at least one character behind its beginning.
            let found = rest
                .match_indices(start)
                .find(|(at, start)| rest[at + start.len()..].chars().next().is_some_and(|next| !next.is_whitespace()));
            found.map(|(at, _)| at)
        });
        let Some(start) = starts.min() else { return out + rest };
        out.push_str(&rest[..start]);
        out.push_str("<url>");
        rest = &rest[start..];
        rest = &rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..];
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn names_masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        let behind = after.trim_start_matches(is_word);
        out.push_str(before);
        out.push_str(if behind.len() == after.len() { "@" } else { "@user" });
        rest = behind;
    }
    out + rest
}

fn has_mail(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(|c| is_word(c) || c == '.' || c == '-' || c == '+');
        let host = text[at + 1..].trim_start_matches(|c| is_word(c) || c == '-');
        let dotted = host.strip_prefix('.').and_then(|end| end.chars().next()).is_some_and(is_word);
        before && host.len() < text.len() - at - 1 && dotted
    })
}

/// Three digits, three digits and four digits with blanks, dots, hyphens or brackets between.
fn has_telephone(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let digits = |from: usize, count: usize| {
        characters.get(from..from + count).is_some_and(|part| part.iter().all(char::is_ascii_digit))
    };
    let gap = |from: usize| {
        let is_gap = |c: &&char| matches!(c, ' ' | '.' | '-' | ')');
        characters.get(from..).unwrap_or_default().iter().take_while(is_gap).count()
    };
    (0..characters.len()).any(|start| {
        let alone = start.checked_sub(1).is_none_or(|before| !digits(before, 1));
        let (first, second) = (gap(start + 3), start + 3 + gap(start + 3));
        let last = second + 3 + gap(second + 3);
        alone
            && digits(start, 3)
            && (1..=2).contains(&first)
            && digits(second, 3)
            && (1..=2).contains(&gap(second + 3))
            && digits(last, 4)
            && !digits(last + 4, 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_entities() {
        for (text, expected) in [
            ("see http://a.b/c?d  now", "see <url> now"),
            ("https://x", "<url>"),
            ("at www.x.y, ok", "at <url> ok"),
            ("http: ... and http:// alone", "http: ... and http:// alone"),
            ("@Some_One: hi @ all", "@user: hi @ all"),
            ("a &amp; b &lt;3 &#39;x&#x27; &nothing; & c", "a & b <3 'x' &nothing; & c"),
            ("@élan, www. and", "@user, www. and"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn contacts_are_recognised_and_numbers_are_not() {
        for text in ["to (some.one@host.example), please", "call 555 010 9999", "(555) 010-9999", "x 555-010-9999 y"] {
            assert!(has_contact(text), "{text}");
        }
        for text in ["@user. Next", "a @b c.d", "in 1972, 1976 and 1980", "0109999", "5550109999010", "4 555-010-99990"]
        {
            assert!(!has_contact(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[@&;#x0-9 .()a-é-]{0,40}|\\PC*") {
            let once = masked(&text);
            proptest::prop_assert!(!once.contains("  "));
            has_contact(&text);
        }
    }
}
