//! What a text must hold for a regular expression to match.
//!
//! Found by taking the expression apart, so that no author has to say it. The idea of
//! asking for required words before an expression runs is that of RE2's `FilteredRE2`.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind, Look, Repetition};

use super::gate_edges::{Digits, Edges};

/// What every text in which an expression matches holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// So many bytes.
    pub length: usize,
    /// So many digits with no ASCII letter between them.
    pub digits: usize,
    /// An `@`.
    pub at: bool,
    /// An ASCII letter right beside a digit, as in most identifiers and few dates.
    pub mixed: bool,
    /// One of these, in ASCII: a small letter stands for the capital as well, a capital
    /// for itself. None where nothing of the kind is known.
    pub words: Vec<String>,
    /// Whether no letter or digit of ASCII stands right before that word.
    pub starts: bool,
}

/// A regular expression with its gate, worked out for the first engine that has it: most
/// runs judge some of the rules.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As written.
    pub written: String,
    gate: OnceLock<Gate>,
}

impl Expression {
    /// An expression of which nothing is known yet.
    pub fn new(written: &str) -> Self {
        Self { written: written.to_owned(), gate: OnceLock::new() }
    }

    /// What every match holds; nothing where it is no regular expression.
    pub fn gate(&self) -> &Gate {
        let of = |hir: &Hir| gate(hir);
        self.gate
            .get_or_init(|| regex_syntax::parse(&self.written).as_ref().map(of).unwrap_or_default())
    }
}

/// Whether a text begins with a word of a gate.
pub fn begins_with(text: &[u8], word: &str) -> bool {
    let fits = |(byte, wanted): (&u8, &u8)| byte == wanted || byte.to_ascii_lowercase() == *wanted;
    text.len() >= word.len() && text.iter().zip(word.as_bytes()).all(fits)
}

/// What every match of an expression holds. Text is folded to ASCII digits before it
/// is searched, so `\d` counts as a digit here.
fn gate(hir: &Hir) -> Gate {
    let (words, starts) = match Parts::of(hir).best() {
        None => (Vec::new(), false),
        Some(words) => words.at_starts(),
    };
    Gate {
        length: hir.properties().minimum_len().unwrap_or_default(),
        digits: Digits::of(hir).best,
        at: needs_at(hir),
        mixed: Edges::of(hir).mixed,
        words,
        starts,
    }
}

/// The words without those that hold another of them; where they stand at the start of
/// a word, without those that start with another.
fn shortest(words: &BTreeSet<String>, starts: bool) -> Vec<String> {
    let holds = |word: &String, other: &String| {
        let most = if starts { 1 } else { (word.len() + 1).saturating_sub(other.len()) };
        (0..most).any(|at| begins_with(&word.as_bytes()[at..], other))
    };
    let holds_other =
        |word: &&String| words.iter().any(|other| *word != other && holds(word, other));
    words.iter().filter(|word| !holds_other(word)).cloned().collect()
}

/// Whether every match holds an `@`.
fn needs_at(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.contains(&b'@'),
        HirKind::Repetition(repetition) => repetition.min > 0 && needs_at(&repetition.sub),
        HirKind::Capture(capture) => needs_at(&capture.sub),
        HirKind::Concat(parts) => parts.iter().any(needs_at),
        HirKind::Alternation(ways) => ways.iter().all(needs_at),
        HirKind::Class(_) | HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// Whether a word that stands right behind some part of an expression is at the start of
/// a word: where nothing, or no letter or digit of ASCII stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Start {
    /// Nobody knows.
    Unknown,
    /// Where the part itself is at the start of one.
    AsBefore,
    /// Always.
    Sure,
}

impl Start {
    fn behind(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty => Self::AsBefore,
            HirKind::Literal(literal) => match literal.0.last() {
                None => Self::AsBefore,
                Some(byte) if byte.is_ascii_alphanumeric() => Self::Unknown,
                Some(_) => Self::Sure,
            },
            HirKind::Class(Class::Unicode(class)) => {
                let has = |range: &ClassUnicodeRange| {
                    let ascii = range.start()..=range.end().min('\u{7f}');
                    ascii.into_iter().any(|c| c.is_ascii_alphanumeric())
                };
                if class.ranges().iter().any(has) { Self::Unknown } else { Self::Sure }
            }
            HirKind::Class(Class::Bytes(_)) => Self::Unknown,
            HirKind::Look(look) => match look {
                Look::Start
                | Look::StartLF
                | Look::StartCRLF
                | Look::WordAscii
                | Look::WordUnicode
                | Look::WordStartAscii
                | Look::WordStartUnicode
                | Look::WordStartHalfAscii
                | Look::WordStartHalfUnicode => Self::Sure,
                _ => Self::AsBefore,
            },
            HirKind::Capture(capture) => Self::behind(&capture.sub),
            HirKind::Concat(parts) => {
                parts.iter().fold(Self::AsBefore, |before, part| before.then(Self::behind(part)))
            }
            HirKind::Alternation(ways) => {
                ways.iter().map(Self::behind).min().unwrap_or(Self::Unknown)
            }
            HirKind::Repetition(Repetition { min, sub, .. }) => match Self::behind(sub) {
                Self::Sure if *min == 0 => Self::AsBefore,
                start => start,
            },
        }
    }

    /// What holds behind the next part.
    fn then(self, next: Self) -> Self {
        if next == Self::AsBefore { self } else { next }
    }
}

/// Words, and whether they stand at the start of a word.
#[derive(Clone)]
struct Words {
    words: BTreeSet<String>,
    start: Start,
}

impl Words {
    /// All words of both.
    fn join(mut self, other: Self) -> Self {
        self.words.extend(other.words);
        Self { words: self.words, start: self.start.min(other.start) }
    }

    /// The words of a gate, and whether they stand at the start of a word. A word with
    /// signs before it starts behind them.
    fn at_starts(self) -> (Vec<String>, bool) {
        let bare = |word: &String| {
            let bare = word.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            bare.to_owned()
        };
        let is_bare = |word: &String| word.starts_with(|c: char| c.is_ascii_alphanumeric());
        let are_sure = self.start == Start::Sure || !self.words.iter().any(is_bare);
        let words: BTreeSet<String> = self.words.iter().map(bare).collect();
        if are_sure && words.iter().all(|word| !word.is_empty()) {
            return (shortest(&words, true), true);
        }
        (shortest(&self.words, false), false)
    }
}

/// What is known of the letters of a match.
#[derive(Clone)]
struct Parts {
    /// Everything it can be, where that is little.
    exact: Option<BTreeSet<String>>,
    /// Words of which it holds one.
    words: Option<Words>,
}

/// Most spellings of a part that are kept apart.
const MOST_SPELLINGS: usize = 24;
/// Most letters in one place that are told apart.
const MOST_LETTERS: usize = 8;
/// Most words that one expression is searched for by.
const MOST_WORDS: usize = 160;
/// Shortest word worth searching for, in bytes.
const SHORTEST: usize = 2;

impl Parts {
    const UNKNOWN: Self = Self { exact: None, words: None };

    fn exactly(text: &str) -> Self {
        Self { exact: Some(BTreeSet::from([text.to_owned()])), words: None }
    }

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(""),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) if text.is_ascii() => Self::exactly(text),
                _ => Self::UNKNOWN,
            },
            HirKind::Class(Class::Unicode(class)) => {
                // The two letters beyond ASCII that are forms of ASCII ones are told to
                // the caller by `folds_to_ascii`.
                let few = class.ranges().iter().map(ClassUnicodeRange::len).sum::<usize>() <= 12;
                let chars = || class.ranges().iter().flat_map(|range| range.start()..=range.end());
                if !few || !chars().all(|c| c.is_ascii() || folds_to_ascii(c)) {
                    return Self::UNKNOWN;
                }
                let has = |wanted: char| chars().any(|c| c == wanted);
                let either: BTreeSet<String> = chars()
                    .filter(char::is_ascii)
                    .map(|c| if has(c.to_ascii_lowercase()) { c.to_ascii_lowercase() } else { c })
                    .map(String::from)
                    .collect();
                if either.is_empty() || either.len() > MOST_LETTERS {
                    return Self::UNKNOWN;
                }
                Self { exact: Some(either), words: None }
            }
            HirKind::Class(Class::Bytes(_)) => Self::UNKNOWN,
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(Repetition { min, max, sub, .. }) => {
                let once = Self::of(sub);
                match (min, max) {
                    (0, Some(1)) => {
                        let exact = once.exact.map(|mut exact| {
                            exact.insert(String::new());
                            exact
                        });
                        Self { exact, words: None }
                    }
                    (0, _) => Self::UNKNOWN,
                    (1, Some(1)) => once,
                    _ => Self { exact: None, words: once.best() },
                }
            }
            HirKind::Concat(parts) => {
                Self::in_a_row(parts.iter().map(|part| (Self::of(part), Start::behind(part))))
            }
            HirKind::Alternation(ways) => {
                let ways: Vec<Self> = ways.iter().map(Self::of).collect();
                let exact = ways.iter().try_fold(BTreeSet::new(), |mut all, way| {
                    all.extend(way.exact.iter().flatten().cloned());
                    (way.exact.is_some() && all.len() <= MOST_WORDS).then_some(all)
                });
                let words = ways
                    .into_iter()
                    .map(Self::best)
                    .reduce(|all, way| Some(all?.join(way?)))
                    .flatten()
                    .filter(|all| all.words.len() <= MOST_WORDS);
                Self { exact, words }
            }
        }
    }

    /// Parts in a row, each with what holds of a word right behind it.
    fn in_a_row(parts: impl Iterator<Item = (Self, Start)>) -> Self {
        let nothing = || BTreeSet::from([String::new()]);
        let mut whole = Self { exact: Some(nothing()), words: None };
        // What the parts since the last one that can be anything spell, from where on.
        let mut row = Words { words: nothing(), start: Start::AsBefore };
        let mut start = Start::AsBefore;
        for (part, behind) in parts {
            whole.offer(part.words.map(|words| Words { start: start.then(words.start), ..words }));
            match part.exact {
                Some(exact) if is_nothing(&exact) => {}
                // Signs before a word say less than that it starts behind them.
                Some(exact)
                    if is_nothing(&row.words) && behind == Start::Sure && are_signs(&exact) =>
                {
                    whole.exact = None;
                }
                Some(exact) if is_nothing(&row.words) && exact.len() <= MOST_SPELLINGS => {
                    row = Words { words: exact, start };
                }
                Some(exact) if row.words.len() == 1 && exact.len() == 1 => {
                    let whole = row.words.pop_first().into_iter().chain(exact).collect::<String>();
                    row.words.insert(whole);
                }
                Some(exact) if row.words.len() * exact.len() <= MOST_SPELLINGS => {
                    row.words = row
                        .words
                        .iter()
                        .flat_map(|before| {
                            exact.iter().map(move |part| [before.as_str(), part].concat())
                        })
                        .collect();
                }
                Some(exact) => {
                    whole.offer(Some(std::mem::replace(&mut row, Words { words: exact, start })));
                    whole.exact = None;
                }
                None => {
                    let next = Words { words: nothing(), start: Start::Unknown };
                    whole.offer(Some(std::mem::replace(&mut row, next)));
                    whole.exact = None;
                }
            }
            start = start.then(behind);
        }
        whole.offer(Some(row.clone()));
        whole.exact = whole.exact.map(|_| row.words);
        whole
    }

    /// Takes `words` where they say more than those known so far: the longer the
    /// shortest of them, the rarer they are, and the rarer where they start a word.
    fn offer(&mut self, words: Option<Words>) {
        let worth = |Words { words, start }: &Words| {
            let shortest = words.iter().map(String::len).min().unwrap_or(0);
            let known = if *start == Start::Unknown { 0 } else { 2 };
            (shortest.min(6) + known, std::cmp::Reverse(words.len()))
        };
        let Some(words) = words.filter(|all| all.words.iter().all(|word| word.len() >= SHORTEST))
        else {
            return;
        };
        if self.words.as_ref().is_none_or(|known| worth(&words) > worth(known)) {
            self.words = Some(words);
        }
    }

    /// The words of which every match holds one.
    fn best(mut self) -> Option<Words> {
        let exact = self.exact.take();
        self.offer(exact.map(|words| Words { words, start: Start::AsBefore }));
        self.words
    }
}

/// Whether it is certain that there is nothing.
fn is_nothing(spellings: &BTreeSet<String>) -> bool {
    spellings.len() == 1 && spellings.contains("")
}

/// Whether there is neither a letter nor a digit in any of them.
fn are_signs(spellings: &BTreeSet<String>) -> bool {
    !spellings.iter().flat_map(|spelling| spelling.bytes()).any(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a letter beyond ASCII is another case of an ASCII letter: the long s and
/// the Kelvin sign. A text that holds one passes every gate for words.
pub fn folds_to_ascii(c: char) -> bool {
    matches!(c, '\u{17f}' | '\u{212a}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    fn gate(regex: &str) -> Gate {
        super::gate(&regex_syntax::parse(regex).unwrap())
    }

    fn words(regex: &str) -> Vec<String> {
        gate(regex).words
    }

    #[test]
    fn digits_are_counted_where_no_letter_parts_them() {
        assert_eq!(gate(r"\b\d{3}-\d{2}\b").digits, 5);
        assert_eq!(gate(r"[A-Z]{2}[0-9]?").digits, 0);
        assert_eq!(gate(r"(\d|x)y").digits, 0);
        assert_eq!(gate(r"(\dx|[5-9])").digits, 1);
        assert_eq!(gate(r"[A-Z]{2} ?\d{2} ?\d{2}[A-D]\d").digits, 4);
        assert_eq!(gate(r"\d{1,2}(st|nd)? ?\d{4}").digits, 4);
        assert_eq!(gate(r"\d{2}(?:[ -]\d)*\d{3}").digits, 5);
    }

    #[test]
    fn words_are_found() {
        assert_eq!(words(r"(?i)\b(?:nhs|chi)[ :]+(?:no|number)? ?\d"), ["chi", "nhs"]);
        assert_eq!(
            words(r"(?i)\b(?:n\.?i\.? ?no)"),
            ["n.i no", "n.i. no", "n.i.no", "n.ino", "ni no", "ni. no", "ni.no", "nino"]
        );
        assert_eq!(words(r"(?i)e-?mail: \w+"), ["e-mail: ", "email: "]);
        assert_eq!(words(r"(?i)^(?P<value>date\s+of\s+birth)"), ["birth"]);
        assert_eq!(words(r"\d+|abc"), [""; 0]);
        assert_eq!(words(r"\b[Nn]at|C[Oo]B: \w"), ["CoB: ", "nat"]);
        assert_eq!(
            words(r"\w+ (?P<value>[WB]/?[MF])\b"),
            ["B/F", "B/M", "BF", "BM", "W/F", "W/M", "WF", "WM"]
        );
        assert!(gate(r"(?i)[a-z]+@[a-z]+").at);
        assert!(!gate(r"[a@]b").at);
    }

    #[test]
    fn words_at_the_start_of_a_word_are_told() {
        for regex in [
            r"\b(?:nhs|chi) no",
            r"(?:^|[^\w])(?P<value>[Hh]ome|flat) \d",
            r"(?:^|[\n,]\s*)race",
            r"[a-z]+ \((?:Ukr|Bulg)",
            r"\d+\b(?:an )?income",
            r"\w+ (?P<value>[WB]/?[MF])\b",
            r"(?:\b|_)race",
        ] {
            assert!(gate(regex).starts, "{regex}");
        }
        for regex in [r"(?:nhs|chi) no", r"\b[a-z]?home", r"(?:\b|x)race", r"\bx\w*age", r"[ a]no"]
        {
            assert!(!gate(regex).starts, "{regex}");
        }
        assert_eq!(words(r"\b(?:race|trace)"), ["race", "trace"]);
        assert_eq!(words(r"(?:race|trace)"), ["race"]);
    }

    #[test]
    fn letters_beside_digits_are_seen() {
        for regex in [
            r"\b[A-Z]{2}\d{2}[A-Z0-9]+",
            r"(?i)(?:^|\W)(?P<value>[1-9][A-Z]-\d)\b",
            r"GWF01|A\d",
            r"(?:x1){2} ?",
            r"(?:1x){2}",
            r"(?i)sk\b1",
            r"[A-Za-z][5-9]",
        ] {
            assert!(gate(regex).mixed, "{regex}");
        }
        for regex in [
            r"[A-Z] ?\d",
            r"[Z-a]\d",
            r"[A-z]\d",
            r"x[\d²]",
            r"[A-Z0-9]\d",
            r"\w\d",
            r"A\d|\d \d",
            r"(?:A1)*",
            r"A(?:x|\b)1",
            r"é1",
            r"\d{3}-\d{2}",
            r"(?:a|1)1",
        ] {
            assert!(!gate(regex).mixed, "{regex}");
        }
    }

    proptest! {
        #[test]
        fn what_matches_passes(
            regex in r"(\(\?i\))?((\\b|\^| |\\s|\[\^a-z\]|\(\?:\\b\|a\)|\(\?:\^\|\[,1\]\)|[a-cA-C]{1,4}|\\d|\[a-b1\]|\[aA\]|\[AB\]|x|@|\(ab\|c1?\)|\(\?:abc\|bca\|cab\))(\?|\*|\{2\}|\+|\{1,2\})?){1,6}",
            text in "[abcxABC12@ ]{0,24}",
        ) {
            let Ok(built) = Regex::new(&regex) else { return Ok(()) };
            if built.is_match(&text) {
                let gate = gate(&regex);
                let runs = text.split(|c: char| c.is_ascii_alphabetic());
                let digits = runs.map(|run| run.bytes().filter(u8::is_ascii_digit).count()).max();
                prop_assert!(digits.unwrap_or(0) >= gate.digits);
                prop_assert!(text.len() >= gate.length);
                let mixed = |pair: &[u8]| {
                    pair.iter().any(u8::is_ascii_digit) && pair.iter().any(u8::is_ascii_alphabetic)
                };
                prop_assert!(!gate.mixed || text.as_bytes().windows(2).any(mixed));
                prop_assert!(!gate.at || text.contains('@'));
                let starts = |at: usize| {
                    let before = at.checked_sub(1).map(|before| text.as_bytes()[before]);
                    !gate.starts || !before.is_some_and(|byte| byte.is_ascii_alphanumeric())
                };
                let stands = |word: &String| {
                    let begins = |at: usize| begins_with(&text.as_bytes()[at..], word);
                    (0..text.len()).any(|at| starts(at) && begins(at))
                };
                prop_assert!(gate.words.is_empty() || gate.words.iter().any(stands));
            }
        }
    }
}
