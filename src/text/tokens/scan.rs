//! The search for tokens: from each trigger outwards, left no further than
//! what is already taken, right as far as the token goes.

use memchr::{memchr2_iter, memchr3_iter};
use unicode_normalization::char::is_combining_mark;

use super::domain;
use super::{Token, TokenKind};
use crate::text::Span;

/// Progress through one text.
pub(super) struct Scan<'t> {
    text: &'t str,
    /// Bytes before this belong to tokens or stand before one.
    done: usize,
    /// Where the last run of dotted labels ended. No dot before it is looked
    /// at again, which is what keeps `a.a.a.a…` linear.
    tried: usize,
    found: Vec<Token>,
}

impl<'t> Scan<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, done: 0, tried: 0, found: Vec::new() }
    }

    /// Reads the text to its end.
    pub fn run(mut self) -> Vec<Token> {
        let bytes = self.text.as_bytes();
        // Two searches, because memchr takes three needles at most. 0xEF
        // leads the fullwidth signs; it is rare in anything we read.
        let mut common = memchr3_iter(b'@', b'#', b'.', bytes).peekable();
        let mut rare = memchr2_iter(b':', 0xEF, bytes).peekable();
        loop {
            let at = match (common.peek(), rare.peek()) {
                (Some(one), Some(other)) if one < other => common.next(),
                (Some(_), None) => common.next(),
                _ => rare.next(),
            };
            let Some(at) = at else { break };
            if at < self.done {
                continue;
            }
            match bytes[at] {
                b'.' => self.bare_domain(at),
                b':' => self.scheme(at),
                b'@' => self.at_sign(at, 1),
                b'#' => self.hashtag(at, 1),
                _ if bytes[at..].starts_with("＃".as_bytes()) => self.hashtag(at, "＃".len()),
                _ if bytes[at..].starts_with("＠".as_bytes()) => self.at_sign(at, "＠".len()),
                _ => {}
            }
        }
        self.found
    }

    fn push(&mut self, kind: TokenKind, span: Span, inner: Span) {
        self.done = span.end;
        self.found.push(Token { kind, span, inner });
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn char_before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    /// The end of the run of characters from `from` that satisfy `of`.
    fn run_end(&self, from: usize, of: impl Fn(char) -> bool) -> usize {
        let rest = &self.text[from..];
        rest.find(|c| !of(c)).map_or(self.text.len(), |length| from + length)
    }

    /// The end of the run of labels and single dots from `from`.
    fn dotted_end(&self, from: usize, of: impl Fn(char) -> bool) -> usize {
        let mut end = from;
        loop {
            end = self.run_end(end, &of);
            if self.byte(end) != Some(b'.') || self.byte(end + 1) == Some(b'.') {
                return end;
            }
            end += 1;
        }
    }

    /// A link without a scheme, around the dot at `at`.
    fn bare_domain(&mut self, at: usize) {
        let inside =
            |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b >= 0x80);
        let floor = self.done.max(self.tried);
        if at <= floor || !inside(self.byte(at - 1)) || !inside(self.byte(at + 1)) {
            return;
        }
        let start = self.text[floor..at].rfind(|c| !is_label(c)).map_or(floor, |before| {
            let width = self.text[floor + before..].chars().next().map_or(0, char::len_utf8);
            floor + before + width
        });
        let end = self.dotted_end(at, is_label);
        self.tried = end;
        // `john.smith@…` and `@name.com` are for the other triggers, a path
        // or variable (`\\server.com`, `$x.com`) is nobody's.
        let refused = |c: char| matches!(c, '@' | '＠' | '#' | '$' | '_' | '\\');
        let glued = start == self.done && self.found.last().is_some_and(|t| t.span.end == start);
        if glued
            || self.char_before(start).is_some_and(refused)
            || self.text[end..].starts_with(['@', '＠'])
        {
            return;
        }
        let Some(found) = domain::bare(&self.text[start..end]) else { return };
        let host = Span::new(start + found.start, start + found.end);
        let mut link_end = host.end;
        // What follows the host counts only when no sentence was glued on.
        if host.end == end {
            let after_port = self.port_end(host.end);
            if self.byte(after_port) == Some(b'/') || self.starts_query(after_port) {
                link_end = self.tail_end(after_port);
            } else {
                link_end = after_port;
            }
        }
        if found.needs_path && self.byte(host.end) != Some(b'/') {
            return;
        }
        self.push(TokenKind::Url, Span::new(host.start, link_end), host);
    }

    /// Whether `?name=` stands at `at`. A bare domain before a question mark
    /// is more often the end of a question.
    fn starts_query(&self, at: usize) -> bool {
        if self.byte(at) != Some(b'?') {
            return false;
        }
        let name_end = self.run_end(at + 1, |c| c.is_ascii_alphanumeric() || c == '_');
        name_end > at + 1 && self.byte(name_end) == Some(b'=')
    }

    /// A link with a scheme, whose colon is at `at`.
    fn scheme(&mut self, at: usize) {
        let starts = |scheme: &str| {
            let start = at.checked_sub(scheme.len()).filter(|&start| start >= self.done)?;
            let letters = self.text.as_bytes().get(start..at)?;
            let inside_word = start > 0 && self.byte(start - 1)?.is_ascii_alphanumeric();
            (letters.eq_ignore_ascii_case(scheme.as_bytes()) && !inside_word).then_some(start)
        };
        if self.text[at..].starts_with("://") {
            if let Some(start) = ["https", "http", "ftp"].into_iter().find_map(starts) {
                self.address(start, at + 3);
            }
        } else if let Some(start) = starts("mailto") {
            // No colon in the local part, or `mailto:mailto:…` would be read
            // to its end from every colon.
            let sign = self.run_end(at + 1, |c| !stops_link(c) && c != '@' && c != ':');
            let from = sign + 1;
            if sign == at + 1 || self.byte(sign) != Some(b'@') {
                return;
            }
            let run = &self.text[from..self.dotted_end(from, is_label)];
            let Some(length) = domain::any(run) else { return };
            let host = Span::new(from, from + length);
            let query = length == run.len() && self.byte(host.end) == Some(b'?');
            let end = if query { self.tail_end(host.end) } else { host.end };
            self.push(TokenKind::Url, Span::new(start, end), host);
        }
    }

    /// The rest of a link whose scheme starts at `start` and whose authority
    /// starts at `from`.
    fn address(&mut self, start: usize, from: usize) {
        let authority_end = self.run_end(from, |c| !stops_link(c) && !"/?#,()".contains(c));
        let authority = &self.text[from..authority_end];
        let host_start = authority.rfind('@').map_or(from, |sign| from + sign + 1);
        let run_end = if self.byte(host_start) == Some(b'[') {
            // An IPv6 address in brackets (RFC 3986, 3.2.2).
            let inside = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '.';
            let close = self.run_end(host_start + 1, inside);
            if self.byte(close) != Some(b']') {
                return;
            }
            close + 1
        } else {
            self.dotted_end(host_start, |c| is_label(c) || c == '_')
        };
        let run = self.text[host_start..run_end].trim_end_matches(['.', '-']);
        let host = &run[..domain::before_join(run)];
        if !host.chars().any(char::is_alphanumeric) {
            return;
        }
        let host_end = host_start + host.len();
        let mut end = host_end;
        if host_end == run_end {
            end = self.port_end(host_end);
            if matches!(self.byte(end), Some(b'/' | b'?' | b'#')) {
                end = self.tail_end(end);
            }
        }
        self.push(TokenKind::Url, Span::new(start, end), Span::new(host_start, host_end));
    }

    /// The end of `:8080` at `at`, or `at`.
    fn port_end(&self, at: usize) -> usize {
        if self.byte(at) != Some(b':') {
            return at;
        }
        let end = self.run_end(at + 1, |c| c.is_ascii_digit());
        if end == at + 1 { at } else { end }
    }

    /// The end of the path, query and fragment from `from`: up to a character
    /// no link holds or a bracket that was not opened inside, less the
    /// punctuation that belongs to the sentence.
    fn tail_end(&self, from: usize) -> usize {
        let (mut round, mut square) = (0_usize, 0_usize);
        let closes = |depth: &mut usize| {
            let closed = *depth == 0;
            *depth = depth.saturating_sub(1);
            closed
        };
        let stops = |c: char| match c {
            '(' => {
                round += 1;
                false
            }
            '[' => {
                square += 1;
                false
            }
            ')' => closes(&mut round),
            ']' => closes(&mut square),
            c => stops_link(c),
        };
        let rest = &self.text[from..];
        let tail = &rest[..rest.find(stops).unwrap_or(rest.len())];
        from + tail.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '(', '[', '*', '~']).len()
    }

    /// An address or a handle, around the sign at `at`.
    fn at_sign(&mut self, at: usize, width: usize) {
        let name = at + width;
        if width == 1 && self.email(at) {
            return;
        }
        if self.char_before(at).is_some_and(|c| is_word(c) || c == '@') {
            return;
        }
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let first_end = self.run_end(name, part);
        if first_end == name || looks_like_time(&self.text[name..first_end]) {
            return;
        }
        let end = self.remote_end(name).or_else(|| self.domain_handle_end(name, first_end));
        let end = end.unwrap_or_else(|| {
            // A dot goes on only into a lower-case letter: `@first.last` is a
            // handle, `@name.Thanks` the end of a sentence.
            let mut end = first_end;
            while self.byte(end) == Some(b'.')
                && self.byte(end + 1).is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
            {
                end = self.run_end(end + 1, part);
            }
            end
        });
        self.push(TokenKind::Handle, Span::new(at, end), Span::new(name, end));
    }

    /// The end of `name@server.tld` at `name`.
    fn remote_end(&self, name: usize) -> Option<usize> {
        let local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let sign = self.run_end(name, local);
        if self.byte(sign) != Some(b'@') {
            return None;
        }
        let from = sign + 1;
        let run = &self.text[from..self.dotted_end(from, is_label)];
        domain::any(run).map(|length| from + length)
    }

    /// The end of `name.bsky.social` at `name`, if it reaches past `first_end`.
    fn domain_handle_end(&self, name: usize, first_end: usize) -> Option<usize> {
        let run_end = self.dotted_end(name, |c| c.is_ascii_alphanumeric() || c == '-');
        if run_end <= first_end {
            return None;
        }
        let found = domain::bare(&self.text[name..run_end])?;
        (found.start == 0 && !found.needs_path).then_some(name + found.end)
    }

    /// Takes the e-mail address whose sign is at `at`, if there is one.
    fn email(&mut self, at: usize) -> bool {
        let local = |c: char| {
            c.is_alphanumeric()
                || is_combining_mark(c)
                || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'')
        };
        if !self.char_before(at).is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return false;
        }
        let before = &self.text[self.done..at];
        let length: usize =
            before.chars().rev().take_while(|&c| local(c)).map(char::len_utf8).sum();
        let local_part = before[before.len() - length..].trim_start_matches(['.', '-', '\'', '%']);
        let from = at + 1;
        let run = &self.text[from..self.dotted_end(from, is_label)];
        let Some(length) = domain::any(run) else { return false };
        // Only within a token is there nothing left of the local part.
        if local_part.is_empty() {
            return false;
        }
        let span = Span::new(at - local_part.len(), from + length);
        self.push(TokenKind::Email, span, Span::new(from, from + length));
        true
    }

    /// A hashtag whose sign, `width` bytes wide, is at `at`.
    fn hashtag(&mut self, at: usize, width: usize) {
        // `#One#Two` is two tags on every platform but X.
        let runs_on =
            self.found.last().is_some_and(|t| t.kind == TokenKind::Hashtag && t.span.end == at);
        if !runs_on && self.char_before(at).is_some_and(|c| is_word(c) || c == '&') {
            return;
        }
        let name = at + width;
        let end = self.run_end(name, |c| is_word(c) || joins_tag(c));
        let tag = self.text[name..end].trim_end_matches(joins_tag);
        // `#1` is a rank and `#_` nothing.
        if tag.chars().any(char::is_alphabetic) {
            let end = name + tag.len();
            self.push(TokenKind::Hashtag, Span::new(at, end), Span::new(name, end));
        }
    }
}

/// A character of a host name, dots apart.
fn is_label(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '-'
        || (!c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c)))
}

/// A character of a word. Emoji end in variation selectors and keycaps, which
/// are marks too, and a hashtag may follow an emoji directly.
fn is_word(c: char) -> bool {
    c == '_'
        || c.is_alphanumeric()
        || (is_combining_mark(c) && !matches!(c, '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}'))
}

/// A sign allowed inside a hashtag but not at its end: joiners, the middle
/// dot of Catalan and that of Japanese.
fn joins_tag(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{B7}' | '\u{30FB}')
}

/// A character that ends a link wherever it stands. Above U+2000 come the
/// typographic marks, CJK and emoji, which follow a link without a space.
fn stops_link(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_control()
            || matches!(c, ' ' | '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^')
    } else {
        c >= '\u{2000}' || !(c.is_alphanumeric() || is_combining_mark(c))
    }
}

/// `@5`, `@10am`: when or how many, not who.
fn looks_like_time(name: &str) -> bool {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < name.len() && matches!(rest.to_ascii_lowercase().as_str(), "" | "am" | "pm")
}
