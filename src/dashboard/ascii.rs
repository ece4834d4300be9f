//! The screen's own characters in ASCII, one for one, so that nothing moves. Text from outside is not touched.

/// Each replacement with what it stands for, the most frequent first. No letter for `↓`: it would read as part of the
/// name before it.
const PLAIN: [(char, &str); 36] = [
    ('|', "│┃║╎╵╷▏▕‖"),
    ('-', "─▄╌┄┈–—╴╶−"),
    ('=', "━▅═"),
    ('+', "┌┐└┘├┤┬┴┼▆╔╗╚╝╠╣╦╩╬╭╮╯╰╞╡╪╫┏┓┗┛┣┫┳┻╋±"),
    (':', "┊┆╏┇⋮▃"),
    ('_', "▁↓▼▽"),
    ('.', "▂·∙•"),
    ('*', "▇"),
    ('#', "█▓▀▌▐■"),
    ('%', "▒░"),
    ('O', "●◆◉"),
    ('o', "○◇°"),
    ('>', "→▶►»›≥⇒"),
    ('<', "←◀◄«‹≤⇐"),
    ('^', "↑▲△"),
    ('~', "…↔≈∼"),
    ('x', "×╳✗"),
    ('/', "╱"),
    ('\\', "╲"),
    ('d', "Δ∂"),
    ('l', "λ"),
    ('u', "μµ"),
    ('s', "σ"),
    ('a', "α"),
    ('b', "β"),
    ('e', "ε"),
    ('S', "Σ"),
    ('2', "²"),
    ('3', "³"),
    ('h', "½"),
    ('V', "√"),
    ('8', "∞"),
    ('v', "✓"),
    ('\'', "’‘′"),
    ('"', "“”″"),
    (' ', "\u{a0}"),
];

/// What stands for a symbol; `None` where it may stay, or is not the screen's own.
pub fn of(symbol: &str) -> Option<char> {
    let mut letters = symbol.chars();
    let letter = letters.next().filter(|letter| !letter.is_ascii() && letters.next().is_none())?;
    if let '\u{2800}'..='\u{28ff}' = letter {
        return Some(dots(letter as u32 as u8));
    }
    PLAIN.iter().find(|(_, own)| own.contains(letter)).map(|(plain, _)| *plain)
}

/// What looks most like the dots of a braille cell. Bits as Unicode has them: 1, 2, 3, 7 the left column from the top,
/// 4, 5, 6, 8 the right one.
fn dots(bits: u8) -> char {
    let row = |left: u8, right: u8| (bits & left != 0, bits & right != 0);
    let rows = [row(0x01, 0x08), row(0x02, 0x10), row(0x04, 0x20), row(0x40, 0x80)];
    let filled = |place: &usize| rows.get(*place).is_some_and(|(left, right)| *left || *right);
    let Some(top) = (0..4).find(filled) else { return ' ' };
    let bottom = (0..4).rev().find(filled).unwrap_or(top);
    let (above, below) = (rows[top], rows[bottom]);
    match (bits.count_ones(), bottom - top, above, below) {
        (7.., ..) => '#',
        (_, 2.., (true, false), (false, true)) => '\\',
        (_, 2.., (false, true), (true, false)) => '/',
        (5.., 2.., ..) => '*',
        (_, 2.., ..) => '|',
        _ => match top + bottom {
            0 | 1 => '\'',
            2..=4 => '-',
            5 => '.',
            _ => '_',
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_dots_keeps_its_height_and_its_slope() {
        let shapes = [("⠉", '\''), ("⠒", '-'), ("⠤", '-'), ("⣀", '_'), ("⡀", '_'), ("⠑", '\''), ("⡇", '|'), ("⢸", '|')];
        for (braille, plain) in
            shapes.into_iter().chain([("⠱", '\\'), ("⡠", '.'), ("⢣", '\\'), ("⡜", '/'), ("⣿", '#'), ("⠀", ' ')])
        {
            assert_eq!(of(braille), Some(plain), "{braille}");
        }
    }

    #[test]
    fn every_replacement_is_printable_ascii_and_names_are_left() {
        let all = (0x80..=0xffff).filter_map(char::from_u32);
        for letter in all {
            if let Some(plain) = of(&letter.to_string()) {
                assert!((' '..='~').contains(&plain), "{letter}");
                assert_eq!(crate::text::width(&letter.to_string()), 1, "{letter}: nothing moves");
            }
        }
        for name in ["情", "é", "a", "e\u{301}", ""] {
            assert_eq!(of(name), None);
        }
    }
}
