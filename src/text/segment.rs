//! Paragraphs and sentences, found only around the places that matter.

use unicode_segmentation::UnicodeSegmentation;

use super::Span;
use super::bounds::western;

/// Longest stretch of text that is cut into sentences at once, in bytes. Longer
/// paragraphs are cut at white space first, so that one endless line costs no
/// more than many short ones.
const BLOCK: usize = 8 * 1024;

/// How far over an edge that is only such a cut the words are read all the
/// same, in bytes, so that no phrase is lost there.
const OVERLAP: usize = 1024;

/// A line at least this long, in bytes, was probably broken by an editor, not
/// by its author.
const WRAPPED: usize = 60;

/// Words that end in a full stop without ending a sentence (lower case).
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "mx", "dr", "prof", "rev", "revd", "fr", "sr", "br", "st", "ste", "cllr",
    "hon", "rt", "gen", "col", "sgt", "capt", "lt", "maj", "cpl", "gov", "sen", "rep", "pres",
    "supt", "insp", "det", "no", "nos", "art", "sec", "fig", "approx", "vs", "ref", "tel", "ext",
    "dept", "assn", "ave", "rd", "mt", "messrs", "e.g", "i.e", "cf", "viz", "al",
];

/// The sentences of one text (bytes of that text). Remembers the stretch it
/// cut last, since one finding's questions are about one place.
#[derive(Debug)]
pub struct Sentences<'t> {
    text: &'t str,
    wrapped: bool,
    block: Span,
    /// The block with what overlaps it.
    wide: Span,
    ends: Vec<usize>,
}

impl<'t> Sentences<'t> {
    /// The sentences of `text`; nothing is cut yet. `wrapped` says that a single
    /// line break means no more than a space.
    pub fn new(text: &'t str, wrapped: bool) -> Self {
        Self { text, wrapped, block: Span::new(0, 0), wide: Span::new(0, 0), ends: Vec::new() }
    }

    /// The sentence that holds the byte at `at`.
    pub fn around(&mut self, at: usize) -> Span {
        let at = at.min(self.text.len());
        self.block_at(at);
        let index =
            self.ends.partition_point(|&end| end <= at).min(self.ends.len().saturating_sub(1));
        let start = index.checked_sub(1).map_or(self.wide.start, |before| self.ends[before]);
        let end = self.ends.get(index).copied().unwrap_or(self.block.end);
        Span::new(start.max(self.block.start), end.min(self.block.end))
    }
}

impl Sentences<'_> {
    /// The stretch around the byte at `at` that is cut at once (a paragraph, or a
    /// part of a very long one); the same with what overlaps it at edges that
    /// are no ends of a paragraph; and where the sentences of the latter end.
    pub fn block_at(&mut self, at: usize) -> (Span, Span, &[usize]) {
        if !(self.block.start <= at && at < self.block.end) {
            (self.block, self.wide) = block_around(self.text, at);
            self.ends = sentence_ends(self.text, self.wide, self.wrapped);
        }
        (self.block, self.wide, &self.ends)
    }
}

/// Where the paragraph that holds the byte at `at` starts: at a line that is not
/// blank behind one that is. `None` where that is more than `reach` bytes away, so
/// that a text without blank lines is not walked through from every place in it.
fn paragraph_start(bytes: &[u8], at: usize, reach: usize) -> Option<usize> {
    let lowest = at.saturating_sub(reach);
    let newline_before =
        |at: usize| memchr::memrchr(b'\n', &bytes[lowest..at]).map(|newline| lowest + newline);
    let line_start = |at: usize| match newline_before(at) {
        Some(newline) => Some(newline + 1),
        None => (lowest == 0).then_some(0),
    };
    let mut start = line_start(at)?;
    while start > 0 {
        if start == lowest {
            return None;
        }
        let before = line_start(start - 1)?;
        if is_blank_line(bytes, before) && !is_blank_line(bytes, start) {
            return Some(start);
        }
        start = before;
    }
    Some(0)
}

/// Where the next paragraph starts, or the text ends; `None` as above.
fn paragraph_end(bytes: &[u8], at: usize, reach: usize) -> Option<usize> {
    let highest = at.saturating_add(reach).min(bytes.len());
    let line_start = bytes[..at].iter().rev().take(reach).position(|&byte| byte == b'\n');
    // Of the line that holds `at`, it only matters whether it is blank.
    let mut line = line_start.map_or(at.saturating_sub(reach), |back| at - back);
    let mut from = at;
    loop {
        let Some(newline) = memchr::memchr(b'\n', &bytes[from..highest]) else {
            return (highest == bytes.len()).then_some(bytes.len());
        };
        let next = from + newline + 1;
        if next < bytes.len() && is_blank_line(bytes, line) && !is_blank_line(bytes, next) {
            return Some(next);
        }
        line = next;
        from = next;
        if from >= highest {
            return (highest == bytes.len()).then_some(bytes.len());
        }
    }
}

/// Whether the line that starts at `start` holds nothing but white space.
fn is_blank_line(bytes: &[u8], start: usize) -> bool {
    let mut rest = bytes[start..].iter();
    loop {
        match rest.next() {
            None | Some(b'\n') => return true,
            Some(byte) if byte.is_ascii_whitespace() => {}
            Some(_) => return false,
        }
    }
}

/// The paragraph around `at`, or a part of it no longer than [`BLOCK`]; and the
/// same with its overlap.
fn block_around(text: &str, at: usize) -> (Span, Span) {
    let start = paragraph_start(text.as_bytes(), at, 2 * BLOCK);
    let end = paragraph_end(text.as_bytes(), at, 2 * BLOCK);
    let paragraph = Span::new(start.unwrap_or(0), end.unwrap_or(text.len()));
    if start.is_some() && end.is_some() && paragraph.len() <= BLOCK {
        return (paragraph, paragraph);
    }
    // Cut at fixed places of the text, so that the same text is cut the same way
    // whichever place is asked for first.
    let edge = |index: usize| {
        let target = index * BLOCK;
        if target <= paragraph.start || target >= paragraph.end {
            return target.clamp(paragraph.start, paragraph.end);
        }
        let from = text.floor_char_boundary(target.saturating_sub(BLOCK / 4)).max(paragraph.start);
        let to = text.floor_char_boundary(target).max(from);
        let slice = &text[from..to];
        let place = slice
            .rfind(". ")
            .or_else(|| slice.rfind('\n'))
            .map(|at| at + 1)
            .or_else(|| slice.rfind(char::is_whitespace))
            .unwrap_or(slice.len());
        from + place
    };
    let mut index = at / BLOCK;
    while edge(index + 1) <= at && edge(index + 1) < paragraph.end {
        index += 1;
    }
    while index > 0 && edge(index) > at {
        index -= 1;
    }
    let block = Span::new(edge(index), edge(index + 1));
    let space = |from: usize, to: usize| {
        let slice = &text[text.floor_char_boundary(from)..text.floor_char_boundary(to)];
        slice
            .rfind(char::is_whitespace)
            .map_or(text.floor_char_boundary(from), |found| text.floor_char_boundary(from) + found)
    };
    let wide = Span::new(
        if block.start > paragraph.start + OVERLAP {
            space(block.start - OVERLAP, block.start - OVERLAP / 2)
        } else {
            paragraph.start
        },
        if block.end + OVERLAP < paragraph.end {
            space(block.end + OVERLAP / 2, block.end + OVERLAP)
        } else {
            paragraph.end
        },
    );
    (block, wide)
}

/// Where the sentences of a block end, in bytes of the text. The rules are
/// those of UAX #29, with line breaks that only wrap read as spaces, and
/// without a break after an abbreviation or an initial.
fn sentence_ends(text: &str, block: Span, wrapped: bool) -> Vec<usize> {
    let original = &text[block.range()];
    let unwrapped = unwrap_lines(original, wrapped);
    let mut ends = western(&unwrapped).unwrap_or_else(|| {
        let sentences = unwrapped.split_sentence_bound_indices();
        sentences.map(|(start, sentence)| start + sentence.len()).collect()
    });
    let mut start = 0;
    ends.retain_mut(|end| {
        let sentence = &unwrapped[std::mem::replace(&mut start, *end)..*end];
        let goes_on = *end < unwrapped.len()
            && !sentence.ends_with(['\n', '\r'])
            && ends_in_abbreviation(sentence);
        *end += block.start;
        !goes_on
    });
    if ends.last() != Some(&block.end) {
        ends.push(block.end);
    }
    ends
}

/// Replaces each line break that does not end a sentence by a space of the
/// same length.
fn unwrap_lines(text: &str, wrapped: bool) -> std::borrow::Cow<'_, str> {
    if memchr::memchr(b'\n', text.as_bytes()).is_none() {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let content = line.trim_end_matches(['\n', '\r']);
        match lines.peek() {
            Some(next) if wrapped || runs_on(content, next) => {
                out.push_str(content);
                out.extend(std::iter::repeat_n(' ', line.len() - content.len()));
            }
            _ => out.push_str(line),
        }
    }
    out.into()
}

/// Whether a sentence goes on from one line to the next.
fn runs_on(line: &str, next: &str) -> bool {
    let next = next.trim_start();
    if next.starts_with(['-', '*', '•', '–', '>', '#', '[']) {
        return false;
    }
    let first_is_lower = next.chars().next().is_some_and(char::is_lowercase);
    let ended = line.trim_end().ends_with(['.', '!', '?', ':', ';', '…']);
    !ended && (first_is_lower || line.len() >= WRAPPED)
}

fn ends_in_abbreviation(sentence: &str) -> bool {
    let Some(word) = sentence.trim_end().strip_suffix('.') else { return false };
    let word = word
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '“' | ','))
        .next()
        .unwrap_or("");
    let mut chars = word.chars();
    let initial = matches!((chars.next(), chars.next()), (Some(c), None) if c.is_uppercase());
    let initials = word.contains('.')
        && word
            .split('.')
            .all(|part| part.chars().count() == 1 && part.chars().all(char::is_uppercase));
    initial || initials || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut sentences = Sentences::new(text, false);
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let span = sentences.around(at);
            found.push(text[span.range()].trim());
            at = span.end.max(at + 1);
        }
        found.retain(|sentence| !sentence.is_empty());
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn sentences_end_where_a_reader_stops() {
        check("He rang. She did not.", &["He rang.", "She did not."]);
        check(
            "Dr. Black chaired at St. Mary's. Good.",
            &["Dr. Black chaired at St. Mary's.", "Good."],
        );
        check("J. Smith of the U.S. Army rang! Ok?", &["J. Smith of the U.S. Army rang!", "Ok?"]);
        check("opens at 12.30pm on Wednesday", &["opens at 12.30pm on Wednesday"]);
        check("Polite lady\nRing after 6", &["Polite lady", "Ring after 6"]);
        check("a line that an editor\nwrapped here", &["a line that an editor\nwrapped here"]);
        check("One\n\nTwo", &["One", "Two"]);
        check("Title\r\n\r\nBody text", &["Title", "Body text"]);
    }

    #[test]
    fn an_endless_line_is_cut_the_same_way_from_anywhere() {
        let text = "word ".repeat(10_000);
        let mut forward = Sentences::new(&text, false);
        let mut spans = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let span = forward.around(at);
            spans.push(span);
            at = span.end;
        }
        assert!(spans.len() > 4);
        for &span in spans.iter().rev() {
            assert_eq!(Sentences::new(&text, false).around(span.start), span);
            assert_eq!(Sentences::new(&text, false).around(span.end - 1), span);
        }
    }

    proptest! {
        #[test]
        fn every_byte_is_in_the_sentence_around_it(text in "[a-zA-Z .!?\\n\\réм]{0,80}") {
            for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
                let span = Sentences::new(&text, false).around(at);
                prop_assert!(text.get(span.range()).is_some());
                prop_assert!(span.start <= at && at <= span.end, "{at} {span:?} {text:?}");
            }
        }
    }
}
