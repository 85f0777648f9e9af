//! The lines around a finding, made safe to show.

use crate::finding::{Excerpt, Mark};
use crate::text::{Lines, Span, is_invisible};

/// Lines up to this length, in bytes, are shown whole.
const WHOLE_LINE: usize = 240;
/// How much of a longer line is shown around each mark, in bytes.
const AROUND: usize = 70;
/// Marks this many lines apart get excerpts of their own.
const APART: usize = 4;

/// A stretch of the source that is to be marked.
#[derive(Clone, Debug)]
pub struct ToMark {
    /// Bytes of the decoded text.
    pub span: Span,
    /// Whether the rule is about it.
    pub primary: bool,
    /// What is written beside it.
    pub label: String,
}

/// Cuts out the lines that hold the marks. `masked` are stretches nobody may
/// see, sorted and apart; their letters and digits are shown as shapes.
pub fn excerpts(
    source: &str,
    lines: &Lines<'_>,
    marks: &[ToMark],
    masked: &[Span],
) -> Vec<Excerpt> {
    let mut sorted: Vec<&ToMark> = marks.iter().collect();
    sorted.sort_by_key(|mark| (mark.span, !mark.primary));
    let mut groups: Vec<(usize, usize, Vec<&ToMark>)> = Vec::new();
    for mark in sorted {
        let first = lines.position(mark.span.start).line;
        let last = lines.position(mark.span.end.max(mark.span.start + 1) - 1).line.max(first);
        match groups.last_mut() {
            Some((_, end, of)) if first <= *end + APART => {
                *end = last.max(*end);
                of.push(mark);
            }
            _ => groups.push((first, last, vec![mark])),
        }
    }
    groups
        .into_iter()
        .map(|(first, last, of)| excerpt(source, lines, first, last, &of, masked))
        .collect()
}

fn excerpt(
    source: &str,
    lines: &Lines<'_>,
    first: usize,
    last: usize,
    marks: &[&ToMark],
    masked: &[Span],
) -> Excerpt {
    let mut out = Writer { source, masked, text: String::new(), places: Vec::new() };
    for line in first..=last {
        if line > first {
            out.text.push('\n');
        }
        let span = lines.line_span(line);
        for shown in shown_parts(source, span, marks) {
            match shown {
                Shown::Part(part) => out.copy(part),
                Shown::Cut => out.text.push('…'),
            }
        }
    }
    let marks = marks
        .iter()
        .map(|mark| Mark {
            span: Span::new(out.place(mark.span.start), out.place(mark.span.end)),
            primary: mark.primary,
            label: mark.label.clone(),
        })
        .collect();
    Excerpt { line: first, text: out.text, marks }
}

enum Shown {
    Part(Span),
    Cut,
}

/// The parts of a line that are shown: all of a short one, the surroundings of
/// the marks of a long one.
fn shown_parts(source: &str, line: Span, marks: &[&ToMark]) -> Vec<Shown> {
    if line.len() <= WHOLE_LINE {
        return vec![Shown::Part(line)];
    }
    let mut parts: Vec<Span> = Vec::new();
    for mark in
        marks.iter().filter(|mark| mark.span.start <= line.end && line.start <= mark.span.end)
    {
        // A mark of many lines or of a whole endless line shows its two ends.
        let mark =
            Span::new(mark.span.start.max(line.start), mark.span.end.min(line.end).max(line.start));
        let ends = if mark.len() > 2 * WHOLE_LINE {
            vec![Span::new(mark.start, mark.start), Span::new(mark.end, mark.end)]
        } else {
            vec![mark]
        };
        for end in ends {
            let start = word_edge(source, end.start.saturating_sub(AROUND).max(line.start), line);
            let stop = word_edge(source, (end.end + AROUND).min(line.end), line);
            match parts.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(stop),
                _ => parts.push(Span::new(start, stop)),
            }
        }
    }
    if parts.is_empty() {
        parts.push(Span::new(line.start, word_edge(source, line.start + AROUND, line)));
    }
    let mut shown = Vec::new();
    let mut at = line.start;
    for part in parts {
        if part.start > at {
            shown.push(Shown::Cut);
        }
        shown.push(Shown::Part(part));
        at = part.end;
    }
    if at < line.end {
        shown.push(Shown::Cut);
    }
    shown
}

/// The nearest place at or before `at` where a character starts and, if there
/// is one close by, a word.
fn word_edge(source: &str, at: usize, line: Span) -> usize {
    let at = source.floor_char_boundary(at.clamp(line.start, line.end));
    if at == line.start || at == line.end {
        return at;
    }
    let from = source.floor_char_boundary(at.saturating_sub(16).max(line.start));
    source[from..at].rfind(' ').map_or(at, |space| from + space + 1)
}

struct Writer<'s> {
    source: &'s str,
    masked: &'s [Span],
    text: String,
    /// Where each character of the source went: source byte, byte of `text`.
    places: Vec<(usize, usize)>,
}

impl Writer<'_> {
    fn copy(&mut self, part: Span) {
        let slice = &self.source[part.range()];
        let mut before = None;
        for (offset, c) in slice.char_indices() {
            let at = part.start + offset;
            self.places.push((at, self.text.len()));
            let next = slice[offset + c.len_utf8()..].chars().next();
            self.push(c, at, before, next);
            before = Some(c);
        }
        self.places.push((part.end, self.text.len()));
    }

    fn push(&mut self, c: char, at: usize, before: Option<char>, next: Option<char>) {
        let after = self.masked.partition_point(|span| span.start <= at);
        let hidden = after.checked_sub(1).is_some_and(|last| at < self.masked[last].end);
        if hidden {
            self.text.push(shape(c));
        } else {
            push_safe(&mut self.text, c, before, next);
        }
    }

    fn place(&self, at: usize) -> usize {
        let after = self.places.partition_point(|(source, _)| *source < at);
        self.places.get(after).map_or(self.text.len(), |(_, place)| *place)
    }
}

/// What is shown in place of a character nobody may see.
fn shape(c: char) -> char {
    if c.is_numeric() {
        '#'
    } else if c.is_alphabetic() {
        'X'
    } else if c.is_ascii_graphic() || c == ' ' {
        c
    } else {
        '?'
    }
}

/// The shape of a text nobody may see: `536-90-4399` is `###-##-####`.
pub fn masked(text: &str) -> String {
    text.chars().map(shape).collect()
}

/// Text that is safe to show: control, direction and invisible characters are
/// spelled out.
pub fn safe(text: &str) -> String {
    // Nearly everything that is shown is plain.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        push_safe(&mut out, c, before, rest.clone().next());
        before = Some(c);
    }
    out
}

fn push_safe(out: &mut String, c: char, before: Option<char>, next: Option<char>) {
    // Joiners and variation selectors hold emoji together; there they are no trick.
    let pictorial = |c: Option<char>| {
        c.is_some_and(|c| {
            !c.is_ascii() && !c.is_alphanumeric() || matches!(c, '#' | '*' | '0'..='9')
        })
    };
    let in_emoji = match c {
        '\u{200d}' => pictorial(before) && pictorial(next),
        '\u{fe0e}' | '\u{fe0f}' | '\u{e0020}'..='\u{e007f}' => pictorial(before),
        _ => false,
    };
    if c == '\r' && next == Some('\n') {
        // Half a line end, and no trick.
    } else if c == '\t' || c == '\n' || in_emoji {
        out.push(c);
    } else if c.is_control() || is_invisible(c) || matches!(c, '\u{fff9}'..='\u{fffb}') {
        out.push_str(&format!("<U+{:04X}>", u32::from(c)));
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(source: &str, words: &str) -> ToMark {
        let start = source.find(words).unwrap();
        ToMark { span: Span::new(start, start + words.len()), primary: true, label: String::new() }
    }

    fn check(source: &str, words: &str, hide: &[&str], expected: &str) {
        let lines = Lines::new(source);
        let masked: Vec<_> = hide.iter().map(|words| mark(source, words).span).collect();
        let cut = excerpts(source, &lines, &[mark(source, words)], &masked);
        assert_eq!(cut[0].text, expected);
        if hide.is_empty() && !words.contains('\u{202e}') {
            assert_eq!(&cut[0].text[cut[0].marks[0].span.range()], words);
        }
    }

    #[test]
    fn lines_are_whole_short_safe_and_masked() {
        check("one\ntwo words\nthree", "words", &[], "two words");
        check("SSN 536-90-4399 ok", "536-90-4399", &["536-90-4399"], "SSN ###-##-#### ok");
        check("a\u{1b}[31m red", "red", &[], "a<U+001B>[31m red");
        check("x \u{202e}evil", "\u{202e}evil", &[], "x <U+202E>evil");
        check("👩\u{200d}💻 at work ❤\u{fe0f}", "work", &[], "👩\u{200d}💻 at work ❤\u{fe0f}");
        let long = format!("{}needle{}", "hay ".repeat(200), " hay".repeat(200));
        let lines = Lines::new(&long);
        let cut = excerpts(&long, &lines, &[mark(&long, "needle")], &[]);
        assert!(
            cut[0].text.len() < 200 && cut[0].text.starts_with('…') && cut[0].text.ends_with('…')
        );
        assert_eq!(&cut[0].text[cut[0].marks[0].span.range()], "needle");
    }
}
