//! Comments that are meant for probity: where they stand and what they reach. What
//! they ask for is not for readers to judge.

use crate::text::{Lines, Span};

use super::document::{Directive, Field, Reach};

/// Every comment for us begins with this word, in any case.
const NAME: &str = "probity";

/// What people write behind the name where they forgot the colon.
const VERBS: &[&str] = &["allow", "ignore", "disable", "suppress"];

/// A comment as a reader meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// The whole comment, marks included.
    pub span: Span,
    /// What is between the marks, without white space around it.
    pub content: Span,
}

impl Comment {
    /// The comment, if it is meant for probity. Both spans are of `source`.
    pub fn of(source: &str, span: Span, inner: Span) -> Option<Self> {
        let text = source.get(inner.range())?;
        let start = inner.start + (text.len() - text.trim_start().len());
        let content = Span::new(start, (inner.start + text.trim_end().len()).max(start));
        is_for_us(&source[content.range()]).then_some(Self { span, content })
    }
}

/// Whether the content of a comment is meant for probity: its name and a colon, or its
/// name and what only a directive says.
pub(super) fn is_for_us(content: &str) -> bool {
    let Some((name, rest)) = content.split_at_checked(NAME.len()) else { return false };
    if !name.eq_ignore_ascii_case(NAME) {
        return false;
    }
    let behind = rest.trim_start();
    if behind.starts_with(':') {
        return true;
    }
    let verb = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '_'));
    let len = verb.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(verb.len());
    rest.len() > verb.len() && VERBS.iter().any(|known| known.eq_ignore_ascii_case(&verb[..len]))
}

/// Directives whose reach is the rest of their line, or the block that comes next where
/// nothing to read stands on the line. `fields` are all texts of the document.
pub(super) fn by_blocks(source: &str, comments: &[Comment], fields: &[Field]) -> Vec<Directive> {
    if comments.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(source);
    let blocks = Blocks::new(fields);
    let alone = alone(source, &lines, comments);
    comments
        .iter()
        .zip(alone)
        .map(|(comment, alone)| {
            // Beside tags alone it means what they hold.
            let alone = alone || !blocks.touch(whole_lines(&lines, comment.span, comment.span));
            let reach = if alone { blocks.next(comment.span.end) } else { Some(comment.span) };
            directive(comment, alone, reach.map(|reach| whole_lines(&lines, reach, comment.span)))
        })
        .collect()
}

/// Directives whose reach is the rest of their line and the entry that starts last on it,
/// or the entry that comes next. `entries` are those of a file of keys and values, each
/// from its key to the end of its value, in any order.
pub(super) fn by_entries(
    source: &str,
    comments: &[Comment],
    mut entries: Vec<Span>,
) -> Vec<Directive> {
    if comments.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(source);
    // Of entries that start together the whole one comes first.
    entries.sort_by_key(|entry| (entry.start, std::cmp::Reverse(entry.end)));
    let mut by_end = entries.clone();
    by_end.sort_by_key(|entry| entry.end);
    let alone = alone(source, &lines, comments);
    comments
        .iter()
        .zip(alone)
        .map(|(comment, alone)| {
            let from = |at: usize| &entries[entries.partition_point(|entry| entry.start < at)..];
            let reach = if alone {
                from(comment.span.end).first().copied()
            } else {
                let line = lines.line_span(lines.position(comment.span.start).line);
                // What starts last is what it stands behind: the first key of an item, and
                // not the item. Where nothing starts on the line, it is what ends there.
                let before = entries.partition_point(|entry| entry.start < comment.span.start);
                let last = entries[..before].last().filter(|entry| entry.start >= line.start);
                let last = last.copied().or_else(|| {
                    let ends = by_end.partition_point(|entry| entry.end <= line.start);
                    let ended = by_end[ends..].iter();
                    ended.take_while(|it| it.end <= comment.span.start).copied().max()
                });
                Some(last.map_or(line, |entry| line.join(entry)))
            };
            directive(comment, alone, reach.map(|reach| whole_lines(&lines, reach, comment.span)))
        })
        .collect()
}

fn directive(comment: &Comment, alone: bool, reach: Option<Span>) -> Directive {
    let reach = match reach {
        Some(reach) if alone => Reach::Next(reach),
        Some(reach) => Reach::Line(reach),
        None => Reach::Nothing,
    };
    Directive { span: comment.span, content: comment.content, reach }
}

/// The reach of a comment to the ends of the lines it touches. What stands before a
/// comment that is alone is not reached.
fn whole_lines(lines: &Lines<'_>, reach: Span, comment: Span) -> Span {
    let first = lines.line_span(lines.position(reach.start).line);
    let last = reach.end.max(reach.start + 1) - 1;
    let last = lines.line_span(lines.position(last).line);
    let start = if reach.start >= comment.end { first.start.max(comment.end) } else { first.start };
    Span::new(start, last.end.max(start))
}

/// For each comment, whether nothing but comments for us stands on its lines. The marks
/// of quotes do not count, nor those of list items before them.
fn alone(source: &str, lines: &Lines<'_>, comments: &[Comment]) -> Vec<bool> {
    let blank = |span: Span| {
        source.get(span.range()).unwrap_or("x").chars().all(|c| c.is_whitespace() || c == '>')
    };
    let marks = |span: Span| {
        let words = source.get(span.range()).unwrap_or("x").split([' ', '\t', '>']);
        words.filter(|word| !word.is_empty()).all(is_list_mark)
    };
    let first_line = |at: usize| lines.line_span(lines.position(at).line).start;
    let last_line = |at: usize| lines.line_span(lines.position(at).line).end;
    // Comments in a row on one line are alone together, or none of them is.
    let mut alone: Vec<bool> = Vec::with_capacity(comments.len());
    let mut at = 0;
    while at < comments.len() {
        let from = comments[at].span.start;
        let mut clear = marks(Span::new(first_line(from).min(from), from));
        let mut to = at;
        loop {
            let end = comments[to].span.end;
            let line_end = last_line(end).max(end);
            let next = comments.get(to + 1).filter(|next| next.span.start < line_end);
            let Some(next) = next else {
                clear &= blank(Span::new(end, line_end));
                break;
            };
            clear &= blank(Span::new(end.min(next.span.start), next.span.start));
            to += 1;
        }
        alone.extend(std::iter::repeat_n(clear, to + 1 - at));
        at = to + 1;
    }
    alone
}

/// Whether a word before a comment is what an item of a list begins with.
fn is_list_mark(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ')']);
    matches!(word, "-" | "*" | "+")
        || number.len() + 1 == word.len() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The blocks of all fields, in the source.
struct Blocks {
    /// By their starts.
    all: Vec<Span>,
    /// For each of them, the furthest end of it and of those before it.
    ends: Vec<usize>,
    /// Those of the body, which do not overlap.
    body: Vec<Span>,
}

impl Blocks {
    fn new(fields: &[Field]) -> Self {
        let (mut all, mut body) = (Vec::new(), Vec::new());
        for field in fields {
            let mut at = 0;
            for block in field.text.split("\n\n") {
                // What was cut out stands in the text as one character, and is none.
                let shown = block.trim_matches(|c: char| c.is_whitespace() || c == '\u{FFFC}');
                let start = at + (block.len() - block.trim_start().len());
                let span = Span::new(start, at + block.trim_end().len());
                at += block.len() + 2;
                if shown.is_empty() {
                    continue;
                }
                let span = field.map.to_source(span);
                all.push(span);
                if field.name == "body" {
                    body.push(span);
                }
            }
        }
        all.sort_unstable();
        body.sort_unstable();
        let furthest = |end: &mut usize, block: &Span| {
            *end = block.end.max(*end);
            Some(*end)
        };
        let ends = all.iter().scan(0, furthest).collect();
        Self { all, ends, body }
    }

    /// Whether any of a block stands within a span.
    fn touch(&self, span: Span) -> bool {
        let before = self.all.partition_point(|block| block.start < span.end);
        before.checked_sub(1).is_some_and(|last| self.ends[last] > span.start)
    }

    /// What is left of the block around an offset, or the first one behind it.
    fn next(&self, at: usize) -> Option<Span> {
        let before = self.body.partition_point(|block| block.start < at);
        let around = before.checked_sub(1).map(|before| self.body[before]);
        if let Some(around) = around.filter(|block| block.end > at) {
            return Some(Span::new(at, around.end));
        }
        self.all.get(self.all.partition_point(|block| block.start < at)).copied()
    }
}

/// The comments of plain text: whole lines that begin with `probity: allow`, behind a
/// `#` where the file is one of code. The span runs to the start of the next line.
pub(super) fn of_plain_text(source: &str) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut searched = 0;
    let finder = memchr::memmem::Finder::new("probity:");
    while let Some(offset) = source.get(searched..).and_then(|rest| finder.find(rest.as_bytes())) {
        let at = searched + offset;
        searched = at + NAME.len();
        let before = &source.as_bytes()[..at];
        let start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
        let marks = source[start..at].trim_start_matches([' ', '\t']);
        if !matches!(marks.trim_end(), "" | "#") {
            continue;
        }
        let rest = &source[at..];
        let len = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let behind = rest[NAME.len() + 1..len].trim_start();
        let verb_end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        if &behind[..verb_end] != "allow" {
            continue;
        }
        let line_end = match rest.as_bytes().get(len) {
            None => 0,
            Some(b'\r') if rest.as_bytes().get(len + 1) == Some(&b'\n') => 2,
            Some(_) => 1,
        };
        let content = Span::new(at, at + rest[..len].trim_end().len());
        found.push(Comment { span: Span::new(start, at + len + line_end), content });
        searched = at + len;
    }
    found
}

/// Directives of plain text: each reaches the lines up to the next blank one.
pub(super) fn by_lines(source: &str, comments: &[Comment]) -> Vec<Directive> {
    if comments.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(source);
    // The lines of text, each to the end of its paragraph, from the last up.
    let mut texts: Vec<Span> = Vec::new();
    let mut paragraph_end = None;
    for number in (1..=lines.count()).rev() {
        let line = lines.line_span(number);
        if source[line.range()].trim().is_empty() {
            paragraph_end = None;
        } else if comments.binary_search_by_key(&line.start, |it| it.span.start).is_err() {
            let end = *paragraph_end.get_or_insert(line.end);
            texts.push(Span::new(line.start, end));
        }
    }
    texts.reverse();
    comments
        .iter()
        .map(|comment| {
            let next = texts.partition_point(|text| text.start < comment.span.end);
            directive(comment, true, texts.get(next).copied())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_for_us_are_taken() {
        for content in
            ["probity: allow x", "Probity : y", "probity:", "probity allow a/b", "probity-ignore"]
        {
            assert!(is_for_us(content), "{content}");
        }
        for content in
            ["", "prob", "probity", "probity checked this", "probityallow", "a probity: b"]
        {
            assert!(!is_for_us(content), "{content}");
        }
    }

    #[test]
    fn lines_of_plain_text_are_found() {
        let source = "a probity: allow x\r\n  # probity: allow y  \r\nprobity: allowance\n\
                      probity: allow-file z\rprobity: allow";
        let found = of_plain_text(source);
        let content: Vec<_> = found.iter().map(|it| &source[it.content.range()]).collect();
        assert_eq!(content, ["probity: allow y", "probity: allow-file z", "probity: allow"]);
        assert_eq!(&source[found[0].span.range()], "  # probity: allow y  \r\n");
        assert_eq!(&source[found[1].span.range()], "probity: allow-file z\r");
    }
}
