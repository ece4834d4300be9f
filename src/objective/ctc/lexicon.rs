//! From logits to words of a list.
//!
//! Owns the best path through sequences of listed words: token passing (Young et al. 1989), where each state of each
//! word holds the best path into it. It must not score words by anything but logits: all are equally likely.

use super::BLANK;
use super::decode::greedy;

/// Words that a decoding may be made of.
#[derive(Clone, Debug, PartialEq)]
pub struct WordList {
    words: Vec<Vec<u32>>,
    separator: Option<u32>,
}

/// The best path into a state: its score and the place of its last finished word.
#[derive(Clone, Copy)]
struct Token {
    score: f64,
    history: Option<usize>,
}

impl Token {
    const NONE: Self = Self { score: f64::NEG_INFINITY, history: None };

    fn exists(self) -> bool {
        self.score > f64::NEG_INFINITY
    }

    /// The better one; of equals the first.
    fn or(self, other: Self) -> Self {
        if other.score > self.score { other } else { self }
    }

    fn and(self, emission: f64) -> Self {
        Self { score: self.score + emission, ..self }
    }
}

/// Paths in the middle of a word, for each of its letters.
#[derive(Clone, Copy)]
struct Letter {
    class: u32,
    /// Whether the letter before it is another one, so that no blank need part them.
    joins: bool,
    /// At the letter.
    at: Token,
    /// At a blank after it, before the next one. Unused for the last letter: what follows a word is common to all.
    after: Token,
}

/// A finished word and the one before it.
struct Finished {
    word: usize,
    before: Option<usize>,
}

impl WordList {
    /// Words as letters, joined by the separator; without one a decoding is a single word.
    ///
    /// Empty words and those that hold the blank or the separator can never be spelt and are left out. The blank as a
    /// separator is none.
    pub fn new(words: Vec<Vec<u32>>, separator: Option<u32>) -> Self {
        let separator = separator.filter(|separator| *separator != BLANK);
        let odd = |letter: &u32| *letter == BLANK || Some(*letter) == separator;
        let words = words.into_iter().filter(|word| !word.is_empty() && !word.iter().any(odd)).collect();
        Self { words, separator }
    }

    /// The words, as letters.
    pub fn words(&self) -> &[Vec<u32>] {
        &self.words
    }

    /// The letters of the best path that spells words of the list.
    ///
    /// With a separator that may be no word at all, where blanks win; without one it is exactly one word. Where not even
    /// one word fits into the positions, it is what [`greedy`] gives. A position with a NaN among its logits scores all
    /// classes alike; infinite logits count as very large ones. Takes time in proportion to positions × letters of all
    /// words.
    pub fn decode(&self, logits: &[f32], positions: usize, classes: usize) -> Vec<u32> {
        if classes == 0 {
            return Vec::new();
        }
        let mut search = Search::new(self);
        for frame in logits.chunks_exact(classes).take(positions) {
            search.pass(&Frame::new(frame), self.separator);
        }
        match search.finish(self.separator.is_some()) {
            Some(words) => self.joined(&words),
            None => greedy(logits, positions, classes),
        }
    }

    fn joined(&self, places: &[usize]) -> Vec<u32> {
        let mut letters = Vec::new();
        for (place, word) in places.iter().filter_map(|word| self.words.get(*word)).enumerate() {
            letters.extend(self.separator.filter(|_| place > 0));
            letters.extend(word);
        }
        letters
    }
}

/// Logits of one position. They may stand for their log-probabilities: all paths differ from those by the same sum.
struct Frame<'a> {
    logits: &'a [f32],
    is_number: bool,
}

impl<'a> Frame<'a> {
    /// So large that no use is made of more, so small that sums over positions keep their digits.
    const LARGEST: f32 = 1e6;

    fn new(logits: &'a [f32]) -> Self {
        Self { logits, is_number: !logits.iter().any(|logit| logit.is_nan()) }
    }

    /// A class that does not exist is never emitted.
    fn of(&self, class: u32) -> f64 {
        match self.logits.get(class as usize) {
            Some(logit) if self.is_number => f64::from(logit.clamp(-Self::LARGEST, Self::LARGEST)),
            Some(_) => 0.0,
            None => f64::NEG_INFINITY,
        }
    }
}

struct Search {
    words: Vec<Vec<Letter>>,
    /// At the blanks before the first word.
    start: Token,
    /// At the blanks after a word.
    behind: Token,
    /// At the separator.
    separator: Token,
    /// At the blanks between the separator and a word.
    between: Token,
    finished: Vec<Finished>,
}

impl Search {
    fn new(list: &WordList) -> Self {
        let letters = |word: &Vec<u32>| {
            let before = [BLANK].into_iter().chain(word.iter().copied());
            let letter = |(before, class): (u32, &u32)| Letter {
                class: *class,
                joins: before != *class,
                at: Token::NONE,
                after: Token::NONE,
            };
            before.zip(word).map(letter).collect()
        };
        Self {
            words: list.words.iter().map(letters).collect(),
            start: Token { score: 0.0, history: None },
            behind: Token::NONE,
            separator: Token::NONE,
            between: Token::NONE,
            finished: Vec::new(),
        }
    }

    /// One position further.
    fn pass(&mut self, frame: &Frame<'_>, separator: Option<u32>) {
        let blank = frame.of(BLANK);
        let entering = self.start.or(self.separator).or(self.between);
        let leaving = self.leaving();
        for word in &mut self.words {
            pass_word(word, entering, frame);
        }
        self.start = self.start.and(blank);
        self.between = self.between.or(self.separator).and(blank);
        if let Some(class) = separator {
            self.separator = self.separator.or(self.behind).or(leaving).and(frame.of(class));
        }
        self.behind = self.behind.or(leaving).and(blank);
    }

    /// The best path at the end of a word, with that word finished.
    fn leaving(&mut self) -> Token {
        let mut best = (Token::NONE, 0);
        for (place, token) in self.words.iter().map(|word| word.last().map_or(Token::NONE, |last| last.at)).enumerate()
        {
            if token.score > best.0.score {
                best = (token, place);
            }
        }
        let (token, word) = best;
        if !token.exists() {
            return token;
        }
        self.finished.push(Finished { word, before: token.history });
        Token { score: token.score, history: Some(self.finished.len() - 1) }
    }

    /// The words of the best path that ends where words may end; `None` where there is none. `or_none`: no word is an
    /// answer too, but only where a word would have fitted.
    fn finish(mut self, or_none: bool) -> Option<Vec<usize>> {
        let best = self.leaving().or(self.behind);
        if !best.exists() {
            return None;
        }
        if or_none && self.start.score > best.score {
            return Some(Vec::new());
        }
        let mut words = Vec::new();
        let mut next = best.history;
        while let Some(finished) = next.and_then(|place| self.finished.get(place)) {
            words.push(finished.word);
            next = finished.before;
        }
        words.reverse();
        Some(words)
    }
}

/// One position further in a word; `entering` is the best path that may begin it.
fn pass_word(word: &mut [Letter], entering: Token, frame: &Frame<'_>) {
    let blank = frame.of(BLANK);
    // As they were a position ago: at the letter before, and at the blank after that.
    let (mut before, mut gap) = (entering, Token::NONE);
    for letter in word {
        let from = if letter.joins { before } else { Token::NONE };
        (before, gap) = {
            let (at, after) = (letter.at, letter.after);
            letter.at = at.or(gap).or(from).and(frame.of(letter.class));
            letter.after = after.or(at).and(blank);
            (at, after)
        };
    }
}

#[cfg(test)]
#[path = "lexicon_tests.rs"]
mod tests;
