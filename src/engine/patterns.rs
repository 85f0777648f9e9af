//! Regular expressions, and which of them a text can hold at all.

use std::sync::OnceLock;

use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use regex::Regex;

use crate::pack::{Gate, Heads, WordHeads, begins_with, folds_to_ascii};
use crate::text::{run_starts, spread};

/// A regular expression. It is built when a text first passes its gate: most
/// texts have no digit where an identifier could stand.
#[derive(Debug)]
pub struct Pattern {
    written: String,
    gate: Gate,
    heads: OnceLock<Heads>,
    built: OnceLock<Option<Regex>>,
}

/// What begins at the words of a text; `None` where that says nothing of matches.
pub struct Begins(Option<WordHeads>);

impl Begins {
    pub fn of(text: &str) -> Self {
        let is_sure = text.is_ascii() || !text.contains(folds_to_ascii);
        Self(is_sure.then(|| WordHeads::of(text)))
    }
}

impl Pattern {
    pub fn new(written: &str, gate: Gate) -> Self {
        Self { written: written.to_owned(), gate, heads: OnceLock::new(), built: OnceLock::new() }
    }

    /// Whether the expression may match in a text: a second look, for texts that pass its
    /// gate.
    pub fn may_match(&self, Begins(words): &Begins) -> bool {
        let heads = || self.heads.get_or_init(|| Heads::of(&self.written));
        words.as_ref().is_none_or(|words| heads().may_match(words))
    }

    /// The expression; `None` where it cannot be built, which the check of the
    /// pack has ruled out.
    pub fn regex(&self) -> Option<&Regex> {
        self.built.get_or_init(|| Regex::new(&lean(&self.written)).ok()).as_ref()
    }
}

/// Makes `\b` know ASCII letters only, `\d` ASCII digits, and `\w` whole blocks of
/// Unicode that are letters for the most part. With Unicode boundaries the regex engine
/// falls back to its slowest search at the first letter beyond ASCII, and identifiers
/// have none; the digits of sixty scripts, all folded to ASCII in the text that is
/// searched, and the exact tables of letters take most of the time to build.
fn lean(written: &str) -> String {
    /// Everything from the accented letters up, but for signs and emoji.
    const LETTERS: &str = r"[0-9A-Z_a-zªµº\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{24F}\u{300}-\u{109F}\u{1100}-\u{139F}\u{1780}-\u{17FF}\u{1E00}-\u{1FFF}\u{3040}-\u{A63F}\u{AC00}-\u{D7FF}\u{F900}-\u{FAFF}\u{20000}-\u{3FFFF}]";
    let mut out = String::with_capacity(written.len() + 16);
    let mut in_class = 0_usize;
    let mut chars = written.chars().peekable();
    while let Some(c) = chars.next() {
        let next = (c == '\\').then(|| chars.next()).flatten();
        match next {
            Some('b') if chars.peek() != Some(&'{') => out.push_str("(?-u:\\b)"),
            // A class inside a class is as good as one outside.
            Some('d') => out.push_str("[0-9]"),
            Some('w') if in_class > 0 => out.push_str(LETTERS),
            // Every letter is there in both cases: looking for the other takes long.
            Some('w') => out.extend(["(?-i:", LETTERS, ")"]),
            Some(next) => out.extend([c, next]),
            None => {
                match c {
                    '[' => in_class += 1,
                    ']' => in_class = in_class.saturating_sub(1),
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    out
}

/// Some of the expressions, as bits by their index.
type Bits = Box<[u64]>;

/// All expressions of some packs.
#[derive(Debug)]
pub struct Patterns {
    all: Vec<Pattern>,
    /// The words of all gates, each once, and whether they must stand at the start of a
    /// word.
    words: Vec<(String, bool)>,
    /// By word: whether it holds a capital.
    capitals: Vec<bool>,
    /// By word: the expressions that it opens.
    opens: Vec<Bits>,
    /// The expressions whose gates ask for no word.
    wordless: Bits,
    /// By so many digits, [`MOST_DIGITS`] at most: the expressions that ask for no more.
    of_digits: Vec<Bits>,
    /// The expressions that ask for no `@`.
    without_at: Bits,
    /// The expressions that ask for no letter beside a digit.
    without_mixed: Bits,
    /// Finds the words; built when the first text is searched. `None` where it cannot
    /// be built: then no gate is closed for want of words.
    finders: OnceLock<Option<Finders>>,
    /// The same for the words that open an expression in a text without a digit. Most
    /// texts have none, and most expressions ask for some.
    digitless: OnceLock<Option<Finders>>,
}

/// Finds words of gates. Where both stand together in a text, there may be few of them
/// that need not stand at the start of a word, and to look for those takes longer.
#[derive(Debug)]
struct Finders {
    /// Finds those at the start of a word.
    at_starts: Option<Finder>,
    /// Finds the others.
    anywhere: Option<Finder>,
}

impl Finders {
    /// Finds those that are `wanted` among some words; `None` where it cannot be built.
    fn new(words: &[(String, bool)], wanted: impl Fn(usize) -> bool) -> Option<Self> {
        let of = |starts: bool| {
            let wanted = |word: usize| words[word].1 == starts && wanted(word);
            let is_any = (0..words.len()).any(wanted);
            is_any.then(|| Finder::new(words, wanted)).map_or(Some(None), |finder| finder.map(Some))
        };
        Some(Self { at_starts: of(true)?, anywhere: of(false)? })
    }

    /// Tells every word with the place behind it.
    fn find(&self, text: &[u8], mut tell: impl FnMut(usize, usize)) {
        if let Some(finder) = &self.at_starts {
            finder.find_at_starts(text, &mut tell);
        }
        if let Some(finder) = &self.anywhere {
            finder.find(text, &mut tell);
        }
    }
}

/// Finds words wherever they stand in a text.
#[derive(Debug)]
struct Finder {
    /// By the lower six bits of three bytes, in which the case of a letter shows: whether
    /// a word may begin with them. 32 KiB, of which small letters touch a fifth; the
    /// automaton does not fit into the first-level cache.
    begins: Box<[u64; (1 << HEAD_BITS) / 64]>,
    /// The same for words that are shorter than [`LONG`].
    begins_short: Box<[u64; (1 << HEAD_BITS) / 64]>,
    /// Whether one of the others may begin with so many bytes as are the shortest of them.
    begins_long: Box<[u64; (1 << LONG_BITS) / 64]>,
    /// Run so rarely that it need not be the fastest, which takes long to build.
    automaton: NFA,
    /// The words in it.
    words: Vec<usize>,
}

/// How many bits three bytes have, six of each.
const HEAD_BITS: u32 = 18;

/// From how many bytes on a word is long.
const LONG: usize = 6;

impl Finder {
    /// Finds those that are `wanted` among some words.
    fn new(words: &[(String, bool)], wanted: impl Fn(usize) -> bool) -> Option<Self> {
        let numbers: Vec<usize> = (0..words.len()).filter(|&word| wanted(word)).collect();
        let words = || numbers.iter().map(|&number| words[number].0.as_bytes());
        let builder = &mut NFA::builder();
        let builder = builder.ascii_case_insensitive(true).prefilter(false);
        let automaton = builder.build(words()).ok()?;
        let mut finder = Self {
            begins: vec![0; (1 << HEAD_BITS) / 64].try_into().ok()?,
            begins_short: vec![0; (1 << HEAD_BITS) / 64].try_into().ok()?,
            begins_long: vec![0; (1 << LONG_BITS) / 64].try_into().ok()?,
            automaton,
            words: Vec::new(),
        };
        for word in words() {
            // A short word may stand before anything, and a small letter for a capital.
            let mut heads = vec![0];
            for at in 0..3 {
                let ways: Vec<usize> = match word.get(at) {
                    None => (0..64).collect(),
                    Some(byte) if byte.is_ascii_lowercase() => {
                        vec![six_bits(*byte), six_bits(byte.to_ascii_uppercase())]
                    }
                    Some(byte) => vec![six_bits(*byte)],
                };
                let shorter = std::mem::take(&mut heads);
                for way in ways {
                    heads.extend(shorter.iter().map(|head| head << 6 | way));
                }
            }
            for head in heads {
                add(&mut *finder.begins, head);
                if word.len() < LONG {
                    add(&mut *finder.begins_short, head);
                }
            }
            if let Some(head) = word.first_chunk::<LONG>() {
                add(&mut *finder.begins_long, long_head(*head));
            }
        }
        Some(Self { words: numbers, ..finder })
    }

    /// Tells every word with the place behind it.
    fn find(&self, text: &[u8], mut tell: impl FnMut(usize, usize)) {
        let Ok(start) = self.automaton.start_state(Anchored::Yes) else { return };
        let (first, rest) = text.split_at(text.len().min(2));
        let mut head = first.iter().fold(0, |head, &byte| head << 6 | six_bits(byte));
        for (at, &third) in rest.iter().enumerate() {
            head = (head << 6 | six_bits(third)) & ((1 << HEAD_BITS) - 1);
            if holds(&self.begins, head)
                && (holds(&self.begins_short, head) || self.may_be_long(&text[at..]))
            {
                self.find_at(text, at, start, &mut tell);
            }
        }
        // Too few bytes are left to go by.
        for at in text.len().saturating_sub(2)..text.len() {
            self.find_at(text, at, start, &mut tell);
        }
    }

    /// Tells every word that stands at the start of one, with the place behind it.
    fn find_at_starts(&self, text: &[u8], mut tell: impl FnMut(usize, usize)) {
        let Ok(start) = self.automaton.start_state(Anchored::Yes) else { return };
        for at in run_starts(text, |byte| byte.is_ascii_alphanumeric()) {
            let Some(&[first, second, third]) = text[at..].first_chunk() else {
                // Too few bytes are left to go by.
                self.find_at(text, at, start, &mut tell);
                continue;
            };
            let head = six_bits(first) << 12 | six_bits(second) << 6 | six_bits(third);
            if holds(&self.begins, head)
                && (holds(&self.begins_short, head) || self.may_be_long(&text[at..]))
            {
                self.find_at(text, at, start, &mut tell);
            }
        }
    }

    /// Whether a long word may stand at the start of a text.
    fn may_be_long(&self, text: &[u8]) -> bool {
        text.first_chunk::<LONG>().is_some_and(|head| holds(&self.begins_long, long_head(*head)))
    }

    /// Tells every word that stands at a place.
    fn find_at(&self, text: &[u8], at: usize, start: StateID, tell: &mut impl FnMut(usize, usize)) {
        let mut state = start;
        for (end, &byte) in (at + 1..).zip(&text[at..]) {
            state = self.automaton.next_state(Anchored::Yes, state, byte);
            if !self.automaton.is_special(state) {
                continue;
            }
            if self.automaton.is_dead(state) {
                return;
            }
            if self.automaton.is_match(state) {
                for nth in 0..self.automaton.match_len(state) {
                    let word = self.automaton.match_pattern(state, nth);
                    // The automaton also knows the words that end here but start later.
                    if self.automaton.pattern_len(word) == end - at {
                        tell(self.words[word.as_usize()], end);
                    }
                }
            }
        }
    }
}

fn add(bits: &mut [u64], bit: usize) {
    bits[bit / 64] |= 1 << (bit % 64);
}

#[inline]
fn holds<const WORDS: usize>(bits: &[u64; WORDS], bit: usize) -> bool {
    bits[bit / 64] & (1 << (bit % 64)) != 0
}

#[inline]
fn six_bits(byte: u8) -> usize {
    usize::from(byte & 63)
}

/// How many bits the number of [`long_head`] has.
const LONG_BITS: u32 = 15;

/// A number of the first bytes of a long word, in which the case of letters does not show.
fn long_head(head: [u8; LONG]) -> usize {
    let bits = head.iter().fold(0, |bits, &byte| bits << 5 | u64::from(byte & 31));
    (spread(bits) >> (u64::BITS - LONG_BITS)) as usize
}

/// More digits than any gate asks for.
const MOST_DIGITS: usize = 32;

impl Patterns {
    pub fn new(all: Vec<Pattern>) -> Self {
        let of_gate = |Pattern { gate, .. }: &Pattern| {
            let starts = gate.starts;
            gate.words.iter().map(move |word| (word.clone(), starts)).collect::<Vec<_>>()
        };
        let mut words: Vec<(String, bool)> = all.iter().flat_map(of_gate).collect();
        words.sort_unstable();
        words.dedup();
        let bits = |test: &dyn Fn(&Gate) -> bool| {
            let mut bits: Bits = vec![0; all.len().div_ceil(64)].into();
            for (id, _) in all.iter().enumerate().filter(|(_, pattern)| test(&pattern.gate)) {
                bits[id / 64] |= 1 << (id % 64);
            }
            bits
        };
        let opens_of = |(word, starts): &(String, bool)| {
            bits(&|gate| gate.starts == *starts && gate.words.contains(word))
        };
        let opens = words.iter().map(opens_of).collect();
        let of_digits = (0..=MOST_DIGITS)
            .map(|digits| bits(&|gate| gate.digits.min(MOST_DIGITS) <= digits))
            .collect();
        let (wordless, without_at) = (bits(&|gate| gate.words.is_empty()), bits(&|gate| !gate.at));
        let without_mixed = bits(&|gate| !gate.mixed);
        let capitals = words
            .iter()
            .map(|(word, _)| word.bytes().any(|byte| byte.is_ascii_uppercase()))
            .collect();
        Self {
            all,
            words,
            capitals,
            opens,
            wordless,
            of_digits,
            without_at,
            without_mixed,
            finders: OnceLock::new(),
            digitless: OnceLock::new(),
        }
    }

    pub fn get(&self, id: usize) -> &Pattern {
        &self.all[id]
    }

    /// The expressions that could match in a text, rising; the gates may only skip.
    /// Without `gates`, all of them.
    pub fn open(&self, text: &str, gates: bool) -> impl Iterator<Item = usize> + use<'_> {
        let longest = if gates { text.len() } else { usize::MAX };
        let mut open = self.wordless.clone();
        let unsure = !text.is_ascii() && text.contains(folds_to_ascii);
        let digits = if gates { most_digits(text).min(MOST_DIGITS) } else { MOST_DIGITS };
        let of_digits = &self.of_digits[digits];
        let at_sign = !gates || memchr::memchr(b'@', text.as_bytes()).is_some();
        let mixed = !gates || unsure || (digits > 0 && has_mixed(text));
        let finders = if digits == 0 && !mixed {
            self.digitless
                .get_or_init(|| Finders::new(&self.words, |word| self.opens_digitless(word)))
        } else {
            self.finders.get_or_init(|| Finders::new(&self.words, |_| true))
        };
        match finders {
            _ if open.is_empty() => {}
            Some(finders) if gates && !unsure => self.search(finders, text, &mut open),
            _ => open.fill(u64::MAX),
        }
        for (at, open) in open.iter_mut().enumerate() {
            let unless = |there: bool, without: &Bits| if there { u64::MAX } else { without[at] };
            *open &= of_digits[at]
                & unless(at_sign, &self.without_at)
                & unless(mixed, &self.without_mixed);
        }
        let mut at = 0;
        let ids = std::iter::from_fn(move || {
            while *open.get(at)? == 0 {
                at += 1;
            }
            let bit = open[at].trailing_zeros() as usize;
            open[at] &= open[at] - 1;
            Some(64 * at + bit)
        });
        ids.filter(move |&id| self.all[id].gate.length <= longest)
    }

    /// Whether a word opens an expression that asks for no digit.
    fn opens_digitless(&self, word: usize) -> bool {
        let masks = self.of_digits[0].iter().zip(&self.without_mixed);
        self.opens[word].iter().zip(masks).any(|(opens, (none, apart))| opens & none & apart != 0)
    }

    /// Opens what the words in a text open.
    fn search(&self, finders: &Finders, text: &str, open: &mut Bits) {
        let text = text.as_bytes();
        finders.find(text, |word, end| {
            let (written, _) = &self.words[word];
            if !self.capitals[word] || begins_with(&text[end - written.len()..], written) {
                open.iter_mut().zip(&self.opens[word]).for_each(|(open, more)| *open |= more);
            }
        });
    }
}

/// The most digits of a text with no ASCII letter between them.
fn most_digits(text: &str) -> usize {
    // Most texts have few digits, and counting them all is quick.
    let digits =
        |bytes: &[u8]| bytes.iter().map(|byte| u8::from(byte.is_ascii_digit())).sum::<u8>();
    let all = text.as_bytes().chunks(128).map(|bytes| usize::from(digits(bytes))).sum();
    if all < 2 {
        return all;
    }
    let (mut most, mut digits) = (0, 0);
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            digits += 1;
            most = most.max(digits);
        } else if byte.is_ascii_alphabetic() {
            digits = 0;
        }
    }
    most
}

/// Whether an ASCII letter stands right beside a digit.
fn has_mixed(text: &str) -> bool {
    // Without a branch, so that many bytes are compared at once.
    let beside = |(one, other): (&u8, &u8)| {
        (one.is_ascii_digit() & other.is_ascii_alphabetic())
            | (one.is_ascii_alphabetic() & other.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    bytes.iter().zip(bytes.get(1..).unwrap_or_default()).fold(false, |any, two| any | beside(two))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gates_open_for_what_they_ask_for() {
        let words = ["dob", "Born", "he"];
        let gate = |words: &[&str], digits, at| Gate {
            words: words.iter().map(ToString::to_string).collect(),
            digits,
            at,
            ..Gate::default()
        };
        let mut gates = vec![gate(&[], 0, false), gate(&[], 3, false), gate(&[], 0, true)];
        gates.extend((0..70).map(|at| gate(&[words[at % 3]], at / 3, false)));
        gates.push(gate(&["born", "He"], 2, true));
        gates.push(Gate { length: 5, ..Gate::default() });
        gates.push(Gate { mixed: true, ..Gate::default() });
        let patterns = Patterns::new(gates.iter().map(|g| Pattern::new("x", g.clone())).collect());
        for (text, digits, at) in [
            ("", 0, false),
            ("SHE, DOB 12/3", 3, false),
            ("reborn 1 2 a@b 1", 2, true),
            ("1 a 2", 1, false),
            ("hE bORn", 0, false),
            ("a1", 1, false),
        ] {
            let holds =
                |word: &String| (0..text.len()).any(|at| begins_with(&text.as_bytes()[at..], word));
            let expected: Vec<usize> = (0..gates.len())
                .filter(|&id| {
                    let gate = &gates[id];
                    (gate.words.is_empty() || gate.words.iter().any(holds))
                        && gate.digits <= digits
                        && (at || !gate.at)
                        && gate.length <= text.len()
                        && (text == "a1" || !gate.mixed)
                })
                .collect();
            assert_eq!(patterns.open(text, true).collect::<Vec<_>>(), expected, "{text}");
        }
        let kelvin: Vec<usize> = patterns.open("\u{212a} 12", true).collect();
        assert!(kelvin.contains(&3) && !kelvin.contains(&2));
    }

    proptest! {
        #[test]
        fn words_are_found_wherever_they_stand(
            words in prop::collection::vec(
                ("[abé\\. ]{1,4}|[Ba]{2,9}|[ab]{6,9}", any::<bool>()),
                1..8,
            ),
            text in "[abABé\\. !]{0,24}|[abAB]{0,40}|([abAB]{1,9}[. !é]){0,8}",
        ) {
            let text_from = |at: usize| &text.as_bytes()[at..];
            let mut found = vec![false; words.len()];
            Finders::new(&words, |_| true).unwrap().find(text.as_bytes(), |word, end| {
                let (written, _) = &words[word];
                assert!(text.as_bytes()[..end].to_ascii_lowercase().ends_with(written.to_ascii_lowercase().as_bytes()));
                // In other letters than were asked for, a word may be told or not.
                found[word] |= begins_with(text_from(end - written.len()), written);
            });
            let begins_word = |at: usize| {
                let is_in = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
                is_in(at) && !at.checked_sub(1).is_some_and(is_in)
            };
            let expected: Vec<bool> = words
                .iter()
                .map(|(word, starts)| {
                    let mut places = (0..text.len()).filter(|&at| !starts || begins_word(at));
                    places.any(|at| begins_with(text_from(at), word))
                })
                .collect();
            prop_assert_eq!(found, expected, "{:?} in {:?}", words, text);
        }
    }

    #[test]
    fn only_plain_boundaries_are_rewritten() {
        assert_eq!(lean(r"\b\d\\b\b{start}[\d-]"), r"(?-u:\b)[0-9]\\b\b{start}[[0-9]-]");
        assert!(Regex::new(&lean(r"^[\d-]+$")).unwrap().is_match("1-2"));
        assert!(Regex::new(&lean(r"(?i)\bSSN\b")).unwrap().is_match("é SSN é"));
        let word = Regex::new(&lean(r"^[\w'-]+$")).unwrap();
        assert!(
            ["Zoë", "O'Shea", "Łukasz", "Анна", "李明", "x_1"]
                .iter()
                .all(|name| word.is_match(name))
        );
        assert!(!["📞", "’", "½", "…", "×"].iter().any(|sign| word.is_match(sign)));
    }
}
