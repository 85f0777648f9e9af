//! The words and marks of a folded text, told apart and numbered once for all who ask:
//! the search for literals, the phrases around them and the weights.

use std::borrow::Cow;

use crate::pack::cut;
use crate::text::{Span, is_word_byte, number_at, runs, word_number};

/// A word or mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the folded text.
    pub span: Span,
    /// [`word_number`] of it.
    pub number: u64,
}

/// The words and marks of a folded text, as [`cut`] tells them apart.
#[cfg(test)]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    fill(text, &mut all);
    all
}

/// Adds the words and marks of a folded text, as [`cut`] tells them apart.
pub fn fill(text: &str, all: &mut Vec<Piece>) {
    if !text.is_ascii() {
        all.extend(cut_from(text, 0));
        return;
    }
    let bytes = text.as_bytes();
    // Words are four letters long, more or less.
    all.reserve(text.len() / 4 + 4);
    let mut behind = 0;
    for Span { start, end } in runs(bytes, 0, is_word_byte) {
        // One space stands between most words.
        let is_plain = start == behind + 1 && bytes[behind] == b' ';
        let start = if is_plain { start } else { marks(bytes, behind, start, all) };
        let number = number_at(bytes, start, end - start);
        all.push(Piece { span: Span::new(start, end), number });
        behind = end;
    }
    let rest = marks(bytes, behind, bytes.len(), all);
    if rest < bytes.len() {
        all.push(mark(bytes, rest));
    }
}

/// The marks in `from..to`, between which no word is; returns where the word starts that
/// follows: with the apostrophe before it where that ends another.
fn marks(bytes: &[u8], from: usize, to: usize, all: &mut Vec<Piece>) -> usize {
    for at in from..to {
        match bytes[at] {
            b' ' | b'\n' => {}
            b'\'' if at + 1 == to && at > 0 && is_word_byte(bytes[at - 1]) => return at,
            _ => all.push(mark(bytes, at)),
        }
    }
    to
}

fn mark(bytes: &[u8], at: usize) -> Piece {
    Piece { span: Span::new(at, at + 1), number: word_number(&bytes[at..=at]) }
}

/// The same of a text that starts at a byte of another, with its places there.
fn cut_from(text: &str, from: usize) -> Vec<Piece> {
    let piece = |span: Span| Piece {
        span: Span::new(from + span.start, from + span.end),
        number: word_number(&text.as_bytes()[span.range()]),
    };
    cut(text).map(piece).collect()
}

/// The words and marks of a part of a text by itself, with their places in the whole;
/// `all` are those of the whole, if somebody has them.
pub fn pieces_in<'p>(text: &str, part: Span, all: Option<&'p [Piece]>) -> Cow<'p, [Piece]> {
    let is_apart = |at: usize| {
        let apart = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b' ' | b'\n'));
        apart(text.as_bytes().get(at))
            || at.checked_sub(1).is_none_or(|at| apart(text.as_bytes().get(at)))
    };
    match all {
        Some(all) if is_apart(part.start) && is_apart(part.end) => {
            let from = all.partition_point(|piece| piece.span.start < part.start);
            let to = all.partition_point(|piece| piece.span.start < part.end);
            Cow::Borrowed(&all[from..to])
        }
        _ => Cow::Owned(cut_from(&text[part.range()], part.start)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_are_those_of_the_text_and_of_each_part(
            text in "[ab9_ '.,\n-]{0,24}([abé★'ñ ]{0,12}|[a-c ]{60,70}'s? ?)[a' \n]{0,8}",
            from in 0_usize..110,
            len in 0_usize..110,
        ) {
            let all = pieces(&text);
            prop_assert_eq!(&all, &cut_from(&text, 0));
            let from = text.floor_char_boundary(from.min(text.len()));
            let to = text.floor_char_boundary((from + len).min(text.len())).max(from);
            let part = Span::new(from, to);
            let alone = cut_from(&text[from..to], from);
            prop_assert_eq!(&*pieces_in(&text, part, Some(&all)), &alone[..]);
            prop_assert_eq!(&*pieces_in(&text, part, None), &alone[..]);
        }
    }
}
