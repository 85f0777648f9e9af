//! Texts that an export holds as base64.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use memchr::memmem::Finder;

use crate::text::Span;

/// With or without `=` at the end, as exporters write it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Fewer characters than this are more often a name or a reference than a text.
const SHORTEST: usize = 24;

/// The text of a cell that is written as base64 (RFC 4648), as the bodies of notes and
/// messages are in some exports; `None` where it is none, or no text: a picture, or words
/// that only use the same letters.
pub fn base64_cell(cell: &str) -> Option<String> {
    let cell = cell.trim_ascii();
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let bytes = cell.as_bytes();
    // Nearly every cell is prose, which has a space in its first words.
    if bytes.len() < SHORTEST || !bytes[..SHORTEST].iter().all(|&byte| digit(byte)) {
        return None;
    }
    if !bytes.iter().all(|&byte| digit(byte) || matches!(byte, b'\r' | b'\n')) {
        return None;
    }
    let digits: Vec<u8> = bytes.iter().copied().filter(|&byte| digit(byte)).collect();
    let text = String::from_utf8(LENIENT.decode(digits).ok()?).ok()?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let prose = is_text(&text) && text.trim().contains(char::is_whitespace);
    prose.then_some(text)
}

/// Finds the word without its first letter, which is written large or small. Made ready
/// once: that takes longer than to search most cells.
static BASE64: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"ase64"));

/// The texts that stand in a text as base64, and where their digits stand: those of `data:`
/// addresses (RFC 2397) that hold text, and bodies of messages behind a line
/// `Content-Transfer-Encoding: base64` (RFC 2045).
pub fn base64_parts(text: &str) -> Vec<(Span, String)> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut from = 0;
    for at in BASE64.find_iter(bytes) {
        let word = at.checked_sub(1).filter(|&start| start >= from);
        let is_word = |start: &usize| matches!(bytes[*start], b'b' | b'B');
        let Some(start) = word.filter(is_word) else { continue };
        let end = at + "ase64".len();
        let digits = data_digits(bytes, start, end).or_else(|| body_digits(bytes, start, end));
        let Some(digits) = digits else { continue };
        from = digits.end;
        if digits.is_empty() {
            continue;
        }
        if let Some(decoded) = bytes.get(digits.range()).and_then(decoded) {
            parts.push((digits, decoded));
        }
    }
    parts
}

/// The digits of a `data:` address whose `base64` stands from `start` to `end`.
fn data_digits(bytes: &[u8], start: usize, end: usize) -> Option<Span> {
    /// Bytes of the longest kind of content that is looked at: `text/html;charset=utf-8`.
    const KIND: usize = 120;
    if bytes.get(end) != Some(&b',') {
        return None;
    }
    let before = &bytes[start.saturating_sub(KIND)..start];
    let data = memchr::memmem::rfind(&before.to_ascii_lowercase(), b"data:")?;
    let kind = before[data + "data:".len()..].to_ascii_lowercase();
    let is_text = kind == b";" || kind.starts_with(b"text/") || kind.starts_with(b"message/");
    let is_kind = |byte: &u8| byte.is_ascii_alphanumeric() || b"/;=-+._".contains(byte);
    if !is_text || !kind.iter().all(is_kind) {
        return None;
    }
    let rest = &bytes[end + 1..];
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_%".contains(byte);
    let len = rest.iter().take_while(|byte| is_digit(byte)).count();
    Some(Span::new(end + 1, end + 1 + len))
}

/// The digits of a body whose header line says `base64` from `start` to `end`.
fn body_digits(bytes: &[u8], start: usize, end: usize) -> Option<Span> {
    const HEADER: &[u8] = b"content-transfer-encoding:";
    /// Lines of headers that may follow.
    const HEADERS: usize = 40;
    let near = start.saturating_sub(2 * HEADER.len());
    let line = memchr::memrchr2(b'\n', b'\r', &bytes[near..start]).map_or(near, |at| near + at + 1);
    let before = bytes[line..start].trim_ascii().trim_ascii_end();
    let quoted = before.strip_suffix(b"\"").unwrap_or(before).trim_ascii_end();
    if !quoted.eq_ignore_ascii_case(HEADER) {
        return None;
    }
    // Other headers may follow; a blank line ends them.
    let mut lines = Lines { bytes, at: end };
    lines.next()?;
    let blank = |line: Span| bytes[line.range()].trim_ascii().is_empty();
    if !lines.by_ref().take(HEADERS).any(blank) {
        return None;
    }
    let body = lines.at;
    let mut last = body;
    for line in (Lines { bytes, at: body }) {
        let digits = bytes[line.range()].trim_ascii_end();
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
        if digits.is_empty() || !digits.iter().all(is_digit) {
            break;
        }
        last = line.start + digits.len();
    }
    Some(Span::new(body, last))
}

/// The lines of a text from a byte on, without their ends.
struct Lines<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = Span::new(self.at, self.at + len);
        let end = if rest[len..].starts_with(b"\r\n") { 2 } else { 1 };
        self.at = (line.end + end).min(self.bytes.len());
        Some(line)
    }
}

/// What digits of either alphabet say, as far as that is text.
fn decoded(digits: &[u8]) -> Option<String> {
    let mut plain = Vec::with_capacity(digits.len());
    let mut left = digits.iter().copied();
    while let Some(byte) = left.next() {
        plain.push(match byte {
            b'-' => b'+',
            b'_' => b'/',
            b'%' => {
                let code = [left.next()?, left.next()?];
                u8::from_str_radix(std::str::from_utf8(&code).ok()?, 16).ok()?
            }
            b'\r' | b'\n' => continue,
            byte => byte,
        });
    }
    let bytes = LENIENT.decode(plain).ok()?;
    // An old mail program writes the letters of its country.
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned()
    });
    is_text(&text).then_some(text)
}

fn is_text(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded() {
        let encoded = "UmFuZyBhYm91dCB0aGUgYmlucywgbmHDr3ZlIGNhZsOpLg==";
        let text = "Rang about the bins, naïve café.";
        assert_eq!(base64_cell(encoded).as_deref(), Some(text));
        assert_eq!(base64_cell(encoded.trim_end_matches('=')).as_deref(), Some(text));
        let wrapped = format!(" {}\r\n{}\r\n", &encoded[..32], &encoded[32..]);
        assert_eq!(base64_cell(&wrapped).as_deref(), Some(text));
    }

    #[test]
    fn parts_of_texts_are_decoded() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let parts = base64_parts(text);
            let found: Vec<(&str, &str)> =
                parts.iter().map(|(span, it)| (&text[span.range()], it.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check(
            "<a href='data:text/html;charset=utf-8;base64,PGI+aGk8L2I+'>x</a> data:;BASE64,aGk %",
            &[("PGI+aGk8L2I+", "<b>hi</b>")],
        );
        check(
            "data:;base64,aGk, DATA:text/plain;Base64,aGk%3D",
            &[("aGk", "hi"), ("aGk%3D", "hi")],
        );
        check("data:text/plain;base64,Y2Fm6Q", &[("Y2Fm6Q", "café")]);
        let mail = "Content-Transfer-Encoding: base64\r\nX-Y: z\r\n\r\naGVs\r\nbG8=\r\n\r\nbye";
        check(mail, &[("aGVs\r\nbG8=", "hello")]);
        check("content-transfer-encoding: \"base64\"\n\naGVsbG8=", &[("aGVsbG8=", "hello")]);
        for other in [
            "data:image/png;base64,iVBORw0KGgo=",
            "we use base64, see data: base64,aGk",
            "Content-Transfer-Encoding: base64",
            "Content-Transfer-Encoding: base64\n\n",
            "data:text/plain;base64,",
            "data:text/plain;base64,%",
            "data:text/plain;base64,AAAA",
        ] {
            let parts = base64_parts(other);
            assert!(parts.iter().all(|(_, text)| text.is_empty()), "{other}: {parts:?}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for cell in [
            "",
            "Internationalisierungsmassnahmen",
            "UmFuZyBhYm91dCB0aGUgYmlucywgbm and some words",
            "https://example.org/a/b/c/d/e/f/g",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
            "dGhpc2lzb25lbG9uZ3dvcmRvbmx5",
            "=======================================",
        ] {
            assert_eq!(base64_cell(cell), None, "{cell}");
        }
    }
}
