//! Lines and columns, for people.

use std::sync::OnceLock;

use memchr::memchr2_iter;

use super::Span;
use super::counts::{Count, Counts};

/// Lines longer than this get a table of character counts, so that a thousand
/// findings in a file of one line do not count it a thousand times.
const LONG: usize = 4 * 1024;

/// Where the lines of a text start. One pass over the bytes; made only for a
/// text with something to report.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    /// The first byte of each line but the first.
    starts: Vec<usize>,
    counts: OnceLock<Counts>,
}

/// A place as people and editors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in Unicode scalar values.
    pub column: usize,
    /// The column, counted from 1 in UTF-16 code units, as language servers do.
    pub column_utf16: usize,
    /// The column, counted from 1 in bytes of the decoded text (UTF-8).
    pub column_bytes: usize,
}

impl<'t> Lines<'t> {
    /// Finds the lines of `text`. LF, CRLF and a lone CR end a line.
    pub fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ends_line = |&at: &usize| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
        let starts = memchr2_iter(b'\n', b'\r', bytes).filter(ends_line).map(|at| at + 1);
        Self { text, starts: starts.collect(), counts: OnceLock::new() }
    }

    /// The number of lines. A text that ends with a line end has an empty last
    /// line, as in an editor.
    pub fn count(&self) -> usize {
        self.starts.len() + 1
    }

    /// The line and column of byte `offset`, which may be the end of the text.
    /// An offset inside a character counts as that character's.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = line.checked_sub(1).map_or(0, |before| self.starts[before]);
        let before = self.count_between(start, offset);
        Position {
            line: line + 1,
            column: before.chars + 1,
            column_utf16: before.units + 1,
            column_bytes: offset - start + 1,
        }
    }

    /// The bytes of line `line`, counted from 1, without its line end. Empty
    /// at the end of the text for a line that does not exist.
    pub fn line_span(&self, line: usize) -> Span {
        let start_of = |line: usize| match line {
            0 | 1 => 0,
            _ => self.starts.get(line - 2).copied().unwrap_or(self.text.len()),
        };
        let start = start_of(line);
        let full = &self.text[start..start_of(line.saturating_add(1)).max(start)];
        let bare = full.strip_suffix('\n').unwrap_or(full);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        Span::new(start, start + bare.len())
    }

    fn count_between(&self, start: usize, end: usize) -> Count {
        if end - start <= LONG {
            return Count::of(&self.text.as_bytes()[start..end]);
        }
        let counts = self.counts.get_or_init(|| Counts::new(self.text));
        let (from, to) = (counts.before(self.text, start), counts.before(self.text, end));
        Count { chars: to.chars - from.chars, units: to.units - from.units }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, offset: usize, line: usize, column: usize) {
        let position = Lines::new(text).position(offset);
        assert_eq!((position.line, position.column), (line, column), "{text:?} at {offset}");
    }

    #[test]
    fn every_line_end_counts_once() {
        check("", 0, 1, 1);
        check("a\nb", 2, 2, 1);
        check("a\r\nb", 3, 2, 1);
        check("a\r\nb", 2, 1, 3);
        check("a\rb", 2, 2, 1);
        check("a\n\r\n\rb", 5, 4, 1);
        check("a\n", 2, 2, 1);
        check("é😀x", 6, 1, 3);
        check("é😀x", 4, 1, 2);
        assert_eq!(Lines::new("😀x").position(4).column_utf16, 3);
        assert_eq!(Lines::new("a\né😀x").position(8).column_bytes, 7);
    }

    #[test]
    fn lines_are_given_without_their_ends() {
        let text = "one\r\ntwo\rthree\n";
        let lines = Lines::new(text);
        let given: Vec<_> = (1..=5).map(|line| &text[lines.line_span(line).range()]).collect();
        assert_eq!(given, ["one", "two", "three", "", ""]);
        assert_eq!(lines.count(), 4);
    }

    #[test]
    fn columns_of_a_long_line_are_counted() {
        let text = format!("first\n{}", "é😀".repeat(LONG));
        let position = Lines::new(&text).position(6 + 6 * (LONG - 1));
        assert_eq!((position.line, position.column), (2, 2 * LONG - 1));
        assert_eq!(position.column_utf16, 3 * LONG - 2);
    }

    proptest! {
        #[test]
        fn positions_agree_with_walking(text in "[a\r\né😀]{0,40}") {
            let lines = Lines::new(&text);
            let (mut line, mut column) = (1, 1);
            let mut chars = text.char_indices().peekable();
            while let Some((offset, char)) = chars.next() {
                let position = lines.position(offset);
                prop_assert_eq!((position.line, position.column), (line, column));
                prop_assert!(lines.line_span(line).start <= offset);
                column += 1;
                let crlf = char == '\r' && chars.peek().is_some_and(|&(_, next)| next == '\n');
                if char == '\n' || (char == '\r' && !crlf) {
                    (line, column) = (line + 1, 1);
                }
            }
            prop_assert_eq!(lines.count(), line);
        }
    }
}
