//! Scanned text, file names and configuration are hostile: the ways to write them so
//! that they mean nothing but themselves where they go.

use crate::file_names::bytes_of;
use std::borrow::Cow;
use std::io::{self, Write};

use crate::judge::safe;

/// A text on one line: line ends as spaces, everything else odd spelled out.
pub(crate) fn one_line(text: &str) -> String {
    let shown = safe(text);
    if shown.contains(['\n', '\t']) {
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        shown
    }
}

/// The name of a file on one line. No two names look the same.
pub(crate) fn file_name(path: &str) -> String {
    safe(path).replace('\n', "<U+000A>").replace('\t', "<U+0009>")
}

/// No more characters than this, with an ellipsis where there were more.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some((end, _)) => format!("{}…", &text[..end]).into(),
    }
}

/// Text on one line of Markdown that means nothing but itself: no HTML, no links, no
/// cells of tables. Code hosts also read text behind Markdown, where an escape counts
/// for nothing: there an invisible space keeps `@name`, `#12`, `!12`, `~label` and
/// addresses from becoming mentions and links.
pub(crate) fn markdown(text: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len() + 16);
    let apart = "&#8203;";
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let joined = rest.starts_with(|c: char| !c.is_whitespace());
        let digits_before = || text[..at].bytes().all(|byte| byte.is_ascii_digit());
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '~' | '#' | '!' | '$' | '^' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            // What would begin a list, a rule or a heading.
            '-' | '+' | '=' if at == 0 => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if at > 0 && digits_before() => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        let reference = matches!(c, '@' | '#' | '!' | '~' | '%' | '$' | '&') && joined
            || c == ':' && rest.starts_with("//")
            || c == '-' && ends_with(&text[..at], "gh") && joined
            || c.eq_ignore_ascii_case(&'w')
                && ends_with(&text[..at], "ww")
                && rest.starts_with('.');
        if reference {
            out.push_str(apart);
        }
    }
    out
}

fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

/// Text for XML 1.0, in an element or between double quotes. Characters that XML does
/// not allow are spelled out, and `##[`, which the log of GitHub Actions obeys wherever
/// it stands, is broken by a reference.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let shown = safe(text);
    for (at, c) in shown.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '[' if shown[..at].ends_with("##") => out.push_str("&#91;"),
            '\u{fffe}' | '\u{ffff}' => out.push_str(&format!("&lt;U+{:04X}&gt;", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

/// A path as a reference of an address: relative where the path is, with everything
/// escaped that means something in one. A backslash separates on Windows only; bytes
/// that are no text are those of the file.
pub(crate) fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/").into() } else { Cow::Borrowed(path) };
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in bytes_of(&path) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Text for a log that GitHub Actions reads. A line that begins with `::`, and `##[`
/// wherever it stands, would be commands; a space in the middle makes them text.
pub(crate) fn log(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##[") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive(['\n', '\r']) {
        let command = line.trim_start();
        let blank = &line[..line.len() - command.len()];
        let line = command.replace("##[", "## [");
        out.push_str(blank);
        match line.strip_prefix("::") {
            Some(rest) => {
                out.push_str(": :");
                out.push_str(rest);
            }
            None => out.push_str(&line),
        }
    }
    out.into()
}

/// A row of CSV (RFC 4180, ends with CR LF).
pub(crate) fn csv_row<'c>(
    cells: impl Iterator<Item = &'c str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (at, text) in cells.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(csv_cell(text).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// A cell, quoted where it must be. Also where it holds a semicolon or tab, at which
/// spreadsheets of other countries would split it. No cell is a formula.
pub(crate) fn csv_cell(text: &str) -> Cow<'_, str> {
    let shown = safe(text);
    let formula = is_formula(text) || is_formula(&shown);
    let special = |c: char| matches!(c, ',' | ';' | '\t' | '"' | '\'' | '\r' | '\n');
    let edge = |c: char| c.is_whitespace();
    if formula || shown.contains(special) || shown.starts_with(edge) || shown.ends_with(edge) {
        let mark = if formula { "'" } else { "" };
        format!("\"{mark}{}\"", shown.replace('"', "\"\"")).into()
    } else {
        shown.into()
    }
}

/// Whether a spreadsheet could take a cell for a formula. The wide forms count, which
/// spreadsheets with an East Asian language read like the plain ones.
pub(crate) fn is_formula(text: &str) -> bool {
    let first = text.trim_start().chars().next();
    text.starts_with(['\t', '\r', '\n'])
        || first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_means_nothing_but_itself() {
        for (text, expected) in [
            ("plain words, well-known.", "plain words, well-known."),
            ("a | b_c <d> [e](f)\n`g`", r"a \| b\_c &lt;d&gt; \[e\](f) \`g\`"),
            ("@user and a@b.example", "@&#8203;user and a@&#8203;b.example"),
            ("see #12, !3 or ~bug", r"see \#&#8203;12, \!&#8203;3 or \~&#8203;bug"),
            ("org/repo#1 GH-7", r"org/repo\#&#8203;1 GH-&#8203;7"),
            ("https://x.example www.x.example", "https:&#8203;//x.example www&#8203;.x.example"),
            ("100% & more", "100% &amp; more"),
            ("- item", r"\- item"),
            ("12. item", r"12\. item"),
            ("1) item", r"1\) item"),
            ("a\u{202e}b\u{7}", "a&lt;U+202E&gt;b&lt;U+0007&gt;"),
            ("&lt;b&gt; &#64;x", r"&amp;&#8203;lt;b&amp;&#8203;gt; &amp;&#8203;\#&#8203;64;x"),
        ] {
            assert_eq!(markdown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn commands_in_a_log_are_text() {
        for (text, expected) in [
            ("::set-output name=a::b", ": :set-output name=a::b"),
            ("  ::error::x\ny::z", "  : :error::x\ny::z"),
            ("ok\r::error::x", "ok\r: :error::x"),
            ("a ##[error]b", "a ## [error]b"),
            ("###[x", "### [x"),
            ("plain :: text", "plain :: text"),
        ] {
            assert_eq!(log(text), expected, "{text:?}");
        }
    }

    #[test]
    fn paths_are_addresses() {
        let check = |path: &str, expected: &str| assert_eq!(uri(path), expected);
        check("a b/ä#1.csv", "a%20b/%C3%A4%231.csv");
        check("/data/x.csv", "file:///data/x.csv");
        check("export.zip/notes.csv", "export.zip/notes.csv");
        check("a\n%0A.md", "a%0A%250A.md");
        check("C:x", "C%3Ax");
        check("caf<0xE9>.md", "caf%E9.md");
        if cfg!(not(windows)) {
            check(r"a\b.md", "a%5Cb.md");
        }
    }

    #[test]
    fn names_of_files_stay_apart() {
        assert_eq!(file_name("a\nb"), "a<U+000A>b");
        assert_ne!(file_name("a\nb"), file_name("a b"));
        assert_eq!(shortened("é😀x", 2), "é😀…");
        assert_eq!(shortened("é😀", 2), "é😀");
    }

    proptest! {
        #[test]
        fn xml_holds_only_what_xml_allows(text in "(\\PC|[\0-\u{1f}]|[<>&\"'#\\[\\]]|\u{fffe}|\u{202e}){0,20}") {
            let escaped = xml(&text);
            let allowed = |c: char| {
                matches!(c, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            };
            prop_assert!(escaped.chars().all(allowed), "{escaped:?}");
            prop_assert!(!escaped.contains(['<', '>', '"']) && !escaped.contains("##["));
            let back = quick_xml::escape::unescape(&escaped).unwrap().into_owned();
            prop_assert_eq!(back.replace("<U+FFFE>", "\u{fffe}"), safe(&text).replace("<U+FFFE>", "\u{fffe}"));
        }

        #[test]
        fn no_line_of_a_log_is_a_command(text in "([:#\\[\\] \t\r\n]|\\PC){0,20}") {
            let shown = log(&text);
            for line in shown.split(['\n', '\r']) {
                prop_assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{shown:?}");
            }
        }

        #[test]
        fn markdown_is_one_line_without_markup(text in "([@#!~<>|`*_:/\\[\\]\n\r\t ]|\\PC){0,20}") {
            let shown = markdown(&text);
            prop_assert!(!shown.contains(['\n', '\r', '<', '>']));
            // An odd number of backslashes stands before every mark.
            for mark in ['|', '`', '*', '_', '[', ']'] {
                for (at, _) in shown.match_indices(mark) {
                    let before = shown[..at].bytes().rev().take_while(|&byte| byte == b'\\').count();
                    prop_assert!(before % 2 == 1, "{shown:?}");
                }
            }
            for (at, _) in shown.match_indices('@') {
                let rest = &shown[at + 1..];
                prop_assert!(rest.is_empty() || rest.starts_with("&#8203;") || rest.starts_with(char::is_whitespace));
            }
        }
    }
}
