//! Every literal of every rule in one automaton, run only where a word begins
//! one of them.
//!
//! Almost no word of a text begins a term, so a filter on whole words decides
//! where the automaton runs at all, anchored there. The filter may only skip: the
//! automaton alone says what matches, but for terms of one short word, which need no
//! search.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::noncontiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::keys::Keys;
use super::pieces::Piece;
use super::presence::WordSet;
use crate::text::{Span, is_word_byte, is_word_char, join, number_at, runs, word_number};

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
    automaton: NFA,
    /// Where a search begins; an automaton for anchored searches has one.
    start: Option<StateID>,
    starts: WordFilter,
    shorts: Shorts,
}

impl Matcher {
    /// Builds the automaton. Two literals may be equal; both are reported.
    pub fn new(literals: &[String]) -> Result<Self, aho_corasick::BuildError> {
        let automaton =
            NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(literals)?;
        let start = automaton.start_state(Anchored::Yes).ok();
        let (starts, shorts) = (WordFilter::new(literals), Shorts::new(literals));
        Ok(Self { automaton, start, starts, shorts })
    }

    /// Appends the hits whose first byte lies in `from..to`, in the order of
    /// their start, shorter ones first. Hits may overlap, and may end behind `to`.
    pub fn hits(&self, text: &str, from: usize, to: usize, out: &mut Vec<RawHit>) {
        let filter = Some(&self.starts);
        self.search(text, from, to, filter, &mut |_| {}, &mut |hit| out.push(hit));
    }

    /// Appends the hits in a whole text, of which these are the words and marks, and adds
    /// every word of it to `words`.
    pub fn hits_and_words(
        &self,
        text: &str,
        pieces: &[Piece],
        words: &mut WordSet,
        out: &mut Vec<RawHit>,
    ) {
        if text.is_ascii() {
            self.hits_at(text, pieces, words, out);
        } else {
            let mut add = |hash| words.add(hash);
            let filter = Some(&self.starts);
            self.search(text, 0, text.len(), filter, &mut add, &mut |hit| out.push(hit));
        }
    }

    /// The same of a text of ASCII, in which each piece holds one word or none.
    fn hits_at(&self, text: &str, pieces: &[Piece], words: &mut WordSet, out: &mut Vec<RawHit>) {
        let bytes = text.as_bytes();
        // Where a word starts, and its number; an apostrophe before it is no part of it.
        let word = |piece: &Piece| match bytes[piece.span.start] {
            byte if is_word_byte(byte) => Some((piece.span.start, piece.number)),
            b'\'' if piece.span.len() > 1 => {
                let start = piece.span.start + 1;
                Some((start, number_at(bytes, start, piece.span.end - start)))
            }
            _ => None,
        };
        for (nth, piece) in pieces.iter().enumerate() {
            let Some((at, number)) = word(piece) else { continue };
            words.add(number);
            let begins = self.starts.begins(number);
            if begins == 0 {
                continue;
            }
            if begins & WordFilter::LONG != 0 && self.starts.may_be(number) {
                self.at(text, at, at, &mut |hit| out.push(hit));
                continue;
            }
            let end = piece.span.end;
            if begins & WordFilter::SHORT != 0 && end - at <= Shorts::LONGEST {
                let hit = |&literal| RawHit { start: at, end, literal };
                out.extend(self.shorts.of(number).iter().map(hit));
            }
            // What follows counts where one byte parts it from the word before.
            let next = |nth: usize| {
                let (start, number) = word(pieces.get(nth)?)?;
                (pieces[nth - 1].span.end + 1 == start).then_some(number)
            };
            if begins & WordFilter::PAIR != 0
                && next(nth + 1)
                    .is_some_and(|second| self.starts.may_go_on(number, second, || next(nth + 2)))
            {
                // The word that it begins with has been told.
                self.at(text, at, end, &mut |hit| out.push(hit));
            }
        }
    }

    /// The same without the filter; for tests and benchmarks.
    pub fn hits_unfiltered(&self, text: &str, from: usize, to: usize, out: &mut Vec<RawHit>) {
        self.search(text, from, to, None, &mut |_| {}, &mut |hit| out.push(hit));
    }

    #[inline]
    fn search(
        &self,
        text: &str,
        from: usize,
        to: usize,
        filter: Option<&WordFilter>,
        word: &mut impl FnMut(u64),
        hit: &mut impl FnMut(RawHit),
    ) {
        let bytes = text.as_bytes();
        let mut at = from;
        // A word that runs into the range belongs to the range before it.
        if from > 0 && is_in_word(bytes[from - 1]) {
            at += run_len(&bytes[at..]);
        }
        // A word of which all literals are told, but for those that begin with it: where it
        // starts, how long it is, and its hash.
        let mut open: Option<(usize, usize, u64)> = None;
        let to_ascii = bytes[at.min(to)..to].is_ascii();
        for Span { start: at, end } in runs(bytes, at, is_in_word) {
            let len = end - at;
            let is_ascii = (to_ascii && end <= to) || bytes[at..end].is_ascii();
            let hash = if is_ascii { number_at(bytes, at, len) } else { 0 };
            if let Some((start, first_len, first)) = open.take()
                && start + first_len + 1 == at
                && (!is_ascii || filter.is_none_or(|filter| filter.may_start_with(first, hash)))
            {
                // The word that it begins with has been told.
                self.at(text, start, start + first_len, hit);
            }
            if at >= to {
                return;
            }
            if is_ascii {
                word(hash);
                if filter.is_none_or(|filter| filter.may_be(hash)) {
                    self.at(text, at, at, hit);
                } else {
                    if len <= Shorts::LONGEST {
                        let tell = |&literal| hit(RawHit { start: at, end, literal });
                        self.shorts.of(hash).iter().for_each(tell);
                    }
                    open = Some((at, len, hash));
                }
            } else {
                self.mixed_run(text, at, len, word, hit);
            }
        }
    }

    /// A run with bytes beyond ASCII can hold signs that end a word, so every
    /// character that starts a word is tried.
    fn mixed_run(
        &self,
        text: &str,
        at: usize,
        len: usize,
        word: &mut impl FnMut(u64),
        hit: &mut impl FnMut(RawHit),
    ) {
        let other = |c: char| !is_word_char(c);
        let mut start = at;
        for part in text[at..at + len].split_inclusive(other) {
            let bare = part.trim_end_matches(other);
            if !bare.is_empty() {
                word(word_number(bare.as_bytes()));
                self.at(text, start, start, hit);
            }
            start += part.len();
        }
    }

    /// Every literal that starts at `at` and ends with a word, behind `beyond`.
    fn at(&self, text: &str, at: usize, beyond: usize, hit: &mut impl FnMut(RawHit)) {
        let Some(mut state) = self.start else { return };
        for (end, &byte) in (at + 1..).zip(&text.as_bytes()[at..]) {
            state = self.automaton.next_state(Anchored::Yes, state, byte);
            if !self.automaton.is_special(state) {
                continue;
            }
            if self.automaton.is_dead(state) {
                return;
            }
            if end <= beyond
                || !self.automaton.is_match(state)
                || text[end..].chars().next().is_some_and(is_word_char)
            {
                continue;
            }
            for nth in 0..self.automaton.match_len(state) {
                let literal = self.automaton.match_pattern(state, nth);
                // The automaton also knows the literals that end here but start later.
                if self.automaton.pattern_len(literal) == end - at {
                    hit(RawHit { start: at, end, literal: literal.as_usize() });
                }
            }
        }
    }
}

fn run_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !is_in_word(byte)).unwrap_or(bytes.len())
}

/// Whether a byte can be inside a word of folded text.
#[inline]
fn is_in_word(byte: u8) -> bool {
    is_word_byte(byte) || byte >= 0x80
}

/// Literals of one short word, which the hash of that word tells from all others: they
/// need no search.
#[derive(Debug)]
struct Shorts {
    hashes: Keys,
    /// By their places there, where their literals start; they end where those of the
    /// next start.
    starts: Vec<u32>,
    literals: Vec<LiteralId>,
}

impl Shorts {
    /// So many bytes of a word are in its hash.
    const LONGEST: usize = 8;

    fn new(literals: &[String]) -> Self {
        let of_word = |(id, literal): (LiteralId, &String)| {
            Self::has(literal.as_bytes()).then(|| (word_number(literal.as_bytes()), id))
        };
        let mut all: Vec<(u64, LiteralId)> =
            literals.iter().enumerate().filter_map(of_word).collect();
        all.sort_unstable();
        let (mut hashes, mut starts) = (Vec::new(), Vec::new());
        for (at, (hash, _)) in all.iter().enumerate() {
            if hashes.last() != Some(hash) {
                hashes.push(*hash);
                starts.push(at as u32);
            }
        }
        starts.push(all.len() as u32);
        let literals = all.into_iter().map(|(_, literal)| literal).collect();
        Self { hashes: Keys::new(hashes), starts, literals }
    }

    /// Whether a literal is a short word.
    fn has(literal: &[u8]) -> bool {
        literal.len() <= Self::LONGEST && literal.iter().all(|&byte| is_word_byte(byte))
    }

    /// The literals that are the word of a hash.
    #[inline]
    fn of(&self, hash: u64) -> &[LiteralId] {
        self.hashes.place(hash).map_or(&[], |at| {
            &self.literals[self.starts[at] as usize..self.starts[at + 1] as usize]
        })
    }
}

/// How literals begin.
#[derive(Debug)]
struct WordFilter {
    /// By the highest bits of its number, what a word may begin: 32 KiB, of which few are
    /// looked at often.
    begins: Vec<u8>,
    /// Words at which the automaton has to run wherever they stand. That takes so long
    /// that it is worth to be sure.
    longs: Keys,
    /// The first two words of the others, their numbers joined. There are so many that a
    /// bitmap alone would let pass what begins none of them.
    pairs: Keys,
    /// By their places there: whether all literals that begin so have a third word.
    goes_on: Vec<bool>,
    /// The first three words of those.
    triples: Keys,
}

impl WordFilter {
    const BITS: u32 = 15;
    /// A word that is a literal, and has all of its bytes in its number.
    const SHORT: u8 = 1;
    /// A word that is a literal and longer, or one with a second word beyond ASCII.
    const LONG: u8 = 2;
    /// A word that begins some of the others.
    const PAIR: u8 = 4;

    fn new(literals: &[String]) -> Self {
        let mut begins_with = vec![0; 1 << Self::BITS];
        // The first two words, and all three of them.
        let mut longer: Vec<(u64, Option<u64>)> = Vec::new();
        let mut longs = Vec::new();
        for bytes in literals.iter().map(String::as_bytes) {
            let mut rest = bytes;
            let mut next = || {
                let word = &rest[..run_len(rest)];
                rest = rest.get(word.len() + 1..).unwrap_or_default();
                (!word.is_empty() && word.is_ascii()).then(|| word_number(word))
            };
            let first = next();
            let begins = &mut begins_with[Self::slot(first.unwrap_or_default())];
            match (first, next()) {
                _ if Shorts::has(bytes) => *begins |= Self::SHORT,
                (Some(first), Some(second)) => {
                    *begins |= Self::PAIR;
                    let pair = join(first, second);
                    longer.push((pair, next().map(|third| join(pair, third))));
                }
                _ => {
                    *begins |= Self::LONG;
                    longs.push(first.unwrap_or_default());
                }
            }
        }
        // Those without a third word come first.
        longer.sort_unstable();
        longs.sort_unstable();
        longs.dedup();
        let mut triples: Vec<u64> = longer.iter().filter_map(|(_, triple)| *triple).collect();
        triples.sort_unstable();
        triples.dedup();
        longer.dedup_by_key(|(pair, _)| *pair);
        let (pairs, first): (Vec<u64>, Vec<Option<u64>>) = longer.into_iter().unzip();
        Self {
            begins: begins_with,
            longs: Keys::new(longs),
            pairs: Keys::new(pairs),
            goes_on: first.iter().map(Option::is_some).collect(),
            triples: Keys::new(triples),
        }
    }

    /// What a word may begin.
    #[inline]
    fn begins(&self, word: u64) -> u8 {
        self.begins[Self::slot(word)]
    }

    /// Whether a literal may be one long word, or has to be looked for wherever that stands.
    #[inline]
    fn may_be(&self, word: u64) -> bool {
        self.longs.place(word).is_some()
    }

    /// Whether a literal may begin with two words, one byte apart.
    #[inline]
    fn may_start_with(&self, first: u64, second: u64) -> bool {
        self.pairs.place(join(first, second)).is_some()
    }

    /// Whether a literal may begin with two words and be no more, or begin with the third
    /// as well, each a byte apart.
    #[inline]
    fn may_go_on(&self, first: u64, second: u64, third: impl Fn() -> Option<u64>) -> bool {
        let pair = join(first, second);
        self.pairs.place(pair).is_some_and(|at| {
            !self.goes_on[at]
                || third().is_some_and(|third| self.triples.place(join(pair, third)).is_some())
        })
    }

    #[inline]
    fn slot(hash: u64) -> usize {
        (hash >> (64 - Self::BITS)) as usize
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::super::pieces::pieces;
    use super::*;
    use crate::text::Folded;

    fn matcher(literals: &[&str]) -> Matcher {
        Matcher::new(&literals.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    /// What is found where every word is told apart first.
    fn by_pieces(matcher: &Matcher, text: &str) -> Vec<RawHit> {
        let mut hits = Vec::new();
        matcher.hits_and_words(text, &pieces(text), &mut WordSet::empty(), &mut hits);
        hits
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
            literals in prop::collection::vec(
                "[ab]{1,3}([ '][ab]{1,2}){0,3}|é[ab]|[ab] é|[ab]é?|a{7,10}|a (b|é) [ab]",
                1..8,
            ),
            text in "([abcé★'# ]|ab |a{7,10}|\u{200b}|A){0,60}|([ab]{1,2}[' ]|a{7,10}|[#, ]){0,40}",
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
            prop_assert_eq!(&plain, &by_pieces(&matcher, text));
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
