//! What dialects of Markdown write between the words: attribute lists and extensions of
//! kramdown, attribute lists of Goldmark and markdown-it, display mathematics, and the
//! code of MDX. A parser of plain Markdown takes all of them for text.

use crate::text::Span;

/// A list or an expression longer than this is text with a brace in it.
const LONGEST: usize = 1024;

/// A formula longer than this is text between two dollars.
const LONGEST_FORMULA: usize = 200;

/// What stands between the words of a text; nothing of it is shown.
#[derive(Debug, Default)]
pub(super) struct Notation {
    /// What leaves nothing behind, in order.
    pub blanks: Vec<Span>,
    /// What stands for something in its sentence, in order.
    pub objects: Vec<Span>,
}

/// The notation in `source` from byte `from` on, outside of the calls in it, which are in
/// order. Linear in its length, whatever is in it.
pub(super) fn find(source: &str, from: usize, calls: &[Span], is_mdx: bool) -> Notation {
    let mut found = Notation::default();
    let all_calls = calls;
    let mut calls = calls.iter().peekable();
    let mut comment_ends = memchr::memmem::find_iter(source.as_bytes(), b"{:/").peekable();
    let mut at = from;
    if is_mdx && let Some(end) = module_code(source, from) {
        found.blanks.push(Span::new(from, end));
        at = end;
    }
    while let Some(offset) = memchr::memchr3(b'{', b'$', b'\n', &source.as_bytes()[at..]) {
        let start = at + offset;
        at = start + 1;
        while calls.next_if(|call| call.end <= start).is_some() {}
        if let Some(call) = calls.peek().filter(|call| call.start <= start) {
            at = call.end;
            continue;
        }
        let rest = &source[start..];
        let end = if rest.starts_with("{::comment}") {
            while comment_ends.next_if(|&end| end < start).is_some() {}
            comment_ends.peek().and_then(|&end| attribute_list(source, end))
        } else if rest.starts_with('{') {
            attribute_list(source, start)
        } else if rest.starts_with('$') {
            if let Some(end) = inline_mathematics(source, start) {
                found.objects.push(Span::new(start, end));
                at = end;
                continue;
            }
            mathematics(source, start)
        } else {
            module_code(source, start + 1).filter(|_| is_mdx)
        };
        if let Some(end) = end {
            // White space in front of the first word of an item would make code of it.
            let touches = source[..start].ends_with(|c: char| !c.is_whitespace());
            let leaves_nothing = touches || ends_line(source, end);
            let kind = if leaves_nothing { &mut found.blanks } else { &mut found.objects };
            kind.push(Span::new(start, end));
            at = end;
        } else if is_mdx && let Some(end) = expression(source, start) {
            found.objects.push(Span::new(start, end));
            at = end;
        }
    }
    let links = wiki_links(source, from);
    if !links.is_empty() {
        let mut taken = [&found.blanks[..], &found.objects, all_calls].concat();
        taken.sort();
        let is_free = |it: &Span| {
            let before = taken.partition_point(|other| other.start < it.end);
            before.checked_sub(1).is_none_or(|before| taken[before].end <= it.start)
        };
        // Both sides of a link, or none.
        let links = links.chunks_exact(2).filter(|sides| sides.iter().all(is_free));
        found.objects.extend(links.flatten());
        found.objects.sort();
    }
    found
}

/// Whether nothing but white space follows on the line. Looks no further than that.
fn ends_line(source: &str, at: usize) -> bool {
    let behind = source[at..].trim_start_matches([' ', '\t']);
    behind.is_empty() || behind.starts_with(['\n', '\r'])
}

/// The end of the attribute list that opens at `start`: `{: .note}` of kramdown anywhere;
/// `{.note id="x"}` right behind some markup, or at the end of a line.
fn attribute_list(source: &str, start: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || *byte >= 0x80;
    let name_from = |at: usize| bytes[at..].iter().take_while(|byte| is_name(byte)).count();
    let is_kramdown = bytes.get(start + 1) == Some(&b':');
    let limit = (start + LONGEST).min(bytes.len());
    let mut at = start + 1;
    let mut is_empty = true;
    while at < limit {
        match bytes[at] {
            b' ' | b'\t' => at += 1,
            b'}' => {
                let end = at + 1;
                let touches = matches!(bytes[start.saturating_sub(1)], b')' | b']' | b'`' | b'*');
                let fits = !is_empty && (touches || ends_line(source, end));
                return (is_kramdown || fits).then_some(end);
            }
            b':' | b'/' if is_kramdown => at += 1,
            b'.' | b'#' => {
                let len = name_from(at + 1);
                if len == 0 {
                    return None;
                }
                at += 1 + len;
                is_empty = false;
            }
            byte if is_name(&byte) => {
                at += name_from(at);
                is_empty = false;
                if bytes.get(at) == Some(&b'=') {
                    at = value_end(bytes, at + 1)?;
                } else if !is_kramdown {
                    return None;
                }
            }
            _ => return None,
        }
    }
    None
}

/// Where the value ends that starts at `at`; it stands on one line.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..(at + LONGEST).min(bytes.len()))?;
    let first = rest.first()?;
    if matches!(first, b'"' | b'\'') {
        let end = rest[1..].iter().position(|byte| byte == first || *byte == b'\n')?;
        return (rest[1 + end] == *first).then_some(at + end + 2);
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'}';
    Some(at + rest.iter().position(ends)?)
}

/// The end of what `$$` at the start of a line opens: `$$` at the end of one, with no
/// blank line between.
fn mathematics(source: &str, start: usize) -> Option<usize> {
    let inner = source[start..].strip_prefix("$$")?;
    let before = source[..start].trim_end_matches([' ', '\t']);
    if !before.is_empty() && !before.ends_with(['\n', '\r']) {
        return None;
    }
    let mut at = start + 2;
    for line in inner[..inner.floor_char_boundary(LONGEST)].split_inclusive('\n') {
        let written = line.trim_end();
        let is_blank = written.is_empty() && at > start + 2;
        if is_blank || (at == start + 2 && written == "$$") {
            return None;
        }
        if written.ends_with("$$") {
            return Some(at + written.len());
        }
        at += line.len();
    }
    None
}

/// The end of `$x_1 = \\frac{a}{b}$`. Sums of money stand behind dollars, too, so what is
/// between must look like a formula: it has its signs, and no words but its commands.
fn inline_mathematics(source: &str, start: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let inner = start + 1;
    let limit = (inner + LONGEST_FORMULA).min(bytes.len());
    let len = bytes[inner..limit].iter().position(|byte| matches!(byte, b'$' | b'\n' | b'\r'))?;
    let end = inner + len;
    let formula = source.get(inner..end)?;
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let behind = bytes.get(end + 1);
    let touches = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'$';
    if bytes[end] != b'$'
        || formula.trim() != formula
        || before.is_some_and(|byte| touches(&byte) || byte == b'\\')
        || behind.is_some_and(touches)
        || !formula.contains(['\\', '^', '_', '=', '{', '<', '>'])
    {
        return None;
    }
    // A word that no backslash makes a command.
    let mut rest = formula;
    while let Some(at) = rest.find(char::is_alphabetic) {
        let word = &rest[at..];
        let len = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
        if word[..len].chars().count() > 2 && !rest[..at].ends_with('\\') {
            return None;
        }
        rest = &word[len..];
    }
    Some(end + 1)
}

/// What is written around the shown words of links in wikis, `[[page|words]]`: the page and
/// the brackets. In order.
fn wiki_links(source: &str, from: usize) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some(offset) = memchr::memmem::find(&source.as_bytes()[at..], b"[[") {
        let start = at + offset;
        at = start + 2;
        let limit = source.floor_char_boundary((at + LONGEST).min(source.len()));
        let rest = &source[at..limit];
        let Some(len) = rest.find(['[', ']', '\n', '\r']) else { continue };
        let (inner, behind) = rest.split_at(len);
        let Some((page, words)) = inner.split_once('|') else { continue };
        let is_link = behind.starts_with("]]") && !behind[2..].starts_with(['(', '[', ':']);
        if is_link && !page.trim().is_empty() && !words.trim().is_empty() && !words.contains('|') {
            let words = at + page.len() + 1;
            found.push(Span::new(start, words));
            found.push(Span::new(at + len, at + len + 2));
            at += len + 2;
        }
    }
    found
}

/// The end of the imports and exports that start on the line at `start`: the next blank
/// line outside of braces.
fn module_code(source: &str, start: usize) -> Option<usize> {
    let rest = source.get(start..)?;
    let exports = ["export const ", "export let ", "export function ", "export default "];
    let imports = rest.starts_with("import ")
        && rest.lines().next().is_some_and(|line| line.contains(['\'', '"', '{']));
    if !imports && !exports.iter().chain(&["export {"]).any(|word| rest.starts_with(word)) {
        return None;
    }
    let mut depth = 0_usize;
    let mut at = start;
    for line in rest[..rest.floor_char_boundary(LONGEST)].split_inclusive('\n') {
        if line.trim().is_empty() && depth == 0 {
            break;
        }
        depth += line.matches('{').count();
        depth = depth.saturating_sub(line.matches('}').count());
        at += line.len();
    }
    Some(at)
}

/// The end of the expression that opens at `start`. It does not reach over a blank line,
/// nor into code.
fn expression(source: &str, start: usize) -> Option<usize> {
    let rest = source[start..].starts_with('{').then(|| &source[start..])?;
    let mut depth = 0_usize;
    let mut blank = false;
    for (at, byte) in rest.bytes().enumerate().take(LONGEST) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(start + at + 1),
            b'}' => depth -= 1,
            b'`' => return None,
            b'\n' if blank => return None,
            _ => {}
        }
        blank = byte == b'\n' || (blank && byte.is_ascii_whitespace());
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(source: &str, is_mdx: bool) -> String {
        let Notation { blanks, objects } = find(source, 0, &[], is_mdx);
        let mut text = source.to_owned();
        let mut cuts: Vec<_> = blanks.iter().map(|span| (span, "")).collect();
        cuts.extend(objects.iter().map(|span| (span, "X")));
        cuts.sort();
        for (span, instead) in cuts.into_iter().rev() {
            text.replace_range(span.range(), instead);
        }
        text
    }

    #[test]
    fn attribute_lists_are_no_text() {
        for (source, expected) in [
            ("a\n{: .note #id title=\"b } c\"}\nd", "a\n\nd"),
            ("[a](b){:target=\"_blank\"}, *c*{: .d} e", "[a](b), *c* e"),
            ("* a\n{:toc}", "* a\n"),
            ("{::comment}\na\n\nb\n{:/comment} c", "X c"),
            ("{::nomarkdown}a{:/}", "Xa"),
            ("* {: .b} c", "* X c"),
            ("{::options x=\"y\" /}", ""),
            ("a {.b .c}\n{#d data-e='f' g=h}\r\n", "a \n\r\n"),
            ("![a](b){width=50%} c", "![a](b) c"),
        ] {
            assert_eq!(shown(source, false), expected);
        }
        for source in [
            "{a}",
            "{#a} b",
            "{a b}",
            "{}",
            "{. a}",
            "{: a",
            "{a=\"b\n\"}",
            "{::comment} a",
            "{: a, b}",
            "{.a} b",
            "pay {x=1} now",
        ] {
            assert_eq!(shown(source, false), source);
        }
    }

    #[test]
    fn mathematics_stands_in_lines_of_its_own() {
        assert_eq!(shown("a\n$$\nb\n$$\nc", false), "a\n\nc");
        assert_eq!(shown("  $$ a $$\nb", false), "  \nb");
        for source in ["for $$ and $$", "$$ a\n\nb $$", "$$\n", "$5 a $6", "$$"] {
            assert_eq!(shown(source, false), source);
        }
    }

    #[test]
    fn code_of_mdx_is_no_text() {
        let source =
            "\nimport A from 'a'\nexport const b = {\n\n  c: 1,\n}\n\nIn {b.c}, {\n{d}}.\n";
        assert_eq!(shown(source, true), "\nIn X, X.\n");
        assert_eq!(shown(source, false), source);
        for source in ["\nimport taxes rose\n", "\nexport figures\n", "{ a\n\nb }", "{a `}`", "{"] {
            assert_eq!(shown(source, true), source);
        }
    }

    #[test]
    fn many_openings_without_an_end_take_linear_time() {
        for part in [
            "{",
            "{:",
            "{:a} b",
            "{::comment}",
            "{.a",
            "{.a} b",
            "$$",
            "a $$",
            "\n$$ a\n",
            "{a=\"",
            "\nimport {",
        ] {
            find(&part.repeat(200_000), 0, &[], true);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_searched(source in "([{}$:./#= \"'\naé-]|import |comment){0,60}") {
            let Notation { blanks, objects } = find(&source, 0, &[], true);
            let mut all = [blanks, objects].concat();
            all.sort();
            prop_assert!(all.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(all.iter().all(|span| source.get(span.range()).is_some()));
        }
    }
}
