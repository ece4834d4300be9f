//! Word lists against what was spelt, and against all paths one by one.

use super::super::decode::collapse;
use super::*;
use proptest::prelude::*;

/// A blank, 26 letters, a separator.
const CLASSES: usize = 28;
const SEPARATOR: u32 = 27;

fn letters(text: &str) -> Vec<u32> {
    text.bytes().map(|byte| if byte == b' ' { SEPARATOR } else { u32::from(byte - b'a') + 1 }).collect()
}

fn list(words: &[&str], separator: Option<u32>) -> WordList {
    WordList::new(words.iter().map(|word| letters(word)).collect(), separator)
}

/// Logits that say the text clearly: a blank before each letter, a letter for two positions.
fn clear(text: &str) -> Vec<f32> {
    let classes = letters(text).into_iter().flat_map(|letter| [BLANK, letter, letter]);
    classes.flat_map(|said| (0..CLASSES as u32).map(move |class| if class == said { 5.0 } else { 0.0 })).collect()
}

fn decode(list: &WordList, logits: &[f32]) -> Vec<u32> {
    list.decode(logits, logits.len() / CLASSES, CLASSES)
}

#[test]
fn clear_words_are_heard() {
    let list = list(&["one", "two", "three", "eleven"], Some(SEPARATOR));
    for text in ["one", "three two one", "two two", "eleven three"] {
        assert_eq!(decode(&list, &clear(text)), letters(text), "{text}");
    }
}

#[test]
fn a_wrong_letter_is_the_nearest_word() {
    let sentences = list(&["one", "two", "three"], Some(SEPARATOR));
    assert_eq!(decode(&sentences, &clear("thrze ona")), letters("three one"));
    assert_eq!(decode(&sentences, &clear("twoo one")), letters("two one"));
    let digits = list(&["one", "two", "three"], None);
    assert_eq!(decode(&digits, &clear("tko")), letters("two"));
}

#[test]
fn blanks_are_no_word_unless_one_must_be() {
    let blank: Vec<f32> = (0..9 * CLASSES).map(|place| if place % CLASSES == 0 { 5.0 } else { 0.0 }).collect();
    assert!(decode(&list(&["one"], Some(SEPARATOR)), &blank).is_empty());
    assert_eq!(decode(&list(&["one"], None), &blank), letters("one"));
}

#[test]
fn where_no_word_fits_it_is_greedy() {
    let said = clear("ab");
    for list in [list(&["one"], None), list(&["one"], Some(SEPARATOR)), list(&[], Some(SEPARATOR))] {
        assert_eq!(list.decode(&said, 2, CLASSES), letters("a"));
        assert!(list.decode(&[], 0, CLASSES).is_empty());
        assert!(list.decode(&said, 2, 0).is_empty());
    }
    let list = WordList::new(vec![vec![40]], Some(50));
    assert_eq!(decode(&list, &said), letters("ab"));
}

#[test]
fn words_that_cannot_be_spelt_are_left_out() {
    let words = vec![vec![], vec![1, 0], vec![1, 3, 2], vec![1, 2]];
    assert_eq!(WordList::new(words.clone(), Some(3)).words(), [vec![1, 2]]);
    assert_eq!(WordList::new(words, Some(0)).words(), [vec![1, 3, 2], vec![1, 2]]);
}

#[test]
fn a_position_without_numbers_says_nothing() {
    let list = list(&["one", "two"], Some(SEPARATOR));
    let mut said = clear("one two");
    // The "t" and its neighbour.
    said[13 * CLASSES..15 * CLASSES].fill(f32::NAN);
    assert_eq!(decode(&list, &said), letters("one two"));
    said.fill(f32::INFINITY);
    assert!(!decode(&list, &said).is_empty());
}

/// Whether it is words of the list as they may be joined; no word is none.
fn is_of(list: &WordList, letters: &[u32]) -> bool {
    let listed = |word: &[u32]| list.words().iter().any(|listed| listed == word);
    match list.separator {
        None => listed(letters),
        Some(separator) => letters.split(|letter| *letter == separator).all(listed),
    }
}

/// A blank, three letters or two and a separator.
const FEW: usize = 4;

fn small() -> impl Strategy<Value = (WordList, Vec<f32>, usize)> {
    let separator = prop_oneof![Just(None), Just(Some(3_u32))];
    let words = prop::collection::vec(prop::collection::vec(1_u32..4, 1..4), 0..4);
    let logits = (0_usize..6)
        .prop_flat_map(|positions| prop::collection::vec((-20_i8..20).prop_map(f32::from), positions * FEW));
    (words, separator, logits).prop_map(|(words, separator, logits)| {
        let positions = logits.len() / FEW;
        (WordList::new(words, separator), logits, positions)
    })
}

proptest! {
    #[test]
    fn it_is_the_best_of_all_paths((list, logits, positions) in small()) {
        let got = list.decode(&logits, positions, FEW);
        // The best score of any path that spells words or, with a separator, nothing; and of those that spell `got`.
        let (mut best, mut best_of_got, mut a_word_fits) = (f32::NEG_INFINITY, f32::NEG_INFINITY, false);
        for path in 0..FEW.pow(positions as u32) {
            let classes = (0..positions).map(|position| path / FEW.pow(position as u32) % FEW);
            let spelt = collapse(classes.clone().map(|class| class as u32));
            let score: f32 = classes.enumerate().map(|(position, class)| logits[position * FEW + class]).sum();
            let is_words = is_of(&list, &spelt);
            a_word_fits |= is_words;
            if is_words || (spelt.is_empty() && list.separator.is_some()) {
                best = best.max(score);
            }
            if spelt == got {
                best_of_got = best_of_got.max(score);
            }
        }
        if a_word_fits {
            prop_assert!(is_of(&list, &got) || (got.is_empty() && list.separator.is_some()));
            prop_assert_eq!(best_of_got, best);
        } else {
            prop_assert_eq!(got, greedy(&logits, positions, FEW));
        }
    }

    #[test]
    fn any_logits_give_words_of_the_list(
        (list, _, _) in small(),
        logits in prop::collection::vec(any::<f32>(), 0..40),
        positions in 0_usize..12,
        classes in 0_usize..6,
    ) {
        let got = list.decode(&logits, positions, classes);
        let is_words = is_of(&list, &got) || (got.is_empty() && list.separator.is_some());
        prop_assert!(is_words || got == greedy(&logits, positions, classes));
    }
}
