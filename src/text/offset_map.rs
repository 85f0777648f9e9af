//! The way back from a changed text to the text it was made from.

use super::Span;

/// Maps bytes of a derived text to bytes of its source. Stores one entry a
/// place where the two stop running side by side, so a text that was only
/// copied costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    pieces: Vec<Piece>,
}

/// A run of derived text with one rule for finding its source. It ends where
/// the next piece starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// Where the piece starts in the derived text.
    text: usize,
    /// Where its source starts.
    source: usize,
    /// `None`: copied byte for byte. `Some(end)`: the whole piece stands for
    /// the source up to `end`, and no byte of it has a place of its own.
    replaced: Option<usize>,
}

impl OffsetMap {
    /// The map of a text that is its own source.
    pub const fn identity() -> Self {
        Self { pieces: Vec::new() }
    }

    /// The map of a text of `len` bytes that stands for all of `source`: byte for byte
    /// where it is as long.
    pub fn of_whole(len: usize, source: Span) -> Self {
        let replaced = (len == 0 || len != source.len()).then_some(source.end);
        Self { pieces: vec![Piece { text: 0, source: source.start, replaced }] }
    }

    /// The map of `text`, which this one leads to a text that `outer` leads on to its
    /// source.
    #[must_use]
    pub fn through(&self, text: &str, outer: &Self) -> Self {
        let mut whole = Self::default();
        for (at, c) in text.char_indices() {
            let source = outer.to_source(self.to_source(Span::new(at, at + c.len_utf8())));
            if source.len() == c.len_utf8() {
                whole.copied(at, source.start);
            } else {
                whole.replaced(at, source);
            }
        }
        whole
    }

    /// Whether the derived text is its own source, byte for byte.
    pub fn is_identity(&self) -> bool {
        match self.pieces.as_slice() {
            [] => true,
            [only] => only.text == only.source && only.replaced.is_none(),
            _ => false,
        }
    }

    /// The bytes of the source that `span` of the derived text stands for. An
    /// empty span stays empty where its place was copied.
    pub fn to_source(&self, span: Span) -> Span {
        let start = self.start_in_source(span.start);
        if span.is_empty() {
            return Span::new(start, start);
        }
        let last = span.end - 1;
        let end = match self.piece_at(last) {
            None => span.end,
            Some(Piece { text, source, replaced: None }) => source + (last - text) + 1,
            Some(Piece { replaced: Some(end), .. }) => end,
        };
        Span::new(start, end.max(start))
    }

    /// The first byte of the derived text that stands for `source` or for what
    /// follows it; pieces must be in the order of the source.
    pub fn to_derived(&self, source: usize, derived_len: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.source <= source);
        let next = self.pieces.get(after).map_or(derived_len, |piece| piece.text);
        match after.checked_sub(1).map(|at| self.pieces[at]) {
            None => source.min(next),
            Some(Piece { text, source: from, replaced: None }) => {
                (text + (source - from)).min(next)
            }
            Some(Piece { text, source: from, .. }) if from == source => text,
            Some(_) => next,
        }
    }

    /// Forgets everything, keeping the memory.
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
    }

    /// Says that the derived text from `text` on is copied from `source` on.
    pub(super) fn copied(&mut self, text: usize, source: usize) {
        let runs_on = match self.pieces.last() {
            Some(Piece { text: from, source: origin, replaced: None }) => {
                origin + (text - from) == source
            }
            Some(_) => false,
            None => text == source,
        };
        if !runs_on {
            self.pieces.push(Piece { text, source, replaced: None });
        }
    }

    /// Says that the derived text from `text` on stands for all of `source`.
    pub(super) fn replaced(&mut self, text: usize, source: Span) {
        self.pieces.push(Piece { text, source: source.start, replaced: Some(source.end) });
    }

    /// Lets the character before `text` stand for the source up to `end`.
    pub(super) fn extend_last(&mut self, text: usize, end: usize) {
        match self.pieces.last_mut() {
            Some(Piece { replaced: Some(last), .. }) => *last = (*last).max(end),
            _ if text == 0 => {}
            _ => {
                // The character before was copied; give it an entry of its own. Folded
                // ASCII is one byte a character, and only ASCII is copied.
                let source = self.start_in_source(text - 1);
                self.pieces.push(Piece { text: text - 1, source, replaced: Some(end) });
            }
        }
    }

    /// Takes back the last entry: nothing was written for it.
    pub(super) fn drop_last(&mut self) {
        self.pieces.pop();
    }

    fn start_in_source(&self, offset: usize) -> usize {
        match self.piece_at(offset) {
            None => offset,
            Some(Piece { text, source, replaced: None }) => source + (offset - text),
            Some(Piece { source, .. }) => source,
        }
    }

    fn piece_at(&self, offset: usize) -> Option<Piece> {
        let after = self.pieces.partition_point(|piece| piece.text <= offset);
        after.checked_sub(1).map(|at| self.pieces[at])
    }
}

/// A text under construction together with the map back to its source.
#[derive(Clone, Debug, Default)]
pub struct MappedText {
    /// What has been built so far.
    pub text: String,
    /// The way back from `text` to the source.
    pub map: OffsetMap,
}

impl MappedText {
    /// Nothing built so far, with room for a text of so many bytes.
    pub fn with_capacity(len: usize) -> Self {
        Self { text: String::with_capacity(len), map: OffsetMap::default() }
    }

    /// Appends `text`, which stands in the source byte for byte at `source`.
    pub fn push_copied(&mut self, text: &str, source: usize) {
        if text.is_empty() {
            return;
        }
        self.map.copied(self.text.len(), source);
        self.text.push_str(text);
    }

    /// Appends `text`, which stands for all of `source` at once: a decoded
    /// escape, or a separator (with an empty `source`).
    pub fn push_replaced(&mut self, text: &str, source: Span) {
        if text.is_empty() {
            return;
        }
        self.map.replaced(self.text.len(), source);
        self.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_text_needs_no_entries() {
        let mut built = MappedText::default();
        built.push_copied("one ", 0);
        built.push_copied("two", 4);
        assert!(built.map.is_identity());
        assert_eq!(built.map.to_source(Span::new(4, 7)), Span::new(4, 7));
    }

    #[test]
    fn replaced_text_maps_to_all_of_its_source() {
        // source: `a &amp; b` -> `a & b`
        let mut built = MappedText::default();
        built.push_copied("a ", 0);
        built.push_replaced("&", Span::new(2, 7));
        built.push_copied(" b", 7);
        assert_eq!(built.text, "a & b");
        assert_eq!(built.map.to_source(Span::new(2, 3)), Span::new(2, 7));
        assert_eq!(built.map.to_source(Span::new(0, 5)), Span::new(0, 9));
        assert_eq!(built.map.to_source(Span::new(4, 5)), Span::new(8, 9));
    }

    #[test]
    fn a_text_from_the_middle_is_shifted() {
        let mut built = MappedText::default();
        built.push_copied("note", 10);
        built.push_replaced("\n\n", Span::new(14, 14));
        built.push_copied("next", 30);
        assert_eq!(built.map.to_source(Span::new(0, 4)), Span::new(10, 14));
        assert_eq!(built.map.to_source(Span::new(6, 10)), Span::new(30, 34));
        assert_eq!(built.map.to_source(Span::new(0, 10)), Span::new(10, 34));
    }
}
