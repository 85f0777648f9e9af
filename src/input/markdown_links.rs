//! Where a link of Markdown leads, and the title it shows. The parser gives
//! both decoded and without a place, so they are found again in the source.

use memchr::memmem;
use pulldown_cmark::LinkType;

use crate::text::Span;

use super::html::Page;
use super::html_tokens::{Piece, decode_entity};

/// The longest entity of HTML has 33 bytes; a number may have zeros before it.
const LONGEST_ENTITY: usize = 40;

/// What an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A link: people follow it.
    Link,
    /// An image: nobody sees where it comes from.
    Image,
}

/// A link or image whose end has not been seen yet.
#[derive(Debug)]
pub(super) struct OpenLink {
    pub link_type: LinkType,
    span: Span,
    /// End of the last thing seen inside it.
    inner_end: usize,
}

impl OpenLink {
    pub fn new(link_type: LinkType, span: Span) -> Self {
        Self { link_type, span, inner_end: span.start + 1 }
    }

    /// Notes an event inside the link.
    pub fn saw(&mut self, span: Span) {
        if span != self.span {
            self.inner_end = self.inner_end.max(span.end);
        }
    }
}

/// Adds the target and title of `[text](target "title")`, which ends at `end`.
pub(super) fn inline_target(
    page: &mut Page,
    source: &str,
    link: &OpenLink,
    end: usize,
    of: Target,
) {
    let Some(rest) = source.get(link.inner_end..end) else {
        return;
    };
    if let Some(open) = memmem::find(rest.as_bytes(), b"](") {
        target(page, source, Span::new(link.inner_end + open + 2, end), of);
    }
}

/// Adds the target and title of `[label]: target "title"`.
pub(super) fn reference_target(page: &mut Page, source: &str, definition: Span, of: Target) {
    let Some(text) = source.get(definition.range()) else {
        return;
    };
    if let Some(open) = memmem::find(text.as_bytes(), b"]:") {
        target(page, source, Span::new(definition.start + open + 2, definition.end), of);
    }
}

fn target(page: &mut Page, source: &str, span: Span, of: Target) {
    let at = skip_space(source, span.start, span.end);
    let rest = &source[at..span.end];
    let (address, next) = if let Some(bracketed) = rest.strip_prefix('<') {
        let len = end_of(bracketed, |char, _| char == '>');
        (Span::new(at + 1, at + 1 + len), at + len + 2)
    } else {
        let len = end_of(rest, |char, depth| char.is_ascii_whitespace() || depth < 0);
        (Span::new(at, at + len), at + len)
    };
    if of == Target::Link {
        add(page, source, "link", address);
    }
    let at = skip_space(source, next.min(span.end), span.end);
    let Some(open) = source[at..span.end].chars().next() else {
        return;
    };
    let close = match open {
        '"' | '\'' => open,
        '(' => ')',
        _ => return,
    };
    let len = end_of(&source[at + 1..span.end], |char, _| char == close);
    add(page, source, "tooltip", Span::new(at + 1, at + 1 + len));
}

fn skip_space(source: &str, at: usize, end: usize) -> usize {
    end - source[at..end].trim_ascii_start().len()
}

/// The bytes before the first unescaped character that ends the text, given
/// with the depth of the parentheses around it.
fn end_of(text: &str, ends: impl Fn(char, i32) -> bool) -> usize {
    let mut depth = 0;
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match char {
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if ends(char, depth) {
            return at;
        }
    }
    text.len()
}

/// Adds a field without its escapes and with its entities decoded.
fn add(page: &mut Page, source: &str, name: &str, span: Span) {
    let text = &source[span.range()];
    let mut pieces = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'\\', b'&', &text.as_bytes()[at..]) {
        at += found;
        let next = text.as_bytes().get(at + 1);
        if text.as_bytes()[at] == b'\\' {
            if next.is_some_and(u8::is_ascii_punctuation) {
                pieces.push(Piece::Copied(Span::new(copied, at)));
                copied = at + 1;
                at += 1;
            }
        } else if let Some(entity) = entity(&text[at..])
            && let Some(decoded) = decode_entity(entity)
        {
            pieces.push(Piece::Copied(Span::new(copied, at)));
            copied = at + entity.len();
            pieces.push(Piece::Replaced(decoded, Span::new(at, copied)));
            at = copied;
            continue;
        }
        at += 1;
    }
    pieces.push(Piece::Copied(Span::new(copied, text.len())));
    page.add_field(name, text, span.start, &pieces);
}

fn entity(text: &str) -> Option<&str> {
    let bytes = &text.as_bytes()[..text.len().min(LONGEST_ENTITY)];
    let end =
        bytes.iter().skip(1).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#')?;
    (bytes[end + 1] == b';').then(|| &text[..end + 2])
}
