//! The arguments of template calls that are shown or read out: the caption and the
//! alternative text of `{{< figure >}}`, the title of `{% include box.html %}`.

use crate::record::bare_name;
use crate::text::{MappedText, Span};

/// Arguments that people read, without letter case, `_` and `-`.
#[rustfmt::skip]
const READ: &[&str] = &[
    "alt", "alttext", "imagealt", "caption", "title", "subtitle", "heading", "description",
    "summary", "text", "label", "message", "quote", "tooltip", "arialabel", "placeholder", "content", "tagline",
];

/// Tags that steer the template. What is quoted in them is compared and stored, not
/// shown.
#[rustfmt::skip]
const CONTROL: &[&str] = &[
    "assign", "set", "if", "elsif", "elseif", "else", "unless", "case", "when", "for", "while",
    "tablerow", "cycle", "capture", "macro", "block", "extends", "import", "from", "layout",
    "liquid", "return", "with", "permalink", "comment",
];

/// Tags that put in another file: it says what they are.
const INCLUDES: &[&str] = &["include", "include_relative", "include_cached", "render", "partial"];

/// A text in a call.
#[derive(Debug)]
pub(super) struct Argument {
    /// Where the call starts.
    pub call: usize,
    /// The call and the argument: `figure.caption`.
    pub name: String,
    /// The text, with its way to the source.
    pub built: MappedText,
}

/// Adds the texts in the call at `call`, of which `inner` stands between the marks.
/// Spans are bytes of `source`.
pub(super) fn find(source: &str, call: usize, inner: Span, found: &mut Vec<Argument>) {
    let text = &source[inner.range()];
    let Some(name) = name_of(text) else { return };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`')))
    {
        let quote = at + next;
        let Some(end) = end_of(bytes, quote) else { return };
        if let Some(key) = key_before(&text[..quote]) {
            let value = Span::new(inner.start + quote + 1, inner.start + end);
            let built = unescaped(source, value, bytes[quote]);
            found.push(Argument { call, name: format!("{name}.{key}"), built });
        }
        at = end + 1;
    }
}

/// What a call is called; `None` where nothing in it is shown.
fn name_of(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['-', '~', ' ', '\t', '\r', '\n']);
    let mut words = text.split_ascii_whitespace();
    let first = words.next()?.trim_end_matches([',', ':', '(']);
    let is_name = first.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if !is_name || CONTROL.contains(&first) {
        return None;
    }
    let mut name = first;
    if INCLUDES.contains(&first) {
        let file = words.next().unwrap_or(first);
        let file = file.trim_matches(|c: char| matches!(c, '"' | '\'' | ','));
        let file = file.rsplit('/').next().unwrap_or(file);
        name = file.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(first);
    }
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
    Some(if plain { name } else { first })
}

/// Where the string ends that opens at `quote`.
fn end_of(bytes: &[u8], quote: usize) -> Option<usize> {
    let mut at = quote + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if bytes[quote] != b'`' => at += 1,
            _ if byte == bytes[quote] => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The argument that a string behind `before` is the value of, if people read it.
fn key_before(before: &str) -> Option<&str> {
    let before = before.trim_end();
    let before = before.strip_suffix('=').or_else(|| before.strip_suffix(':'))?.trim_end();
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let key = &before[before.trim_end_matches(is_key).len()..];
    READ.contains(&&*bare_name(key)).then_some(key)
}

fn unescaped(source: &str, span: Span, quote: u8) -> MappedText {
    let text = &source[span.range()];
    let mut built = MappedText::default();
    let mut at = 0;
    while let Some(found) = text[at..].find('\\').filter(|_| quote != b'`') {
        let start = at + found;
        let Some(next) = text[start + 1..].chars().next() else { break };
        let meant = match next {
            '"' | '\'' | '\\' => next,
            'n' => '\n',
            't' => '\t',
            _ => {
                built.push_copied(&text[at..=start], span.start + at);
                at = start + 1;
                continue;
            }
        };
        built.push_copied(&text[at..start], span.start + at);
        let place = Span::new(span.start + start, span.start + start + 2);
        built.push_replaced(meant.encode_utf8(&mut [0; 4]), place);
        at = start + 2;
    }
    built.push_copied(&text[at..], span.start + at);
    built
}
