//! Strings of YAML and TOML back to the bytes they were written with.
//!
//! The parsers say what a string means and where it stands, not which of its
//! characters came from which bytes. That is worked out again here and checked
//! against the parser's answer; where the two differ, the whole string stands
//! for all of its source, which is coarse but never wrong.

use crate::text::{MappedText, Span};

/// How a string was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// YAML without quotes.
    Plain,
    /// YAML `'it''s'`.
    YamlSingle,
    /// YAML `"a\n"`.
    YamlDouble,
    /// YAML `|`: lines as they are, less their indentation.
    Literal,
    /// YAML `>`: lines joined.
    Folded,
    /// TOML, all four kinds of quotes.
    Toml,
}

/// Maps `value`, which the parser read from `raw`, standing at `at`.
pub(super) fn map(value: &str, raw: &str, at: usize, style: Style) -> MappedText {
    let guesses = match style {
        Style::Plain => vec![flow(raw.trim_end(), at, style)],
        Style::YamlSingle => vec![inside(raw, at, "'", |text, at| flow(text, at, style))],
        Style::YamlDouble => vec![inside(raw, at, "\"", |text, at| flow(text, at, style))],
        Style::Literal => vec![literal(value, raw, at)],
        Style::Folded => vec![folded(value, raw, at)],
        Style::Toml => vec![toml(raw, at, false), toml(raw, at, true)],
    };
    let right = guesses.into_iter().flatten().find(|guess| guess.text == value);
    right.unwrap_or_else(|| {
        let mut coarse = MappedText::default();
        coarse.push_replaced(value, Span::new(at, at + raw.len()));
        coarse
    })
}

/// The text between quotes, read by `read`.
fn inside<R>(raw: &str, at: usize, quote: &str, read: R) -> Option<MappedText>
where
    R: FnOnce(&str, usize) -> Option<MappedText>,
{
    let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
    read(inner, at + quote.len())
}

/// A YAML string inside one value: line ends are folded, white space around
/// them is dropped.
fn flow(raw: &str, at: usize, style: Style) -> Option<MappedText> {
    let mut out = MappedText::default();
    let mut rest = raw;
    while let Some(char) = rest.chars().next() {
        let here = at + (raw.len() - rest.len());
        let taken = match char {
            ' ' | '\t' | '\n' | '\r' => space(&mut out, rest, here),
            '\'' if style == Style::YamlSingle => {
                out.push_replaced("'", Span::new(here, here + 2));
                2
            }
            '\\' if style == Style::YamlDouble => escape(&mut out, rest, here, &YAML_ESCAPES)?,
            _ => {
                let special = |char: char| matches!(char, ' ' | '\t' | '\n' | '\r' | '\'' | '\\');
                let len = rest[char.len_utf8()..].find(special);
                let len = len.map_or(rest.len(), |len| len + char.len_utf8());
                out.push_copied(&rest[..len], here);
                len
            }
        };
        rest = rest.get(taken..)?;
    }
    Some(out)
}

/// Appends a run of white space, folded, and gives its length.
fn space(out: &mut MappedText, rest: &str, here: usize) -> usize {
    let len = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let run = &rest[..len];
    let breaks: Vec<Span> = line_ends(run).collect();
    match breaks.as_slice() {
        [] => out.push_copied(run, here),
        [only] => out.push_replaced(" ", Span::new(here + only.start, here + only.end)),
        [_, more @ ..] => {
            for end in more {
                out.push_replaced("\n", Span::new(here + end.start, here + end.end));
            }
        }
    }
    len
}

fn line_ends(text: &str) -> impl Iterator<Item = Span> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'\n', b'\r', bytes).filter_map(move |at| match bytes[at] {
        b'\r' if bytes.get(at + 1) == Some(&b'\n') => None,
        b'\n' if at > 0 && bytes[at - 1] == b'\r' => Some(Span::new(at - 1, at + 1)),
        _ => Some(Span::new(at, at + 1)),
    })
}

/// What stands after a backslash, and what it means.
struct Escapes {
    named: &'static [(char, &'static str)],
    /// Letters before a code, with the number of its digits.
    codes: &'static [(char, usize)],
    /// Whether white space may stand between the backslash and a line end.
    space_before_line_end: bool,
}

const CODES: &[(char, usize)] = &[('x', 2), ('u', 4), ('U', 8)];

#[rustfmt::skip]
const YAML_ESCAPES: Escapes = Escapes {
    named: &[
        ('0', "\0"), ('a', "\x07"), ('b', "\x08"), ('t', "\t"), ('\t', "\t"), ('n', "\n"),
        ('v', "\x0B"), ('f', "\x0C"), ('r', "\r"), ('e', "\x1B"), (' ', " "), ('"', "\""),
        ('/', "/"), ('\\', "\\"), ('N', "\u{85}"), ('_', "\u{A0}"), ('L', "\u{2028}"),
        ('P', "\u{2029}"),
    ],
    codes: CODES,
    space_before_line_end: false,
};

#[rustfmt::skip]
const TOML_ESCAPES: Escapes = Escapes {
    named: &[
        ('b', "\x08"), ('t', "\t"), ('n', "\n"), ('f', "\x0C"), ('r', "\r"), ('e', "\x1B"),
        ('"', "\""), ('\\', "\\"),
    ],
    codes: CODES,
    space_before_line_end: true,
};

/// Appends what the escape at the start of `rest` means; gives its length.
fn escape(out: &mut MappedText, rest: &str, here: usize, escapes: &Escapes) -> Option<usize> {
    let after = &rest[1..];
    let char = after.chars().next()?;
    if let Some((_, text)) = escapes.named.iter().find(|(name, _)| *name == char)
        && !(escapes.space_before_line_end && char.is_whitespace())
    {
        out.push_replaced(text, Span::new(here, here + 2));
        return Some(2);
    }
    if let Some(&(_, digits)) = escapes.codes.iter().find(|(name, _)| *name == char) {
        let code = u32::from_str_radix(after.get(1..=digits)?, 16).ok()?;
        let text = char::from_u32(code)?.to_string();
        out.push_replaced(&text, Span::new(here, here + 2 + digits));
        return Some(2 + digits);
    }
    // A line end that is written but not meant; the next line's indentation
    // goes with it. TOML drops blank lines too, YAML keeps them.
    let trimmed = after.trim_start_matches([' ', '\t', '\n', '\r']);
    let run = &after[..after.len() - trimmed.len()];
    let mut ends = line_ends(run);
    let first = ends.next()?;
    if !escapes.space_before_line_end {
        for end in ends {
            out.push_replaced("\n", Span::new(here + 1 + end.start, here + 1 + end.end));
        }
    }
    let ends_at_once = escapes.space_before_line_end || first.start == 0;
    ends_at_once.then_some(1 + run.len())
}

/// A block of lines kept as they are: each line of the value ends a line of
/// the source.
fn literal(value: &str, raw: &str, at: usize) -> Option<MappedText> {
    let mut out = MappedText::default();
    let mut lines = lines(raw);
    let mut value = value;
    if !raw.starts_with(['\n', '\r']) {
        // The parser's span starts after blank lines before the first words.
        let kept = value.trim_start_matches('\n');
        out.push_replaced(&value[..value.len() - kept.len()], Span::new(at, at));
        value = kept;
    }
    for line in value.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let (text, end) = lines.next()?;
        let start = text.end - bare.len().min(text.len());
        out.push_copied(bare, at + start);
        if bare.len() < line.len() {
            push_line_end(&mut out, raw, at, end);
        }
        if raw.get(start..text.end) != Some(bare) {
            return None;
        }
    }
    Some(out)
}

/// A block of lines that are joined: the words of each line follow in the
/// value, and what parts them there stands for the line ends between.
fn folded(value: &str, raw: &str, at: usize) -> Option<MappedText> {
    let mut out = MappedText::default();
    let mut rest = value;
    let mut ends: Option<Span> = None;
    for (text, end) in lines(raw) {
        let line = &raw[text.range()];
        let words = line.trim_start_matches(' ');
        if !words.is_empty() {
            let breaks = match rest.trim_start_matches('\n') {
                kept if kept.len() < rest.len() => rest.len() - kept.len(),
                _ => usize::from(ends.is_some() && rest.starts_with(' ')),
            };
            if let Some(ends) = ends.take().filter(|_| breaks > 0) {
                out.push_replaced(&rest[..breaks], Span::new(at + ends.start, at + ends.end));
            } else if breaks > 0 {
                // Blank lines before the first words.
                out.push_replaced(&rest[..breaks], Span::new(at, at + text.start));
            }
            rest = &rest[breaks..];
            // A line indented further keeps the indentation it has on top.
            let kept = rest.len() - rest.trim_start_matches(' ').len();
            let start = text.end - words.len() - kept.min(line.len() - words.len());
            let shown = &raw[start..text.end];
            rest = rest.strip_prefix(shown)?;
            out.push_copied(shown, at + start);
        }
        ends = Some(ends.map_or(end, |ends| ends.join(end)));
    }
    if let Some(ends) = ends {
        out.push_replaced(rest, Span::new(at + ends.start, at + ends.end));
    }
    Some(out)
}

/// Lines with the spans of their text and of their end.
fn lines(raw: &str) -> impl Iterator<Item = (Span, Span)> {
    let last = Span::new(raw.len(), raw.len());
    let mut start = 0;
    line_ends(raw).chain([last]).map(move |end| {
        let text = Span::new(start, end.start);
        start = end.end;
        (text, end)
    })
}

fn push_line_end(out: &mut MappedText, raw: &str, at: usize, end: Span) {
    if raw[end.range()].ends_with('\n') {
        out.push_copied("\n", at + end.end - 1);
    } else {
        out.push_replaced("\n", Span::new(at + end.start, at + end.end));
    }
}

/// A TOML string with its quotes. Whether the parser keeps CRLF in a string of
/// several lines is tried both ways.
fn toml(raw: &str, at: usize, line_feeds: bool) -> Option<MappedText> {
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| {
        raw.len() >= 2 * quote.len() && raw.starts_with(quote) && raw.ends_with(quote)
    })?;
    let mut start = quote.len();
    let end = raw.len() - quote.len();
    if quote.len() == 3 {
        let inner = &raw[start..end];
        start +=
            usize::from(inner.starts_with("\r\n")) + usize::from(inner.starts_with(['\r', '\n']));
    }
    let escapes = quote.starts_with('"');
    let mut out = MappedText::default();
    let mut rest = &raw[start..end];
    while !rest.is_empty() {
        let here = at + end - rest.len();
        let special = |char| (escapes && char == '\\') || (line_feeds && char == '\r');
        let len = rest.find(special).unwrap_or(rest.len());
        out.push_copied(&rest[..len], here);
        rest = &rest[len..];
        if rest.starts_with('\\') {
            rest = rest.get(escape(&mut out, rest, here + len, &TOML_ESCAPES)?..)?;
        } else if !rest.is_empty() {
            rest = &rest[1..];
        }
    }
    Some(out)
}
