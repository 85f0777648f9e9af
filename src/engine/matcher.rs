//! Every literal of every rule in one automaton, run only where a word begins
//! one of them.
//!
//! Almost no word of a text begins a term, so a filter on whole words decides
//! where the automaton runs at all, anchored there. The filter may only skip:
//! the automaton alone says what matches.

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, MatchKind, StartKind};

use crate::text::is_word_char;

/// Index of a literal.
pub type LiteralId = usize;

/// A literal seen in folded text, as a whole word or words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawHit {
    /// First byte in the folded text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Which literal.
    pub literal: LiteralId,
}

/// Searches folded text for literals. Literals start and end with a word
/// character and are folded.
#[derive(Debug)]
pub struct Matcher {
    automaton: AhoCorasick,
    starts: WordFilter,
}

impl Matcher {
    /// Builds the automaton. Two literals may be equal; both are reported.
    pub fn new(literals: &[String]) -> Result<Self, aho_corasick::BuildError> {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .start_kind(StartKind::Anchored)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(literals)?;
        Ok(Self { automaton, starts: WordFilter::new(literals) })
    }

    /// Appends the hits whose first byte lies in `from..to`, in the order of
    /// their start, shorter ones first. Hits may overlap, and may end behind `to`.
    pub fn hits(&self, text: &str, from: usize, to: usize, out: &mut Vec<RawHit>) {
        self.search(text, from, to, out, |word| self.starts.may_start(word));
    }

    /// The same without the filter; for tests and benchmarks.
    pub fn hits_unfiltered(&self, text: &str, from: usize, to: usize, out: &mut Vec<RawHit>) {
        self.search(text, from, to, out, |_| true);
    }

    #[inline]
    fn search(
        &self,
        text: &str,
        from: usize,
        to: usize,
        out: &mut Vec<RawHit>,
        may_start: impl Fn(&[u8]) -> bool,
    ) {
        let bytes = text.as_bytes();
        let mut at = from;
        // A word that runs into the range belongs to the range before it.
        if from > 0 && IN_WORD[usize::from(bytes[from - 1])] {
            at += run_len(&bytes[at..]);
        }
        while at < to {
            let Some(&byte) = bytes.get(at) else { break };
            if !IN_WORD[usize::from(byte)] {
                at += 1;
                continue;
            }
            let len = run_len(&bytes[at..]);
            let word = &bytes[at..at + len];
            if word.is_ascii() {
                if may_start(word) {
                    self.at(text, at, out);
                }
            } else {
                self.mixed_run(text, at, len, out);
            }
            at += len;
        }
    }

    /// A run with bytes beyond ASCII can hold signs that end a word, so every
    /// character that starts a word is tried.
    fn mixed_run(&self, text: &str, at: usize, len: usize, out: &mut Vec<RawHit>) {
        let mut in_word = false;
        for (offset, c) in text[at..at + len].char_indices() {
            let word = is_word_char(c);
            if word && !in_word {
                self.at(text, at + offset, out);
            }
            in_word = word;
        }
    }

    /// Every literal that starts at `at` and ends with a word.
    fn at(&self, text: &str, at: usize, out: &mut Vec<RawHit>) {
        let input = Input::new(text).range(at..).anchored(Anchored::Yes);
        let mut state = OverlappingState::start();
        loop {
            self.automaton.find_overlapping(input.clone(), &mut state);
            let Some(found) = state.get_match() else { return };
            // The automaton also knows the literals that end here but start later.
            let starts_here = found.start() == at;
            if starts_here && !text[found.end()..].chars().next().is_some_and(is_word_char) {
                out.push(RawHit {
                    start: at,
                    end: found.end(),
                    literal: found.pattern().as_usize(),
                });
            }
        }
    }
}

fn run_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !IN_WORD[usize::from(byte)]).unwrap_or(bytes.len())
}

/// Bytes that can be inside a word of folded text.
static IN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80..);
        byte += 1;
    }
    table
};

/// The first words of all literals, as a bitmap of hashes: 16 KiB, which stays
/// in the first-level cache.
#[derive(Debug)]
struct WordFilter {
    bits: Vec<u64>,
}

impl WordFilter {
    const BITS: usize = 1 << 17;

    fn new(literals: &[String]) -> Self {
        let mut filter = Self { bits: vec![0; Self::BITS / 64] };
        for literal in literals {
            let len = run_len(literal.as_bytes());
            let slot = Self::slot(&literal.as_bytes()[..len]);
            filter.bits[slot / 64] |= 1 << (slot % 64);
        }
        filter
    }

    fn may_start(&self, word: &[u8]) -> bool {
        let slot = Self::slot(word);
        self.bits[slot / 64] & (1 << (slot % 64)) != 0
    }

    /// A hash of the first eight bytes and the length: most words are no longer.
    #[inline]
    fn slot(word: &[u8]) -> usize {
        let head = match word.first_chunk::<8>() {
            Some(head) => u64::from_le_bytes(*head),
            None => word.iter().rev().fold(0, |head, &byte| head << 8 | u64::from(byte)),
        };
        let mixed = (head ^ word.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (64 - 17)) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::Folded;

    fn matcher(literals: &[&str]) -> Matcher {
        Matcher::new(&literals.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    fn words<'t>(matcher: &Matcher, text: &'t str) -> Vec<&'t str> {
        let mut hits = Vec::new();
        matcher.hits(text, 0, text.len(), &mut hits);
        hits.iter().map(|hit| &text[hit.start..hit.end]).collect()
    }

    #[test]
    fn whole_words_only_and_every_overlap() {
        let matcher = matcher(&["black", "black british", "british", "s"]);
        assert_eq!(words(&matcher, "a black british lady"), ["black", "black british", "british"]);
        assert_eq!(words(&matcher, "blackbird, blacks"), [""; 0]);
        assert_eq!(words(&matcher, "★black★ éblack blacké"), ["black"]);
    }

    proptest! {
        #[test]
        fn the_filter_and_the_cuts_never_change_the_result(
            literals in prop::collection::vec("[ab]{1,3}( [ab]{1,2})?|é[ab]|[ab]é?", 1..8),
            text in "([abcé★'# ]|ab |\u{200b}|A){0,60}",
            cut in 0usize..200,
        ) {
            let folded = Folded::new(&text);
            let text = folded.text();
            let literals: Vec<_> = literals.iter().map(|l| Folded::new(l).text().to_owned()).collect();
            let matcher = Matcher::new(&literals).unwrap();
            let mut plain = Vec::new();
            matcher.hits_unfiltered(text, 0, text.len(), &mut plain);
            let mut filtered = Vec::new();
            matcher.hits(text, 0, text.len(), &mut filtered);
            prop_assert_eq!(&plain, &filtered);
            let cut = text.floor_char_boundary(cut.min(text.len()));
            let mut parts = Vec::new();
            matcher.hits(text, 0, cut, &mut parts);
            matcher.hits(text, cut, text.len(), &mut parts);
            prop_assert_eq!(&plain, &parts);
            // And both are what a search over everything says.
            let everywhere = AhoCorasick::new(&literals).unwrap();
            let mut expected: Vec<_> = everywhere
                .find_overlapping_iter(text)
                .filter(|m| {
                    !text[..m.start()].chars().next_back().is_some_and(is_word_char)
                        && !text[m.end()..].chars().next().is_some_and(is_word_char)
                })
                .map(|m| RawHit { start: m.start(), end: m.end(), literal: m.pattern().as_usize() })
                .collect();
            expected.sort();
            plain.sort();
            prop_assert_eq!(plain, expected);
        }
    }
}
