//! What of a text is weighed at once.

use std::ops::Range;

use crate::engine::pieces::Piece;
use crate::engine::weigh::points_of;
use crate::text::Span;

/// Up to so many bytes (folded) a text is weighed as one, beyond that paragraph by
/// paragraph, and a longer paragraph in parts: points add up, and those of a long text
/// would say more of its length than of what it says. Most posts and notes are shorter.
pub(super) const LONGEST: usize = 2_000;
/// How much what is seen in a part of a text counts at most, in 256ths.
pub(super) const OF_PART: u32 = 256;
/// Sentences of the longest stretch: what is wrong is rarely said in more.
const WIDEST: usize = 3;
/// Words and marks of the shortest stretch.
const FEWEST: usize = 4;

/// A text, or the parts of a long one: bytes of folded text.
pub(super) fn parts(text: &str) -> Vec<Span> {
    let mut at = 0;
    let next = || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let len = if rest.len() <= LONGEST && at == 0 {
            rest.len()
        } else {
            // Folding leaves a line break only between paragraphs.
            let paragraph = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let most = rest.ceil_char_boundary(LONGEST);
            if paragraph <= most {
                paragraph
            } else {
                rest[..most].rfind(' ').map_or(most, |space| space + 1)
            }
        };
        let part = Span::new(at, at + len);
        at += len;
        Some(part)
    };
    std::iter::from_fn(next).collect()
}

/// How many points more are asked of each of so many parts of a text, so that a long text
/// is not found guilty the sooner for having many.
pub(super) fn more_for(parts: usize) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "no text has more than 2^53 parts")]
    points_of(parts.max(1) as f64)
}

/// The stretches of one to three sentences of a text, by its words and marks, and how many
/// points more are asked of each: half of what is asked of as many parts, since those of
/// one text have much in common. None are of a text of one sentence, nor is the whole of it.
pub(super) fn stretches(text: &str, said: &[Piece]) -> (Vec<Range<usize>>, i32) {
    let is_end = |(at, piece): (usize, &Piece)| {
        let is_mark = matches!(&text[piece.span.range()], "." | "!" | "?");
        let next = said.get(at + 1);
        let breaks = || {
            let next = next.map_or(text.len(), |next| next.span.start);
            text[piece.span.end..next].contains('\n')
        };
        let ends = is_mark && next.is_none_or(|next| next.span.start > piece.span.end) || breaks();
        ends.then_some(at + 1)
    };
    let mut ends: Vec<usize> = said.iter().enumerate().filter_map(is_end).collect();
    if ends.last() != Some(&said.len()) {
        ends.push(said.len());
    }
    let sentences = ends.len();
    let starts: Vec<usize> = std::iter::once(0).chain(ends.iter().copied()).collect();
    let mut all = Vec::new();
    for wide in 1..=WIDEST.min(sentences - 1) {
        let of = |at: usize| starts[at]..starts[at + wide];
        all.extend((0..=sentences - wide).map(of).filter(|range| range.len() >= FEWEST));
    }
    (all, more_for(sentences) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::pieces::pieces;

    fn said(text: &str) -> Vec<&str> {
        let all = pieces(text);
        let (stretches, _) = stretches(text, &all);
        let of =
            |range: Range<usize>| &text[all[range.start].span.start..all[range.end - 1].span.end];
        stretches.into_iter().map(of).collect()
    }

    #[test]
    fn stretches_are_of_one_to_three_sentences() {
        assert_eq!(said("one sentence of five words"), [""; 0]);
        assert_eq!(said(""), [""; 0]);
        assert_eq!(
            said("a b c d. no! e f g at 3.15?\nh i j k"),
            [
                "a b c d.",
                "e f g at 3.15?",
                "h i j k",
                "a b c d. no!",
                "no! e f g at 3.15?",
                "e f g at 3.15?\nh i j k",
                "a b c d. no! e f g at 3.15?",
                "no! e f g at 3.15?\nh i j k",
            ]
        );
    }
}
