//! Template calls in Markdown: Hugo shortcodes, Liquid tags, MDX comments.
//! They are found before Markdown is parsed, because their quotes, pipes and
//! underscores would be taken for markup.

use memchr::memmem::Finder;

use crate::text::Span;

use super::arguments::{self, Argument};
use super::directives::Comment;

/// A call longer than this is not one; somebody wrote two braces.
const LONGEST: usize = 4 * 1024;

/// Calls whose content up to their end tag is code or a comment.
#[rustfmt::skip]
const UNREAD: &[&str] = &[
    "comment", "highlight", "mermaid", "code", "codeblock", "codeFence", "script", "style",
    "stylesheet", "javascript", "schema", "css", "js", "katex", "math", "plantuml", "graphviz",
    "diagram", "chart",
];

/// How comments of template languages begin and end: Liquid, Hugo, Jinja and Nunjucks,
/// MDX. A hyphen may stand inside the braces.
const COMMENTS: &[(&str, &str)] = &[
    ("{{/*", "*/}}"),
    ("{#", "#}"),
    ("{/*", "*/}"),
    ("{%#", "%}"),
    ("{%comment%}", "{%endcomment%}"),
];

/// Calls whose content is shown as it stands, braces and all.
const VERBATIM: &[&str] = &["raw", "verbatim"];

/// What the calls stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    Markdown,
    Html,
}

/// A kind of call.
#[derive(Clone, Copy)]
struct Kind {
    open: &'static str,
    close: &'static str,
    /// Whether a backtick inside shows that it is not one but two pieces of code with
    /// prose between. In HTML it quotes a string.
    ticks: bool,
    /// Whether nothing in it is for readers; it may reach over blank lines.
    comment: bool,
    /// What stands in the end tag before the name; nothing where there is no end tag.
    ends_with: Option<&'static str>,
}

const fn call(open: &'static str, close: &'static str, ends_with: &'static str) -> Kind {
    Kind { open, close, ticks: false, comment: false, ends_with: Some(ends_with) }
}

const fn comment(open: &'static str, close: &'static str) -> Kind {
    Kind { open, close, ticks: false, comment: true, ends_with: None }
}

const KINDS: &[Kind] = &[
    comment("{{/*", "*/}}"),
    comment("{{- /*", "*/ -}}"),
    comment("{#", "#}"),
    comment("{/*", "*/}"),
    call("{{<", ">}}", "/"),
    call("{{%", "%}}", "/"),
    Kind { ticks: true, ends_with: None, ..call("{{", "}}", "") },
    Kind { ticks: true, ..call("{%", "%}", "end") },
];

/// What is found in a text.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Where the calls stand, in order; nothing of them is shown.
    pub cuts: Vec<Span>,
    /// The texts among their arguments.
    pub arguments: Vec<Argument>,
}

/// The calls in `source` from byte `from` on. Linear in its length, whatever is in it.
pub(super) fn find(source: &str, from: usize, markup: Markup) -> Calls {
    let in_markup = |kind: &Kind| Kind { ticks: kind.ticks && markup == Markup::Markdown, ..*kind };
    let mut calls: Vec<_> = KINDS.iter().map(|kind| Call::new(in_markup(kind))).collect();
    let ends = |names: &'static [&str]| -> Vec<_> {
        names.iter().map(|&name| (name, Next::new(name))).collect()
    };
    let (mut unread, mut verbatim) = (ends(UNREAD), ends(VERBATIM));
    let mut blank_line = Next::new("");
    let mut found = Calls::default();
    let mut at = from;
    while let Some(offset) = memchr::memchr(b'{', &source.as_bytes()[at..]) {
        let start = at + offset;
        at = start + 1;
        let Some(call) = calls.iter_mut().find(|call| source[start..].starts_with(call.kind.open))
        else {
            continue;
        };
        if call.kind.open == "{#" && is_attribute(&source[start..]) {
            continue;
        }
        let Some(end) = call.end(source, start, &mut blank_line) else {
            at = start + call.kind.open.len();
            continue;
        };
        let inner = Span::new(start + call.kind.open.len(), end - call.kind.close.len());
        let name = source[inner.range()].trim_start_matches(['-', '~', ' ', '\t']);
        let word = &name[..name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len())];
        at = end;
        if let Some((name, next)) = verbatim.iter_mut().find(|(name, _)| *name == word)
            && let Some(closing) = call.end_tag(source, end, name, next)
        {
            found.cuts.push(Span::new(start, end));
            found.cuts.push(closing);
            at = closing.end;
            continue;
        }
        if let Some((name, next)) = unread.iter_mut().find(|(name, _)| *name == word)
            && let Some(closing) = call.end_tag(source, end, name, next)
            && !name_closes_itself(&source[inner.range()])
        {
            at = closing.end;
        }
        if call.kind.ends_with.is_some() {
            arguments::find(source, start, inner, &mut found.arguments);
        }
        found.cuts.push(Span::new(start, at));
    }
    found
}

/// Whether what looks like a comment is an attribute of a heading: `{#id}`.
fn is_attribute(from: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let rest = from.strip_prefix("{#").unwrap_or(from);
    rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && rest.trim_start_matches(is_name).starts_with('}')
}

/// Whether a call of Hugo has no content: `{{< code file="x" />}}`.
fn name_closes_itself(inner: &str) -> bool {
    inner.trim_end().ends_with('/')
}

/// The comments for us among the calls.
pub(super) fn comments(source: &str, calls: &[Span]) -> Vec<Comment> {
    let of = |call: &Span| {
        let written = source.get(call.range())?;
        let (open, close) = COMMENTS.iter().find_map(|(open, close)| {
            let open = after(written.as_bytes(), open)?;
            let reversed: Vec<u8> = written.bytes().rev().collect();
            let close: String = close.chars().rev().collect();
            Some((open, after(&reversed, &close)?))
        })?;
        let inner = Span::new(call.start + open, (call.end - close).max(call.start + open));
        Comment::of(source, *call, inner)
    };
    calls.iter().filter_map(of).collect()
}

/// The length of what stands at the start of `written` for `mark`, with white space and
/// hyphens between the braces and the words.
fn after(written: &[u8], mark: &str) -> Option<usize> {
    let mut at = 0;
    for wanted in mark.bytes() {
        let between = |byte: &&u8| byte.is_ascii_whitespace() || matches!(**byte, b'-' | b'~');
        if at > 1 {
            at += written.get(at..)?.iter().take_while(between).count();
        }
        if written.get(at) != Some(&wanted) {
            return None;
        }
        at += 1;
    }
    let hyphen = mark.ends_with(['#', '%']) && matches!(written.get(at), Some(b'-' | b'~'));
    Some(at + usize::from(hyphen))
}

/// Those of the comments that are alone on their lines.
pub(super) fn alone(source: &str, comments: &[Comment]) -> Vec<Span> {
    let blank = |text: &str| text.trim_matches([' ', '\t']).is_empty();
    let spans = comments.iter().map(|comment| comment.span).filter(|span| {
        let before = source[..span.start].rsplit(['\n', '\r']).next().unwrap_or_default();
        let behind = source[span.end..].split(['\n', '\r']).next().unwrap_or_default();
        blank(before) && blank(behind)
    });
    spans.collect()
}

/// The text with every cut written over by a letter for each byte. Offsets
/// stay, a call stays one word in its paragraph, and one that is the address
/// of a link stays an address. Cuts that are `blanked` become white space.
pub(super) fn mask(source: &str, cuts: &[Span], blanked: &[Span]) -> String {
    let mut masked = String::with_capacity(source.len());
    let mut at = 0;
    for cut in cuts {
        masked.push_str(&source[at..cut.start]);
        if blanked.binary_search(cut).is_ok() {
            let blank = |byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' };
            masked.extend(source[cut.range()].bytes().map(blank));
        } else {
            masked.extend(std::iter::repeat_n('x', cut.len()));
        }
        at = cut.end;
    }
    masked.push_str(&source[at..]);
    masked
}

struct Call {
    kind: Kind,
    next_close: Next,
    /// `None` where a backtick may stand inside.
    next_tick: Option<Next>,
}

impl Call {
    fn new(kind: Kind) -> Self {
        let next_tick = kind.ticks.then(|| Next::new("`"));
        Self { kind, next_close: Next::new(kind.close), next_tick }
    }

    /// The end of the call that opens at `start`. It does not reach over a
    /// blank line, and a closing mark in quotes does not close it.
    fn end(&mut self, source: &str, start: usize, blank_line: &mut Next) -> Option<usize> {
        let inner = start + self.kind.open.len();
        let first = self.next_close.from(source, inner)?;
        if self.kind.comment {
            return Some(first + self.kind.close.len());
        }
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
                return Some(at + self.kind.close.len());
            }
            counted = at;
            close = self.next_close.peek(source, at + 1, limit);
        }
        // The quotes do not pair: then they are not quotes.
        (first < limit).then(|| first + self.kind.close.len())
    }

    /// The place of `{% endcomment %}` or `{{< /highlight >}}`.
    fn end_tag(&mut self, source: &str, from: usize, name: &str, next: &mut Next) -> Option<Span> {
        let mark = self.kind.ends_with?;
        let mut at = from;
        loop {
            let found = next.from(source, at)?;
            at = found + name.len();
            let before = &source[from..found];
            let before = if mark == "/" { before.trim_end() } else { before };
            let Some(before) = before.strip_suffix(mark) else { continue };
            let before = before.trim_end_matches(['-', '~', ' ', '\t']);
            if let Some(before) = before.strip_suffix(self.kind.open) {
                let close = self.next_close.from(source, at)?;
                return Some(Span::new(from + before.len(), close + self.kind.close.len()));
            }
        }
    }
}

/// Where a string stands next. Asked with rising offsets, it searches each
/// byte of the text once.
struct Next {
    needle: &'static str,
    /// Made when it is first searched for: most texts have calls of one kind or none.
    finder: Option<Finder<'static>>,
    known: Option<usize>,
    searched: usize,
}

impl Next {
    fn new(needle: &'static str) -> Self {
        Self { needle, finder: None, known: None, searched: 0 }
    }

    fn search(&mut self, text: &[u8]) -> Option<usize> {
        self.finder.get_or_insert_with(|| Finder::new(self.needle)).find(text)
    }

    fn from(&mut self, source: &str, offset: usize) -> Option<usize> {
        if self.known.is_none_or(|known| known < offset) && self.searched <= source.len() {
            let start = offset.max(self.searched).min(source.len());
            let found = self.search(&source.as_bytes()[start..]);
            self.known = found.map(|at| start + at);
            self.searched = self.known.map_or(usize::MAX, |at| at + self.needle.len().max(1));
        }
        self.known.filter(|&known| known >= offset)
    }

    /// Like `from`, up to `limit` and without moving on.
    fn peek(&mut self, source: &str, offset: usize, limit: usize) -> Option<usize> {
        let end = (limit + self.needle.len()).min(source.len());
        let bytes = source.as_bytes().get(offset..end)?;
        self.search(bytes).map(|at| offset + at)
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
        let found: Vec<_> = find(source, 0, Markup::Markdown)
            .cuts
            .iter()
            .map(|span| &source[span.range()])
            .collect();
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
        // `{#id}` is an attribute of a heading.
        check("# A {#a-b}\n\nc\n\n# D {#d}\n\n{# e #}{#f g#}", &["{# e #}", "{#f g#}"]);
        check("{# a\n\nb #}c{{/* d\n\n}} */}}e", &["{# a\n\nb #}", "{{/* d\n\n}} */}}"]);
        check(
            "{{ comment }}a{% comment %}b{%- endcomment -%}",
            &["{{ comment }}", "{% comment %}b{%- endcomment -%}"],
        );
        check("{{< codepen x >}}a{{< /code >}}", &["{{< codepen x >}}", "{{< /code >}}"]);
        check("{{< code f=\"x\" />}}a{{< /code >}}", &["{{< code f=\"x\" />}}", "{{< /code >}}"]);
    }

    #[test]
    fn what_is_raw_is_shown_with_its_braces() {
        check(
            "{% raw %}a {{ b }} {# c #}{% endraw %}{{ d }}",
            &["{% raw %}", "{% endraw %}", "{{ d }}"],
        );
        check(
            "{%- verbatim -%}{%x%}{%- endverbatim -%}",
            &["{%- verbatim -%}", "{%- endverbatim -%}"],
        );
        check("{% raw %}{{ a }}", &["{% raw %}", "{{ a }}"]);
    }

    #[test]
    fn arguments_for_readers_are_texts() {
        let found = |source: &str| -> Vec<String> {
            let arguments = find(source, 0, Markup::Markdown).arguments;
            arguments.iter().map(|one| format!("{}: {}", one.name, one.built.text)).collect()
        };
        assert_eq!(
            found(
                "{{< figure src=\"a.png\" caption=\"A \\\"caf\u{e9}\\\"\" ALT='b' title=`c\\` >}}"
            ),
            ["figure.caption: A \"caf\u{e9}\"", "figure.ALT: b", "figure.title: c\\"]
        );
        assert_eq!(
            found(
                "{% include media/figure.html alt=\"x\" url=\"y\" %}{% render 'card', title: \"z\" %}"
            ),
            ["figure.alt: x", "card.title: z"]
        );
        assert_eq!(found("{% image src=\"a\", alt=\"it's\" %}"), ["image.alt: it's"]);
        for source in [
            "{% assign title = \"x\" %}",
            "{% if page.title == \"x\" %}",
            "{{ page.title | default: \"x\" }}",
            "{{</* figure alt=\"x\" */>}}",
            "{{< figure alt=\"x >}}",
            "{{< figure data-title-id=\"x\" subtitled=\"y\" >}}",
            "{# figure alt=\"x\" #}",
            "{% comment %}{{< figure alt=\"x\" >}}{% endcomment %}",
            "{% raw %}{{< figure alt=\"x\" >}}{% endraw %}",
        ] {
            assert_eq!(found(source), Vec::<String>::new(), "{source}");
        }
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
        let masked = mask(source, &find(source, 0, Markup::Markdown).cuts, &[]);
        assert_eq!(masked, "é xxxxxxx ü");
        assert_eq!(masked.len(), source.len());
    }

    #[test]
    fn many_openings_without_an_end_take_linear_time() {
        for part in [
            "{{<",
            "{{ \"",
            "{% comment %}",
            "{% raw %}",
            "{{< code >}}{{< x",
            "{#",
            "{#a",
            "{#a}",
            "{{/*",
            "{% a b='",
            "{{\n",
            "{{ ` }}",
            "{%\n\n",
        ] {
            find(&part.repeat(200_000), 0, Markup::Markdown);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_searched(
            source in "([{}<>%/*`'\" \na-cé=#\\\\-]|alt|raw|end){0,60}",
        ) {
            let found = find(&source, 0, Markup::Markdown).cuts;
            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(found.iter().all(|span| source.get(span.range()).is_some()));
            prop_assert_eq!(mask(&source, &found, &[]).len(), source.len());
        }
    }
}
