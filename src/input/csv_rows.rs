//! Rows and cells of CSV, each with its exact bytes.

use memchr::{memchr, memchr3};

use crate::text::{MappedText, Span};

/// A cell as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The bytes between two delimiters, quotes included.
    pub span: Span,
    /// Where the closing quote stands, in a cell that starts with one. Without
    /// a closing quote this is the end of the file.
    quote: Option<usize>,
    /// Whether the closing quote is missing.
    pub unclosed: bool,
}

/// Walks over a text row by row. Its rules are those of RFC 4180 and of the
/// `csv` crate: CR, LF and CRLF end a row, blank lines are no rows, a quote
/// means something only as the first byte of a cell, and what follows a closing
/// quote is kept.
#[derive(Clone, Debug)]
pub struct Rows<'t> {
    text: &'t str,
    delimiter: u8,
    at: usize,
}

impl<'t> Rows<'t> {
    /// Rows of `text` from byte `at` on. The delimiter is ASCII.
    pub fn new(text: &'t str, at: usize, delimiter: u8) -> Self {
        Self { text, delimiter, at }
    }

    /// Where the next row starts: behind the last one read, before its line end.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Puts the next row into `cells`; `false` at the end of the text.
    pub fn read(&mut self, cells: &mut Vec<Cell>) -> bool {
        cells.clear();
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b'\r' | b'\n')) {
            self.at += 1;
        }
        if self.at == bytes.len() {
            return false;
        }
        loop {
            let cell = self.cell();
            self.at = cell.span.end;
            cells.push(cell);
            match bytes.get(self.at) {
                Some(&byte) if byte == self.delimiter => self.at += 1,
                // The line end is skipped with the blank lines after it.
                _ => return true,
            }
        }
    }

    fn cell(&self) -> Cell {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let plain_end = |from: usize| {
            let end = memchr3(self.delimiter, b'\r', b'\n', &bytes[from..]);
            end.map_or(bytes.len(), |len| from + len)
        };
        if bytes.get(start) != Some(&b'"') {
            let span = Span::new(start, plain_end(start));
            return Cell { span, quote: None, unclosed: false };
        }
        let mut at = start + 1;
        while let Some(len) = memchr(b'"', &bytes[at..]) {
            let quote = at + len;
            if bytes.get(quote + 1) != Some(&b'"') {
                let span = Span::new(start, plain_end(quote + 1));
                return Cell { span, quote: Some(quote), unclosed: false };
            }
            at = quote + 2;
        }
        Cell { span: Span::new(start, bytes.len()), quote: Some(bytes.len()), unclosed: true }
    }
}

impl Cell {
    /// The text of a cell in which something stands without quotes: that of the file.
    pub fn plain<'t>(&self, source: &'t str) -> Option<&'t str> {
        let is_plain = self.quote.is_none() && !self.span.is_empty();
        is_plain.then(|| &source[self.span.range()])
    }

    /// The text of the cell without its quotes, and the way back to `source`.
    pub fn text(&self, source: &str) -> MappedText {
        let mut built = MappedText::with_capacity(self.span.len());
        let Some(quote) = self.quote else {
            built.push_copied(&source[self.span.range()], self.span.start);
            return built;
        };
        let mut at = self.span.start + 1;
        while let Some(len) = memchr(b'"', &source.as_bytes()[at..quote]) {
            // Of two quotes the first is copied and the second skipped.
            built.push_copied(&source[at..=at + len], at);
            at += len + 2;
        }
        built.push_copied(&source[at..quote], at);
        let after = (quote + 1).min(self.span.end);
        built.push_copied(&source[after..self.span.end], after);
        built
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let mut rows = Rows::new(text, 0, delimiter);
        let (mut all, mut cells) = (Vec::new(), Vec::new());
        while rows.read(&mut cells) {
            all.push(cells.iter().map(|cell| cell.text(text).text).collect());
        }
        all
    }

    /// What csv-core, an independent reader, makes of the same text.
    fn reference(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let mut all = Vec::new();
        let mut input = text.as_bytes();
        let (mut out, mut ends) = (vec![0; text.len() + 8], vec![0; text.len() + 8]);
        loop {
            let (mut wrote, mut cells) = (0, 0);
            loop {
                let (result, read, written, ended) =
                    reader.read_record(input, &mut out[wrote..], &mut ends[cells..]);
                input = &input[read..];
                (wrote, cells) = (wrote + written, cells + ended);
                match result {
                    csv_core::ReadRecordResult::InputEmpty => {}
                    csv_core::ReadRecordResult::Record => break,
                    _ => return all,
                }
            }
            let starts = std::iter::once(0).chain(ends[..cells].iter().copied());
            let spans = starts.zip(&ends[..cells]);
            let text = |(start, end): (usize, &usize)| {
                String::from_utf8_lossy(&out[start..*end]).into_owned()
            };
            all.push(spans.map(text).collect());
        }
    }

    #[test]
    fn cells_are_undone() {
        assert_eq!(
            rows("a,\"b \"\"c\"\"\r\nd\",\r\n\r\n,é\"x\",\"y\"z\"", b','),
            [vec!["a", "b \"c\"\r\nd", ""], vec!["", "é\"x\"", "yz\""]]
        );
        assert!(rows("\r\n\n", b',').is_empty());
    }

    proptest! {
        #[test]
        fn rows_agree_with_csv_core(text in "[a,;\"\"\r\né ]{0,40}", delimiter in prop::sample::select(vec![b',', b';'])) {
            prop_assert_eq!(rows(&text, delimiter), reference(&text, delimiter), "{:?}", text);
        }

        #[test]
        fn every_character_leads_to_itself(text in "[a,\"\"\r\né😀]{0,40}") {
            let mut rows = Rows::new(&text, 0, b',');
            let mut cells = Vec::new();
            while rows.read(&mut cells) {
                for cell in &cells {
                    let built = cell.text(&text);
                    for (start, char) in built.text.char_indices() {
                        let end = start + char.len_utf8();
                        let place = built.map.to_source(Span::new(start, end));
                        prop_assert!(text[place.range()].starts_with(char));
                        prop_assert_eq!(place.len(), char.len_utf8());
                    }
                }
            }
        }
    }
}
