//! A text over several rows.

use crate::text::{truncate, width};
use unicode_segmentation::UnicodeSegmentation;

/// The text in at most `most` lines of `columns`, broken at blanks where there are some; what is left is cut with `…`.
pub fn wrap(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    if columns == 0 {
        return lines;
    }
    while lines.len() + 1 < most && width(rest) > columns {
        let (line, after) = rest.split_at(cut(rest, columns));
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    if lines.len() < most && !rest.is_empty() {
        lines.push(truncate(rest, columns));
    }
    lines
}

/// Where to break: after the last blank that fits unless that leaves a very short line, else after the last character.
fn cut(text: &str, columns: usize) -> usize {
    let (mut used, mut end, mut blank) = (0, 0, 0);
    for (place, cluster) in text.grapheme_indices(true) {
        used += width(cluster);
        if used > columns {
            // A blank just beyond the edge is a place to break too.
            return if cluster == " " || blank * 3 < end { end.max(first(text)) } else { blank };
        }
        end = place + cluster.len();
        if cluster == " " {
            blank = end;
        }
    }
    text.len()
}

/// The end of the first character: a line holds at least one, however wide it is.
fn first(text: &str) -> usize {
    text.graphemes(true).next().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_the_rest_is_cut() {
        assert_eq!(wrap("the loss is not a number", 9, 9), ["the loss", "is not a", "number"]);
        assert_eq!(wrap("the loss is not a number", 9, 2), ["the loss", "is not a…"]);
        assert_eq!(wrap("the loss", 8, 3), ["the loss"]);
        assert_eq!(wrap("情感分析", 4, 3), ["情感", "分析"]);
        assert_eq!(wrap("", 4, 3), Vec::<String>::new());
        assert_eq!(wrap("a", 0, 3), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_every_line_fits(text in "[a-z 情é]{0,60}", columns in 2_usize..20) {
            let lines = wrap(&text, columns, 100);
            proptest::prop_assert!(lines.iter().all(|line| width(line) <= columns));
            let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<String>();
            proptest::prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn no_text_panics_or_runs_on(text: String, columns in 0_usize..9, most in 0_usize..9) {
            proptest::prop_assert!(wrap(&text, columns, most).len() <= most);
        }
    }
}
