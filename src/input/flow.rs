//! Readable text under construction: blocks parted by a blank line, with the
//! way back to the source.

use super::silent::{Silent, silent};
use crate::text::{MappedText, Span};

/// Stands where something that is not prose was cut out of a sentence: code, a
/// shortcode. It keeps the words on both sides apart.
const OBJECT: &str = "\u{FFFC}";

/// Places of the source that are never shown: shortcodes.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    /// In order, apart.
    spans: Vec<Span>,
    /// Those that leave nothing behind, in order.
    silent: Vec<Silent>,
}

/// What becomes of a part of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Shown,
    /// It stands for something that is not prose.
    Object,
    /// It leaves nothing behind, or a space where words would touch.
    Silent {
        apart: bool,
    },
}

impl Cuts {
    pub fn new(source: &str, spans: Vec<Span>) -> Self {
        let silent = silent(source, &spans);
        Self { spans, silent }
    }

    fn kind(&self, cut: Span) -> Part {
        let found = self.silent.binary_search_by_key(&cut.start, |silent| silent.start);
        found.map_or(Part::Object, |at| Part::Silent { apart: self.silent[at].apart })
    }

    /// The parts of `span` in order, each with what becomes of it.
    fn parts(&self, span: Span) -> impl Iterator<Item = (Span, Part)> {
        let first = self.spans.partition_point(|cut| cut.end <= span.start);
        let mut cuts = self.spans[first..].iter().copied().peekable();
        let mut at = span.start;
        std::iter::from_fn(move || {
            if at >= span.end {
                return None;
            }
            let cut = cuts.next_if(|cut| cut.start <= at);
            let kind = cut.map_or(Part::Shown, |cut| self.kind(cut));
            let end = match cut {
                Some(cut) => cut.end,
                None => cuts.peek().map_or(span.end, |cut| cut.start),
            };
            let part = Span::new(at, end.min(span.end));
            at = part.end;
            Some((part, kind))
        })
    }
}

/// White space that may yet turn out to stand at the end of a line.
#[derive(Debug)]
struct Held {
    text: String,
    source: Span,
}

/// A text that grows block by block, in the order of the source.
#[derive(Debug)]
pub(super) struct Flow<'c> {
    built: MappedText,
    cuts: &'c Cuts,
    /// A block has ended; the next text starts a new one.
    between_blocks: bool,
    /// The last thing was an object; a word may not touch it.
    after_object: bool,
    /// The last thing was silent, and words on both sides stay apart.
    apart: bool,
    /// White space of the source, and where it stands, that is dropped if the
    /// line ends before another word.
    held: Option<Held>,
    /// End in the source of the last thing appended.
    at: usize,
    /// Where the cuts start that were met.
    met: Vec<usize>,
}

impl<'c> Flow<'c> {
    pub fn new(cuts: &'c Cuts) -> Self {
        Self {
            built: MappedText::default(),
            cuts,
            between_blocks: false,
            after_object: false,
            apart: false,
            held: None,
            at: 0,
            met: Vec::new(),
        }
    }

    /// Appends text that stands in the source at `at`, byte for byte, leaving
    /// out what is cut.
    pub fn copied(&mut self, text: &str, at: usize) {
        for (part, kind) in self.cuts.parts(Span::new(at, at + text.len())) {
            if kind != Part::Shown {
                self.met.push(part.start);
            }
            match kind {
                Part::Object => {
                    self.object(part);
                    continue;
                }
                Part::Silent { apart } => {
                    self.apart |= apart;
                    continue;
                }
                Part::Shown => {}
            }
            let mut start = part.start;
            let mut shown = &text[start - at..part.end - at];
            if self.between_blocks {
                shown = shown.trim_ascii_start();
                start = part.end - shown.len();
            }
            self.open(shown);
            self.built.push_copied(shown, start);
            self.at = self.at.max(part.end);
        }
    }

    /// Appends text that stands for all of `source`: a decoded entity.
    pub fn replaced(&mut self, text: &str, source: Span) {
        self.open(text);
        self.built.push_replaced(text, source);
        self.at = self.at.max(source.end);
    }

    /// Appends text of HTML, where white space only parts words: none at the
    /// start of a line, and no more than one line end in a run, because a
    /// blank line means a new block here and nothing there.
    pub fn markup(&mut self, text: &str, at: usize) {
        let mut rest = text;
        while !rest.is_empty() {
            let here = at + (text.len() - rest.len());
            let words = rest.trim_ascii_start();
            let space = &rest[..rest.len() - words.len()];
            let space = space.find('\n').map_or(space, |end| &space[..=end]);
            if !space.is_empty() && !self.at_line_start() {
                self.hold(space, Span::new(here, here + space.len()));
            }
            let here = at + (text.len() - words.len());
            let len = words.find(|char: char| char.is_ascii_whitespace());
            let (word, after) = words.split_at(len.unwrap_or(words.len()));
            self.copied(word, here);
            rest = after;
        }
    }

    /// Ends a line that the author did not mean to end: a line end of the
    /// source inside a paragraph.
    pub fn soft_break(&mut self, text: &str, at: usize) {
        if self.at_line_start() {
            return;
        }
        match text.find('\n') {
            Some(end) => self.hold("\n", Span::new(at + end, at + end + 1)),
            None => self.hold("\n", Span::new(at, at + text.len())),
        }
    }

    /// Ends a line where the author asked for it.
    pub fn line_break(&mut self, source: Span) {
        // In `one\n<br>two` the line end before the tag is only white space.
        self.held = None;
        self.replaced("\n", source);
    }

    /// Puts one U+FFFC for something that is not prose. A cut that reaches
    /// over several pieces of text is one object.
    pub fn object(&mut self, source: Span) {
        self.release();
        if self.after_object && source.start <= self.at && !self.between_blocks {
            self.at = self.at.max(source.end);
            return;
        }
        if self.built.text.ends_with(char::is_alphanumeric) && !self.between_blocks {
            self.built.push_replaced(" ", Span::new(source.start, source.start));
        }
        self.replaced(OBJECT, source);
        self.after_object = true;
    }

    /// Ends the block, if one is open.
    pub fn end_block(&mut self) {
        self.held = None;
        self.between_blocks = !self.built.text.is_empty();
    }

    /// Where the cuts start that were met, in the order of the source. What stands in
    /// code or in a comment is not met.
    pub fn met(&self) -> &[usize] {
        &self.met
    }

    /// The text and its map.
    pub fn finish(self) -> MappedText {
        self.built
    }

    fn at_line_start(&self) -> bool {
        let ends_line = |text: &str| text.is_empty() || text.ends_with('\n');
        let held = self.held.as_ref();
        self.between_blocks
            || ends_line(&self.built.text)
            || held.is_some_and(|held| held.text.ends_with('\n'))
    }

    fn hold(&mut self, text: &str, source: Span) {
        self.release();
        self.held = Some(Held { text: text.to_owned(), source });
    }

    fn release(&mut self) {
        let Some(Held { text, source }) = self.held.take() else {
            return;
        };
        if text.len() == source.len() {
            self.built.push_copied(&text, source.start);
        } else {
            self.built.push_replaced(&text, source);
        }
        self.after_object = false;
        self.at = self.at.max(source.end);
    }

    /// Parts `text` from what stands before it.
    fn open(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.release();
        let here = Span::new(self.at, self.at);
        if std::mem::take(&mut self.between_blocks) {
            self.built.push_replaced("\n\n", here);
        } else if text.starts_with(char::is_alphanumeric)
            && (self.after_object || self.apart && self.built.text.ends_with(char::is_alphanumeric))
        {
            self.built.push_replaced(" ", here);
        }
        self.after_object = false;
        self.apart = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_parted_by_a_blank_line() {
        let cuts = Cuts::default();
        let mut flow = Flow::new(&cuts);
        flow.end_block();
        flow.copied("one", 3);
        flow.end_block();
        flow.end_block();
        flow.copied("  two", 10);
        flow.end_block();
        let built = flow.finish();
        assert_eq!(built.text, "one\n\ntwo");
        assert_eq!(built.map.to_source(Span::new(5, 8)), Span::new(12, 15));
        assert_eq!(built.map.to_source(Span::new(3, 5)), Span::new(6, 6));
    }

    #[test]
    fn cuts_become_one_object_each() {
        let cuts = Cuts { spans: vec![Span::new(3, 7), Span::new(9, 12)], silent: Vec::new() };
        let mut flow = Flow::new(&cuts);
        flow.copied("abcXXX", 0);
        flow.copied("Xde", 6);
        flow.copied("YYY.", 9);
        let built = flow.finish();
        assert_eq!(built.text, "abc \u{FFFC} de \u{FFFC}.");
        assert_eq!(built.map.to_source(Span::new(4, 7)), Span::new(3, 6));
        assert_eq!(built.map.to_source(Span::new(8, 10)), Span::new(7, 9));
    }

    #[test]
    fn white_space_of_markup_never_makes_a_blank_line() {
        let cuts = Cuts::default();
        for (source, expected) in
            [("  a \n\n  b ", "a \nb"), ("\n\n", ""), ("a\t b", "a\t b"), ("a\n\n", "a")]
        {
            let mut flow = Flow::new(&cuts);
            flow.markup(source, 0);
            assert_eq!(flow.finish().text, expected, "{source:?}");
        }
    }

    #[test]
    fn a_line_break_tag_swallows_the_line_end_beside_it() {
        let cuts = Cuts::default();
        let tag = Span::new(50, 54);
        let mut flow = Flow::new(&cuts);
        flow.markup("a\n", 0);
        flow.line_break(tag);
        flow.markup("\n b", 54);
        flow.line_break(tag);
        flow.line_break(tag);
        flow.markup("c", 60);
        assert_eq!(flow.finish().text, "a\nb\n\nc");
    }
}
