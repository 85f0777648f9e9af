//! Digits and letters that every match of a regular expression holds.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use super::gate::folds_to_ascii;

/// How many digits every match holds without an ASCII letter between them: at its
/// start, at its end, anywhere; and whether it holds no letter at all.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    first: usize,
    last: usize,
    pub best: usize,
    no_letter: bool,
}

impl Digits {
    /// Nothing.
    const NONE: Self = Self { first: 0, last: 0, best: 0, no_letter: true };
    /// What may be a letter.
    const LETTER: Self = Self { no_letter: false, ..Self::NONE };

    pub fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::NONE,
            HirKind::Literal(literal) => {
                literal.0.iter().fold(Self::NONE, |before, &byte| before.then(Self::byte(byte)))
            }
            HirKind::Class(Class::Unicode(class)) => {
                let digit = |c: char| c.is_ascii_digit() || !c.is_ascii() && c.is_numeric();
                let ranges = class.ranges();
                let meets = |range: &ClassUnicodeRange, from, to| {
                    range.start() <= to && from <= range.end()
                };
                if ranges.iter().any(|range| meets(range, 'A', 'Z') || meets(range, 'a', 'z')) {
                    Self::LETTER
                } else if *class == *DIGITS
                    || !ranges.is_empty()
                        && ranges.iter().all(|range| digit(range.start()) && digit(range.end()))
                {
                    Self::byte(b'0')
                } else {
                    Self::NONE
                }
            }
            HirKind::Class(Class::Bytes(_)) => Self::LETTER,
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().map(Self::of).fold(Self::NONE, Self::then),
            HirKind::Alternation(ways) => {
                ways.iter().map(Self::of).reduce(Self::or).unwrap_or(Self::NONE)
            }
            HirKind::Repetition(Repetition { min, max, sub, .. }) => {
                let once = Self::of(sub);
                let needed = (0..(*min).min(32)).fold(Self::NONE, |before, _| before.then(once));
                let more = max.is_none_or(|max| max > *min);
                if more { needed.then(Self::NONE.or(once)) } else { needed }
            }
        }
    }

    fn byte(byte: u8) -> Self {
        match byte {
            b'0'..=b'9' => Self { first: 1, last: 1, best: 1, no_letter: true },
            b'a'..=b'z' | b'A'..=b'Z' => Self::LETTER,
            _ => Self::NONE,
        }
    }

    fn then(self, next: Self) -> Self {
        Self {
            first: if self.no_letter { self.first + next.first } else { self.first },
            last: if next.no_letter { self.last + next.last } else { next.last },
            best: self.best.max(next.best).max(self.last + next.first),
            no_letter: self.no_letter && next.no_letter,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.min(other.last),
            best: self.best.min(other.best),
            no_letter: self.no_letter && other.no_letter,
        }
    }
}

/// What a match begins and ends with, and whether it holds a letter beside a digit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Edges {
    /// `None` where it is no byte at all.
    ends: Option<(Edge, Edge)>,
    pub mixed: bool,
}

/// What a byte at the edge of a match is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Letter,
    Digit,
    Any,
}

impl Edges {
    const NOTHING: Self = Self { ends: None, mixed: false };
    const ANY: Self = Self::one(Edge::Any);

    const fn one(edge: Edge) -> Self {
        Self { ends: Some((edge, edge)), mixed: false }
    }

    pub fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::NOTHING,
            HirKind::Literal(literal) => {
                let bytes = literal.0.iter().map(|byte| match byte {
                    b'0'..=b'9' => Self::one(Edge::Digit),
                    b'a'..=b'z' | b'A'..=b'Z' => Self::one(Edge::Letter),
                    _ => Self::ANY,
                });
                bytes.fold(Self::NOTHING, Self::then)
            }
            HirKind::Class(Class::Unicode(class)) => {
                let all = |test: fn(char) -> bool| {
                    let mut ranges = class.ranges().iter();
                    !class.ranges().is_empty()
                        && ranges.all(|range| {
                            range.len() <= 26 && (range.start()..=range.end()).all(test)
                        })
                };
                // Of the digits beyond ASCII that `\d` stands for, none is in the text.
                if *class == *DIGITS || all(|c| c.is_ascii_digit()) {
                    Self::one(Edge::Digit)
                } else if all(|c| c.is_ascii_alphabetic() || folds_to_ascii(c)) {
                    Self::one(Edge::Letter)
                } else {
                    Self::ANY
                }
            }
            HirKind::Class(Class::Bytes(_)) => Self::ANY,
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().map(Self::of).fold(Self::NOTHING, Self::then),
            HirKind::Alternation(ways) => {
                ways.iter().map(Self::of).reduce(Self::or).unwrap_or(Self::NOTHING)
            }
            HirKind::Repetition(Repetition { min, sub, .. }) => {
                let once = Self::of(sub);
                match min {
                    0 => Self::NOTHING.or(once),
                    1 => once,
                    _ => once.then(once),
                }
            }
        }
    }

    fn then(self, next: Self) -> Self {
        let (Some(one), Some(other)) = (self.ends, next.ends) else {
            return if self.ends.is_some() { self } else { next };
        };
        let meet =
            matches!((one.1, other.0), (Edge::Letter, Edge::Digit) | (Edge::Digit, Edge::Letter));
        Self { ends: Some((one.0, other.1)), mixed: self.mixed || next.mixed || meet }
    }

    fn or(self, other: Self) -> Self {
        let same = |one: Edge, other: Edge| if one == other { one } else { Edge::Any };
        let ends = match (self.ends, other.ends) {
            (None, None) => None,
            (Some(one), Some(other)) => Some((same(one.0, other.0), same(one.1, other.1))),
            // Where it may be nothing, its neighbours may meet or not.
            _ => Some((Edge::Any, Edge::Any)),
        };
        Self { ends, mixed: self.mixed && other.mixed }
    }
}

/// The class `\d`.
pub(super) static DIGITS: LazyLock<ClassUnicode> =
    LazyLock::new(|| match regex_syntax::parse(r"\d").map(Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => ClassUnicode::empty(),
    });
