//! Template calls in Markdown: Hugo shortcodes, Liquid tags, MDX comments.
//! They are found before Markdown is parsed, because their quotes, pipes and
//! underscores would be taken for markup.

use memchr::memmem::Finder;

use crate::text::Span;

/// A call longer than this is not one; somebody wrote two braces.
const LONGEST: usize = 4 * 1024;

/// Calls whose content up to their end tag is code or a comment.
const UNREAD: &[&str] = &["comment", "highlight", "mermaid"];

/// What opens a call, what closes it, and whether a backtick inside shows that
/// it is not one but two pieces of code with prose between.
const CALLS: &[(&str, &str, bool)] = &[
    ("{{<", ">}}", false),
    ("{{%", "%}}", false),
    ("{{", "}}", true),
    ("{%", "%}", true),
    ("{/*", "*/}", false),
];

/// The calls in `source`, in order. Linear in its length, whatever is in it.
pub(super) fn find(source: &str) -> Vec<Span> {
    let mut calls: Vec<_> = CALLS.iter().map(|&call| Call::new(call)).collect();
    let mut ends: Vec<_> = UNREAD.iter().map(|&name| (name, Next::new(name))).collect();
    let mut blank_line = Next::new("");
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'{', &source.as_bytes()[at..]) {
        let start = at + offset;
        at = start + 1;
        let Some(call) = calls.iter_mut().find(|call| source[start..].starts_with(call.open))
        else {
            continue;
        };
        let Some(end) = call.end(source, start, &mut blank_line) else {
            at = start + call.open.len();
            continue;
        };
        let name = source[start + call.open.len()..end].trim_start_matches(['-', ' ', '\t']);
        let end = ends
            .iter_mut()
            .filter(|(known, _)| name.starts_with(*known))
            .find_map(|(name, next)| call.end_tag(source, end, name, next))
            .unwrap_or(end);
        found.push(Span::new(start, end));
        at = end;
    }
    found
}

/// The text with every cut written over by a letter for each byte. Offsets
/// stay, a call stays one word in its paragraph, and one that is the address
/// of a link stays an address.
pub(super) fn mask(source: &str, cuts: &[Span]) -> String {
    let mut masked = String::with_capacity(source.len());
    let mut at = 0;
    for cut in cuts {
        masked.push_str(&source[at..cut.start]);
        masked.extend(std::iter::repeat_n('x', cut.len()));
        at = cut.end;
    }
    masked.push_str(&source[at..]);
    masked
}

struct Call {
    open: &'static str,
    close: &'static str,
    next_close: Next,
    /// `None` where a backtick may stand inside.
    next_tick: Option<Next>,
}

impl Call {
    fn new((open, close, ticks): (&'static str, &'static str, bool)) -> Self {
        let next_tick = ticks.then(|| Next::new("`"));
        Self { open, close, next_close: Next::new(close), next_tick }
    }

    /// The end of the call that opens at `start`. It does not reach over a
    /// blank line, and a closing mark in quotes does not close it.
    fn end(&mut self, source: &str, start: usize, blank_line: &mut Next) -> Option<usize> {
        let inner = start + self.open.len();
        let first = self.next_close.from(source, inner)?;
        let mut limit = (start + LONGEST).min(blank_line.blank_from(source, inner));
        if let Some(tick) = &mut self.next_tick {
            limit = limit.min(tick.from(source, inner).unwrap_or(usize::MAX));
        }
        let mut counted = inner;
        let mut close = Some(first);
        let mut quotes = 0;
        while let Some(at) = close.filter(|&at| at < limit) {
            quotes += memchr::memchr_iter(b'"', &source.as_bytes()[counted..at]).count();
            if quotes % 2 == 0 {
                return Some(at + self.close.len());
            }
            counted = at;
            close = self.next_close.peek(source, at + 1, limit);
        }
        // The quotes do not pair: then they are not quotes.
        (first < limit).then(|| first + self.close.len())
    }

    /// The end of `{% endcomment %}` or `{{< /highlight >}}`.
    fn end_tag(&mut self, source: &str, from: usize, name: &str, next: &mut Next) -> Option<usize> {
        let mut at = from;
        loop {
            let found = next.from(source, at)?;
            let before = source[from..found].trim_end();
            let ends = before.ends_with('/') || source[from..found].ends_with("end");
            if ends {
                let close = self.next_close.from(source, found + name.len())?;
                return Some(close + self.close.len());
            }
            at = found + name.len();
        }
    }
}

/// Where a string stands next. Asked with rising offsets, it searches each
/// byte of the text once.
struct Next {
    finder: Finder<'static>,
    len: usize,
    known: Option<usize>,
    searched: usize,
}

impl Next {
    fn new(needle: &'static str) -> Self {
        Self { finder: Finder::new(needle), len: needle.len(), known: None, searched: 0 }
    }

    fn from(&mut self, source: &str, offset: usize) -> Option<usize> {
        if self.known.is_none_or(|known| known < offset) && self.searched <= source.len() {
            let start = offset.max(self.searched).min(source.len());
            let found = self.finder.find(&source.as_bytes()[start..]);
            self.known = found.map(|at| start + at);
            self.searched = self.known.map_or(usize::MAX, |at| at + self.len.max(1));
        }
        self.known.filter(|&known| known >= offset)
    }

    /// Like `from`, up to `limit` and without moving on.
    fn peek(&self, source: &str, offset: usize, limit: usize) -> Option<usize> {
        let end = (limit + self.len).min(source.len());
        let bytes = source.as_bytes().get(offset..end)?;
        self.finder.find(bytes).map(|at| offset + at)
    }

    /// The next line end that a blank line follows, or the end of the text.
    fn blank_from(&mut self, source: &str, offset: usize) -> usize {
        if self.known.is_none_or(|known| known < offset) {
            let bytes = source.as_bytes();
            let is_blank = |&at: &usize| {
                let next =
                    bytes[at + 1..].iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
                next == Some(&b'\n')
            };
            let mut ends = memchr::memchr_iter(b'\n', &bytes[offset..]).map(|at| offset + at);
            self.known = Some(ends.find(is_blank).unwrap_or(usize::MAX));
        }
        self.known.unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let found: Vec<_> = find(source).iter().map(|span| &source[span.range()]).collect();
        assert_eq!(found, expected, "{source:?}");
    }

    #[test]
    fn calls_are_found_whole() {
        check("a {{< figure src=\"x.png\" >}} b", &["{{< figure src=\"x.png\" >}}"]);
        check("{{% note %}}text{{% /note %}}", &["{{% note %}}", "{{% /note %}}"]);
        check(
            "{% if a %}{{ page.title | escape }}{% endif %}",
            &["{% if a %}", "{{ page.title | escape }}", "{% endif %}"],
        );
        check("{{< a t=\"x >}} y\"\n  b=1 >}}z", &["{{< a t=\"x >}} y\"\n  b=1 >}}"]);
        check("{{< a t=5\" >}} z", &["{{< a t=5\" >}}"]);
        check("{/* hidden **text** */}x", &["{/* hidden **text** */}"]);
        check("{{</* shown */>}}", &["{{</* shown */>}}"]);
    }

    #[test]
    fn comments_and_code_go_with_their_content() {
        check("a{% comment %}b\n\nc{% endcomment %}d", &["{% comment %}b\n\nc{% endcomment %}"]);
        check(
            "{{< highlight go >}}x{{< /highlight >}}d",
            &["{{< highlight go >}}x{{< /highlight >}}"],
        );
        check("{% comment %}b", &["{% comment %}"]);
    }

    #[test]
    fn braces_that_are_not_calls_stay() {
        check("{{ a\n\nb }} {", &[]);
        check("write `{{` and then `}}` here", &[]);
        check("{{< open", &[]);
        check("{a} {#id} {{", &[]);
    }

    #[test]
    fn a_mask_keeps_length_and_lines_apart() {
        let source = "é {{ x }} ü";
        let masked = mask(source, &find(source));
        assert_eq!(masked, "é xxxxxxx ü");
        assert_eq!(masked.len(), source.len());
    }

    #[test]
    fn many_openings_without_an_end_take_linear_time() {
        for part in ["{{<", "{{ \"", "{% comment %}", "{{\n", "{{ ` }}", "{%\n\n"] {
            find(&part.repeat(200_000));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_searched(source in "[{}<>%/*`\" \na-cé-]{0,60}") {
            let found = find(&source);
            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(found.iter().all(|span| source.get(span.range()).is_some()));
            prop_assert_eq!(mask(&source, &found).len(), source.len());
        }
    }
}
