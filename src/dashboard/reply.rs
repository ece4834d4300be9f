//! The terminal's answer to the question for its background, picked out of the keys it arrives among.
//!
//! crossterm knows no such answer: `ESC ] 1 1 ; r g b : …` comes as Alt-], letters, and Ctrl-G or Alt-\. Taken for keys
//! it would select a task and open a line of input, so it is swallowed whole, however late it comes. Reading the
//! terminal past crossterm would lose keys typed meanwhile; waiting for the answer would delay the first frame.

use super::theme::luminance;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Asks for the background's colour (OSC 11).
pub const QUESTION: &[u8] = b"\x1b]11;?\x1b\\";

/// What an answer begins with, after the escape.
const START: &str = "]11;rgb";

/// Longest rest of an answer; more is none.
const LONGEST: usize = 32;

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A key or another event that belongs to no answer.
    Event(Event),
    /// The background is light, or dark.
    Background {
        /// Light.
        light: bool,
    },
}

/// How much of an answer has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    None,
    /// An escape as a key of its own, already passed on: the answer may have been cut behind it.
    Escape,
    /// So many characters of [`START`], kept back.
    Start(Vec<Event>),
    /// All of it; the colour so far.
    Colour(String),
    /// The escape of the end.
    End(String),
}

/// Picks the answer out, once.
#[derive(Clone, Debug, Default)]
pub struct Replies {
    expected: bool,
    progress: Progress,
}

impl Replies {
    /// Before anything was heard; where nothing was asked, everything is passed on as it comes.
    pub fn new(expected: bool) -> Self {
        Self { expected, progress: Progress::None }
    }

    /// Whether an answer may still come.
    pub fn is_expected(&self) -> bool {
        self.expected
    }

    /// Takes an event in; returns what is to be passed on now.
    pub fn hear(&mut self, event: Event) -> Vec<Heard> {
        let Event::Key(key) = event else { return vec![Heard::Event(event)] };
        if !self.expected || key.kind != KeyEventKind::Press {
            return vec![Heard::Event(event)];
        }
        match std::mem::take(&mut self.progress) {
            Progress::None if starts(key, KeyModifiers::ALT) => {
                self.progress = Progress::Start(vec![event]);
                Vec::new()
            }
            Progress::Escape if starts(key, KeyModifiers::NONE) => {
                self.progress = Progress::Start(vec![event]);
                Vec::new()
            }
            Progress::None | Progress::Escape => {
                if key.code == KeyCode::Esc {
                    self.progress = Progress::Escape;
                }
                vec![Heard::Event(event)]
            }
            Progress::Start(mut kept) => {
                if letter(key).is_some_and(|letter| START.chars().nth(kept.len()) == Some(letter)) {
                    kept.push(event);
                    let whole = kept.len() == START.len();
                    self.progress = if whole { Progress::Colour(String::new()) } else { Progress::Start(kept) };
                    return Vec::new();
                }
                // Keys after all.
                let mut heard: Vec<Heard> = kept.into_iter().map(Heard::Event).collect();
                heard.extend(self.hear(event));
                heard
            }
            Progress::Colour(mut text) => match (letter(key), key.code, key.modifiers) {
                (_, KeyCode::Char('g'), KeyModifiers::CONTROL) | (_, KeyCode::Char('\\'), KeyModifiers::ALT) => {
                    self.end(&text)
                }
                (_, KeyCode::Esc, _) => {
                    self.progress = Progress::End(text);
                    Vec::new()
                }
                (Some(letter), ..)
                    if text.len() < LONGEST && (letter.is_ascii_hexdigit() || "a:/".contains(letter)) =>
                {
                    text.push(letter);
                    self.progress = Progress::Colour(text);
                    Vec::new()
                }
                _ => {
                    self.expected = false;
                    vec![Heard::Event(event)]
                }
            },
            Progress::End(text) => {
                let mut heard = self.end(&text);
                if letter(key) != Some('\\') {
                    heard.push(Heard::Event(event));
                }
                heard
            }
        }
    }

    /// Gives back what was kept for the start of an answer that did not go on: a person pressed those keys.
    pub fn give_up(&mut self) -> Vec<Heard> {
        match std::mem::take(&mut self.progress) {
            Progress::Start(kept) => kept.into_iter().map(Heard::Event).collect(),
            other => {
                self.progress = other;
                Vec::new()
            }
        }
    }

    fn end(&mut self, text: &str) -> Vec<Heard> {
        self.expected = false;
        is_light(text).map(|light| Heard::Background { light }).into_iter().collect()
    }
}

fn starts(key: KeyEvent, modifiers: KeyModifiers) -> bool {
    key.code == KeyCode::Char(']') && key.modifiers == modifiers
}

fn letter(key: KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(letter) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => Some(letter),
        _ => None,
    }
}

/// Whether `:1e1e/1e1e/2e2e` (with one to four digits a channel, perhaps `a:` and a fourth one) is nearer to white.
fn is_light(text: &str) -> Option<bool> {
    let channels = text.strip_prefix("a:").or_else(|| text.strip_prefix(':'))?;
    let mut shares = channels.split('/').map(|digits| {
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4)?;
        Some((f64::from(value) / f64::from(most) * 255.0).round() as u8)
    });
    let [red, green, blue] = [shares.next()??, shares.next()??, shares.next()??];
    // Black and white stand out equally at this luminance.
    Some(luminance((red, green, blue)) > 0.179)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::keys::parse;
    use proptest::prelude::*;

    /// The keys that crossterm makes of a terminal's bytes.
    fn keys(bytes: &str) -> Vec<Event> {
        let mut letters = bytes.chars().peekable();
        let mut events = Vec::new();
        while let Some(letter) = letters.next() {
            let (code, modifiers) = match letter {
                '\x1b' => match letters.next() {
                    Some(next) => (KeyCode::Char(next), KeyModifiers::ALT),
                    None => (KeyCode::Esc, KeyModifiers::NONE),
                },
                '\x07' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                letter if letter.is_uppercase() => (KeyCode::Char(letter), KeyModifiers::SHIFT),
                letter => (KeyCode::Char(letter), KeyModifiers::NONE),
            };
            events.push(Event::Key(KeyEvent::new(code, modifiers)));
        }
        events
    }

    fn pressed(names: &str) -> Vec<Event> {
        names.split(' ').map(|name| Event::Key(parse(name).unwrap())).collect()
    }

    fn heard(replies: &mut Replies, events: Vec<Event>) -> Vec<Heard> {
        events.into_iter().flat_map(|event| replies.hear(event)).collect()
    }

    #[test]
    fn answers_of_both_kinds_and_ends_are_understood() {
        for (answer, light) in [
            ("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", false),
            ("\x1b]11;rgb:FFFF/FBFB/F0F0\x07", true),
            ("\x1b]11;rgb:ff/ff/ff\x07", true),
            ("\x1b]11;rgba:0000/0000/0000/ffff\x1b\\", false),
            ("\x1b]11;rgb:8/8/8\x07", true),
        ] {
            let mut replies = Replies::new(true);
            assert_eq!(heard(&mut replies, keys(answer)), [Heard::Background { light }], "{answer:?}");
            assert!(!replies.is_expected());
        }
    }

    #[test]
    fn keys_before_and_behind_an_answer_are_kept() {
        let mut replies = Replies::new(true);
        let mut events = pressed("j 1");
        events.extend(keys("\x1b]11;rgb:0/0/0\x07"));
        events.extend(pressed("alt-] 1"));
        let heard = heard(&mut replies, events);
        let expected: Vec<Heard> = pressed("j 1").into_iter().map(Heard::Event).collect();
        assert_eq!(heard[..2], expected);
        assert_eq!(heard[2], Heard::Background { light: false });
        assert_eq!(heard.len(), 5, "what looks like an answer after the answer is a person's");
    }

    #[test]
    fn an_answer_cut_behind_its_escapes_is_still_swallowed() {
        let mut replies = Replies::new(true);
        let mut events = pressed("esc");
        events.extend(keys("]11;rgb:ffff/ffff/ffff"));
        events.extend(pressed("esc \\ q"));
        let heard = heard(&mut replies, events);
        let [escape, quit] = [pressed("esc"), pressed("q")].map(|mut one| Heard::Event(one.remove(0)));
        assert_eq!(heard, [escape, Heard::Background { light: true }, quit]);
    }

    #[test]
    fn a_start_that_does_not_go_on_is_a_persons() {
        let mut replies = Replies::new(true);
        assert!(heard(&mut replies, pressed("alt-] 1")).is_empty());
        assert_eq!(replies.give_up(), pressed("alt-] 1").into_iter().map(Heard::Event).collect::<Vec<_>>());
        assert!(replies.is_expected() && replies.give_up().is_empty());
        let events = pressed("alt-] 1 j");
        assert_eq!(heard(&mut replies, events.clone()), events.into_iter().map(Heard::Event).collect::<Vec<_>>());
    }

    #[test]
    fn nonsense_ends_the_wait_and_says_nothing() {
        for answer in ["\x1b]11;rgb:\x07", "\x1b]11;rgb:1/2\x07", "\x1b]11;rgb:12345/0/0\x07", "\x1b]11;rgb://\x07"] {
            assert!(heard(&mut Replies::new(true), keys(answer)).is_empty(), "{answer:?}");
        }
        let mut replies = Replies::new(true);
        let mut events = keys("\x1b]11;rgb:ff");
        events.extend(pressed("down"));
        assert_eq!(heard(&mut replies, events), [Heard::Event(pressed("down").remove(0))]);
        assert!(!replies.is_expected());
    }

    proptest! {
        #[test]
        fn without_a_question_every_key_is_passed_on(text in "[\\x1b\\]1;rgb:f/\\\\\\x07a]{0,40}") {
            let events = keys(&text);
            let all: Vec<Heard> = events.iter().cloned().map(Heard::Event).collect();
            prop_assert_eq!(heard(&mut Replies::new(false), events), all);
        }

        #[test]
        fn whatever_comes_no_key_is_heard_that_was_not_pressed(text in "[\\x1b\\]1;rgb:f/\\\\\\x07a]{0,60}") {
            let events = keys(&text);
            let mut replies = Replies::new(true);
            let mut heard = heard(&mut replies, events.clone());
            heard.extend(replies.give_up());
            let mut rest = events.into_iter();
            for one in heard {
                if let Heard::Event(event) = one {
                    prop_assert!(rest.any(|pressed| pressed == event), "in the order of pressing");
                }
            }
        }
    }
}
