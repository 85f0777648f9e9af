//! Plain text: the file is its own and only field, without the lines that are meant for
//! probity.

use crate::text::{MappedText, OffsetMap};

use super::directives::{by_lines, of_plain_text};
use super::document::{Directive, Field};

/// Reads the whole text as one field; none where there is nothing to read.
pub(super) fn read(source: &str) -> (Vec<Field>, Vec<Directive>) {
    let comments = of_plain_text(source);
    let (text, map) = if comments.is_empty() {
        (source.to_owned(), OffsetMap::identity())
    } else {
        let mut built = MappedText::default();
        let mut at = 0;
        for span in comments.iter().map(|comment| comment.span) {
            built.push_copied(&source[at..span.start], at);
            at = span.end;
        }
        // The line end before a last line for us is not one the text ends with.
        let rest = &source[at..];
        if rest.is_empty() && !source.ends_with(['\n', '\r']) {
            let text = built.text.strip_suffix('\n').unwrap_or(&built.text);
            let len = text.strip_suffix('\r').unwrap_or(text).len();
            built.text.truncate(len);
        }
        built.push_copied(rest, at);
        (built.text, built.map)
    };
    let directives = by_lines(source, &comments);
    if text.trim().is_empty() {
        return (Vec::new(), directives);
    }
    let field = Field { name: "body".to_owned(), text, map, wrapped: false, record: None };
    (vec![field], directives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    #[test]
    fn lines_for_us_are_no_part_of_the_text() {
        let source = "\u{1f600} one\r\nprobity: allow a/b -- c\r\ntwo\r\n\r\nthree";
        let (fields, directives) = read(source);
        assert_eq!(fields[0].text, "\u{1f600} one\r\ntwo\r\n\r\nthree");
        let two = fields[0].text.find("two").unwrap();
        let place = fields[0].map.to_source(Span::new(two, two + 3));
        assert_eq!(&source[place.range()], "two");
        let super::super::Reach::Next(reach) = directives[0].reach else { panic!() };
        assert_eq!(&source[reach.range()], "two");
        assert_eq!(read("one\nprobity: allow a/b -- c").0[0].text, "one");
        assert_eq!(read("one\nprobity: allow a/b -- c\n").0[0].text, "one\n");
        assert!(read("probity: allow a/b -- c\n").0.is_empty());
    }
}
