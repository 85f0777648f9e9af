//! Plain text: the file is its own and only field, without the lines that are meant for
//! probity. A numbered thread is as many fields as it has posts.

use std::ops::Range;

use crate::text::{MappedText, OffsetMap, Span};

use super::directives::{by_lines, of_plain_text};
use super::document::{Directive, Field};

/// Reads the whole text as one field, or a thread post by post; none where there is nothing
/// to read.
pub(super) fn read(source: &str) -> (Vec<Field>, Vec<Directive>) {
    let comments = of_plain_text(source);
    let lines_for_us: Vec<Span> = comments.iter().map(|comment| comment.span).collect();
    let parts = posts(source).unwrap_or_else(|| vec![Span::new(0, source.len())]);
    let is_thread = parts.len() > 1;
    let fields = parts.into_iter().filter_map(|part| {
        let (text, map) = shown(source, part, &lines_for_us, is_thread);
        let is_blank = text.trim().is_empty();
        (!is_blank).then(|| Field {
            name: "body".to_owned(),
            text,
            map,
            wrapped: false,
            record: None,
        })
    });
    (fields.collect(), by_lines(source, &comments))
}

/// A part of the source without the lines that are meant for us.
fn shown(source: &str, part: Span, cuts: &[Span], is_post: bool) -> (String, OffsetMap) {
    if cuts.is_empty() && !is_post {
        return (source.to_owned(), OffsetMap::identity());
    }
    let Span { mut start, mut end } = part;
    if is_post {
        end = start + source[start..end].trim_end().len();
        start = end - source[start..end].trim_start().len();
    }
    let mut built = MappedText::default();
    let mut at = start;
    for cut in cuts.iter().filter(|cut| cut.start >= start && cut.start < end) {
        built.push_copied(&source[at..cut.start], at);
        at = cut.end.min(end);
    }
    // The line end before a last line for us is not one the text ends with.
    let rest = &source[at..end];
    if rest.is_empty() && !source[..end].ends_with(['\n', '\r']) {
        let text = built.text.strip_suffix('\n').unwrap_or(&built.text);
        let len = text.strip_suffix('\r').unwrap_or(text).len();
        built.text.truncate(len);
    }
    built.push_copied(rest, at);
    (built.text, built.map)
}

/// The posts of a thread: texts numbered `1/3`, `2/3`, `3/3`, all of them in order, each
/// number at the start of its first line or at the end of its last. What stands before the
/// first number of a start, or behind the last of an end, is a part of its own.
fn posts(source: &str) -> Option<Vec<Span>> {
    if !source.contains("1/") {
        return None;
    }
    let lines: Vec<Range<usize>> = source
        .split_inclusive(['\n', '\r'])
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start..*at)
        })
        .collect();
    let at_start = |line: &str| number(line.split_whitespace().next()?);
    let at_end = |line: &str| number(line.split_whitespace().next_back()?);
    let starts = in_order(
        lines.iter().filter_map(|line| Some((line.start, at_start(&source[line.clone()])?))),
    );
    let ends = || {
        in_order(lines.iter().filter_map(|line| Some((line.end, at_end(&source[line.clone()])?))))
    };
    let cuts = starts.or_else(ends)?;
    let mut at = 0;
    let mut parts: Vec<Span> = Vec::new();
    for cut in cuts.into_iter().chain([source.len()]) {
        parts.push(Span::new(at, cut));
        at = cut;
    }
    Some(parts)
}

/// `2/3`, also in brackets or with a sign behind.
fn number(word: &str) -> Option<(usize, usize)> {
    let bare = word.trim_matches(['(', ')', '[', ']', ':', '.']);
    let (number, of) = bare.split_once('/')?;
    let read = |digits: &str| {
        let is_number = (1..=3).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    Some((read(number)?, read(of)?))
}

/// The places of numbers, where these are 1 to the last and nothing else.
fn in_order(found: impl Iterator<Item = (usize, (usize, usize))>) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let mut all = None;
    for (place, (number, of)) in found {
        places.push(place);
        if number != places.len() || *all.get_or_insert(of) != of || number > of {
            return None;
        }
    }
    (places.len() > 1 && all == Some(places.len())).then_some(places)
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

    #[test]
    fn a_numbered_thread_is_read_post_by_post() {
        let texts = |source: &str| -> Vec<String> {
            let fields = read(source).0;
            for field in &fields {
                for (at, _) in field.text.char_indices() {
                    let place = field.map.to_source(Span::new(at, at + 1)).start;
                    assert_eq!(source[place..].chars().next(), field.text[at..].chars().next());
                }
            }
            fields.into_iter().map(|field| field.text).collect()
        };
        for end in ["\n", "\r\n", "\r"] {
            let with = |source: &str| texts(&source.replace('\n', end));
            assert_eq!(with("1/2 é one\n\n2/2 two\n"), ["1/2 é one", "2/2 two"]);
            assert_eq!(
                with("(1/2) one\nprobity: allow a/b -- c\n[2/2]: two"),
                ["(1/2) one", "[2/2]: two"]
            );
            assert_eq!(with("one 1/2\n\ntwo (2/2)\n"), ["one 1/2", "two (2/2)"]);
            assert_eq!(
                with("Draft\n\n1/2\none\n2/2\ntwo"),
                ["Draft", &format!("1/2{end}one"), &format!("2/2{end}two")]
            );
        }
        // Shares, dates, what is left out or comes twice.
        for source in [
            "1/3 of us sail\n2/3 of us walk\n",
            "1/2 x\n3/2 y\n",
            "2/2 x\n1/2 y\n",
            "1/1 x\n",
            "1/2 x\n2/3 y\n",
            "1/2 x\n2/2 y\n1/2 z\n",
            "1/2026 x\n2/2026 y\n",
            "01/02 x\n02/02 y\n",
        ] {
            assert_eq!(texts(source), [source]);
        }
    }
}
