//! What every match of a regular expression begins with, signs left out.
//!
//! Expressions for identifiers and dates of birth spell their words in many ways (`d.o.b`,
//! `D O B`), so no word stands in all matches; but without the signs between them, the
//! first letters and digits are few. A text with none of those has no match.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition};

use super::gate::folds_to_ascii;
use super::gate_edges::DIGITS;

/// So many letters and digits are kept of a beginning.
const LONGEST: u32 = 8;
/// A shorter beginning stands in too many texts.
const SHORTEST: u32 = 3;
/// Most beginnings that one expression is told by.
const MOST: usize = 512;

/// The beginnings of all matches of an expression: ASCII letters, small, and digits, each
/// as `0`.
#[derive(Debug)]
pub struct Heads {
    /// Each with the bits that it takes up; none is the beginning of another. Rising. Empty
    /// where nothing is known.
    all: Vec<(u64, u64)>,
    firsts: Firsts,
}

impl Heads {
    /// Those of an expression that is searched for in text with ASCII digits only.
    pub fn of(written: &str) -> Self {
        let known = regex_syntax::parse(written).ok().and_then(|hir| beginnings(&hir));
        let (mut all, mut firsts) = (Vec::<(u64, u64)>::new(), Firsts::none());
        for Head { text, len, .. } in known.unwrap_or_default() {
            firsts.add(text);
            // In this order, one stands right before those that it begins.
            if all.last().is_none_or(|&(last, mask)| text & mask != last) {
                all.push((text, u64::MAX << (8 * (LONGEST - len))));
            }
        }
        Self { all, firsts }
    }

    /// Whether a text may hold a match.
    pub fn may_match(&self, words: &WordHeads) -> bool {
        let begins = |&word: &u64| {
            self.firsts.has(word) && {
                // Only the last that is not beyond it can be its beginning.
                let at = self.all.partition_point(|&(head, _)| head <= word);
                at.checked_sub(1).is_some_and(|at| word & self.all[at].1 == self.all[at].0)
            }
        };
        self.all.is_empty() || (self.firsts.meets(&words.firsts) && words.all.iter().any(begins))
    }
}

/// The first [`SHORTEST`] letters of some beginnings, as bits by a hash.
#[derive(Debug)]
struct Firsts(Box<[u64; Firsts::BITS / 64]>);

impl Firsts {
    const BITS: usize = 4096;

    fn none() -> Self {
        Self(Box::new([0; Self::BITS / 64]))
    }

    #[inline]
    fn bit(head: u64) -> usize {
        const { assert!(SHORTEST == 3) };
        (head >> 40).wrapping_mul(0x9e37_79b9).wrapping_shr(20) as usize % Self::BITS
    }

    #[inline]
    fn add(&mut self, head: u64) {
        let bit = Self::bit(head);
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    #[inline]
    fn has(&self, head: u64) -> bool {
        let bit = Self::bit(head);
        self.0[bit / 64] & (1 << (bit % 64)) != 0
    }

    fn meets(&self, other: &Self) -> bool {
        // Without a branch, so that many are compared at once.
        self.0.iter().zip(&*other.0).fold(0, |any, (one, other)| any | one & other) != 0
    }
}

/// What begins at every word of a text: its letters and digits and those behind it, signs
/// left out. A letter beyond ASCII is a sign here.
#[derive(Debug)]
pub struct WordHeads {
    /// From the last word to the first.
    all: Vec<u64>,
    firsts: Firsts,
}

impl WordHeads {
    /// Those of a text.
    pub fn of(text: &str) -> Self {
        let (mut all, mut firsts) = (Vec::with_capacity(text.len() / 4 + 1), Firsts::none());
        let mut tell = |head: u64| {
            firsts.add(head);
            all.push(head);
        };
        let (mut head, mut is_in) = (0, false);
        for &byte in text.as_bytes().iter().rev() {
            let letter = SPELLED[usize::from(byte)];
            if letter != 0 {
                head = head >> 8 | u64::from(letter) << 56;
            } else if is_in {
                tell(head);
            }
            is_in = letter != 0;
        }
        if is_in {
            tell(head);
        }
        Self { all, firsts }
    }
}

/// By byte, how it is spelled here: 0 for a sign.
static SPELLED: [u8; 256] = {
    let mut spelled = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        spelled[byte as usize] = if byte.is_ascii_digit() {
            b'0'
        } else if byte.is_ascii_alphabetic() {
            byte.to_ascii_lowercase()
        } else {
            0
        };
        byte += 1;
    }
    spelled
};

/// A beginning under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    /// Its bytes, the first highest, and how many they are.
    text: u64,
    len: u32,
    /// Whether what follows the text in the expression follows it here.
    is_open: bool,
    /// Whether a letter that comes next begins a word; of importance only at the start.
    at_start: bool,
}

impl Head {
    fn then(self, letter: u8) -> Self {
        let len = self.len + 1;
        let text = self.text | u64::from(letter) << (8 * (LONGEST - len));
        Self { text, len, is_open: len < LONGEST, at_start: true }
    }
}

/// Beginnings under way, rising, each once.
type All = Vec<Head>;

/// The beginnings of all matches, rising; `None` where too little is known of them.
fn beginnings(hir: &Hir) -> Option<All> {
    let all = extend(vec![Head { text: 0, len: 0, is_open: true, at_start: false }], hir)?;
    all.iter().all(|head| head.len >= SHORTEST).then_some(all)
}

/// Beginnings with what follows them; `None` where that is not known and they are too short.
fn extend(all: All, hir: &Hir) -> Option<All> {
    if !all.iter().any(|head| head.is_open) {
        return Some(all);
    }
    match hir.kind() {
        HirKind::Empty => Some(all),
        HirKind::Look(look) => Some(if begins_word(*look) { after_sign(all) } else { all }),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            text.chars().try_fold(all, |all, c| with(&all, &[spelled(c)]))
        }
        HirKind::Class(Class::Unicode(class)) => with(&all, &letters(class)),
        HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Capture(capture) => extend(all, &capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(all, extend),
        HirKind::Alternation(ways) => {
            let mut any = All::new();
            for way in ways {
                any.append(&mut extend(all.clone(), way)?);
            }
            limited(any)
        }
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            // Behind so many, each is long enough or was there before.
            let enough = LONGEST + 1;
            let all = (0..(*min).min(enough)).try_fold(all, |all, _| extend(all, sub))?;
            let more = max.map_or(enough, |max| (max - min).min(enough));
            let (mut all, mut last) = (all.clone(), all);
            for _ in 0..more {
                last = extend(last, sub)?;
                if last.iter().all(|head| all.binary_search(head).is_ok()) {
                    break;
                }
                all.extend(&last);
                all = limited(all)?;
            }
            Some(all)
        }
    }
}

/// Whether a letter right behind it begins a word.
fn begins_word(look: Look) -> bool {
    matches!(
        look,
        Look::Start
            | Look::StartLF
            | Look::StartCRLF
            | Look::WordAscii
            | Look::WordUnicode
            | Look::WordStartAscii
            | Look::WordStartUnicode
            | Look::WordStartHalfAscii
            | Look::WordStartHalfUnicode
    )
}

/// A character as it is spelled here; 0 for a sign.
fn spelled(c: char) -> u8 {
    u8::try_from(c).map_or(0, |byte| SPELLED[usize::from(byte)])
}

/// What the characters of a class are here.
fn letters(class: &ClassUnicode) -> Vec<u8> {
    if *class == *DIGITS {
        return vec![b'0'];
    }
    let mut all = Vec::new();
    for range in class.ranges() {
        all.extend((range.start()..=range.end().min('\u{7f}')).map(spelled));
        // Texts with the two letters that are forms of ASCII ones pass without a look.
        let is_form = range.start() == range.end() && folds_to_ascii(range.end());
        if range.end() > '\u{7f}' && !is_form {
            all.push(0);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Beginnings with one more character, which may be a sign.
fn with(all: &All, letters: &[u8]) -> Option<All> {
    let open = all.iter().filter(|head| head.is_open).count();
    if open * letters.len() > MOST && *letters != [0] {
        return closed(all);
    }
    let mut longer = All::with_capacity(all.len() * letters.len());
    for head in all {
        if !head.is_open {
            longer.push(*head);
            continue;
        }
        for &letter in letters {
            longer.push(match letter {
                0 => Head { at_start: true, ..*head },
                _ if !head.at_start => return None,
                letter => head.then(letter),
            });
        }
    }
    limited(longer)
}

/// Beginnings behind which a letter begins a word.
fn after_sign(mut all: All) -> All {
    for head in &mut all {
        head.at_start = true;
    }
    all.dedup();
    all
}

/// The same in order, closed where there are too many.
fn limited(mut all: All) -> Option<All> {
    all.sort_unstable();
    all.dedup();
    if all.len() > MOST { closed(&all) } else { Some(all) }
}

/// Beginnings behind which nothing is known.
fn closed(all: &All) -> Option<All> {
    let close = |head: &Head| {
        (head.len >= SHORTEST).then_some(Head { is_open: false, at_start: true, ..*head })
    };
    let mut all: All = all.iter().map(close).collect::<Option<_>>()?;
    all.dedup();
    Some(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    fn written(head: u64) -> String {
        let bytes = head.to_be_bytes().into_iter().take_while(|&byte| byte != 0);
        bytes.map(char::from).collect()
    }

    fn known(regex: &str) -> Vec<String> {
        let hir = regex_syntax::parse(regex).unwrap();
        beginnings(&hir).into_iter().flatten().map(|head| written(head.text)).collect()
    }

    #[test]
    fn beginnings_are_told_without_signs() {
        assert_eq!(
            known(r"(?i)\b(?P<value>d\.?\s?o\.?\s?b|b/?day)\b: \d\d?"),
            ["bday0", "bday00", "dob0", "dob00"]
        );
        assert_eq!(known(r"(?:^|[^\w-])A[#:]? ?\d{3}-\d{9}"), ["a0000000"]);
        assert_eq!(known(r"(?:^|\s)on\s+[£$]\s?\d[km]"), ["on0k", "on0m"]);
        // Where a word can begin before it, or with anything, nothing is known.
        for regex in ["dob", r"\b\w+dob", r"\b[a-z]*at", r"\bx?\d", r"(?:\b|[a-z])dob"] {
            assert_eq!(known(regex), [""; 0], "{regex}");
        }
    }

    #[test]
    fn words_go_on_beyond_signs() {
        let spelled = |text: &str| {
            let heads = WordHeads::of(text).all.into_iter().rev();
            heads.map(written).collect::<Vec<_>>()
        };
        assert_eq!(spelled("D.O.B é 12/3"), ["dob000", "ob000", "b000", "000", "0"]);
        assert_eq!(spelled("(abcdefghij)"), ["abcdefgh"]);
        assert_eq!(spelled(" -"), [""; 0]);
    }

    proptest! {
        #[test]
        fn what_matches_has_a_beginning(
            regex in r"(\(\?i\))?(\\b|\^|\(\?:\^\|\[\^a-z0-9\]\)|\\s)((\\b|\.| |\\s|\[\^a-z\]|\(\?:\\b\|a\)|[a-cA-C]{1,4}|\\d|\[a-b1\]|\[aA\]|\[AB\]|x|é|@|\(ab\|c1?\)|\(\?:abc\|bca\|cab\)|\[ab\]{9})(\?|\*|\{2\}|\+|\{1,2\})?){1,6}",
            text in "[abcxABC12@. é]{0,24}",
        ) {
            let Ok(built) = Regex::new(&regex) else { return Ok(()) };
            if built.is_match(&text) {
                prop_assert!(Heads::of(&regex).may_match(&WordHeads::of(&text)));
            }
        }
    }
}
