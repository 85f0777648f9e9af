//! Words that nobody may see, wherever else they stand.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::text::Span;

/// Shorter words are no secret wherever they stand: `he`.
const SHORTEST: usize = 3;

/// Words that rules mask in a text. Whoever reads a reason or an excerpt beside must not
/// learn them there.
#[derive(Debug, Default)]
pub struct Repeats {
    finder: Option<AhoCorasick>,
}

impl Repeats {
    /// The words at some stretches of a text.
    pub fn new(text: &str, masks: &[Span]) -> Self {
        Self::of(masks.iter().filter_map(|mask| text.get(mask.range())))
    }

    /// Some words.
    pub fn of<'t>(words: impl Iterator<Item = &'t str>) -> Self {
        let mut words: Vec<&str> =
            words.map(str::trim).filter(|word| word.len() >= SHORTEST).collect();
        words.sort_unstable();
        words.dedup();
        if words.is_empty() {
            return Self::default();
        }
        // Too many words for an automaton is more than a document can hold.
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(words);
        Self { finder: finder.ok() }
    }

    /// Where any of them stands in a text as whole words, in order.
    pub fn places(&self, text: &str) -> Vec<Span> {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let found = self.finder.iter().flat_map(|finder| finder.find_iter(text));
        found
            .map(|found| Span::new(found.start(), found.end()))
            .filter(|span| {
                !is_part(text[..span.start].chars().next_back())
                    && !is_part(text[span.end..].chars().next())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_stand_whole() {
        let text = "AB123456C, é; made up: ab123456c (AB123456CD, XAB123456C) é";
        let repeats = Repeats::new(text, &[Span::new(0, 9), Span::new(11, 13)]);
        assert_eq!(repeats.places(text), [Span::new(0, 9), Span::new(24, 33)]);
        assert_eq!(Repeats::of([" ", "x"].into_iter()).places("x x"), []);
    }
}
