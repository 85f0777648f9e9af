//! The comment that accepts a finding, written into the text. `docs/suppressions.md` has
//! the grammar. The reason is left to the writer: until there is one, the comment accepts
//! nothing, and says so.

use std::path::Path;

use crate::input::{
    Directive, Document, Format, Language, Reach as Reaches, ReadOptions, front_matter, read,
};
use crate::text::{Lines, Span};

/// No text longer than this (bytes) is read again to find a place for a comment.
const LONGEST_READ: usize = 256 * 1024;

/// How many lines are tried.
const MOST_TRIES: usize = 12;

/// What a comment accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A finding at its place.
    Here,
    /// Every finding of the rule in the file.
    File,
}

/// Stands where the reason belongs; it is none.
const REASON: &str = "…";

/// Where in the `text` of a file of this name the comment is written (bytes) and what is
/// written, to accept a finding of `rule` at `places` (bytes); `None` where the format has
/// no comments or no comment reaches all places.
pub(super) fn suppression_comment(
    name: &str,
    format: &str,
    rule: &str,
    text: &str,
    places: &[Span],
    reach: Reach,
) -> Option<(usize, String)> {
    // What is wrong with suppressions cannot be accepted.
    if rule.starts_with("suppress/") {
        return None;
    }
    let data = match format {
        "yaml" => Some(Format::Yaml),
        "toml" => Some(Format::Toml),
        _ => None,
    };
    let marked = match format {
        "markdown" | "html" => true,
        "text" => false,
        _ if data.is_some() => false,
        _ => return None,
    };
    let verb = if reach == Reach::File { "allow-file" } else { "allow" };
    let words = format!("probity: {verb} {rule} -- {REASON}");
    // What compiles MDX knows no comments of HTML.
    let is_mdx = Path::new(name).extension().is_some_and(|it| it.eq_ignore_ascii_case("mdx"));
    let comment = match format {
        "markdown" if is_mdx => format!("{{/* {words} */}}"),
        _ if marked => format!("<!-- {words} -->"),
        _ => words.clone(),
    };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if let Some(format) = data {
        return above_entry(format, &format!("# {words}{end}"), text, places, reach);
    }
    let front = if marked { FrontMatter::of(text) } else { None };
    if reach == Reach::File {
        if format == "html" && front.is_none() {
            let before = if text.is_empty() || text.ends_with('\n') { "" } else { end };
            return Some((text.len(), format!("{before}{comment}{end}")));
        }
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let at = front.map_or(start, |front| front.behind);
        let before = if at > start && !text.get(..at)?.ends_with(['\n', '\r']) { end } else { "" };
        let apart = if marked { end } else { "" };
        return Some((at, format!("{before}{comment}{end}{apart}")));
    }
    let (first, last) = (places.first()?, places.last()?);
    let lines = Lines::new(text);
    let line = lines.position(first.start).line;
    if lines.position(last.end).line != line && places.len() > 1 {
        return None;
    }
    let above = |line: usize, comment: &str| {
        let span = lines.line_span(line);
        let indent: String =
            text[span.range()].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        (span.start, format!("{indent}{comment}{end}"))
    };
    if let Some(front) = front.filter(|front| first.start < front.behind) {
        let entry =
            (2..=line).rev().find(|&line| front.is_entry(&text[lines.line_span(line).range()]))?;
        return Some(above(entry, &format!("# {words}")));
    }
    if !marked {
        return Some(above(line, &comment));
    }
    let at = end_of_words(text, lines.line_span(line));
    let (at, written) = match open_markup(text.get(..at)?) {
        None => (at, format!(" {comment}")),
        Some(start) => above(lines.position(start).line, &comment),
    };
    let format = if format == "html" { Format::Html } else { Format::Markdown };
    is_read(name, format, text, at, &written, &comment).then_some((at, written))
}

/// Whether a comment that is written into a page is one there, and changes nothing else.
fn is_read(
    name: &str,
    format: Format,
    text: &str,
    at: usize,
    written: &str,
    comment: &str,
) -> bool {
    if text.len() > LONGEST_READ {
        return true;
    }
    let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
    let read = |text: String| -> Option<Document> { read(name, text.into_bytes(), &options).ok() };
    let changed = format!("{}{written}{}", &text[..at], &text[at..]);
    let (Some(before), Some(after)) = (read(text.to_owned()), read(changed)) else { return false };
    // Spans of a document do not count a byte-order mark.
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let start = (at + written.find(comment).unwrap_or(0)).saturating_sub(mark);
    after.fields.len() == before.fields.len()
        && after.directives.iter().any(|directive| directive.span.start == start)
}

/// Where a comment is written into a data file: at its start, or above the nearest entry
/// that holds all places. What looks like an entry can stand in a text of several lines,
/// so the file is read again with the comment in it.
fn above_entry(
    format: Format,
    comment: &str,
    text: &str,
    places: &[Span],
    reach: Reach,
) -> Option<(usize, String)> {
    if reach == Reach::File {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        return Some((start, comment.to_owned()));
    }
    let (first, last) = (places.first()?, places.last()?);
    if text.len() > LONGEST_READ {
        return None;
    }
    let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
    let lines = Lines::new(text);
    let last_line = lines.position(first.start).line;
    let tries = (1..=last_line).rev().map(|line| lines.line_span(line)).filter(|span| {
        let line = text[span.range()].trim_start();
        line.starts_with(['-', '"', '\'', '[']) || line.contains([':', '='])
    });
    tries.take(MOST_TRIES).find_map(|span| {
        let line = &text[span.range()];
        let at = span.start + if line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let written = format!("{indent}{comment}");
        let changed = format!("{}{written}{}", &text[..at], &text[at..]);
        // Spans of the document do not count a byte-order mark.
        let mark = changed.len() - changed.trim_start_matches('\u{feff}').len();
        let document = read("", changed.into_bytes(), &options).ok()?;
        let moved = |at: usize| at + written.len() - mark;
        let holds = |span: Span| span.start <= moved(first.start) && span.end >= moved(last.end);
        let is_ours =
            |it: &&Directive| (it.span.start..=it.span.end).contains(&(at + indent.len() - mark));
        document
            .directives
            .iter()
            .find(is_ours)
            .is_some_and(|it| matches!(it.reach, Reaches::Next(span) if holds(span)))
            .then_some((at, written))
    })
}

/// What stands in front of a page.
#[derive(Clone, Copy, Debug)]
struct FrontMatter {
    language: Language,
    /// Where the page begins.
    behind: usize,
}

impl FrontMatter {
    fn of(text: &str) -> Option<Self> {
        let marked = text.len() - text.trim_start_matches('\u{feff}').len();
        let (language, body) = front_matter(&text[marked..])?;
        Some(Self { language, behind: marked + body })
    }

    /// Whether an entry begins on a line that a comment can stand above.
    fn is_entry(self, line: &str) -> bool {
        let key = |c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '_');
        let sign = match self.language {
            Language::Yaml => ':',
            Language::Toml => '=',
            Language::Json | Language::Script => return false,
        };
        line.starts_with(key) && line.contains(sign)
    }
}

/// The end of a line before what makes Markdown break it: two spaces, or a backslash.
fn end_of_words(text: &str, line: Span) -> usize {
    let words = text[line.range()].trim_end();
    let slashes = words.len() - words.trim_end_matches('\\').len();
    line.start + if slashes % 2 == 1 { words.len() - 1 } else { words.len() }
}

/// Where the tag, shortcode or comment begins that is still open at the end of a text.
fn open_markup(text: &str) -> Option<usize> {
    let tag = text.rfind('<').filter(|&at| {
        let rest = &text[at + 1..];
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'))
            && !rest.contains('>')
    });
    let open = |start: &str, end: &str| text.rfind(start).filter(|&at| !text[at..].contains(end));
    [tag, open("{{", "}}"), open("{%", "%}"), open("<!--", "-->")].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(format: &str, text: &str, expected: &str) {
        let start = text.find("bad").unwrap();
        let places = [Span::new(start, start + 3)];
        let (at, comment) =
            suppression_comment("a.md", format, "a/b", text, &places, Reach::Here).unwrap();
        let mut changed = text.to_owned();
        changed.insert_str(at, &comment);
        assert_eq!(changed, expected);
    }

    #[test]
    fn comments_stand_where_they_reach_the_finding() {
        let comment = "<!-- probity: allow a/b -- … -->";
        check("markdown", "é bad x  \nmore", &format!("é bad x {comment}  \nmore"));
        check("markdown", "bad\\\r\nmore", &format!("bad {comment}\\\r\nmore"));
        check(
            "html",
            "<p>\n  <img alt=\"bad\n x\">",
            &format!("<p>\n  {comment}\n  <img alt=\"bad\n x\">"),
        );
        let shortcode = "{{< a\n  b=\"bad\"\n>}}";
        check("markdown", shortcode, &format!("{comment}\n{shortcode}"));
        check("text", "one\r\n bad", "one\r\n probity: allow a/b -- …\r\n bad");
        check(
            "markdown",
            "---\ntitle: x\ntext: >\n  so: bad\n---\n",
            "---\ntitle: x\n# probity: allow a/b -- …\ntext: >\n  so: bad\n---\n",
        );
        check(
            "markdown",
            "\u{feff}+++\ntitle = \"bad\"\n+++\n",
            "\u{feff}+++\n# probity: allow a/b -- …\ntitle = \"bad\"\n+++\n",
        );
    }

    #[test]
    fn where_a_comment_would_break_the_text_there_is_none() {
        let places = |text: &str| {
            let start = text.find("bad").unwrap();
            [Span::new(start, start + 3)]
        };
        let with = |name: &str, text: &str, reach: Reach| -> Option<String> {
            let (at, comment) =
                suppression_comment(name, "markdown", "a/b", text, &places(text), reach)?;
            Some(format!("{}{comment}{}", &text[..at], &text[at..]))
        };
        let whole = "probity: allow-file a/b -- …";
        for fences in [("", ""), ("---json\n", "\n---")] {
            let front = format!("{}{{ \"title\": \"bad\" }}{}", fences.0, fences.1);
            let page = format!("{front}\n\nText.\n");
            assert_eq!(with("a.md", &page, Reach::Here), None, "{page}");
            let file = with("a.md", &page, Reach::File).unwrap();
            assert!(file.starts_with(&front) && file.contains(&format!("\n<!-- {whole} -->\n")));
        }
        // A definition with something behind it is none.
        assert_eq!(with("a.md", "[x]\n\n[x]: y.md 'bad'\n", Reach::Here), None);
        // What compiles MDX stops at `<!--`.
        assert_eq!(
            with("a.mdx", "bad words\n", Reach::Here).as_deref(),
            Some("bad words {/* probity: allow a/b -- … */}\n")
        );
        assert_eq!(
            with("A.MDX", "import a from 'b'\n\nbad\n", Reach::File),
            Some(format!("{{/* {whole} */}}\n\nimport a from 'b'\n\nbad\n"))
        );
        let table = "| a |\n|---|\n| bad |\n";
        let marked = with("a.md", table, Reach::Here).unwrap();
        assert!(marked.contains("| bad | <!-- probity: allow a/b -- … -->\n"), "{marked}");
    }

    #[test]
    fn comments_in_data_files_stand_above_the_entry() {
        let comment = "# probity: allow a/b -- …";
        check("yaml", "x: y\r\ntext: bad\r\n", &format!("x: y\r\n{comment}\r\ntext: bad\r\n"));
        check(
            "yaml",
            "\u{feff}posts:\n  - text: |\n      so: it is\n      - bad\n    x: y\n",
            &format!(
                "\u{feff}posts:\n  {comment}\n  - text: |\n      so: it is\n      - bad\n    x: y\n"
            ),
        );
        check(
            "toml",
            "[[p]]\ntext = \"\"\"\na = 1\nbad\"\"\"\n",
            &format!("[[p]]\n{comment}\ntext = \"\"\"\na = 1\nbad\"\"\"\n"),
        );
        check("yaml", "\u{feff}text: bad", &format!("\u{feff}{comment}\ntext: bad"));
        let places = [Span::new(0, 1)];
        assert_eq!(suppression_comment("a.json", "json", "a/b", "{}", &places, Reach::Here), None);
        let (at, whole) =
            suppression_comment("a.yml", "yaml", "a/b", "a: b", &places, Reach::File).unwrap();
        assert_eq!((at, whole.as_str()), (0, "# probity: allow-file a/b -- …\n"));
    }

    #[test]
    fn whole_files_are_accepted_at_their_start() {
        let whole = |format: &str, text: &str| {
            let (at, comment) =
                suppression_comment("a.md", format, "a/b", text, &[], Reach::File).unwrap();
            let mut changed = text.to_owned();
            changed.insert_str(at, &comment);
            changed
        };
        let comment = "probity: allow-file a/b -- …";
        assert_eq!(whole("text", "x"), format!("{comment}\nx"));
        assert_eq!(whole("markdown", "\u{feff}x"), format!("\u{feff}<!-- {comment} -->\n\nx"));
        let front = "---\na: b\n---\n";
        assert_eq!(whole("markdown", front), format!("{front}<!-- {comment} -->\n\n"));
        assert_eq!(whole("markdown", "---\n---"), format!("---\n---\n<!-- {comment} -->\n\n"));
        assert_eq!(whole("html", "<p>x"), format!("<p>x\n<!-- {comment} -->\n"));
    }

    #[test]
    fn tables_and_places_far_apart_have_no_comment() {
        let places = [Span::new(0, 1), Span::new(4, 5)];
        let here =
            |format, text| suppression_comment("a.md", format, "a/b", text, &places, Reach::Here);
        assert_eq!(here("csv", "a,b,c"), None);
        assert_eq!(here("markdown", "a\n\n\nb"), None);
        assert_eq!(
            suppression_comment("a.txt", "text", "suppress/unused", "a", &places, Reach::File),
            None
        );
    }

    proptest! {
        #[test]
        fn any_text_is_taken(
            text in "(---\n|\\+\\+\\+\r\n|[a:=<>{}%\\\\ \n\ré\u{feff}-]){0,20}",
            start in 0usize..30,
            length in 0usize..9,
        ) {
            let at = |at: usize| text.floor_char_boundary(at.min(text.len()));
            let places = [Span::new(at(start), at(start + length))];
            for format in ["markdown", "html", "text", "csv", "yaml", "toml", "json"] {
                for reach in [Reach::Here, Reach::File] {
                    if let Some((at, _)) = suppression_comment("a.md", format, "a/b", &text, &places, reach) {
                        prop_assert!(text.is_char_boundary(at));
                    }
                }
            }
        }
    }
}
