//! Regular expressions, and which of them a text can hold at all.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;

use crate::pack::{Gate, folds_to_ascii};

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

/// All expressions of some packs.
#[derive(Debug)]
pub struct Patterns {
    all: Vec<Pattern>,
    /// The words of all gates, each once.
    words: Vec<String>,
    /// By word: the expressions that it opens.
    opens: Vec<Vec<usize>>,
    /// Finds the words; built when the first text is searched. `None` where it cannot
    /// be built: then no gate is closed for want of words.
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl Patterns {
    pub fn new(all: Vec<Pattern>) -> Self {
        let mut words: Vec<String> =
            all.iter().flat_map(|pattern| pattern.gate.words.iter().cloned()).collect();
        words.sort_unstable();
        words.dedup();
        let mut opens = vec![Vec::new(); words.len()];
        for (id, pattern) in all.iter().enumerate() {
            for word in &pattern.gate.words {
                if let Ok(at) = words.binary_search(word) {
                    opens[at].push(id);
                }
            }
        }
        Self { all, words, opens, automaton: OnceLock::new() }
    }

    pub fn get(&self, id: usize) -> &Pattern {
        &self.all[id]
    }

    /// By expression, whether it could match in a text; the gates may only skip.
    pub fn open(&self, text: &str) -> Vec<bool> {
        let mut open: Vec<bool> =
            self.all.iter().map(|pattern| pattern.gate.words.is_empty()).collect();
        let unsure = !text.is_ascii() && text.contains(folds_to_ascii);
        match self.automaton.get_or_init(|| automaton(&self.words)) {
            Some(automaton) if !unsure => {
                for found in automaton.find_overlapping_iter(text) {
                    for &id in &self.opens[found.pattern().as_usize()] {
                        open[id] = true;
                    }
                }
            }
            _ => open.fill(true),
        }
        let at_sign = memchr::memchr(b'@', text.as_bytes()).is_some();
        let digits = most_digits(text);
        for (open, pattern) in open.iter_mut().zip(&self.all) {
            *open &= pattern.gate.digits <= digits && (at_sign || !pattern.gate.at);
        }
        open
    }
}

fn automaton(words: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .ok()
}

/// The most digits of a text with no ASCII letter between them.
fn most_digits(text: &str) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;

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
