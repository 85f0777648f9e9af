//! Places as editors count them.

use super::protocol::{Position, Range};
use crate::finding::Location;
use crate::text::Lines;

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes of UTF-8.
    Utf8,
    /// UTF-16 code units, which every editor understands.
    #[default]
    Utf16,
}

impl Encoding {
    /// Its name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }
}

/// The place of a finding in a text. Its columns do not count a byte-order mark, and
/// those of the editor do.
pub(super) fn range_of(location: &Location, text: &str, encoding: Encoding) -> Range {
    let (start, end) = match encoding {
        Encoding::Utf8 => (location.units.bytes, location.units.end_bytes),
        Encoding::Utf16 => (location.units.utf16, location.units.end_utf16),
    };
    let mark = text.chars().next().filter(|&c| c == '\u{feff}');
    let mark = mark.map_or(0, |mark| encoding.width(mark));
    let position = |line: usize, column: usize| {
        let shift = if line == 1 { mark } else { 0 };
        self::position(line.saturating_sub(1), column.saturating_sub(1) + shift)
    };
    Range { start: position(location.line, start), end: position(location.end_line, end) }
}

/// A position, both from 0.
fn position(line: usize, column: usize) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: number(line), character: number(column) }
}

/// The position of a byte of the text.
pub(super) fn position_at(lines: &Lines<'_>, offset: usize, encoding: Encoding) -> Position {
    let found = lines.position(offset);
    let column = match encoding {
        Encoding::Utf8 => found.column_bytes,
        Encoding::Utf16 => found.column_utf16,
    };
    position(found.line - 1, column - 1)
}

/// The byte at a position. Columns behind the end of a line are its end, lines behind
/// the last the end of the text; a column inside a character is its start.
pub(super) fn offset_at(
    text: &str,
    lines: &Lines<'_>,
    position: Position,
    encoding: Encoding,
) -> usize {
    let line = position.line as usize;
    if line >= lines.count() {
        return text.len();
    }
    let span = lines.line_span(line + 1);
    let column = position.character as usize;
    let mut passed = 0;
    for (at, c) in text.get(span.range()).unwrap_or_default().char_indices() {
        passed += encoding.width(c);
        if passed > column {
            return span.start + at;
        }
    }
    span.end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, line: u32, character: u32, encoding: Encoding) -> usize {
        offset_at(text, &Lines::new(text), Position { line, character }, encoding)
    }

    #[test]
    fn columns_are_those_of_the_editor() {
        // é is two characters here: e and an accent. Bytes: a1 😀4 e1 ◌́2 \r\n, then b.
        let text = "a😀e\u{301}\r\nb";
        for (character, utf16, utf8) in
            [(0, 0, 0), (1, 1, 1), (2, 1, 1), (3, 5, 1), (4, 6, 1), (5, 8, 5), (6, 8, 6), (9, 8, 8)]
        {
            assert_eq!(at(text, 0, character, Encoding::Utf16), utf16, "{character}");
            assert_eq!(at(text, 0, character, Encoding::Utf8), utf8, "{character}");
        }
        assert_eq!(at(text, 1, 0, Encoding::Utf16), 10);
        assert_eq!(at(text, 1, u32::MAX, Encoding::Utf16), 11);
        assert_eq!(at(text, 2, 0, Encoding::Utf16), 11);
        assert_eq!(at(text, u32::MAX, 7, Encoding::Utf8), 11);
        assert_eq!(at("", 0, 0, Encoding::Utf8), 0);
    }

    proptest! {
        #[test]
        fn positions_lead_there_and_back(text in "[a\r\né😀\u{301}\u{feff}]{0,30}") {
            let lines = Lines::new(&text);
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                for (offset, _) in text.char_indices() {
                    // Between CR and LF there is no place to be.
                    if text[..offset].ends_with('\r') && text[offset..].starts_with('\n')
                        || text[offset..].starts_with('\n') && text[..offset].ends_with('\r')
                    {
                        continue;
                    }
                    let position = position_at(&lines, offset, encoding);
                    prop_assert_eq!(offset_at(&text, &lines, position, encoding), offset);
                }
            }
        }

        #[test]
        fn any_position_is_a_place(text in "[a\r\né😀]{0,20}", line in 0u32..25, character in 0u32..60) {
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                prop_assert!(text.is_char_boundary(at(&text, line, character, encoding)));
            }
        }
    }
}
