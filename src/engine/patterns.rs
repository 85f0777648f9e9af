//! Regular expressions, and which of them a text can hold at all.

use std::sync::OnceLock;

use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, StartKind};
use regex::Regex;

use crate::pack::{Gate, begins_with, folds_to_ascii};

/// A regular expression. It is built when a text first passes its gate: most
/// texts have no digit where an identifier could stand.
#[derive(Debug)]
pub struct Pattern {
    written: String,
    gate: Gate,
    built: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub fn new(written: &str, gate: Gate) -> Self {
        Self { written: written.to_owned(), gate, built: OnceLock::new() }
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
    /// The words of all gates, each once.
    words: Vec<String>,
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
    finder: OnceLock<Option<Finder>>,
}

/// Finds words wherever they stand in a text.
#[derive(Debug)]
struct Finder {
    /// By the lower five bits of three bytes, in which the case of a letter does not
    /// show: whether a word may begin with them. 4 KiB, which stay in the first-level
    /// cache; the automaton does not fit there.
    begins: Box<[u64]>,
    automaton: DFA,
}

impl Finder {
    fn new(words: &[String]) -> Option<Self> {
        let builder = &mut DFA::builder();
        let builder = builder.start_kind(StartKind::Anchored).ascii_case_insensitive(true);
        let automaton = builder.prefilter(false).build(words).ok()?;
        let mut begins: Box<[u64]> = vec![0; (1 << 15) / 64].into();
        for word in words {
            // A short word may stand before anything.
            let head = word.bytes().take(3).fold(0, |head, byte| head << 5 | five_bits(byte));
            let free = 5 * 3_usize.saturating_sub(word.len());
            for slot in head << free..(head + 1) << free {
                begins[slot / 64] |= 1 << (slot % 64);
            }
        }
        Some(Self { begins, automaton })
    }

    /// Whether a word may stand at a place, going by the first bytes there.
    fn may_begin(&self, bytes: &[u8]) -> bool {
        let Some(head) = bytes.first_chunk::<3>() else { return true };
        let slot = head.iter().fold(0, |head, &byte| head << 5 | five_bits(byte));
        self.begins[slot / 64] & (1 << (slot % 64)) != 0
    }

    /// Tells every word with the place behind it.
    fn find(&self, text: &[u8], mut tell: impl FnMut(usize, usize)) {
        let Ok(start) = self.automaton.start_state(Anchored::Yes) else { return };
        for at in 0..text.len() {
            if !self.may_begin(&text[at..]) {
                continue;
            }
            let mut state = start;
            for (end, &byte) in (at + 1..).zip(&text[at..]) {
                state = self.automaton.next_state(Anchored::Yes, state, byte);
                if !self.automaton.is_special(state) {
                    continue;
                }
                if self.automaton.is_dead(state) {
                    break;
                }
                if self.automaton.is_match(state) {
                    for nth in 0..self.automaton.match_len(state) {
                        tell(self.automaton.match_pattern(state, nth).as_usize(), end);
                    }
                }
            }
        }
    }
}

fn five_bits(byte: u8) -> usize {
    usize::from(byte & 31)
}

/// More digits than any gate asks for.
const MOST_DIGITS: usize = 32;

impl Patterns {
    pub fn new(all: Vec<Pattern>) -> Self {
        let mut words: Vec<String> =
            all.iter().flat_map(|pattern| pattern.gate.words.iter().cloned()).collect();
        words.sort_unstable();
        words.dedup();
        let bits = |test: &dyn Fn(&Gate) -> bool| {
            let mut bits: Bits = vec![0; all.len().div_ceil(64)].into();
            for (id, _) in all.iter().enumerate().filter(|(_, pattern)| test(&pattern.gate)) {
                bits[id / 64] |= 1 << (id % 64);
            }
            bits
        };
        let opens = words.iter().map(|word| bits(&|gate| gate.words.contains(word))).collect();
        let of_digits = (0..=MOST_DIGITS)
            .map(|digits| bits(&|gate| gate.digits.min(MOST_DIGITS) <= digits))
            .collect();
        let (wordless, without_at) = (bits(&|gate| gate.words.is_empty()), bits(&|gate| !gate.at));
        let without_mixed = bits(&|gate| !gate.mixed);
        let capitals =
            words.iter().map(|word| word.bytes().any(|byte| byte.is_ascii_uppercase())).collect();
        let finder = OnceLock::new();
        Self { all, words, capitals, opens, wordless, of_digits, without_at, without_mixed, finder }
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
        match self.finder.get_or_init(|| Finder::new(&self.words)) {
            _ if open.is_empty() => {}
            Some(finder) if gates && !unsure => self.search(finder, text, &mut open),
            _ => open.fill(u64::MAX),
        }
        let digits = if gates { most_digits(text).min(MOST_DIGITS) } else { MOST_DIGITS };
        let of_digits = &self.of_digits[digits];
        let at_sign = !gates || memchr::memchr(b'@', text.as_bytes()).is_some();
        let mixed = !gates || unsure || has_mixed(text);
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

    /// Opens what the words in a text open.
    fn search(&self, finder: &Finder, text: &str, open: &mut Bits) {
        let text = text.as_bytes();
        finder.find(text, |word, end| {
            let written = &self.words[word];
            if !self.capitals[word] || begins_with(&text[end - written.len()..], written) {
                open.iter_mut().zip(&self.opens[word]).for_each(|(open, more)| *open |= more);
            }
        });
    }
}

/// The most digits of a text with no ASCII letter between them.
fn most_digits(text: &str) -> usize {
    // Most texts have few digits, and counting them all is quick.
    let all = text.bytes().filter(u8::is_ascii_digit).count();
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
    let bytes = text.as_bytes();
    let mut digits = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    digits.any(|(at, _)| letter(at + 1) || at.checked_sub(1).is_some_and(letter))
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
            words in prop::collection::vec("[abé\\. ]{1,4}|[Ba]{2,5}", 1..8),
            text in "[abABé\\. !]{0,24}",
        ) {
            let holds = |word: &[u8]| {
                text.as_bytes().windows(word.len()).any(|here| here.eq_ignore_ascii_case(word))
            };
            let mut found = vec![false; words.len()];
            Finder::new(&words).unwrap().find(text.as_bytes(), |word, end| {
                assert!(text.as_bytes()[..end].to_ascii_lowercase().ends_with(words[word].to_ascii_lowercase().as_bytes()));
                found[word] = true;
            });
            let expected: Vec<bool> = words.iter().map(|word| holds(word.as_bytes())).collect();
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
