//! Tokens of HTML with exact places. html5gum says what the tokens are; where
//! each of their bytes comes from is worked out here, because it decodes
//! entities and line ends without telling.

use std::collections::VecDeque;
use std::convert::Infallible;

use html5gum::{Emitter, Error, State, Tokenizer, naive_next_state};

use crate::text::Span;

/// A token. Spans are bytes of the HTML given to [`tokens`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Text between tags.
    Text(Vec<Piece>),
    /// A start tag; also one that closes itself.
    Start(Tag),
    /// An end tag.
    End { name: String },
    /// A comment with its marks, `<!--` and `-->`.
    Comment(Span),
    /// A tag or comment that the end of the input cut short. All after its
    /// start was swallowed.
    Unclosed { what: &'static str, span: Span },
}

/// A start tag.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tag {
    /// In lower case.
    pub name: String,
    pub attributes: Vec<Attribute>,
    pub self_closing: bool,
    pub span: Span,
}

/// An attribute, in the order of the source.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Attribute {
    /// In lower case.
    pub name: String,
    pub value: Vec<Piece>,
}

/// A stretch of decoded text with one rule for finding its source.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The bytes of the source themselves.
    Copied(Span),
    /// A decoded entity.
    Replaced(String, Span),
}

impl Piece {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Copied(span) | Self::Replaced(_, span) => *span,
        }
    }
}

/// Takes HTML apart.
pub(super) fn tokens(html: &str) -> impl Iterator<Item = Token> {
    let emitter = Places { source: html.as_bytes(), ..Places::default() };
    Tokenizer::new_with_emitter(html, emitter).map(|token: Result<Token, Infallible>| {
        let Ok(token) = token;
        token
    })
}

/// What one entity, from its `&` to its `;`, stands for.
pub(super) fn decode_entity(entity: &str) -> Option<String> {
    match tokens(entity).next()? {
        Token::Text(mut pieces) => match pieces.pop()? {
            Piece::Replaced(text, span) if span.len() == entity.len() => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Puts tokens together from what the tokenizer finds.
#[derive(Default)]
struct Places<'s> {
    source: &'s [u8],
    /// Bytes the tokenizer has read.
    position: usize,
    /// Bytes that are accounted for; what is emitted next starts here.
    done: usize,
    /// Where the last `<` stands.
    open: usize,
    text: Vec<Piece>,
    tag: Tag,
    is_end: bool,
    last_start: Vec<u8>,
    queue: VecDeque<Token>,
}

impl Places<'_> {
    /// Finds the source of `bytes`, which have just been emitted: it ends at
    /// `position`. Equal bytes there are the source; anything else was decoded.
    fn piece(&mut self, bytes: &[u8]) -> Option<Piece> {
        let end = self.position.min(self.source.len());
        let start = self.done.min(end);
        let read = &self.source[start..end];
        self.done = end;
        if bytes.is_empty() {
            return None;
        }
        let entity = read.starts_with(b"&");
        if read == bytes || (!entity && read.ends_with(bytes)) {
            return Some(Piece::Copied(Span::new(end - bytes.len(), end)));
        }
        if !entity && read.starts_with(bytes) {
            // Of a `</b` that ends nothing, the `</` and the `b` come apart.
            self.done = start + bytes.len();
            return Some(Piece::Copied(Span::new(start, self.done)));
        }
        if bytes == b"\n" && read.ends_with(b"\r") && self.source.get(end) == Some(&b'\n') {
            self.done = end + 1;
            return Some(Piece::Copied(Span::new(end, end + 1)));
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        Some(Piece::Replaced(text, Span::new(start, end)))
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.queue.push_back(Token::Text(std::mem::take(&mut self.text)));
        }
    }

    fn unclosed(&mut self, what: &'static str) {
        self.end_text();
        let span = Span::new(self.open.min(self.source.len()), self.source.len());
        self.queue.push_back(Token::Unclosed { what, span });
    }
}

/// Joins pieces that were emitted apart; html5gum may even part the bytes of
/// one character.
fn append(pieces: &mut Vec<Piece>, piece: Option<Piece>) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Copied(last)), Some(Piece::Copied(next))) if last.end == next.start => {
            last.end = next.end;
        }
        (_, Some(piece)) => pieces.push(piece),
        (_, None) => {}
    }
}

fn push_str(name: &mut String, bytes: &[u8]) {
    name.push_str(&String::from_utf8_lossy(bytes));
}

impl Emitter for Places<'_> {
    type Token = Token;

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start = name.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.end_text();
    }

    fn emit_error(&mut self, error: Error) {
        match error {
            Error::EofInComment => self.unclosed("comment"),
            Error::EofInTag => self.unclosed("tag"),
            _ => {}
        }
    }

    fn pop_token(&mut self) -> Option<Token> {
        self.queue.pop_front()
    }

    fn emit_string(&mut self, bytes: &[u8]) {
        let piece = self.piece(bytes);
        append(&mut self.text, piece);
    }

    fn start_open_tag(&mut self) {
        self.open = self.position.saturating_sub(1);
    }

    fn init_start_tag(&mut self) {
        self.tag = Tag::default();
        self.is_end = false;
    }

    fn init_end_tag(&mut self) {
        self.tag = Tag::default();
        self.is_end = true;
    }

    fn init_comment(&mut self) {
        self.end_text();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.end_text();
        self.done = self.position;
        let mut tag = std::mem::take(&mut self.tag);
        if self.is_end {
            self.last_start.clear();
            self.queue.push_back(Token::End { name: tag.name });
            return None;
        }
        tag.span = Span::new(self.open, self.position.max(self.open));
        self.last_start = tag.name.clone().into_bytes();
        self.queue.push_back(Token::Start(tag));
        naive_next_state(&self.last_start)
    }

    fn emit_current_comment(&mut self) {
        self.done = self.position;
        // `<?php` and `<!` run to the next `>` or, without an error, to the end.
        let last = self.source.get(self.position.wrapping_sub(1));
        let known = matches!(self.queue.back(), Some(Token::Unclosed { .. }));
        if last != Some(&b'>') && !known {
            self.unclosed("comment");
        } else if !known {
            let span = Span::new(self.open.min(self.position), self.position);
            let written = self.source.get(span.range()).unwrap_or_default();
            // `<!doctype`-like and `<?php` count as comments and have other marks.
            if written.starts_with(b"<!--") && written.ends_with(b"-->") && written.len() >= 7 {
                self.queue.push_back(Token::Comment(span));
            }
        }
    }

    fn emit_current_doctype(&mut self) {
        self.done = self.position;
    }

    fn set_self_closing(&mut self) {
        self.tag.self_closing = true;
    }

    fn push_tag_name(&mut self, bytes: &[u8]) {
        push_str(&mut self.tag.name, bytes);
    }

    fn init_attribute(&mut self) {
        self.tag.attributes.push(Attribute::default());
    }

    fn init_attribute_value(&mut self) {
        self.done = self.position;
    }

    fn push_attribute_name(&mut self, bytes: &[u8]) {
        if let Some(attribute) = self.tag.attributes.last_mut() {
            push_str(&mut attribute.name, bytes);
        }
    }

    fn push_attribute_value(&mut self, bytes: &[u8]) {
        let piece = self.piece(bytes);
        if let Some(attribute) = self.tag.attributes.last_mut() {
            append(&mut attribute.value, piece);
        }
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end && !self.last_start.is_empty() && self.tag.name.as_bytes() == self.last_start
    }

    fn init_doctype(&mut self) {
        self.end_text();
    }

    fn set_force_quirks(&mut self) {}
    fn push_comment(&mut self, _: &[u8]) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces as `copied|{decoded=source}`.
    fn shown(html: &str, pieces: &[Piece]) -> String {
        let one = |piece: &Piece| match piece {
            Piece::Copied(span) => html[span.range()].to_owned(),
            Piece::Replaced(text, span) => format!("{{{text}={}}}", &html[span.range()]),
        };
        pieces.iter().map(one).collect::<Vec<_>>().join("|")
    }

    fn check(html: &str, expected: &str) {
        let one = |token: Token| match token {
            Token::Text(pieces) => shown(html, &pieces),
            Token::Start(tag) => {
                let values = tag.attributes.iter();
                let values = values.map(|a| format!(" {}={}", a.name, shown(html, &a.value)));
                format!("<{}{}>", tag.name, values.collect::<String>())
            }
            Token::End { name } => format!("</{name}>"),
            Token::Comment(span) => html[span.range()].to_owned(),
            Token::Unclosed { what, span } => format!("!{what} {}", span.start),
        };
        assert_eq!(tokens(html).map(one).collect::<Vec<_>>().join("~"), expected, "{html:?}");
    }

    #[test]
    fn every_piece_has_its_own_source() {
        check("a &amp; b", "a |{&=&amp;}| b");
        check("x&ampy&notit;&#x41;&#65 z", "x|{&=&amp}|y|{¬=&not}|it;|{A=&#x41;}|{A=&#65}| z");
        check("&semi;&fjlig;&NotEqualTilde;", "{;=&semi;}|{fj=&fjlig;}|{≂\u{338}=&NotEqualTilde;}");
        check("a & b &; &# &x &#x; &nosuch;", "a & b &; &# &x &#x; &nosuch;");
        check("one\r\ntwo\rthree\r\n\r\n", "one|\ntwo|{\n=\r}|three|\n|\n");
        check("\r\n\r\nx", "\n|\nx");
        check("a < b <é> </>c", "a < b <é> |c");
        check("é<b>ü</b>", "é~<b>~ü~</b>");
        check("a<!-- x -->b<!doctype html>c", "a~<!-- x -->~b~c");
        check("<!-->b<!--->c<!-- é --!>d<!---->e<!x>", "b~c~d~<!---->~e");
    }

    #[test]
    fn attribute_values_have_places_too() {
        check(
            "<IMG Alt=\"a &amp; é\r\nb\" title=T&lt; x='' y>",
            "<img alt=a |{&=&amp;}| é|\nb title=T|{<=&lt;} x= y=>",
        );
        check("<a href=?a=1&copy=2&amp;b>", "<a href=?a=1&copy=2|{&=&amp;}|b>");
    }

    #[test]
    fn raw_text_is_one_text() {
        check("<title>a &lt; <b></title>", "<title>~a |{<=&lt;}| <b>~</title>");
        check("<script>a<b&amp;</script>x", "<script>~a<b&amp;~</script>~x");
    }

    #[test]
    fn what_is_never_closed_is_told() {
        check("a<!-- b", "a~!comment 1");
        check("a<!-- <p>b</p>", "a~!comment 1");
        check("a<p class=\"b>c", "a~!tag 1");
        check("a<?php b", "a~!comment 1");
    }

    #[test]
    fn entities_are_decoded_one_by_one() {
        assert_eq!(decode_entity("&amp;").as_deref(), Some("&"));
        assert_eq!(decode_entity("&#x1F600;").as_deref(), Some("😀"));
        assert_eq!(decode_entity("&nosuch;"), None);
        assert_eq!(decode_entity("&ampx;"), None);
    }

    proptest! {
        #[test]
        fn any_input_gives_ordered_pieces(
            parts in prop::collection::vec(prop::sample::select(vec![
                "a", "é", "😀", "&", "&amp;", "&amp", "&#", "x41;", "<", ">", "/", "<b", "</b>",
                "<!--", "-->", "\"", "'", "=", " ", "\r\n", "\r", "\n", "<title>", "</title>",
                "<script>", "</script>", "<!", "<?", "\0", "&notin;", "<p x=", "]]>", "alt",
            ]), 0..24),
        ) {
            let html = parts.concat();
            let mut last = 0;
            for token in tokens(&html) {
                let Token::Text(pieces) = token else { continue };
                for piece in pieces {
                    let (Piece::Copied(span) | Piece::Replaced(_, span)) = piece;
                    prop_assert!(last <= span.start && span.start < span.end);
                    prop_assert!(html.get(span.range()).is_some(), "{span:?} in {html:?}");
                    last = span.end;
                }
            }
        }
    }
}
